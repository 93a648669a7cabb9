import { type SQL, sql } from 'drizzle-orm'
import { refusal } from '../engine/errors.js'
import type { Acting } from '../events/commandKeys.js'

/**
 * Nobody acts in their own case, nor in one of a relative or of whom they act for: the officer's own party; one that acts
 * for them or they for it, be it through a firm, until a year after; a parent, guardian, child or ward, though that has
 * ended. As far as mandates tell: siblings and spouses they do not know.
 *
 * What somebody merely granted to the officer does not count, or an applicant would choose who decides by naming the others.
 */
export async function refuseOwnCase({ tx, context }: Acting, partyId: string): Promise<void> {
  const own = context.caller.party
  if (own === undefined) return
  if (own === partyId) throw ownCase('case.own', 'your own')
  const [officer, party] = [sql`${own}::uuid`, sql`${partyId}::uuid`]
  const at = sql`${context.now().toISOString()}::timestamptz`
  const [found] = await tx.execute<{ acts: boolean; related: boolean }>(sql`
    select
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
      ) as related`)
  if (found?.related) throw ownCase('case.relative', 'of a relative')
  if (found?.acts) throw ownCase('case.mandate', 'of somebody you act for, or who acts for you')
}

/** Now, or within the last year: nobody puts a tie down to decide, and takes it up again. */
const stood = (mandate: string, at: SQL) =>
  sql`(${column(mandate, 'valid_from')} <= ${at}
    and coalesce(least(${column(mandate, 'valid_to')}, ${column(mandate, 'revoked_at')}) > ${at} - interval '1 year', true))`

/** By a register, or taken up: the holder has granted under it. */
const isTheirs = (mandate: string) =>
  sql`(${column(mandate, 'source')} = 'REGISTER' or exists(
    select from mandates further
    where further.principal_id = ${column(mandate, 'principal_id')} and further.granted_under = ${column(mandate, 'id')}))`

const isOfStaff = (mandate: string) => sql`${column(mandate, 'kind')} in ('HEAD', 'SEAL_HOLDER', 'EMPLOYEE')`

const column = (mandate: string, name: string) => sql`${sql.identifier(mandate)}.${sql.identifier(name)}`

const ownCase = (reason: string, whose: string) =>
  refusal('FORBIDDEN', `Another officer must do this: the case is ${whose}.`, { reason })
