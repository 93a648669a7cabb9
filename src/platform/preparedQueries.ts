import { PostgresJsSession } from 'drizzle-orm/postgres-js'
import { isHot } from '../engine/prepared.js'

/**
 * Lets Drizzle prepare hot queries. Otherwise the driver sends each query twice: it asks for the types of the parameters, and waits
 * for them before it sends their values. See docs/decisions/prepared-queries.md.
 */
export function prepareHotQueries(): void {
  const { prototype } = PostgresJsSession
  const { prepareQuery } = prototype
  // The cast: it is generic in what a query returns, which this does not touch.
  prototype.prepareQuery = function (this: InstanceType<typeof PostgresJsSession>, query, fields, name, ...more) {
    // Of the name, Drizzle only looks whether there is one. The driver names prepared statements itself.
    return prepareQuery.call(this, query, fields, name ?? (isHot(query.sql) ? 'hot' : undefined), ...more)
  } as typeof prepareQuery
}
