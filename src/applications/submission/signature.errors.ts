import type { UserError } from '../../engine/userError.js'
import type { Disbelief } from '../../shared/trust.js'

type Refusal = Disbelief | 'not_of_this'

export const reasons: Record<Refusal, string> = {
  unreadable: 'signature.unreadable',
  algorithm: 'signature.algorithm',
  untrusted: 'signature.untrusted',
  expired: 'signature.expired',
  revoked: 'signature.revoked',
  wrong_person: 'signature.wrong_person',
  cannot_be_checked: 'signature.cannot_be_checked',
  not_of_this: 'signature.not_of_this',
}

export const refusalOf = ({ refused, why }: { refused: Refusal; why: string }): UserError => ({
  code: refused === 'cannot_be_checked' ? 'NOT_ALLOWED_NOW' : 'INVALID',
  reason: reasons[refused],
  field: ['signature'],
  params: { why },
})
