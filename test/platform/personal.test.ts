import { randomBytes } from 'node:crypto'
import { eq } from 'drizzle-orm'
import type { Sql } from 'postgres'
import { v7 } from 'uuid'
import { beforeAll, describe, expect, expectTypeOf, it } from 'vitest'
import { makeParty } from '../../src/identity/parties/party.js'
import { PartyKind, parties } from '../../src/identity/parties/party.table.js'
import { freshKey, freshKeyring, keyringFrom, textOf } from '../../src/platform/keyring.js'
import {
  decrypt,
  decryptBytes,
  type Encrypted,
  type EncryptionKey,
  encrypt,
  encryptBytes,
  indexed,
  isIndexed,
  type PartyKey,
} from '../../src/platform/personal.js'
import { cloneDatabase } from '../support/database.js'
import { keyringOfTest } from '../support/keyring.js'
import { makePeople, people } from '../support/people.js'

const database = await cloneDatabase()
const { client, db } = database
beforeAll(() => makePeople(client))
const keyring = keyringOfTest()
const createdAt = new Date('2026-11-25T08:00:00Z')
const partyKey = () => db.transaction((tx) => makeParty(tx, keyring, PartyKind.NATURAL_PERSON, createdAt))
// As makeParty gives it.
const key = { party: v7(), secret: randomBytes(32) } as EncryptionKey
const row = { id: v7(), partyId: key.party, name: 'a name', nickname: null, language: 'az' }

describe('Personal columns', () => {
  it('are stored encrypted and read open, texts and JSON alike', async () => {
    const key = await partyKey()
    const answers = { pets: ['a cat'], rooms: 3 }
    const made = { id: v7(), partyId: key.party, name: 'Ə "quoted" \\ name', nickname: null, answers, language: 'az' }
    await db.insert(people).values(encrypt(key, people, made))
    const [stored] = await db.select().from(people).where(eq(people.id, made.id))
    expect(stored?.language).toBe('az')
    expect(stored?.nickname).toBeNull()
    expect(stored?.name.toString('latin1')).not.toContain('quoted')
    const opened = decrypt(key, people, stored!)
    expect(opened).toEqual({ ...made, nameIndex: null })
    expectTypeOf(opened.name).toEqualTypeOf<string>()
    expectTypeOf(opened.nickname).toEqualTypeOf<string | null>()
    expectTypeOf(opened.answers).toEqualTypeOf<{ pets: string[]; rooms: number } | null>()

    await db
      .update(people)
      .set(encrypt(key, people, { id: made.id, partyId: key.party, nickname: 'other' }))
      .where(eq(people.id, made.id))
    const [changed] = await db.select({ id: people.id, nickname: people.nickname }).from(people)
    expect(decrypt(key, people, changed!)).toEqual({ id: made.id, nickname: 'other' })
  })

  it('are encrypted differently each time, also for equal values', () => {
    const names = [encrypt(key, people, row), encrypt(key, people, row)].map(({ name }) => name.toString('hex'))
    expect(names[0]).not.toBe(names[1])
  })

  it('are encrypted under the key of their own party alone', () => {
    expect(() => encrypt({ ...key, party: v7() }, people, row)).toThrow(
      /must be encrypted under its own key; got that of/,
    )
  })

  it('are encrypted by a EncryptionKey, not by a PartyKey', () => {
    const toRead: PartyKey = key
    // @ts-expect-error: what is encrypted after its party was forgotten would stand there for good
    encrypt(toRead, people, row)
    expectTypeOf(decrypt).parameter(0).toEqualTypeOf<PartyKey>()
  })

  it('open whether the id is in upper or lower case', () => {
    const { name } = encrypt(key, people, { ...row, id: row.id.toUpperCase() }) as typeof people.$inferSelect
    expect(decrypt(key, people, { id: row.id, name })).toEqual({ id: row.id, name: 'a name' })
  })

  const refused = /cannot be decrypted: it was encrypted for another place or with another key$/
  it.each([
    ['under the key of another party', () => decrypt({ ...key, secret: randomBytes(32) }, people, encrypted())],
    ['in another row', () => decrypt(key, people, { ...encrypted(), id: v7() })],
    ['in another column', () => decrypt(key, people, { id: row.id, nickname: encrypted().name })],
    ['with a bit changed', () => decrypt(key, people, { id: row.id, name: flipped(encrypted().name) })],
    [
      'cut short',
      () => decrypt(key, people, { id: row.id, name: encrypted().name.subarray(0, -1) as Encrypted<string> }),
    ],
  ])('do not open %s', (_how, act) => {
    expect(act).toThrow(refused)
  })

  it('do not open in another table', () => {
    const place = { table: 'people', column: 'name', row: row.id }
    const bytes = encryptBytes(key.secret, Buffer.from('a name'), place)
    expect(decryptBytes(key.secret, bytes, place).toString()).toBe('a name')
    expect(() => decryptBytes(key.secret, bytes, { ...place, table: 'persons' })).toThrow(refused)
  })

  it('do not open in an unknown layout, and the error does not show them', () => {
    const other = Buffer.from(encrypted().name)
    other[0] = 2
    expect(() => decrypt(key, people, { id: row.id, name: other as Encrypted<string> })).toThrow(
      new Error(`people.name of ${row.id} must be of layout 1 and at least 29 bytes; it is of 2 and ${other.length}`),
    )
    expect(() => decrypt(key, people, { id: row.id, name: Buffer.of(1, 2) as Encrypted<string> })).toThrow(
      'is of 1 and 2',
    )
  })

  it.each([
    ['name', Buffer.from('a name that was forgotten to be encrypted')],
    ['name', Buffer.of(1, ...randomBytes(27))],
    ['name_index', 'a name'],
    ['name_index', `k1.${'A'.repeat(42)}`],
  ])('are refused by the database when %s is not encrypted: %s', async (column, value) => {
    const { party } = await partyKey()
    const { name } = encrypt({ ...key, party }, people, { ...row, partyId: party })
    const values = { id: v7(), party_id: party, name, [column]: value }
    await expect(client`insert into people ${client(values as never)}`).rejects.toMatchObject({ code: '23514' })
  })
})

const encrypted = () => encrypt(key, people, row) as typeof people.$inferSelect

function flipped(name: Encrypted<string>): Encrypted<string> {
  const other = Buffer.from(name)
  other[20] = (other[20] as number) ^ 1
  return other as Encrypted<string>
}

describe('isIndexed', () => {
  it('finds what any key of the keyring indexed, and nothing else', async () => {
    const before = freshKeyring()
    const rotated = { ...before, blindIndex: [freshKey(before.blindIndex), ...before.blindIndex] }
    const [older, newer] = [before, rotated].map((keys) => keyringFrom(textOf(keys), 'KEYRING'))
    const key = await partyKey()
    const add = async (name: string, by: typeof older) => {
      const values = { id: v7(), partyId: key.party, name, nameIndex: indexed(by!, people.nameIndex, name) }
      await db.insert(people).values(encrypt(key, people, values))
      return values.id
    }
    const ids = [await add('the same', older), await add('the same', newer)]
    await add('another', newer)
    const found = async (by: typeof older, name: string) =>
      (
        await db
          .select({ id: people.id })
          .from(people)
          .where(isIndexed(by!, people.nameIndex, name))
      ).map(({ id }) => id)
    expect((await found(newer, 'the same')).sort()).toEqual(ids.sort())
    expect(await found(older, 'the same')).toHaveLength(1)
    expect(await found(newer, 'The same')).toEqual([])
    expect(await found(keyringOfTest(), 'the same')).toEqual([])
  })

  it('has different hashes for one value in different columns', () => {
    const hashes = [people.nameIndex, people.language, parties.wrappedBy].map((column) => indexed(keyring, column, 'a'))
    expect(new Set(hashes).size).toBe(3)
  })
})

/** A row without a party may have nothing in the column. */
const needsParty = (sql: Sql) => sql`exists (
  select from pg_constraint where conrelid = a.attrelid and contype = 'c'
    and pg_get_constraintdef(oid) ~ format('party_id IS NOT NULL\\) OR .*\\m%s IS NULL', a.attname))`

/** What forgetParty could not do its work on. */
const faultsOf = async (sql: Sql) =>
  (
    await sql`
      select attrelid::regclass || '.' || attname || case
        when not exists (select from pg_attribute owner where owner.attrelid = a.attrelid and owner.attname = 'party_id'
          and owner.atttypid = 'uuid'::regtype and (owner.attnotnull or ${needsParty(sql)})) then ' belongs to no party'
        when not exists (select from pg_attribute key where key.attrelid = a.attrelid and key.attname = 'id') then ' has no id beside it'
        else ' cannot be emptied' end as fault
      from pg_attribute a join pg_class on pg_class.oid = attrelid
      where relkind in ('r', 'p') and atttypid in ('personal'::regtype, 'blind_index'::regtype) and (
        not exists (select from pg_attribute owner where owner.attrelid = a.attrelid and owner.attname = 'party_id'
          and owner.atttypid = 'uuid'::regtype and (owner.attnotnull or ${needsParty(sql)}))
        or not exists (select from pg_attribute key where key.attrelid = a.attrelid and key.attname = 'id')
        or (attnotnull and atttypid = 'blind_index'::regtype))`
  ).map(({ fault }) => fault)

describe('Tables with personal columns', () => {
  it('have a party and an id, and an index that can be emptied', async () => {
    expect(await faultsOf(client)).toEqual([])
    const planted = async (columns: string) => {
      await client.unsafe(`create table planted (${columns})`)
      const faults = await faultsOf(client)
      await client`drop table planted`
      return faults
    }
    expect(await planted('id uuid, name personal')).toEqual(['planted.name belongs to no party'])
    expect(await planted('id uuid, party_id uuid, name personal')).toEqual(['planted.name belongs to no party'])
    const check = 'check (party_id is not null or (code is null and name is null))'
    expect(await planted(`id uuid, party_id uuid, code text, name personal, ${check}`)).toEqual([])
    expect(await planted(`id uuid, party_id uuid, code text, name personal, name_index blind_index, ${check}`)).toEqual(
      ['planted.name_index belongs to no party'],
    )
    expect(await planted('party_id uuid not null, name personal')).toEqual(['planted.name has no id beside it'])
    expect(await planted('id uuid, party_id uuid not null, name_index blind_index not null')).toEqual([
      'planted.name_index cannot be emptied',
    ])
  })
})
