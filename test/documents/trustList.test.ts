import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { trustListFrom } from '../../src/documents/signatures/trustList.js'
import { authorityForTest } from '../support/signing.js'

const pemOf = async (asked: Parameters<typeof authorityForTest>[0] = {}) =>
  (await authorityForTest(asked)).certificate.toString()
const certificate = await pemOf()
const crl = { url: 'http://crl.example.org/a.crl' }
const read = (list: unknown, isSandbox = false) => trustListFrom(JSON.stringify(list), { isSandbox })

describe('trustListFrom', () => {
  it('reads each authority and the place of its revocation list', async () => {
    const file = { certificate: await pemOf({ kind: 'RS256' }), crl: { file: '/var/lib/a.crl' }, maxAge: 60 }
    const list = read([{ certificate, crl }, file])
    expect(list.map(({ certificate, ...more }) => ({ ...more, ca: certificate.ca }))).toEqual([
      { crl, maxAge: 600, ca: true },
      { crl: file.crl, maxAge: 60, ca: true },
    ])
  })

  const rules: [string, () => unknown, string][] = [
    ['an empty list', () => [], 'a list of authorities, at least one; it does not'],
    ['an object', () => ({}), 'a list of authorities, at least one; it does not'],
    [
      'an entry whose certificate is not PEM',
      () => [{ certificate: 'x', crl }],
      'one certificate in PEM at 0.certificate; it does not',
    ],
    [
      'two certificates in one entry',
      () => [{ certificate: certificate + certificate, crl }],
      'one certificate in PEM at 0.certificate; it does not',
    ],
    [
      'an entry without a CRL',
      () => [{ certificate }],
      'the place of its CRL: { "url": … } or { "file": … } at 0.crl; it does not',
    ],
    [
      'a URL with a user and a password',
      () => [{ certificate, crl: { url: 'https://a:b@example.org/' } }],
      'an address with http or https, without a user or password at 0.crl.url; it does not',
    ],
    [
      'a URL of a file',
      () => [{ certificate, crl: { url: 'file:///etc/a.crl' } }],
      'an address with http or https, without a user or password at 0.crl.url; it does not',
    ],
    [
      'a relative path',
      () => [{ certificate, crl: { file: 'a.crl' } }],
      'the absolute path of a file at 0.crl.file; it does not',
    ],
    [
      'a maximum age of 0',
      () => [{ certificate, crl, maxAge: 0 }],
      'a whole number from 1 to 86400 at 0.maxAge; it does not',
    ],
    [
      'the same authority twice',
      () => [1, 2].map(() => ({ certificate, crl })),
      'authorities that are all different at 1; it does not',
    ],
  ]
  it.each(rules)('rejects %s', (_what, list, line) => {
    expect(() => read(list())).toThrow(new Error(`TRUST_LIST must contain ${line}`))
  })

  it('rejects a certificate that is not of an authority, and one with a weak key', async () => {
    const leaf = await pemOf({ isAuthority: false })
    expect(() => read([{ certificate: leaf, crl }])).toThrow('the certificate of an authority at 0')
    const weak = await pemOf({ kind: 'RSA 1024' })
    expect(() => read([{ certificate: weak, crl }])).toThrow(
      'a key of EC P-256 or P-384, or of RSA with 2048 to 8192 bits, at 0',
    )
  })

  it('rejects an authority of a sandbox in production', async () => {
    const sandbox = await pemOf({ name: { OU: ['SANDBOX'] } })
    expect(() => read([{ certificate: sandbox, crl }])).toThrow(
      'TRUST_LIST must contain no authority of a sandbox at 0',
    )
    expect(read([{ certificate: sandbox, crl }], true)).toHaveLength(1)
  })

  it('rejects text that is not JSON', () => {
    expect(() => trustListFrom('certificates', { isSandbox: false })).toThrow(/^TRUST_LIST must contain JSON; [^\n]+$/)
  })
})
