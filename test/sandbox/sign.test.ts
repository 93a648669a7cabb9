import 'reflect-metadata'
import { X509Certificate } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { configFrom } from '../../src/config.js'
import { authorityOf } from '../../src/sandbox/authority.js'
import { startAuthority } from '../../src/sandbox/authorityServer.js'
import { freePorts } from '../../src/sandbox/freePorts.js'
import { personasOf } from '../../src/sandbox/personas.js'
import { type Signer, signedBy } from '../../src/sandbox/sign.js'
import { listAddress, trustOfSandbox } from '../../src/sandbox/trust.js'
import { folderOfTest } from '../support/folder.js'
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

/** As an API would that has just begun. */
async function told(signer: Signer, given = payload) {
  const answer = await trustOfSandbox(config, { log }).check(await signedBy(signer, given, config))
  if ('refused' in answer) return answer.refused
  return { fin: answer.fin, voen: answer.voen, isGood: await answer.isOver(payload) }
}

describe('npm run sign', () => {
  it('signs for whom it is told, with a certificate that says so', async () => {
    expect(await told({ persona: 'citizen' })).toEqual({ fin: 'TEST001', voen: null, isGood: true })
    expect(await told({ persona: 'company-head' }, `${payload}\n`)).toEqual({
      fin: 'TEST006',
      voen: null,
      isGood: true,
    })
  })

  it('seals for the head of an organisation', async () => {
    const sealed = await told({ persona: 'company-head', organisation: 'company' })
    expect(sealed).toEqual({ fin: null, voen: '9900000141', isGood: true })
  })

  it.each(['expired', 'revoked'] as const)('makes a signature whose certificate is %s', async (spoilt) => {
    expect(await told({ persona: 'citizen', spoilt })).toBe(spoilt)
    // Nobody else's is.
    expect(await told({ persona: 'citizen' })).toMatchObject({ isGood: true })
  })

  it('makes one that is seen to be revoked by an API that has asked before', async () => {
    const trust = trustOfSandbox(config, { log })
    const check = async (signer: Signer) => await trust.check(await signedBy(signer, payload, config))
    await check({ persona: 'citizen' })
    await expect
      .poll(async () => await check({ persona: 'citizen', spoilt: 'revoked' }), { timeout: 4_000 })
      .toMatchObject({ refused: 'revoked' })
  })

  test.each<[Signer, string, string]>([
    [{ persona: undefined }, payload, 'nothing came'],
    [{ persona: 'nobody' }, payload, '"nobody" came'],
    [
      { persona: 'foreigner' },
      payload,
      'sign is for who has a FİN, by which an authority knows them; foreigner has none',
    ],
    [
      { persona: 'citizen', organisation: 'ministry' },
      payload,
      '--organisation must be one of company, other-company, accounting-firm; "ministry" came',
    ],
    [
      { persona: 'company-delegate', organisation: 'company' },
      payload,
      'the seal of company must be in the hands of who signs; company-delegate does not hold it',
    ],
    ...['', 'nothing', '{ "application": "M26-0000001-X" }', '{"b":1,"a":2}'].map((given): [Signer, string, string] => [
      { persona: 'citizen' },
      given,
      'sign must be given the payload as prepareSignature gave it, letter by letter; something else came',
    ]),
  ])('refuses %j of %j', async (signer, given, line) => {
    await expect(signedBy(signer, given, config)).rejects.toThrow(line)
  })

  it('is for a sandbox that believes its own authority', async () => {
    const TRUST_LIST = JSON.stringify([
      { certificate: (await authorityForTest()).certificate.toString(), crl: { file: '/nothing' } },
    ])
    await expect(signedBy({ persona: 'citizen' }, payload, configFrom({ TRUST_LIST }))).rejects.toThrow(
      'sign is for a sandbox whose own authority is believed',
    )
  })
})

describe('The authority of a sandbox', () => {
  const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    fetch(new URL(path, listAddress(port)), { headers, method })

  it('says what it has revoked, and nothing else', async () => {
    const list = await get('/authority.crl')
    expect([list.status, list.headers.get('content-type')]).toEqual([200, 'application/pkix-crl'])
    expect((await list.arrayBuffer()).byteLength).toBeGreaterThan(100)
    expect((await get('/authority.json')).status).toBe(404)
    expect((await get('/authority.crl', {}, 'POST')).status).toBe(404)
  })

  it('certifies a FİN and a VÖEN, and says of each that it is of a sandbox', async () => {
    const { issue } = await authorityOf(folder)
    const { chain } = await issue({
      ...{ commonName: 'Test', serialNumber: 'PNOAZ-TEST001', organisationIdentifier: 'VATAZ-9900000141' },
      ...{ usage: 'signature', days: 1 },
    })
    const { subject } = new X509Certificate(chain[0]!)
    for (const part of ['PNOAZ-TEST001', 'VATAZ-9900000141', 'OU=SANDBOX']) expect(subject).toContain(part)
  })

  it('is down where its process is, and then nobody can tell', async () => {
    const [other] = (await freePorts(1, [port])) as [number]
    const trust = trustOfSandbox({ ...config, authorityPort: other }, { log })
    expect(await trust.check(await signedBy({ persona: 'citizen' }, payload, config))).toEqual({
      ...{ refused: 'cannot_be_checked', why: 'revocations' },
    })
  })

  it('tells of every persona who can sign', async () => {
    for (const { name, fin } of personasOf().filter(({ fin }) => fin))
      expect(await told({ persona: name })).toMatchObject({ fin })
  })
})
