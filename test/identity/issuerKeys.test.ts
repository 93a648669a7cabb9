import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { errors, exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { issuersFrom } from '../../src/identity/signIn/issuer.js'
import { IssuerUnavailable, keysOfIssuer } from '../../src/identity/signIn/issuerKeys.js'
import { usualTimings } from '../../src/platform/timings.js'
import { issuerOfTest, kid, signingKey, verifyingKey } from '../support/tokens.js'

const first = { ...(await exportJWK(verifyingKey)), kid, alg: 'ES256' }
let published = [first]
let requests = 0
let isDown = false
let isEndless = false
let sent = 0
let connectionEnded: Promise<unknown> | undefined
const server = createServer((_request, response) => {
  requests++
  if (isEndless) {
    connectionEnded = once(response, 'close')
    const more = () => {
      do sent += 65_536
      while (!response.destroyed && response.write(' '.repeat(65_536)))
    }
    response.on('drain', more)
    return more()
  }
  response.statusCode = isDown ? 500 : 200
  response.setHeader('content-type', 'application/json').end(JSON.stringify(isDown ? {} : { keys: published }))
})
beforeAll(() => new Promise<void>((settle) => server.listen(0, '127.0.0.1', settle)))
afterAll(() => server.close())
afterEach(() => {
  vi.useRealTimers()
  published = [first]
  requests = 0
  isDown = false
  isEndless = false
})

function keysOf() {
  const jwksUri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`
  const [issuer] = issuersFrom(JSON.stringify([{ ...issuerOfTest, jwks: undefined, jwksUri }]))
  return keysOfIssuer(issuer!, usualTimings) // the list has one
}
const token = await new SignJWT({}).setProtectedHeader({ alg: 'ES256', kid }).sign(signingKey)
const fresh = await generateKeyPair('ES256', { extractable: true })
const ofFreshKey = await new SignJWT({}).setProtectedHeader({ alg: 'ES256', kid: 'fresh' }).sign(fresh.privateKey)
const later = (milliseconds: number) => vi.useFakeTimers({ now: Date.now() + milliseconds, toFake: ['Date'] })

describe('keysOfIssuer', () => {
  it('fetches the keys once, and again for an unknown key after half a minute', async () => {
    const keys = keysOf()
    for (let time = 0; time < 3; time++) await jwtVerify(token, keys)
    published = [{ ...(await exportJWK(fresh.publicKey)), kid: 'fresh', alg: 'ES256' }]
    // Whoever sends unknown keys does not make the server fetch them each time.
    await expect(jwtVerify(ofFreshKey, keys)).rejects.toThrow(errors.JWKSNoMatchingKey)
    expect(requests).toBe(1)
    later(30_001)
    await jwtVerify(ofFreshKey, keys)
    expect(requests).toBe(2)
  })

  it('asks an issuer that is down once a second, and names it', async () => {
    isDown = true
    const keys = keysOf()
    for (let time = 0; time < 3; time++) await expect(jwtVerify(token, keys)).rejects.toThrow(IssuerUnavailable)
    await expect(jwtVerify(token, keys)).rejects.toThrow('the keys of https://login.example cannot be fetched: ')
    expect(requests).toBe(1)
    isDown = false
    later(1_001)
    await jwtVerify(token, keys)
  })

  it('stops reading the keys of an issuer that sends without end', async () => {
    isEndless = true
    await expect(jwtVerify(token, keysOf())).rejects.toThrow(/at most 262144 bytes; the answer has more/)
    await connectionEnded
    expect(sent).toBeLessThan(4 * 1024 * 1024)
  })

  it('uses the keys of an issuer that is down for an hour after they came, and does not call an unknown key invalid', async () => {
    const keys = keysOf()
    await jwtVerify(token, keys)
    later(500_000)
    await jwtVerify(token, keys)
    isDown = true
    later(101_000)
    await jwtVerify(token, keys)
    await jwtVerify(token, keys)
    expect(requests).toBe(2)
    await expect(jwtVerify(ofFreshKey, keys)).rejects.toThrow(IssuerUnavailable)
    later(3_000_000)
    await expect(jwtVerify(token, keys)).rejects.toThrow(IssuerUnavailable)
  })
})

describe('issuersFrom', async () => {
  it.each([
    ['a private key', { ...(await exportJWK(signingKey)), kid: 'private' }],
    ['a point that is not on the curve', { kty: 'EC', crv: 'P-256', x: 'AAAA', y: 'AAAA', kid: 'none' }],
    ['a shared secret', { kty: 'oct', k: 'AAAA', kid: 'shared' }],
  ])('refuses %s among the keys of an issuer', (_what, key) => {
    expect(() => issuersFrom(JSON.stringify([{ ...issuerOfTest, jwks: { keys: [key] } }]))).toThrow(
      'at "0.jwks.keys.0": a public key for signatures, strong enough, with its kid',
    )
  })
})
