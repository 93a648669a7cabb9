import { createHash, type KeyObject, verify, X509Certificate } from 'node:crypto'
import { inflateSync } from 'node:zlib'
import {
  type Attribute,
  CertificateChoices,
  CertificateSet,
  ContentInfo,
  DigestAlgorithmIdentifier,
  DigestAlgorithmIdentifiers,
  EncapsulatedContentInfo,
  IssuerAndSerialNumber,
  id_data,
  id_signedData,
  SignatureAlgorithmIdentifier,
  SignedData,
  SignerIdentifier,
  SignerInfo,
  SignerInfos,
} from '@peculiar/asn1-cms'
import { AsnConvert, type OctetString } from '@peculiar/asn1-schema'
import type { Certificate } from '@peculiar/asn1-x509'

// Enough of a reader for the PDFs that are made here.

/** By their numbers: the dictionary of each object as text, and what its stream holds. */
function objectsOf(pdf: Buffer): Map<string, { dictionary: string; stream?: Buffer }> {
  const text = pdf.toString('latin1')
  const found = [...text.matchAll(/\n(\d+) 0 obj\n/g)].map(({ 1: id, index, 0: head }) => {
    const from = index + head.length
    const [dictionary = ''] = text.slice(from, text.indexOf('endobj', from)).split('stream\n')
    const start = from + dictionary.length + 'stream\n'.length
    const length = Number(/\/Length (\d+)/.exec(dictionary)?.[1])
    const hasStream = text.startsWith('stream\n', from + dictionary.length)
    const isPacked = hasStream && dictionary.includes('/FlateDecode')
    const stream = isPacked && inflateSync(pdf.subarray(start, start + length))
    return [id as string, { dictionary, ...(stream && { stream }) }] as const
  })
  return new Map(found)
}

/** What is written on each page, in the order in which it was drawn, with a line for each line. */
export function textOf(pdf: Buffer): string[] {
  const objects = objectsOf(pdf)
  const referred = (dictionary: string, name: string) => new RegExp(`/${name} (\\d+) 0 R`).exec(dictionary)?.[1] ?? ''
  const lettersOf = (font: string): string[] => {
    const cmap = objects.get(referred(objects.get(font)?.dictionary ?? '', 'ToUnicode'))?.stream?.toString() ?? ''
    const ranges = [...cmap.matchAll(/<[0-9a-f]{4}> <[0-9a-f]{4}> \[([^\]]*)\]/g)].map(([, all]) => all as string)
    return ranges.flatMap((all) =>
      [...all.matchAll(/<([0-9a-f ]*)>/g)].map(([, hex = '']) =>
        Buffer.from(hex.replaceAll(' ', ''), 'hex').swap16().toString('utf16le'),
      ),
    )
  }
  const pages = [...objects.values()].filter(({ dictionary }) => dictionary.includes('/Type /Page\n'))
  return pages.map(({ dictionary }) => {
    const resources = objects.get(referred(dictionary, 'Resources'))?.dictionary ?? ''
    const fonts = new Map(
      [...resources.matchAll(/\/(F\d+) (\d+) 0 R/g)].map(([, name, id]) => [name, lettersOf(id as string)]),
    )
    const content = objects.get(referred(dictionary, 'Contents'))?.stream?.toString('latin1') ?? ''
    let font: string[] = []
    const lines: string[] = []
    for (const [, name, shown] of content.matchAll(/\/(F\d+) [\d.]+ Tf|\[([^\]]*)\] TJ/g)) {
      if (name) font = fonts.get(name) ?? []
      else
        lines.push(
          [...(shown ?? '').matchAll(/<([0-9a-f]*)>/g)]
            .flatMap(([, hex = '']) => hex.match(/.{4}/g) ?? [])
            .map((glyph) => font[Number.parseInt(glyph, 16)])
            .join(''),
        )
    }
    return lines.join('\n')
  })
}

const oid = {
  ...{ sha256: '2.16.840.1.101.3.4.2.1', ecdsa: '1.2.840.10045.4.3.2', rsa: '1.2.840.113549.1.1.11' },
  messageDigest: '1.2.840.113549.1.9.4',
  signingCertificate: '1.2.840.113549.1.9.16.2.47',
}
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()

/** What keeps a signed PDF from being believed, where somebody trusts that root; undefined where nothing does. */
export function disbeliefOf(pdf: Buffer, root: X509Certificate): string | undefined {
  const [, ...range] = /\/ByteRange \[(\d+) (\d+) (\d+) (\d+) *\]/.exec(pdf.toString('latin1')) ?? []
  const [from, length, then, rest] = range.map(Number) as [number, number, number, number]
  if (from !== 0 || then + rest !== pdf.length) return 'not all of it is signed'
  if (pdf[length] !== 0x3c || pdf[then - 1] !== 0x3e) return 'more than the signature is left out'
  const hex = pdf.subarray(length + 1, then - 1).toString('latin1')
  if (!/^[0-9a-f]+$/.test(hex)) return 'the signature is not written in hex'
  const content = Buffer.concat([pdf.subarray(0, length), pdf.subarray(then)])
  try {
    return disbeliefOfCms(Buffer.from(hex, 'hex'), content, root)
  } catch (error) {
    return `the signature cannot be read: ${(error as Error).message}`
  }
}

/** Strict: what is said around a signature, and not signed itself, must be what there is to say. */
function disbeliefOfCms(padded: Buffer, content: Buffer, root: X509Certificate): string | undefined {
  const length = 4 + padded.readUInt16BE(2) // of a sequence with 256 bytes or more
  const [der, padding] = [padded.subarray(0, length), padded.subarray(length)]
  const { certificates, signerInfos } = AsnConvert.parse(AsnConvert.parse(der, ContentInfo).content, SignedData)
  const [signer, ...others] = signerInfos
  const [own, ...issuers] = [...(certificates ?? [])].flatMap(({ certificate }) => certificate ?? [])
  if (!signer?.signedAttrs || !own || others.length > 0) return 'one signer is required, and their certificate'
  const signed = wrapped([own, ...issuers], signer.signedAttrs, signer.signature)
  if (!signed.equals(der) || padding.some((byte) => byte !== 0)) return 'more is said than a signature is'
  const chain = [own, ...issuers].map((one) => new X509Certificate(Buffer.from(AsnConvert.serialize(one))))
  if (!chain.at(-1)?.raw.equals(root.raw)) return 'it leads to another root'
  if (!chain.every((one, at) => one.verify((chain[at + 1] ?? root).publicKey))) return 'the chain does not hold'
  const told = new Map(
    signer.signedAttrs.map(({ attrType, attrValues: [value] }) => [attrType, Buffer.from(value ?? new ArrayBuffer(0))]),
  )
  if (!told.get(oid.messageDigest)?.subarray(2).equals(sha256(content))) return 'the content was changed'
  const ownHash = sha256(chain[0]?.raw ?? Buffer.of())
  if (!told.get(oid.signingCertificate)?.subarray(-32).equals(ownHash)) return 'it names another certificate'
  const all = Buffer.concat(signer.signedAttrs.map((attribute) => Buffer.from(AsnConvert.serialize(attribute))))
  const attributes = Buffer.concat([Buffer.of(0x31, 0x81, all.length), all])
  const key = chain[0]?.publicKey as KeyObject // there is its own
  return verify('sha256', attributes, key, Buffer.from(signer.signature.buffer)) ? undefined : 'it signs something else'
}

/** With its certificates, what was signed, and the signature: all else that stands there. */
function wrapped([own, ...issuers]: [Certificate, ...Certificate[]], signedAttrs: Attribute[], signature: OctetString) {
  const digestAlgorithm = new DigestAlgorithmIdentifier({ algorithm: oid.sha256 })
  const { issuer, serialNumber } = own.tbsCertificate
  const sid = new SignerIdentifier({ issuerAndSerialNumber: new IssuerAndSerialNumber({ issuer, serialNumber }) })
  const isRsa = own.tbsCertificate.subjectPublicKeyInfo.algorithm.algorithm.startsWith('1.2.840.113549')
  const signatureAlgorithm = new SignatureAlgorithmIdentifier(
    isRsa ? { algorithm: oid.rsa, parameters: new Uint8Array([5, 0]).buffer } : { algorithm: oid.ecdsa },
  )
  const signed = new SignedData({
    ...{ version: 1, digestAlgorithms: new DigestAlgorithmIdentifiers([digestAlgorithm]) },
    encapContentInfo: new EncapsulatedContentInfo({ eContentType: id_data }),
    certificates: new CertificateSet([own, ...issuers].map((certificate) => new CertificateChoices({ certificate }))),
    signerInfos: new SignerInfos([
      new SignerInfo({ version: 1, sid, digestAlgorithm, signedAttrs, signatureAlgorithm, signature }),
    ]),
  })
  const info = new ContentInfo({ contentType: id_signedData, content: AsnConvert.serialize(signed) })
  return Buffer.from(AsnConvert.serialize(info))
}
