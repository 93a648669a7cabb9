import { type SQL, sql } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import type { Asked } from '../engine/declare.js'

type Coded = PgTable & { id: PgColumn; code: PgColumn }

/** The id of the row with that code. Refused by PostgreSQL where there is none: see `unknownCode` in `engine/errors.ts`. */
export const idByCode = (table: Coded, noun: string, code: Asked): SQL =>
  sql`(select coalesce((select ${table.id} from ${table} where ${table.code} = ${code}), unknown_code(${noun}, ${code})))`

/** In a WHERE: the key names the row with that code. The second part is asked once, also where no row is compared. */
export const isOfCode = (key: PgColumn, table: Coded, noun: string, code: Asked): SQL =>
  sql`(${key} = ${idByCode(table, noun, code)} and ${idByCode(table, noun, code)} is not null)`
