import { eq } from 'drizzle-orm'
import { beforeEach, describe, expect, it } from 'vitest'
import { registries } from '../../src/agencies/registry.table.js'
import { TrafficFineState } from '../../src/exchange/registries/traffic.js'
import { keyToEncrypt } from '../../src/identity/parties/party.js'
import { raiseCharge } from '../../src/payments/charges/charge.repository.js'
import { ChargeState, ChargeSubject, charges } from '../../src/payments/charges/charge.table.js'
import { unpayableFine } from '../../src/payments/fines/fine.rules.js'
import { addUnknownFine, findUnknownFine, mostUnknownFines } from '../../src/payments/fines/unknownFines.js'
import { decrypt } from '../../src/platform/personal.js'
import { rates as usual } from '../../src/platform/rates.js'
import { type Change, FailureReason, type Message, unconnected } from '../../src/shared/exchange.js'
import { apiOf } from '../support/api.js'
import { partyOfFin } from '../support/appointed.js'
import { cloneDatabase } from '../support/database.js'
import { everythingAsText } from '../support/everything.js'
import { exchangeOfTest } from '../support/exchange.js'
import { keyringOfFile as keyring } from '../support/server.js'

const database = await cloneDatabase()
const { db, client } = database
const world = exchangeOfTest()
let now = new Date('2026-11-25T08:00:00Z')
const rates = { ...usual, lookUps: { points: 3, seconds: 600 } }
const ask = await apiOf(database, { rates, exchange: world.exchange, keyring, now: () => now })
const [{ agencyId } = { agencyId: '' }] = await db.select().from(registries).where(eq(registries.code, 'FINES'))

const fine = { series: 'AA', number: '0000001', amount: '40.00', currency: 'AZN', dueOn: '2026-12-01', state: 'UNPAID' }
const isOfCompany = ({ query }: Message) => query?.voen === undefined || query.voen === '9900000141'
const registry = (message: Message | Change) =>
  message.path.join('/') === 'protocols/AA/0000001' && isOfCompany(message as Message) ? fine : null

const query = `query ($by: FindChargeInput!) { findCharge(by: $by) {
  record { payable reason money { amount currency } dueOn agency { code } kind }
  provenance { service legalBasis fetchedAt } unavailable { reason retryAt registry { code } } } }`
let addresses = 0
/** Each from an address of its own: limits have their own tests. */
const find = (by: object) =>
  ask(query, { language: 'en', variables: { by }, remoteAddress: `2001:db8:0:${(++addresses).toString(16)}::1` })
const findFine = async (more: object = {}) => {
  const { data, errors } = await find({ fine: { series: 'AA', number: '0000001', ...more } })
  expect(errors).toBeUndefined()
  return data.findCharge
}

beforeEach(async () => {
  world.saying.set('FINES', registry)
  world.failing.clear()
  world.counted()
  now = new Date(now.getTime() + 3_600_000)
  await client`truncate rate_limits`
})

describe('unpayableFine', () => {
  it.each<[keyof typeof TrafficFineState, ChargeState | null, string | null]>([
    ['UNPAID', null, null],
    ['UNPAID', ChargeState.OPEN, null],
    ['UNPAID', ChargeState.PAID, 'PAID'],
    ['PAID', null, 'PAID'],
    ['PAID', ChargeState.OPEN, 'PAID'],
    ['CANCELLED', null, 'CANCELLED'],
    ['EXPIRED', null, 'EXPIRED'],
    ['OTHER', null, 'OTHER'],
  ])('takes a fine that is %s, with a charge that is %s, as unpayable for the reason %s', (state, charged, reason) => {
    expect(unpayableFine({ state: TrafficFineState[state] }, charged)).toBe(reason)
  })
})

describe('findCharge for a fine', () => {
  it('finds it for anybody who has its protocol, in any spelling, and writes nothing', async () => {
    const before = await everythingAsText(client)
    expect(await findFine({ series: ' aa', number: '000-0001' })).toEqual({
      record: {
        payable: true,
        reason: null,
        money: { amount: '40.00', currency: 'AZN' },
        dueOn: '2026-12-01',
        agency: { code: 'BDYPI' },
        kind: 'FINE',
      },
      provenance: {
        service: 'TEST/GOV/FINES/test/fines',
        legalBasis: expect.stringContaining('without signing in'),
        fetchedAt: now.toISOString(),
      },
      unavailable: null,
    })
    expect(world.asked.map(({ message }) => [message.userId, message.path, message.query])).toEqual([
      ['anonymous', ['protocols', 'AA', '0000001'], {}],
    ])
    await client`truncate rate_limits`
    expect(await everythingAsText(client)).toBe(before)
  })

  it.each([
    ['a Cyrillic letter', { series: 'АA' }, 'protocol_series.character', 'type the Latin “A” instead'],
    ['a series that is too long', { series: 'A'.repeat(100_000) }, 'protocol_series.length', ''],
    ['a number that is too long', { number: '9'.repeat(100_000) }, 'protocol_number.length', ''],
    ['an empty number', { number: ' - ' }, 'protocol_number.missing', 'Enter the number'],
    ['a path in the number', { number: '../1' }, 'protocol_number.character', 'Character 1'],
    ['half a surrogate pair', { number: '1\ud800' }, 'protocol_number.character', 'Character 2'],
    ['a malformed VÖEN', { voen: '99' }, 'voen.length', 'VÖEN'],
    ['a document with a full-width digit', { document: '１' }, 'document_number.character', 'Character 1'],
  ])('refuses %s with the correction, and asks nobody', async (_, more, reason, message) => {
    const { errors } = await find({ fine: { series: 'AA', number: '1', ...more } })
    expect(errors).toMatchObject([
      { message: expect.stringContaining(message), extensions: { code: 'BAD_USER_INPUT', reason } },
    ])
    expect(world.counted()).toEqual({})
  })

  it.each([{}, { fine: null }, { fine: { series: 'A', number: '1' }, charge: { number: '1', code: '1' } }])(
    'requires exactly one field: %j',
    async (by) => {
      const { errors } = await find(by)
      expect([errors?.[0]?.extensions.code, world.counted()]).toEqual(['BAD_USER_INPUT', {}])
    },
  )

  it('answers alike for an unknown number and a wrong second factor, and asks again only after five minutes', async () => {
    const asked = now
    const unknown = () => findFine({ number: '2' })
    const wrong = () => findFine({ voen: '9900000271' })
    const none = {
      record: null,
      provenance: expect.objectContaining({ fetchedAt: asked.toISOString() }),
      unavailable: null,
    }
    for (const _ of [1, 2]) {
      expect(await unknown()).toEqual(none)
      expect(await wrong()).toEqual(none)
    }
    expect(world.counted()).toEqual({ FINES: 2 })
    expect((await findFine({ voen: '9900000141' })).record.payable).toBe(true)
    now = new Date(now.getTime() + 299_999)
    expect(await unknown()).toEqual(none)
    expect(world.counted()).toEqual({ FINES: 1 })
    now = new Date(now.getTime() + 1)
    await unknown()
    expect(world.counted()).toEqual({ FINES: 1 })
  })

  it('says as data that the registry does not answer, and does not take that for an unknown number', async () => {
    world.failing.set('FINES', FailureReason.DOWN)
    expect(await findFine()).toEqual({
      record: null,
      provenance: null,
      unavailable: { reason: 'DOWN', retryAt: '2026-11-25T12:00:30.000Z', registry: { code: 'FINES' } },
    })
    world.failing.clear()
    expect((await findFine()).record.payable).toBe(true)
  })

  it('shows nobody the fine of another protocol', async () => {
    world.saying.set('FINES', () => ({ ...fine, number: '0000002' }))
    expect(await findFine()).toMatchObject({ record: null, unavailable: { reason: 'INVALID_ANSWER' } })
  })

  it('asks nothing while no law permits it', async () => {
    await client`update legal_grounds set valid_to = '2020-01-01' where code = 'PAY-FINES'`
    expect(await findFine()).toMatchObject({ record: null, unavailable: { reason: 'NOT_PERMITTED' } })
    await client`update legal_grounds set valid_to = null where code = 'PAY-FINES'`
    expect(world.counted()).toEqual({})
  })

  it('returns RATE_LIMITED above the limit of one address, and spends no more of the limits of others', async () => {
    const from = (remoteAddress: string, number: string) =>
      ask(query, { variables: { by: { fine: { series: 'BB', number } } }, remoteAddress })
    for (let count = 0; count < 3; count++) await from('192.0.2.1', String(count))
    world.counted()
    const { data, errors } = await from('192.0.2.1', 'X')
    expect([data.findCharge, errors?.[0]?.extensions.code, world.counted()]).toEqual([null, 'RATE_LIMITED', {}])
    expect((await from('192.0.2.2', 'X')).errors).toBeUndefined()
  })
})

describe('The limit of one fine', () => {
  it('stops guesses of its second factor, and nobody who pays it', async () => {
    const from = (remoteAddress: string, more: object) =>
      ask(query, { variables: { by: { fine: { series: 'CC', number: '7', ...more } } }, remoteAddress })
    const guesses = Array.from({ length: 21 }, (_, at) =>
      from(`192.0.2.${100 + at}`, { document: `AA${1000000 + at}` }),
    )
    const codes = (await Promise.all(guesses)).map(({ errors }) => errors?.[0]?.extensions.code)
    expect(codes.filter((code) => code === 'RATE_LIMITED')).toHaveLength(1)
    expect((await from('192.0.2.99', {})).errors).toBeUndefined()
  })
})

describe('findCharge by number and code', () => {
  async function raised() {
    const partyId = await partyOfFin(database, 'TEST001')
    const charge = await db.transaction((tx) =>
      raiseCharge(
        tx,
        keyring,
        {
          agencyId,
          partyId,
          subjectType: ChargeSubject.OTHER,
          reference: `R-${Math.random()}`,
          currency: 'USD',
          payBy: new Date('2026-12-09T20:00:00Z'),
          lines: [{ name: { az: 'Sınaq' }, amount: 2450n }],
        },
        { at: now, actor: 'a test' },
      ),
    )
    const key = await db.transaction((tx) => keyToEncrypt(tx, keyring, partyId))
    const { code } = decrypt(key, charges, charge!)
    return { number: charge!.number, code: code as string }
  }

  it('finds it for anybody, and nothing personal of it', async () => {
    const { number, code } = await raised()
    const { data } = await find({ charge: { number: number.toLowerCase(), code: code.replaceAll('-', ' ') } })
    expect(data.findCharge).toEqual({
      record: {
        payable: true,
        reason: null,
        money: { amount: '24.50', currency: 'USD' },
        dueOn: '2026-12-10',
        agency: { code: 'BDYPI' },
        kind: 'OTHER',
      },
      provenance: null,
      unavailable: null,
    })
    await client`update charges set state = 'CANCELLED', ended_at = now() where number = ${number}`
    const { record } = (await find({ charge: { number, code } })).data.findCharge
    expect(record).toMatchObject({ payable: false, reason: 'CANCELLED' })
  })

  it('answers alike for an unknown number and a wrong code', async () => {
    const [one, other] = [await raised(), await raised()]
    const wrong = [
      { number: one.number, code: other.code },
      { number: one.number, code: '' },
      { number: 'C26-0000000-0', code: one.code },
      { number: 'x'.repeat(100_000), code: one.code },
    ]
    for (const charge of wrong)
      expect((await find({ charge })).data.findCharge).toEqual({ record: null, provenance: null, unavailable: null })
  })
})

describe('Unknown fines', () => {
  it('are bounded in number: the oldest is forgotten', () => {
    const exchange = { ...unconnected }
    const at = new Date()
    const unknown = { messageId: 'm', requestHash: null, service: 's', at }
    for (let count = 0; count <= mostUnknownFines; count++) addUnknownFine(exchange, String(count), unknown)
    expect([0, 1, mostUnknownFines].map((fine) => findUnknownFine(exchange, String(fine), 0) !== undefined)).toEqual([
      false,
      true,
      true,
    ])
  })
})
