import 'reflect-metadata'
import { KeyObject, sign, webcrypto, X509Certificate } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import { CompactSign } from 'jose'
import { elementsIn } from '../../src/documents/signatures/der.js'
import { signatureType } from '../../src/documents/signatures/signature.rules.js'

x509.cryptoProvider.set(webcrypto as Crypto) // the cast: Node's type has another name

const es256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const rsa = (modulusLength: number, hash = 'SHA-256') => ({
  name: 'RSASSA-PKCS1-v1_5',
  modulusLength,
  hash,
  publicExponent: new Uint8Array([1, 0, 1]),
})
const rsa2048 = rsa(2048)
const kinds = {
  ES256: es256,
  ES384: { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' },
  RS256: rsa2048,
  PS256: rsa2048,
  'P-521': { name: 'ECDSA', namedCurve: 'P-521', hash: 'SHA-512' },
  'RSA 1024': rsa(1024),
}
export type KeyKind = keyof typeof kinds
const day = 86_400_000
const { digitalSignature, nonRepudiation, keyCertSign, cRLSign } = x509.KeyUsageFlags

interface Asked {
  fin?: string | undefined
  voen?: string | undefined
  /** Further parts of the name, by their OIDs. */
  name?: Record<string, string[]>
  kind?: KeyKind
  /** Null for none. */
  usage?: number | null
  isAuthority?: boolean
  pathLength?: number
  /** Days from now. */
  from?: number
  until?: number
  extensions?: x509.Extension[]
  /** The hash algorithm of the issuer's signature. */
  hash?: string
}

export interface Certified {
  certificate: X509Certificate
  keys: CryptoKeyPair
  /** Begins with the certificate itself. */
  chain: X509Certificate[]
  kind: KeyKind
}

const person = { fin: 'PNOAZ-TEST001' }
let count = 0

// The cast: every kind is a pair.
const freshKeys = (kind: KeyKind) =>
  webcrypto.subtle.generateKey(kinds[kind], true, ['sign', 'verify']) as Promise<CryptoKeyPair>
const rsaKeys = new Map<object, Promise<CryptoKeyPair>>()

/** New keys, but for RSA one pair a worker: making it is slow. */
function keysOf(kind: KeyKind): Promise<CryptoKeyPair> {
  if (kinds[kind].name === 'ECDSA') return freshKeys(kind)
  const keys = rsaKeys.get(kinds[kind]) ?? freshKeys(kind)
  rsaKeys.set(kinds[kind], keys)
  return keys
}

const nameOf = ({ fin, voen, name = {} }: Asked) => {
  const parts = {
    CN: [`Test ${++count}`],
    ...(fin && { '2.5.4.5': [fin] }),
    ...(voen && { '2.5.4.97': [voen] }),
    ...name,
  }
  return Object.entries(parts).flatMap(([type, values]) => values.map((value) => ({ [type]: [{ utf8String: value }] })))
}

async function make(asked: Asked, issuer: Certified | undefined, own?: Certified): Promise<Certified> {
  const { kind = 'ES256', isAuthority = false, from = -1, until = 1, hash = 'SHA-256', pathLength } = asked
  const { usage = isAuthority ? keyCertSign | cRLSign : nonRepudiation } = asked
  const keys = own?.keys ?? (await keysOf(kind))
  const by = issuer ?? { keys, kind }
  const above = issuer && new x509.X509Certificate(new Uint8Array(issuer.certificate.raw))
  const before = own && new x509.X509Certificate(new Uint8Array(own.certificate.raw))
  const name = before?.subjectName ?? new x509.Name(nameOf(asked))
  const certificate = await x509.X509CertificateGenerator.create({
    subject: name,
    issuer: above?.subjectName ?? name,
    publicKey: keys.publicKey,
    signingKey: by.keys.privateKey,
    signingAlgorithm: { ...kinds[by.kind], hash },
    serialNumber: (1000 + ++count).toString(16).padStart(6, '0'),
    notBefore: new Date(Date.now() + from * day),
    notAfter: new Date(Date.now() + until * day),
    extensions: [
      new x509.BasicConstraintsExtension(isAuthority, pathLength, true),
      ...(usage === null ? [] : [new x509.KeyUsagesExtension(usage, true)]),
      ...(asked.extensions ?? []),
    ],
  })
  const made = new X509Certificate(Buffer.from(certificate.rawData))
  return { certificate: made, keys, kind, chain: [made, ...(issuer?.chain ?? [])] }
}

export const usages = {
  digitalSignature,
  nonRepudiation,
  keyCertSign,
  encipherment: x509.KeyUsageFlags.keyEncipherment,
}

export interface TestAuthority extends Certified {
  certify(asked?: Asked): Promise<Certified>
  subordinate(asked?: Asked): Promise<TestAuthority>
  /** The same key in a new certificate. */
  renewed(asked?: Asked): Promise<TestAuthority>
  /** A CRL, in DER. */
  list(revoked?: readonly X509Certificate[], more?: ListAsked): Promise<Buffer>
}
interface ListAsked {
  /** Milliseconds from now. */
  made?: number
  next?: number
  /** Another name than the authority's own. */
  issuer?: string
  extensions?: x509.Extension[]
}

/** A certificate authority that certifies whatever a test asks for. */
export const authorityForTest = async (asked: Asked = {}, issuer?: Certified): Promise<TestAuthority> =>
  asAuthority(await make({ isAuthority: true, until: 2, ...asked }, issuer))

const asAuthority = (own: Certified): TestAuthority => ({
  ...own,
  certify: (told = {}) => make(told.fin || told.voen || told.name ? told : { ...person, ...told }, own),
  subordinate: (told = {}) => authorityForTest(told, own),
  renewed: async (told = {}) => asAuthority(await make({ isAuthority: true, until: 2, ...told }, undefined, own)),
  async list(revoked = [], { made = -60_000, next = day, issuer, extensions = [] } = {}) {
    const thisUpdate = new Date(Date.now() + made)
    const list = await x509.X509CrlGenerator.create({
      issuer: issuer ?? new x509.X509Certificate(new Uint8Array(own.certificate.raw)).subjectName,
      extensions,
      thisUpdate,
      nextUpdate: new Date(Date.now() + next),
      signingKey: own.keys.privateKey,
      signingAlgorithm: { ...kinds[own.kind], hash: 'SHA-256' },
      entries: revoked.map(({ serialNumber }) => ({ serialNumber, revocationDate: thisUpdate })),
    })
    return Buffer.from(list.rawData)
  },
})
/** A self-signed certificate. */
export const selfSigned = (asked: Asked = {}) => make({ ...person, ...asked }, undefined)

export const x5cOf = (chain: readonly X509Certificate[]) => chain.map(({ raw }) => raw.toString('base64'))
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A detached JWS. `header` overrides its defaults. */
export async function signedWith(
  signer: Certified,
  payload: string,
  header: Record<string, unknown> = {},
): Promise<string> {
  const alg = signer.kind
  const told = { alg, typ: signatureType, x5c: x5cOf(signer.chain), ...header }
  const name = alg === 'PS256' ? { name: 'RSA-PSS', hash: 'SHA-256' } : kinds[alg]
  const privateKey = await webcrypto.subtle.importKey(
    'pkcs8',
    await webcrypto.subtle.exportKey('pkcs8', signer.keys.privateKey),
    name,
    true,
    ['sign'],
  )
  const algorithm = alg === 'PS256' ? { ...name, saltLength: 32 } : name
  const input = Buffer.from(`${part(told)}.${Buffer.from(payload).toString('base64url')}`)
  const signature = Buffer.from(await webcrypto.subtle.sign(algorithm, privateKey, input))
  return `${part(told)}..${signature.toString('base64url')}`
}

/** A detached JWS by HS256 with the public key as the shared secret, which a verifier must refuse. */
export async function signedWithSecret({ certificate, chain }: Certified, payload: string): Promise<string> {
  const secret = Buffer.from(certificate.publicKey.export({ type: 'spki', format: 'pem' }))
  const header = { alg: 'HS256', typ: signatureType, x5c: x5cOf(chain) }
  const whole = await new CompactSign(Buffer.from(payload)).setProtectedHeader(header).sign(secret)
  return whole.replace(/\..*\./, '..')
}

/** A DER element. */
function element(tag: number, content: Buffer): Buffer {
  const { length } = content
  const bytes = length < 0x80 ? [length] : [...Buffer.from(length.toString(16).padStart(8, '0'), 'hex')]
  const long = length < 0x80 ? bytes : bytes.slice(bytes.findIndex((byte) => byte > 0))
  return Buffer.concat([Buffer.from([tag, ...(length < 0x80 ? long : [0x80 | long.length, ...long])]), content])
}

/** A CRL with that many certificates. The library would take minutes to make it. */
export async function manyRevoked(authority: TestAuthority, count: number) {
  const serialNumbers = Array.from({ length: count }, (_, at) => (2 ** 40 + at).toString(16))
  const [told, algorithm] = [...elementsIn([...elementsIn(await authority.list())][0]!.content)]
  const parts = [...elementsIn(told!.content)]
  const time = parts[3]!.whole
  const entries = serialNumbers.map((hex) =>
    element(0x30, Buffer.concat([element(2, Buffer.from(hex.padStart(12, '0'), 'hex')), time])),
  )
  const revoked = element(0x30, Buffer.concat(entries))
  const all = element(0x30, Buffer.concat([...parts.slice(0, 5).map(({ whole }) => whole), revoked]))
  const key = KeyObject.from(authority.keys.privateKey)
  const signature = element(3, Buffer.concat([Buffer.from([0]), sign('sha256', all, key)]))
  return { serialNumbers, list: element(0x30, Buffer.concat([all, algorithm!.whole, signature])) }
}
