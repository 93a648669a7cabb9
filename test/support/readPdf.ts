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
import { decodeQR } from 'qr/decode.js'

// Reads the PDFs that this project makes, and no others.

/** The objects of a PDF by number: the text of the dictionary, and the unpacked stream. */
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

const referred = (dictionary: string, name: string) => new RegExp(`/${name} (\\d+) 0 R`).exec(dictionary)?.[1] ?? ''

/** The dictionary and the drawing operators of each page. */
function pagesOf(objects: ReturnType<typeof objectsOf>) {
  const pages = [...objects.values()].filter(({ dictionary }) => dictionary.includes('/Type /Page\n'))
  return pages.map(({ dictionary }) => ({
    dictionary,
    content: objects.get(referred(dictionary, 'Contents'))?.stream?.toString('latin1') ?? '',
  }))
}

/** The text of each page, in the order in which it is drawn, line by line. */
export function textOf(pdf: Buffer): string[] {
  const objects = objectsOf(pdf)
  const lettersOf = (font: string): string[] => {
    const cmap = objects.get(referred(objects.get(font)?.dictionary ?? '', 'ToUnicode'))?.stream?.toString() ?? ''
    const ranges = [...cmap.matchAll(/<[0-9a-f]{4}> <[0-9a-f]{4}> \[([^\]]*)\]/g)].map(([, all]) => all as string)
    return ranges.flatMap((all) =>
      [...all.matchAll(/<([0-9a-f ]*)>/g)].map(([, hex = '']) =>
        Buffer.from(hex.replaceAll(' ', ''), 'hex').swap16().toString('utf16le'),
      ),
    )
  }
  return pagesOf(objects).map(({ dictionary, content }) => {
    const resources = objects.get(referred(dictionary, 'Resources'))?.dictionary ?? ''
    const fonts = new Map(
      [...resources.matchAll(/\/(F\d+) (\d+) 0 R/g)].map(([, name, id]) => [name, lettersOf(id as string)]),
    )
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

const pixelsAModule = 4
const quietModules = 4

/** The text of the QR code on the first page. Its dark modules are the only squares that are drawn there. */
export function qrTextOf(pdf: Buffer): string {
  const content = pagesOf(objectsOf(pdf))[0]?.content ?? ''
  const squares = [...content.matchAll(/([\d.]+) ([\d.]+) ([\d.]+) \3 re\b/g)].map(([, x, y, size]) => ({
    x: Number(x),
    y: Number(y),
    size: Number(size),
  }))
  const [left, top] = [Math.min(...squares.map(({ x }) => x)), Math.min(...squares.map(({ y }) => y))]
  const modules = squares.map(
    ({ x, y, size }) => [Math.round((x - left) / size), Math.round((y - top) / size)] as const,
  )
  const width = (Math.max(...modules.flat()) + 1 + 2 * quietModules) * pixelsAModule
  const data = new Uint8Array(width * width * 4).fill(255)
  for (const [column, row] of modules)
    for (let line = 0; line < pixelsAModule; line++) {
      const from = ((row + quietModules) * pixelsAModule + line) * width + (column + quietModules) * pixelsAModule
      data.fill(0, 4 * from, 4 * (from + pixelsAModule))
    }
  return decodeQR({ width, height: width, data }, { format: 'RGBX', timeLimit: 10_000 })
}

const oid = {
  sha256: '2.16.840.1.101.3.4.2.1',
  ecdsa: '1.2.840.10045.4.3.2',
  rsa: '1.2.840.113549.1.1.11',
  messageDigest: '1.2.840.113549.1.9.4',
  signingCertificate: '1.2.840.113549.1.9.16.2.47',
}
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()

/** Why somebody who trusts that root rejects the signature of a PDF. Undefined if it is valid. */
export function signatureFaultOf(pdf: Buffer, root: X509Certificate): string | undefined {
  const [, ...range] = /\/ByteRange \[(\d+) (\d+) (\d+) (\d+) *\]/.exec(pdf.toString('latin1')) ?? []
  const [from, length, then, rest] = range.map(Number) as [number, number, number, number]
  if (from !== 0 || then + rest !== pdf.length) return 'the signature does not cover the whole file'
  if (pdf[length] !== 0x3c || pdf[then - 1] !== 0x3e) return 'the signature leaves out more than itself'
  const hex = pdf.subarray(length + 1, then - 1).toString('latin1')
  if (!/^[0-9a-f]+$/.test(hex)) return 'the signature is not in hex'
  const content = Buffer.concat([pdf.subarray(0, length), pdf.subarray(then)])
  try {
    return cmsFaultOf(Buffer.from(hex, 'hex'), content, root)
  } catch (error) {
    return `the signature cannot be read: ${(error as Error).message}`
  }
}

/** Strict: the unsigned parts around the signature must be exactly what is expected, too. */
function cmsFaultOf(padded: Buffer, content: Buffer, root: X509Certificate): string | undefined {
  const length = 4 + padded.readUInt16BE(2) // the length of a sequence of 256 bytes or more
  const [der, padding] = [padded.subarray(0, length), padded.subarray(length)]
  const { certificates, signerInfos } = AsnConvert.parse(AsnConvert.parse(der, ContentInfo).content, SignedData)
  const [signer, ...others] = signerInfos
  const [own, ...issuers] = [...(certificates ?? [])].flatMap(({ certificate }) => certificate ?? [])
  if (!signer?.signedAttrs || !own || others.length > 0) return 'the CMS must have one signer and its certificate'
  const signed = wrapped([own, ...issuers], signer.signedAttrs, signer.signature)
  if (!signed.equals(der) || padding.some((byte) => byte !== 0)) return 'the CMS holds more than the signature'
  const chain = [own, ...issuers].map((one) => new X509Certificate(Buffer.from(AsnConvert.serialize(one))))
  if (!chain.at(-1)?.raw.equals(root.raw)) return 'the chain ends at another root'
  if (!chain.every((one, at) => one.verify((chain[at + 1] ?? root).publicKey))) return 'the chain is broken'
  const attributes = new Map(
    signer.signedAttrs.map(({ attrType, attrValues: [value] }) => [attrType, Buffer.from(value ?? new ArrayBuffer(0))]),
  )
  if (!attributes.get(oid.messageDigest)?.subarray(2).equals(sha256(content))) return 'the content was changed'
  const ownHash = sha256(chain[0]?.raw ?? Buffer.of())
  if (!attributes.get(oid.signingCertificate)?.subarray(-32).equals(ownHash))
    return 'the signature names another certificate'
  const all = Buffer.concat(signer.signedAttrs.map((attribute) => Buffer.from(AsnConvert.serialize(attribute))))
  const signedSet = Buffer.concat([Buffer.of(0x31, 0x81, all.length), all])
  const key = chain[0]?.publicKey as KeyObject // `own` is there
  return verify('sha256', signedSet, key, Buffer.from(signer.signature.buffer)) ? undefined : 'the signature is wrong'
}

/** The CMS that is expected around these certificates, signed attributes and signature. */
function wrapped([own, ...issuers]: [Certificate, ...Certificate[]], signedAttrs: Attribute[], signature: OctetString) {
  const digestAlgorithm = new DigestAlgorithmIdentifier({ algorithm: oid.sha256 })
  const { issuer, serialNumber } = own.tbsCertificate
  const sid = new SignerIdentifier({ issuerAndSerialNumber: new IssuerAndSerialNumber({ issuer, serialNumber }) })
  const isRsa = own.tbsCertificate.subjectPublicKeyInfo.algorithm.algorithm.startsWith('1.2.840.113549')
  const signatureAlgorithm = new SignatureAlgorithmIdentifier(
    isRsa ? { algorithm: oid.rsa, parameters: new Uint8Array([5, 0]).buffer } : { algorithm: oid.ecdsa },
  )
  const signed = new SignedData({
    version: 1,
    digestAlgorithms: new DigestAlgorithmIdentifiers([digestAlgorithm]),
    encapContentInfo: new EncapsulatedContentInfo({ eContentType: id_data }),
    certificates: new CertificateSet([own, ...issuers].map((certificate) => new CertificateChoices({ certificate }))),
    signerInfos: new SignerInfos([
      new SignerInfo({ version: 1, sid, digestAlgorithm, signedAttrs, signatureAlgorithm, signature }),
    ]),
  })
  const info = new ContentInfo({ contentType: id_signedData, content: AsnConvert.serialize(signed) })
  return Buffer.from(AsnConvert.serialize(info))
}
