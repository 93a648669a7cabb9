import 'reflect-metadata'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ExtendedKeyUsageExtension, Extension } from '@peculiar/x509'
import { afterAll, describe, expect, it, test } from 'vitest'
import { openTrust } from '../../src/documents/openTrust.js'
import {
  authorityForTest,
  type Certified,
  type KeyKind,
  selfSigned,
  signedWith,
  signedWithSecret,
  type TestAuthority,
  usages,
  x5cOf,
} from '../support/signing.js'

const folder = mkdtempSync(join(tmpdir(), 'pencere-signature-'))
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0
async function listed(authority: TestAuthority, revoked: readonly Certified[] = []) {
  const file = join(folder, `${++files}.crl`)
  writeFileSync(file, await authority.list(revoked.map(({ certificate }) => certificate)))
  return { certificate: authority.certificate, crl: { file }, maxAge: 600 }
}
const log = { warn() {} }
const trusting = async (...authorities: (Awaited<ReturnType<typeof listed>> | TestAuthority)[]) => {
  const all = await Promise.all(authorities.map((one) => ('crl' in one ? one : listed(one))))
  return openTrust(async () => all, { log })
}
type Trust = Awaited<ReturnType<typeof trusting>>

const payload = '{"application":"M26-0000001-K"}'
/** What it is refused for, and what of it, or that it is good. */
async function told(trust: Trust, signature: string, over = payload): Promise<string> {
  const answer = await trust.check(signature)
  if ('refused' in answer) return `${answer.refused}: ${answer.why}`
  return (await answer.isOver(over)) ? 'good' : 'not over this'
}

const authority = await authorityForTest()
const trust = await trusting(authority)
const signer = await authority.certify()
const signature = await signedWith(signer, payload)

describe('A signature', () => {
  it('is good over what was signed, and over nothing else', async () => {
    expect(await told(trust, signature)).toBe('good')
    expect(await told(trust, signature, `${payload} `)).toBe('not over this')
  })

  it('says whose certificate it was made with, and goes with what it is over', async () => {
    const answer = await trust.check(signature)
    if ('refused' in answer) throw new Error(answer.why)
    expect(answer).toMatchObject({ fin: 'TEST001', voen: null })
    expect(answer.certificate).toBe(signer.certificate.fingerprint256.replaceAll(':', '').toLowerCase())
    const [header, middle, end] = answer.withPayload(payload).split('.')
    expect([`${header}..${end}`, Buffer.from(middle!, 'base64url').toString()]).toEqual([signature, payload])
  })

  it.each(['ES256', 'ES384', 'RS256', 'PS256'] satisfies KeyKind[])('may be made by %s', async (kind) => {
    expect(await told(trust, await signedWith(await authority.certify({ kind }), payload))).toBe('good')
  })

  it('is no longer good once any letter of it is another', async () => {
    const answers = new Set<string>()
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    // Each letter of its end, where four bits of the last one say nothing; of the header some.
    const end = signature.lastIndexOf('.') + 1
    const places = [...Array(signature.length).keys()].filter((at) => at >= end || at % 29 === 0)
    for (const at of places) {
      const next = letters[(letters.indexOf(signature[at]!) + 1) % 64]
      answers.add(await told(trust, `${signature.slice(0, at)}${next}${signature.slice(at + 1)}`))
    }
    expect(answers).not.toContain('good')
    expect(answers).toContain('not over this')
  })

  test.each([
    ['no JWS', 'nothing', 'unreadable: form'],
    ['nothing', '', 'unreadable: form'],
    ['one with its payload', signature.replace('..', '.e30.'), 'unreadable: form'],
    ['one with padding', `${signature}=`, 'unreadable: form'],
    ['one with a line behind it', `${signature}\n`, 'unreadable: form'],
    ['one without an end', signature.slice(0, signature.lastIndexOf('.') + 1), 'unreadable: form'],
    ['a header that is no JSON', `bm90aGluZw..${signature.split('..')[1]}`, 'unreadable: header'],
    ['one that is huge', `${'A'.repeat(70_000)}..AAAA`, 'unreadable: too_long'],
  ])('is not read: %s', async (_what, text, answer) => {
    expect(await told(trust, text)).toBe(answer)
  })

  test.each<[string, Record<string, unknown>, string]>([
    ['alg none', { alg: 'none' }, 'algorithm: not_taken'],
    ['another alg', { alg: 'ES512' }, 'algorithm: not_taken'],
    ['an alg for other keys', { alg: 'RS256' }, 'algorithm: other_key'],
    ['an alg for another curve', { alg: 'ES384' }, 'algorithm: other_key'],
    ['no alg', { alg: undefined }, 'unreadable: header'],
    ['another typ', { typ: 'pencere-receipt+jwt' }, 'unreadable: header'],
    ['no typ', { typ: undefined }, 'unreadable: header'],
    ['no x5c', { x5c: undefined }, 'unreadable: header'],
    ['an empty x5c', { x5c: [] }, 'unreadable: header'],
    ['a key of its own', { jwk: { kty: 'EC' } }, 'unreadable: header'],
    ['where its key is', { jku: 'https://example.org/keys' }, 'unreadable: header'],
    ['where its certificate is', { x5u: 'https://example.org/certificate' }, 'unreadable: header'],
    ['what must be known', { crit: ['b64'], b64: false }, 'unreadable: header'],
    ['a certificate that is none', { x5c: ['bm90aGluZw=='] }, 'unreadable: certificate'],
    ['many certificates', { x5c: Array(6).fill(x5cOf(signer.chain)[0]) }, 'unreadable: header'],
    ['a huge certificate', { x5c: ['A'.repeat(10_000)] }, 'unreadable: header'],
    [
      'a certificate with something behind it',
      { x5c: [Buffer.concat([signer.certificate.raw, Buffer.from('more')]).toString('base64')] },
      'unreadable: certificate',
    ],
    [
      'a certificate in PEM',
      { x5c: [Buffer.from(signer.certificate.toString()).toString('base64')] },
      'unreadable: certificate',
    ],
  ])('is not taken with %s in its header', async (_what, header, answer) => {
    expect(await told(trust, await signedWith(signer, payload, header))).toBe(answer)
  })

  it('is not taken without one at all', async () => {
    const [header, end] = (await signedWith(signer, payload, { alg: 'none' })).split('..')
    expect(await told(trust, `${header}..${end}`)).toBe('algorithm: not_taken')
  })

  it('is not taken by a secret that everybody knows', async () => {
    expect(await told(trust, await signedWithSecret(signer, payload))).toBe('algorithm: not_taken')
  })

  it.each(['RSA 1024', 'P-521'] satisfies KeyKind[])('is not taken by a key of %s', async (kind) => {
    const weak = await authority.certify({ kind })
    const alg = kind === 'P-521' ? 'ES256' : 'RS256'
    expect(await told(trust, await signedWith(weak, payload, { alg }))).toBe('algorithm: weak_key')
  })
})

describe('A certificate', () => {
  const of = async (certified: Certified, x5c = x5cOf(certified.chain), by = trust) =>
    await told(by, await signedWith(certified, payload, { x5c }))

  it('is believed with and without that of its authority beside it', async () => {
    expect(await of(signer, x5cOf(signer.chain.slice(0, 1)))).toBe('good')
  })

  it('is not believed of nobody who is listed, and whatever the other calls itself', async () => {
    expect(await of(await selfSigned())).toBe('untrusted: not_listed')
    const other = await authorityForTest()
    expect(await of(await other.certify())).toBe('untrusted: not_listed')
    // Of the same name: its own certificate beside it, or the one that is listed.
    const named = { name: { CN: [signedName(authority)] } }
    const twin = await (await authorityForTest(named)).certify()
    expect(twin.chain[1]?.subject).toBe(authority.certificate.subject)
    expect(await of(twin)).toBe('untrusted: not_listed')
    expect(await of(twin, x5cOf([twin.certificate, authority.certificate]))).toBe('untrusted: order')
  })

  it('is not believed of one who is no authority', async () => {
    const leaf = (certified: Certified) => authorityForTest({ isAuthority: false, usage: null }, certified)
    const between = await leaf(signer)
    const below = await authorityForTest({ isAuthority: false, usage: usages.nonRepudiation }, between)
    expect(await of(below)).toMatch(/^untrusted: (order|not_listed)$/)
    expect(await of(between)).toMatch(/^untrusted: (order|not_listed)$/)
    const list = await trusting(authority, { ...(await listed(authority)), certificate: between.certificate })
    expect(await of(below, x5cOf(below.chain.slice(0, 2)), list)).toBe('untrusted: authority')
  })

  it('comes first, and each before whoever issued it', async () => {
    const [own, root] = x5cOf(signer.chain) as [string, string]
    expect(await of(signer, [own, own])).toBe('untrusted: order')
    expect(await of(signer, [own, root, own])).toBe('untrusted: order')
    // With the other in front the key is another's, too.
    expect(await of(signer, [root, own])).toBe('untrusted: order')
    const other = await authority.certify()
    expect(await of(signer, x5cOf(other.chain))).toBe('not over this')
  })

  test.each<[string, Parameters<TestAuthority['certify']>[0], string]>([
    ['that has ended', { until: -0.5 }, 'expired: expired'],
    ['that has not begun', { from: 0.5 }, 'expired: not_yet'],
    ['of an authority', { isAuthority: true }, 'untrusted: is_authority'],
    ['to encrypt with', { usage: usages.encipherment }, 'untrusted: key_usage'],
    ['that does not say what it is for', { usage: null }, 'untrusted: key_usage'],
    ['to sign in with', { extensions: [new ExtendedKeyUsageExtension(['1.3.6.1.5.5.7.3.2'])] }, 'untrusted: key_usage'],
    ['for documents', { extensions: [new ExtendedKeyUsageExtension(['1.3.6.1.5.5.7.3.36'], true)] }, 'good'],
    ['to sign with, and no more', { usage: usages.digitalSignature }, 'good'],
    [
      'with what must be understood, and is not',
      { extensions: [new Extension('1.2.3.4', true, new Uint8Array([5, 0]))] },
      'untrusted: critical_extension',
    ],
    ['with what need not be', { extensions: [new Extension('1.2.3.4', false, new Uint8Array([5, 0]))] }, 'good'],
    [
      'with one thing said twice',
      { extensions: [1, 2].map(() => new Extension('1.2.3.4', false, new Uint8Array([5, 0]))) },
      'untrusted: extension_twice',
    ],
    ['signed over SHA-1', { hash: 'SHA-1' }, 'untrusted: certificate_algorithm'],
  ])('%s is believed or not', async (_what, asked, answer) => {
    expect(await of(await authority.certify(asked))).toBe(answer)
  })

  test.each<[string, Parameters<TestAuthority['certify']>[0], { fin: string | null; voen: string | null } | string]>([
    ['a FİN as ETSI has it', { fin: 'PNOAZ-TEST001' }, { fin: 'TEST001', voen: null }],
    ['a FİN alone', { fin: 'TEST001' }, { fin: 'TEST001', voen: null }],
    ['a VÖEN as ETSI has it', { voen: 'VATAZ-9900000141' }, { fin: null, voen: '9900000141' }],
    ['a VÖEN alone', { voen: '9900000141' }, { fin: null, voen: '9900000141' }],
    ['both', { fin: 'TEST006', voen: 'VATAZ-9900000141' }, { fin: 'TEST006', voen: '9900000141' }],
    ['a person of another state', { fin: 'PNOEE-TEST001' }, 'identifier'],
    ['a passport', { fin: 'PASAZ-TEST001' }, 'identifier'],
    ['a FİN with letters that none has', { fin: 'TESTOI1' }, 'identifier'],
    ['a FİN in small letters', { fin: 'test001' }, 'identifier'],
    ['a VÖEN that does not add up', { voen: '9900000151' }, 'identifier'],
    ['a person of another state, beside a VÖEN', { fin: 'PNOEE-TEST001', voen: 'VATAZ-9900000141' }, 'identifier'],
    ['two FİN', { name: { '2.5.4.5': ['TEST001', 'TEST002'] } }, 'identifier'],
    ['nobody', { name: { CN: ['TEST001'] } }, 'identifier'],
  ])('names whose it is: %s', async (_what, asked, answer) => {
    const checked = await trust.check(await signedWith(await authority.certify(asked), payload))
    if (typeof answer === 'string') expect(checked).toEqual({ refused: 'wrong_person', why: answer })
    else expect(checked).toMatchObject(answer)
  })

  it('that was revoked is not believed, and another of the same authority is', async () => {
    const [lost, kept] = [await authority.certify(), await authority.certify()]
    const by = await trusting(await listed(authority, [lost]))
    expect([await of(lost, undefined, by), await of(kept, undefined, by)]).toEqual(['revoked: revoked', 'good'])
  })
})

describe('An authority', () => {
  const of = async (certified: Certified, by: Trust) => await told(by, await signedWith(certified, payload))

  it('below another is believed where it is listed itself, as it is not known otherwise what it has revoked', async () => {
    const below = await authority.subordinate()
    const one = await below.certify()
    expect(await of(one, trust)).toBe('untrusted: not_listed')
    expect(await of(one, await trusting(authority, below))).toBe('good')
    expect(await of(one, await trusting(below))).toBe('good')
  })

  it('that another has revoked is not believed', async () => {
    const below = await authority.subordinate()
    const by = await trusting(await listed(authority, [below]), below)
    expect(await of(await below.certify(), by)).toBe('untrusted: authority_revoked')
  })

  it('below one that lets none stand below it is not believed', async () => {
    const root = await authorityForTest({ pathLength: 0 })
    const below = await root.subordinate()
    const by = await trusting(root, below)
    expect(await of(await root.certify(), by)).toBe('good')
    expect(await of(await below.certify(), by)).toBe('untrusted: authority')
  })

  test.each<[string, Parameters<typeof authorityForTest>[0], string]>([
    ['that has ended', { until: -0.5 }, 'untrusted: authority_expired'],
    ['whose key is for other things', { usage: usages.encipherment }, 'untrusted: order'],
    ['that is called none', { isAuthority: false, usage: usages.keyCertSign }, 'untrusted: authority'],
    [
      'with what must be understood, and is not',
      { extensions: [new Extension('2.5.29.30', true, new Uint8Array([0x30, 0]))] },
      'untrusted: critical_extension',
    ],
  ])('%s is not believed', async (_what, asked, answer) => {
    const root = await authorityForTest(asked)
    expect(await of(await root.certify(), await trusting(root))).toBe(answer)
  })

  it('that got a new certificate for its key is believed by it', async () => {
    const old = await authorityForTest({ until: -0.5 })
    const renewed = await old.renewed()
    const by = await trusting(old, renewed)
    expect(await of(await renewed.certify(), by)).toBe('good')
  })
})

const signedName = ({ certificate }: Certified) => certificate.subject.replace(/^CN=/, '')
