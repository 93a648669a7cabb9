import { describe, expect, it } from 'vitest'
import { nodeIdOf } from '../../src/engine/node.js'
import { PaymentState } from '../../src/payments/checkout/payment.table.js'
import { sendRefund } from '../../src/payments/refunds/sendRefund.js'
import { apiOf } from '../support/api.js'
import { appointed, finOf } from '../support/appointed.js'
import { commanding } from '../support/commanding.js'
import { cloneDatabase } from '../support/database.js'
import { keyOf } from '../support/keyOf.js'
import { brokenRules } from '../support/ledger.js'
import { bankInMemory, type Paid, payingIn, running } from '../support/paid.js'
import { as } from '../support/tokens.js'

const database = await cloneDatabase()
const { client } = database
let now = new Date('2026-11-30T08:00:00Z')
const clock = () => now
const ask = await apiOf(database, { now: clock })
const send = commanding(ask)
for (const persona of ['finance-officer', 'second-finance-officer', 'senior-officer'])
  await appointed(database, persona, 'DVX', [persona === 'senior-officer' ? 'APPROVER' : 'FINANCE'])
await appointed(database, 'other-officer', 'DMX', ['FINANCE'])
const paid = payingIn(database)
const { bank, providers } = bankInMemory(clock)
const run = running(database, clock)

const requested = async (by: string, { paymentId, chargeId }: Paid, more: object = {}) =>
  send(
    await as(by),
    'requestRefund',
    {
      paymentId: nodeIdOf('Payment', paymentId),
      chargeId: nodeIdOf('Charge', chargeId),
      expectedRefundable: '30.00',
      groundCode: 'DUPLICATE',
      reason: 'Paid twice.',
      ...more,
    },
    'refund { id number state money { amount } }',
  )
const decided = async (by: string, name: 'approveRefund' | 'rejectRefund', refundId: string) => {
  const input = { refundId, ...(name === 'rejectRefund' && { reason: 'Nothing was paid twice.' }) }
  const { payload, code, reasons } = await send(await as(by), name, input, 'refund { state dueAt }')
  return code ?? reasons[0] ?? payload.refund.state
}
const approved = async (one: Paid, more: object = {}): Promise<string> => {
  const { payload } = await requested('citizen', one, more)
  expect(await decided('finance-officer', 'approveRefund', payload.refund.id)).toBe('APPROVED')
  return payload.refund.id
}
const sent = async (id: string) => {
  await run(sendRefund(providers), keyOf(id))
  const [row] = await client`select state from refunds where id = ${keyOf(id)}`
  return row?.state
}
const eventsOf = async (id: string) =>
  (await client`select type from events where subject = ${keyOf(id)} order by id`).map(({ type }) => type)
const transfersOf = async ({ paymentId }: Paid) =>
  (
    await client`
      select transfer.kind || ' ' || debit.kind || ' ' || amount as line from ledger_transfers transfer
      join ledger_accounts debit on debit.id = debit_id where payment_id = ${paymentId}
      order by transfer.id`
  ).map(({ line }) => line)

describe('requestRefund', () => {
  it.each([
    ['finance-officer', 'done'],
    ['other-citizen', 'refund.unknown_payment'],
    ['other-officer', 'refund.unknown_payment'],
    ['senior-officer', 'FORBIDDEN'],
    ['operator', 'FORBIDDEN'],
  ])('answers %s about a payment of the citizen with %s', async (persona, outcome) => {
    const { code, reasons } = await requested(persona, await paid())
    expect(code ?? reasons[0] ?? 'done').toBe(outcome)
  })

  it('refuses who is not signed in', async () => {
    const { code } = await send(
      {},
      'requestRefund',
      {
        paymentId: 'x',
        chargeId: 'x',
        expectedRefundable: '1',
        groundCode: 'X',
        reason: 'x',
        idempotencyKey: 'a-key-of-nobody',
      },
      'refund { id }',
    )
    expect(code).toBe('UNAUTHENTICATED')
  })

  it('starts the terms of the law, shows itself to payer and agency, and hides its texts from others', async () => {
    const one = await paid()
    const { payload } = await requested('citizen', one, { amount: '10.00' })
    const { id } = payload.refund
    expect(payload.refund).toMatchObject({
      state: 'REQUESTED',
      money: { amount: '10.00' },
      number: expect.stringMatching(/^F26-/),
    })
    const query = `{ node(id: "${id}") { ... on Refund { reason dueAt latestAt isOverdue ground { code }
      viewerCan { action allowed reason } } } }`
    const seenBy = async (persona: string) => (await ask(query, { headers: await as(persona) })).data.node
    expect(await seenBy('citizen')).toMatchObject({
      reason: 'Paid twice.',
      dueAt: '2026-12-04T14:00:00.000Z',
      latestAt: '2027-01-14T14:00:00.000Z',
      isOverdue: false,
      viewerCan: [{ allowed: false, reason: 'refund.not_finance' }, { allowed: false }],
    })
    expect((await seenBy('finance-officer')).viewerCan).toEqual([
      { action: 'APPROVE', allowed: true, reason: null },
      { action: 'REJECT', allowed: true, reason: null },
    ])
    expect(await seenBy('auditor')).toMatchObject({ reason: null, ground: { code: 'DUPLICATE' } })
    expect(await seenBy('other-citizen')).toBeNull()
    expect(await seenBy('other-officer')).toBeNull()
    expect((await requested('citizen', one)).payload.userErrors).toMatchObject([
      { code: 'CONFLICT', reason: 'refund.left', params: expect.arrayContaining([{ name: 'left', value: '20.00' }]) },
    ])
  })

  it('tells the payer which finance officer read the texts, once a request', async () => {
    const { payload } = await requested('citizen', await paid())
    const { id, number } = payload.refund
    const read = async (persona: string, fields: string) =>
      await ask(`{ node(id: "${id}") { ... on Refund { ${fields} } } }`, { headers: await as(persona) })
    await read('citizen', 'reason rejection')
    await read('auditor', 'reason rejection')
    await read('finance-officer', 'state')
    await read('finance-officer', 'reason rejection')
    const query = `{ accessLog(first: 100) { nodes { kind outcome fields application purpose { code } agency { code }
      by { kind actorId } } } }`
    const { data } = await ask(query, { headers: await as('citizen') })
    const entries = data.accessLog.nodes.filter(({ application }: { application: string }) => application === number)
    expect(entries).toEqual([
      {
        kind: 'CASE',
        outcome: 'SHOWN',
        fields: ['refund'],
        application: number,
        purpose: { code: 'CHARGES' },
        agency: { code: 'DVX' },
        by: { kind: 'OFFICER', actorId: null },
      },
    ])
  })

  it('never lets concurrent requests exceed what was paid', async () => {
    const one = await paid()
    const all = await Promise.all(Array.from({ length: 8 }, () => requested('citizen', one, { amount: '20.00' })))
    expect(all.filter(({ reasons }) => reasons.length === 0)).toHaveLength(1)
    expect(await client`select amount from refunds where payment_id = ${one.paymentId}`).toEqual([{ amount: '2000' }])
  })

  it.each([
    ['a ground that is unknown', { groundCode: 'PITY' }, {}, 'refund.unknown_ground'],
    ['a ground of fines', { groundCode: 'NO_PROCEEDINGS' }, {}, 'refund.ground'],
    ['a refusal of a visa', { groundCode: 'WRONGLY_CHARGED' }, { serviceCode: 'ASAN-EVISA-STD' }, 'refund.ground'],
    ['no reason', { reason: ' ' }, {}, 'text.missing'],
    ['a disputed payment', {}, { state: PaymentState.DISPUTED }, 'refund.disputed'],
    ['a payment of long ago', {}, { at: new Date('2021-11-29T08:00:00Z') }, 'refund.too_late'],
  ])('refuses %s', async (_, input, payment, reason) => {
    expect((await requested('citizen', await paid(payment), input)).reasons).toEqual([reason])
  })

  it('refunds a visa that was paid twice', async () => {
    expect((await requested('citizen', await paid({ serviceCode: 'ASAN-EVISA-STD' }))).reasons).toEqual([])
  })

  it('refuses an officer in a case of their own', async () => {
    const { code } = await requested('finance-officer', await paid({ fin: finOf('finance-officer') }))
    expect(code).toBe('FORBIDDEN')
  })
})

describe('approveRefund', () => {
  it('takes the amount from the agency, and lets the bank return it', async () => {
    const one = await paid()
    const id = await approved(one, { amount: '12.50' })
    expect(await sent(id)).toBe('COMPLETED')
    expect(await transfersOf(one)).toEqual([
      'CAPTURE CLEARING 3000',
      'APPLY SUSPENSE 3000',
      'RELEASE APPLIED 1250',
      'REFUND SUSPENSE 1250',
    ])
    expect(await eventsOf(id)).toEqual(['refund.requested', 'refund.approved', 'refund.completed'])
    expect(await client`select from deadlines where subject = ${keyOf(id)}`).toHaveLength(0)
    const charge = `{ node(id: "${nodeIdOf('Charge', one.chargeId)}") { ... on Charge { state refunded { amount } } } }`
    const { data } = await ask(charge, { headers: await as('citizen') })
    expect(data.node).toEqual({ state: 'PAID', refunded: { amount: '12.50' } })
  })

  it('takes what was remitted from the treasury', async () => {
    const one = await paid()
    await client`
      with account as (
        insert into ledger_accounts (id, kind, currency, agency_id)
        select gen_random_uuid(), 'REMITTED', 'AZN', id from agencies where code = 'DVX' returning id)
      insert into ledger_transfers (id, kind, debit_id, credit_id, amount, currency, payment_id, charge_id, at)
      select gen_random_uuid(), 'REMIT', credit_id, account.id, 2000, currency, payment_id, charge_id, at
      from ledger_transfers, account where payment_id = ${one.paymentId} and kind = 'APPLY'`
    await approved(one)
    expect((await transfersOf(one)).filter((line) => line.startsWith('RELEASE'))).toEqual([
      'RELEASE APPLIED 1000',
      'RELEASE REMITTED 2000',
    ])
  })

  it('needs two officers above the threshold, and counts each once', async () => {
    const one = await paid({ amount: 50_001n })
    const { payload } = await requested('citizen', one, { expectedRefundable: '500.01' })
    const { id } = payload.refund
    expect(await decided('finance-officer', 'approveRefund', id)).toBe('REQUESTED')
    expect(await decided('finance-officer', 'approveRefund', id)).toBe('REQUESTED')
    expect(await client`select type from deadlines where subject = ${keyOf(id)} order by type`).toEqual([
      { type: 'refund.legal_maximum_over' },
      { type: 'refund.opinion_over' },
    ])
    expect(await decided('second-finance-officer', 'approveRefund', id)).toBe('APPROVED')
    expect(await decided('second-finance-officer', 'approveRefund', id)).toBe('refund.decided')
    expect(await eventsOf(id)).toEqual(['refund.requested', 'refund.first_approved', 'refund.approved'])
  })

  it('counts nothing as refunded of a charge if the payment never paid it', async () => {
    const one = await paid({ isApplied: false })
    await client`update refunds set state = 'FAILED', ended_at = decided_at where payment_id = ${one.paymentId}`
    expect(await sent(await approved(one))).toBe('COMPLETED')
    const query = `{ node(id: "${nodeIdOf('Charge', one.chargeId)}") { ... on Charge { refunded { amount } } } }`
    const { data } = await ask(query, { headers: await as('citizen') })
    expect(data.node.refunded.amount).toBe('0.00')
  })

  it('needs two officers above the threshold also if the amount is requested in parts', async () => {
    const one = await paid({ amount: 60_000n })
    await approved(one, { amount: '500.00', expectedRefundable: '600.00' })
    const { payload } = await requested('citizen', one, { amount: '0.01', expectedRefundable: '100.00' })
    expect(await decided('finance-officer', 'approveRefund', payload.refund.id)).toBe('REQUESTED')
    expect(await decided('second-finance-officer', 'approveRefund', payload.refund.id)).toBe('APPROVED')
  })

  it.each([
    ['finance-officer', 'refund.own_request'],
    ['second-finance-officer', 'APPROVED'],
    ['other-officer', 'refund.unknown'],
    ['senior-officer', 'FORBIDDEN'],
    ['citizen', 'FORBIDDEN'],
    ['operator', 'FORBIDDEN'],
  ])('answers %s about a request of the first finance officer with %s', async (persona, outcome) => {
    const { payload } = await requested('finance-officer', await paid())
    expect(await decided(persona, 'approveRefund', payload.refund.id)).toBe(outcome)
  })

  it('refuses an officer in a case of their own', async () => {
    const one = await paid({ fin: finOf('second-finance-officer') })
    const { payload } = await requested('finance-officer', one)
    expect(await decided('second-finance-officer', 'approveRefund', payload.refund.id)).toBe('FORBIDDEN')
  })

  it('waits while the payment is disputed', async () => {
    const one = await paid()
    const { payload } = await requested('citizen', one)
    await client`update payments set state = 'DISPUTED' where id = ${one.paymentId}`
    expect(await decided('finance-officer', 'approveRefund', payload.refund.id)).toBe('refund.disputed')
  })
})

describe('rejectRefund', () => {
  it('says why, and leaves the amount to be requested again', async () => {
    const one = await paid()
    const { payload } = await requested('citizen', one)
    const { id } = payload.refund
    expect(await decided('finance-officer', 'rejectRefund', id)).toBe('REJECTED')
    const query = `{ refunds(first: 1) { nodes { id state rejection payment { refunds { id } } } } }`
    const { data } = await ask(query, { headers: await as('citizen') })
    expect(data.refunds.nodes).toEqual([
      { id, state: 'REJECTED', rejection: 'Nothing was paid twice.', payment: { refunds: [{ id }] } },
    ])
    expect(await client`select from deadlines where subject = ${keyOf(id)}`).toHaveLength(0)
    expect((await requested('citizen', one)).reasons).toEqual([])
  })
})

describe('sendRefund', () => {
  it('pays once if the answer of the bank is lost', async () => {
    const id = await approved(await paid())
    const before = bank.journal.length
    bank.does = 'LOSES_ITS_ANSWER'
    expect(await sent(id)).toBe('APPROVED')
    bank.does = 'DONE'
    expect(await sent(id)).toBe('COMPLETED')
    expect(await sent(id)).toBe('COMPLETED')
    expect(bank.journal).toHaveLength(before + 1)
  })

  it('waits while the bank is down or works on it', async () => {
    const id = await approved(await paid())
    bank.does = 'DOWN'
    expect(await sent(id)).toBe('APPROVED')
    expect(
      await client`select due_at::text from deadlines where subject = ${keyOf(id)} and type = 'refund.check'`,
    ).toEqual([{ due_at: '2026-11-30 08:01:00+00' }])
    bank.does = 'PENDING'
    expect(await sent(id)).toBe('SENT')
    bank.does = 'DONE'
    expect(await sent(id)).toBe('COMPLETED')
  })

  it('fails with a difference if the bank refuses, and uses the money in suspense for the next request', async () => {
    const one = await paid()
    const id = await approved(one)
    bank.does = 'REFUSES'
    expect(await sent(id)).toBe('FAILED')
    bank.does = 'DONE'
    const found =
      await client`select kind, state, agency_id is not null as "isOfAgency" from reconciliations where refund_id = ${keyOf(id)}`
    expect(found).toEqual([{ kind: 'REFUND_REFUSED', state: 'OPEN', isOfAgency: true }])
    expect(await sent(await approved(one))).toBe('COMPLETED')
    expect((await transfersOf(one)).filter((line) => line.startsWith('RELEASE'))).toHaveLength(1)
  })

  it('returns what could not be applied without an approval', async () => {
    const one = await paid({ isApplied: false })
    const [refund] = await client`select id, kind, state from refunds where payment_id = ${one.paymentId}`
    expect(refund).toMatchObject({ kind: 'AUTOMATIC', state: 'APPROVED' })
    await run(sendRefund(providers), refund?.id)
    expect(await transfersOf(one)).toEqual(['CAPTURE CLEARING 3000', 'REFUND SUSPENSE 3000'])
    expect((await requested('citizen', one, { expectedRefundable: '0' })).reasons).toEqual(['refund.nothing_left'])
  })
})

describe('agencyRefunds', () => {
  it('lists the overdue requests of the agency alone', async () => {
    const [request] = await client`
      select id from refunds where state = 'REQUESTED' and agency_id = (select id from agencies where code = 'DVX')
      order by requested_at, id limit 1`
    const query = '{ agencyRefunds(first: 100, filter: { overdue: true }) { nodes { id isOverdue state } } }'
    const seenBy = async (persona: string) =>
      (await ask(query, { headers: await as(persona) })).data.agencyRefunds.nodes
    expect(await seenBy('finance-officer')).toEqual([])
    const before = now
    now = new Date('2026-12-05T08:00:00Z')
    expect((await seenBy('finance-officer'))[0]).toEqual({
      id: nodeIdOf('Refund', request?.id),
      isOverdue: true,
      state: 'REQUESTED',
    })
    expect(await seenBy('other-officer')).toEqual([])
    now = before
  })

  it('takes the same number of statements for 1 and for 13', async () => {
    const headers = await as('finance-officer')
    const countFor = async (first: number) => {
      database.statements.length = 0
      const query = `{ agencyRefunds(first: ${first}, filter: { states: [REQUESTED] }) { nodes { reason viewerCan { reason } charge { refunded { amount } } } } }`
      expect((await ask(query, { headers })).data.agencyRefunds.nodes).toHaveLength(first)
      return database.statements.length
    }
    expect(await countFor(13)).toBe(await countFor(1))
  })
})

it('leaves a ledger that breaks no rule', async () => {
  // These payments came without the checkout, which issues receipts.
  const broken = await brokenRules(client)
  expect(broken.filter((sentence) => !sentence.includes('receipt'))).toEqual([])
})
