import { X509Certificate } from 'node:crypto'
import { isAbsolute } from 'node:path'
import { z } from 'zod'
import { isStrong } from './keyStrength.js'

const isWebAddress = (text: string) => {
  if (!URL.canParse(text)) return false
  const { protocol, username, password } = new URL(text)
  return (protocol === 'http:' || protocol === 'https:') && username === '' && password === ''
}
const address = { error: 'an address with http or https, without a user or password' }
const path = { error: 'the absolute path of a file' }
const either = { error: 'the place of its CRL: { "url": … } or { "file": … }' }

const pem = /^\s*-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\s*$/
const oneCertificate = { error: 'one certificate in PEM' }
const certificate = z
  .string(oneCertificate)
  .regex(pem, oneCertificate)
  .transform((text, context) => {
    try {
      return new X509Certificate(text)
    } catch {
      context.addIssue({ code: 'custom', message: oneCertificate.error })
      return z.NEVER
    }
  })

const seconds = { error: 'a whole number from 1 to 86400' }
const listed = z.strictObject({
  certificate,
  crl: z.union(
    [
      z.strictObject({ url: z.string().refine(isWebAddress, address) }),
      z.strictObject({ file: z.string().refine(isAbsolute, path) }),
    ],
    either,
  ),
  /** Seconds after which its CRL is fetched again, even if it is valid for longer. */
  maxAge: z.int(seconds).min(1, seconds).max(86_400, seconds).default(600),
})
/** A trusted certification authority, and the place of its revocation list. */
export type Listed = z.output<typeof listed>

const authorities = { error: 'a list of authorities, at least one' }
const list = z.array(listed, authorities).min(1, authorities)

/** Throws one line that says what is wrong with TRUST_LIST. */
export function trustListFrom(text: string, { isSandbox }: { isSandbox: boolean }): Listed[] {
  const { success, data, error } = list.safeParse(jsonOf(text))
  if (!success) {
    const [{ path, message } = { path: [], message: '' }] = error.issues
    throw new Error(`TRUST_LIST must contain ${message}${path.length > 0 ? ` at ${path.join('.')}` : ''}; it does not`)
  }
  for (const [at, { certificate }] of data.entries()) {
    const refuse = (required: string) => {
      throw new Error(`TRUST_LIST must contain ${required} at ${at}; it does not`)
    }
    if (!certificate.ca) refuse('the certificate of an authority')
    if (!isStrong(certificate.publicKey)) refuse('a key of EC P-256 or P-384, or of RSA with 2048 to 8192 bits,')
    if (data.findIndex((other) => other.certificate.fingerprint256 === certificate.fingerprint256) !== at)
      refuse('authorities that are all different')
    if (!isSandbox && certificate.subject.split('\n').includes('OU=SANDBOX')) refuse('no authority of a sandbox')
  }
  return data
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Error(`TRUST_LIST must contain JSON; ${(error as Error).message}`)
  }
}
