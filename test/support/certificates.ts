import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

x509.cryptoProvider.set(webcrypto as Crypto) // the cast: Node's type has another name

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const keyPair = () => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
const day = 86_400_000
const forADay = () => ({ notBefore: new Date(Date.now() - day), notAfter: new Date(Date.now() + day) })

/** PEM. */
export interface Certified {
  certificate: string
  key: string
}
const pemOf = async (certificate: x509.X509Certificate, key: CryptoKey): Promise<Certified> => ({
  certificate: certificate.toString('pem'),
  key: x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY'),
})

/** A certificate authority. With an address it certifies a server, else a client or a seal. */
export async function authorityOfTest(name = 'Test') {
  const keys = await keyPair()
  const own = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name} authority`,
    keys,
    signingAlgorithm: algorithm,
    ...forADay(),
    extensions: [new x509.BasicConstraintsExtension(true), new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign)],
  })
  async function certify(subject: string, address?: string): Promise<Certified> {
    const theirs = await keyPair()
    const certificate = await x509.X509CertificateGenerator.create({
      subject: `CN=${subject}`,
      issuer: own.subject,
      publicKey: theirs.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: algorithm,
      ...forADay(),
      extensions: address ? [new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: address }])] : [],
    })
    return await pemOf(certificate, theirs.privateKey)
  }
  return { authority: own.toString('pem'), certify }
}

const rsa = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 2048,
  publicExponent: Buffer.of(1, 0, 1),
}
let rsaKeys: Promise<CryptoKeyPair> | undefined // one pair a worker: making it is slow

/** A self-signed certificate with an RSA key. */
export async function selfSignedRsa(subject: string): Promise<Certified> {
  rsaKeys ??= webcrypto.subtle.generateKey(rsa, true, ['sign', 'verify'])
  const keys = await rsaKeys
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${subject}`,
    keys,
    signingAlgorithm: rsa,
    ...forADay(),
  })
  return await pemOf(certificate, keys.privateKey)
}
