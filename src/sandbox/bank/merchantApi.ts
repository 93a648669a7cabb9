import { z } from 'zod'
import { type Bank, isPlayed, Refusal } from './bank.js'
import type { BankTrouble } from './bankTrouble.js'
import type { Order, OrderGiven } from './book.js'

export interface Answer {
  status: number
  headers: Record<string, string>
  body: string
}

export const jsonAnswer = (status: number, value: unknown): Answer => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify(value),
})
export const refusalAnswer = (status: number, error: string, message: string): Answer =>
  jsonAnswer(status, { error, message })

const id = z.string().regex(/^[\w-]{1,100}$/, { error: '1 to 100 letters, digits, "_" and "-"' })
const amount = z.string().regex(/^[1-9]\d{0,14}$/, { error: 'a whole number of minor units above 0, as a string' })
const address = z
  .string()
  .max(2_000)
  .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), {
    error: 'an http or https address',
  })
const orderGiven = z
  .strictObject({
    orderId: id,
    amount,
    currency: z.enum(['AZN', 'USD']),
    method: z.enum(['CARD', 'INSTANT']),
    alias: z.string().min(1).max(100).optional(),
    description: z.string().min(1).max(300),
    language: z.enum(['az', 'en', 'ru']),
    returnUrl: address,
    callbackUrl: address,
    expiresAt: z.iso.datetime({ offset: true }),
  })
  .refine(({ method, currency }) => method === 'CARD' || currency === 'AZN', {
    path: ['currency'],
    error: 'AZN if the method is INSTANT',
  })
const refundGiven = z.strictObject({ refundId: id, amount })

interface Parts {
  bank: Bank
  /** Its own address. */
  address: string
  merchant: string
  troubleOf(): BankTrouble
}

/** What the merchant asks for. All of it was signed. */
export function merchantApi({ bank, address, merchant, troubleOf }: Parts) {
  const sessionOf = (order: Order) => ({
    sessionId: order.sessionId,
    ...(order.method === 'CARD' && { checkoutUrl: `${address}/checkout/${order.sessionId}` }),
    state: bank.stateOf(order),
  })
  const statusOf = (order: Order) => ({
    merchant,
    orderId: order.orderId,
    sessionId: order.sessionId,
    state: bank.stateOf(order),
    amount: troubleOf() === 'wrong-amount' ? String(BigInt(order.amount) + 1n) : order.amount,
    currency: order.currency,
    capturedAt: order.capturedAt,
    declineReason: order.declineReason,
    refunds: order.refunds.map((refund) => ({ ...refund })),
    disputedAt: order.disputedAt,
    reversedAt: order.reversedAt,
  })

  return (method: string, path: string, body: Buffer): Answer => {
    const [, what = '', which = '', act, ...more] = path.split('/')
    const route = `${method} ${what}${which && '/…'}${act === undefined ? '' : `/${act}`}${more.length ? '/…' : ''}`
    switch (route) {
      case 'POST orders': {
        const given: OrderGiven = readBody(orderGiven, body)
        const { order, isNew } = bank.place(given)
        return jsonAnswer(isNew ? 201 : 200, sessionOf(order))
      }
      case 'GET orders/…': {
        const order = bank.getOrder(which)
        const answer = jsonAnswer(200, statusOf(order))
        if (troubleOf() === 'flip') bank.flip(order)
        return answer
      }
      case 'POST orders/…/cancel': {
        const order = bank.getOrder(which)
        bank.abandon(order)
        return jsonAnswer(200, { state: bank.stateOf(order) })
      }
      case 'POST orders/…/refunds': {
        const { refundId, amount } = readBody(refundGiven, body)
        return jsonAnswer(200, bank.refund(bank.getOrder(which), refundId, amount))
      }
      case 'GET settlements/…': {
        if (!z.iso.date().safeParse(which).success)
          throw new Refusal(400, 'bad_request', 'the date must be YYYY-MM-DD, such as 2026-12-01')
        const headers = { 'content-type': 'application/x-ndjson; charset=utf-8' }
        return { status: 200, headers, body: bank.settlementOf(which) }
      }
      case 'POST sandbox/…/capture':
      case 'POST sandbox/…/reverse':
      case 'POST sandbox/…/dispute':
      case 'POST sandbox/…/won':
      case 'POST sandbox/…/lost': {
        const order = bank.getOrder(which)
        if (act !== undefined && isPlayed(act)) bank.play(order, act)
        return jsonAnswer(200, { state: bank.stateOf(order) })
      }
      default:
        throw new Refusal(404, 'not_found', 'no such address')
    }
  }
}

function readBody<Shape>(shape: z.ZodType<Shape>, body: Buffer): Shape {
  let given: unknown
  try {
    given = JSON.parse(body.toString())
  } catch {
    throw new Refusal(400, 'bad_request', 'the body must be JSON')
  }
  const { success, data, error } = shape.safeParse(given)
  if (success) return data
  const [{ path, message } = { path: [], message: '' }] = error.issues
  throw new Refusal(400, 'bad_request', path.length ? `${path.join('.')} must be ${message}` : message)
}
