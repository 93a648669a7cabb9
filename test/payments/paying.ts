import { eq } from 'drizzle-orm'
import { v7 } from 'uuid'
import { afterAll, expect } from 'vitest'
import { agencies } from '../../src/agencies/agency.table.js'
import { configFrom } from '../../src/config.js'
import { nodeIdOf, parseNodeId } from '../../src/engine/node.js'
import type { EventRow } from '../../src/events/job.js'
import { keysOf } from '../../src/identity/parties/party.js'
import { type NewCharge, raiseCharges } from '../../src/payments/charges/charge.repository.js'
import { ChargeSubject, charges } from '../../src/payments/charges/charge.table.js'
import { checkPayment } from '../../src/payments/checkout/checkPayment.js'
import { openProviders } from '../../src/payments/checkout/openProviders.js'
import { providersFrom } from '../../src/payments/checkout/providers.settings.js'
import { decrypt } from '../../src/platform/personal.js'
import { merchant } from '../../src/sandbox/bank/provider.js'
import { unconnected } from '../../src/shared/exchange.js'
import { askOf } from '../support/api.js'
import { bankOfTest } from '../support/bank.js'
import { commanding } from '../support/commanding.js'
import { cloneDatabase } from '../support/database.js'
import { partiesIn } from '../support/parties.js'
import { createServer, keyringOfFile as keyring } from '../support/server.js'
import { testSigningKeys } from '../support/signingKeys.js'
import { as } from '../support/tokens.js'

/** A server whose payments a bank collects, and what a payer, the bank and the worker do. Call it at the top of a file. */
export async function payingAtBank({ exchange = unconnected } = {}) {
  const database = await cloneDatabase()
  const { db, client } = database
  const bank = await bankOfTest()
  // Nobody listens to callbacks here: tests send their own.
  bank.set('silent')
  let time = Date.parse('2026-11-30T08:00:00Z')
  const now = () => new Date(time)
  const logged: string[] = []
  const log = { info() {}, error: (what: object) => void logged.push(JSON.stringify(what)), warn() {} }
  const methods = { CARD: ['AZN', 'USD'], INSTANT: ['AZN'] }
  const paymentProviders = providersFrom(
    JSON.stringify({ BANK: { url: bank.address, merchant, secret: bank.secret, methods, timeLimit: 1_000 } }),
  )
  const config = { ...configFrom({ LOG_LEVEL: 'info' }), paymentProviders }
  const app = await createServer({ config, database, exchange, now, log: { write: (line) => void logged.push(line) } })
  const providers = openProviders(paymentProviders, { now, log })
  afterAll(async () => {
    await app.close()
    await providers.close()
  })
  const ask = askOf(app)
  const command = commanding(ask)
  const [dvx] = await db.select().from(agencies).where(eq(agencies.code, 'DVX'))
  const agencyId = dvx?.id as string // seeded
  const { persona, ...parties } = partiesIn(database)
  const citizen = await persona('citizen')

  /** A charge of the citizen, with its code. */
  async function raise(more: Partial<NewCharge> = {}) {
    const charge: NewCharge = {
      agencyId,
      partyId: citizen,
      subjectType: ChargeSubject.OTHER,
      reference: v7(),
      currency: 'AZN',
      lines: [{ name: { az: 'Dövlət rüsumu' }, amount: 3000n }],
      ...more,
    }
    const [raised] = await db.transaction((tx) => raiseCharges(tx, keyring, [charge], { at: now(), actor: 'a test' }))
    const row = raised as NonNullable<typeof raised> // its reference is new
    const { id, number, partyId, code } = row
    const key = partyId && (await keysOf(database, keyring, [partyId])).get(partyId)
    return { id, number, chargeId: nodeIdOf('Charge', id), code: key ? decrypt(key, charges, { id, code }).code : null }
  }

  const selection = `payment { id number state method revision money { amount currency } checkoutUrl expiresAt capturedAt
    items { chargeNumber money { amount } applied } viewerCan { action allowed reason } }`
  const start = async (charges: object[], more: object = {}, headers: Record<string, string> | undefined = undefined) =>
    await command(headers ?? (await as('citizen')), 'startPayment', { charges, method: 'CARD', ...more }, selection)
  /** A payment that the citizen has started. */
  async function started(charges: { chargeId: string }[], more: object = {}) {
    const given = charges.map(({ chargeId }) => ({ chargeId }))
    const { payload, reasons } = await start(given, more)
    expect(reasons).toEqual([])
    const payment = payload.payment as { id: string; checkoutUrl: string; number: string }
    return { ...payment, key: parseNodeId(payment.id)?.key as string, path: new URL(payment.checkoutUrl).pathname }
  }
  const open = (path: string) => app.inject({ method: 'GET', url: path })
  /** A payment whose session the payer has opened. */
  async function opened(charges: { chargeId: string }[], more: object = {}) {
    const payment = await started(charges, more)
    expect((await open(payment.path)).statusCode).toBe(303)
    return payment
  }
  const play = async (key: string, what: string) => {
    const { status } = await bank.ask('POST', `/sandbox/${key}/${what}`)
    expect(status).toBe(200)
  }
  const job = checkPayment(providers)
  const work = { database, keyring, signingKeys: testSigningKeys(), exchange, now, log }
  const check = (key: string, type = 'payment.called_back') => job.run({ subject: key, type } as EventRow, work) // it reads only these
  const stateOf = async (key: string) =>
    (await client<{ state: string }[]>`select state from payments where id = ${key}`)[0]?.state
  const chargeStateOf = async ({ id }: { id: string }) =>
    (await client<{ state: string }[]>`select state from charges where id = ${id}`)[0]?.state
  const ledgerOf = async (key: string) =>
    (
      await client<{ line: string }[]>`
        select transfer.kind || ' ' || debit.kind || ' ' || credit.kind || ' ' || amount as line
        from ledger_transfers transfer join ledger_accounts debit on debit.id = debit_id
        join ledger_accounts credit on credit.id = credit_id where payment_id = ${key} order by transfer.id`
    ).map(({ line }) => line)
  const eventsOf = async (key: string) =>
    (await client<{ type: string }[]>`select type from events where subject = ${key} order by id`).map(
      ({ type }) => type,
    )
  return {
    database,
    client,
    db,
    bank,
    app,
    ask,
    command,
    agencyId,
    citizen,
    persona,
    parties,
    work,
    raise,
    selection,
    start,
    started,
    open,
    opened,
    play,
    check,
    stateOf,
    chargeStateOf,
    ledgerOf,
    eventsOf,
    logged,
    now,
    goTo: (moment: string) => {
      time = Date.parse(moment)
      bank.goTo(moment)
    },
  }
}
