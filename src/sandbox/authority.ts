import 'reflect-metadata'
import { randomBytes, webcrypto } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import * as x509 from '@peculiar/x509'
import { changeSecret, readSecret, secretIn } from '../platform/secretFile.js'

/** The holder of a certificate, and its use. */
export interface ToCertify {
  /** Without the word SANDBOX, which every certificate adds. */
  commonName: string
  /** Identifiers by ETSI EN 319 412-1: PNOAZ-<FİN> of a person, VATAZ-<VÖEN> of an organisation. */
  serialNumber?: string
  organisationIdentifier?: string
  organisation?: string
  /** A person signs; an organisation or agency seals. */
  usage: 'signature' | 'seal'
  /** Days of validity from now; negative for an expired certificate. */
  days: number
}
/** PEM: the private key, and the certificates, its own first. */
export interface Certified {
  key: string
  chain: string[]
}

/** A sandbox's certificate authority. Nobody outside trusts it. */
export interface Authority {
  /** Its own certificate, PEM. */
  root: string
  issue(asked: ToCertify): Promise<Certified>
  /** Revokes a certificate it issued, PEM: every later list contains it. */
  revoke(certificate: string): void
  /** The current revocation list: a CRL, DER. */
  revoked(): Promise<Buffer>
}

x509.cryptoProvider.set(webcrypto as Crypto) // Node's, under its browser name

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const day = 86_400_000
const name = 'authority.json'

interface Kept {
  key: string
  certificate: string
  revoked: { serialNumber: string; at: string }[]
}

/** The authority of this DATA_DIR. Created once on first use, even if several processes ask together. */
export async function authorityOf(dataDir: string): Promise<Authority> {
  const path = join(dataDir, name)
  const fresh = existsSync(path) ? '' : await freshAuthority()
  const kept = JSON.parse(secretIn(dataDir, name, () => fresh)) as Kept // as it was written below
  const own = new x509.X509Certificate(kept.certificate)
  const signingKey = await importedKey(kept.key)
  return {
    root: kept.certificate,
    issue: (asked) => issue(asked, own, signingKey),
    revoke(certificate) {
      const { serialNumber } = new x509.X509Certificate(certificate)
      const entry = { serialNumber, at: new Date().toISOString() }
      changeSecret(path, (text) => {
        const now = JSON.parse(text) as Kept // as above
        const known = now.revoked.some((before) => before.serialNumber === serialNumber)
        return JSON.stringify(known ? now : { ...now, revoked: [...now.revoked, entry] })
      })
    },
    revoked: async () => await listOf(JSON.parse(readSecret(path)) as Kept, own, signingKey), // as above
  }
}

const keyPair = () => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
const importedKey = (pem: string) =>
  webcrypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(pem), algorithm, false, ['sign'])
const exportedKey = async (key: CryptoKey) =>
  x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')

/** From yesterday on: clocks differ. */
const validFor = (days: number) => ({
  notBefore: new Date(Date.now() - day),
  notAfter: new Date(Date.now() + days * day),
})
// Positive, as a serial number must be, and unique.
const freshSerial = () => `4${randomBytes(16).toString('hex').slice(1)}`

async function freshAuthority(): Promise<string> {
  const keys = await keyPair()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: ['Pəncərə SANDBOX authority'] }, { OU: ['SANDBOX'] }],
    keys,
    signingAlgorithm: algorithm,
    serialNumber: freshSerial(),
    ...validFor(365 * 30),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  const kept: Kept = { key: await exportedKey(keys.privateKey), certificate: certificate.toString('pem'), revoked: [] }
  return JSON.stringify(kept)
}

const usages = {
  signature: x509.KeyUsageFlags.nonRepudiation,
  seal: x509.KeyUsageFlags.nonRepudiation | x509.KeyUsageFlags.digitalSignature,
}
/** As separate values, so that none can inject more of a name. */
function nameOf({ commonName, serialNumber, organisationIdentifier, organisation }: ToCertify): x509.Name {
  const known = { '2.5.4.5': serialNumber, '2.5.4.97': organisationIdentifier }
  const parts = { CN: commonName, ...known, O: organisation, OU: 'SANDBOX' }
  const given = Object.entries(parts).filter((part): part is [string, string] => part[1] !== undefined)
  return new x509.Name(given.map(([type, utf8String]) => ({ [type]: [{ utf8String }] })))
}

async function issue(asked: ToCertify, own: x509.X509Certificate, signingKey: CryptoKey): Promise<Certified> {
  const { usage, days } = asked
  const keys = await keyPair()
  const certificate = await x509.X509CertificateGenerator.create({
    subject: nameOf(asked),
    issuer: own.subjectName,
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: algorithm,
    serialNumber: freshSerial(),
    ...validFor(days),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(usages[usage], true),
      await x509.AuthorityKeyIdentifierExtension.create(own.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { key: await exportedKey(keys.privateKey), chain: [certificate.toString('pem'), own.toString('pem')] }
}

async function listOf({ revoked }: Kept, own: x509.X509Certificate, signingKey: CryptoKey): Promise<Buffer> {
  const thisUpdate = new Date()
  const list = await x509.X509CrlGenerator.create({
    issuer: own.subjectName,
    thisUpdate,
    nextUpdate: new Date(thisUpdate.getTime() + day),
    entries: revoked.map(({ serialNumber, at }) => ({ serialNumber, revocationDate: new Date(at) })),
    extensions: [await x509.AuthorityKeyIdentifierExtension.create(own.publicKey)],
    signingAlgorithm: algorithm,
    signingKey,
  })
  return Buffer.from(list.rawData)
}
