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

/** Counted by address: nobody can use up the checks of a document's holder. A code has 140 bits. */
const wrongGuesses: Rate = { points: 60, seconds: 60 }

@Resolver()
export class VerificationResolver {
  @AllowedTo(anyone)
  @Query(() => Verification, {
    nullable: true,
    description:
      'Whether a document is genuine, for anybody who holds it: by its JWS as `signature`; by its `number` and the `code` printed ' +
      'beside it; or by its `number` and the `sha256` of its PDF. A number alone opens nothing, and a wrong code is answered as a ' +
      'number that was never given. BAD_USER_INPUT where none of the three is given, or more than one; RATE_LIMITED for a wrong ' +
      'code or hash after 60 of them a minute from one address; right ones are still answered.',
  })
  async verifyDocument(
    @Ctx() context: Context,
    @Arg('signature', () => String, {
      nullable: true,
      description: 'The signed document itself: a JWS in its compact form.',
    })
    signature?: string,
    @Arg('number', () => String, { nullable: true, description: 'Its number, as it is printed.' }) number?: string,
    @Arg('code', () => String, {
      nullable: true,
      description: 'The code printed beside the number, however it is grouped.',
    })
    code?: string,
    @Arg('sha256', () => String, { nullable: true, description: 'The SHA-256 of the PDF, in hex.' }) sha256?: string,
  ): Promise<Verification> {
    const given = { signature, number, code, sha256 }
    const ways = Object.entries(given)
      .filter(([, value]) => value != null)
      .map(([name]) => name)
    if (!['signature', 'number,code', 'number,sha256'].includes(ways.join()))
      throw badInput(
        `verifyDocument takes \`signature\`, or \`number\` and \`code\`, or \`number\` and \`sha256\`; ${ways.length > 0 ? ways.join(', ') : 'nothing'} came.`,
      )
    return signature == null ? await byNumber(given, context) : await bySignature(signature, context)
  }
}

const failed = (reason: VerificationFailure): Verification => ({ valid: false, reason, document: null })

async function bySignature(signature: string, context: Context): Promise<Verification> {
  const claims = await readSigned(signature, context.signingKeys)
  if (typeof claims === 'string') return failed(VerificationFailure[claims])
  // What is known of it beside what it says; of one that a restored database has lost, nothing.
  const found = await findIssued(claims.number, eq(issuedDocuments.partyId, claims.party), context)
  return { valid: true, reason: null, document: await told(claims, found, context) }
}

async function byNumber({ number = '', code, sha256 }: Given, context: Context): Promise<Verification> {
  const numbered = readNumber(number ?? '')
  const holds = code == null ? isPdf(sha256 ?? '') : isOfCode(code, context)
  if (!numbered || !holds) return failed(VerificationFailure.MALFORMED)
  const found = await findIssued(numbered, holds, context)
  // Of whoever was forgotten nothing is known any more.
  if (!found?.party.key) {
    const retryAfter = await context.meter.wrongGuess('verifyDocument', wrongGuesses)
    if (retryAfter) throw rateLimited(tooMany.wrongGuesses, retryAfter)
    return failed(VerificationFailure.UNKNOWN)
  }
  const { signature, claims: unsigned } = decrypt(unwrapped(context.keyring, found.party), issuedDocuments, found.row)
  if (signature === null)
    return { valid: false, reason: VerificationFailure.UNSIGNED, document: await told(unsigned, found, context) }
  const claims = await readSigned(signature, context.signingKeys)
  if (typeof claims === 'string') return failed(VerificationFailure[claims])
  return { valid: true, reason: null, document: await told(claims, found, context) }
}

async function told(claims: Claims, found: Found | undefined, context: Context): Promise<VerifiedRow> {
  const { number, kind, issuedAt, agency, sandbox = false } = claims
  const { series = null, seriesNumber = null, supersededBy = null } = found ?? {}
  const of = await findAgency(agency, context)
  const numbered = series !== null && seriesNumber !== null ? { name: series, number: seriesNumber } : undefined
  return {
    id: found?.row.id ?? NIL,
    number,
    kind,
    issuedAt: new Date(issuedAt),
    sandbox,
    claims,
    seriesNumber,
    supersededBy,
    agencyId: of?.id ?? null,
    lines: linesOf(claims, { agency: of?.name, series: numbered }),
  }
}
