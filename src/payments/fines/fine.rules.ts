import type { UserError } from '../../engine/userError.js'
import type { Protocol, ProtocolFine } from '../../exchange/registries/trafficProtocol.js'
import { minorOf } from '../../shared/money.js'
import { momentOf } from '../../shared/time.js'
import type { NewCharge } from '../charges/charge.repository.js'
import { ChargeState, ChargeSubject } from '../charges/charge.table.js'

/** The reference of a fine's charge: its protocol, whose parts have no spaces. */
export const referenceOf = ({ series, number }: Protocol): string => `${series} ${number}`
export function protocolOf(reference: string): Protocol {
  const [series = '', number = ''] = reference.split(' ')
  return { series, number }
}

/** What the registry said of a fine. */
interface LookedUp {
  record: ProtocolFine | null
  unavailable: object | null
  /** The agency to which fines are paid. */
  agencyId: string
  /** The state of the fine's charge, unless it has none or an ended one. */
  charged: ChargeState | null
}

/** Why the agency accepts no payment. */
export enum UnpayableReason {
  PAID = 'PAID',
  CANCELLED = 'CANCELLED',
  EXPIRED = 'EXPIRED',
  OTHER = 'OTHER',
}

/** Why a fine cannot be paid. Null if it can. A payment here counts before the registry has heard of it. */
export function unpayableFine(
  { state }: Pick<ProtocolFine, 'state'>,
  charged: ChargeState | null,
): UnpayableReason | null {
  if (charged === ChargeState.PAID) return UnpayableReason.PAID
  return state === 'UNPAID' ? null : UnpayableReason[state]
}

export type ChargeOfFine = (NewCharge & { reference: string }) | Pick<UserError, 'code' | 'reason'>

/** The charge of a fine that the registry says is to be paid, or why there is none. */
export function chargeOfFine(protocol: Protocol, looked: LookedUp | undefined): ChargeOfFine {
  if (looked?.unavailable) return { code: 'NOT_ALLOWED_NOW', reason: 'fine.unavailable' }
  if (!looked?.record) return { code: 'NOT_FOUND', reason: 'payment.unknown_charge' }
  const { record, agencyId, charged } = looked
  const unpayable = unpayableFine(record, charged)
  if (unpayable) return { code: 'NOT_ALLOWED_NOW', reason: refusals[unpayable] }
  const { currency, dueOn } = record
  const amount = minorOf(record.amount, currency)
  if (!amount) return { code: 'NOT_ALLOWED_NOW', reason: 'fine.not_payable' }
  return {
    agencyId,
    subjectType: ChargeSubject.FINE,
    reference: referenceOf(protocol),
    currency,
    payBy: dueOn === null ? null : momentOf(dueOn, '23:59:59'),
    lines: [{ name: { az: 'Cərimə', en: 'Fine', ru: 'Штраф' }, amount }],
  }
}
const refusals: Record<UnpayableReason, string> = {
  [UnpayableReason.PAID]: 'charge.paid',
  [UnpayableReason.CANCELLED]: 'charge.cancelled',
  [UnpayableReason.EXPIRED]: 'charge.expired',
  [UnpayableReason.OTHER]: 'fine.not_payable',
}
