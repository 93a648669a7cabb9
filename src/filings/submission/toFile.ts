import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'
import { z } from 'zod'
import { userErrorsInSize } from '../../catalogue/forms/answers.rules.js'
import { filingSignatureType } from '../../documents/signatures/signature.rules.js'
import type { UserError } from '../../engine/userError.js'
import { readVoen } from '../../shared/identifiers/voen.js'
import { readNumber } from '../../shared/number.js'
import { isWhole } from '../../shared/texts.rules.js'
import type { Believed, Disbelieved, Trust } from '../../shared/trust.js'
import { invalid } from '../../shared/userErrors.js'

/** What the database and a receipt can say of any filer: printable ASCII. */
const text = z
  .string()
  .max(200)
  .regex(/^[ -~]*$/)
const optional = text.nullish().transform((value) => value ?? null)
/** One filing as a filer sends it, in a request or as a line of a batch. */
export const toFile = z.strictObject({
  serviceCode: text,
  /** Null for the caller's own organisation. */
  partyVoen: optional,
  period: optional,
  externalNumber: text,
  replacesNumber: optional,
  content: z.record(z.string(), z.unknown()),
  /** A detached JWS. Null if the service requires none, or a signature covers the whole batch. */
  signature: z
    .string()
    .nullish()
    .transform((value) => value ?? null),
})
export interface ToFile extends z.output<typeof toFile> {
  /** The field of `FilingContentInput` that the content came by. A line of a batch has the content itself. */
  contentAs?: string
}
/** The field that takes the content of any form. */
export const asJson = 'json'
/** The path to the content in the input. */
export const contentPath = ({ contentAs }: Pick<ToFile, 'contentAs'>): string[] =>
  contentAs === undefined ? ['content'] : ['content', contentAs]

/** Filings in one request. A batch takes more. */
export const maxItems = 100
/** The most errors in the content of one of many filings, so that the answer for all of them has a bounded length. */
export const mostErrors = 20

/** A filing whose form was read and whose certificate was checked, before the transaction. */
export interface Prepared extends ToFile {
  /** Errors that need no look-up. */
  userErrors: readonly UserError[]
  /** SHA-256 of the canonical content, in hex. */
  contentSha256: string
  signed: Signed | undefined
}
interface Signed {
  signature: string
  /** SHA-256 of the signature as received, in hex. */
  sha256: string
  certificate: Believed | Disbelieved
  /** Whether it is over that payload. Verifies each payload once. */
  isOver(payload: string): Promise<boolean>
}

const voenField = ['partyVoen']
const externalNumberLength = 64

/** Reads what is to be filed, in canonical form, and checks its signature. Asks other systems: never in a transaction. */
export async function prepared(trust: Trust, given: ToFile): Promise<Prepared> {
  const voen = given.partyVoen === null ? undefined : readVoen(given.partyVoen)
  const replaces = given.replacesNumber === null ? null : readNumber(given.replacesNumber)
  const inSize = userErrorsInSize(given.content, contentPath(given))
  return {
    ...given,
    serviceCode: orNone(given.serviceCode),
    period: given.period && orNone(given.period),
    externalNumber: orNone(given.externalNumber),
    partyVoen: voen && 'value' in voen ? voen.value : null,
    // A number that cannot be read is one that nobody has.
    replacesNumber: replaces === undefined ? '' : replaces,
    userErrors: [
      ...(voen && !('value' in voen) ? [invalid(voen.reason, voenField, voen.params)] : []),
      ...(isExternalNumber(given.externalNumber) ? [] : [wrongExternalNumber]),
      ...inSize,
    ],
    contentSha256: inSize.length > 0 ? '' : sha256Of(canonicalize(given.content) as string), // an object has a text
    signed: given.signature === null ? undefined : await signedBy(trust, given.signature),
  }
}
/** A text that the database cannot have is the name of nothing. */
const orNone = (text: string): string => (isWhole(text) ? text : '')
export const isExternalNumber = (text: string): boolean => /^[!-~]{1,64}$/.test(text)
const wrongExternalNumber = invalid('filing.external_number', ['externalNumber'], { most: externalNumberLength })

export const sha256Of = (text: string): string => createHash('sha256').update(text).digest('hex')

async function signedBy(trust: Trust, signature: string): Promise<Signed> {
  const certificate = await trust.check(signature, filingSignatureType)
  const verified = new Map<string, Promise<boolean>>()
  return {
    signature,
    sha256: sha256Of(signature),
    certificate,
    async isOver(payload) {
      if ('refused' in certificate) return false
      const known = verified.get(payload) ?? certificate.isOver(payload)
      verified.set(payload, known)
      return await known
    },
  }
}

interface Signable {
  service: string
  version: number
  party: string
  period: string | null
  externalNumber: string
  contentSha256: string
  replaces: string | null
}
/** What a filer signs for a filing or a whole file: canonical JSON (RFC 8785), which a program can calculate by itself. */
export const payloadOf = (
  signable: Signable | { batchSha256: string },
  { isSandbox }: { isSandbox: boolean },
): string => canonicalize({ ...signable, ...(isSandbox && { sandbox: true }) }) as string // an object has a text
