import type { UserError } from '../../engine/userError.js'
import { readFin } from '../../shared/identifiers/fin.js'
import { readPhoneNumber } from '../../shared/identifiers/phoneNumber.js'
import { invalid, missing } from '../../shared/userErrors.js'
import type { Charge } from '../charges/charge.repository.js'
import { refusalToPay } from '../charges/charge.rules.js'
import { mostAttempts, mostItems } from './payment.rules.js'
import { PaymentMethod } from './payment.table.js'

/** How a caller names a charge: one of these. */
export interface Named {
  chargeId?: string | null
  charge?: { number: string; code: string } | null
  fine?: object | null
}
interface Wanted {
  charges: readonly Named[]
  method: PaymentMethod
  alias?: string | null
  returnTo?: string | null
}

/** What is wrong with the form of the input. `mayReturnTo` says whether an address is of an allowed frontend. */
export function userErrorsInStart(
  { charges, method, alias, returnTo }: Wanted,
  mayReturnTo: (address: string) => boolean,
): UserError[] {
  const isInstant = method === PaymentMethod.INSTANT
  return [
    ...(charges.length === 0 ? [missing('payment.no_charges', ['charges'])] : []),
    ...(charges.length > mostItems ? [invalid('payment.too_many_charges', ['charges'], { allowed: mostItems })] : []),
    ...(isInstant && !alias ? [missing('payment.alias_missing', ['alias'])] : []),
    ...(isInstant && alias && readAlias(alias) === undefined ? [invalid('payment.alias', ['alias'])] : []),
    ...(!isInstant && alias ? [invalid('payment.alias_of_card', ['alias'])] : []),
    ...(returnTo && (returnTo.length > 2_000 || !mayReturnTo(returnTo))
      ? [invalid('payment.return_to', ['returnTo'])]
      : []),
  ]
}

/** A mobile number, FIN or e-mail address in its canonical form. Undefined if it is none of these. */
export function readAlias(text: string): string | undefined {
  const typed = text.trim()
  if (typed.length > 100) return undefined
  if (/^[^\s@]{1,64}@[^\s@.]{1,63}(\.[^\s@.]{1,63}){1,8}$/.test(typed)) return typed.toLowerCase()
  const read = [readFin(typed), readPhoneNumber(typed)].find((read) => 'value' in read)
  return read && 'value' in read ? read.value : undefined
}

/** A charge as the caller named it. Undefined if there is none that the caller may pay. */
interface Found {
  charge: Charge | undefined
  /** Why a fine has none. */
  refusal?: Pick<UserError, 'code' | 'reason'> | undefined
  /** Payments of the payer that are under way for it. */
  attempts: number
}

/** Why these charges cannot be paid together now. */
export function userErrorsInCharges(found: readonly Found[], now: Date): UserError[] {
  const known = found.flatMap(({ charge }) => charge ?? [])
  const currencies = [...new Set(known.map(({ currency }) => currency))].sort()
  return [
    ...found.flatMap((one, at) => userErrorIn(one, ['charges', String(at)], now) ?? []),
    ...(currencies.length > 1 ? [invalid('payment.currencies', ['charges'], { currencies })] : []),
    ...(new Set(known.map(({ id }) => id)).size < known.length ? [invalid('payment.charge_twice', ['charges'])] : []),
  ]
}

function userErrorIn({ charge, refusal, attempts }: Found, field: readonly string[], now: Date): UserError | undefined {
  if (refusal) return { ...refusal, field }
  if (!charge) return { code: 'NOT_FOUND', reason: 'payment.unknown_charge', field }
  const { number } = charge
  const reason = refusalToPay(charge, now)
  if (reason) return { code: 'NOT_ALLOWED_NOW', reason, field, params: { number } }
  if (attempts < mostAttempts) return undefined
  return { code: 'NOT_ALLOWED_NOW', reason: 'payment.many_attempts', field, params: { number, allowed: mostAttempts } }
}
