import 'reflect-metadata'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { CompactSign } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { configFrom } from '../../src/config.js'
import { signatureType } from '../../src/documents/signatures/signature.rules.js'
import { startAuthority } from '../../src/sandbox/authorityServer.js'
import { certify } from '../../src/sandbox/certify.js'
import { freePorts } from '../../src/sandbox/freePorts.js'
import { personasOf } from '../../src/sandbox/personas.js'
import { type Signer, signedBy } from '../../src/sandbox/sign.js'
import { listAddress, trustOfSandbox } from '../../src/sandbox/trust.js'
import { folderOfTest } from '../support/folder.js'
import { long } from '../support/long.js'
import { authorityForTest } from '../support/signing.js'

const folder = folderOfTest()
const [port] = (await freePorts(1)) as [number]
const config = { ...configFrom({ DATA_DIR: folder }), authorityPort: port }
const log = { error() {}, warn() {} }
const payload = '{"application":"M26-0000001-X"}'

let server: Awaited<ReturnType<typeof startAuthority>>
beforeAll(async () => {
  server = await startAuthority({ dataDir: folder, port, log })
})
afterAll(() => server.stop())

/** What an API that has just started sees in a signature. */
async function seen(signer: Signer, given = payload) {
  const answer = await trustOfSandbox(config, { log }).check(await signedBy(signer, given, config), signatureType)
  if ('refused' in answer) return answer.refused
  return { fin: answer.fin, voen: answer.voen, isValid: await answer.isOver(payload) }
}

async function trustingAnother() {
  const certificate = (await authorityForTest()).certificate.toString()
  return configFrom({ TRUST_LIST: JSON.stringify([{ certificate, crl: { file: '/nothing' } }]) })
}

describe('signedBy', () => {
  const sample = ['citizen', 'company-head']
  it.each(personasOf().filter(({ name, fin }) => fin && (long || sample.includes(name))))(
    'signs for $name with a certificate of their FİN',
    async ({ name, fin }) => {
      expect(await seen({ persona: name })).toEqual({ fin, voen: null, isValid: true })
    },
  )

  it('ignores a newline behind the payload', async () => {
    expect(await seen({ persona: 'citizen' }, `${payload}\n`)).toMatchObject({ isValid: true })
  })

  it.each([
    ['an application', payload, 'pencere-application+jose'],
    ['a filing', '{"externalNumber":"2026-10/1","service":"DVX-RETURN"}', 'pencere-filing+jose'],
    ['a batch of filings', '{"batchSha256":"00","sandbox":true}', 'pencere-filing+jose'],
  ])('gives the signature of %s its type', async (_what, given, typ) => {
    const [header = ''] = (await signedBy({ persona: 'citizen' }, given, config)).split('.')
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toMatchObject({ typ })
  })

  it('seals with a certificate of the VÖEN for the head of an organisation', async () => {
    const sealed = await seen({ persona: 'company-head', organisation: 'company' })
    expect(sealed).toEqual({ fin: null, voen: '9900000141', isValid: true })
  })

  it.each(['expired', 'revoked'] as const)(
    'signs with a certificate that is %s, and spoils no other',
    async (spoilt) => {
      expect(await seen({ persona: 'citizen', spoilt })).toBe(spoilt)
      expect(await seen({ persona: 'citizen' })).toMatchObject({ isValid: true })
    },
  )

  it.each<[Signer, string, string]>([
    [{ persona: undefined }, payload, 'got nothing'],
    [{ persona: 'nobody' }, payload, 'got "nobody"'],
    [
      { persona: 'foreigner' },
      payload,
      'sign is for who has a FİN, by which an authority knows them; foreigner has none',
    ],
    [
      { persona: 'citizen', organisation: 'ministry' },
      payload,
      'the organisation must be one of company, other-company, third-company, accounting-firm; got "ministry"',
    ],
    [
      { persona: 'company-delegate', organisation: 'company' },
      payload,
      'the seal of company must be in the hands of who signs; company-delegate does not hold it',
    ],
  ])('rejects %j with the payload %j', async (signer, given, message) => {
    await expect(signedBy(signer, given, config)).rejects.toThrow(message)
  })

  it.each([
    '',
    'nothing',
    '{ "application": "M26-0000001-X" }',
    '{"application":1,"a":2}',
    '{"note":"pay"}',
    '[]',
    'null',
  ])('rejects the payload %j', async (given) => {
    await expect(signedBy({ persona: 'citizen' }, given, config)).rejects.toThrow(
      'sign requires the payload of prepareSignature or validateFiling, or of a batch of filings, unchanged',
    )
  })

  it('rejects a sandbox that trusts another authority', async () => {
    await expect(signedBy({ persona: 'citizen' }, payload, await trustingAnother())).rejects.toThrow(
      'sign is for a sandbox whose own authority is believed',
    )
  })
})

describe('certify', () => {
  it('writes a key and a certificate that the sandbox trusts for the organisation, for its owner alone', async () => {
    const path = await certify('accounting-firm', config)
    expect([path, statSync(path).mode & 0o777]).toEqual([join(folder, 'accounting-firm.pem'), 0o600])
    const [key = '', ...certificates] = readFileSync(path, 'utf8').split(/(?=-----BEGIN CERTIFICATE)/)
    const x5c = certificates.map((pem) => new X509Certificate(pem).raw.toString('base64'))
    const whole = await new CompactSign(Buffer.from(payload))
      .setProtectedHeader({ alg: 'ES256', typ: signatureType, x5c })
      .sign(createPrivateKey(key))
    const answer = await trustOfSandbox(config, { log }).check(whole.replace(/\..*\./, '..'), signatureType)
    expect(answer).toMatchObject({ fin: null, voen: '9900000421' })
    expect('isOver' in answer && (await answer.isOver(payload))).toBe(true)
  })

  it('replaces the key on the next call', async () => {
    const read = async () => readFileSync(await certify('company', config), 'utf8')
    expect(await read()).not.toBe(await read())
  })

  it.each([undefined, 'ministry', '../company'])(
    'rejects %j, which is no organisation of the sandbox',
    async (name) => {
      await expect(certify(name, config)).rejects.toThrow(/^the organisation must be one of company, /)
    },
  )

  it('rejects a sandbox that trusts another authority', async () => {
    await expect(certify('company', await trustingAnother())).rejects.toThrow('certify is for a sandbox')
  })
})

describe('trustOfSandbox', () => {
  it('sees a revocation a second after it fetched the list', async () => {
    let ahead = 0
    const trust = trustOfSandbox(config, { log, now: () => new Date(Date.now() + ahead) })
    const check = async (signer: Signer) => await trust.check(await signedBy(signer, payload, config), signatureType)
    await check({ persona: 'citizen' })
    ahead = 1_000
    expect(await check({ persona: 'citizen', spoilt: 'revoked' })).toMatchObject({ refused: 'revoked' })
  })

  it('cannot check revocations while the authority is down', async () => {
    const [other] = (await freePorts(1, [port])) as [number]
    const trust = trustOfSandbox({ ...config, authorityPort: other }, { log })
    expect(await trust.check(await signedBy({ persona: 'citizen' }, payload, config), signatureType)).toEqual({
      refused: 'cannot_be_checked',
      why: 'revocations',
    })
  })
})

describe('startAuthority', () => {
  it('serves the list of revoked certificates and nothing else', async () => {
    const get = (path: string, method = 'GET') => fetch(new URL(path, listAddress(port)), { method })
    const list = await get('/authority.crl')
    expect([list.status, list.headers.get('content-type')]).toEqual([200, 'application/pkix-crl'])
    expect((await list.arrayBuffer()).byteLength).toBeGreaterThan(100)
    expect((await get('/authority.json')).status).toBe(404)
    expect((await get('/authority.crl', 'POST')).status).toBe(404)
  })
})
