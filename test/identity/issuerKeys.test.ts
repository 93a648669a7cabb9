import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { issuersFrom } from '../../src/identity/issuer.js'
import { IssuerUnavailable, keysOfIssuer } from '../../src/identity/issuerKeys.js'
import { issuerOfTest, kid, signingKey, verifyingKey } from '../support/tokens.js'

let asked = 0
let isDown = false
const published = { keys: [{ ...(await exportJWK(verifyingKey)), kid, alg: 'ES256' }] }
const server = createServer((_request, response) => {
  asked++
  response.statusCode = isDown ? 500 : 200
  response.setHeader('content-type', 'application/json').end(JSON.stringify(isDown ? {} : published))
})
beforeAll(() => new Promise<void>((settle) => server.listen(0, '127.0.0.1', settle)))
afterAll(() => server.close())
afterEach(() => {
  vi.useRealTimers()
  asked = 0
  isDown = false
})

function open() {
  const jwksUri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`
  const [issuer] = issuersFrom(JSON.stringify([{ ...issuerOfTest, jwks: undefined, jwksUri }]))
  return keysOfIssuer(issuer!)
}
const token = await new SignJWT({}).setProtectedHeader({ alg: 'ES256', kid }).sign(signingKey)
const ofUnknownKey = await new SignJWT({}).setProtectedHeader({ alg: 'ES256', kid: 'new' }).sign(signingKey)
const later = (milliseconds: number) => vi.useFakeTimers({ now: Date.now() + milliseconds, toFake: ['Date'] })

describe('An issuer that is down', () => {
  it('is asked once in a while, however many tokens name it, and told by its name', async () => {
    isDown = true
    const keys = open()
    for (let time = 0; time < 5; time++) await expect(jwtVerify(token, keys)).rejects.toThrow(IssuerUnavailable)
    await expect(jwtVerify(token, keys)).rejects.toThrow('the keys of https://login.example cannot be had: ')
    expect(asked).toBe(1)
    isDown = false
    later(1_001)
    await jwtVerify(token, keys)
  })

  it('goes on with its last keys for an hour, and with no key that it may have made since', async () => {
    const keys = open()
    await jwtVerify(token, keys)
    isDown = true
    later(601_000)
    await jwtVerify(token, keys)
    await jwtVerify(token, keys)
    expect(asked).toBe(2)
    await expect(jwtVerify(ofUnknownKey, keys)).rejects.toThrow(IssuerUnavailable)
    later(3_600_000)
    await expect(jwtVerify(token, keys)).rejects.toThrow(IssuerUnavailable)
  })
})

it('Keys in the configuration are public, and are keys', async () => {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const own = { ...(await exportJWK(privateKey)), kid: 'own' }
  for (const key of [
    own,
    { kty: 'EC', crv: 'P-256', x: 'AAAA', y: 'AAAA', kid: 'none' },
    { kty: 'oct', k: 'AAAA', kid: 'o' },
  ])
    expect(() => issuersFrom(JSON.stringify([{ ...issuerOfTest, jwks: { keys: [key] } }]))).toThrow(
      'at "0.jwks.keys.0": a public key for signatures, strong enough, with its kid',
    )
})
