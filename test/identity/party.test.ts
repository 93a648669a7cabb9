import { eq, inArray } from 'drizzle-orm'
import { v7 } from 'uuid'
import { describe, expect, it } from 'vitest'
import { nodeIdOf } from '../../src/engine/node.js'
import { commandKeys } from '../../src/events/commandKey.table.js'
import { deadlines } from '../../src/events/deadline.table.js'
import { record } from '../../src/events/record.js'
import { sweep } from '../../src/events/sequencer.js'
import { MandateKind, MandateSource, mandates, Power } from '../../src/identity/mandates/mandate.table.js'
import { IdentifierType, identifiers } from '../../src/identity/parties/identifier.table.js'
import { hashesOfIdentifier } from '../../src/identity/parties/identifiers.js'
import { identities, SubjectKind } from '../../src/identity/parties/identity.table.js'
import { particulars } from '../../src/identity/parties/particulars.table.js'
import {
  forgetParty,
  keysOf,
  keyToEncrypt,
  makeParty,
  PartyForgotten,
  rewrapParties,
} from '../../src/identity/parties/party.js'
import { PartyKind, parties } from '../../src/identity/parties/party.table.js'
import { programs } from '../../src/identity/programs/program.table.js'
import type { SignIn } from '../../src/identity/signIn/accessToken.js'
import { callerOf } from '../../src/identity/signIn/signIn.js'
import { freshKey, freshKeyring, keyringFrom, textOf } from '../../src/platform/keyring.js'
import { decrypt, type EncryptionKey, encrypt, indexed, type PartyKey } from '../../src/platform/personal.js'
import { Assurance } from '../../src/shared/assurance.table.js'
import type { Caller } from '../../src/shared/context.js'
import { cloneDatabase, untilBlocked } from '../support/database.js'
import { everythingAsText, formsOf } from '../support/everything.js'
import { issuersOfTest } from '../support/tokens.js'

const database = await cloneDatabase()
const { client, db } = database

const keys = freshKeyring()
const keyring = keyringFrom(textOf(keys), 'KEYRING')
const rotated = keyringFrom(textOf({ ...keys, wrapping: [freshKey(keys.wrapping), ...keys.wrapping] }), 'KEYRING')
const at = new Date('2026-11-25T08:00:00Z')

const made = (kind = PartyKind.NATURAL_PERSON) => db.transaction((tx) => makeParty(tx, keyring, kind, at))
const forget = (id: string) => db.transaction((tx) => forgetParty(tx, id, at))
const keyOf = async (id: string, by = keyring) => (await keysOf(database, by, [id])).get(id)
const secretOf = async (id: string, by = keyring) => (await keyOf(id, by))?.secret
const encryptedName = (key: EncryptionKey, name: string) =>
  encrypt(key, particulars, { id: v7(), partyId: key.party, name, source: 'a test', createdAt: at })

/** Signs in as a foreigner with a FİN and a document. */
async function signIn(person: Pick<SignIn, 'subject' | 'name' | 'birthDate'>, fin: string, document: string) {
  const identifiers = [
    { type: IdentifierType.FIN, value: fin },
    { type: IdentifierType.DOCUMENT, value: `XX:${document}` },
  ]
  const known = { issuer: issuersOfTest[0]!, kind: SubjectKind.FOREIGNER, assurance: Assurance.HIGH }
  const found = await callerOf({ database, keyring, now: () => at }, { ...known, ...person, identifiers })
  if (typeof found === 'string') throw new Error(found)
  return (found.caller as Caller & { party: string }).party
}

const idempotencyKeys = ['passport-own', 'passport-office', 'passport-program', 'passport-by-another', 'passport-for']
/** A mandate, a program, an event, a deadline, a job, and a command of each kind. */
async function live(party: string): Promise<void> {
  const { party: firm } = await made(PartyKind.LEGAL_ENTITY)
  const mandate = { kind: MandateKind.HEAD, powers: [Power.VIEW], source: MandateSource.REGISTER, validFrom: at }
  await db.insert(mandates).values({ ...mandate, id: v7(), principalId: firm, holderId: party, createdAt: at })
  const program = { name: 'a program', scopes: ['catalogue:read'], secretHash: 'x', registeredBy: `person:${party}` }
  const clientId = v7()
  await db.insert(programs).values({ ...program, id: clientId, partyId: party, createdAt: at, expiresAt: at })
  const happened = { domain: 'sandbox', type: 'person.lived', subject: v7(), partyId: party, ids: {} }
  await db.transaction(async (tx) => {
    await record(tx, [{ ...happened, at, actor: party }])
    await tx.insert(deadlines).values({ ...happened, dueAt: at })
  })
  await sweep(database, [{ name: 'look', on: ['person.lived'], run: async () => {} }])
  const commands = [
    [`person:${party}`, `person:${party}`],
    [`officer:${party}`, firm],
    [`program:${clientId}`, firm],
    [`person:${firm}`, party],
    [`person:${firm}`, nodeIdOf('Party', party)], // as the input of a command names it
  ].map(([caller, party], place) => ({ caller: caller!, party: party!, key: idempotencyKeys[place]! }))
  const given = { mutation: 'apply', digest: 'x', digestKey: 'k1', at }
  await db.insert(commandKeys).values(commands.map((command) => ({ ...given, ...command })))
  await db.insert(commandKeys).values({ ...given, caller: `person:${firm}`, party: firm, key: 'of somebody else' })
}

describe('forgetParty', () => {
  it('leaves nothing readable of a person, who comes back as another party', async () => {
    const person = { subject: 'account-of-somebody', name: 'Somebody Gone', birthDate: '2001-02-03' }
    const comeBack = () => signIn(person, 'TEST009', 'TESTDOC9')
    const party = await comeBack()
    await live(party)
    const [{ key: wrapped } = { key: null }] = await db.select().from(parties).where(eq(parties.id, party))
    const secret = await secretOf(party)
    const hashes = await client<{ hash: string }[]>`
      select value_index as hash from identifiers where party_id = ${party}
      union all select subject_index from identities where party_id = ${party}`
    const findable = [...idempotencyKeys, ...hashes.map(({ hash }) => hash), wrapped!.toString('hex')]
    expect(hashes).toHaveLength(3)
    const before = await everythingAsText(client)
    for (const text of findable) expect(before.includes(text), text).toBe(true)

    expect(await forget(party)).toBe(true)

    const after = await everythingAsText(client)
    const readable = [person.subject, 'TEST009', 'TESTDOC9', 'Somebody', person.birthDate, wrapped!, secret!]
    for (const value of [...findable, ...readable])
      for (const form of formsOf(value)) expect(after.includes(form), form).toBe(false)
    expect(after.includes('of somebody else')).toBe(true)
    // What is left is encrypted, and there is no key.
    const tables = [particulars, identifiers, identities]
    const left = tables.map((table) => db.$count(table, eq(table.partyId, party)))
    expect([await Promise.all(left), await keyOf(party)]).toEqual([[1, 2, 1], undefined])
    const byFin = hashesOfIdentifier(keyring, { type: IdentifierType.FIN, value: 'TEST009' })
    expect(await db.$count(identifiers, inArray(identifiers.valueIndex, byFin))).toBe(0)

    const again = await comeBack()
    expect(again).not.toBe(party)
    expect(await comeBack()).toBe(again)
  })

  it('leaves what is encrypted for others', async () => {
    const [gone, stays] = [await made(), await made()]
    await db.insert(particulars).values([encryptedName(gone, 'Somebody Gone'), encryptedName(stays, 'Somebody Here')])
    await forget(gone.party)
    const [row] = await db.select().from(particulars).where(eq(particulars.partyId, stays.party))
    expect(decrypt((await keyOf(stays.party)) as PartyKey, particulars, row!).name).toBe('Somebody Here')
  })

  it('forgets once, and lets nothing be encrypted for the party afterwards', async () => {
    const { party } = await made()
    expect(await forget(party)).toBe(true)
    expect(await forget(party)).toBe(false)
    expect(await forget(v7())).toBe(false)
    const encrypting = (id: string) => db.transaction((tx) => keyToEncrypt(tx, keyring, id))
    await expect(encrypting(party)).rejects.toThrow(new PartyForgotten(party))
    const stranger = v7()
    await expect(encrypting(stranger)).rejects.toThrow(`a party is required to encrypt for; ${stranger} is none`)
    const [row] = await db.select().from(parties).where(eq(parties.id, party))
    expect(row).toEqual({
      id: party,
      kind: 'NATURAL_PERSON',
      key: null,
      wrappedBy: null,
      forgottenAt: at,
      createdAt: at,
    })
  })

  it('waits for what is being encrypted, and forgets that too', async () => {
    const { party } = await made()
    let forgotten: Promise<boolean> | undefined
    await db.transaction(async (tx) => {
      const key = await keyToEncrypt(tx, keyring, party)
      forgotten = forget(party)
      await untilBlocked(database)
      const valueIndex = indexed(keyring, identifiers.valueIndex, 'late')
      const row = { id: v7(), partyId: party, type: IdentifierType.FIN, value: 'late', valueIndex, createdAt: at }
      await tx.insert(identifiers).values(encrypt(key, identifiers, row))
    })
    expect(await forgotten).toBe(true)
    expect(await client`select value_index from identifiers where party_id = ${party}`).toEqual([{ value_index: null }])
  })
})

describe('keysOf', () => {
  it('finds the keys of many parties in one statement', async () => {
    const all = [await made(), await made(), await made()]
    database.statements.length = 0
    const found = await keysOf(database, keyring, [...all.map(({ party }) => party), v7()])
    expect(database.statements).toHaveLength(1)
    expect(found).toEqual(new Map(all.map((key) => [key.party, key])))
  })

  it('opens no key for another party, nor by the keys of another installation', async () => {
    const [a, b] = [await made(), await made()]
    await client`update parties set key = (select key from parties where id = ${b.party}) where id = ${a.party}`
    await expect(secretOf(a.party)).rejects.toThrow(`parties.key of ${a.party} cannot be decrypted`)
    await expect(secretOf(b.party, keyringFrom(textOf(freshKeyring()), 'KEYRING'))).rejects.toThrow('parties.key of')
    await db.delete(parties).where(eq(parties.id, a.party))
  })

  it('returns the other keys beside one that cannot be unwrapped, which throws when it is used', async () => {
    const [a, b] = [await made(), await made()]
    await client`update parties set wrapped_by = 'k9' where id = ${a.party}`
    const found = await keysOf(database, keyring, [a.party, b.party])
    expect(found.get(b.party)).toEqual(b)
    const row = { id: v7(), name: encryptedName(a, 'x').name }
    expect(() => decrypt(found.get(a.party) as PartyKey, particulars, row)).toThrow(
      'the keyring must contain the key k9 of wrapping; it does not',
    )
    await db.delete(parties).where(eq(parties.id, a.party))
  })
})

describe('rewrapParties', () => {
  it('wraps all keys by the current key, in batches, of two at once too, and touches no data', async () => {
    const key = await made()
    await db.insert(particulars).values(encryptedName(key, 'Kept As It Was'))
    const data = () => client`select xmin, name from particulars where party_id = ${key.party}`
    const [before, all] = [await data(), await client`select id from parties where key is not null`]
    expect(all.length).toBeGreaterThan(4)

    const rewrap = () => rewrapParties(database, rotated, 2)
    const [one, two] = await Promise.all([rewrap(), rewrap()])
    expect(one + two).toBe(all.length)
    expect(await client`select distinct wrapped_by from parties where key is not null`).toEqual([{ wrapped_by: 'k2' }])
    expect(await keyOf(key.party, rotated)).toEqual(key)
    const unwrapped = 'the keyring must contain the key k2 of wrapping; it does not'
    await expect(secretOf(key.party, keyring)).rejects.toThrow(unwrapped)
    expect(await data()).toEqual(before)
    expect(await rewrapParties(database, rotated)).toBe(0)
    expect(await rewrapParties(database, keyring)).toBe(0)
  })

  it('survives a deadlock with a command that encrypts for two parties', async () => {
    const [first, last] = [await made(), await made()]
    let rewrapping: Promise<number> | undefined
    await db.transaction(async (tx) => {
      await keyToEncrypt(tx, keyring, last.party)
      rewrapping = rewrapParties(database, rotated)
      await untilBlocked(database)
      await keyToEncrypt(tx, keyring, first.party)
    })
    expect(await rewrapping).toBe(2)
  })
})
