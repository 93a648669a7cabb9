import { and, eq, inArray, isNotNull } from 'drizzle-orm'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { downloadUrlOf } from '../../documents/files/address.js'
import { DocumentKind, issuedDocuments } from '../../documents/issued/issuedDocument.table.js'
import { loggable } from '../../engine/errors.js'
import { nodeIdOf } from '../../engine/node.js'
import { tooMany } from '../../engine/rates.js'
import { beforeDeadline } from '../../engine/statement.js'
import { keysOf } from '../../identity/parties/party.js'
import { addressOf } from '../../platform/address.js'
import type { Database } from '../../platform/database.js'
import type { DatabaseConfig } from '../../platform/database.settings.js'
import type { HttpConfig } from '../../platform/http.settings.js'
import { Mode } from '../../platform/installation.table.js'
import type { Keyring } from '../../platform/keyring.js'
import { decrypt } from '../../platform/personal.js'
import { type openRates, refuseWhileFull } from '../../platform/rates.js'
import type { Timings } from '../../platform/timings.js'
import { moneyOf } from '../../shared/money.js'
import { type Language, languageOf } from '../../shared/words.js'
import { charges } from '../charges/charge.table.js'
import { RefundKind, refunds } from '../refunds/refund.table.js'
import { openSession } from './openSession.js'
import { outcomePage, type Receipt, unavailablePage, unknownPage } from './pay.page.js'
import { paymentAt, payUrlOf } from './payAddress.js'
import { findPayment, type PaymentRow } from './payment.repository.js'
import { captured, waiting } from './payment.rules.js'
import { PaymentMethod } from './payment.table.js'
import { paymentItems } from './paymentItem.table.js'
import { BankRefusal, BankUnavailable, type Providers } from './provider.js'

export interface PayParts {
  config: Pick<HttpConfig, 'publicUrl'> & Pick<DatabaseConfig, 'requestTimeout'> & { mode: Mode; timings: Timings }
  database: Database
  keyring: Keyring
  providers: Providers
  now: () => Date
  counters: ReturnType<typeof openRates>
}
interface Route {
  Params: { address: string }
}

const policy =
  "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** Where payers go to the bank, and return from it. */
export const payEndpoints = (parts: PayParts) => async (app: FastifyInstance) => {
  const onRequest = async ({ ip, raw }: FastifyRequest) =>
    refuseWhileFull(await parts.counters.request(addressOf(ip, raw.socket.remoteAddress)), tooMany.requests)
  const inTime = <T>(act: () => Promise<T>) => beforeDeadline(Date.now() + parts.config.requestTimeout, act)
  app.get<Route>('/pay/:address', { onRequest }, (request, reply) => inTime(() => pay(parts, request, reply)))
  app.get<Route>('/pay/:address/done', { onRequest }, (request, reply) => inTime(() => show(parts, request, reply)))
}

const send = (reply: FastifyReply, status: number, page: string) =>
  reply
    .code(status)
    .type('text/html; charset=utf-8')
    .headers({ 'content-security-policy': policy, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
    .send(page)

const isHere = ({ config }: PayParts, { protocol, host }: FastifyRequest) => config.publicUrl ?? `${protocol}://${host}`

async function paymentOf({ database, keyring }: PayParts, { address }: Route['Params']) {
  const id = paymentAt(keyring, address)
  return id === undefined ? undefined : await findPayment(database.db, id)
}

const unknown = (request: FastifyRequest, reply: FastifyReply) =>
  send(reply, 404, unknownPage(languageOf(request.headers['accept-language'])))

/** Leads to the bank, or to the outcome if there is nothing to pay. */
async function pay(parts: PayParts, request: FastifyRequest<Route>, reply: FastifyReply) {
  const payment = await paymentOf(parts, request.params)
  if (!payment) return unknown(request, reply)
  const here = { ...parts, origin: isHere(parts, request) }
  try {
    const isPayable = waiting.includes(payment.state) && parts.now() < payment.expiresAt
    const provider = isPayable ? parts.providers.find(payment.provider) : undefined
    const bank = provider && (await openSession(here, provider, payment))
    return reply
      .headers({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
      .redirect(bank ?? `${payUrlOf(here, payment.id)}/done`, 303)
  } catch (error) {
    if (!(error instanceof BankUnavailable || error instanceof BankRefusal)) throw error
    request.log.warn({ payment: payment.id, error: loggable(error) }, 'a bank did not open a session')
    return send(reply, 503, unavailablePage(languageIn(payment)))
  }
}

/** The cast: `startPayment` stored the language of its request. */
const languageIn = ({ language }: PaymentRow) => language as Language

async function show(parts: PayParts, request: FastifyRequest<Route>, reply: FastifyReply) {
  const payment = await paymentOf(parts, request.params)
  if (!payment) return unknown(request, reply)
  const { id, state, number, amount, currency, method, returnTo } = payment
  const { timings } = parts.config
  const here = { ...parts, timings, origin: isHere(parts, request) }
  const page = outcomePage({
    language: languageIn(payment),
    state,
    number,
    money: moneyOf(amount, currency),
    capturedAt: payment.capturedAt,
    isInstant: method === PaymentMethod.INSTANT,
    isSandbox: parts.config.mode === Mode.SANDBOX,
    payUrl: payUrlOf(here, id),
    returnTo,
    receipts: await receiptsOf(here, payment),
    refunded: await refundedIn(parts, payment),
  })
  return send(reply, 200, page)
}

/** The receipts of the payer for this payment. Whoever has the address paid it. */
async function receiptsOf(
  serving: PayParts & { origin: string; timings: Timings },
  { id, partyId, state }: PaymentRow,
): Promise<Receipt[]> {
  if (!captured.includes(state)) return []
  const { database, keyring } = serving
  const { db } = database
  const itsCharges = db.select({ id: paymentItems.chargeId }).from(paymentItems).where(eq(paymentItems.paymentId, id))
  const rows = await db
    .select({
      id: issuedDocuments.id,
      number: issuedDocuments.number,
      code: issuedDocuments.code,
      isPrinted: isNotNull(issuedDocuments.pdfSha256).mapWith(Boolean),
    })
    .from(issuedDocuments)
    .where(
      and(
        inArray(issuedDocuments.subjectId, itsCharges),
        eq(issuedDocuments.kind, DocumentKind.PAYMENT_RECEIPT),
        eq(issuedDocuments.partyId, partyId),
      ),
    )
    .orderBy(issuedDocuments.number)
  const key = rows.length > 0 ? (await keysOf(database, keyring, [partyId])).get(partyId) : undefined
  if (!key) return []
  return rows.map(({ isPrinted, ...row }) => ({
    ...decrypt(key, issuedDocuments, row),
    pdfUrl: isPrinted ? downloadUrlOf(serving, nodeIdOf('IssuedDocument', row.id)) : null,
  }))
}

async function refundedIn({ database: { db } }: PayParts, { id }: PaymentRow): Promise<string[]> {
  const rows = await db
    .select({ number: charges.number })
    .from(refunds)
    .innerJoin(charges, eq(charges.id, refunds.chargeId))
    .where(and(eq(refunds.paymentId, id), eq(refunds.kind, RefundKind.AUTOMATIC)))
    .orderBy(charges.number)
  return rows.map(({ number }) => number)
}
