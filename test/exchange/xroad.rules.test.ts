import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { brokenBy, headersOf, pathOf, Unsendable, verdictOn } from '../../src/exchange/registries/xroad.rules.js'
import { anyCharacter } from '../support/anyCharacter.js'

const system = 'AZ/GOV/2000/REGISTRY'
const part = fc.oneof(
  fc.string({ unit: anyCharacter, minLength: 1, maxLength: 20 }),
  fc.string({
    unit: fc.constantFrom('.', '/', '\\', '%', '2', 'e', 'E', 'f', '?', '#', ';', ' ', '\r', '\n', 'ə'),
    minLength: 1,
  }),
)
const sendable = part.filter((text) => !/^\.{1,2}$/.test(text))

/** How a server splits the path as it comes, and how one that resolves it first does. */
const partsOf = (path: string) => path.split('?')[0]!.split('/').slice(1).map(decodeURIComponent)
const resolved = (path: string) => new URL(`https://security.example.org${path}`)

describe('pathOf', () => {
  it('keeps each part in its place, whatever its characters', () => {
    fc.assert(
      fc.property(fc.array(sendable, { maxLength: 4 }), part, (path, value) => {
        const address = pathOf(system, { service: 'fines', path, query: { vehicle: value } })
        expect(address).toMatch(/^[!-~]+$/)
        expect(partsOf(address)).toEqual(['r1', ...system.split('/'), 'fines', ...path])
        const { pathname, searchParams, hash, host } = resolved(address)
        expect(partsOf(pathname)).toEqual(['r1', ...system.split('/'), 'fines', ...path])
        expect([...searchParams]).toEqual([['vehicle', value]])
        expect([hash, host]).toEqual(['', 'security.example.org'])
      }),
    )
  })

  it.each(['.', '..', ''])('rejects the part "%s", which leads elsewhere even if encoded', (dots) => {
    for (const [service, path] of [
      [dots, ['persons']],
      ['fines', ['persons', dots]],
    ] as const)
      expect(() => pathOf(system, { service, path })).toThrow(Unsendable)
  })

  it('rejects parts that are too long or hold a lone surrogate', () => {
    expect(() => pathOf(system, { service: 'fines', path: ['x'.repeat(2000)] })).toThrow(Unsendable)
    expect(() => pathOf(system, { service: 'fines', path: ['\ud800'] })).toThrow(Unsendable)
    expect(() => pathOf(system, { service: 'fines', path: [], query: { vehicle: '\ud800' } })).toThrow(Unsendable)
  })
})

describe('headersOf', () => {
  it('names the client, the caller, the case and the represented party', () => {
    const message = { userId: 'person:0192', issue: 'APP-2026/000017-K', representedParty: 'COM/9900000141' }
    expect(headersOf('AZ/GOV/1000/PƏNCƏRƏ', message)).toEqual({
      accept: 'application/json',
      'x-road-client': 'AZ/GOV/1000/P%C6%8FNC%C6%8FR%C6%8F',
      'x-road-userid': 'person:0192',
      'x-road-issue': 'APP-2026/000017-K',
      'x-road-represented-party': 'COM/9900000141',
    })
  })

  it('encodes any value without loss, or rejects it', () => {
    fc.assert(
      fc.property(part, part, (userId, issue) => {
        let headers: Record<string, string>
        try {
          headers = headersOf('AZ/GOV/1000/PENCERE', { userId, issue })
        } catch (error) {
          expect(error).toBeInstanceOf(Unsendable)
          return
        }
        expect(headers['x-road-userid']).toMatch(/^[!-~]{1,255}$/)
        expect(decodeURIComponent(headers['x-road-userid']!)).toBe(userId)
        expect(decodeURIComponent(headers['x-road-issue']!)).toBe(issue)
      }),
    )
  })

  it.each([
    { userId: 'person:1\r\nX-Road-Client: AZ/GOV/1/OTHER' },
    { userId: 'person:1\u0000' },
    { userId: '' },
    { userId: 'x'.repeat(256) },
    { userId: 'person:1', issue: 'A\nB' },
    { userId: 'person:1', representedParty: 'COM/99/00' },
    { userId: 'person:1', representedParty: 'COM/..' },
    { userId: 'person:1', representedParty: '/9900000141' },
    { userId: 'person:1', representedParty: `COM/${'9'.repeat(255)}` },
  ])('rejects %j', (message) => {
    expect(() => headersOf('AZ/GOV/1000/PENCERE', message)).toThrow(Unsendable)
  })
})

describe('verdictOn', () => {
  const asked = { client: 'AZ/GOV/1000/PƏNCƏRƏ', service: `${system}/fines`, messageId: 'a-1' }
  const names = { 'x-road-id': 'a-1', 'x-road-client': asked.client, 'x-road-service': asked.service }
  const headers = { ...names, 'content-type': 'application/json' }

  it.each([
    ['Server.ServerProxy.AccessDenied', 'REFUSED'],
    ['server.serverproxy.access_denied', 'REFUSED'],
    ['Server.ServerProxy.UnknownService', 'REFUSED'],
    ['server.clientproxy.unknown_member', 'REFUSED'],
    ['Server.ClientProxy.SslAuthenticationFailed', 'REFUSED'],
    ['server.clientproxy.ssl_authentication_failed', 'REFUSED'],
    ['Client.BadRequest', 'REFUSED'],
    ['client.bad_request', 'REFUSED'],
    ['Server.ClientProxy.NetworkError', 'DOWN'],
    ['server.serverproxy.network_error', 'DOWN'],
    ['Server.ServerProxy.ServiceFailed.HttpError', 'DOWN'],
    ['Server.ServerProxy.ServiceDisabled', 'DOWN'],
    ['server.clientproxy.outdated_global_conf', 'DOWN'],
    ['what is this?', 'DOWN'],
    ['', 'DOWN'],
  ])('takes the X-Road fault "%s" for %s', (fault, failed) => {
    for (const status of [200, 403, 404, 500])
      expect(verdictOn({ status, headers: { ...headers, 'x-road-error': fault } }, asked)).toMatchObject({ failed })
  })

  it('logs only the type of a fault, spelled alike for all versions of X-Road', () => {
    const type = (fault: string) => verdictOn({ status: 500, headers: { 'x-road-error': fault } }, asked)
    expect(type('Server.ServerProxy.AccessDenied')).toEqual(type('server.serverproxy.access_denied'))
    expect(type('Server.ServerProxy.AccessDenied')).toMatchObject({ type: 'x-road server.serverproxy.accessdenied' })
    expect(type('Of TEST001 nothing is known')).toMatchObject({ type: 'x-road' })
  })

  it('accepts names of the question, encoded or not', () => {
    const encoded = 'AZ/GOV/1000/P%C6%8FNC%C6%8FR%C6%8F'
    for (const client of [asked.client, encoded])
      expect(verdictOn({ status: 200, headers: { ...headers, 'x-road-client': client } }, asked)).toMatchObject({
        holds: true,
      })
  })

  it.each([
    ['x-road-id', 'a-2'],
    ['x-road-id', undefined],
    ['x-road-id', ['a-1', 'a-1']],
    ['x-road-client', 'AZ/GOV/1000/OTHER'],
    ['x-road-client', '%'],
    ['x-road-service', `${system}/titles`],
    ['x-road-service', `${system}/FINES`],
  ])('rejects an answer, also an empty one, with %s %j', (name, value) => {
    for (const status of [200, 404])
      expect(verdictOn({ status, headers: { ...headers, [name]: value } }, asked)).toEqual({
        failed: 'INVALID_ANSWER',
        type: name,
      })
  })

  it.each([
    [200, headers, { holds: true, requestHash: null }],
    [201, { ...headers, 'x-road-request-hash': 'AAAA+/9=' }, { holds: true, requestHash: 'AAAA+/9=' }],
    [404, names, { holds: false, requestHash: null }],
    [200, { ...headers, 'x-road-request-hash': 'no hash' }, { failed: 'INVALID_ANSWER', type: 'x-road-request-hash' }],
    [302, { ...headers, location: 'http://169.254.169.254/' }, { failed: 'INVALID_ANSWER', type: 'status 302' }],
    [204, names, { failed: 'INVALID_ANSWER', type: 'content-type' }],
    [200, { ...headers, 'content-type': 'text/html' }, { failed: 'INVALID_ANSWER', type: 'content-type' }],
    [200, { ...headers, 'content-type': 'application/json-seq' }, { failed: 'INVALID_ANSWER', type: 'content-type' }],
    [200, { ...headers, 'content-encoding': 'gzip' }, { failed: 'INVALID_ANSWER', type: 'content-type' }],
    [
      200,
      { ...headers, 'content-type': 'application/problem+json; charset=utf-8' },
      { holds: true, requestHash: null },
    ],
    [400, headers, { failed: 'REFUSED', type: 'status 400' }],
    [403, {}, { failed: 'REFUSED', type: 'status 403' }],
    [429, headers, { failed: 'DOWN', type: 'status 429', retryAfter: 1 }],
    [429, { ...headers, 'retry-after': '7' }, { failed: 'DOWN', type: 'status 429', retryAfter: 7 }],
    [503, { 'retry-after': '999999' }, { failed: 'DOWN', type: 'status 503', retryAfter: 3600 }],
    [503, { 'retry-after': 'tomorrow' }, { failed: 'DOWN', type: 'status 503' }],
    [500, headers, { failed: 'DOWN', type: 'status 500' }],
  ])('takes status %d and headers %j for %j', (status, headers, verdict) => {
    expect(verdictOn({ status, headers }, asked)).toEqual(verdict)
  })
})

describe('brokenBy', () => {
  it.each([
    ['ECONNREFUSED', 'DOWN'],
    ['UND_ERR_SOCKET', 'DOWN'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'DOWN'],
    ['UND_ERR_CONNECT_TIMEOUT', 'TIMED_OUT'],
    ['UND_ERR_HEADERS_TIMEOUT', 'TIMED_OUT'],
    ['UND_ERR_BODY_TIMEOUT', 'TIMED_OUT'],
    ['UND_ERR_RES_EXCEEDED_MAX_SIZE', 'INVALID_ANSWER'],
    ['HPE_INVALID_CONSTANT', 'INVALID_ANSWER'],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'REFUSED'],
    ['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', 'REFUSED'],
  ])('takes %s for %s', (code, failed) => {
    expect(brokenBy(Object.assign(new Error('of TEST001'), { code }))).toEqual({ failed, type: code })
  })

  it('takes any other error for DOWN and repeats nothing of it', () => {
    for (const error of [undefined, null, 'TEST001', new TypeError('TEST001')])
      expect(brokenBy(error)).toEqual({ failed: 'DOWN', type: error instanceof Error ? 'TypeError' : 'unknown' })
  })
})
