import 'reflect-metadata'
import { writeFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Extension } from '@peculiar/x509'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readRevocationList } from '../../src/documents/signatures/revocationList.rules.js'
import { revocationsOf } from '../../src/documents/signatures/revocations.js'
import { folderOfTest } from '../support/folder.js'
import { long } from '../support/long.js'
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
const folder = folderOfTest()

let now = Date.now()
let lines: object[] = []
const open = (
  crl: Parameters<typeof revocationsOf>[0]['crl'] = { url: url() },
  { maxAge = 600, patience = 5_000 } = {},
) => {
  const listed = { certificate: authority.certificate, crl, maxAge }
  return revocationsOf(listed, {
    now: () => new Date(now),
    patience,
    log: { warn: (what: unknown) => void lines.push(what as object) },
  })
}
/** Whether the certificate is revoked. */
const ask = async (revocations: ReturnType<typeof open>, certificate = revoked!) =>
  (await revocations())?.has(certificate.serialNumber) ?? 'unknown'

beforeEach(() => {
  now = Date.now()
  asked = []
  lines = []
  serve(good)
})

describe('revocationsOf', () => {
  it('reads a list from a URL or a file', async () => {
    const file = join(folder, 'a.crl')
    writeFileSync(file, good)
    for (const crl of [{ url: url() }, { file }]) {
      const revocations = open(crl)
      expect([await ask(revocations), await ask(revocations, kept)]).toEqual([true, false])
    }
  })

  it('fetches a list once for all callers, and again after its maximum age', async () => {
    const revocations = open()
    await Promise.all(Array.from({ length: 20 }, () => ask(revocations)))
    now += 599_000
    await ask(revocations)
    expect(asked).toHaveLength(1)
    now += 2_000
    serve(await authority.list([revoked!, kept!]))
    expect([await ask(revocations, kept), asked.length]).toEqual([true, 2])
  })

  it('keeps a list while the authority is down until the next list is due, and answers unknown after that', async () => {
    const revocations = open()
    await ask(revocations)
    answer = (response) => response.socket?.destroy()
    now += 86_400_000 - 60_000
    expect(await ask(revocations)).toBe(true)
    now += 61_000
    expect(await ask(revocations)).toBe('unknown')
    serve(await authority.list([revoked!], { next: 2 * 86_400_000 }))
    now += 5_001
    expect(await ask(revocations)).toBe(true)
  })

  it('logs a failed request, and repeats it only after 5 seconds', async () => {
    answer = (response) => response.writeHead(500).end('no')
    const revocations = open()
    expect([await ask(revocations), await ask(revocations), asked.length]).toEqual(['unknown', 'unknown', 1])
    expect(lines).toEqual([
      {
        authority: authority.certificate.fingerprint256,
        reason: 'the server of a CRL must answer with 200; it answered with 500',
      },
    ])
    now += 5_001
    serve(good)
    expect(await ask(revocations)).toBe(true)
  })

  it('ignores an older list', async () => {
    const revocations = open({ url: url() }, { maxAge: 1 })
    await ask(revocations)
    now += 2_000
    serve(await authority.list([], { made: -120_000 }))
    expect(await ask(revocations)).toBe(true)
  })
})

const stranger = await authorityForTest()
const twin = await authorityForTest({ name: { CN: [authority.certificate.subject.replace(/^CN=/, '')] } })

describe('revocationsOf', () => {
  const critical = new Extension('2.5.29.27', true, new Uint8Array([2, 1, 1])) // of a list of changes
  const changed = Buffer.from(good)
  changed[changed.indexOf(Buffer.from(revoked!.serialNumber, 'hex'))]! ^= 1
  const lists: [string, Buffer | (() => Promise<Buffer>), string][] = [
    ['whose successor is overdue', () => authority.list([], { made: -7200_000, next: -3600_000 }), 'must be valid now'],
    ['from the future', () => authority.list([], { made: 3600_000 }), 'must not be dated in the future'],
    ['of another authority', () => stranger.list(), 'must be signed by its authority'],
    ['of another authority with the same name', () => twin.list(), 'must be signed by its authority'],
    [
      'of the same authority under another name',
      () => authority.list([], { issuer: 'CN=Another' }),
      'must name its authority as the issuer',
    ],
    ['with a changed byte', changed, 'must be signed by its authority'],
    ['of changes only', () => authority.list([], { extensions: [critical] }), 'without critical extensions'],
    ['that is cut off', good.subarray(0, -10), 'a DER value must have'],
    ['that is empty', Buffer.alloc(0), 'must begin with a sequence'],
    ['in HTML', Buffer.from('<html></html>'), 'a DER value must have'],
    ['that is a certificate', authority.certificate.raw, 'must name one algorithm'],
    ['that is nested 50,000 deep', Buffer.from('3080'.repeat(50_000), 'hex'), 'a DER length must have 1 to 4 bytes'],
    ['of 9 MB', Buffer.alloc(9_000_000, 0x30), 'must have at most 8388608 bytes'],
  ]
  it.each(lists)('rejects a list %s', async (_what, list, reason) => {
    serve(typeof list === 'function' ? await list() : list)
    const revocations = open()
    expect([await ask(revocations), await ask(revocations), asked.length]).toEqual(['unknown', 'unknown', 1])
    expect(lines).toMatchObject([{ reason: expect.stringContaining(reason) }])
  })

  it.each<[string, (response: ServerResponse) => void]>([
    ['that redirects', (response) => response.writeHead(302, { location: url('/b.crl') }).end()],
    [
      'that never ends',
      (response) => {
        const writing = setInterval(() => response.write(good), 10)
        response.on('close', () => clearInterval(writing))
      },
    ],
    ['that never comes', () => {}],
    ['that breaks the connection', (response) => response.socket?.destroy()],
  ])('answers unknown after a response %s', async (_what, does) => {
    answer = does
    expect(await ask(open({ url: url() }, { patience: 300 }))).toBe('unknown')
    expect(asked).toEqual(['/a.crl'])
  })

  it('answers unknown when the file is missing or is a folder', async () => {
    expect(await ask(open({ file: join(folder, 'nothing') }))).toBe('unknown')
    expect(await ask(open({ file: folder }))).toBe('unknown')
  })
})

describe('readRevocationList', () => {
  it('reads the list of a whole country', async () => {
    const many = await manyRevoked(authority, long ? 100_000 : 10_000)
    const list = await readRevocationList(many.list, authority.certificate)
    expect(many.serialNumbers.every((serialNumber) => list.has(serialNumber))).toBe(true)
    expect(list.has(kept!.serialNumber)).toBe(false)
  })
})
