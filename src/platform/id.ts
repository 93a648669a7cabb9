import { uuid } from 'drizzle-orm/pg-core'
import { v7 } from 'uuid'

/** Ids are made here and not by the database: version 7 carries time, so an index grows at its end. */
export const id = () =>
  uuid('id')
    .primaryKey()
    .$defaultFn(() => v7())
