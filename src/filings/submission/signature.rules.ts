import type { UserError } from '../../engine/userError.js'
import type { Disbelief } from '../../shared/trust.js'

/** Seconds after which a certificate that cannot be checked now is worth another try. */
const retryAfter = 30

/** Why a signature does not count. `not_of_this`: it is over something else. */
export const refusalOfSignature = ({
  refused,
  why,
}: {
  refused: Disbelief | 'not_of_this'
  why: string
}): UserError => ({
  code: refused === 'cannot_be_checked' ? 'NOT_ALLOWED_NOW' : 'INVALID',
  reason: reasons[refused],
  field: ['signature'],
  params: { why, ...(refused === 'cannot_be_checked' && { retryAfter }) },
})
const reasons: Record<Disbelief | 'not_of_this', string> = {
  unreadable: 'signature.unreadable',
  algorithm: 'signature.algorithm',
  untrusted: 'signature.untrusted',
  expired: 'signature.expired',
  revoked: 'signature.revoked',
  wrong_person: 'filing.wrong_signer',
  cannot_be_checked: 'filing.certificate_unchecked',
  not_of_this: 'filing.signed_other',
}
