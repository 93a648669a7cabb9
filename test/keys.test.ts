import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { v7 } from 'uuid'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { configFrom } from '../src/config.js'
import { commandKeys } from '../src/events/commandKey.table.js'
import { keysOf, makeParty } from '../src/identity/party.js'
import { PartyKind } from '../src/identity/party.table.js'
import { rewrap, rotate } from '../src/keys.js'
import { admitKeyring } from '../src/shared/installation.js'
import { freshKeyring, type KeyringAsText, keyringFrom, textOf } from '../src/shared/keyring.js'
import { keyringOf } from '../src/shared/keyringFile.js'
import { indexed, seal } from '../src/shared/personal.js'
import { cloneDatabase } from './support/database.js'
import { makePeople, people } from './support/people.js'

const database = await cloneDatabase()
beforeAll(() => makePeople(database.client))
const { db } = database

const keyringFromText = (keys: KeyringAsText) => keyringFrom(textOf(keys), 'KEYRING')

describe('npm run keys', () => {
  test('rotate puts a new key in front in the file of a sandbox', () => {
    const DATA_DIR = mkdtempSync(join(tmpdir(), 'pencere-keys-'))
    onTestFinished(() => rmSync(DATA_DIR, { recursive: true }))
    const config = configFrom({ DATA_DIR })
    keyringOf(config)
    expect(rotate(config, 'wrapping')).toEqual([
      'k2 is the current key of wrapping from the next start of the server on.',
      'Then: npm run keys -- rewrap',
    ])
    expect(keyringOf(config).current('wrapping').id).toBe('k2')
  })

  test('rotate prints a key to put in front where the keyring is kept elsewhere', () => {
    const keys = freshKeyring()
    const [printed, told, ...more] = rotate(configFrom({ KEYRING: textOf(keys) }), 'commands')
    expect(told).toMatch(/^This in front of commands in KEYRING/)
    expect(more).toEqual([])
    const rotated = keyringFromText({ ...keys, commands: [JSON.parse(printed as string), ...keys.commands] })
    expect(rotated.current('commands').id).toBe('k2')
  })

  test('rewrap says which old keys may go, and the database does without those from then on', async () => {
    const keys = freshKeyring()
    const withNew = (purpose: keyof KeyringAsText) => [newKey(keys, purpose), ...keys[purpose]]
    const rotated = {
      ...{ wrapping: withNew('wrapping'), blindIndex: withNew('blindIndex'), commands: withNew('commands') },
    }
    const before = keyringFromText(keys)
    await admitKeyring(database, before)
    const key = await db.transaction((tx) => makeParty(tx, before, PartyKind.LEGAL_ENTITY, new Date()))
    const nameIndex = indexed(before, people.nameIndex, 'a name')
    await db.insert(people).values(seal(key, people, { id: v7(), partyId: key.party, name: 'a name', nameIndex }))
    await db.insert(commandKeys).values({
      ...{ caller: 'operator', party: '', mutation: 'm', key: 'k', digest: 'x', digestKey: 'k1', at: new Date() },
    })

    const after = keyringFromText(rotated)
    await admitKeyring(database, after)
    expect(await rewrap(database, after)).toEqual([
      'Keys of parties wrapped anew by k2: 1',
      'wrapping k1: used no more, may be taken out of the keyring',
      'blindIndex k1: still used, must stay',
      'commands k1: still used, must stay',
    ])
    expect((await keysOf(database, after, [key.party])).get(key.party)).toEqual(key)

    await admitKeyring(database, keyringFromText({ ...rotated, wrapping: rotated.wrapping.slice(0, 1) }))
    const without = (purpose: 'blindIndex' | 'commands') =>
      admitKeyring(database, keyringFromText({ ...rotated, [purpose]: rotated[purpose].slice(0, 1) }))
    await expect(without('blindIndex')).rejects.toThrow('must hold the key k1 of blindIndex')
    await expect(without('commands')).rejects.toThrow('must hold the key k1 of commands')

    await db.delete(people)
    await db.delete(commandKeys)
    expect(await rewrap(database, after)).toEqual([
      'Keys of parties wrapped anew by k2: 0',
      ...['wrapping', 'blindIndex', 'commands'].map(
        (purpose) => `${purpose} k1: used no more, may be taken out of the keyring`,
      ),
    ])
    await without('blindIndex')
    await without('commands')
  })
})

const newKey = (keys: KeyringAsText, purpose: keyof KeyringAsText) =>
  JSON.parse(rotate(configFrom({ KEYRING: textOf(keys) }), purpose)[0] as string)
