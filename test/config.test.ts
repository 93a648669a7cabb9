import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { configFrom, misspelt } from '../src/config.js'
import { withoutAgencyKeys } from '../src/documents/issued/signingKeysFrom.js'
import { exchangeFrom } from '../src/exchange/registries/exchange.settings.js'
import { usualTimings } from '../src/platform/timings.js'
import { authorityForTest } from './support/signing.js'
import { freshSigningKeys } from './support/signingKeys.js'
import { issuerOfTest, issuersOfTest } from './support/tokens.js'

/** On this machine, beside the server. */
const bank = {
  url: 'https://bank.example.org',
  merchant: 'us',
  secret: 'a secret of the bank and of us, long',
  methods: { CARD: ['AZN'] },
}
const exchange = {
  client: 'AZ-TEST/GOV/1000/PENCERE',
  registries: { FINES: { system: 'AZ-TEST/GOV/2000/TRAFFIC', securityServer: { url: 'http://127.0.0.1:8080' } } },
}
const signingKeys = await freshSigningKeys()
const SIGNING_KEYS = JSON.stringify(signingKeys)
const listed = await authorityForTest()
const TRUST_LIST = JSON.stringify([
  { certificate: listed.certificate.toString(), crl: { url: 'http://crl.example.org/a.crl' } },
])
const folder = mkdtempSync(join(tmpdir(), 'pencere-config-'))
afterAll(() => rmSync(folder, { recursive: true }))

const s3Settings = {
  endpoint: 'https://files.example.org',
  region: 'test-1',
  bucket: 'pencere',
  accessKeyId: 'TESTACCESSKEY',
  secretAccessKey: 'secret',
  forcePathStyle: true,
}

describe('configFrom', () => {
  it('has a default for each name', () => {
    expect(configFrom({})).toEqual({
      role: 'all',
      mode: 'SANDBOX',
      sandboxAllows: [],
      host: '127.0.0.1',
      port: 4000,
      dataDir: resolve('.data'),
      accessLogDir: resolve('.data/access-log'),
      databaseUrl: undefined,
      migratorDatabaseUrl: undefined,
      databaseConnections: 10,
      filesDir: resolve('.data/files'),
      filesS3: undefined,
      clamd: undefined,
      patience: { draftDays: 90, confirmDays: 30 },
      uploads: { bytes: 20_971_520, bytesADay: 536_870_912, hours: 24 },
      keyring: undefined,
      signingKeys: undefined,
      trustList: undefined,
      issuers: [],
      publicUrl: undefined,
      sandboxPort: 4001,
      workerPort: 4002,
      timings: usualTimings,
      trustProxy: [],
      valkeyUrl: undefined,
      exchange: undefined,
      paymentProviders: undefined,
      paymentReturnOrigins: undefined,
      failpoints: '',
      logLevel: 'info',
      corsOrigins: [],
      requestTimeout: 10_000,
      lockTimeout: 5_000,
    })
  })

  it('reads an empty value as none', () => {
    expect(configFrom({ PORT: '', DATA_DIR: '', DATABASE_URL: '' })).toEqual(configFrom({}))
  })

  it('reads every name', () => {
    const environment = {
      ROLE: 'worker',
      MODE: 'production',
      SANDBOX_ALLOWS: 'network, database-url',
      HOST: '0.0.0.0',
      PORT: '0',
      DATA_DIR: '/srv/pencere',
      ACCESS_LOG_DIR: '/mnt/apart',
      DATABASE_URL: 'postgres://pencere:p%40ss@db.example.org/pencere?sslmode=require',
      MIGRATOR_DATABASE_URL: 'postgres://owner@db.example.org/pencere',
      DATABASE_CONNECTIONS: '40',
      FILES_S3: JSON.stringify(s3Settings),
      CLAMD: 'clamd.example.org:3310',
      UPLOAD_BYTES: '5000000',
      UPLOAD_BYTES_A_DAY: '90000000',
      DRAFT_DAYS: '30',
      CONFIRM_DAYS: '7',
      UPLOAD_HOURS: '48',
      KEYRING: '{}',
      SIGNING_KEYS,
      TRUST_LIST,
      ISSUERS: JSON.stringify([issuerOfTest]),
      PUBLIC_URL: 'https://api.example.org',
      SANDBOX_PORT: '4800',
      WORKER_PORT: '4900',
      TRUST_PROXY: '10.0.0.0/8, ::1',
      VALKEY_URL: 'redis://cache.example.org:6379',
      EXCHANGE: JSON.stringify(exchange),
      PAYMENT_PROVIDERS: JSON.stringify({ BANK: bank }),
      PAYMENT_RETURN_ORIGINS: 'https://a.example.org',
      LOG_LEVEL: 'silent',
      CORS_ORIGINS: 'https://a.example.org, http://localhost:5173',
      REQUEST_TIMEOUT_MS: '2500',
      LOCK_TIMEOUT_MS: '700',
    }
    expect(configFrom(environment)).toEqual({
      role: 'worker',
      mode: 'PRODUCTION',
      sandboxAllows: ['network', 'database-url'],
      host: '0.0.0.0',
      port: 0,
      dataDir: '/srv/pencere',
      accessLogDir: '/mnt/apart',
      databaseUrl: environment.DATABASE_URL,
      migratorDatabaseUrl: environment.MIGRATOR_DATABASE_URL,
      databaseConnections: 40,
      filesDir: '/srv/pencere/files',
      filesS3: s3Settings,
      clamd: { host: 'clamd.example.org', port: 3310 },
      patience: { draftDays: 30, confirmDays: 7 },
      uploads: { bytes: 5_000_000, bytesADay: 90_000_000, hours: 48 },
      keyring: '{}',
      signingKeys: SIGNING_KEYS,
      trustList: TRUST_LIST,
      issuers: issuersOfTest,
      publicUrl: environment.PUBLIC_URL,
      sandboxPort: 4800,
      workerPort: 4900,
      timings: usualTimings,
      trustProxy: ['10.0.0.0/8', '::1'],
      valkeyUrl: environment.VALKEY_URL,
      exchange: exchangeFrom(environment.EXCHANGE),
      paymentProviders: { BANK: { ...bank, timeLimit: 5000, connections: 20, waiting: 200 } },
      paymentReturnOrigins: ['https://a.example.org'],
      failpoints: '',
      logLevel: 'silent',
      corsOrigins: ['https://a.example.org', 'http://localhost:5173'],
      requestTimeout: 2500,
      lockTimeout: 700,
    })
  })

  it.each([
    ['PORT', '65536', 'PORT must be a whole number from 0 to 65535; got "65536"'],
    ['PORT', '4000.5', 'PORT must be a whole number from 0 to 65535; got "4000.5"'],
    ['DATABASE_CONNECTIONS', '0', 'DATABASE_CONNECTIONS must be a whole number from 1 to 1000; got "0"'],
    ['REQUEST_TIMEOUT_MS', '10s', 'REQUEST_TIMEOUT_MS must be a whole number from 100 to 600000; got "10s"'],
    ['ROLE', 'API', 'ROLE must be one of all, api, worker; got "API"'],
    ['MODE', 'test', 'MODE must be sandbox or production; got "test"'],
    [
      'SANDBOX_ALLOWS',
      'network,all',
      'SANDBOX_ALLOWS must be a comma-separated list of network, database-url, valkey-url, files-s3, clamd, exchange, payment-providers; got "network,all"',
    ],
    [
      'TRUST_PROXY',
      '10.0.0.0/33',
      'TRUST_PROXY must be a comma-separated list of addresses or networks such as 10.0.0.0/8, but not /0, which is everybody; got "10.0.0.0/33"',
    ],
    ...['0.0.0.0/0', '::/0'].map((everybody) => [
      'TRUST_PROXY',
      everybody,
      `TRUST_PROXY must be a comma-separated list of addresses or networks such as 10.0.0.0/8, but not /0, which is everybody; got "${everybody}"`,
    ]),
    ...['clamd.example.org', 'clamd.example.org:0', ':3310', '::1:3310', 'a b:3310', 'clamd:99999'].map((text) => [
      'CLAMD',
      text,
      `CLAMD must be a host and a port such as clamd.example.org:3310; got "${text}"`,
    ]),
    ['UPLOAD_BYTES', '999', 'UPLOAD_BYTES must be a whole number from 1000 to 100000000; got "999"'],
    ['LOG_LEVEL', 'INFO', 'LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent; got "INFO"'],
    [
      'CORS_ORIGINS',
      'https://a.example.org/,https://b.example.org',
      'CORS_ORIGINS must be a comma-separated list of origins such as https://example.org; got "https://a.example.org/,https://b.example.org"',
    ],
  ])('refuses %s=%s in one line with the requirement and the value', (name, value, line) => {
    expect(() => configFrom({ [name]: value })).toThrow(new Error(line))
  })

  it('names all invalid values at once', () => {
    expect(() => configFrom({ PORT: 'x', LOG_LEVEL: 'y' })).toThrow(/^LOG_LEVEL must be .*; PORT must be [^\n]*$/)
  })

  it('names all values at once that do not fit together', () => {
    expect(() => configFrom({ HOST: '0.0.0.0', ROLE: 'api', CLAMD: '[::1]:3310', TRUST_LIST: '[]' })).toThrow(
      /^CLAMD must not .*; HOST must be .*; ROLE=api requires .*; TRUST_LIST must contain [^\n]*$/,
    )
  })

  it('cannot be changed', () => {
    expect(Object.isFrozen(configFrom({}))).toBe(true)
  })

  it('does not repeat an invalid DATABASE_URL, which has a password', () => {
    const refusal = () => configFrom({ DATABASE_URL: 'mysql://pencere:secret@db/pencere' })
    expect(refusal).toThrow('DATABASE_URL must be postgres://user:password@host:port/database')
    expect(refusal).not.toThrow('secret')
  })

  it.each([
    [{}, 4001],
    [{ PORT: '8080' }, 8081],
    [{ PORT: '0' }, 0],
    [{ PORT: '65535' }, 0],
    [{ PORT: '0', SANDBOX_PORT: '4800' }, 4800],
  ])('has the port of the login for %j: %d', (environment, port) => {
    expect(configFrom(environment).sandboxPort).toBe(port)
  })

  it.each([
    ['text that is no JSON', '{', 'FILES_S3 must be JSON, as described in docs/uploads.md; it is not'],
    [
      'missing settings',
      '{}',
      'FILES_S3 must be as described in docs/uploads.md at region: Invalid input: expected string, received undefined; it is not',
    ],
    [
      'an FTP endpoint',
      JSON.stringify({ ...s3Settings, endpoint: 'ftp://files.example.org' }),
      'FILES_S3 must be as described in docs/uploads.md at endpoint: an address with http or https; it is not',
    ],
    [
      'an unknown setting',
      JSON.stringify({ ...s3Settings, prefix: 'x' }),
      'FILES_S3 must be as described in docs/uploads.md: endpoint, region, bucket, accessKeyId, secretAccessKey and forcePathStyle, and nothing else; it is not',
    ],
  ])('refuses FILES_S3 with %s and does not repeat it', (_, FILES_S3, line) => {
    expect(() => configFrom({ SANDBOX_ALLOWS: 'files-s3', FILES_S3 })).toThrow(new Error(line))
  })
})

describe('configFrom values that belong together', () => {
  const DATABASE_URL = 'postgres://pencere@db.example.org/pencere'
  const production = {
    MODE: 'production',
    DATABASE_URL,
    KEYRING: '{}',
    SIGNING_KEYS,
    CLAMD: '127.0.0.1:3310',
    PUBLIC_URL: 'https://api.example.org',
    ISSUERS: JSON.stringify([issuerOfTest]),
  }
  const beyond = (host: string) =>
    `HOST must be a loopback address in a sandbox without SANDBOX_ALLOWS=network; got "${host}"`

  it.each([
    ['HOST=0.0.0.0 in a sandbox', { HOST: '0.0.0.0' }, beyond('0.0.0.0')],
    ['HOST=:: in a sandbox', { HOST: '::' }, beyond('::')],
    [
      'HOST of a name that begins like a loopback address',
      { HOST: '127.0.0.1.example.org' },
      beyond('127.0.0.1.example.org'),
    ],
    [
      'HOST of the network when SANDBOX_ALLOWS has something else',
      { HOST: '192.0.2.7', SANDBOX_ALLOWS: 'database-url' },
      beyond('192.0.2.7'),
    ],
    [
      'DATABASE_URL in a sandbox',
      { DATABASE_URL },
      'DATABASE_URL must not be set in a sandbox without SANDBOX_ALLOWS=database-url; it is',
    ],
    [
      'a remote VALKEY_URL in a sandbox',
      { VALKEY_URL: 'redis://valkey.example.org', SANDBOX_ALLOWS: 'database-url' },
      'VALKEY_URL must not be set in a sandbox without SANDBOX_ALLOWS=valkey-url; it is',
    ],
    [
      'a PAYMENT_PROVIDERS with a short secret',
      {
        PAYMENT_PROVIDERS: JSON.stringify({ BANK: { ...bank, secret: 'short' } }),
        SANDBOX_ALLOWS: 'payment-providers',
      },
      'PAYMENT_PROVIDERS must contain settings as described in docs/payments.md; at "BANK.secret": at least 32 characters',
    ],
    [
      'PAYMENT_PROVIDERS over http in production',
      { ...production, PAYMENT_PROVIDERS: JSON.stringify({ BANK: { ...bank, url: 'http://bank.example.org' } }) },
      'PAYMENT_PROVIDERS must reach every bank in production over https, or on this machine; it does not for BANK',
    ],
    [
      'EXCHANGE in a sandbox',
      { EXCHANGE: JSON.stringify(exchange) },
      'EXCHANGE must not be set in a sandbox without SANDBOX_ALLOWS=exchange; it is',
    ],
    [
      'EXCHANGE without a client certificate in production',
      { ...production, EXCHANGE: JSON.stringify(exchange).replace('http://127.0.0.1', 'https://security.example.org') },
      'EXCHANGE must reach every registry in production over https with a client certificate, or on this machine; it does not for FINES',
    ],
    [
      'MIGRATOR_DATABASE_URL without DATABASE_URL',
      { MIGRATOR_DATABASE_URL: DATABASE_URL },
      'MIGRATOR_DATABASE_URL requires DATABASE_URL, with the serving role; it is not set',
    ],
    [
      'FILES_S3 in a sandbox',
      { FILES_S3: JSON.stringify(s3Settings) },
      'FILES_S3 must not be set in a sandbox without SANDBOX_ALLOWS=files-s3; it is',
    ],
    [
      'CLAMD in a sandbox',
      { CLAMD: '[::1]:3310' },
      'CLAMD must not be set in a sandbox without SANDBOX_ALLOWS=clamd; it is',
    ],
    ['production without CLAMD', { ...production, CLAMD: '' }, 'CLAMD must be set in production; it is not'],
    [
      'ROLE=worker without DATABASE_URL',
      { ROLE: 'worker' },
      'ROLE=worker requires DATABASE_URL: the embedded PostgreSQL belongs to ROLE=all',
    ],
    [
      'production without DATABASE_URL',
      { ...production, DATABASE_URL: '' },
      'DATABASE_URL or DATABASE_URL_FILE must be set in production; neither is',
    ],
    [
      'production without KEYRING, SIGNING_KEYS and ISSUERS',
      { ...production, KEYRING: '', SIGNING_KEYS: '', ISSUERS: '' },
      'KEYRING or KEYRING_FILE must be set in production; neither is; ISSUERS or ISSUERS_FILE must be set in production; neither is; SIGNING_KEYS or SIGNING_KEYS_FILE must be set in production; neither is',
    ],
    [
      'ROLE=api with keys of agencies',
      { ...production, ROLE: 'api' },
      'SIGNING_KEYS must contain only the chains of agencies if ROLE=api; it contains the private key of dvx-1',
    ],
    [
      'ROLE=worker without keys of agencies',
      { ...production, ROLE: 'worker', SIGNING_KEYS: withoutAgencyKeys(SIGNING_KEYS) },
      'SIGNING_KEYS must contain the private key of dvx-1, which is current; it does not',
    ],
    [
      'FAILPOINTS in production',
      { ...production, FAILPOINTS: 'command.committed=kill' },
      'FAILPOINTS must be empty in production; they are for tests',
    ],
    [
      'the audience of a sandbox in production',
      { ...production, ISSUERS: production.ISSUERS.replace('urn:pencere:test', 'urn:pencere:sandbox') },
      'ISSUERS must not accept tokens of a sandbox in production; got the audience urn:pencere:sandbox',
    ],
    [
      'an empty TRUST_LIST',
      { TRUST_LIST: '[]' },
      'TRUST_LIST must contain a list of authorities, at least one; it does not',
    ],
  ])('refuses %s', (_, environment, line) => {
    expect(() => configFrom(environment)).toThrow(new Error(line))
  })

  it.each([
    ['a sandbox at HOST=127.8.9.1', { HOST: '127.8.9.1' }],
    ['a sandbox at HOST=::1', { HOST: '::1' }],
    ['a sandbox at HOST=localhost', { HOST: 'localhost' }],
    ['a sandbox that allows the network', { HOST: '0.0.0.0', SANDBOX_ALLOWS: 'network' }],
    ['a sandbox that allows DATABASE_URL', { DATABASE_URL, SANDBOX_ALLOWS: 'database-url' }],
    ['a sandbox that allows VALKEY_URL', { VALKEY_URL: 'redis://127.0.0.1', SANDBOX_ALLOWS: 'valkey-url' }],
    ['a sandbox that allows EXCHANGE', { EXCHANGE: JSON.stringify(exchange), SANDBOX_ALLOWS: 'exchange' }],
    ['EXCHANGE on the same machine in production', { ...production, EXCHANGE: JSON.stringify(exchange) }],
    ['FAILPOINTS in a sandbox', { FAILPOINTS: 'command.committed=kill' }],
    [
      'ROLE=api without keys of agencies',
      { ...production, ROLE: 'api', SIGNING_KEYS: withoutAgencyKeys(SIGNING_KEYS) },
    ],
    [
      'production on the network with MIGRATOR_DATABASE_URL',
      { ...production, HOST: '0.0.0.0', MIGRATOR_DATABASE_URL: DATABASE_URL },
    ],
  ])('accepts %s', (_, environment) => {
    expect(() => configFrom(environment)).not.toThrow()
  })
})

describe('misspelt', () => {
  it('names the setting that a misspelt variable is nearest to', () => {
    expect(misspelt({ CORS_ORIGIN: 'https://example.org', port: '4000', DATABSE_URL_FILE: '/run/url' })).toEqual([
      'CORS_ORIGIN is not a setting and is ignored; did you mean CORS_ORIGINS?',
      'port is not a setting and is ignored; did you mean PORT?',
      'DATABSE_URL_FILE is not a setting and is ignored; did you mean DATABASE_URL_FILE?',
    ])
  })

  it('is silent about settings, and about variables of others', () => {
    expect(misspelt({ PORT: '4000', HOME: '/', HOSTNAME: 'a', NODE_ENV: 'test', LOGNAME: 'b', PATH: '/bin' })).toEqual(
      [],
    )
  })
})

describe('DATABASE_URL_FILE', () => {
  const file = join(folder, 'url')

  it('names a file with the value', () => {
    writeFileSync(file, 'postgres://pencere@db/pencere\n')
    expect(configFrom({ DATABASE_URL_FILE: file, SANDBOX_ALLOWS: 'database-url' }).databaseUrl).toBe(
      'postgres://pencere@db/pencere',
    )
  })

  it('excludes DATABASE_URL', () => {
    expect(() => configFrom({ DATABASE_URL_FILE: file, DATABASE_URL: 'postgres://db/pencere' })).toThrow(
      'DATABASE_URL or DATABASE_URL_FILE must be set; both are',
    )
  })

  it('must be readable', () => {
    expect(() => configFrom({ DATABASE_URL_FILE: join(folder, 'none') })).toThrow(
      /^DATABASE_URL_FILE must be a file that can be read; ENOENT/,
    )
  })
})
