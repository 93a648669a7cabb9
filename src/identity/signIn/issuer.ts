import { z } from 'zod'
import { Assurance } from '../../shared/assurance.table.js'
import { SubjectKind } from '../parties/identity.table.js'
import { readPublicKey } from '../programs/program.keys.js'

const isPublicKey = (key: unknown) => 'key' in readPublicKey(key)
const jwks = z.strictObject({
  keys: z
    .array(z.looseObject({}).refine(isPublicKey, { error: 'a public key for signatures, strong enough, with its kid' }))
    .min(1),
})

const isWebAddress = (text: string) => {
  if (!URL.canParse(text)) return false
  const { protocol, hostname } = new URL(text)
  return protocol === 'https:' || (protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname))
}
const webAddress = z
  .string()
  .refine(isWebAddress, { error: 'an address with https, or with http on this machine only' })

/** The audience of tokens of a sandbox's own login. A production refuses them. */
export const sandboxAudience = 'urn:pencere:sandbox'

/** An issuer that signs people in: for whom it may speak, and with which assurance. */
const issuer = z
  .strictObject({
    /** The exact value of `iss`. */
    issuer: webAddress,
    /** The value of `aud` that means this API. */
    audience: z.string().min(1),
    jwksUri: webAddress.optional(),
    jwks: jwks.optional(),
    subjects: z.array(z.enum(SubjectKind)).min(1),
    /** The identifiers that it may assert. */
    identifiers: z
      .array(z.enum(['FIN', 'DOCUMENT']))
      .min(1)
      .default(['FIN', 'DOCUMENT']),
    /** Codes of the agencies whose officers it may sign in. Defaults to all. */
    agencies: z.array(z.string()).min(1).optional(),
    /** The names of its claims, if they differ. */
    claims: z
      .strictObject({
        subjectKind: z.string().default('subject_type'),
        fin: z.string().default('fin'),
        documentCountry: z.string().default('document_country'),
        document: z.string().default('document_number'),
        name: z.string().default('name'),
        birthDate: z.string().default('birthdate'),
      })
      .prefault({}),
    /** The assurance of each `acr`. An `acr` that is not listed means NONE. */
    acr: z.record(z.string(), z.enum(Assurance)),
    highestAssurance: z.enum(Assurance),
    /** Maximum seconds from `iat` to `exp`. */
    longestLifetime: z.int().min(60).max(86_400).default(3600),
    /** Where people sign in. */
    signInAt: webAddress,
  })
  .refine(({ jwks, jwksUri }) => (jwks === undefined) !== (jwksUri === undefined), {
    error: 'either jwksUri or jwks',
  })
export type Issuer = z.output<typeof issuer>

const issuers = z
  .array(issuer)
  .min(1)
  .refine((all) => new Set(all.map(({ issuer }) => issuer)).size === all.length, {
    error: 'issuers that are all different',
  })

/** Throws one line for the operator. */
export function issuersFrom(text: string): Issuer[] {
  const { success, data, error } = issuers.safeParse(jsonOf(text))
  if (success) return data
  const [{ path, message } = { path: [], message: '' }] = error.issues
  throw new Error(`ISSUERS must contain a list as described in docs/signing-in.md; at "${path.join('.')}": ${message}`)
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Error(`ISSUERS must contain JSON; ${(error as Error).message}`)
  }
}
