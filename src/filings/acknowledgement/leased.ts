import { eq } from 'drizzle-orm'
import { Field, ID, InputType } from 'type-graphql'
import { type Refused, refused } from '../../engine/command.js'
import type { UserError } from '../../engine/userError.js'
import type { Acting } from '../../events/commandKeys.js'
import { refuseOwnCase } from '../../identity/officers/ownCase.js'
import { readNumber } from '../../shared/number.js'
import type { Filing } from '../filing.repository.js'
import { type FilingAction, isLeasedBy, refusalOf } from '../filing.rules.js'
import { filings } from '../filing.table.js'
import { holdHandler } from './handler.js'

/** Input of a command on a filing that the caller collected. */
@InputType()
export abstract class LeasedFilingInput {
  @Field(() => String, { description: 'Number of the filing, with its check character.' })
  filingNumber!: string
  @Field(() => ID, { description: '`leaseId` of the filing, as the caller collected it.' })
  leaseId!: string
}

/** The errors of every command on a collected filing, for its description. */
export const leasedErrors =
  'Requires an officer of the agency with the role REVIEWER or APPROVER and assurance HIGH, or its program with the scope ' +
  '`filings:handle`. A repeat with the same lease and input returns the same filing. Returns NOT_FOUND for a filing of another ' +
  'agency, CONFLICT if the lease has ended or was taken over, NOT_ALLOWED_NOW if the filing is not RECEIVED, and FORBIDDEN in ' +
  'the caller’s own case.'

interface Leased {
  filing: Filing
  /** The appointment or program under which the caller acts. */
  under: string
  /** Whether the lease is the last one, and the caller’s. It may have ended. */
  isTheirs: boolean
}

/** Locks a filing of an agency whose filings the caller handles. */
export async function lockForAgency(
  acting: Acting,
  { filingNumber, leaseId }: LeasedFilingInput,
): Promise<Leased | Refused> {
  const filing = await lockFiling(acting, filingNumber)
  const under = filing && (await holdHandler(acting, filing.agencyId))
  if (!filing || !under) return refused([unknownFiling])
  await refuseOwnCase(acting, filing.partyId)
  return { filing, under, isTheirs: filing.leaseId === leaseId && filing.leasedBy === acting.context.caller.id }
}

/** Why the caller may not settle a filing now. Undefined if they may. */
export function refusalToSettle(
  action: FilingAction,
  { filing, isTheirs }: Leased,
  { context: { caller, now } }: Acting,
): UserError | undefined {
  const isLeased = isTheirs && isLeasedBy(filing, caller.id, now())
  const standing = { state: filing.state, correctableUntil: null, hasCorrection: false } // of the filer's actions only
  const reason = refusalOf(action, standing, { mayFile: false, mayAcknowledge: true, isLeased }, now())
  if (reason === undefined) return undefined
  return reason === 'filing.not_leased'
    ? { code: 'CONFLICT', reason, field: ['leaseId'] }
    : { code: 'NOT_ALLOWED_NOW', reason, field: ['filingNumber'] }
}

/** Locks the filing with that number. The caller checks the access. */
export async function lockFiling({ tx }: Acting, number: string): Promise<Filing | undefined> {
  const [filing] = await tx
    .select()
    .from(filings)
    .where(eq(filings.number, readNumber(number) ?? ''))
    .for('update')
  return filing
}

export const unknownFiling: UserError = { code: 'NOT_FOUND', reason: 'filing.unknown', field: ['filingNumber'] }
