import { sql } from 'drizzle-orm'
import { refusal } from '../engine/errors.js'
import type { Acting } from '../events/commandKeys.js'

/**
 * Nobody acts in their own case, nor in one of a relative or of whom they act for: the officer's own party; one that acts
 * for them or they for it, be it through a firm; a parent, guardian, child or ward, though that has ended. As far as mandates
 * tell: siblings and spouses they do not know.
 */
export async function refuseOwnCase({ tx, context }: Acting, partyId: string): Promise<void> {
  const own = context.caller.party
  if (own === undefined) return
  if (own === partyId) throw ownCase('case.own', 'your own')
  const at = context.now().toISOString()
  const [found] = await tx.execute<{ acts: boolean; related: boolean }>(sql`
    select
      exists(select from powers_of(${own}::uuid, ${at}::timestamptz, 2) where principal_id = ${partyId}::uuid)
        or exists(select from powers_of(${partyId}::uuid, ${at}::timestamptz, 2) where principal_id = ${own}::uuid) as acts,
      exists(
        select from mandates where kind in ('PARENT', 'GUARDIAN')
          and ((principal_id, holder_id) = (${own}::uuid, ${partyId}::uuid)
            or (principal_id, holder_id) = (${partyId}::uuid, ${own}::uuid))) as related`)
  if (found?.related) throw ownCase('case.relative', 'of a relative')
  if (found?.acts) throw ownCase('case.mandate', 'of somebody you act for, or who acts for you')
}

const ownCase = (reason: string, whose: string) =>
  refusal('FORBIDDEN', `Another officer must do this: the case is ${whose}.`, { reason })
