import { type SQL, sql } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import type { Asked } from '../engine/declare.js'

type Coded = PgTable & { id: PgColumn; code: PgColumn }

/**
 * The id of the row with that code. PostgreSQL raises an error if there is none: see `unknownCode` in
 * `engine/errors.ts`.
 */
export const idByCode = (table: Coded, noun: string, code: Asked): SQL =>
  sql`(select coalesce((select ${table.id} from ${table} where ${table.code} = ${code}), unknown_code(${noun}, ${code})))`

/** In a WHERE: the key refers to the row with that code. The second part runs once, even if no row is compared. */
export const isOfCode = (key: PgColumn, table: Coded, noun: string, code: Asked): SQL =>
  sql`(${key} = ${idByCode(table, noun, code)} and ${idByCode(table, noun, code)} is not null)`
