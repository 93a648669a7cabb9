import { generateKeyPairSync } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { exchangeFrom, exposed } from '../../src/exchange/registries/exchange.settings.js'
import { authorityOfTest, type Certified } from '../support/certificates.js'

const client = 'AZ-TEST/GOV/1000/PENCERE'
const system = 'AZ-TEST/GOV/2000/TRAFFIC'
const url = 'https://security.example.org:8443'
let ours: Certified
let theirs: Certified
let authority: string
beforeAll(async () => {
  const made = await authorityOfTest()
  authority = made.authority
  ours = await made.certify('ours')
  theirs = await made.certify('theirs')
})
const settingsOf = (settings: unknown) => exchangeFrom(JSON.stringify(settings))
const withServer = (securityServer: unknown) =>
  settingsOf({ client, registries: { FINES: { system, securityServer } } })

describe('exchangeFrom', () => {
  it('gives a registry the common security server and default limits, or its own', () => {
    const own = { url: 'http://127.0.0.1:8080/' }
    const limited = { system, securityServer: own, timeLimit: 500, connections: 2, waiting: 0 }
    const tls = { ...ours, authority }
    const settings = settingsOf({
      client,
      securityServer: { url, tls },
      registries: { POPULATION: { system }, FINES: limited },
    })
    expect(settings).toEqual({
      client,
      registries: {
        POPULATION: { system, securityServer: { url, tls }, timeLimit: 3_000, connections: 20, waiting: 200 },
        FINES: { ...limited, securityServer: { url: 'http://127.0.0.1:8080' } },
      },
    })
    // A child process receives them as JSON.
    expect(JSON.parse(JSON.stringify(settings))).toEqual(settings)
  })

  const common = { client, securityServer: { url } }
  const at = (place: string, required: string) =>
    `EXCHANGE must contain settings as described in docs/exchange.md; at "${place}": ${required}`
  const ofSystem = 'INSTANCE/CLASS/MEMBER/SUBSYSTEM'
  const ofAddress = 'an address with http or https and no path, such as https://security.example.org:8443'

  it.each<[object, string]>([
    [{ ...common, client: 'AZ/GOV/1000' }, at('client', ofSystem)],
    [{ ...common, client: 'AZ/GOV/1000/A/B' }, at('client', ofSystem)],
    ...['', '..', 'A;B', 'A%2F', 'A\\B', 'A:B', 'A\nB', 'A\u200b'].map((part): [object, string] => [
      { ...common, registries: { FINES: { system: `AZ/GOV/1000/${part}` } } },
      at('registries.FINES.system', ofSystem),
    ]),
    ...[
      'ftp://a.example.org',
      'https://u:p@a.example.org',
      'https://a.example.org/r1',
      'https://a.example.org?x',
      'a',
    ].map((url): [object, string] => [
      { client, securityServer: { url }, registries: {} },
      at('securityServer.url', ofAddress),
    ]),
    [
      { client, registries: { FINES: { system } } },
      at('registries.FINES', 'a securityServer, its own or a common one'),
    ],
    [
      { ...common, registries: { FINES: { system, timeLimit: 0 } } },
      at('registries.FINES.timeLimit', 'a whole number from 50 to 60000'),
    ],
    [
      { ...common, registries: { FINES: { system, connections: '20' } } },
      at('registries.FINES.connections', 'a whole number from 1 to 1000'),
    ],
    [
      { ...common, registries: { FINES: { system, waiting: 0.5 } } },
      at('registries.FINES.waiting', 'a whole number from 0 to 10000'),
    ],
  ])('rejects %j with one line that names the place', (settings, line) => {
    expect(() => settingsOf({ registries: {}, ...settings })).toThrow(new Error(line))
  })

  it.each([
    ['an invalid code of a registry', { ...common, registries: { fines: { system } } }],
    ['no registries', common],
    ['an unknown setting', { ...common, registries: {}, timeout: 5 }],
    ['an unknown setting of a registry', { ...common, registries: { FINES: { system, timeout: 5 } } }],
  ])('rejects %s', (_, settings) => {
    expect(() => settingsOf(settings)).toThrow(
      /^EXCHANGE must contain settings as described in docs\/exchange\.md; at /,
    )
  })

  it('never repeats what it rejects', () => {
    const secret = 'c2VjcmV0'
    for (const text of [`{"key":"${secret}`, `"${secret}"`, `{"client":"${secret}","registries":{}}`])
      expect(() => exchangeFrom(text)).toThrow(expect.not.stringContaining(secret))
  })

  const ofServer = (place: string) => `at "registries.FINES.securityServer${place}": `

  it('rejects a client certificate without the key that belongs to it', () => {
    expect(() => withServer({ url, tls: { certificate: ours.certificate, key: theirs.key } })).toThrow(
      `${ofServer('.tls')}a certificate and its own key`,
    )
    expect(() => withServer({ url, tls: { certificate: ours.certificate } })).toThrow(
      `${ofServer('.tls')}a certificate and its key, or neither`,
    )
  })

  it('rejects certificates that are not PEM and keys with a passphrase', () => {
    const { privateKey } = generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' },
    })
    expect(() => withServer({ url, tls: { ...ours, key: privateKey } })).toThrow(
      `${ofServer('.tls.key')}a private key as PEM, without a passphrase`,
    )
    expect(() => withServer({ url, tls: { ...ours, certificate: 'none' } })).toThrow(
      `${ofServer('.tls.certificate')}certificates as PEM`,
    )
    const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
    expect(() => withServer({ url, tls: { authority: authority + broken } })).toThrow(
      `${ofServer('.tls.authority')}certificates as PEM`,
    )
  })

  it('rejects a client certificate for an http address', () => {
    expect(() => withServer({ url: 'http://127.0.0.1', tls: ours })).toThrow(
      `${ofServer('')}an address with https if tls is given`,
    )
  })
})

describe('exposed', () => {
  it('names connections that leave this machine without mutual TLS', () => {
    const exposedWith = (securityServer: unknown) => exposed(withServer(securityServer)).length > 0
    expect(exposedWith({ url, tls: { ...ours, authority } })).toBe(false)
    expect(exposedWith({ url, tls: ours })).toBe(false)
    for (const address of ['http://localhost:8080', 'http://127.0.0.1', 'https://[::1]'])
      expect(exposedWith({ url: address })).toBe(false)
    for (const securityServer of [{ url }, { url, tls: { authority } }, { url: 'http://security.example.org' }])
      expect(exposedWith(securityServer)).toBe(true)
    expect(exposedWith({ url: 'http://127.0.0.1.example.org' })).toBe(true)
  })
})
