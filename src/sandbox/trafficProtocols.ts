import { z } from 'zod'
import { compact } from '../shared/identifiers/reading.js'
import { legalDate } from '../shared/time.js'
import type { FinePayments } from './finePayments.js'
import type { Records } from './registriesFile.js'
import {
  type Answer,
  type Answering,
  find,
  noSuchResource,
  notHeld,
  type Question,
  refusal,
  wrongMethod,
} from './registryQuestion.js'

type Entry = Records['FINES'][number]
type Fine = Entry['fines'][number]

const keyOf = ({ series, number }: Pick<Fine, 'series' | 'number'>) => `${compact(series)} ${compact(number)}`

/** The fine with what was paid since the data was written. */
export function asPaid(fine: Fine, payments: FinePayments): Fine {
  const payment = payments.find(keyOf(fine))
  return payment ? { ...fine, state: 'PAID', paidOn: payment.paidOn } : fine
}

/** One fine for anybody who has its protocol, so the answer has nothing personal. It takes payments too. */
export const protocols: Answering = (question, parts) => {
  const [, series, number, payments, key, ...more] = question.path
  const asksForFine = payments === undefined
  const isPayment = payments === 'payments' && key !== undefined && more.length === 0
  if (!series || !number || !(asksForFine || isPayment)) return noSuchResource(question)
  const required = isPayment ? 'PUT' : 'GET'
  if (question.method !== required) return wrongMethod(required, question)
  const all = parts.records.FINES.flatMap((entry) => entry.fines.map((fine) => ({ fine, entry })))
  const wanted = keyOf({ series, number })
  const isWanted = ({ fine, entry }: (typeof all)[number]) => keyOf(fine) === wanted && isOf(entry, question.query)
  if (isPayment) {
    const found = all.find(isWanted)
    if (!found) return notHeld
    const answer = pay(found.fine, { key, body: question.body }, parts.finePayments)
    return parts.confused ? { ...answer, body: { ...answer.body, number: 'TEST-C-0000' } } : answer
  }
  const found = find(all, isWanted, parts)
  return found ? { status: 200, body: shown(asPaid(found.fine, parts.finePayments)) } : notHeld
}

/** The second factor: who the fine is of. */
function isOf({ subject, licence }: Entry, query: Question['query']): boolean {
  const [voen, document] = [query.get('voen'), query.get('document')]
  const isDocument = document !== null && licence !== null && compact(document) === compact(licence.number)
  return (voen === null || voen === subject) && (document === null || isDocument)
}

const shown = ({ series, number, amount, currency, dueOn, state }: Fine) => ({
  series,
  number,
  amount,
  currency,
  dueOn,
  state,
})

const paying = z.strictObject({ amount: z.string(), currency: z.string(), paidAt: z.iso.datetime() })

function pay(
  fine: Fine,
  { key, body }: { key: string; body: Buffer },
  payments: FinePayments,
): Answer & { body: object } {
  const { success, data } = paying.safeParse(jsonOf(body))
  if (!success || data.amount !== fine.amount || data.currency !== fine.currency)
    return refusal(400, 'wrong_payment', 'the body must have the amount, its currency and paidAt', 'got another body')
  const { series, number } = fine
  const known = payments.find(keyOf(fine))
  const isDue = known ? known.key === key : fine.state === 'UNPAID'
  if (isDue && !known) payments.add({ key, fine: keyOf(fine), paidOn: legalDate(new Date(data.paidAt)) })
  return { status: 200, body: { series, number, key, recorded: isDue, state: asPaid(fine, payments).state } }
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    return undefined // the answer says that the caller must correct it
  }
}
