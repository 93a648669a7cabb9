import { failpoint } from '../../engine/failpoint.js'
import type { Work } from '../../events/job.js'

/** Documents per transaction. */
export const maxAtOnce = 500

/**
 * Numbers the committed documents of a series from 1 without gaps, in the order of their IDs. A lock on the series lets one
 * transaction number at a time.
 */
export async function numberSeries({ database: { client } }: Pick<Work, 'database'>, series: string): Promise<void> {
  let numbered: number
  do {
    numbered = await client.begin('isolation level read committed', async (tx) => {
      await tx`select pg_advisory_xact_lock(hashtextextended(${`series ${series}`}, 0))`
      // A separate statement, which sees what the previous holder of the lock committed.
      const { count } = await tx`
        with unnumbered as (
          select id, row_number() over (order by id) as place
          from (
            select id from issued_documents where series = ${series} and series_number is null
            order by id limit ${tx.unsafe(String(maxAtOnce))}
          ) as waiting
        ), before as (select coalesce(max(series_number), 0) as last from issued_documents where series = ${series})
        update issued_documents set series_number = last + place
        from unnumbered, before where issued_documents.id = unnumbered.id`
      await failpoint('series.numbered')
      return count
    })
  } while (numbered === maxAtOnce)
}
