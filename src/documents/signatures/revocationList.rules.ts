import { constants, type KeyObject, verify, type X509Certificate } from 'node:crypto'
import { setImmediate as others } from 'node:timers/promises'
import { promisify } from 'node:util'
import { type Element, elementsIn, tags } from './der.js'

/** The revocations of an authority at a time, and how long the list is valid. */
export interface RevocationList {
  thisUpdate: Date
  nextUpdate: Date
  /** A serial number in the format of X509Certificate. */
  has(serialNumber: string): boolean
}

/** The hash of each signature algorithm, by its OID in hex. */
const hashes: Record<string, { hash: string; key: 'ec' | 'rsa' }> = {
  '2a8648ce3d040302': { hash: 'sha256', key: 'ec' },
  '2a8648ce3d040303': { hash: 'sha384', key: 'ec' },
  '2a8648ce3d040304': { hash: 'sha512', key: 'ec' },
  '2a864886f70d01010b': { hash: 'sha256', key: 'rsa' },
  '2a864886f70d01010c': { hash: 'sha384', key: 'rsa' },
  '2a864886f70d01010d': { hash: 'sha512', key: 'rsa' },
}
const isSigned = promisify<string, Buffer, { key: KeyObject; padding?: number }, Buffer, boolean>(verify)

/**
 * Reads a CRL (RFC 5280) and verifies its signature. Throws one line that says what is wrong. Partial and indirect CRLs have a critical
 * extension, and are refused. Parsed by hand, because the library takes minutes for a list as long as that of a national authority.
 */
export async function readRevocationList(bytes: Buffer, authority: X509Certificate): Promise<RevocationList> {
  const list = sequenceIn(bytes)
  const [content, algorithm, signature] = [...elementsIn(list.content)]
  if (!content || !algorithm || signature?.tag !== tags.bitString)
    throw new Error('a CRL must be a list, an algorithm and a signature; this is something else')
  await refuseUnsigned({ content, algorithm, signature }, authority)
  return await readContent(content, algorithm, authority)
}

async function refuseUnsigned(
  { content, algorithm, signature }: { content: Element; algorithm: Element; signature: Element },
  { publicKey: key }: X509Certificate,
): Promise<void> {
  const [oid] = [...elementsIn(algorithm.content)]
  const known = hashes[oid?.content.toString('hex') ?? '']
  if (!known || known.key !== key.asymmetricKeyType)
    throw new Error('a CRL must be signed with ECDSA or RSA and SHA-2, by a key of that kind; it is not')
  const padding = known.key === 'rsa' ? { padding: constants.RSA_PKCS1_PADDING } : {}
  if (!(await isSigned(known.hash, content.whole, { key, ...padding }, signature.content.subarray(1))))
    throw new Error('a CRL must be signed by its authority; this one is not')
}

async function readContent(content: Element, algorithm: Element, authority: X509Certificate): Promise<RevocationList> {
  const parts = [...elementsIn(content.content)]
  if (parts[0]?.tag === tags.integer) parts.shift()
  const [inner, issuer, thisUpdate, nextUpdate, ...rest] = parts
  if (!inner?.whole.equals(algorithm.whole)) throw new Error('a CRL must name one algorithm; this one names two')
  if (!issuer?.whole.equals(subjectOf(authority)))
    throw new Error('a CRL must name its authority as the issuer; this one names another')
  const [from, until] = [momentIn(thisUpdate), momentIn(nextUpdate)]
  const revoked = rest[0]?.tag === tags.sequence ? rest.shift() : undefined
  const [extensions] = rest
  if (extensions) refuseCritical([...elementsIn(extensions.content)][0])
  const serialNumbers = await serialNumbersIn(revoked?.content ?? Buffer.alloc(0))
  return { thisUpdate: from, nextUpdate: until, has: (serialNumber) => serialNumbers.has(plain(serialNumber)) }
}

/** Entries read before yielding to other work. */
const atOnce = 2_000

async function serialNumbersIn(revoked: Buffer): Promise<ReadonlySet<string>> {
  const found = new Set<string>()
  for (const entry of elementsIn(revoked)) {
    const [serialNumber, , extensions] = elementsIn(entry.content)
    if (serialNumber?.tag !== tags.integer)
      throw new Error('each entry of a CRL must begin with a serial number; one does not')
    if (extensions) refuseCritical(extensions)
    found.add(plain(serialNumber.content.toString('hex')))
    if (found.size % atOnce === 0) await others()
  }
  return found
}

const plain = (hex: string) => hex.toLowerCase().replace(/^0+(?=.)/, '')

function refuseCritical(extensions: Element | undefined): void {
  for (const extension of elementsIn(extensions?.content ?? Buffer.alloc(0))) {
    const [, critical] = elementsIn(extension.content)
    if (critical?.tag === tags.boolean && critical.content[0] !== 0)
      throw new Error('a CRL must be complete, without critical extensions; this one has one')
  }
}

/** As in RFC 5280: UTCTime until 2049, GeneralizedTime after it, in UTC and whole seconds. */
function momentIn(element: Element | undefined): Date {
  const text = element?.content.toString('latin1') ?? ''
  const full = element?.tag === tags.utcTime ? `${Number(text.slice(0, 2)) < 50 ? '20' : '19'}${text}` : text
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(full) ?? []
  const moment = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  if (![tags.utcTime, tags.time].includes(element?.tag ?? 0) || Number.isNaN(moment.getTime()))
    throw new Error('a CRL must contain its time and that of the next one; this one does not')
  return moment
}

/** The encoded name of the issuer. */
function subjectOf({ raw }: X509Certificate): Buffer {
  const parts = [...elementsIn(sequenceIn(sequenceIn(raw).content).content)]
  // The version comes first, if there is one.
  return (parts[parts[0]?.tag === 0xa0 ? 5 : 4] as Element).whole
}

function sequenceIn(bytes: Buffer): Element {
  const [first] = elementsIn(bytes)
  if (first?.tag !== tags.sequence) throw new Error('DER must begin with a sequence here; it does not')
  return first
}
