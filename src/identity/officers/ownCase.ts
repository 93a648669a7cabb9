import { type SQL, sql } from 'drizzle-orm'
import { refusal } from '../../engine/errors.js'
import type { Acting } from '../../events/commandKeys.js'
import type { Database } from '../../platform/database.js'
import type { Transaction } from '../../platform/seeding.js'

/** Why a case is an officer's own. */
export type Tie = 'case.own' | 'case.relative' | 'case.mandate'

/**
 * Throws FORBIDDEN in an officer's own case: the officer's own party; a party that acts for them or for which they act, also
 * through a firm, until a year after it ended; a parent, guardian, child or ward, even a former one. Siblings and spouses are not
 * known from mandates.
 *
 * A mandate that somebody merely granted to the officer does not count: an applicant could exclude officers by granting them one.
 */
export async function refuseOwnCase({ tx, context }: Acting, partyId: string): Promise<void> {
  const own = context.caller.party
  if (own === undefined) return
  const tie = (await tiesOf(tx, own, [partyId], context.now())).get(partyId)
  if (tie) throw ownCase(tie)
}

/** Those of the parties whose cases are the officer's own, in one statement. */
export async function tiesOf(
  reading: Pick<Transaction | Database['db'], 'execute'>,
  officerId: string,
  parties: readonly string[],
  now: Date,
): Promise<Map<string, Tie>> {
  const [officer, party] = [sql`${officerId}::uuid`, sql`asked.party`]
  const at = sql`${now.toISOString()}::timestamptz`
  const rows = await reading.execute<{ party: string; acts: boolean; related: boolean }>(sql`
    select ${party},
      exists(
        select from mandates held where holder_id = ${officer} and ${stood('held', at)} and ${isTheirs('held')}
          and (principal_id = ${party} or ${isOfStaff('held')} and exists(
            select from mandates given where principal_id = ${party} and holder_id = held.principal_id
              and ${stood('given', at)})))
        or exists(
          select from mandates given where principal_id = ${officer} and ${stood('given', at)}
            and (holder_id = ${party} or exists(
              select from mandates held where holder_id = ${party} and principal_id = given.holder_id
                and ${stood('held', at)} and ${isOfStaff('held')}))) as acts,
      exists(
        select from mandates where kind in ('PARENT', 'GUARDIAN')
          and ((principal_id, holder_id) = (${officer}, ${party}) or (principal_id, holder_id) = (${party}, ${officer}))
      ) as related
    from unnest(${`{${parties.join()}}`}::uuid[]) as asked(party)`)
  return new Map(
    rows.flatMap(({ party, acts, related }): [string, Tie][] => {
      if (party === officerId) return [[party, 'case.own']]
      return related ? [[party, 'case.relative']] : acts ? [[party, 'case.mandate']] : []
    }),
  )
}

/** Now or within the last year, so that nobody ends a tie only to decide a case. */
const stood = (mandate: string, at: SQL) =>
  sql`(${column(mandate, 'valid_from')} <= ${at}
    and coalesce(least(${column(mandate, 'valid_to')}, ${column(mandate, 'revoked_at')}) > ${at} - interval '1 year', true))`

/** The mandate comes from a register, or the holder has used it to grant another. */
const isTheirs = (mandate: string) =>
  sql`(${column(mandate, 'source')} = 'REGISTER' or exists(
    select from mandates further
    where further.principal_id = ${column(mandate, 'principal_id')} and further.granted_under = ${column(mandate, 'id')}))`

const isOfStaff = (mandate: string) => sql`${column(mandate, 'kind')} in ('HEAD', 'SEAL_HOLDER', 'EMPLOYEE')`

const column = (mandate: string, name: string) => sql`${sql.identifier(mandate)}.${sql.identifier(name)}`

const whose: Record<Tie, string> = {
  'case.own': 'your own',
  'case.relative': 'of a relative',
  'case.mandate': 'of somebody you act for, or who acts for you',
}
export const ownCase = (reason: Tie) =>
  refusal('FORBIDDEN', `Another officer must do this: the case is ${whose[reason]}.`, { reason })
