import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { signingKeysFrom, withoutAgencyKeys } from '../../src/documents/issued/signingKeysFrom.js'
import { authorityOf } from '../../src/sandbox/authority.js'
import { folderOfTest } from '../support/folder.js'
import { freshSigningKeys, type SigningKeysAsText } from '../support/signingKeys.js'

const folder = folderOfTest()
const signingKeys = await freshSigningKeys()
const production = { isSandbox: false, keys: 'all' } as const
const read = (given: object) => signingKeysFrom(JSON.stringify(given), production)

describe('signingKeysFrom', () => {
  it('signs with the first signing key of an owner, and publishes all signing keys without private keys', async () => {
    const read = signingKeysFrom(JSON.stringify(signingKeys), production)
    expect((await read.current({ receipts: true })).id).toBe('receipts-2')
    expect((await read.current({ agency: 'DVX' })).id).toBe('dvx-1')
    const published = await read.published()
    expect(published.map(({ id, owner }) => [id, owner])).toEqual([
      ['receipts-2', { receipts: true }],
      ['receipts-1', { receipts: true }],
      ['dvx-1', { agency: 'DVX' }],
    ])
    expect(published.flatMap(Object.keys).filter((name) => name === 'key')).toEqual([])
    await expect(read.current({ agency: 'DMX' })).rejects.toThrow('the key of the agency DMX is required for signing')
  })

  it('publishes the signing keys of agencies in the API, and rejects their private keys there', async () => {
    const withoutKeys = withoutAgencyKeys(JSON.stringify(signingKeys))
    expect(withoutKeys).not.toContain(JSON.stringify(signingKeys.agencies.DVX?.[0]?.key))
    const ofApi = signingKeysFrom(withoutKeys, { isSandbox: false, keys: 'receipts' })
    expect((await ofApi.published()).map(({ id }) => id)).toEqual(['receipts-2', 'receipts-1', 'dvx-1'])
    await expect(ofApi.current({ agency: 'DVX' })).rejects.toThrow('the key of the agency DVX is required')
    expect(() => signingKeysFrom(JSON.stringify(signingKeys), { isSandbox: false, keys: 'receipts' })).toThrow(
      'SIGNING_KEYS must contain only the chains of agencies if ROLE=api',
    )
  })

  const [dvx] = signingKeys.agencies.DVX ?? []
  const [receipts, retired] = signingKeys.receipts
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const anotherKey = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const withReceipts = (...list: object[]) => ({ ...signingKeys, receipts: list })
  it.each<[string, object | string, string]>([
    ['text that is not JSON', '{"receipts": secret', 'SIGNING_KEYS must contain JSON; it does not'],
    [
      'a missing list of receipts',
      { agencies: {} },
      'SIGNING_KEYS must contain a list of signing keys, the current one first, at receipts; it does not',
    ],
    [
      'an empty list of receipts',
      withReceipts(),
      'SIGNING_KEYS must contain at least one signing key at receipts; it does not',
    ],
    [
      'an unknown property',
      { ...signingKeys, visas: [] },
      'SIGNING_KEYS must contain receipts, agencies and nothing else; it does not',
    ],
    [
      'a current signing key without its key',
      withReceipts(retired!),
      'SIGNING_KEYS must contain the private key of receipts-1, which is current',
    ],
    [
      'the same id twice',
      withReceipts(receipts!, { ...dvx }),
      'SIGNING_KEYS must contain keys whose ids are unique; dvx-1 appears twice',
    ],
    [
      'the key of another certificate',
      withReceipts({ ...receipts, key: anotherKey }),
      'SIGNING_KEYS must contain the key of its first certificate at receipts-2; it does not',
    ],
    [
      'a key that is not PEM',
      withReceipts({ ...receipts, key: 'secret' }),
      'SIGNING_KEYS must contain a private key, PKCS#8 in PEM,',
    ],
    [
      'a chain that is not PEM',
      withReceipts({ ...receipts, chain: ['secret'] }),
      'SIGNING_KEYS must contain certificates in PEM',
    ],
    [
      'a chain that is broken',
      withReceipts({ ...receipts, chain: [receipts?.chain[0], dvx?.chain[0]] }),
      'SIGNING_KEYS must contain a chain in which each certificate was issued by the next at receipts-2; it does not',
    ],
  ])('rejects %s in one line without secrets', (_what, given, line) => {
    const text = typeof given === 'string' ? given : JSON.stringify(given)
    expect(() => signingKeysFrom(text, production)).toThrow(line)
    expect(() => signingKeysFrom(text, production)).not.toThrow(/secret|PRIVATE/)
  })

  it('rejects a signing key of a sandbox in production', async () => {
    const authority = await authorityOf(folder)
    const issued = await authority.issue({ commonName: 'Somebody', usage: 'seal', days: 1 })
    const given: SigningKeysAsText = { receipts: [{ id: 'r', ...issued }], agencies: {} }
    expect(() => read(given)).toThrow('SIGNING_KEYS must contain no key of a sandbox in production; r is one')
    const inSandbox = signingKeysFrom(JSON.stringify(given), { isSandbox: true, keys: 'all' })
    expect((await inSandbox.current({ receipts: true })).id).toBe('r')
  })
})
