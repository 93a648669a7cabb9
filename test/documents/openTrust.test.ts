import { X509Certificate } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { openTrust } from '../../src/documents/signatures/openTrust.js'
import { filingSignatureType } from '../../src/documents/signatures/signature.rules.js'
import { folderOfTest } from '../support/folder.js'
import { authorityForTest, type Certified, signedWith, x5cOf } from '../support/signing.js'

const folder = folderOfTest()
const payload = '{"service":"DVX-RETURN"}'
const authority = await authorityForTest()
const brief = await authorityForTest({ until: 0.5 })
const [crl, crlOfBrief] = [join(folder, 'a.crl'), join(folder, 'brief.crl')]

const start = Date.now()
let now: number
/** Trust with an empty cache. */
const opened = () =>
  openTrust(
    async () => [
      { certificate: authority.certificate, crl: { file: crl }, maxAge: 1 },
      { certificate: brief.certificate, crl: { file: crlOfBrief }, maxAge: 1 },
    ],
    { log: { warn() {} }, now: () => new Date(now) },
  )
type Trust = ReturnType<typeof opened>
const typ = filingSignatureType

async function verdictOf(trust: Trust, signature: string): Promise<string> {
  const answer = await trust.check(signature, typ)
  if ('refused' in answer) return `${answer.refused}: ${answer.why}`
  return (await answer.isOver(payload)) ? 'good' : 'not over this'
}
const signatureBy = (signer: Certified, header: object = {}) => signedWith(signer, payload, { typ, ...header })
/** The verdict, and whether the chain was checked for it. */
async function checkedAt(trust: Trust, at: number, signature: string) {
  now = at
  const checks = vi.spyOn(X509Certificate.prototype, 'checkIssued')
  const verdict = await verdictOf(trust, signature)
  const isChecked = checks.mock.calls.length > 0
  checks.mockRestore()
  return `${verdict}${isChecked ? ', checked' : ''}`
}

const signer = await authority.certify()
const signature = await signatureBy(signer)
beforeEach(async () => {
  now = start
  writeFileSync(crl, await authority.list())
  writeFileSync(crlOfBrief, await brief.list())
})

describe('openTrust', () => {
  it('keeps the check of a chain for ten seconds', async () => {
    const trust = opened()
    const verdicts = []
    for (const seconds of [0, 1, 9, 10, 11, 0]) verdicts.push(await checkedAt(trust, start + seconds * 1000, signature))
    // A clock that is set back counts from there.
    expect(verdicts).toEqual(['good, checked', 'good', 'good', 'good, checked', 'good', 'good, checked'])
  })

  it.each<[string, () => Promise<Certified>, string]>([
    ['certificate', () => authority.certify({ until: 0.5 }), 'expired: expired'],
    ['authority', () => brief.certify(), 'untrusted: authority_expired'],
  ])('keeps it no longer than its %s is valid', async (_, certified, refusal) => {
    const { certificate, ...more } = await certified()
    const { validTo } = refusal.startsWith('expired') ? certificate : brief.certificate
    const [end, trust] = [Date.parse(validTo), opened()]
    const ending = await signatureBy({ certificate, ...more })
    // Within the day for which the lists are valid.
    expect(await checkedAt(trust, end - 2_000, ending)).toBe('good, checked')
    expect(await checkedAt(trust, end - 1_000, ending)).toBe('good')
    expect(await checkedAt(trust, end + 1_000, ending)).toBe(`${refusal}, checked`)
  })

  it('checks revocations each time', async () => {
    const trust = opened()
    expect(await checkedAt(trust, start, signature)).toBe('good, checked')
    writeFileSync(crl, await authority.list([signer.certificate]))
    expect(await checkedAt(trust, start + 2_000, signature)).toBe('revoked: revoked')
  })

  it('keeps a refusal of one chain apart from another with the same certificate', async () => {
    const trust = opened()
    const disordered = await signatureBy(signer, { x5c: x5cOf([signer.certificate, brief.certificate]) })
    expect(await checkedAt(trust, start, disordered)).toBe('untrusted: order, checked')
    expect(await checkedAt(trust, start, signature)).toBe('good, checked')
    expect(await checkedAt(trust, start, disordered)).toBe('untrusted: order')
  })

  it('verifies each signature with a known chain', async () => {
    const trust = opened()
    expect(await checkedAt(trust, start, signature)).toBe('good, checked')
    const thief = { ...(await authority.certify()), chain: signer.chain }
    expect(await checkedAt(trust, start, await signatureBy(thief))).toBe('not over this')
    expect(await checkedAt(trust, start, await signatureBy(signer, { alg: 'RS256' }))).toBe('algorithm: other_key')
  })

  it('lets others run between the checks of many chains', async () => {
    const trust = opened()
    await trust.check(signature, typ) // reads the lists
    const all = await Promise.all(Array.from({ length: 20 }, async () => signatureBy(await authority.certify())))
    let turns = 0
    const count = () => {
      turns++
      counting = setImmediate(count)
    }
    let counting = setImmediate(count)
    const verdicts = await Promise.all(all.map((one) => verdictOf(trust, one)))
    clearImmediate(counting)
    expect(new Set(verdicts)).toEqual(new Set(['good']))
    expect(turns).toBeGreaterThanOrEqual(20)
  })

  it('forgets all chains when it has seen a thousand', async () => {
    const trust = opened()
    expect(await checkedAt(trust, start, signature)).toBe('good, checked')
    const [header = '', end = ''] = signature.split('..')
    const read = JSON.parse(Buffer.from(header, 'base64url').toString())
    for (let at = 0; at < 1_000; at++) {
      const x5c = [Buffer.from(`certificate ${at}`).toString('base64')]
      const other = Buffer.from(JSON.stringify({ ...read, x5c })).toString('base64url')
      await trust.check(`${other}..${end}`, typ)
    }
    expect(await checkedAt(trust, start, signature)).toBe('good, checked')
  })
})
