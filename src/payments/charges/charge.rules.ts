import type { UserError } from '../../engine/userError.js'
import type { LocalizedInput } from '../../shared/localized.js'
import { minorOf } from '../../shared/money.js'
import { longest, userErrorsInText, userErrorsInWords } from '../../shared/texts.rules.js'
import { invalid, missing } from '../../shared/userErrors.js'
import type { Charge } from './charge.repository.js'
import { ChargeState, ChargeSubject } from './charge.table.js'

export enum ChargeAction {
  PAY = 'PAY',
  CANCEL = 'CANCEL',
}
/** Why a charge cannot be paid, by anybody. */
type Unpayable = 'charge.paid' | 'charge.cancelled' | 'charge.expired'
/** Why an action on a charge is not allowed now. */
type Reason = Unpayable | 'charge.ends_with_subject' | 'charge.not_payer' | 'charge.not_finance'

/** The relation of the caller to a charge. */
export interface Relation {
  /** Has the power PAY over its party. */
  mayPay: boolean
  /** A finance officer or a program of its agency. */
  isFinance: boolean
}

/** Why an action is refused. Undefined if it is allowed. */
export function refusalOf(
  action: ChargeAction,
  charge: Pick<Charge, 'state' | 'subjectType' | 'payBy'>,
  { mayPay, isFinance }: Relation,
  now: Date,
): Reason | undefined {
  if (action === ChargeAction.PAY) return mayPay ? refusalToPay(charge, now) : 'charge.not_payer'
  if (!isFinance) return 'charge.not_finance'
  // Others end with their application or fine.
  return charge.subjectType === ChargeSubject.OTHER ? notOpen(charge) : 'charge.ends_with_subject'
}

/** Why a charge cannot be paid now, by anybody. Undefined if it can. */
export function refusalToPay(
  charge: Pick<Charge, 'state' | 'subjectType' | 'payBy'>,
  now: Date,
): Unpayable | undefined {
  const { subjectType, payBy } = charge
  // An application ends on its day. What an agency charges on its own is owed until it is paid.
  const isOver = subjectType === ChargeSubject.APPLICATION && payBy !== null && payBy < now
  return notOpen(charge) ?? (isOver ? 'charge.expired' : undefined)
}

const notOpen = ({ state }: Pick<Charge, 'state'>): Unpayable | undefined => reasons[state]
const reasons: Record<ChargeState, Unpayable | undefined> = {
  [ChargeState.OPEN]: undefined,
  [ChargeState.PAID]: 'charge.paid',
  [ChargeState.CANCELLED]: 'charge.cancelled',
  [ChargeState.EXPIRED]: 'charge.expired',
}

/** Currencies in which agencies may charge. The bank settles no others. */
export const currencies = ['AZN', 'USD']
export const mostLines = 20

/** A charge as an agency writes it. */
interface Wanted {
  reference: string
  currency: string
  payBy?: Date | null
  lines: readonly { name: LocalizedInput; amount: string; budget?: Budget | null }[]
}
interface Budget {
  classification?: string | null
  level?: string | null
  organisationCode?: string | null
}

/** What is wrong with a charge that an agency raises. */
export function userErrorsInCharge({ reference, currency, payBy, lines }: Wanted, now: Date): UserError[] {
  const isKnown = currencies.includes(currency)
  return [
    ...userErrorsInText(['reference'], reference, mostInReference),
    ...(isKnown ? [] : [invalid('charge.currency', ['currency'], { allowed: currencies })]),
    ...(payBy && payBy <= now ? [invalid('charge.pay_by', ['payBy'])] : []),
    ...(lines.length === 0 ? [missing('charge.lines', ['lines'])] : []),
    ...(lines.length > mostLines ? [invalid('charge.many_lines', ['lines'], { most: mostLines })] : []),
    ...lines.slice(0, mostLines).flatMap((line, at) => userErrorsInLine(line, isKnown ? currency : undefined, at)),
  ]
}
/** Indexed, and index rows are short. */
export const mostInReference = 100

function userErrorsInLine({ name, amount, budget }: Wanted['lines'][number], currency: string | undefined, at: number) {
  const field = ['lines', String(at)]
  const minor = currency && minorOf(amount, currency)
  return [
    ...userErrorsInWords([...field, 'name'], name, longest.name),
    ...(currency && minor === undefined ? [invalid('fee.digits', [...field, 'amount'], { currency })] : []),
    ...(minor === 0n ? [invalid('charge.nothing', [...field, 'amount'])] : []),
    ...Object.entries(budget ?? {}).flatMap(([code, text]) =>
      userErrorsInText([...field, 'budget', code], text, longest.reference),
    ),
  ]
}
