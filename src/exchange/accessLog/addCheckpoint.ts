import { desc, sql } from 'drizzle-orm'
import { failpoint } from '../../engine/failpoint.js'
import type { Work } from '../../events/job.js'
import { causeOf } from '../../platform/database.js'
import { overtaken } from '../../platform/retries.js'
import type { Transaction } from '../../platform/seeding.js'
import { noCheckpoint, signed } from './accessCheckpoint.js'
import { accessCheckpoints } from './accessCheckpoint.table.js'
import { digestsOf, recordReferences } from './accessReference.js'

/** Rows per checkpoint. */
export const checkpointLimit = 1000
/** Milliseconds after which PostgreSQL ends a hanging transaction, so that another worker continues. */
const patience = '5000'
/**
 * Numbers new rows in the order of their IDs and adds a checkpoint over them, their references and the previous checkpoint, in one
 * transaction. Returns the number of rows.
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
      // A separate statement, which sees the checkpoint of whoever had locked these rows before.
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
 * Row locks elect the worker: another one skips locked rows, and the unique number of the checkpoint lets only one commit. An
 * advisory lock could be held by any database role, which could stop checkpoints that way.
 */
async function lockUncovered(tx: Transaction): Promise<string[]> {
  const rows = await tx.execute<{ id: string }>(sql`
    select id from accesses where position is null order by id limit ${sql.raw(String(checkpointLimit))} for update skip locked`)
  return rows.map(({ id }) => id)
}

/** Returns the digests in order of position. */
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
