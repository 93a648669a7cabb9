import { NIL, v7 } from 'uuid'
import { describe, expect, it } from 'vitest'
import { Power } from '../../src/identity/mandates/mandate.table.js'
import { comparePage } from '../../src/payments/reconciliation/compare.js'
import { SettlementKind, settlementEntries } from '../../src/payments/reconciliation/settlementEntry.table.js'
import { merchant } from '../../src/sandbox/bank/provider.js'
import { signed } from '../../src/sandbox/bank/signature.js'
import { appointed, asProgram } from '../support/appointed.js'
import { everythingAsText, formsOf } from '../support/everything.js'
import { as } from '../support/tokens.js'
import { payingAtBank } from './paying.js'

const world = await payingAtBank()
const { client, bank, app, ask, command, raise, start, started, open, opened, play, check, goTo } = world
const { stateOf, chargeStateOf, ledgerOf, eventsOf, citizen, database, parties, persona, logged } = world

await appointed(database, 'officer', 'DVX', ['REVIEWER'])
await appointed(database, 'finance-officer', 'DVX', ['FINANCE'])
await appointed(database, 'other-officer', 'DMX', ['FINANCE'])

const paymentSeenBy = async (headers: Record<string, string>, number: string) => {
  const query = 'query ($number: String!) { payment(number: $number) { number checkoutUrl } }'
  return (await ask(query, { headers, variables: { number } })).data?.payment ?? null
}

/** How many differences a settlement file with this amount would add. */
async function foundInSettlement(orderId: string, amount: bigint): Promise<number> {
  const [at, provider] = [new Date(), 'BANK']
  const entry = { id: v7(), provider, day: '2026-11-30', entryId: v7(), kind: SettlementKind.CAPTURE, orderId, at }
  let found = Number.NaN
  const comparing = database.db.transaction(async (tx) => {
    await tx.insert(settlementEntries).values({ ...entry, amount, currency: 'AZN' })
    found = (await comparePage(tx, { provider, after: NIL, now: at })).found
    tx.rollback()
  })
  await expect(comparing).rejects.toThrow('Rollback')
  return found
}

describe('startPayment', () => {
  it('starts a payment of several charges, of which the bank has not heard', async () => {
    const [first, second] = [await raise(), await raise()]
    const { payload } = await start([{ chargeId: first.chargeId }, { chargeId: second.chargeId }])
    expect(payload.payment).toMatchObject({
      state: 'CREATED',
      method: 'CARD',
      money: { amount: '60.00', currency: 'AZN' },
      expiresAt: '2026-11-30T08:30:00.000Z',
      capturedAt: null,
      items: [first, second].map(({ number }) => ({
        chargeNumber: number,
        money: { amount: '30.00' },
        applied: false,
      })),
      viewerCan: [{ action: 'CANCEL', allowed: true, reason: null }],
    })
    expect(payload.payment.checkoutUrl).toMatch(/^http:\/\/localhost:?\d*\/pay\/[0-9a-f-]{36}\.[\w-]{43}$/)
  })

  it('returns the same payment under the same key, also without signing in', async () => {
    const { chargeId } = await raise()
    const twice = { idempotencyKey: 'the-same-key' }
    const [one, other] = [await start([{ chargeId }], twice), await start([{ chargeId }], twice)]
    expect(other.payload).toMatchObject({ payment: { id: one.payload.payment.id }, replayed: true })
  })

  it('refuses a charge of somebody else by id, and accepts the power PAY over its party in its service', async () => {
    const { chargeId } = await raise()
    const other = await as('other-citizen')
    expect((await start([{ chargeId }], {}, other)).reasons).toEqual(['payment.unknown_charge'])
    await parties.give(citizen, await persona('other-citizen'), { powers: [Power.PAY], services: ['DVX-RETURN'] })
    expect((await start([{ chargeId }], {}, other)).reasons).toEqual(['payment.unknown_charge'])
    const { chargeId: ofService } = await raise({ serviceCode: 'DVX-RETURN' })
    expect((await start([{ chargeId: ofService }], {}, other)).reasons).toEqual([])
  })

  it('requires payments:write of a program', async () => {
    const { chargeId } = await raise({ partyId: await parties.organisation() })
    for (const [scope, code] of [
      ['payments:read', 'FORBIDDEN'],
      ['payments:write', undefined],
    ] as const) {
      const party = await parties.organisation()
      expect((await start([{ chargeId }], {}, await asProgram(database, { party, scopes: [scope] }))).code).toBe(code)
    }
    for (const who of ['officer', 'operator', 'auditor'])
      expect((await start([{ chargeId }], {}, await as(who))).code).toBe('FORBIDDEN')
  })

  it('refuses charges that are paid, cancelled or in two currencies, and more than five payments under way', async () => {
    const [paid, cancelled, dollars, open] = [
      await raise(),
      await raise(),
      await raise({ currency: 'USD' }),
      await raise(),
    ]
    await client`update charges set state = 'PAID', paid = amount, paid_at = raised_at where id = ${paid.id}`
    await client`update charges set state = 'CANCELLED', ended_at = raised_at where id = ${cancelled.id}`
    const given = [paid, cancelled, dollars, open, open].map(({ chargeId }) => ({ chargeId }))
    const { payload, reasons } = await start(given)
    expect(reasons).toEqual(['charge.paid', 'charge.cancelled', 'payment.currencies', 'payment.charge_twice'])
    expect(payload.userErrors[0]).toMatchObject({
      field: ['charges', '0'],
      params: [{ name: 'number', value: paid.number }],
    })
    for (let attempt = 0; attempt < 5; attempt++) await started([open])
    expect((await start([{ chargeId: open.chargeId }])).reasons).toEqual(['payment.many_attempts'])
  })

  it('lets no stranger block a payer by starting many payments', async () => {
    const { number, code } = await raise()
    const startAsNobody = async (idempotencyKey: string) =>
      (await start([{ charge: { number, code } }], { idempotencyKey }, {})).reasons
    for (let attempt = 0; attempt < 6; attempt++) expect(await startAsNobody(`a-stranger-${attempt}`)).toEqual([])
  })

  it('lets anybody who knows number and code pay, who sees the payment by its id alone', async () => {
    const { number: chargeNumber, code } = await raise()
    const typed = String(code).toLowerCase().replaceAll('-', ' ')
    const idempotencyKey = 'a-key-of-somebody'
    const [one, again] = [
      await start([{ charge: { number: chargeNumber, code: typed } }], { idempotencyKey }, {}),
      await start([{ charge: { number: chargeNumber, code: typed } }], { idempotencyKey }, {}),
    ]
    expect(again.payload).toEqual({ ...one.payload, replayed: true })
    const { id, number } = one.payload.payment
    const query = 'query ($id: ID!) { node(id: $id) { ... on Payment { state items { chargeNumber } } } }'
    const seen = { state: 'CREATED', items: [{ chargeNumber }] }
    expect((await ask(query, { variables: { id } })).data.node).toEqual(seen)
    // Numbers can be guessed.
    expect(await paymentSeenBy(await as('citizen'), number)).toBeNull()
    const { payload } = await command({}, 'cancelPayment', { paymentId: id }, 'payment { state }')
    expect(payload.payment.state).toBe('CANCELLED')
  })

  it('takes a wrong code for an unknown charge, and limits wrong ones by address', async () => {
    const { number: chargeNumber, code, chargeId } = await raise()
    const { code: ofAnother } = await raise()
    const give = (code: string | null, chargeNumber: string, remoteAddress: string) =>
      ask(
        `mutation ($charges: [ChargeToPayInput!]!) { startPayment(input: { charges: $charges, method: CARD,
          idempotencyKey: "a-key-of-a-guess" }) { payment { id } userErrors { reason } } }`,
        { variables: { charges: [{ charge: { number: chargeNumber, code } }] }, remoteAddress },
      )
    const unknown = { payment: null, userErrors: [{ reason: 'payment.unknown_charge' }] }
    expect((await give(ofAnother, chargeNumber, '192.0.2.1')).data.startPayment).toEqual(unknown)
    expect((await give('x', chargeNumber, '192.0.2.1')).data.startPayment).toEqual(unknown)
    const both = [{ chargeId }, { charge: { number: chargeNumber, code: ofAnother } }]
    expect((await start(both, {}, await as('other-company-head'))).reasons).toEqual([
      'payment.unknown_charge',
      'payment.unknown_charge',
    ])
    for (let guess = 2; guess < 60; guess++) await give(code, 'C26-0000000-X', '192.0.2.1')
    expect((await give('x', chargeNumber, '192.0.2.1')).errors?.[0]?.extensions.code).toBe('RATE_LIMITED')
    expect((await give('x', chargeNumber, '192.0.2.2')).data.startPayment).toEqual(unknown)
    expect((await give(code, chargeNumber, '192.0.2.1')).data.startPayment.userErrors).toEqual([])
  })

  it('refuses an input of the wrong form, everything at once', async () => {
    const { chargeId } = await raise()
    const more = { alias: 'x', returnTo: 'https://evil.example/' }
    expect((await start([{ chargeId }], more)).reasons).toEqual(['payment.alias_of_card', 'payment.return_to'])
    expect((await start([], { method: 'INSTANT', alias: 'nobody' })).reasons).toEqual([
      'payment.no_charges',
      'payment.alias',
    ])
    const { chargeId: dollars } = await raise({ currency: 'USD' })
    expect((await start([{ chargeId: dollars }], { method: 'INSTANT', alias: '+994501234567' })).reasons).toEqual([
      'payment.no_provider',
    ])
  })
})

describe('The address of a payment', () => {
  it('creates one session at the bank, leads there however often it is opened, and shows a wrong address nothing', async () => {
    const { path, key } = await started([await raise()])
    const [first, again] = [await open(path), await open(path)]
    expect([first.statusCode, first.headers.location]).toEqual([303, again.headers.location])
    expect(first.headers.location).toContain(`${bank.address}/checkout/`)
    expect([await stateOf(key), await eventsOf(key)]).toEqual(['PENDING', ['payment.started', 'payment.opened']])
    for (const wrong of [`${path.slice(0, -4)}AAAA`, path.replace(/\..*/, ''), '/pay/x'])
      for (const page of ['', '/done']) expect((await open(wrong + page)).statusCode).toBe(404)
    expect(logged.join('\n')).not.toContain(path.split('.')[1])
  })

  it('shows the outcome in the language of the payer, without script or frame', async () => {
    const returnTo = 'http://localhost:5173/back?a=1&b=2'
    const { path, key, number } = await opened([await raise()], { returnTo })
    const waiting = await open(`${path}/done`)
    expect(waiting.body).toContain('<meta http-equiv="refresh"')
    expect(waiting.headers['content-security-policy']).toMatch(/default-src 'none'.*frame-ancestors 'none'/)
    await play(key, 'capture')
    await check(key)
    const { body } = await open(`${path}/done`)
    expect(body).toContain('<html lang="en">')
    expect(body).toContain('<p class="good">Paid</p>')
    expect(body).toContain('href="http://localhost:5173/back?a=1&amp;b=2"')
    for (const text of ['30.00 AZN', number, 'Receipt', 'is being prepared']) expect(body).toContain(text)
    await client`update issued_documents set pdf_sha256 = ${Buffer.alloc(32)}, pdf_size = 1 where pdf_sha256 is null`
    const { body: printed } = await open(`${path}/done`)
    expect(printed).toMatch(/href="[^"]*\/files\/[\w-]+\?expires=\d+&amp;signature=[\w-]+">Download the receipt/)
    expect(printed).not.toMatch(/<script|http-equiv|is being prepared/)
    expect((await open(path)).headers.location).toMatch(/\/done$/)
  })

  it('says that the bank does not answer, and leads there once it does', async () => {
    const { path, key } = await started([await raise()])
    bank.set('down')
    const { statusCode, body } = await open(path)
    expect([statusCode, await stateOf(key)]).toEqual([503, 'CREATED'])
    expect(body).toContain('The bank does not answer now')
    bank.set('silent')
    expect((await open(path)).statusCode).toBe(303)
  })

  it('sends a request to the payer’s bank under an alias that nobody else reads', async () => {
    const alias = 'payer.of.the.test@example.org'
    const { path, key } = await started([await raise()], { method: 'INSTANT', alias: ` ${alias.toUpperCase()}` })
    expect((await open(path)).headers.location).toMatch(/\/done$/)
    expect((await bank.get(`/orders/${key}`)).json).toMatchObject({ state: 'PENDING' })
    expect((await open(`${path}/done`)).body).toContain('Approve the request')
    const [everything, lines] = [await everythingAsText(client), logged.join('\n')]
    for (const form of formsOf(alias)) for (const text of [everything, lines]) expect(text).not.toContain(form)
    expect(lines).not.toContain(bank.secret)
  })

  it('asks nobody to pay more than ten times an hour, however the alias is spelled', async () => {
    const { chargeId } = await raise()
    const codeFor = async (alias: string) => (await start([{ chargeId }], { method: 'INSTANT', alias })).code
    for (let asked = 0; asked < 10; asked++) expect(await codeFor('flooded@example.org')).toBeUndefined()
    expect(await codeFor(' Flooded@Example.org')).toBe('RATE_LIMITED')
    expect(await codeFor('other@example.org')).toBeUndefined()
  })
})

describe('checkPayment', () => {
  it('pays the charges, once, with ledger, receipts and events', async () => {
    const charges = [await raise(), await raise()]
    const { id, key } = await opened(charges)
    await play(key, 'capture')
    await Promise.all([check(key), check(key), check(key, 'payment.check')])
    expect([await stateOf(key), ...(await Promise.all(charges.map(chargeStateOf)))]).toEqual([
      'SUCCEEDED',
      'PAID',
      'PAID',
    ])
    expect(await ledgerOf(key)).toEqual([
      'CAPTURE CLEARING SUSPENSE 6000',
      'APPLY SUSPENSE APPLIED 3000',
      'APPLY SUSPENSE APPLIED 3000',
    ])
    expect(await eventsOf(key)).toEqual(['payment.started', 'payment.opened', 'payment.succeeded'])
    const query =
      'query ($id: ID!) { node(id: $id) { ... on Payment { state capturedAt items { applied } checkoutUrl } } }'
    expect((await ask(query, { headers: await as('citizen'), variables: { id } })).data.node).toEqual({
      state: 'SUCCEEDED',
      capturedAt: '2026-11-30T08:00:00.000Z',
      items: [{ applied: true }, { applied: true }],
      checkoutUrl: null,
    })
  })

  it('refunds what a second payer paid for the same charge', async () => {
    const charge = await raise()
    const [first, second] = [await opened([charge]), await opened([charge, await raise()])]
    for (const { key } of [first, second]) {
      await play(key, 'capture')
      await check(key)
    }
    expect(await ledgerOf(second.key)).toEqual(['CAPTURE CLEARING SUSPENSE 6000', 'APPLY SUSPENSE APPLIED 3000'])
    expect(await client`select kind, state, amount::int from refunds where payment_id = ${second.key}`).toEqual([
      { kind: 'AUTOMATIC', state: 'APPROVED', amount: 3000 },
    ])
    expect((await open(`${second.path}/done`)).body).toContain(charge.number)
  })

  it('applies nothing of an amount that differs, and records the difference once', async () => {
    const charge = await raise()
    const { key } = await opened([charge])
    await play(key, 'capture')
    bank.set('wrong-amount')
    await check(key)
    await check(key)
    bank.set('silent')
    expect([await stateOf(key), await chargeStateOf(charge), await ledgerOf(key)]).toEqual(['PENDING', 'OPEN', []])
    expect((await eventsOf(key)).filter((type) => type === 'payment.mismatch')).toHaveLength(1)
    expect(
      await client`select kind, amount::int, bank_amount::int as bank from reconciliations where payment_id = ${key}`,
    ).toEqual([{ kind: 'AMOUNT', amount: 3000, bank: 3001 }])
    expect(await foundInSettlement(key, 3001n)).toBe(0)
    await check(key)
    expect(await stateOf(key)).toBe('SUCCEEDED')
  })

  it('opens the charge again when the bank takes the money back, also after a dispute', async () => {
    const charge = await raise()
    const { key } = await opened([charge])
    for (const what of ['capture', 'dispute', 'won', 'dispute', 'lost']) {
      await play(key, what)
      await check(key)
    }
    expect([await stateOf(key), await chargeStateOf(charge)]).toEqual(['REVERSED', 'OPEN'])
    expect((await ledgerOf(key)).slice(2)).toEqual(['RELEASE APPLIED SUSPENSE 3000', 'REVERSAL SUSPENSE CLEARING 3000'])
    const told =
      await client`select type from events where subject = ${key} and agency_id = ${world.agencyId} order by id`
    expect(told.map(({ type }) => type)).toEqual(['payment.disputed', 'payment.disputed', 'payment.reversed'])
    const revoked =
      await client`select revoked_at is not null as revoked from issued_documents where subject_id = ${charge.id}`
    expect(revoked).toEqual([{ revoked: true }])
  })

  it('gives the bank only what it had not refunded, if a refund was not posted yet', async () => {
    const { key } = await opened([await raise()])
    await play(key, 'capture')
    await check(key)
    await bank.post(`/orders/${key}/refunds`, { refundId: key, amount: '1000' })
    await play(key, 'reverse')
    await check(key)
    expect((await ledgerOf(key)).slice(2)).toEqual(['RELEASE APPLIED SUSPENSE 3000', 'REVERSAL SUSPENSE CLEARING 2000'])
  })

  it('waits while the bank is down, and accepts a payment that arrives after its end', async () => {
    const charge = await raise()
    const { key } = await opened([charge])
    bank.set('down')
    await check(key, 'payment.check')
    expect(await stateOf(key)).toBe('PENDING')
    bank.set('silent')
    await play(key, 'capture')
    goTo('2026-11-30T08:00:30Z')
    await check(key, 'payment.check')
    expect(await stateOf(key)).toBe('SUCCEEDED')

    const late = await opened([await raise()])
    goTo('2026-11-30T09:00:00Z')
    await check(late.key, 'payment.check')
    expect(await stateOf(late.key)).toBe('EXPIRED')
    const due = async () =>
      (await client<{ due: string }[]>`select due_at as due from deadlines where subject = ${late.key}`)[0]?.due
    expect(await due()).toBe('2026-11-30 09:10:00+00')
    await play(late.key, 'capture')
    await check(late.key, 'payment.check')
    expect([await stateOf(late.key), await due()]).toEqual(['LATE_SUCCESS', undefined])
    goTo('2026-11-30T08:00:00Z')
  })
})

describe('cancelPayment', () => {
  const cancel = async (paymentId: string, headers?: Record<string, string>) =>
    await command(headers ?? (await as('citizen')), 'cancelPayment', { paymentId }, 'payment { state }')

  it('cancels at once what the bank has not heard of, and otherwise asks the bank', async () => {
    const fresh = await started([await raise()])
    expect((await cancel(fresh.id)).payload.payment).toEqual({ state: 'CANCELLED' })
    expect((await cancel(fresh.id)).payload.payment).toEqual({ state: 'CANCELLED' })
    expect((await open(fresh.path)).headers.location).toMatch(/\/done$/)
    const begun = await opened([await raise()])
    expect((await cancel(begun.id)).payload.payment).toEqual({ state: 'PENDING' })
    await check(begun.key, 'payment.cancel_requested')
    expect(await stateOf(begun.key)).toBe('CANCELLED')
  })

  it('finds out that the payer was faster, and refuses what has ended', async () => {
    const { id, key } = await opened([await raise()])
    await play(key, 'capture')
    await cancel(id)
    await check(key, 'payment.cancel_requested')
    expect(await stateOf(key)).toBe('SUCCEEDED')
    expect((await cancel(id)).reasons).toEqual(['payment.not_waiting'])
  })

  it('is refused to others as if there were no such payment', async () => {
    const { id } = await started([await raise()])
    expect((await cancel(id, await as('other-company-head'))).reasons).toEqual(['payment.unknown'])
    expect((await cancel(id, {})).reasons).toEqual(['payment.unknown'])
    expect((await cancel(id, await as('officer'))).code).toBe('FORBIDDEN')
  })
})

describe('A callback', () => {
  const path = '/payments/callbacks/BANK'
  const sign = (body: string, more: object = {}) =>
    signed({ method: 'POST', path, body }, { merchant, secret: bank.secret, now: world.now, ...more })
  const call = async (body: string, headers: Record<string, string>, url = path) =>
    (
      await app.inject({
        method: 'POST',
        url,
        payload: body,
        headers: { 'content-type': 'application/json', ...headers },
      })
    ).statusCode
  const bodyOf = (orderId: string) => JSON.stringify({ orderId, event: 'captured', sentAt: world.now().toISOString() })
  const calls = async (key: string) => (await eventsOf(key)).filter((type) => type === 'payment.called_back').length

  it('wakes the check once for each nonce, and answers an unknown order like a known one', async () => {
    const { key } = await opened([await raise()])
    const headers = sign(bodyOf(key))
    expect([await call(bodyOf(key), headers), await call(bodyOf(key), headers)]).toEqual([204, 204])
    expect(await calls(key)).toBe(1)
    const unknown = bodyOf('00000000-0000-4000-8000-000000000000')
    expect(await call(unknown, sign(unknown))).toBe(204)
  })

  it('is refused if it is forged, stale, for another address or too long', async () => {
    const { key } = await opened([await raise()])
    const body = bodyOf(key)
    const stale = () => new Date(world.now().getTime() - 301_000)
    const { 'x-signature': _, ...unsigned } = sign(body)
    expect(await call(body, sign(body, { secret: 'another secret' }))).toBe(401)
    expect(await call(body, sign(body, { now: stale }))).toBe(401)
    expect(await call(body, unsigned)).toBe(401)
    expect(await call(`${body} `, sign(body))).toBe(401)
    expect(await call(body, sign(body), '/payments/callbacks/OTHER')).toBe(401)
    expect(await call(body, sign(body), `${path}?x`)).toBe(401)
    expect(await call('no JSON', sign('no JSON'))).toBe(400)
    const long = 'x'.repeat(5_000)
    expect(await call(long, sign(long))).toBe(413)
    expect(await calls(key)).toBe(0)
  })
})

describe('payments', () => {
  it('shows a payment to the payer, to finance officers of the agency and to auditors, and to nobody else', async () => {
    const { number } = await started([await raise()])
    expect(await paymentSeenBy(await as('citizen'), number)).toMatchObject({ number })
    for (const who of ['finance-officer', 'auditor'])
      expect(await paymentSeenBy(await as(who), number)).toEqual({ number, checkoutUrl: null })
    for (const who of ['other-company-head', 'officer', 'other-officer', 'operator'])
      expect(await paymentSeenBy(await as(who), number)).toBeNull()
  })

  it('shows each agency only its own charges of a payment to several', async () => {
    const [dmx] = await client<{ id: string }[]>`select id from agencies where code = 'DMX'`
    const [one, other] = [await raise(), await raise({ agencyId: dmx?.id as string })]
    const { number } = await started([one, other])
    const query = 'query ($number: String!) { payment(number: $number) { items { chargeNumber } } }'
    const numbersFor = async (who: string) => {
      const { data } = await ask(query, { headers: await as(who), variables: { number } })
      return data.payment.items.map(({ chargeNumber }: { chargeNumber: string }) => chargeNumber)
    }
    expect(await numbersFor('finance-officer')).toEqual([one.number])
    expect(await numbersFor('other-officer')).toEqual([other.number])
    expect(await numbersFor('citizen')).toEqual([one.number, other.number])
  })

  it('are listed by a charge for whoever sees it, each shown to its own payer', async () => {
    const charge = await raise()
    const { number } = await started([charge])
    await start([{ charge: { number: charge.number, code: charge.code } }], { idempotencyKey: 'a-key-of-another' }, {})
    const query = `query ($number: String!) { charge(number: $number) {
      payments { applied payment { number } } } }`
    const seenBy = async (who: string) => {
      const { data } = await ask(query, { headers: await as(who), variables: { number: charge.number } })
      return data.charge?.payments.map(({ payment }: { payment: object }) => payment)
    }
    expect(await seenBy('citizen')).toEqual([null, { number }])
    expect(await seenBy('finance-officer')).toEqual([{ number: expect.stringMatching(/^P26/) }, { number }])
    expect(await seenBy('other-officer')).toBeUndefined()
  })

  it('takes as many statements for twenty as for one', async () => {
    await client`delete from deadlines`
    const query = '{ payments(first: 50) { nodes { number state money { amount } items { chargeNumber applied } } } }'
    const headers = await as('citizen')
    await ask(query, { headers })
    database.statements.length = 0
    const { data } = await ask(query, { headers })
    expect(data.payments.nodes.length).toBeGreaterThan(15)
    expect(database.statements.length).toBeLessThan(4)
  })
})
