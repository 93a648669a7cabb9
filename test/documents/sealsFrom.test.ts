import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { sealsFrom, withoutAgencyKeys } from '../../src/documents/issued/sealsFrom.js'
import { authorityOf } from '../../src/sandbox/authority.js'
import { folderOfTest } from '../support/folder.js'
import { freshSeals, type SealsAsText } from '../support/seals.js'

const folder = folderOfTest()
const seals = await freshSeals()
const production = { isSandbox: false, keys: 'all' } as const
const read = (given: object) => sealsFrom(JSON.stringify(given), production)

describe('sealsFrom', () => {
  it('signs with the first seal of an owner, and publishes all seals without private keys', async () => {
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

  it('publishes the seals of agencies in the API, and rejects their private keys there', async () => {
    const withoutKeys = withoutAgencyKeys(JSON.stringify(seals))
    expect(withoutKeys).not.toContain(JSON.stringify(seals.agencies.DVX?.[0]?.key))
    const ofApi = sealsFrom(withoutKeys, { isSandbox: false, keys: 'receipts' })
    expect((await ofApi.published()).map(({ id }) => id)).toEqual(['receipts-2', 'receipts-1', 'dvx-1'])
    await expect(ofApi.current({ agency: 'DVX' })).rejects.toThrow('the key of the agency DVX is required')
    expect(() => sealsFrom(JSON.stringify(seals), { isSandbox: false, keys: 'receipts' })).toThrow(
      'SEALS must hold no keys of agencies where ROLE=api',
    )
  })

  const [dvx] = seals.agencies.DVX ?? []
  const [receipts, retired] = seals.receipts
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const anotherKey = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const withReceipts = (...list: object[]) => ({ ...seals, receipts: list })
  it.each<[string, object | string, string]>([
    ['text that is not JSON', '{"receipts": secret', 'SEALS must hold JSON; it does not'],
    [
      'a missing list of receipts',
      { agencies: {} },
      'SEALS must hold a list of seals, the current one first, at receipts; it does not',
    ],
    ['an empty list of receipts', withReceipts(), 'SEALS must hold at least one seal at receipts; it does not'],
    [
      'an unknown property',
      { ...seals, visas: [] },
      'SEALS must hold receipts, agencies and nothing else; it does not',
    ],
    [
      'a current seal without its key',
      withReceipts(retired!),
      'SEALS must hold the key of receipts-1, which is current',
    ],
    [
      'the same id twice',
      withReceipts(receipts!, { ...dvx }),
      'SEALS must hold seals whose ids are unique; dvx-1 came twice',
    ],
    [
      'the key of another certificate',
      withReceipts({ ...receipts, key: anotherKey }),
      'SEALS must hold the key that its first certificate is for at receipts-2; it does not',
    ],
    [
      'a key that is not PEM',
      withReceipts({ ...receipts, key: 'secret' }),
      'SEALS must hold a private key, PKCS#8 in PEM,',
    ],
    [
      'a chain that is not PEM',
      withReceipts({ ...receipts, chain: ['secret'] }),
      'SEALS must hold certificates in PEM',
    ],
    [
      'a chain that is broken',
      withReceipts({ ...receipts, chain: [receipts?.chain[0], dvx?.chain[0]] }),
      'SEALS must hold a chain in which each certificate was issued by the next at receipts-2; it does not',
    ],
  ])('rejects %s in one line without secrets', (_what, given, line) => {
    const text = typeof given === 'string' ? given : JSON.stringify(given)
    expect(() => sealsFrom(text, production)).toThrow(line)
    expect(() => sealsFrom(text, production)).not.toThrow(/secret|PRIVATE/)
  })

  it('rejects a seal of a sandbox in production', async () => {
    const authority = await authorityOf(folder)
    const issued = await authority.issue({ commonName: 'Somebody', usage: 'seal', days: 1 })
    const given: SealsAsText = { receipts: [{ id: 'r', ...issued }], agencies: {} }
    expect(() => read(given)).toThrow('SEALS must hold no seal of a sandbox in production; r is one')
    const inSandbox = sealsFrom(JSON.stringify(given), { isSandbox: true, keys: 'all' })
    expect((await inSandbox.current({ receipts: true })).id).toBe('r')
  })
})
