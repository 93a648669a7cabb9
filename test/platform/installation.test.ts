import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { makeParty } from '../../src/identity/parties/party.js'
import { PartyKind } from '../../src/identity/parties/party.table.js'
import { type Database, migrateDatabase } from '../../src/platform/database.js'
import { admitKeyring, closeKey, forgetKey } from '../../src/platform/installation.js'
import { Mode } from '../../src/platform/installation.table.js'
import { freshKeyring, type Keyring, type KeyringAsText, keyringFrom, textOf } from '../../src/platform/keyring.js'
import type { Transaction } from '../../src/platform/seeding.js'
import { cloneDatabase, emptyDatabase } from '../support/database.js'

const sandbox = await cloneDatabase()
const production = await emptyDatabase()

describe('migrateDatabase', () => {
  it('refuses a server of another mode than that of the first migration', async () => {
    await migrateDatabase(production.url, { mode: Mode.PRODUCTION })
    await migrateDatabase(production.url, { mode: Mode.PRODUCTION })
    await expect(migrateDatabase(production.url)).rejects.toThrow(
      /cannot be used: MODE must be production, as this database has been from its first migration; it is sandbox$/,
    )
    await expect(migrateDatabase(sandbox.url, { mode: Mode.PRODUCTION })).rejects.toThrow(
      /cannot be used: MODE must be sandbox, as this database has been from its first migration; it is production$/,
    )
  })

  it('migrates nothing in a database of another mode', async () => {
    const last = async () => (await sandbox.client`select count(*)::int as n from drizzle.__drizzle_migrations`)[0]
    await sandbox.client`create table kept as select * from drizzle.__drizzle_migrations`
    await sandbox.client`delete from drizzle.__drizzle_migrations`
    await expect(migrateDatabase(sandbox.url, { mode: Mode.PRODUCTION })).rejects.toThrow('MODE must be sandbox')
    expect(await last()).toEqual({ n: 0 })
    await sandbox.client`insert into drizzle.__drizzle_migrations select * from kept`
    await sandbox.client`drop table kept`
  })
})

describe('The installation row', () => {
  it.each([
    `update installation set mode = 'PRODUCTION'`,
    `update installation set since = now()`,
    'delete from installation',
    'truncate installation',
    `insert into installation (mode, since) values ('PRODUCTION', now())`,
    `insert into installation (id, mode, since) values (false, 'PRODUCTION', now())`,
  ])('refuses %s, also by its owner', async (statement) => {
    await expect(sandbox.client.unsafe(statement)).rejects.toMatchObject({ code: /^23/ })
    expect(await sandbox.client`select mode from installation`).toEqual([{ mode: 'SANDBOX' }])
  })
})

const waiting = async ({ client }: Pick<Database, 'client'> = production) =>
  (
    await client`
    select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
  ).length

describe('admitKeyring', () => {
  const first = freshKeyring()
  const key = (id: string) => ({ id, secret: randomBytes(32).toString('base64') })
  const admit = (keys: KeyringAsText) => admitKeyring(sandbox, keyringFrom(textOf(keys), 'KEYRING'))
  const rotated = { ...first, wrapping: [key('k2'), ...first.wrapping] }

  it('remembers the keys and refuses others', async () => {
    await admit(first)
    await admit(first)
    await expect(admit({ ...first, blindIndex: [key('k1')] })).rejects.toThrow(
      new Error('the key k1 of blindIndex must be the key that this database uses; the keyring has another'),
    )
    await expect(admit({ ...first, commands: [key('k9')] })).rejects.toThrow(
      new Error('the keyring must contain the key k1 of commands, which this database uses; it does not'),
    )
  })

  it('remembers a new current key, and not one that waits behind it', async () => {
    await admit({ ...first, wrapping: [...first.wrapping, key('k7')] })
    await admit(first)
    await admit(rotated)
    await expect(admit(first)).rejects.toThrow('must contain the key k2 of wrapping')
    await expect(admit({ ...rotated, wrapping: rotated.wrapping.slice(0, 1) })).rejects.toThrow(
      'must contain the key k1 of wrapping',
    )
    await admit(rotated)
  })

  it('accepts a keyring without a key that was forgotten', async () => {
    await sandbox.db.transaction((tx) => forgetKey(tx, 'wrapping', 'k1'))
    await admit({ ...rotated, wrapping: rotated.wrapping.slice(0, 1) })
  })

  it('requires the wrapping keys of all parties', async () => {
    const stray = keyringFrom(textOf({ ...rotated, wrapping: [key('k5')] }), 'KEYRING')
    const { party } = await sandbox.db.transaction((tx) => makeParty(tx, stray, PartyKind.LEGAL_ENTITY, new Date()))
    await expect(admit({ ...rotated, wrapping: rotated.wrapping.slice(0, 1) })).rejects.toThrow(
      new Error('the keyring must contain the key k5 of wrapping, which this database uses; it does not'),
    )
    await sandbox.client`delete from parties where id = ${party}`
  })

  it('refuses a forgotten key, which closeKey closes after its last transaction', async () => {
    const servers = [first, rotated].map((keys) => keyringFrom(textOf(keys), 'KEYRING'))
    const make = (tx: Transaction, by = servers[1]) => makeParty(tx, by as Keyring, PartyKind.LEGAL_ENTITY, new Date())
    let closed: Promise<void> | undefined
    await sandbox.db.transaction(async (tx) => {
      await make(tx, servers[0])
      closed = closeKey(sandbox, 'wrapping', 'k1')
      await expect.poll(() => waiting(sandbox), { interval: 10 }).toBe(1)
    })
    await closed
    const line =
      'the current key of wrapping must be one that was not forgotten; it is k1: give the server the new keyring and restart it'
    await expect(sandbox.db.transaction((tx) => make(tx, servers[0]))).rejects.toThrow(new Error(line))
    await expect(admit({ ...rotated, wrapping: [...rotated.wrapping].reverse() })).rejects.toThrow(new Error(line))
    await sandbox.db.transaction((tx) => make(tx))
    await admit(rotated)
  })

  it('refuses a key that was closed while a transaction waited to encrypt with it', async () => {
    const stray = keyringFrom(textOf({ ...rotated, wrapping: [key('k6')] }), 'KEYRING')
    let refused: Promise<void> | undefined
    await sandbox.db.transaction(async (tx) => {
      await closeKey({ db: tx as never }, 'wrapping', 'k6') // its transaction is a savepoint then
      const made = sandbox.db.transaction((other) => makeParty(other, stray, PartyKind.LEGAL_ENTITY, new Date()))
      refused = expect(made).rejects.toThrow('it is k6')
      await expect.poll(() => waiting(sandbox), { interval: 10 }).toBe(1)
    })
    await refused
  })

  it('accepts one of two keyrings that start at the same time', async () => {
    const start = (transaction: Pick<Database, 'db'> = production) =>
      admitKeyring(transaction, keyringFrom(textOf(freshKeyring()), 'KEYRING'))
    let refused: Promise<void> | undefined
    await production.db.transaction(async (tx) => {
      await start({ db: tx as never }) // its transaction is a savepoint then
      // Looked at from now on: it may be refused before this transaction is told that it ended.
      refused = expect(start()).rejects.toThrow(/must be the key that this database uses/)
      await expect.poll(() => waiting(), { interval: 10 }).toBe(1)
    })
    await refused
  })

  it('stores a check of each key that does not contain the key', async () => {
    const [row] = await sandbox.client`select keyring_check as check from installation`
    for (const { secret } of Object.values(rotated).flat()) {
      expect(row?.check).not.toContain(secret)
      expect(row?.check).not.toContain(Buffer.from(secret, 'base64').toString('base64url'))
    }
  })
})
