import { randomUUID } from 'node:crypto'
import { appendFileSync, readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { configFrom } from '../../src/config.js'
import { nodeIdOf } from '../../src/engine/node.js'
import { openBank } from '../../src/payments/checkout/bank.js'
import { PaymentMethod } from '../../src/payments/checkout/payment.table.js'
import type { SettlementEntry } from '../../src/payments/checkout/provider.js'
import { bankTroubleOf } from '../../src/sandbox/bank/bankTrouble.js'
import { sandboxProviders } from '../../src/sandbox/bank/provider.js'
import { signatureCheck } from '../../src/sandbox/bank/signature.js'
import { sandboxCommand } from '../../src/sandbox/sandbox.js'
import { bankOfTest, merchantOfTest } from '../support/bank.js'

const start = '2026-11-30T08:00:00Z'
const bank = await bankOfTest(start)
const merchant = await merchantOfTest()
beforeEach(() => bank.goTo(start))
afterEach(() => {
  bank.set('up')
  merchant.answers(() => 200)
  merchant.heard.length = 0
  expect(bank.errors.splice(0)).toEqual([])
})

let count = 0
const orderOf = (changes = {}) => ({
  orderId: `P26-${++count}`,
  amount: '7000',
  currency: 'AZN',
  method: 'CARD',
  description: 'Identity card <b>"quick"</b>',
  language: 'en',
  returnUrl: `${merchant.address}/back`,
  callbackUrl: `${merchant.address}/payments/callbacks/bank?of=test`,
  expiresAt: '2026-11-30T08:30:00Z',
  ...changes,
})

async function placed(changes = {}) {
  const order = orderOf(changes)
  const { status, json } = await bank.post('/orders', order)
  expect(status, JSON.stringify(json)).toBe(201)
  return { ...order, ...json, path: `/orders/${order.orderId}` }
}
const statusOf = async ({ path }: { path: string }) => (await bank.get(path)).json

const form = (address: string, fields: Record<string, string>) =>
  fetch(address, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' })
const tokenAt = async (address: string) =>
  /name="token" value="(\w+)"/.exec(await (await fetch(address)).text())?.[1] ?? ''
async function paid(changes = {}) {
  const order = await placed(changes)
  const { status } = await form(order.checkoutUrl, {
    token: await tokenAt(order.checkoutUrl),
    card: 'pays',
    act: 'pay',
  })
  expect(status).toBe(303)
  return order
}
/** The callbacks about some orders, once there are that many. */
const heard = (count: number, ...orders: { orderId: string }[]) =>
  vi.waitFor(
    () => {
      const about = merchant.heard.filter(({ orderId }) => orders.some((order) => order.orderId === orderId))
      expect(about).toHaveLength(count)
      return about
    },
    { interval: 5 },
  )

describe('Orders at the sandbox bank', () => {
  it('gives a session, and the same for the same order id', async () => {
    const order = orderOf()
    const first = await bank.post('/orders', order)
    expect(first).toMatchObject({
      status: 201,
      json: { state: 'PENDING', sessionId: expect.stringMatching(/^[\w-]{22}$/) },
    })
    expect(first.json.checkoutUrl).toBe(`${bank.address}/checkout/${first.json.sessionId}`)
    expect(await bank.post('/orders', { ...order, description: 'Said otherwise' })).toMatchObject({
      status: 200,
      json: first.json,
    })
    for (const other of [{ amount: '7001' }, { currency: 'USD' }, { method: 'INSTANT' }])
      expect((await bank.post('/orders', { ...order, ...other })).status).toBe(409)
    expect((await bank.get(`/orders/${order.orderId}`)).json).toEqual({
      merchant: 'pencere',
      orderId: order.orderId,
      sessionId: first.json.sessionId,
      state: 'PENDING',
      amount: '7000',
      currency: 'AZN',
      capturedAt: null,
      declineReason: null,
      refunds: [],
      disputedAt: null,
      reversedAt: null,
    })
  })

  it.each([
    [{ amount: '0' }, 'amount must be'],
    [{ amount: '-5' }, 'amount must be'],
    [{ amount: '1.50' }, 'amount must be'],
    [{ amount: 7000 }, 'amount must be'],
    [{ amount: '9007199254740993' }, 'amount must be'],
    [{ currency: 'EUR' }, 'currency must be'],
    [{ method: 'INSTANT', currency: 'USD' }, 'currency must be AZN'],
    [{ orderId: 'a/b' }, 'orderId must be'],
    [{ returnUrl: 'javascript:alert(1)' }, 'returnUrl must be'],
    [{ expiresAt: start }, 'in the future'],
  ])('refuses %o', async (changes, why) => {
    const { status, json } = await bank.post('/orders', orderOf(changes))
    expect(status).toBe(400)
    expect(json.message).toContain(why)
  })

  it('refuses what is no JSON, too long, unknown, or for another host', async () => {
    expect((await bank.ask('POST', '/orders', { body: '{' })).status).toBe(400)
    expect((await bank.ask('POST', '/orders', { body: 'x'.repeat(70_000) })).status).toBe(413)
    expect((await bank.get('/orders/nobody')).json.error).toBe('unknown_order')
    expect((await bank.get('/settlements/2026-13-01')).status).toBe(400)
    expect((await bank.get('/constructor')).status).toBe(404)
    const status = new Promise((settle) =>
      request(`${bank.address}/requests`, { headers: { host: 'bank.example' } }, (answer) => {
        answer.resume()
        settle(answer.statusCode)
      }).end(),
    )
    expect(await status).toBe(421)
  })

  it('expires an order, and cancels one that is pending', async () => {
    const [late, cancelled, captured] = [await placed(), await placed(), await paid()]
    expect((await bank.post(`${cancelled.path}/cancel`, {})).json).toEqual({ state: 'CANCELLED' })
    expect((await bank.post(`${captured.path}/cancel`, {})).json).toEqual({ state: 'CAPTURED' })
    bank.goTo('2026-11-30T08:30:00Z')
    expect((await statusOf(late)).state).toBe('EXPIRED')
    expect(await (await fetch(late.checkoutUrl)).text()).toContain('The time to pay is over')
    expect((await bank.post(`/sandbox/${late.orderId}/capture`, {})).json).toEqual({ state: 'CAPTURED' })
  })
})

describe('Signature at the sandbox bank', () => {
  const path = '/orders/nobody'
  it.each<[string, Parameters<typeof bank.ask>[2], string]>([
    ['another secret', { signing: { secret: 'of another' } }, 'wrong_signature'],
    ['another merchant', { signing: { merchant: 'somebody' } }, 'unknown_merchant'],
    ['an old time stamp', { signing: { now: () => new Date('2026-11-30T07:54:59Z') } }, 'stale_timestamp'],
    ['a time stamp of the future', { signing: { now: () => new Date('2026-11-30T08:05:01Z') } }, 'stale_timestamp'],
    ['a changed time stamp', { headers: { 'x-timestamp': '1795000000' } }, 'wrong_signature'],
    ['a changed nonce', { headers: { 'x-nonce': '0123456789abcdef' } }, 'wrong_signature'],
    ['a signature of another length', { headers: { 'x-signature': 'ab' } }, 'wrong_signature'],
    ['no signature', { headers: { 'x-signature': '' } }, 'wrong_signature'],
    ['a short nonce', { headers: { 'x-nonce': '1' } }, 'malformed_signature'],
  ])('refuses %s', async (_, asking, error) => {
    expect(await bank.ask('GET', path, asking)).toMatchObject({ status: 401, json: { error } })
  })

  it('refuses a body, a path or a method that was not signed, and a nonce that repeats', async () => {
    const { ask } = bank
    const headers: Record<string, string> = {}
    const fetched = vi.spyOn(globalThis, 'fetch').mockImplementationOnce(async (_url, init) => {
      Object.assign(headers, init?.headers)
      return new Response('{}')
    })
    await ask('POST', path, { body: '{"a":1}' })
    fetched.mockRestore()
    const refused = async (method: string, to: string, body: string) =>
      (await (await fetch(`${bank.address}${to}`, { method, headers, body })).json()).error
    expect(await refused('POST', path, '{"a":2}')).toBe('wrong_signature')
    expect(await refused('POST', `${path}?x`, '{"a":1}')).toBe('wrong_signature')
    expect(await refused('PUT', path, '{"a":1}')).toBe('wrong_signature')
    expect(await refused('POST', path, '{"a":1}')).toBe('not_found')
    expect(await refused('POST', path, '{"a":1}')).toBe('replayed_nonce')
  })
})

describe('Refunds at the sandbox bank', () => {
  it('refunds in parts up to the amount, once for each id', async () => {
    const order = await paid()
    const refund = (refundId: string, amount: string) => bank.post(`${order.path}/refunds`, { refundId, amount })
    const first = await refund('F1', '3000')
    expect(first).toMatchObject({ status: 200, json: { refundId: 'F1', amount: '3000', state: 'DONE' } })
    expect(await refund('F1', '3000')).toEqual(first)
    expect((await refund('F1', '3001')).json.error).toBe('different_refund')
    expect((await refund('F2', '4001')).json).toEqual({
      error: 'amount_too_high',
      message: '4000 is left to refund; got 4001',
    })
    expect((await refund('F2', '4000')).json.state).toBe('DONE')
    expect((await statusOf(order)).refunds.map(({ refundId }: any) => refundId)).toEqual(['F1', 'F2'])
    expect((await bank.post(`/sandbox/${order.orderId}/reverse`, {})).json.error).toBe('nothing_left')
    const pending = await placed()
    expect((await bank.post(`${pending.path}/refunds`, { refundId: 'F3', amount: '1' })).json.error).toBe(
      'not_captured',
    )
  })

  it('leaves refunds pending in trouble, finishes them after it, and lets others fail', async () => {
    const order = await paid()
    const refund = (refundId: string, amount: string) => bank.post(`${order.path}/refunds`, { refundId, amount })
    bank.set('refunds-pending')
    expect((await refund('F1', '5000')).json.state).toBe('PENDING')
    expect((await refund('F2', '2001')).json.error).toBe('amount_too_high')
    bank.set('up')
    expect((await statusOf(order)).refunds[0].state).toBe('DONE')
    bank.set('refunds-failing')
    expect((await refund('F3', '2000')).json.state).toBe('FAILED')
    bank.set('up')
    expect((await refund('F3', '2000')).json.state).toBe('FAILED')
    expect((await refund('F4', '2000')).json.state).toBe('DONE')
  })
})

describe('Disputes and reversals at the sandbox bank', () => {
  it.each([
    [['reverse'], ['REVERSED'], ['captured', 'reversed']],
    [
      ['dispute', 'won'],
      ['DISPUTED', 'CAPTURED'],
      ['captured', 'disputed', 'dispute_won'],
    ],
    [
      ['dispute', 'lost'],
      ['DISPUTED', 'REVERSED'],
      ['captured', 'disputed', 'reversed'],
    ],
  ])('plays %j', async (acts, states, events) => {
    const order = await paid()
    await heard(1, order)
    for (const [at, act] of acts.entries()) {
      expect((await bank.post(`/sandbox/${order.orderId}/${act}`, {})).json).toEqual({ state: states[at] })
      await heard(at + 2, order)
    }
    expect((await heard(events.length, order)).map(({ event }) => event)).toEqual(events)
    expect((await bank.post(`/sandbox/${order.orderId}/won`, {})).json.error).toBe('wrong_state')
  })
})

describe('The client of banks', () => {
  it('opens, asks about, refunds, ends and settles orders of the sandbox bank, and knows its callbacks', async () => {
    const { BANK: settings } = sandboxProviders(bank, Number(new URL(bank.address).port))
    const now = () => new Date(start)
    const client = openBank('BANK', settings!, { now, log: { info() {}, warn() {} } })
    const order = {
      ...orderOf(),
      amount: 7000n,
      method: PaymentMethod.CARD,
      expiresAt: new Date('2026-11-30T08:30:00Z'),
    }
    const { orderId } = order
    const session = await client.open(order)
    expect(await client.open(order)).toEqual(session)
    expect(await client.statusOf('nobody')).toBeNull()
    const token = await tokenAt(session.checkoutUrl!)
    await form(session.checkoutUrl!, { token, card: 'pays', act: 'pay' })
    const [callback] = await heard(1, order)
    expect(client.nonceOf(callback!.headers as any, { ...callback!, method: 'POST' })).toBe(
      callback!.headers['x-nonce'],
    )
    const asked = { orderId, refundId: `F-${orderId}`, amount: 1500n }
    const refund = { refundId: asked.refundId, amount: 1500n, state: 'DONE', at: now() }
    expect(await client.refund(asked)).toEqual(refund)
    await client.endOrder(orderId)
    const status = { merchant: 'pencere', state: 'CAPTURED', amount: 7000n, currency: 'AZN', refunds: [refund] }
    expect(await client.statusOf(orderId)).toMatchObject({ ...status, capturedAt: now() })
    const entries: SettlementEntry[] = []
    const totals = await client.settlementOf('2026-11-30', async (some) => void entries.push(...some))
    const sum = entries.reduce((all, { kind, amount }) => (kind === 'CAPTURE' ? all + amount : all - amount), 0n)
    expect(totals).toEqual({ AZN: sum })
    expect(entries.filter((entry) => entry.orderId === orderId)).toMatchObject([
      { kind: 'CAPTURE', amount: 7000n },
      { kind: 'REFUND', refundId: asked.refundId, amount: 1500n },
    ])
    await client.close()
  })
})

describe('bankCommand', () => {
  const config = { ...configFrom({ DATA_DIR: bank.dataDir }), dataDir: bank.dataDir }
  const command = async (...given: string[]) => await sandboxCommand(['bank', ...given], config)

  it('sets the state of the bank, and plays what it decides', async () => {
    expect(await command('silent')).toMatch(/^ {2}bank +silent +never calls back$/)
    expect(bankTroubleOf(bank.dataDir)).toBe('silent')
    expect(await command('up')).toBe(await command())
    await expect(command('reverse')).rejects.toThrow(/^bank requires a state, or one of/)
    await expect(command('reverse', 'a/b')).rejects.toThrow(/got "reverse a\/b"$/)
    await expect(command('dispute', 'P26-1', 'drawn')).rejects.toThrow(/got "dispute P26-1 drawn"$/)
    const order = await paid()
    bank.goTo(new Date().toISOString())
    await expect(command('reverse', 'nobody')).rejects.toThrow('the bank refuses: no order has this id')
    expect(await command('dispute', order.orderId)).toBe(`  ${order.orderId}  DISPUTED`)
    expect(await command('dispute', order.orderId, 'lost')).toBe(`  ${order.orderId}  REVERSED`)
    bank.goTo(start)
    const { orderId } = await paid({ orderId: randomUUID() })
    bank.goTo(new Date().toISOString())
    expect(await command('reverse', nodeIdOf('Payment', orderId))).toBe(`  ${orderId}  REVERSED`)
  })

  it('is refused with banks of PAYMENT_PROVIDERS', () => {
    expect(() => sandboxCommand(['bank', 'down'], { ...config, paymentProviders: {} })).toThrow(/a bank of its own/)
  })
})

describe('Settlement of the sandbox bank', () => {
  it('lists what moved money on a legal date, and adds up', async () => {
    bank.goTo('2027-01-01T19:59:59Z') // 23:59:59 in Baku
    const later = { expiresAt: '2027-01-02T00:00:00Z' }
    const first = await paid(later)
    await bank.post(`${first.path}/refunds`, { refundId: 'F1', amount: '2500' })
    await paid({ ...later, currency: 'USD', amount: '100' })
    bank.goTo('2027-01-01T20:00:00Z')
    const next = await paid({ ...later, amount: '1' })
    await bank.post(`/sandbox/${first.orderId}/reverse`, {})
    const linesOf = async (day: string) =>
      (await bank.get(`/settlements/${day}`)).text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
    expect(await linesOf('2027-01-01')).toMatchObject([
      { kind: 'CAPTURE', orderId: first.orderId, amount: '7000', currency: 'AZN', at: '2027-01-01T19:59:59.000Z' },
      { kind: 'REFUND', orderId: first.orderId, refundId: 'F1', amount: '2500', currency: 'AZN' },
      { kind: 'CAPTURE', amount: '100', currency: 'USD' },
      { entries: 3, totals: { AZN: '4500', USD: '100' } },
    ])
    expect(await linesOf('2027-01-02')).toMatchObject([
      { kind: 'CAPTURE', orderId: next.orderId },
      { kind: 'REVERSAL', orderId: first.orderId, amount: '4500' },
      { entries: 2, totals: { AZN: '-4499' } },
    ])
    expect(await linesOf('2027-01-03')).toEqual([{ entries: 0, totals: {} }])
  })
})

const captured = (order: { orderId: string }) => ({ orderId: order.orderId, event: 'captured' })

describe('Journal of the sandbox bank', () => {
  it('brings everything back after a kill, and cuts a line that was not finished', async () => {
    const order = await paid()
    await bank.post(`${order.path}/refunds`, { refundId: 'F1', amount: '2000' })
    const pending = await placed()
    await heard(2, order)
    const before = [await statusOf(order), await statusOf(pending), (await bank.get('/settlements/2026-11-30')).text]
    const journal = join(bank.dataDir, 'bank.journal')
    let lines = 0
    await bank.restart(() => {
      lines = readFileSync(journal, 'utf8').split('\n').length
      appendFileSync(journal, '{"entryId":"9999","kind":"CAPT')
    })
    expect([await statusOf(order), await statusOf(pending), (await bank.get('/settlements/2026-11-30')).text]).toEqual(
      before,
    )
    expect((await bank.post('/orders', orderOf({ orderId: pending.orderId }))).json.sessionId).toBe(pending.sessionId)
    expect((await bank.post(`${order.path}/refunds`, { refundId: 'F1', amount: '2000' })).json.state).toBe('DONE')
    expect(readFileSync(journal, 'utf8').split('\n').length).toBe(lines)
    expect(
      await form(pending.checkoutUrl, { token: await tokenAt(pending.checkoutUrl), card: 'pays', act: 'pay' }),
    ).toMatchObject({ status: 303 })
    expect((await statusOf(pending)).state).toBe('CAPTURED')
    await heard(1, pending)
  })

  it('calls back after a restart what nobody heard', async () => {
    merchant.answers(() => 503)
    const order = await paid()
    await vi.waitFor(() => expect(merchant.heard.length).toBeGreaterThan(1))
    await bank.restart(() => {
      merchant.answers(() => 200)
      merchant.heard.length = 0
    })
    expect(await heard(1, order)).toMatchObject([captured(order)])
    await bank.restart()
    expect(await statusOf(order)).toMatchObject({ state: 'CAPTURED' })
    await heard(1, order)
  })
})

describe('Callbacks of the sandbox bank', () => {
  it('are signed over the raw body, and repeated until the merchant answers with 2xx', async () => {
    let attempts = 0
    merchant.answers(() => (++attempts < 3 ? 500 : 204))
    const order = await paid()
    const calls = await heard(3, order)
    const check = signatureCheck({ merchant: 'pencere', secret: bank.secret, now: () => new Date(start) })
    for (const { headers, body, path } of calls)
      expect(check(headers as any, { method: 'POST', path, body })).toBeUndefined()
    expect(JSON.parse(calls[2]!.body)).toEqual({ ...captured(order), sentAt: '2026-11-30T08:00:00.000Z' })
  })

  it('come twice, in another order, never, or as a lie', async () => {
    bank.set('doubled')
    const twice = await paid()
    expect(await heard(2, twice)).toMatchObject([captured(twice), captured(twice)])
    bank.set('silent')
    const silent = await paid()
    bank.set('shuffled')
    const three = [await paid(), await paid(), await paid()]
    expect(await heard(3, ...three)).toMatchObject(three.reverse().map(captured))
    await heard(0, silent)
    bank.set('lying')
    const lie = await placed()
    expect(await heard(1, lie)).toMatchObject([captured(lie)])
    expect((await statusOf(lie)).state).toBe('PENDING')
  })
})

describe('Trouble of the sandbox bank', () => {
  it('resets, fails, says another amount, and says yes and then no', async () => {
    const order = await paid()
    bank.set('down')
    await expect(bank.get(order.path)).rejects.toThrow()
    bank.set('failing')
    expect((await bank.get(order.path)).status).toBe(500)
    bank.set('slow')
    expect((await bank.get(order.path)).status).toBe(200)
    bank.set('wrong-amount')
    expect((await statusOf(order)).amount).toBe('7001')
    bank.set('flip')
    expect((await statusOf(order)).state).toBe('CAPTURED')
    expect(await statusOf(order)).toMatchObject({ state: 'REVERSED', reversedAt: expect.any(String) })
  })
})

describe('Checkout of the sandbox bank', () => {
  it.each([
    ['no-money', 'insufficient_funds'],
    ['blocked', 'card_blocked'],
  ])('declines the card %s', async (card, declineReason) => {
    const order = await placed()
    const answer = await form(order.checkoutUrl, { token: await tokenAt(order.checkoutUrl), card, act: 'pay' })
    expect([answer.status, answer.headers.get('location')]).toEqual([303, order.returnUrl])
    expect(await statusOf(order)).toMatchObject({ state: 'DECLINED', declineReason, capturedAt: null })
  })

  it('asks for a code by 3-D Secure, three times at most', async () => {
    const [right, wrong] = [await placed(), await placed()]
    for (const order of [right, wrong]) {
      const token = await tokenAt(order.checkoutUrl)
      const next = await form(order.checkoutUrl, { token, card: 'secure', act: 'pay' })
      const confirm = `${bank.address}${next.headers.get('location')}`
      const code = /<strong>(\d{6})<\/strong>/.exec(await (await fetch(confirm)).text())?.[1] ?? ''
      const other = code === '000000' ? '000001' : '000000'
      const send = (code: string) => form(confirm, { token, code, act: 'confirm' })
      expect((await send(other)).status).toBe(422)
      expect(await (await send(other)).text()).toContain('1 attempt is left')
      expect((await send(order === right ? code : other)).status).toBe(303)
    }
    expect((await statusOf(right)).state).toBe('CAPTURED')
    expect(await statusOf(wrong)).toMatchObject({ state: 'DECLINED', declineReason: 'authentication_failed' })
  })

  it('accepts a form from its own page alone, once', async () => {
    const [order, other] = [await placed(), await placed()]
    const token = await tokenAt(order.checkoutUrl)
    const foreign: Record<string, string>[] = [{}, { token: '' }, { token: await tokenAt(other.checkoutUrl) }]
    for (const fields of foreign)
      expect((await form(order.checkoutUrl, { card: 'pays', act: 'pay', ...fields })).status).toBe(403)
    expect((await form(order.checkoutUrl, { token, card: 'another', act: 'pay' })).status).toBe(400)
    expect((await fetch(order.checkoutUrl, { method: 'DELETE' })).status).toBe(405)
    expect((await statusOf(order)).state).toBe('PENDING')
    const cancelled = await form(order.checkoutUrl, { token, act: 'cancel' })
    expect(cancelled.headers.get('location')).toBe(order.returnUrl)
    await form(order.checkoutUrl, { token, card: 'pays', act: 'pay' })
    expect((await statusOf(order)).state).toBe('CANCELLED')
    const unknown = await fetch(`${bank.address}/checkout/unknown`, { headers: { 'accept-language': 'en' } })
    expect([unknown.status, await unknown.text()]).toEqual([
      404,
      expect.stringContaining('This payment page cannot be shown'),
    ])
  })

  it('escapes what the merchant says, and may not be framed', async () => {
    const order = await placed()
    const answer = await fetch(order.checkoutUrl)
    const html = await answer.text()
    expect(html).toContain('Identity card &lt;b&gt;&quot;quick&quot;&lt;/b&gt;')
    expect(html).toContain('70.00&nbsp;AZN')
    expect(html).toContain('12:30 (30 min left)')
    expect(answer.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-.*frame-ancestors 'none'/,
    )
    expect(await (await fetch(`${order.checkoutUrl}?lang=ru`)).text()).toContain('Оплатить 70,00&nbsp;AZN')
  })

  it('lists instant payments for approval or refusal', async () => {
    const [approved, declined] = [
      await placed({ method: 'INSTANT', alias: '+994 TEST' }),
      await placed({ method: 'INSTANT' }),
    ]
    expect(approved).not.toHaveProperty('checkoutUrl')
    const page = async () => await (await fetch(`${bank.address}/requests?lang=en`)).text()
    const html = await page()
    for (const [{ sessionId }, act] of [
      [approved, 'approve'],
      [declined, 'decline'],
    ] as const) {
      const [, token = ''] = new RegExp(`/requests/${sessionId}[^]*?name="token" value="(\\w+)"`).exec(html) ?? []
      // The first answer counts.
      for (const sent of [act, 'decline', 'approve'])
        expect((await form(`${bank.address}/requests/${sessionId}`, { token, act: sent })).status).toBe(303)
    }
    expect((await statusOf(approved)).state).toBe('CAPTURED')
    expect(await heard(1, approved)).toMatchObject([captured(approved)])
    expect(await statusOf(declined)).toMatchObject({ state: 'DECLINED', declineReason: 'declined_by_payer' })
    expect(await page()).toContain('There are no open requests.')
  })
})
