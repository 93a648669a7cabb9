import 'reflect-metadata'
import type { X509Certificate } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import { readFin } from '../../shared/identifiers/fin.js'
import { readVoen } from '../../shared/identifiers/voen.js'
import type { Disbelieved } from '../../shared/trust.js'

type Chain = readonly [X509Certificate, ...X509Certificate[]]
/** The certificate of the signer, then its issuers. All issuers are listed; the last is trusted for that alone. */
export type Path = readonly [signer: X509Certificate, ...authorities: X509Certificate[]]

const untrusted = (why: string): Disbelieved => ({ refused: 'untrusted', why })
const isIssuedBy = (certificate: X509Certificate, authority: X509Certificate): boolean =>
  certificate.checkIssued(authority) && certificate.verify(authority.publicKey)

const isOver = ({ validTo }: X509Certificate, now: Date) => new Date(validTo) < now

/** The path to a trusted authority and the identity of the signer, or what is wrong with them at that time. */
export function believedBy(
  chain: Chain,
  listed: readonly X509Certificate[],
  now: Date,
): ({ path: Path } & Holder) | Disbelieved {
  const path = pathTo(chain, listed, now)
  if ('refused' in path) return path
  try {
    const fault = faultIn(path, now)
    if (fault) return fault
    const holder = holderOf(path[0])
    return 'refused' in holder ? holder : { path, ...holder }
  } catch {
    // OpenSSL can read it but the library cannot: a trusted authority has issued an unusual certificate.
    return untrusted('certificate')
  }
}

/**
 * The path from a certificate up the trust list. Intermediate authorities must be listed too, because only listed ones have a known
 * revocation list. The chain that the signer sends proves nothing, but must be in order.
 */
function pathTo(chain: Chain, listed: readonly X509Certificate[], now: Date): Path | Disbelieved {
  const isInOrder = chain.slice(1).every((authority, at) => isIssuedBy(chain[at] as X509Certificate, authority)) // one before each
  if (!isInOrder) return untrusted('order')
  const authorities: X509Certificate[] = []
  let below = chain[0]
  do {
    const issuers = listed.filter((authority) => isIssuedBy(below, authority))
    // An authority may have several certificates for one key.
    const above = issuers.find((authority) => !isOver(authority, now)) ?? issuers[0]
    if (!above) break
    authorities.push(above)
    below = above
  } while (!isIssuedBy(below, below) && authorities.length < longestPath)
  return authorities.length > 0 ? [chain[0], ...authorities] : untrusted('not_listed')
}
const longestPath = 5

/** What is wrong with the path at that time. */
function faultIn(path: Path, now: Date): Disbelieved | undefined {
  const certificates = path.map(({ raw }) => new x509.X509Certificate(new Uint8Array(raw)))
  const [signer, ...authorities] = certificates
  // The last one is trusted because it is listed, so its signature is not checked.
  if (!certificates.slice(0, -1).every(isSignedWell)) return untrusted('certificate_algorithm')
  return (
    authorities.map((authority, below) => faultOfAuthority(authority, below, now)).find(Boolean) ??
    faultOfSigner(signer as x509.X509Certificate, now) // a path has one
  )
}

const { keyCertSign, digitalSignature, nonRepudiation } = x509.KeyUsageFlags

function faultOfAuthority(certificate: x509.X509Certificate, below: number, now: Date): Disbelieved | undefined {
  const constraints = certificate.getExtension(x509.BasicConstraintsExtension)
  const { pathLength = Number.POSITIVE_INFINITY } = constraints ?? {}
  const isFit = constraints?.ca && usageOf(certificate) & keyCertSign && below <= pathLength
  if (!isFit) return untrusted('authority')
  return faultOfAny(certificate) ?? (isValid(certificate, now) ? undefined : untrusted('authority_expired'))
}

function faultOfSigner(certificate: x509.X509Certificate, now: Date): Disbelieved | undefined {
  if (certificate.getExtension(x509.BasicConstraintsExtension)?.ca) return untrusted('is_authority')
  if (!(usageOf(certificate) & (digitalSignature | nonRepudiation))) return untrusted('key_usage')
  const purposes = certificate.getExtension(x509.ExtendedKeyUsageExtension)?.usages
  if (purposes && !purposes.some((purpose) => forSigning.includes(String(purpose)))) return untrusted('key_usage')
  return (
    faultOfAny(certificate) ??
    (isValid(certificate, now)
      ? undefined
      : { refused: 'expired', why: certificate.notAfter < now ? 'expired' : 'not_yet' })
  )
}

/** Accepted purposes, if any are named: any, document signing (RFC 9336 and Microsoft's), mail. Not client authentication. */
const forSigning = ['2.5.29.37.0', '1.3.6.1.5.5.7.3.36', '1.3.6.1.4.1.311.10.3.12', '1.3.6.1.5.5.7.3.4']

const known = ['2.5.29.19', '2.5.29.15', '2.5.29.37'] // basicConstraints, keyUsage, extKeyUsage
const hashesTaken = ['SHA-256', 'SHA-384', 'SHA-512']
const signaturesTaken = ['ECDSA', 'RSASSA-PKCS1-v1_5']

const isSignedWell = ({ signatureAlgorithm: { name, hash } }: x509.X509Certificate): boolean =>
  signaturesTaken.includes(name) && hashesTaken.includes(hash?.name)

function faultOfAny({ extensions }: x509.X509Certificate): Disbelieved | undefined {
  const types = extensions.map(({ type }) => type)
  if (new Set(types).size < types.length) return untrusted('extension_twice')
  if (extensions.some(({ critical, type }) => critical && !known.includes(type))) return untrusted('critical_extension')
  return undefined
}

const usageOf = (certificate: x509.X509Certificate): number =>
  certificate.getExtension(x509.KeyUsagesExtension)?.usages ?? 0
const isValid = ({ notBefore, notAfter }: x509.X509Certificate, now: Date) => notBefore <= now && now <= notAfter

/** The names of the holder in the certificate. */
interface Holder {
  fin: string | null
  voen: string | null
}
const serialNumber = '2.5.4.5'
const organisationIdentifier = '2.5.4.97'

/**
 * Identifiers as in ETSI EN 319 412-1, `PNOAZ-<FİN>` and `VATAZ-<VÖEN>`, or without the prefix. An identifier of another kind matches
 * nobody, and invalidates the others: a holder must match entirely.
 */
function holderOf({ raw }: X509Certificate): Holder | Disbelieved {
  const { subjectName } = new x509.X509Certificate(new Uint8Array(raw))
  const [fins, voens] = [subjectName.getField(serialNumber), subjectName.getField(organisationIdentifier)]
  const [fin = null, voen = null] = [finIn(fins[0]), voenIn(voens[0])]
  const isUnknown = fins.length > 1 || voens.length > 1 || (fins.length > 0 && !fin) || (voens.length > 0 && !voen)
  if (isUnknown || (!fin && !voen)) return { refused: 'wrong_person', why: 'identifier' }
  return { fin, voen }
}

function finIn(text: string | undefined): string | undefined {
  const [, fin = ''] = /^(?:PNOAZ-)?(\w{7})$/.exec(text ?? '') ?? []
  const read = readFin(fin)
  return 'value' in read && read.value === fin ? fin : undefined
}
function voenIn(text: string | undefined): string | undefined {
  const [, voen = ''] = /^(?:VATAZ-)?(\d{10})$/.exec(text ?? '') ?? []
  const read = readVoen(voen)
  return 'value' in read ? read.value : undefined
}
