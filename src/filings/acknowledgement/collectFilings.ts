import { and, asc, eq, inArray, notInArray, sql } from 'drizzle-orm'
import { Field, InputType, Int } from 'type-graphql'
import { v4 } from 'uuid'
import { command, made, refused } from '../../engine/command.js'
import type { Acting } from '../../events/commandKeys.js'
import { agencyNamed } from '../../identity/officers/agencyArgument.js'
import { tiesOf } from '../../identity/officers/ownCase.js'
import { invalid, unknownCode } from '../../shared/userErrors.js'
import { Filing } from '../filing.js'
import { leaseMinutes } from '../filing.rules.js'
import { FilingState, filings } from '../filing.table.js'
import { filingHandler, handlesFilings, holdHandler } from './handler.js'

const mostAtOnce = 100

@InputType({ description: 'Input of `collectFilings`.' })
export class CollectFilingsInput {
  @Field(() => String, {
    nullable: true,
    description: 'Code of the agency. Defaults to the only agency whose filings the caller handles.',
  })
  agencyCode?: string | null
  @Field(() => Int, { description: `Maximum number of filings, 1 to ${mostAtOnce}.` })
  max!: number
}

export const collectFilings = command({
  name: 'collectFilings',
  description:
    `Leases the oldest filings that wait for an agency to the caller, for ${leaseMinutes} minutes. The caller reads their ` +
    '`content` and settles each with `acknowledgeFiling` or `rejectFiling`, under its `leaseId`. After that time they can be ' +
    'collected again. Filings of one party stay in order: while one is leased, no later one is. Skips parties that an officer has ' +
    'a tie to. Requires an officer of the agency with the role REVIEWER or APPROVER and assurance HIGH, or its program with the ' +
    'scope `filings:handle`. Returns NOT_FOUND for another agency, MISSING if the caller has several, and INVALID for a wrong ' +
    '`max`.',
  allowedTo: filingHandler,
  input: CollectFilingsInput,
  key: 'optional',
  creates: false,
  made: {
    filings: { type: Filing, list: true, description: 'Filings that were leased, oldest first. Empty if none waits.' },
  },
  async act({ agencyCode, max }: CollectFilingsInput, acting: Acting) {
    const { tx, context } = acting
    const { caller } = context
    const agency = agencyNamed(caller, handlesFilings(caller), agencyCode, 'filing.agency')
    const wrong = [
      ...('userError' in agency ? [agency.userError] : []),
      ...(max >= 1 && max <= mostAtOnce ? [] : [invalid('filing.max', ['max'], { most: mostAtOnce })]),
    ]
    if (wrong.length > 0 || 'userError' in agency) return refused(wrong)
    if (!(await holdHandler(acting, agency.agencyId)))
      return refused([unknownCode('agency.unknown', ['agencyCode'], agency.code)])
    const ids = await oldestFor(acting, agency.agencyId, max)
    const leasedUntil = new Date(context.now().getTime() + leaseMinutes * 60_000)
    if (ids.length > 0)
      await tx.update(filings).set({ leasedBy: caller.id, leaseId: v4(), leasedUntil }).where(inArray(filings.id, ids))
    return made({ filings: ids })
  },
})

/** Locks the oldest filings that the caller may collect. One caller at a time, so that those of a party stay in order. */
async function oldestFor(acting: Acting, agencyId: string, max: number): Promise<string[]> {
  const { tx, context } = acting
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`filings of ${agencyId}`}, 0))`)
  const own = context.caller.party
  const tied: string[] = []
  for (;;) {
    const found = await oldestBut(tied, acting, agencyId, max)
    if (own === undefined || found.length === 0) return found.map(({ id }) => id)
    const parties = [...new Set(found.map(({ partyId }) => partyId))]
    const ties = await tiesOf(tx, own, parties, context.now())
    const free = found.filter(({ partyId }) => !ties.has(partyId))
    // Behind the parties that the officer has a tie to, others wait.
    if (free.length > 0) return free.map(({ id }) => id)
    tied.push(...ties.keys())
  }
}

async function oldestBut(tied: readonly string[], { tx, context }: Acting, agencyId: string, max: number) {
  const now = sql`${context.now().toISOString()}::timestamptz`
  const waits = and(eq(filings.agencyId, agencyId), eq(filings.state, FilingState.RECEIVED))
  return await tx
    .select({ id: filings.id, partyId: filings.partyId })
    .from(filings)
    .where(
      and(
        waits,
        notInArray(filings.partyId, [...tied]),
        sql`${filings.partyId} not in (
          select leased.party_id from filings leased
          where leased.agency_id = ${agencyId} and leased.state = 'RECEIVED' and leased.leased_until > ${now})`,
        // Nobody can read what a party filed that was forgotten.
        sql`exists (select from parties where parties.id = ${filings.partyId} and parties.key is not null)`,
      ),
    )
    .orderBy(asc(filings.receivedAt), asc(filings.id))
    .limit(max)
    .for('update', { of: filings })
}
