import { eq } from 'drizzle-orm'
import { v7 } from 'uuid'
import { beforeAll, describe, expect, test } from 'vitest'
import { commandKeys } from '../../src/events/commandKey.table.js'
import { deadlines } from '../../src/events/deadline.table.js'
import { record } from '../../src/events/record.js'
import { sweep } from '../../src/events/sequencer.js'
import { forgetParty, keysOf, keyToSeal, makeParty, PartyForgotten, rewrapParties } from '../../src/identity/party.js'
import { PartyKind, parties } from '../../src/identity/party.table.js'
import { freshKey, freshKeyring, keyringFrom, textOf } from '../../src/shared/keyring.js'
import { indexed, isIndexed, open, type PartyKey, type SealingKey, seal } from '../../src/shared/personal.js'
import { cloneDatabase } from '../support/database.js'
import { everythingAsText, formsOf } from '../support/everything.js'
import { makePeople, people } from '../support/people.js'

const database = await cloneDatabase()
const { client, db } = database
beforeAll(() => makePeople(client))

const keys = freshKeyring()
const keyring = keyringFrom(textOf(keys), 'KEYRING')
const rotated = keyringFrom(textOf({ ...keys, wrapping: [freshKey(keys.wrapping), ...keys.wrapping] }), 'KEYRING')
const now = new Date('2026-11-25T08:00:00Z')

const newParty = () => db.transaction((tx) => makeParty(tx, keyring, PartyKind.NATURAL_PERSON, now))
const forget = (id: string) => db.transaction((tx) => forgetParty(tx, id, now))
const keyOf = async (id: string, by = keyring) => (await keysOf(database, by, [id])).get(id)
const secretOf = async (id: string, by = keyring) => (await keyOf(id, by))?.secret

/** With all that the tables know of a person's doings, in ids. */
async function addPerson(key: SealingKey, name: string) {
  const nameIndex = indexed(keyring, people.nameIndex, name)
  const values = { id: v7(), partyId: key.party, name, nickname: `${name} too`, nameIndex }
  await db.transaction(async (tx) => {
    await tx.insert(people).values(seal(key, people, { ...values, answers: { pets: [name], rooms: 2 } }))
    const what = { domain: 'sandbox', type: 'person.added', subject: values.id, partyId: key.party, ids: {} }
    await record(tx, [{ ...what, at: now, actor: key.party }])
    await tx.insert(deadlines).values({ ...what, dueAt: now })
    await tx.insert(commandKeys).values({
      ...{
        caller: `person:${key.party}`,
        party: `person:${key.party}`,
        mutation: 'addPerson',
        key: `passport-${name.slice(-4)}`,
      },
      ...{ digest: 'x', digestKey: 'k1', made: { person: values.id }, at: now },
    })
  })
  await sweep(database, [{ name: 'look', on: ['person.added'], run: async () => {} }])
  return values
}

describe('a party that is forgotten', () => {
  test('leaves nothing readable in any table, and another opens as before', async () => {
    const [gone, stays] = [await newParty(), await newParty()]
    const [goner, stayer] = [await addPerson(gone, 'Somebody Gone'), await addPerson(stays, 'Somebody Here')]
    const [{ key: wrapped } = { key: null }] = await db.select().from(parties).where(eq(parties.id, gone.party))
    const found = (value: string, text: string) => formsOf(value).filter((form) => text.includes(form))

    const before = await everythingAsText(client)
    expect(before).toContain(goner.nameIndex)
    expect(before).toContain(wrapped!.toString('hex'))
    for (const secret of ['Somebody', gone.secret])
      for (const form of formsOf(secret)) expect(before).not.toContain(form)
    expect(found(gone.party, before)).not.toEqual([])

    expect(before).toContain('passport-Gone')

    expect(await forget(gone.party)).toBe(true)
    const after = await everythingAsText(client)
    for (const secret of ['Somebody', gone.secret, wrapped!])
      for (const form of formsOf(secret)) expect(after).not.toContain(form)
    expect(after).not.toContain(goner.nameIndex)
    expect(after).not.toContain('passport-Gone')
    expect(after).toContain('passport-Here')
    expect(await keyOf(gone.party)).toBeUndefined()
    expect(
      await db
        .select()
        .from(people)
        .where(isIndexed(keyring, people.nameIndex, goner.name)),
    ).toEqual([])

    const [row] = await db
      .select()
      .from(people)
      .where(isIndexed(keyring, people.nameIndex, stayer.name))
    const key = (await keyOf(stays.party)) as PartyKey
    expect(open(key, people, row!)).toMatchObject({ ...stayer, answers: { pets: ['Somebody Here'], rooms: 2 } })
  })

  test('is forgotten once, and nothing is sealed for it any more', async () => {
    const { party } = await newParty()
    expect(await forget(party)).toBe(true)
    expect(await forget(party)).toBe(false)
    expect(await forget(v7())).toBe(false)
    const sealing = (id: string) => db.transaction((tx) => keyToSeal(tx, keyring, id))
    await expect(sealing(party)).rejects.toThrow(new PartyForgotten(party))
    const stranger = v7()
    await expect(sealing(stranger)).rejects.toThrow(`a party is required to seal for; ${stranger} is none`)
    const [row] = await client`select kind, key, wrapped_by, forgotten_at from parties where id = ${party}`
    expect(row).toEqual({ kind: 'NATURAL_PERSON', key: null, wrapped_by: null, forgotten_at: '2026-11-25 08:00:00+00' })
  })

  test('is forgotten with what was being sealed for it at that moment', async () => {
    const { party } = await newParty()
    let forgotten: Promise<boolean> | undefined
    await db.transaction(async (tx) => {
      const key = await keyToSeal(tx, keyring, party)
      forgotten = forget(party)
      await expect.poll(waiting, { interval: 10 }).toBe(1)
      const nameIndex = indexed(keyring, people.nameIndex, 'late')
      await tx.insert(people).values(seal(key, people, { id: v7(), partyId: party, name: 'late', nameIndex }))
    })
    expect(await forgotten).toBe(true)
    expect(await client`select name_index from people where party_id = ${party}`).toEqual([{ name_index: null }])
  })
})

const waiting = async () =>
  (await client`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`).length

describe('the key of a party', () => {
  test('is found for many in one statement', async () => {
    const made = [await newParty(), await newParty(), await newParty()]
    database.statements.length = 0
    const found = await keysOf(database, keyring, [...made.map(({ party }) => party), v7()])
    expect(database.statements).toHaveLength(1)
    expect(found).toEqual(new Map(made.map((key) => [key.party, key])))
  })

  test('does not open for another party, nor by another installation’s keys', async () => {
    const [a, b] = [await newParty(), await newParty()]
    await client`update parties set key = (select key from parties where id = ${b.party}) where id = ${a.party}`
    await expect(secretOf(a.party)).rejects.toThrow(`parties.key of ${a.party} must be what was sealed there`)
    await expect(secretOf(b.party, keyringFrom(textOf(freshKeyring()), 'KEYRING'))).rejects.toThrow('parties.key of')
    await client`delete from parties where id = ${a.party}`
  })

  test('that cannot be unwrapped keeps no other from being read', async () => {
    const [a, b] = [await newParty(), await newParty()]
    await client`update parties set wrapped_by = 'k9' where id = ${a.party}`
    const found = await keysOf(database, keyring, [a.party, b.party])
    expect(found.get(b.party)).toEqual(b)
    const row = { id: v7(), name: seal(a, people, { id: v7(), partyId: a.party, name: 'x' }).name }
    expect(() => open(found.get(a.party) as PartyKey, people, row)).toThrow(
      'the keyring must hold the key k9 of wrapping; it does not',
    )
    await client`delete from parties where id = ${a.party}`
  })

  test('is wrapped anew by a new key, and the data under it is not touched', { timeout: 20_000 }, async () => {
    const key = await newParty()
    const { id } = await addPerson(key, 'Kept As It Was')
    // More than one batch.
    await db.transaction((tx) =>
      Promise.all(Array.from({ length: 501 }, () => makeParty(tx, keyring, PartyKind.LEGAL_ENTITY, now))),
    )
    const data = () => client`select xmin, name from people where id = ${id}`
    const [before, all] = [await data(), await client`select id from parties where key is not null`]

    const [one, two] = await Promise.all([rewrapParties(database, rotated), rewrapParties(database, rotated)])
    expect(one + two).toBe(all.length)
    expect(await client`select distinct wrapped_by from parties where key is not null`).toEqual([{ wrapped_by: 'k2' }])
    expect(await keyOf(key.party, rotated)).toEqual(key)
    await expect(secretOf(key.party, keyring)).rejects.toThrow(
      'the keyring must hold the key k2 of wrapping; it does not',
    )
    expect(await data()).toEqual(before)
    expect(await rewrapParties(database, rotated)).toBe(0)
    expect(await rewrapParties(database, keyring)).toBe(0)
  })
})
