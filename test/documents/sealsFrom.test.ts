import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { sealsFrom, withoutAgencyKeys } from '../../src/documents/sealsFrom.js'
import { authorityOf } from '../../src/sandbox/authority.js'
import { folderOfTest } from '../support/folder.js'
import { freshSeals, type SealsAsText } from '../support/seals.js'

const folder = folderOfTest()
const seals = await freshSeals()
const production = { isSandbox: false, keys: 'all' } as const
const read = (given: object) => sealsFrom(JSON.stringify(given), production)

test('the first of an owner is the one to sign with; all are published, and no private part of any', async () => {
  const read = sealsFrom(JSON.stringify(seals), production)
  expect((await read.current({ receipts: true })).id).toBe('receipts-2')
  expect((await read.current({ agency: 'DVX' })).id).toBe('dvx-1')
  const published = await read.published()
  expect(published.map(({ id, owner }) => [id, owner])).toEqual([
    ['receipts-2', { receipts: true }],
    ['receipts-1', { receipts: true }],
    ['dvx-1', { agency: 'DVX' }],
  ])
  expect(published.flatMap(Object.keys).filter((name) => name === 'key')).toEqual([])
  await expect(read.current({ agency: 'DMX' })).rejects.toThrow('the key of the agency DMX is required to sign with')
})

test('the API is told of agencies their chains alone, publishes them, and signs for none', async () => {
  const told = withoutAgencyKeys(JSON.stringify(seals))
  expect(told).not.toContain(JSON.stringify(seals.agencies.DVX?.[0]?.key))
  const ofApi = sealsFrom(told, { isSandbox: false, keys: 'receipts' })
  expect((await ofApi.published()).map(({ id }) => id)).toEqual(['receipts-2', 'receipts-1', 'dvx-1'])
  await expect(ofApi.current({ agency: 'DVX' })).rejects.toThrow('the key of the agency DVX is required')
  expect(() => sealsFrom(JSON.stringify(seals), { isSandbox: false, keys: 'receipts' })).toThrow(
    'SEALS must hold no keys of agencies where ROLE=api',
  )
})

describe('what is not whole is refused in one line that shows nothing of it', () => {
  const [dvx] = seals.agencies.DVX ?? []
  const [receipts, retired] = seals.receipts
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const anotherKey = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const withReceipts = (...list: object[]) => ({ ...seals, receipts: list })
  test.each<[string, object | string, string]>([
    ['no JSON', '{"receipts": secret', 'SEALS must hold JSON; it does not'],
    [
      'no receipts',
      { agencies: {} },
      'SEALS must hold a list of seals, the current one first, at receipts; it does not',
    ],
    ['none', withReceipts(), 'SEALS must hold at least one seal at receipts; it does not'],
    ['more', { ...seals, visas: [] }, 'SEALS must hold receipts, agencies and nothing else; it does not'],
    [
      'a current one without its key',
      withReceipts(retired!),
      'SEALS must hold the key of receipts-1, which is current',
    ],
    [
      'an id twice',
      withReceipts(receipts!, { ...dvx }),
      'SEALS must hold seals whose ids are unique; dvx-1 came twice',
    ],
    [
      'the key of another',
      withReceipts({ ...receipts, key: anotherKey }),
      'SEALS must hold the key that its first certificate is for at receipts-2; it does not',
    ],
    [
      'a key that is none',
      withReceipts({ ...receipts, key: 'secret' }),
      'SEALS must hold a private key, PKCS#8 in PEM,',
    ],
    ['a chain that is none', withReceipts({ ...receipts, chain: ['secret'] }), 'SEALS must hold certificates in PEM'],
    [
      'a chain of others',
      withReceipts({ ...receipts, chain: [receipts?.chain[0], dvx?.chain[0]] }),
      'SEALS must hold a chain in which each certificate was issued by the next at receipts-2; it does not',
    ],
  ])('%s', (_, given, line) => {
    const text = typeof given === 'string' ? given : JSON.stringify(given)
    expect(() => sealsFrom(text, production)).toThrow(line)
    expect(() => sealsFrom(text, production)).not.toThrow(/secret|PRIVATE/)
  })
})

test('a seal of a sandbox is none of a production', async () => {
  const authority = await authorityOf(folder)
  const issued = await authority.issue({ commonName: 'Somebody', usage: 'seal', days: 1 })
  const given: SealsAsText = { receipts: [{ id: 'r', ...issued }], agencies: {} }
  expect(() => read(given)).toThrow('SEALS must hold no seal of a sandbox in production; r is one')
  const inSandbox = sealsFrom(JSON.stringify(given), { isSandbox: true, keys: 'all' })
  expect((await inSandbox.current({ receipts: true })).id).toBe('r')
})
