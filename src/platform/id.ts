import { uuid } from 'drizzle-orm/pg-core'
import { v7 } from 'uuid'

/** Version 7 contains the time, so an index grows at its end. */
export const id = () =>
  uuid('id')
    .primaryKey()
    .$defaultFn(() => v7())
