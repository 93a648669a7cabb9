import { v7 } from 'uuid'
import { describe, expect, it } from 'vitest'
import { nodeIdOf } from '../../src/engine/node.js'
import type { Work } from '../../src/events/job.js'
import { PaymentState } from '../../src/payments/checkout/payment.table.js'
import { clearing, post, suspense } from '../../src/payments/ledger/post.js'
import { LedgerTransferKind } from '../../src/payments/ledger/transfer.table.js'
import { reconcile, reconciliation, settleDifferences } from '../../src/payments/reconciliation/reconcile.js'
import { apiOf } from '../support/api.js'
import { appointed } from '../support/appointed.js'
import { commanding } from '../support/commanding.js'
import { cloneDatabase } from '../support/database.js'
import { brokenRules } from '../support/ledger.js'
import { bankInMemory, payingIn, running } from '../support/paid.js'
import { as } from '../support/tokens.js'

const database = await cloneDatabase()
const { client, db } = database
let now = new Date('2026-11-26T08:00:00Z')
const clock = () => now
const ask = await apiOf(database, { now: clock })
const send = commanding(ask)
await appointed(database, 'finance-officer', 'DVX', ['FINANCE'])
await appointed(database, 'other-officer', 'DMX', ['FINANCE'])
const paid = payingIn(database)
const { bank, provider, providers, captured } = bankInMemory(clock)
const run = running(database, clock)
/** Each test has a day of its own. */
let days = 0
const nextDay = () => {
  days++
  const day = `2026-10-${String(days).padStart(2, '0')}`
  return { day, at: new Date(`${day}T08:00:00Z`) }
}
const compare = (day: string) => reconcile({ database, now: clock }, provider, day)
const differencesOn = (day: string) =>
  client`select kind, subject, amount, currency, bank_amount as "bankAmount", bank_currency as "bankCurrency", state from reconciliations
    where day = ${day} order by kind, subject`
const remittedOf = async (paymentId: string) =>
  (await client`select amount from ledger_transfers where payment_id = ${paymentId} and kind = 'REMIT'`).map(
    ({ amount }) => Number(amount),
  )

describe('reconcile', () => {
  it('remits what agrees, once', async () => {
    const { day, at } = nextDay()
    const [one, late] = [await paid({ at }), await paid({ at, state: PaymentState.LATE_SUCCESS })]
    captured(one, at)
    captured(late, at)
    expect(await compare(day)).toEqual({ entries: 2, found: 0 })
    expect(await compare(day)).toEqual({ entries: 2, found: 0 })
    expect([await remittedOf(one.paymentId), await remittedOf(late.paymentId)]).toEqual([[3000], [3000]])
    expect(await differencesOn(day)).toEqual([])
  })

  it('remits once if two workers compare at the same time', async () => {
    const { day, at } = nextDay()
    const one = await paid({ at })
    captured(one, at)
    await Promise.all([compare(day), compare(day), compare(day)])
    expect(await remittedOf(one.paymentId)).toEqual([3000])
    expect(await client`select from settlement_days where day = ${day}`).toHaveLength(1)
  })

  it('does not remit what is disputed, until that ends', async () => {
    const { day, at } = nextDay()
    const { paymentId, ...one } = await paid({ at, state: PaymentState.DISPUTED })
    captured({ paymentId, ...one }, at)
    await compare(day)
    expect(await remittedOf(paymentId)).toEqual([])
    await client`update payments set state = 'SUCCEEDED' where id = ${paymentId}`
    await compare(day)
    expect(await remittedOf(paymentId)).toEqual([3000])
  })

  it('finds each kind of difference once', async () => {
    const { day, at } = nextDay()
    const [doubled, wrong, foreign, absent] = [
      await paid({ at }),
      await paid({ at }),
      await paid({ at }),
      await paid({ at }),
    ]
    const nowhere = await paid({ at, isApplied: false })
    await client`delete from refunds where payment_id = ${nowhere.paymentId}`
    captured(doubled, at)
    captured(doubled, at, { entryId: 'second' })
    captured(wrong, at, { amount: 2999n })
    captured(foreign, at, { currency: 'USD' })
    captured({ ...absent, paymentId: 'strange' }, at, { entryId: 'strange' })
    captured(nowhere, at)
    bank.totals = { AZN: 1n }
    const differences = [
      {
        kind: 'MISSING_THERE',
        subject: `CAPTURE ${absent.paymentId}`,
        amount: '3000',
        currency: 'AZN',
        bankAmount: null,
      },
      { kind: 'AMOUNT', subject: `CAPTURE ${wrong.paymentId}`, amount: '3000', currency: 'AZN', bankAmount: '2999' },
      { kind: 'CURRENCY', subject: `CAPTURE ${foreign.paymentId}`, currency: 'AZN', bankCurrency: 'USD' },
      { kind: 'UNKNOWN_ORDER', subject: 'strange', amount: null, bankAmount: '3000' },
      { kind: 'NOT_APPLIED', subject: nowhere.paymentId, amount: '3000', bankAmount: null },
      { kind: 'DOUBLED', subject: 'second', bankAmount: '3000' },
      { kind: 'TOTAL', subject: `${day} AZN`, amount: '14999', bankAmount: '1' },
      { kind: 'TOTAL', subject: `${day} USD`, amount: '3000', bankAmount: '0' },
    ]
    const { found } = await compare(day)
    expect(await compare(day)).toMatchObject({ found: 0 })
    bank.totals = undefined
    expect(await differencesOn(day)).toMatchObject(differences)
    expect(found).toBe(differences.length)
    expect([await remittedOf(wrong.paymentId), await remittedOf(foreign.paymentId)]).toEqual([[], []])
  })

  it('asks the bank about what was missed, and settles the difference when it is applied', async () => {
    const { day, at } = nextDay()
    const one = await paid({ at, isApplied: false })
    const { paymentId, amount } = one
    await client`delete from refunds where payment_id = ${paymentId}`
    await client.begin(async (sql) => {
      await sql`alter table ledger_transfers disable trigger all`
      await sql`delete from ledger_transfers where payment_id = ${paymentId}`
      await sql`alter table ledger_transfers enable trigger all`
      await sql`update payments set state = 'PENDING', captured_at = null where id = ${paymentId}`
    })
    captured(one, at)
    await compare(day)
    await compare(day)
    expect(await differencesOn(day)).toMatchObject([{ kind: 'MISSING_HERE', state: 'OPEN', bankAmount: '3000' }])
    const woken = await client`select from events where type = 'payment.check' and subject = ${paymentId}`
    expect(woken).toHaveLength(1)
    await run(settleDifferences, paymentId)
    expect(await differencesOn(day)).toMatchObject([{ state: 'OPEN' }])
    const common = { paymentId, amount, currency: 'AZN', at: now }
    await db.transaction((tx) =>
      post(tx, [{ ...common, kind: LedgerTransferKind.CAPTURE, debit: clearing('BANK'), credit: suspense }]),
    )
    await run(settleDifferences, paymentId)
    expect(await differencesOn(day)).toMatchObject([{ state: 'SETTLED' }])
    const [settled] = await client`select settled_by, reason from reconciliations where payment_id = ${paymentId}`
    expect(settled).toMatchObject({ settled_by: null, reason: expect.stringContaining('by itself') })
  })

  it('compares refunds by their own id', async () => {
    const { day, at } = nextDay()
    const one = await paid({ at, isApplied: false })
    captured(one, at)
    const [refund] = await client`select id from refunds where payment_id = ${one.paymentId}`
    bank.journal.push({
      entryId: v7(),
      kind: 'REFUND',
      orderId: one.paymentId,
      refundId: refund?.id,
      amount: 3000n,
      currency: 'AZN',
      at,
    })
    await compare(day)
    expect(await differencesOn(day)).toMatchObject([{ kind: 'MISSING_HERE', subject: `REFUND ${refund?.id}` }])
    expect(await client`select from events where type = 'refund.check' and subject = ${refund?.id}`).toHaveLength(1)
  })

  it('takes the same number of statements for 1 and for 20 payments', async () => {
    const countFor = async (count: number) => {
      const { day, at } = nextDay()
      for (let one = 0; one < count; one++) captured(await paid({ at }), at)
      database.statements.length = 0
      expect(await compare(day)).toMatchObject({ entries: count, found: 0 })
      return database.statements.length
    }
    expect(await countFor(20)).toBe(await countFor(1))
  })
})

describe('The reconciliation of each night', () => {
  it('catches up on missed days, and does nothing more on the same day', async () => {
    await client`delete from settlement_days`
    await client`insert into settlement_days (id, provider, day, entries, reconciled_at)
      select gen_random_uuid(), 'BANK', day, 0, now() from unnest('{2026-11-22,2026-11-24}'::date[]) day`
    // A day that is not over is compared, and again when it is.
    await compare('2026-11-26')
    const lines: object[] = []
    const log = { info: (what: object) => void lines.push(what), error() {} }
    const { run: round } = reconciliation(providers)
    const work = { database, now: clock, log } as unknown as Work // it uses nothing else
    await round(work)
    await round(work)
    expect(lines).toMatchObject([{ day: '2026-11-23' }, { day: '2026-11-25' }])
    now = new Date('2026-11-26T22:00:00Z')
    await round(work)
    expect(lines).toHaveLength(3)
    expect(lines[2]).toMatchObject({ day: '2026-11-26' })
  })
})

describe('settleDifference', () => {
  const differenceIn = async (agency: string | null) => {
    const id = v7()
    const one = agency === null ? undefined : await paid({ agency })
    await client`
      insert into reconciliations (id, kind, provider, subject, day, agency_id, payment_id, state, found_at)
      values (${id}, 'STATUS', 'BANK', ${id}, '2026-11-25', (select id from agencies where code = ${agency}),
        ${one?.paymentId ?? null}, 'OPEN', now())`
    return nodeIdOf('Reconciliation', id)
  }
  const settled = async (by: string, differenceId: string, reason = 'The bank has corrected it.') => {
    const { payload, code, reasons } = await send(
      await as(by),
      'settleDifference',
      { differenceId, reason },
      'difference { state reason settledAt }',
    )
    return code ?? reasons[0] ?? payload.difference.state
  }

  it.each([
    ['finance-officer', 'DVX', 'SETTLED'],
    ['other-officer', 'DVX', 'difference.unknown'],
    ['operator', 'DVX', 'difference.unknown'],
    ['citizen', 'DVX', 'FORBIDDEN'],
    ['auditor', 'DVX', 'FORBIDDEN'],
    ['operator', null, 'SETTLED'],
    ['finance-officer', null, 'difference.unknown'],
  ])('answers %s about a difference of %s with %s', async (persona, agency, outcome) => {
    expect(await settled(persona, await differenceIn(agency))).toBe(outcome)
  })

  it('settles once, and requires a reason', async () => {
    const id = await differenceIn('DVX')
    expect(await settled('finance-officer', id, ' ')).toBe('text.missing')
    expect(await settled('finance-officer', id)).toBe('SETTLED')
    expect(await settled('finance-officer', id)).toBe('difference.settled')
  })

  it('appears in the list of whoever settles it', async () => {
    const [ofAgency, ofNone] = [await differenceIn('DVX'), await differenceIn(null)]
    const query = '{ reconciliations(first: 100, filter: { kind: STATUS, state: OPEN }) { nodes { id } } }'
    const seenBy = async (persona: string) =>
      (await ask(query, { headers: await as(persona) })).data.reconciliations.nodes.map(({ id }: { id: string }) => id)
    expect(await seenBy('finance-officer')).toContain(ofAgency)
    expect(await seenBy('finance-officer')).not.toContain(ofNone)
    expect(await seenBy('operator')).toContain(ofNone)
    expect(await seenBy('operator')).not.toContain(ofAgency)
    expect(await seenBy('other-officer')).toEqual([])
  })
})

describe('agencyBalance', () => {
  it('sums a period of legal dates by currency, for the agency alone', async () => {
    const before = new Date('2026-09-09T19:59:59Z') // 23:59:59 on 9 September in Baku
    const [start, end] = [new Date('2026-09-09T20:00:00Z'), new Date('2026-09-10T19:59:59Z')]
    await paid({ agency: 'DMX', at: before })
    await paid({ agency: 'DMX', at: start, amount: 100n })
    const last = await paid({ agency: 'DMX', at: end, amount: 250n, currency: 'USD' })
    captured(last, end, { currency: 'USD' })
    const query = `{ agencyBalance(agency: "DMX", period: { from: "2026-09-10", to: "2026-09-10" }) {
      currency applied { amount } remitted { amount } refunded { amount } reversed { amount } } }`
    const { data } = await ask(query, { headers: await as('other-officer') })
    const nothing = { remitted: { amount: '0.00' }, refunded: { amount: '0.00' }, reversed: { amount: '0.00' } }
    expect(data.agencyBalance).toEqual([
      { currency: 'AZN', applied: { amount: '1.00' }, ...nothing },
      { currency: 'USD', applied: { amount: '2.50' }, ...nothing },
    ])
    const others = await ask(query, { headers: await as('finance-officer') })
    expect(others.data.agencyBalance).toEqual([])
    const backwards = await ask(query.replace('to: "2026-09-10"', 'to: "2026-09-09"'), {
      headers: await as('other-officer'),
    })
    expect(backwards.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT')
  })
})

it('leaves a ledger that breaks no rule', async () => {
  // These payments came without the checkout, which issues receipts; two were made wrong on purpose.
  const broken = await brokenRules(client)
  expect(broken.filter((sentence) => /clearing|overdrawn|leaves its bank|kinds of accounts/.test(sentence))).toEqual([])
})
