import { failpoint } from '../../engine/failpoint.js'
import type { Work } from '../../events/job.js'

/** So many at most in one transaction. */
export const mostAtOnce = 500

/**
 * Gives the documents of a series their numbers: dense, from 1, in the order of their ids among those that have committed.
 * One transaction holds the series at a time, so what it numbers stands behind all that was numbered before.
 */
export async function numberSeries({ database: { client } }: Pick<Work, 'database'>, series: string): Promise<void> {
  let numbered: number
  do {
    numbered = await client.begin('isolation level read committed', async (tx) => {
      await tx`select pg_advisory_xact_lock(hashtextextended(${`series ${series}`}, 0))`
      // In a statement of its own: it must see all that whoever held the lock has done.
      const { count } = await tx`
        with unnumbered as (
          select id, row_number() over (order by id) as place
          from (
            select id from issued_documents where series = ${series} and series_number is null
            order by id limit ${tx.unsafe(String(mostAtOnce))}
          ) as waiting
        ), before as (select coalesce(max(series_number), 0) as last from issued_documents where series = ${series})
        update issued_documents set series_number = last + place
        from unnumbered, before where issued_documents.id = unnumbered.id`
      await failpoint('series.numbered')
      return count
    })
  } while (numbered === mostAtOnce)
}
