import { and, asc, desc, getTableColumns, gt, isNotNull, isNull, lte, sql } from 'drizzle-orm'
import type { Database } from '../../platform/database.js'
import { accesses } from './access.table.js'
import type { Checkpoint } from './accessCheckpoint.js'
import { accessCheckpoints } from './accessCheckpoint.table.js'
import { accessReferences } from './accessReference.table.js'

const pageSize = 1000

export interface Logged {
  access: typeof accesses.$inferSelect
  /** Whether both times are whole milliseconds, as the server writes them. Otherwise somebody else wrote the row. */
  isExact: boolean
}
const logged = {
  access: getTableColumns(accesses),
  isExact: sql<boolean>`date_trunc('milliseconds', ${accesses.at}) = ${accesses.at} and date_trunc('milliseconds', ${accesses.releaseAt}) = ${accesses.releaseAt}`,
}

/** Reads a list page by page. */
async function* paging<Row, Key>(page: (after: Key | undefined) => Promise<Row[]>, keyOf: (row: Row) => Key) {
  let after: Key | undefined
  for (let some = pageSize; some === pageSize; ) {
    const rows = await page(after)
    yield* rows
    const last = rows.at(-1)
    if (last) after = keyOf(last)
    some = rows.length
  }
}

/** All rows with a position, in order. */
export const placedRows = ({ db }: Pick<Database, 'db'>) =>
  paging(
    async (after: bigint | undefined): Promise<(Logged & { position: bigint })[]> =>
      (
        await db
          .select(logged)
          .from(accesses)
          .where(after === undefined ? isNotNull(accesses.position) : gt(accesses.position, after))
          .orderBy(asc(accesses.position))
          .limit(pageSize)
      ).map((row) => ({ ...row, position: row.access.position as bigint })), // none is null here
    ({ position }) => position,
  )

export const uncoveredRows = ({ db }: Pick<Database, 'db'>) =>
  paging(
    (after: string | undefined): Promise<Logged[]> =>
      db
        .select(logged)
        .from(accesses)
        .where(and(isNull(accesses.position), after === undefined ? undefined : gt(accesses.id, after)))
        .orderBy(asc(accesses.id))
        .limit(pageSize),
    ({ access }) => access.id,
  )

/** In order, up to the last checkpoint at the start. Later ones are omitted. */
export async function* checkpointsOf({ db }: Pick<Database, 'db'>): AsyncGenerator<Checkpoint> {
  const [last] = await db.select().from(accessCheckpoints).orderBy(desc(accessCheckpoints.number)).limit(1)
  if (!last) return
  yield* paging(
    (after: bigint | undefined) =>
      db
        .select()
        .from(accessCheckpoints)
        .where(
          and(
            lte(accessCheckpoints.number, last.number),
            after === undefined ? undefined : gt(accessCheckpoints.number, after),
          ),
        )
        .orderBy(asc(accessCheckpoints.number))
        .limit(pageSize),
    ({ number }) => number,
  )
}

/** Rows positioned after the last checkpoint. In one statement, so that rows and their checkpoint are seen together or not at all. */
export async function findUncovered({ db }: Pick<Database, 'db'>): Promise<[first: string, last: string] | undefined> {
  const [found] = await db.execute<{ first: string | null; last: string }>(sql`
    select min(position) as first, max(position) as last from accesses
    where position > (select coalesce(max(last_position), 0) from access_checkpoints)`)
  return found?.first == null ? undefined : [found.first, found.last]
}

type Reference = typeof accessReferences.$inferSelect

/** All recorded references, by checkpoint. */
export const recordedReferences = ({ db }: Pick<Database, 'db'>) =>
  paging(
    (after: Reference | undefined): Promise<Reference[]> =>
      db
        .select()
        .from(accessReferences)
        .where(
          after && sql`(checkpoint_number, ref_id) > (${String(after.checkpointNumber)}::bigint, ${after.refId}::uuid)`,
        )
        .orderBy(asc(accessReferences.checkpointNumber), asc(accessReferences.refId))
        .limit(pageSize),
    (reference) => reference,
  )

/** The last recorded reference of each object, page by page. */
export async function* lastReferences({ db }: Pick<Database, 'db'>): AsyncGenerator<Reference[]> {
  let after: string | undefined
  for (;;) {
    const page = await db
      .selectDistinctOn([accessReferences.refId])
      .from(accessReferences)
      .where(after === undefined ? undefined : gt(accessReferences.refId, after))
      .orderBy(asc(accessReferences.refId), desc(accessReferences.checkpointNumber))
      .limit(pageSize)
    yield page
    if (page.length < pageSize) return
    after = page.at(-1)?.refId
  }
}

/** The number of a checkpoint that has references but does not exist. */
export async function findUncoveredReference({ db }: Pick<Database, 'db'>): Promise<string | undefined> {
  const [found] = await db.execute<{ number: string }>(sql`
    select checkpoint_number as number from access_references
    where not exists (select from access_checkpoints where number = checkpoint_number) order by 1 limit 1`)
  return found?.number
}
