import { desc, sql } from 'drizzle-orm'
import { failpoint } from '../../engine/failpoint.js'
import type { Work } from '../../events/job.js'
import { causeOf } from '../../platform/database.js'
import { overtaken } from '../../platform/retries.js'
import type { Transaction } from '../../platform/seeding.js'
import { noCheckpoint, signed } from './accessCheckpoint.js'
import { accessCheckpoints } from './accessCheckpoint.table.js'
import { digestsOf, recordReferences } from './accessReference.js'

/** So many rows at most are under one checkpoint. */
export const mostInCheckpoint = 1000
/** Milliseconds after which PostgreSQL ends what is begun here and hangs, so that another worker goes on. */
const patience = '5000'
/**
 * Gives their places to rows that have become visible, in the order of their ids, and puts a checkpoint over them, what they refer
 * to and the checkpoint before, in one transaction. What is under a checkpoint is never looked at again here. How many they are.
 */
export async function addCheckpoint({
  database,
  keyring,
  now,
}: Pick<Work, 'database' | 'keyring' | 'now'>): Promise<number> {
  const [uncovered] = await database.client`select 1 from accesses where position is null limit 1`
  if (!uncovered) return 0
  const covered = database.db.transaction(
    async (tx) => {
      await tx.execute(sql`select set_config('idle_in_transaction_session_timeout', ${patience}, true)`)
      const ids = await lockUncovered(tx)
      // In a statement of its own: it must see the last checkpoint of whoever had these rows locked before.
      const [before = noCheckpoint] = await tx
        .select()
        .from(accessCheckpoints)
        .orderBy(desc(accessCheckpoints.number))
        .limit(1)
      const digests = await place(tx, ids, before.lastPosition)
      if (digests.length === 0) return 0
      await failpoint('access.placed')
      const key = keyring.current('accessLog')
      const head = {
        number: before.number + 1n,
        firstPosition: before.lastPosition + 1n,
        lastPosition: before.lastPosition + BigInt(digests.length),
        previous: before.hash,
        createdAt: now(),
        keyId: key.id,
      }
      const references = await recordReferences(tx, keyring, head)
      await tx.insert(accessCheckpoints).values(signed(head, [...digests, ...digestsOf(references)], key))
      await failpoint('access.signed')
      return digests.length
    },
    { isolationLevel: 'read committed' },
  )
  const count = await covered.catch((error) => {
    if ((causeOf(error) as { code?: unknown }).code === overtaken) return 0 // by another worker, with a checkpoint of that number
    throw error
  })
  await failpoint('access.committed')
  return count
}

/**
 * The rows themselves are the election: another worker passes them over, and of two that find rows the number of the checkpoint lets
 * one commit. An advisory lock could be held by any database role, and nothing would be covered for as long as it likes.
 */
async function lockUncovered(tx: Transaction): Promise<string[]> {
  const rows = await tx.execute<{ id: string }>(sql`
    select id from accesses where position is null order by id limit ${sql.raw(String(mostInCheckpoint))} for update skip locked`)
  return rows.map(({ id }) => id)
}

/** Gives the digests in the order of the places. */
async function place(tx: Transaction, ids: readonly string[], last: bigint): Promise<Buffer[]> {
  const rows = await tx.execute<{ digest: Buffer }>(sql`
    with locked as (
      select id, row_number() over (order by id) as place from unnest(${sql.param(ids)}::uuid[]) as locked(id)
    ), placed as (
      update accesses set position = ${String(last)}::bigint + place from locked where accesses.id = locked.id
      returning position, digest
    )
    select digest from placed order by position`)
  return rows.map(({ digest }) => digest)
}
