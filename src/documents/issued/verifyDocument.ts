import { eq } from 'drizzle-orm'
import { Arg, Ctx, Query, Resolver } from 'type-graphql'
import { NIL } from 'uuid'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { badInput } from '../../engine/errors.js'
import { type Rate, rateLimited, tooMany } from '../../engine/rates.js'
import { unwrapped } from '../../identity/parties/party.js'
import { decrypt } from '../../platform/personal.js'
import type { Context } from '../../shared/context.js'
import { readNumber } from '../../shared/number.js'
import { readSigned } from '../signatures/readSigned.js'
import type { Claims } from './claims.js'
import { linesOf } from './documentWords.js'
import { issuedDocuments } from './issuedDocument.table.js'
import { Verification, VerificationFailure, type VerifiedRow } from './verification.js'
import { type Found, findAgency, findIssued, isOfCode, isPdf } from './verification.repository.js'

interface Given {
  signature?: string | null
  number?: string | null
  code?: string | null
  sha256?: string | null
}

/** Counted by address, so that nobody can block the holder of a document. A code has 140 bits. */
const wrongGuesses: Rate = { points: 60, seconds: 60 }

@Resolver()
export class VerificationResolver {
  @AllowedTo(anyone)
  @Query(() => Verification, {
    nullable: true,
    description:
      'Verifies that a document is genuine, for anybody who holds it. Provide `signature`, or `number` and `code`, or ' +
      '`number` and `sha256`. A wrong code or hash gives the same result as an unknown number. Returns BAD_USER_INPUT ' +
      'unless exactly one of these combinations is given. Returns RATE_LIMITED for a wrong code or hash after 60 wrong ' +
      'ones a minute from one address; correct ones are still verified.',
  })
  async verifyDocument(
    @Ctx() context: Context,
    @Arg('signature', () => String, {
      nullable: true,
      description: 'Signed document, as a compact JWS.',
    })
    signature?: string,
    @Arg('number', () => String, { nullable: true, description: 'Document number, as printed.' }) number?: string,
    @Arg('code', () => String, {
      nullable: true,
      description: 'Code printed beside the number. Grouping is ignored.',
    })
    code?: string,
    @Arg('sha256', () => String, { nullable: true, description: 'SHA-256 of the PDF, as 64 hexadecimal digits.' })
    sha256?: string,
  ): Promise<Verification> {
    const given = { signature, number, code, sha256 }
    const ways = Object.entries(given)
      .filter(([, value]) => value != null)
      .map(([name]) => name)
    if (!['signature', 'number,code', 'number,sha256'].includes(ways.join()))
      throw badInput(
        `verifyDocument takes \`signature\`, or \`number\` and \`code\`, or \`number\` and \`sha256\`; it got ${ways.length > 0 ? ways.join(', ') : 'nothing'}.`,
      )
    return signature == null ? await byNumber(given, context) : await bySignature(signature, context)
  }
}

const failed = (reason: VerificationFailure): Verification => ({ valid: false, reason, document: null })

async function bySignature(signature: string, context: Context): Promise<Verification> {
  const claims = await readSigned(signature, context.signingKeys)
  if (typeof claims === 'string') return failed(VerificationFailure[claims])
  // Data beyond the claims. Missing if a restored database has lost the document.
  const found = await findIssued(claims.number, eq(issuedDocuments.partyId, claims.party), context)
  return { valid: true, reason: null, document: await documentOf(claims, found, context) }
}

async function byNumber({ number = '', code, sha256 }: Given, context: Context): Promise<Verification> {
  const numbered = readNumber(number ?? '')
  const holds = code == null ? isPdf(sha256 ?? '') : isOfCode(code, context)
  if (!numbered || !holds) return failed(VerificationFailure.MALFORMED)
  const found = await findIssued(numbered, holds, context)
  // Nothing remains of a party whose data was erased.
  if (!found?.party.key) {
    const retryAfter = await context.meter.wrongGuess('verifyDocument', wrongGuesses)
    if (retryAfter) throw rateLimited(tooMany.wrongGuesses, retryAfter)
    return failed(VerificationFailure.UNKNOWN)
  }
  const { signature, claims: unsigned } = decrypt(unwrapped(context.keyring, found.party), issuedDocuments, found.row)
  if (signature === null)
    return { valid: false, reason: VerificationFailure.UNSIGNED, document: await documentOf(unsigned, found, context) }
  const claims = await readSigned(signature, context.signingKeys)
  if (typeof claims === 'string') return failed(VerificationFailure[claims])
  return { valid: true, reason: null, document: await documentOf(claims, found, context) }
}

/** What was signed before it was numbered lacks the number. */
const seriesOf = ({ series = null, seriesNumber = null }: Partial<Found> = {}) =>
  series !== null && seriesNumber !== null ? { name: series, number: seriesNumber } : undefined

async function documentOf(claims: Claims, found: Found | undefined, context: Context): Promise<VerifiedRow> {
  const { number, kind, issuedAt, agency, sandbox = false } = claims
  const { revokedAt = null, supersededBy = null } = found ?? {}
  const of = await findAgency(agency, context)
  const series = claims.series ?? seriesOf(found)
  return {
    id: found?.row.id ?? NIL,
    number,
    kind,
    issuedAt: new Date(issuedAt),
    sandbox,
    claims,
    seriesNumber: series?.number ?? null,
    revokedAt,
    supersededBy,
    agencyId: of?.id ?? null,
    lines: linesOf(claims, { agency: of?.name, series }),
  }
}
