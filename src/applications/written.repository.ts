import { and, inArray, isNotNull, like } from 'drizzle-orm'
import { loadFor } from '../engine/fetch.js'
import { beforeDeadline } from '../engine/statement.js'
import { AccessKind } from '../exchange/accessLog/access.table.js'
import { knownOf } from '../identity/parties/party.repository.js'
import { decrypt } from '../platform/personal.js'
import type { Context } from '../shared/context.js'
import type { Words } from '../shared/words.js'
import { appeals } from './decisions/appeal.table.js'
import { decisions, type Ground } from './decisions/decision.table.js'
import { type CaseAccess, logCaseAccesses, readableAmong } from './reading.repository.js'
import { personIn, timelineEntries } from './timelineEntry.table.js'
import type { applicationTransfers } from './transfers/applicationTransfer.table.js'

/** A part of descriptions. */
export const contentAccess =
  'Requires the same access and assurance as `Application.content`. Null for others, and if the applicant was ' +
  'forgotten.'

/** Texts of the decisions and appeals of an application, by their ID. */
interface Written {
  decisions: Map<string, { reasoning: Words | string | null; norm: Words | string | null; grounds: Ground[] | null }>
  appeals: Map<string, string>
}

/**
 * Decrypts decisions and appeals of applications. Undefined for those that the caller may not read. Logs the access if there
 * is anything to read. The number of statements does not grow with the applications.
 */
export async function writtenOf(ids: readonly string[], context: Context): Promise<(Written | Error | undefined)[]> {
  const { readable, unsure } = await readableAmong(ids, context)
  const found = await rowsOf([...readable.keys()], context)
  const written = new Map(
    [...readable].flatMap(([id, { row, key }]) => (key ? [[id, { row, key, ...nothing() }]] : [])),
  )
  for (const row of found.decisions) {
    const one = written.get(row.applicationId)
    if (one) one.decisions.set(row.id, decrypt(one.key, decisions, row))
  }
  for (const row of found.appeals) {
    const one = written.get(row.applicationId)
    if (one) one.appeals.set(row.id, decrypt(one.key, appeals, row).text)
  }
  const shown = [...written.values()].filter((one) => one.decisions.size + one.appeals.size > 0)
  const accesses = shown.map(({ row }) => messagesOf(row))
  await logCaseAccesses(accesses, context)
  return ids.map((id) => unsure.get(id) ?? written.get(id) ?? (readable.has(id) ? nothing() : undefined))
}

const messagesOf = (row: CaseAccess['row']): CaseAccess => ({ row, kind: AccessKind.CASE, fields: ['messages'] })
const nothing = (): Written => ({ decisions: new Map(), appeals: new Map() })

async function rowsOf(ids: string[], { database: { db }, deadline }: Context) {
  if (ids.length === 0) return { decisions: [], appeals: [] }
  const [decided, appealed] = await beforeDeadline(deadline, () =>
    Promise.all([
      db.select().from(decisions).where(inArray(decisions.applicationId, ids)),
      db.select().from(appeals).where(inArray(appeals.applicationId, ids)),
    ]),
  )
  return { decisions: decided, appeals: appealed }
}

/** Decrypts the texts of rows, and logs the access. Reads these rows only, because a timeline has no limit. */
export const textsIn =
  (table: typeof timelineEntries | typeof applicationTransfers) =>
  async (ids: readonly string[], context: Context): Promise<(string | Error | null)[]> => {
    const { database, deadline } = context
    const { id, applicationId, text } = table
    const hasText = and(inArray(id, [...ids]), isNotNull(text))
    const rows = await beforeDeadline(deadline, () =>
      database.db.select({ id, applicationId, text }).from(table).where(hasText),
    )
    const { readable, unsure } = await readableAmong([...new Set(rows.map((row) => row.applicationId))], context)
    const shown = rows.flatMap((row) => {
      const { row: of, key } = readable.get(row.applicationId) ?? {}
      return of && key ? [{ id: row.id, of, text: decrypt(key, table, row).text }] : []
    })
    const logged = new Map(shown.map(({ of }) => [of.id, of]))
    await logCaseAccesses([...logged.values()].map(messagesOf), context)
    const texts = new Map<string, string | Error | null>(shown.map((one) => [one.id, one.text]))
    for (const row of rows) texts.set(row.id, unsure.get(row.applicationId) ?? texts.get(row.id) ?? null)
    return ids.map((id) => texts.get(id) ?? null)
  }

export const textsOf = textsIn(timelineEntries)

/** Names of the persons who caused timeline entries. Logs the access. */
export async function actorNamesOf(ids: readonly string[], context: Context): Promise<(string | Error | null)[]> {
  const { database, deadline } = context
  const { id, applicationId, actor } = timelineEntries
  const isOfPerson = and(inArray(id, [...ids]), like(actor, 'person:%'))
  const rows = await beforeDeadline(deadline, () =>
    database.db.select({ id, applicationId, actor }).from(timelineEntries).where(isOfPerson),
  )
  const { readable, unsure } = await readableAmong([...new Set(rows.map((row) => row.applicationId))], context)
  const shown = rows.filter((row) => readable.has(row.applicationId))
  await logCaseAccesses(
    [...readable.values()].map(({ row }) => ({ row, kind: AccessKind.CASE, fields: ['persons'] })),
    context,
  )
  const known = await Promise.all(shown.map((row) => loadFor(context, knownOf, personIn(row.actor))))
  const names = new Map<string, string | Error | null>(shown.map((row, at) => [row.id, known[at]?.name ?? null]))
  for (const row of rows) names.set(row.id, unsure.get(row.applicationId) ?? names.get(row.id) ?? null)
  return ids.map((id) => names.get(id) ?? null)
}
