import { z } from 'zod'
import { type Pauses, policiesOf } from '../../exchange/registries/policies.js'
import { poolTo } from '../../exchange/registries/pool.js'
import { brokenBy, type Failure } from '../../exchange/registries/xroad.rules.js'
import { FailureReason } from '../../shared/exchange.js'
import { nonceSigned, signedHeaders } from './bankSignature.js'
import {
  type BankRefund,
  BankRefusal,
  BankUnavailable,
  bankStates,
  type OrderStatus,
  type Provider,
  type Session,
  type SettlementEntry,
} from './provider.js'
import type { ProviderSettings } from './providers.settings.js'
import { linesOf } from './settlementFile.js'

/** Largest answers in bytes. A settlement has a line for each payment of a day. */
const longestAnswer = 262_144
const longestSettlement = 268_435_456

const id = z.string().regex(/^[\w-]{1,100}$/)
const amount = z
  .string()
  .regex(/^\d{1,18}$/)
  .transform(BigInt)
const moment = z.iso.datetime({ offset: true }).transform((text) => new Date(text))
const state = z.enum(bankStates)
const currency = z.string().regex(/^[A-Z]{3}$/)
const address = z.url({ protocol: /^https?$/ }).max(2_000)

// Other fields are ignored: the bank may add some.
const session: z.ZodType<Session> = z.object({ sessionId: id, checkoutUrl: address.optional(), state })
const refund: z.ZodType<BankRefund> = z.object({
  refundId: id,
  amount,
  state: z.enum(['PENDING', 'DONE', 'FAILED']),
  at: moment,
})
const status: z.ZodType<OrderStatus> = z.object({
  merchant: z.string().max(100),
  orderId: id,
  sessionId: id,
  state,
  amount,
  currency,
  capturedAt: moment.nullable(),
  declineReason: z.string().max(100).nullable(),
  refunds: z.array(refund).max(1_000),
})
const entry = z.object({
  entryId: id,
  kind: z.enum(['CAPTURE', 'REFUND', 'REVERSAL']),
  orderId: id,
  refundId: id.optional(),
  amount,
  currency,
  at: moment,
})
const signedAmount = z
  .string()
  .regex(/^-?\d{1,18}$/)
  .transform(BigInt)
const lastLine = z.object({ entries: z.int().nonnegative(), totals: z.record(currency, signedAmount) })
const refusal = z.object({ error: z.string().regex(/^[\w.]{1,60}$/) })

interface Surroundings {
  now: () => Date
  log: Record<'info' | 'warn', (what: object, message: string) => void>
  pauses?: Pauses
}
interface Received {
  status: number
  text: string
}

/** The client of a bank. Its errors name the bank and the fault, never what was sent. */
export function openBank(code: string, settings: ProviderSettings, { now, log, pauses }: Surroundings) {
  const { url, merchant, timeLimit } = settings
  const poolOf = (maxResponseSize: number) =>
    poolTo(url, {
      connections: settings.connections,
      headersTimeout: timeLimit,
      bodyTimeout: timeLimit,
      maxResponseSize,
      connect: { timeout: timeLimit, rejectUnauthorized: true },
    })
  const pool = poolOf(longestAnswer)
  const poolOfSettlements = poolOf(longestSettlement)
  const policies = policiesOf(
    settings,
    {
      leftAlone: () => log.warn({ provider: code }, 'a bank failed too often, and is left alone for a while'),
      isBack: () => log.info({ provider: code }, 'a bank answers again'),
    },
    pauses,
  )

  async function attempt(method: 'GET' | 'POST', path: string, body: string, signal: AbortSignal) {
    const headers = {
      ...signedHeaders(settings, { method, path, body }, now()),
      ...(body && { 'content-type': 'application/json' }),
    }
    try {
      const request = { method, path, headers, signal, ...(body && { body }) }
      const { statusCode, body: answer } = await pool.request(request)
      const text = await answer.text()
      const isFailure = statusCode >= 500 || statusCode === 429
      return isFailure ? { failed: FailureReason.DOWN, type: `status ${statusCode}` } : { status: statusCode, text }
    } catch (error) {
      return signal.aborted ? { failed: FailureReason.TIMED_OUT, type: 'time limit' } : brokenBy(error)
    }
  }

  async function ask(method: 'GET' | 'POST', path: string, given?: object): Promise<Received> {
    const body = given ? JSON.stringify(given) : ''
    const outcome = await policies.run<Received>(timeLimit, (signal) => attempt(method, path, body, signal))
    if ('failed' in outcome) throw unavailable(outcome)
    return outcome
  }
  const unavailable = ({ failed, type }: Failure) =>
    new BankUnavailable(`${code} gave no answer: ${failed.toLowerCase()}, ${type}`)

  /** Without the text of the answer, which may repeat what was sent. */
  function read<Answer>(shape: z.ZodType<Answer>, { status, text }: Received): Answer {
    if (status < 200 || status > 299)
      throw new BankRefusal(code, status, refusal.safeParse(jsonOf(text)).data?.error ?? 'unnamed')
    const { success, data, error } = shape.safeParse(jsonOf(text))
    if (success) return data
    throw new BankUnavailable(`${code} gave an invalid answer at "${error.issues[0]?.path.join('.')}"`)
  }
  /** Not repeated and not buffered: the file may be long, and the job that reads it comes again. */
  async function readSettlement(date: string, take: (entries: readonly SettlementEntry[]) => Promise<void>) {
    const path = `/settlements/${date}`
    const headers = signedHeaders(settings, { method: 'GET', path, body: '' }, now())
    const { statusCode, body } = await poolOfSettlements.request({ method: 'GET', path, headers })
    if (statusCode !== 200) {
      await body.dump()
      throw new BankUnavailable(`${code} gave no settlement: status ${statusCode}`)
    }
    let [count, last]: [number, z.output<typeof lastLine> | undefined] = [0, undefined]
    for await (const lines of linesOf(body)) {
      const values = lines.map((text) => ({ status: statusCode, text }))
      const entries: SettlementEntry[] = []
      for (const line of values) {
        if (last) throw new BankUnavailable(`${code} gave an entry after its last line`)
        if (line.text.includes('"totals"')) last = read(lastLine, line)
        else entries.push(read(entry, line))
      }
      count += entries.length
      await take(entries)
    }
    if (last?.entries !== count)
      throw new BankUnavailable(`${code} announced ${last?.entries ?? 'no number of'} entries; ${count} came`)
    return last.totals
  }

  const provider: Provider = {
    code,
    merchant,
    open: async ({ amount, expiresAt, ...order }) =>
      read(session, await ask('POST', '/orders', { ...order, amount: String(amount), expiresAt })),
    async statusOf(orderId) {
      const received = await ask('GET', `/orders/${orderId}`)
      return received.status === 404 ? null : read(status, received)
    },
    async endOrder(orderId) {
      const received = await ask('POST', `/orders/${orderId}/cancel`)
      if (received.status !== 404) read(z.object({ state }), received)
    },
    refund: async ({ orderId, refundId, amount }) =>
      read(refund, await ask('POST', `/orders/${orderId}/refunds`, { refundId, amount: String(amount) })),
    settlementOf: readSettlement,
    nonceOf: (headers, callback) => nonceSigned(settings, headers, callback, now()),
  }
  return {
    ...provider,
    async close() {
      await Promise.all([pool.destroy(), poolOfSettlements.destroy()])
    },
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
