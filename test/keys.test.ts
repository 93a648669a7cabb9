import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { v7 } from 'uuid'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { configFrom } from '../src/config.js'
import { commandKeys } from '../src/events/commandKey.table.js'
import { accessCheckpoints } from '../src/exchange/accessLog/accessCheckpoint.table.js'
import { keysOf, makeParty } from '../src/identity/parties/party.js'
import { PartyKind } from '../src/identity/parties/party.table.js'
import { forget, rewrap, rotate } from '../src/keys.js'
import { admitKeyring } from '../src/platform/installation.js'
import { freshKeyring, type KeyringAsText, keyringFrom, textOf } from '../src/platform/keyring.js'
import { keyringOf } from '../src/platform/keyringFile.js'
import { encrypt, indexed } from '../src/platform/personal.js'
import { cloneDatabase } from './support/database.js'
import { makePeople, people } from './support/people.js'

const database = await cloneDatabase()
beforeAll(() => makePeople(database.client))
const { db } = database

const keyringFromText = (keys: KeyringAsText) => keyringFrom(textOf(keys), 'KEYRING')

describe('npm run keys', () => {
  it('rotate adds a current key to the file of a sandbox', () => {
    const DATA_DIR = mkdtempSync(join(tmpdir(), 'pencere-keys-'))
    onTestFinished(() => rmSync(DATA_DIR, { recursive: true }))
    const config = configFrom({ DATA_DIR })
    keyringOf(config)
    expect(rotate(config, 'wrapping')).toEqual([
      'k2 is the current key of wrapping from the next start of the server on.',
      'Start every server anew, then: npm run keys -- rewrap',
    ])
    expect(keyringOf(config).current('wrapping').id).toBe('k2')
  })

  it('rotate prints a current key when KEYRING is given', () => {
    const keys = freshKeyring()
    const [printed, told, ...more] = rotate(configFrom({ KEYRING: textOf(keys) }), 'commands')
    expect(told).toMatch(/^This in front of commands in KEYRING/)
    expect(more).toEqual(['Start every server anew.'])
    const rotated = keyringFromText({ ...keys, commands: [JSON.parse(printed as string), ...keys.commands] })
    expect(rotated.current('commands').id).toBe('k2')
  })

  it('forget retires a key that nothing uses any more, which rewrap alone does not', async () => {
    const keys = freshKeyring()
    const withNew = (purpose: keyof KeyringAsText) => [newKey(keys, purpose), ...keys[purpose]]
    const rotated = {
      wrapping: withNew('wrapping'),
      blindIndex: withNew('blindIndex'),
      commands: withNew('commands'),
      accessLog: withNew('accessLog'),
    }
    const before = keyringFromText(keys)
    await admitKeyring(database, before)
    const key = await db.transaction((tx) => makeParty(tx, before, PartyKind.LEGAL_ENTITY, new Date()))
    const nameIndex = indexed(before, people.nameIndex, 'a name')
    await db.insert(people).values(encrypt(key, people, { id: v7(), partyId: key.party, name: 'a name', nameIndex }))
    await db.insert(commandKeys).values({
      caller: 'operator',
      party: '',
      mutation: 'm',
      key: 'k',
      digest: 'x',
      digestKey: 'k1',
      at: new Date(),
    })

    const after = keyringFromText(rotated)
    await admitKeyring(database, after)
    expect(await rewrap(database, after)).toEqual([
      'Keys of parties wrapped anew by k2: 1',
      usedNoMore('wrapping'),
      'blindIndex k1: still used, must be kept',
      'commands k1: still used, must be kept',
      usedNoMore('accessLog'),
    ])
    expect((await keysOf(database, after, [key.party])).get(key.party)).toEqual(key)

    const without = (purpose: keyof KeyringAsText) =>
      admitKeyring(database, keyringFromText({ ...rotated, [purpose]: rotated[purpose].slice(0, 1) }))
    await expect(without('wrapping')).rejects.toThrow('must contain the key k1 of wrapping')
    // Of a server that was not started anew.
    const late = await db.transaction((tx) => makeParty(tx, before, PartyKind.LEGAL_ENTITY, new Date()))
    await expect(forget(database, after, 'wrapping', 'k2')).rejects.toThrow(
      'the key to forget must be an older key of wrapping in the keyring; k2 is not',
    )
    expect(await forget(database, after, 'wrapping', 'k1')).toEqual([
      'Keys of parties wrapped anew by k2: 1',
      mayGo('wrapping'),
    ])
    await without('wrapping')
    expect(
      (
        await keysOf(database, keyringFromText({ ...rotated, wrapping: rotated.wrapping.slice(0, 1) }), [late.party])
      ).get(late.party),
    ).toEqual(late)
    const writing = db.transaction((tx) => makeParty(tx, before, PartyKind.LEGAL_ENTITY, new Date()))
    await expect(writing).rejects.toThrow('the current key of wrapping must be one that was not forgotten; it is k1')
    expect(await forget(database, after, 'blindIndex', 'k1')).toEqual(['blindIndex k1: still used, must be kept'])

    await expect(without('blindIndex')).rejects.toThrow('must contain the key k1 of blindIndex')
    await expect(without('commands')).rejects.toThrow('must contain the key k1 of commands')

    await db.delete(people)
    await db.delete(commandKeys)
    expect(await rewrap(database, after)).toEqual([
      'Keys of parties wrapped anew by k2: 0',
      ...['wrapping', 'blindIndex', 'commands', 'accessLog'].map(usedNoMore),
    ])
    for (const purpose of ['blindIndex', 'commands'] as const)
      expect(await forget(database, after, purpose, 'k1')).toEqual([mayGo(purpose)])
    await without('blindIndex')
    await without('commands')

    const [bytes, position] = [Buffer.alloc(32), { firstPosition: 1n, lastPosition: 1n }]
    await db.insert(accessCheckpoints).values({
      number: 1n,
      ...position,
      createdAt: new Date(),
      previous: bytes,
      hash: bytes,
      keyId: 'k1',
      signature: bytes,
    })
    expect(await forget(database, after, 'accessLog', 'k1')).toEqual(['accessLog k1: still used, must be kept'])
    await expect(without('accessLog')).rejects.toThrow('must contain the key k1 of accessLog')
  })
})

const usedNoMore = (purpose: string) =>
  `${purpose} k1: used no more. Once every server was started anew: npm run keys -- forget ${purpose} k1`
const mayGo = (purpose: string) =>
  `${purpose} k1: may be taken out of the keyring, once no backup is kept that needs it`

const newKey = (keys: KeyringAsText, purpose: keyof KeyringAsText) =>
  JSON.parse(rotate(configFrom({ KEYRING: textOf(keys) }), purpose)[0] as string)
