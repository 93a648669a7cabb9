import 'reflect-metadata'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ExtendedKeyUsageExtension, Extension } from '@peculiar/x509'
import { describe, expect, it } from 'vitest'
import { openTrust } from '../../src/documents/signatures/openTrust.js'
import { signatureType } from '../../src/documents/signatures/signature.rules.js'
import { folderOfTest } from '../support/folder.js'
import { long } from '../support/long.js'
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

const folder = folderOfTest()

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
/** Why a signature over the payload is refused, or that it is good. */
async function verdictOf(trust: Trust, signature: string, over = payload): Promise<string> {
  const answer = await trust.check(signature, signatureType)
  if ('refused' in answer) return `${answer.refused}: ${answer.why}`
  return (await answer.isOver(over)) ? 'good' : 'not over this'
}

const authority = await authorityForTest()
const trust = await trusting(authority)
const signer = await authority.certify()
const signature = await signedWith(signer, payload)

describe('openTrust', () => {
  it('accepts a signature over the signed payload only', async () => {
    expect(await verdictOf(trust, signature)).toBe('good')
    expect(await verdictOf(trust, signature, `${payload} `)).toBe('not over this')
  })

  it('returns the FİN of the signer, the certificate, and the signature with its payload', async () => {
    const answer = await trust.check(signature, signatureType)
    if ('refused' in answer) throw new Error(answer.why)
    expect(answer).toMatchObject({ fin: 'TEST001', voen: null })
    expect(answer.certificate).toBe(signer.certificate.fingerprint256.replaceAll(':', '').toLowerCase())
    const [header, middle, end] = answer.withPayload(payload).split('.')
    expect([`${header}..${end}`, Buffer.from(middle!, 'base64url').toString()]).toEqual([signature, payload])
  })

  it.each(['ES256', 'ES384', 'RS256', 'PS256'] satisfies KeyKind[])(
    'accepts a signature made with %s',
    async (kind) => {
      expect(await verdictOf(trust, await signedWith(await authority.certify({ kind }), payload))).toBe('good')
    },
  )

  it('refuses a signature with any letter changed', async () => {
    const answers = new Set<string>()
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    // The last letter has four unused bits.
    const end = signature.lastIndexOf('.') + 1
    const places = [...Array(signature.length).keys()].filter(
      (at) => long || at === end || at >= signature.length - 2 || at % 29 === 0,
    )
    for (const at of places) {
      const next = letters[(letters.indexOf(signature[at]!) + 1) % 64]
      answers.add(await verdictOf(trust, `${signature.slice(0, at)}${next}${signature.slice(at + 1)}`))
    }
    expect(answers).not.toContain('good')
    expect(answers).toContain('not over this')
  })

  it.each([
    ['that is not a JWS', 'nothing', 'unreadable: form'],
    ['that is empty', '', 'unreadable: form'],
    ['with its payload', signature.replace('..', '.e30.'), 'unreadable: form'],
    ['with padding', `${signature}=`, 'unreadable: form'],
    ['with a line break at the end', `${signature}\n`, 'unreadable: form'],
    ['without its last part', signature.slice(0, signature.lastIndexOf('.') + 1), 'unreadable: form'],
    ['with a header that is not JSON', `bm90aGluZw..${signature.split('..')[1]}`, 'unreadable: header'],
    ['of 70 kB', `${'A'.repeat(70_000)}..AAAA`, 'unreadable: too_long'],
  ])('refuses a signature %s', async (_what, text, answer) => {
    expect(await verdictOf(trust, text)).toBe(answer)
  })

  it.each<[string, Record<string, unknown>, string]>([
    ['the alg none', { alg: 'none' }, 'algorithm: not_taken'],
    ['the alg ES512', { alg: 'ES512' }, 'algorithm: not_taken'],
    ['the alg of another type of key', { alg: 'RS256' }, 'algorithm: other_key'],
    ['the alg of another curve', { alg: 'ES384' }, 'algorithm: other_key'],
    ['no alg', { alg: undefined }, 'unreadable: header'],
    ['another typ', { typ: 'pencere-application-receipt+jwt' }, 'unreadable: header'],
    ['no typ', { typ: undefined }, 'unreadable: header'],
    ['no x5c', { x5c: undefined }, 'unreadable: header'],
    ['an empty x5c', { x5c: [] }, 'unreadable: header'],
    ['a jwk', { jwk: { kty: 'EC' } }, 'unreadable: header'],
    ['a jku', { jku: 'https://example.org/keys' }, 'unreadable: header'],
    ['an x5u', { x5u: 'https://example.org/certificate' }, 'unreadable: header'],
    ['a crit', { crit: ['b64'], b64: false }, 'unreadable: header'],
    ['an x5c that is not a certificate', { x5c: ['bm90aGluZw=='] }, 'unreadable: certificate'],
    ['six certificates', { x5c: Array(6).fill(x5cOf(signer.chain)[0]) }, 'unreadable: header'],
    ['a huge certificate', { x5c: ['A'.repeat(10_000)] }, 'unreadable: header'],
    [
      'a certificate with bytes after its end',
      { x5c: [Buffer.concat([signer.certificate.raw, Buffer.from('more')]).toString('base64')] },
      'unreadable: certificate',
    ],
    [
      'a certificate in PEM',
      { x5c: [Buffer.from(signer.certificate.toString()).toString('base64')] },
      'unreadable: certificate',
    ],
  ])('refuses a header with %s', async (_what, header, answer) => {
    expect(await verdictOf(trust, await signedWith(signer, payload, header))).toBe(answer)
  })

  it('refuses a signature by HMAC with the public key as the secret', async () => {
    expect(await verdictOf(trust, await signedWithSecret(signer, payload))).toBe('algorithm: not_taken')
  })

  it.each(['RSA 1024', 'P-521'] satisfies KeyKind[])('refuses a signature by a key of %s', async (kind) => {
    const weak = await authority.certify({ kind })
    const alg = kind === 'P-521' ? 'ES256' : 'RS256'
    expect(await verdictOf(trust, await signedWith(weak, payload, { alg }))).toBe('algorithm: weak_key')
  })
})

describe('openTrust for the certificate of a signer', () => {
  const verdictOfCertified = async (certified: Certified, x5c = x5cOf(certified.chain), by = trust) =>
    await verdictOf(by, await signedWith(certified, payload, { x5c }))

  it('accepts it without the certificate of its authority, too', async () => {
    expect(await verdictOfCertified(signer, x5cOf(signer.chain.slice(0, 1)))).toBe('good')
  })

  it('refuses it when its authority is not listed, even under a listed name', async () => {
    expect(await verdictOfCertified(await selfSigned())).toBe('untrusted: not_listed')
    const other = await authorityForTest()
    expect(await verdictOfCertified(await other.certify())).toBe('untrusted: not_listed')
    // An authority of the same name, with its own certificate in the chain and with the listed one.
    const named = { name: { CN: [signedName(authority)] } }
    const twin = await (await authorityForTest(named)).certify()
    expect(twin.chain[1]?.subject).toBe(authority.certificate.subject)
    expect(await verdictOfCertified(twin)).toBe('untrusted: not_listed')
    expect(await verdictOfCertified(twin, x5cOf([twin.certificate, authority.certificate]))).toBe('untrusted: order')
  })

  it('refuses it when another signer issued it', async () => {
    const leaf = (certified: Certified) => authorityForTest({ isAuthority: false, usage: null }, certified)
    const between = await leaf(signer)
    const below = await authorityForTest({ isAuthority: false, usage: usages.nonRepudiation }, between)
    expect(await verdictOfCertified(below)).toMatch(/^untrusted: (order|not_listed)$/)
    expect(await verdictOfCertified(between)).toMatch(/^untrusted: (order|not_listed)$/)
    const list = await trusting(authority, { ...(await listed(authority)), certificate: between.certificate })
    expect(await verdictOfCertified(below, x5cOf(below.chain.slice(0, 2)), list)).toBe('untrusted: authority')
  })

  it('refuses a chain in another order', async () => {
    const [own, root] = x5cOf(signer.chain) as [string, string]
    expect(await verdictOfCertified(signer, [own, own])).toBe('untrusted: order')
    expect(await verdictOfCertified(signer, [own, root, own])).toBe('untrusted: order')
    // The key of the first certificate is the wrong one, too.
    expect(await verdictOfCertified(signer, [root, own])).toBe('untrusted: order')
    const other = await authority.certify()
    expect(await verdictOfCertified(signer, x5cOf(other.chain))).toBe('not over this')
  })

  it.each<[string, Parameters<TestAuthority['certify']>[0], string]>([
    ['an expired one', { until: -0.5 }, 'expired: expired'],
    ['one that is not valid yet', { from: 0.5 }, 'expired: not_yet'],
    ['one of an authority', { isAuthority: true }, 'untrusted: is_authority'],
    ['one for encryption', { usage: usages.encipherment }, 'untrusted: key_usage'],
    ['one without a key usage', { usage: null }, 'untrusted: key_usage'],
    ['one for sign-in', { extensions: [new ExtendedKeyUsageExtension(['1.3.6.1.5.5.7.3.2'])] }, 'untrusted: key_usage'],
    [
      'one with an unknown critical extension',
      { extensions: [new Extension('1.2.3.4', true, new Uint8Array([5, 0]))] },
      'untrusted: critical_extension',
    ],
    [
      'one with an extension twice',
      { extensions: [1, 2].map(() => new Extension('1.2.3.4', false, new Uint8Array([5, 0]))) },
      'untrusted: extension_twice',
    ],
    ['one signed over SHA-1', { hash: 'SHA-1' }, 'untrusted: certificate_algorithm'],
  ])('refuses %s', async (_what, asked, answer) => {
    expect(await verdictOfCertified(await authority.certify(asked))).toBe(answer)
  })

  it.each<[string, Parameters<TestAuthority['certify']>[0]]>([
    ['one for documents', { extensions: [new ExtendedKeyUsageExtension(['1.3.6.1.5.5.7.3.36'], true)] }],
    ['one for digital signatures only', { usage: usages.digitalSignature }],
    ['one with an unknown extension', { extensions: [new Extension('1.2.3.4', false, new Uint8Array([5, 0]))] }],
  ])('accepts %s', async (_what, asked) => {
    expect(await verdictOfCertified(await authority.certify(asked))).toBe('good')
  })

  it.each<[string, Parameters<TestAuthority['certify']>[0], { fin: string | null; voen: string | null }]>([
    ['a FİN in the form of ETSI', { fin: 'PNOAZ-TEST001' }, { fin: 'TEST001', voen: null }],
    ['a plain FİN', { fin: 'TEST001' }, { fin: 'TEST001', voen: null }],
    ['a VÖEN in the form of ETSI', { voen: 'VATAZ-9900000141' }, { fin: null, voen: '9900000141' }],
    ['a plain VÖEN', { voen: '9900000141' }, { fin: null, voen: '9900000141' }],
    ['a FİN and a VÖEN', { fin: 'TEST006', voen: 'VATAZ-9900000141' }, { fin: 'TEST006', voen: '9900000141' }],
  ])('reads %s', async (_what, asked, answer) => {
    expect(await trust.check(await signedWith(await authority.certify(asked), payload), signatureType)).toMatchObject(
      answer,
    )
  })

  it.each<[string, Parameters<TestAuthority['certify']>[0]]>([
    ['a person of another state', { fin: 'PNOEE-TEST001' }],
    ['a passport', { fin: 'PASAZ-TEST001' }],
    ['a FİN with letters that no FİN has', { fin: 'TESTOI1' }],
    ['a FİN in lower case', { fin: 'test001' }],
    ['a VÖEN with a wrong check digit', { voen: '9900000151' }],
    ['a person of another state beside a VÖEN', { fin: 'PNOEE-TEST001', voen: 'VATAZ-9900000141' }],
    ['two FİNs', { name: { '2.5.4.5': ['TEST001', 'TEST002'] } }],
    ['no identifier', { name: { CN: ['TEST001'] } }],
  ])('refuses one that names %s', async (_what, asked) => {
    const checked = await trust.check(await signedWith(await authority.certify(asked), payload), signatureType)
    expect(checked).toEqual({ refused: 'wrong_person', why: 'identifier' })
  })

  it('refuses a revoked one, and accepts another of the same authority', async () => {
    const [lost, kept] = [await authority.certify(), await authority.certify()]
    const by = await trusting(await listed(authority, [lost]))
    expect([await verdictOfCertified(lost, undefined, by), await verdictOfCertified(kept, undefined, by)]).toEqual([
      'revoked: revoked',
      'good',
    ])
  })
})

describe('openTrust for an authority', () => {
  const verdictOfCertified = async (certified: Certified, by: Trust) =>
    await verdictOf(by, await signedWith(certified, payload))

  it('accepts a subordinate only if it is listed itself, with its own list of revocations', async () => {
    const below = await authority.subordinate()
    const one = await below.certify()
    expect(await verdictOfCertified(one, trust)).toBe('untrusted: not_listed')
    expect(await verdictOfCertified(one, await trusting(authority, below))).toBe('good')
    expect(await verdictOfCertified(one, await trusting(below))).toBe('good')
  })

  it('refuses a subordinate that its parent has revoked', async () => {
    const below = await authority.subordinate()
    const by = await trusting(await listed(authority, [below]), below)
    expect(await verdictOfCertified(await below.certify(), by)).toBe('untrusted: authority_revoked')
  })

  it('refuses a subordinate whose parent allows none', async () => {
    const root = await authorityForTest({ pathLength: 0 })
    const below = await root.subordinate()
    const by = await trusting(root, below)
    expect(await verdictOfCertified(await root.certify(), by)).toBe('good')
    expect(await verdictOfCertified(await below.certify(), by)).toBe('untrusted: authority')
  })

  it.each<[string, Parameters<typeof authorityForTest>[0], string]>([
    ['an expired one', { until: -0.5 }, 'untrusted: authority_expired'],
    ['one whose key is for something else', { usage: usages.encipherment }, 'untrusted: order'],
    [
      'one that is not marked as an authority',
      { isAuthority: false, usage: usages.keyCertSign },
      'untrusted: authority',
    ],
    [
      'one with an unknown critical extension',
      { extensions: [new Extension('2.5.29.30', true, new Uint8Array([0x30, 0]))] },
      'untrusted: critical_extension',
    ],
  ])('refuses %s', async (_what, asked, answer) => {
    const root = await authorityForTest(asked)
    expect(await verdictOfCertified(await root.certify(), await trusting(root))).toBe(answer)
  })

  it('accepts a renewed certificate for the same key', async () => {
    const old = await authorityForTest({ until: -0.5 })
    const renewed = await old.renewed()
    const by = await trusting(old, renewed)
    expect(await verdictOfCertified(await renewed.certify(), by)).toBe('good')
  })
})

const signedName = ({ certificate }: Certified) => certificate.subject.replace(/^CN=/, '')
