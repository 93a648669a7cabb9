import 'reflect-metadata'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Extension } from '@peculiar/x509'
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest'
import { readRevocationList } from '../../src/documents/revocationList.rules.js'
import { revocationsOf } from '../../src/documents/revocations.js'
import { authorityForTest, manyRevoked } from '../support/signing.js'

const authority = await authorityForTest()
const [revoked, kept] = [await authority.certify(), await authority.certify()].map(({ certificate }) => certificate)
const good = await authority.list([revoked!])

let asked: string[] = []
let answer: (response: ServerResponse) => void
const server = createServer(({ url = '' }, response) => {
  asked.push(url)
  answer(response)
})
const url = (path = '/a.crl') => `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`
const serve = (list: Buffer) => {
  answer = (response) => response.end(list)
}
beforeAll(() => new Promise<void>((settle) => server.listen(0, '127.0.0.1', settle)))
afterAll(() => {
  server.closeAllConnections()
  server.close()
})
const folder = mkdtempSync(join(tmpdir(), 'pencere-crl-'))
afterAll(() => rmSync(folder, { recursive: true }))

let now = Date.now()
let lines: object[] = []
const open = (crl: Parameters<typeof revocationsOf>[0]['crl'] = { url: url() }, maxAge = 600) => {
  const listed = { certificate: authority.certificate, crl, maxAge }
  return revocationsOf(listed, {
    now: () => new Date(now),
    patience: 500,
    log: { warn: (what: unknown) => void lines.push(what as object) },
  })
}
/** Whether it is revoked, or that nobody can tell. */
const ask = async (revocations: ReturnType<typeof open>, certificate = revoked!) =>
  (await revocations())?.has(certificate.serialNumber) ?? 'nobody can tell'

beforeEach(() => {
  now = Date.now()
  asked = []
  lines = []
  serve(good)
})

describe('What an authority has revoked', () => {
  it('stands in its list, by address or in a file', async () => {
    const file = join(folder, 'a.crl')
    writeFileSync(file, good)
    for (const crl of [{ url: url() }, { file }]) {
      const revocations = open(crl)
      expect([await ask(revocations), await ask(revocations, kept)]).toEqual([true, false])
    }
  })

  it('is fetched once for all who ask, and anew when it is of some age', async () => {
    const revocations = open()
    await Promise.all(Array.from({ length: 20 }, () => ask(revocations)))
    now += 599_000
    await ask(revocations)
    expect(asked).toHaveLength(1)
    now += 2_000
    serve(await authority.list([revoked!, kept!]))
    expect([await ask(revocations, kept), asked.length]).toEqual([true, 2])
  })

  it('stays known while the authority is down, until the next list was due, and then nobody can tell', async () => {
    const revocations = open()
    await ask(revocations)
    answer = (response) => response.socket?.destroy()
    now += 86_400_000 - 60_000
    expect(await ask(revocations)).toBe(true)
    now += 61_000
    expect(await ask(revocations)).toBe('nobody can tell')
    serve(await authority.list([revoked!], { next: 2 * 86_400_000 }))
    now += 5_001
    expect(await ask(revocations)).toBe(true)
  })

  it('is not asked for again at once where it could not be had, and that is logged', async () => {
    answer = (response) => response.writeHead(500).end('no')
    const revocations = open()
    expect([await ask(revocations), await ask(revocations), asked.length]).toEqual([
      ...['nobody can tell', 'nobody can tell', 1],
    ])
    expect(lines).toEqual([
      { authority: authority.certificate.fingerprint256, reason: 'a CRL must be answered with 200; 500 came' },
    ])
    now += 5_001
    serve(good)
    expect(await ask(revocations)).toBe(true)
  })

  it('is not unsaid by an older list', async () => {
    const revocations = open({ url: url() }, 1)
    await ask(revocations)
    now += 2_000
    serve(await authority.list([], { made: -120_000 }))
    expect(await ask(revocations)).toBe(true)
  })
})

const stranger = await authorityForTest()
const twin = await authorityForTest({ name: { CN: [authority.certificate.subject.replace(/^CN=/, '')] } })

describe('Nobody can tell by a list', () => {
  const critical = new Extension('2.5.29.27', true, new Uint8Array([2, 1, 1])) // of what changed alone
  const changed = Buffer.from(good)
  changed[changed.indexOf(Buffer.from(revoked!.serialNumber, 'hex'))]! ^= 1
  const lists: [string, Buffer | (() => Promise<Buffer>), string][] = [
    ['whose next was due', () => authority.list([], { made: -7200_000, next: -3600_000 }), 'must be good now'],
    ['of the time to come', () => authority.list([], { made: 3600_000 }), 'must have been made'],
    ['of another authority', () => stranger.list(), 'must be signed by the authority'],
    ['of another who calls itself the same', () => twin.list(), 'must be signed by the authority'],
    [
      'of who calls itself otherwise',
      () => authority.list([], { issuer: 'CN=Another' }),
      'must be issued by the authority',
    ],
    ['that was changed', changed, 'must be signed by the authority'],
    ['that is a part', () => authority.list([], { extensions: [critical] }), 'without critical extensions'],
    ['that is cut off', good.subarray(0, -10), 'bytes are required in DER'],
    ['that is empty', Buffer.alloc(0), 'a sequence is required'],
    ['that is none', Buffer.from('<html></html>'), 'bytes are required in DER'],
    ['that is a certificate', authority.certificate.raw, 'must name one algorithm'],
    ['that is nothing but depth', Buffer.from('3080'.repeat(50_000), 'hex'), 'a length of 1 to 4 bytes is required'],
    ['that is huge', Buffer.alloc(9_000_000, 0x30), 'has at most 8388608 bytes'],
  ]
  test.each(lists)('%s', async (_what, list, reason) => {
    serve(typeof list === 'function' ? await list() : list)
    const revocations = open()
    expect([await ask(revocations), await ask(revocations), asked.length]).toEqual([
      ...['nobody can tell', 'nobody can tell', 1],
    ])
    expect(lines).toMatchObject([{ reason: expect.stringContaining(reason) }])
  })

  it.each<[string, (response: ServerResponse) => void]>([
    ['that is elsewhere', (response) => response.writeHead(302, { location: url('/b.crl') }).end()],
    ['that never ends', (response) => void setInterval(() => response.write(good), 10).unref()],
    ['that never comes', () => {}],
    ['behind a line that breaks', (response) => response.socket?.destroy()],
  ])('%s', async (_what, does) => {
    answer = does
    expect(await ask(open())).toBe('nobody can tell')
    expect(asked).toEqual(['/a.crl'])
  })

  it('in a file that is not there, or is none', async () => {
    expect(await ask(open({ file: join(folder, 'nothing') }))).toBe('nobody can tell')
    expect(await ask(open({ file: folder }))).toBe('nobody can tell')
  })
})

it('A list of as many as a state revokes is read', async () => {
  const many = await manyRevoked(authority, 100_000)
  const list = await readRevocationList(many.list, authority.certificate)
  expect(many.serialNumbers.every((serialNumber) => list.has(serialNumber))).toBe(true)
  expect(list.has(kept!.serialNumber)).toBe(false)
})
