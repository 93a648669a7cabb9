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
  .refine(isWebAddress, { error: 'an address with https, or with http on this machine alone' })

/** Of tokens of a sandbox's own login. No production takes them. */
export const sandboxAudience = 'urn:pencere:sandbox'

/** Whom an issuer of sign-ins may speak for, and how far it is believed. */
const issuer = z
  .strictObject({
    /** As in `iss`, letter by letter. */
    issuer: webAddress,
    /** Ours, as in `aud`. */
    audience: z.string().min(1),
    jwksUri: webAddress.optional(),
    jwks: jwks.optional(),
    subjects: z.array(z.enum(SubjectKind)).min(1),
    /** By what it may say who somebody is. */
    identifiers: z
      .array(z.enum(['FIN', 'DOCUMENT']))
      .min(1)
      .default(['FIN', 'DOCUMENT']),
    /** Of whose officers it may speak, by the codes of agencies; all where nothing is said. */
    agencies: z.array(z.string()).min(1).optional(),
    /** The names of its claims, where they differ. */
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
    /** What its `acr` mean here; one that is not named is NONE. */
    acr: z.record(z.string(), z.enum(Assurance)),
    highestAssurance: z.enum(Assurance),
    /** Seconds from `iat` to `exp`, at most. */
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
  .refine((all) => new Set(all.map(({ issuer }) => issuer)).size === all.length, { error: 'issuers that all differ' })

/** Throws a line that says what is wrong, for whoever keeps the configuration. */
export function issuersFrom(text: string): Issuer[] {
  const { success, data, error } = issuers.safeParse(jsonOf(text))
  if (success) return data
  const [{ path, message } = { path: [], message: '' }] = error.issues
  throw new Error(`ISSUERS must hold a list as docs/signing-in.md shows it; at "${path.join('.')}": ${message}`)
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Error(`ISSUERS must hold JSON; ${(error as Error).message}`)
  }
}
