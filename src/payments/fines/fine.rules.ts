import type { Protocol, ProtocolFine } from '../../exchange/registries/trafficProtocol.js'
import { ChargeState } from '../charges/charge.table.js'

/** The reference of a fine's charge: its protocol, whose parts have no spaces. */
export const referenceOf = ({ series, number }: Protocol): string => `${series} ${number}`
export function protocolOf(reference: string): Protocol {
  const [series = '', number = ''] = reference.split(' ')
  return { series, number }
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
