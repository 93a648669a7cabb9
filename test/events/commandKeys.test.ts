import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { Keyring } from '../../src/platform/keyring.js'
import { keyring, openPostOffice, payload, within } from '../engine/commandWorld.js'

const { database, asks, sends, standing } = await openPostOffice()
const idempotencyKey = 'key-of-ann-1'
const one = { letters: 1, events: 1, keys: 1 }
const hello = { idempotencyKey, text: 'hello' }

describe('A stored command key', () => {
  it('holds neither the input nor the secret', async () => {
    await sends({ ...hello, text: 'a well-kept text' })
    const [row] = await database.client<{ all: string }[]>`
      select string_agg(k::text, '') || (select string_agg(e::text, '') from events e) as all from command_keys k`
    expect(row?.all).toContain(idempotencyKey)
    expect(row?.all).not.toMatch(/well-kept/)
  })

  it('has different digests for equal inputs', async () => {
    for (const key of ['key-of-ann-1', 'key-of-ann-2']) await sends({ idempotencyKey: key, text: 'hello' })
    const rows = await database.client`select distinct digest from command_keys`
    expect(rows).toHaveLength(2)
  })
})

describe('A rotated keyring', () => {
  const old = keyring.current('commands')
  const fresh = { id: 'fresh', secret: Buffer.alloc(32, 7) }
  const ringOf = (...keys: [typeof old, ...(typeof old)[]]) =>
    new Keyring({ wrapping: keys, blindIndex: keys, commands: keys, accessLog: keys })

  it('recognises earlier command keys by its previous secret', async () => {
    await sends(hello)
    const turned = { keyring: ringOf(fresh, old) }
    expect(await sends(hello, turned)).toMatchObject({ replayed: true })
    expect(await sends({ ...hello, text: 'bye' }, turned)).toMatchObject({ userErrors: [{ code: 'KEY_REUSED' }] })
    await sends({ idempotencyKey: 'key-of-ann-2', text: 'hello' }, turned)
    expect(await database.client`select digest_key from command_keys order by key`).toEqual([
      { digest_key: 'test' },
      { digest_key: 'fresh' },
    ])
  })

  it('without its previous secret does nothing twice', async () => {
    await sends(hello)
    expect(await sends(hello, { keyring: ringOf(fresh) })).toMatchObject({ code: 'INTERNAL_SERVER_ERROR' })
    expect([within.acts, await standing()]).toEqual([1, one])
  })
})

describe('An input with a used key', () => {
  const sent = (input: string) => asks(`mutation { sendLetter(input: { ${input} }) { ${payload} } }`)
  const key = `idempotencyKey: "${idempotencyKey}"`
  const first = `${key} text: "x" extras: { stamps: 1 weight: 2 } postAt: "2026-03-19T10:30:00Z" ways: ["BY_HAND"]`

  it.each([
    [
      'in another order',
      `ways: ["BY_HAND"] postAt: "2026-03-19T10:30:00Z" extras: { weight: 2 stamps: 1 } text: "x" ${key}`,
    ],
    ['with numbers in another notation', first.replace('weight: 2', 'weight: 2.0e0')],
    ['with a moment in another time zone', first.replace('10:30:00Z', '14:30:00.000+04:00')],
    ['with a list of one written without brackets', first.replace('["BY_HAND"]', '"BY_HAND"')],
    ['with a default left to the schema', first.replace('ways: ["BY_HAND"]', '')],
    ['with text in escapes', first.replace('"x"', '"\\u0078"')],
  ])('is the same %s', async (_, again) => {
    expect((await sent(first)).data.sendLetter).toMatchObject({ replayed: false, userErrors: [] })
    expect((await sent(again)).data.sendLetter).toMatchObject({ replayed: true, userErrors: [] })
  })

  it.each([
    ['another number', first.replace('weight: 2', 'weight: 2.5')],
    ['another moment', first.replace('10:30', '10:31')],
    ['one more item in a list', first.replace('["BY_HAND"]', '["BY_HAND", "BY_AIR"]')],
    ['null for an absent field', `${first} partyId: null`],
    ['two values exchanged', first.replace('stamps: 1 weight: 2', 'stamps: 2 weight: 1')],
  ])('is another with %s', async (_, other) => {
    await sent(first)
    expect((await sent(other)).data.sendLetter).toMatchObject({ userErrors: [{ code: 'KEY_REUSED' }] })
  })
})

describe('A key of an anonymous caller', () => {
  const by = 'sendParcel' as const
  const anonymous = { by, kind: 'ANONYMOUS' } as const
  const parcel = { ...hello, ways: ['BY_AIR'] }

  it('belongs to what the command says its input is about, whoever sends it', async () => {
    expect(await sends(parcel, { ...anonymous, as: 'ann' })).toMatchObject({ replayed: false, userErrors: [] })
    expect(await sends(parcel, { ...anonymous, as: 'ann' })).toMatchObject({ replayed: true, pickupCode: null })
    expect(await sends({ ...parcel, ways: ['BY_SEA'] }, { ...anonymous, as: 'ann' })).toMatchObject({ replayed: false })
    const other = { ...parcel, text: 'bye', partyId: 'another' }
    expect(await sends(other, { ...anonymous, as: 'ann' })).toMatchObject({ userErrors: [{ code: 'KEY_REUSED' }] })
    expect([within.acts, await standing()]).toEqual([2, { letters: 2, events: 2, keys: 2 }])
  })

  it('is no key of a caller who is known, and neither of a command that names nothing', async () => {
    await sends(parcel, { ...anonymous, as: 'ann' })
    expect(await sends(parcel, { by, as: 'ann' })).toMatchObject({ replayed: false })
    expect(await sends({ ...parcel, ways: ['BY_SEA'] }, { by, as: 'ann' })).toMatchObject({
      userErrors: [{ code: 'KEY_REUSED' }],
    })
    expect(await sends(hello, { kind: 'ANONYMOUS' })).toMatchObject({ code: 'UNAUTHENTICATED' })
  })

  it('makes one parcel of twenty equal requests at once, and fits its row however long its scope', async () => {
    const long = { ...parcel, ways: [randomBytes(5_000).toString('hex')] }
    const all = await Promise.all(Array.from({ length: 20 }, () => sends(long, { ...anonymous, as: 'ann' })))
    expect(all.filter(({ replayed }) => !replayed)).toHaveLength(1)
    expect(await standing()).toEqual({ letters: 1, events: 1, keys: 1 })
  })
})
