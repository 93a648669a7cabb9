import { exportJWK, generateKeyPair } from 'jose'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { tokenReader } from '../../src/identity/signIn/accessToken.js'
import { issuersFrom } from '../../src/identity/signIn/issuer.js'
import { usualTimings } from '../../src/platform/timings.js'
import { issuerOfTest, issuersOfTest, kid, tokenOf } from '../support/tokens.js'

const [key] = issuerOfTest.jwks.keys
const another = { ...(await exportJWK((await generateKeyPair('ES256')).publicKey)), alg: 'ES256' }
const jwksUri = 'https://login.example/jwks'
const fetching = issuersFrom(JSON.stringify([{ ...issuerOfTest, jwks: undefined, jwksUri }]))

const verifications = vi.spyOn(crypto.subtle, 'verify')
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
  verifications.mockClear()
})
/** What the issuer answers about its keys from now on. Null if it does not answer. */
const publish = (keys: object[] | null) =>
  vi.stubGlobal('fetch', async () => (keys ? Response.json({ keys }) : new Response(null, { status: 500 })))
const later = (seconds: number) => vi.useFakeTimers({ now: Date.now() + seconds * 1000, toFake: ['Date'] })
const accepted = expect.objectContaining({ subject: 'citizen' })

describe('tokenReader', () => {
  it('verifies the signature of a token once', async () => {
    const read = tokenReader(issuersOfTest)
    const token = await tokenOf('citizen')
    expect([await read(token), await read(token), await read(token)]).toEqual([accepted, accepted, accepted])
    expect(verifications).toHaveBeenCalledOnce()
    const [head, , signature] = token.split('.')
    const [, payload] = (await tokenOf('operator')).split('.')
    expect(await read([head, payload, signature].join('.'))).toBe('token.wrong_signature')
  })

  it('refuses a verified token once it has expired, or while the clock is before its time', async () => {
    const read = tokenReader(issuersOfTest)
    const now = 1_800_000_000
    vi.useFakeTimers({ now: now * 1000, toFake: ['Date'] })
    const token = await tokenOf('citizen', { iat: now, nbf: now, exp: now + 60 })
    expect(await read(token)).toEqual(accepted)
    later(64)
    expect(await read(token)).toEqual(accepted)
    later(1)
    expect(await read(token)).toBe('token.expired')
    later(-75)
    expect(await read(token)).toBe('token.not_yet_valid')
    expect(verifications).toHaveBeenCalledOnce()
  })

  it.each<[what: string, keys: object[], reason: string]>([
    ['withdrawn', [{ ...another, kid: 'another' }], 'token.unknown_key'],
    ['replaced under the same kid', [{ ...another, kid }], 'token.wrong_signature'],
  ])('refuses a verified token whose key was %s, when the keys are fetched again', async (_what, keys, reason) => {
    publish([key!])
    const read = tokenReader(fetching)
    const token = await tokenOf('citizen')
    expect(await read(token)).toEqual(accepted)
    publish(keys)
    expect(await read(token)).toEqual(accepted)
    later(usualTimings.issuerKeysFreshFor / 1000)
    expect(await read(token)).toBe(reason)
    publish([key!])
    later(usualTimings.issuerKeysFreshFor / 1000)
    expect(await read(token)).toEqual(accepted)
  })

  it('accepts a verified token while its issuer is down, as long as the last keys count', async () => {
    publish([key!])
    const read = tokenReader(fetching)
    const token = await tokenOf('citizen')
    await read(token)
    publish(null)
    later(usualTimings.issuerKeysFreshFor / 1000)
    for (let time = 0; time < 3; time++) expect(await read(token)).toEqual(accepted)
    // Once by each of the two ways to the same keys.
    expect(verifications).toHaveBeenCalledTimes(2)
    later((usualTimings.issuerKeysUsableFor - usualTimings.issuerKeysFreshFor) / 1000 + 1)
    await expect(read(token)).rejects.toThrow('the keys of https://login.example cannot be fetched: ')
  })

  it.each([
    ['tokens', 1, 100],
    ['bytes', 100, 5],
  ])('keeps a bounded number of %s', async (_what, max, tokensLong) => {
    const [one, other] = [await tokenOf('citizen'), await tokenOf('citizen')]
    const read = tokenReader(issuersOfTest, usualTimings, { max, maxSize: tokensLong * one.length })
    for (const token of [one, one, other, other, one]) expect(await read(token)).toEqual(accepted)
    expect(verifications).toHaveBeenCalledTimes(3)
  })
})
