import { createHash, sign } from 'node:crypto'
import {
  Attribute,
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
import { AsnConvert, OctetString } from '@peculiar/asn1-schema'
import { Certificate } from '@peculiar/asn1-x509'
import { Signer, SignPdf } from '@signpdf/signpdf'
import type { SigningKey } from '../../shared/signingKeys.js'
import { algorithmOf } from './signClaims.js'

const oid = {
  sha256: '2.16.840.1.101.3.4.2.1',
  ES256: '1.2.840.10045.4.3.2',
  RS256: '1.2.840.113549.1.1.11',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingCertificate: '1.2.840.113549.1.9.16.2.47',
}
const noParameters = new Uint8Array([5, 0]).buffer // NULL, which RSA wants and ECDSA does not
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()

/** PAdES, baseline B: fills the room that was left in the PDF with a signature over all else. */
export const signPdf = (pdf: Buffer, signingKey: SigningKey): Promise<Buffer> =>
  new SignPdf().sign(pdf, new PdfSigner(signingKey))

class PdfSigner extends Signer {
  constructor(private readonly signingKey: SigningKey) {
    super()
  }

  override async sign(pdf: Buffer): Promise<Buffer> {
    return signatureOver(pdf, this.signingKey)
  }
}

/** CMS (RFC 5652) beside its content, with the attributes that PAdES wants, and no time: the PDF says that. */
function signatureOver(content: Buffer, { key, chain }: SigningKey): Buffer {
  const [own] = chain.map(({ raw }) => AsnConvert.parse(raw, Certificate)) as [Certificate, ...Certificate[]] // as there
  const algorithm = algorithmOf(key)
  const attributes = attributesOf(sha256(content), sha256(chain[0].raw))
  const digestAlgorithm = new DigestAlgorithmIdentifier({ algorithm: oid.sha256 })
  const signer = new SignerInfo({
    version: 1,
    digestAlgorithm,
    signedAttrs: attributes,
    sid: new SignerIdentifier({
      issuerAndSerialNumber: new IssuerAndSerialNumber({
        issuer: own.tbsCertificate.issuer,
        serialNumber: own.tbsCertificate.serialNumber,
      }),
    }),
    signatureAlgorithm: new SignatureAlgorithmIdentifier({
      algorithm: oid[algorithm],
      ...(algorithm === 'RS256' && { parameters: noParameters }),
    }),
    signature: new OctetString(sign('sha256', asSet(attributes), key)),
  })
  const signed = new SignedData({
    version: 1,
    digestAlgorithms: new DigestAlgorithmIdentifiers([digestAlgorithm]),
    encapContentInfo: new EncapsulatedContentInfo({ eContentType: id_data }),
    certificates: new CertificateSet(
      chain.map(({ raw }) => new CertificateChoices({ certificate: AsnConvert.parse(raw, Certificate) })),
    ),
    signerInfos: new SignerInfos([signer]),
  })
  const info = new ContentInfo({ contentType: id_signedData, content: AsnConvert.serialize(signed) })
  return Buffer.from(AsnConvert.serialize(info))
}

/** What is signed: of what kind and which the content is, and by which certificate. In the order that DER has a set in. */
const attributesOf = (contentHash: Buffer, certificateHash: Buffer): Attribute[] =>
  [
    attribute(oid.contentType, Buffer.from('06092a864886f70d010701', 'hex')), // id-data
    attribute(oid.messageDigest, octets(contentHash)),
    // Three sequences, each within the one before (RFC 5035); that its hash is SHA-256 need not be said.
    attribute(oid.signingCertificate, Buffer.concat([Buffer.from('302630243022', 'hex'), octets(certificateHash)])),
  ].sort((one, other) => Buffer.compare(derOf(one), derOf(other)))

const attribute = (attrType: string, value: Buffer) =>
  new Attribute({ attrType, attrValues: [new Uint8Array(value).buffer] })
/** Of a hash of 32 bytes. */
const octets = (hash: Buffer) => Buffer.concat([Buffer.of(4, hash.length), hash])
const derOf = (item: Attribute) => Buffer.from(AsnConvert.serialize(item))

/** As they are signed: with the tag of a set, and not with that of their place. */
function asSet(attributes: Attribute[]): Buffer {
  const content = Buffer.concat(attributes.map(derOf))
  return Buffer.concat([Buffer.of(0x31, 0x81, content.length), content]) // of 128 to 255 bytes, whatever is signed
}
