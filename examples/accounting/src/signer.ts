import { createHash, createPrivateKey, sign, X509Certificate } from 'node:crypto'
import canonicalize from 'canonicalize'

const encoded = (text: string) => Buffer.from(text).toString('base64url')
const canonical = (value: object) => canonicalize(value) as string // an object has a text

/** Signs filings with a key and its certificates: the PEM of both, the key first. */
export function signerOf(pem: string) {
  const [key = '', ...certificates] = pem.split(/(?=-----BEGIN CERTIFICATE)/)
  const x5c = certificates.map((text) => new X509Certificate(text).raw.toString('base64'))
  const header = encoded(JSON.stringify({ alg: 'ES256', typ: 'pencere-filing+jose', x5c }))
  const privateKey = { key: createPrivateKey(key), dsaEncoding: 'ieee-p1363' } as const

  return (named: object, content: object): string => {
    const contentSha256 = createHash('sha256').update(canonical(content)).digest('hex')
    const payload = canonical({ ...named, contentSha256 })
    const signature = sign('sha256', Buffer.from(`${header}.${encoded(payload)}`), privateKey)
    return `${header}..${signature.toString('base64url')}`
  }
}
