import { type SQL, sql } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import type { Asked } from '../engine/declare.js'

/** The id of the row with that code. Refused by PostgreSQL where there is none: see `unknownCode` in `engine/errors.ts`. */
export const idByCode = (table: PgTable & { id: PgColumn; code: PgColumn }, noun: string, code: Asked): SQL =>
  sql`coalesce((select ${table.id} from ${table} where ${table.code} = ${code}), unknown_code(${noun}, ${code}))`
