import { readFile } from 'node:fs/promises'
import type { Sql } from 'postgres'
import { z } from 'zod'
import { parseDataFile, provenanceInFile } from './dataFile.js'
import { RetentionClass } from './retention.table.js'

const path = 'platform/retention.data.json'

const entry = z.strictObject({
  table: z
    .string()
    .regex(/^(?:[a-z_]+\.)?[a-z_]+$/, { error: 'a table as PostgreSQL shows it, with its schema if not public' }),
  class: z.enum(RetentionClass),
  from: z.string().nullable(),
  term: z
    .string()
    .regex(/^\d+ (?:day|month|year)s?$/, { error: 'a number of days, months or years' })
    .nullable(),
  reason: z.string().trim().min(1),
  ...provenanceInFile,
})

export const retentionFile = z
  .strictObject({ compiledOn: z.iso.date(), tables: z.array(entry) })
  .superRefine(({ tables }, context) => {
    for (const [index, { table, ...kept }] of tables.entries()) {
      const refuse = (field: string, input: unknown, message: string) =>
        context.addIssue({ code: 'custom', path: ['tables', index, field], input, message })
      const [first] = tables.filter((other) => other.table === table)
      if (first !== tables[index]) refuse('table', table, 'a table is given once')
      for (const field of ['from', 'term'] as const)
        if ((kept[field] !== null) !== (kept.class === RetentionClass.TERM))
          refuse(field, kept[field], 'given with TERM, and null with every other class')
    }
  })

/** By the role that owns the tables: who serves reads these rows and cannot change what may be removed. */
export async function seedRetention(client: Sql, folder = new URL('../../src/', import.meta.url)): Promise<void> {
  const { tables } = parseDataFile(path, await readFile(new URL(path, folder), 'utf8'), retentionFile)
  const rows = JSON.stringify(tables)
  await client.begin(async (tx) => {
    await tx`delete from retention where table_name <> all(select file->>'table' from jsonb_array_elements(${rows}::text::jsonb) file)`
    await tx`
      insert into retention (table_name, class, from_column, term, reason, confidence, source)
      select "table", class, "from", term, reason, confidence, source
      from jsonb_to_recordset(${rows}::text::jsonb) as file ("table" text, class retention_class, "from" text, term interval,
        reason text, confidence confidence, source text)
      on conflict (table_name) do update set class = excluded.class, from_column = excluded.from_column, term = excluded.term,
        reason = excluded.reason, confidence = excluded.confidence, source = excluded.source
      where retention is distinct from excluded`
  })
}
