import { and, inArray, isNotNull } from 'drizzle-orm'
import { beforeDeadline } from '../engine/statement.js'
import type { Context } from '../shared/context.js'
import { open } from '../shared/personal.js'
import { appeals, decisions, timelineEntries } from './application.table.js'
import { logLooks, readableAmong } from './reading.repository.js'

/** For whoever reads the schema. */
export const forWhom =
  'For who sees the content of the application: null to others, and where its applicant was forgotten.'

/** All that was written about an application, by the id of what it stands in. */
interface Written {
  texts: Map<string, string>
  grounds: Map<string, { ground: string | null; norm: string | null }>
  appeals: Map<string, string>
}

/**
 * Of applications that the caller sees and may read, in as many statements as for one; undefined of those that they may
 * not. Looks are logged where there is anything to read.
 */
export async function writtenOf(ids: readonly string[], context: Context): Promise<(Written | undefined)[]> {
  const readable = await readableAmong(ids, context)
  const found = await rowsOf([...readable.keys()], context)
  const written = new Map(
    [...readable].flatMap(([id, { row, key }]) => (key ? [[id, { row, key, ...nothing() }]] : [])),
  )
  for (const row of found.entries) {
    const one = written.get(row.applicationId)
    const text = one && open(one.key, timelineEntries, row).text
    if (text != null) one?.texts.set(row.id, text)
  }
  for (const row of found.decisions) {
    const one = written.get(row.applicationId)
    if (one) one.grounds.set(row.id, open(one.key, decisions, row))
  }
  for (const row of found.appeals) {
    const one = written.get(row.applicationId)
    if (one) one.appeals.set(row.id, open(one.key, appeals, row).text)
  }
  const shown = [...written.values()].filter((one) => one.texts.size + one.grounds.size + one.appeals.size > 0)
  const looks = shown.map(({ row }) => ({ row, fields: ['messages'] }))
  await logLooks(looks, context)
  return ids.map((id) => written.get(id) ?? (readable.has(id) ? nothing() : undefined))
}

const nothing = (): Written => ({ texts: new Map(), grounds: new Map(), appeals: new Map() })

async function rowsOf(ids: string[], { database: { db }, deadline }: Context) {
  if (ids.length === 0) return { entries: [], decisions: [], appeals: [] }
  const { id, applicationId, text } = timelineEntries
  const said = and(inArray(applicationId, ids), isNotNull(text))
  const [entries, decided, appealed] = await beforeDeadline(deadline, () =>
    Promise.all([
      db.select({ id, applicationId, text }).from(timelineEntries).where(said),
      db.select().from(decisions).where(inArray(decisions.applicationId, ids)),
      db.select().from(appeals).where(inArray(appeals.applicationId, ids)),
    ]),
  )
  return { entries, decisions: decided, appeals: appealed }
}
