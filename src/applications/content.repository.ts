import { inArray } from 'drizzle-orm'
import { type Form, findForm } from '../catalogue/forms/form.repository.js'
import { loadFor } from '../engine/fetch.js'
import { beforeDeadline } from '../engine/statement.js'
import { AccessKind } from '../exchange/accessLog/access.table.js'
import { decrypt } from '../platform/personal.js'
import type { Context } from '../shared/context.js'
import { applications } from './application.table.js'
import { earlierAnswers } from './casework/earlierAnswers.table.js'
import { formVersionOf } from './drafts/form.repository.js'
import type { Prefilled } from './drafts/prefill.js'
import { logCaseAccesses, readableAmong } from './reading.repository.js'

export interface Content {
  answers: Record<string, unknown>
  prefilled: Prefilled
  /** The version whose form the answers belong to. */
  versionId: string
  /** Answers that later ones replaced, oldest first. */
  earlier: { answers: Record<string, unknown>; until: Date }[]
}

/** Decrypts the content of applications that the caller sees. Logs each access first, except those of the applicant. */
export async function contentsOf(
  ids: readonly string[],
  context: Context,
): Promise<({ content: Content } | { refused: true } | Error)[]> {
  const { readable, unsure } = await readableAmong(ids, context)
  await logCaseAccesses(
    [...readable.values()].map(({ row }) => ({ row, kind: AccessKind.CASE, fields: ['application'] })),
    context,
  )
  const earlier = await earlierOf([...readable.keys()], context)
  return ids.map((id) => {
    const { row, key } = readable.get(id) ?? {}
    if (!row) return unsure.get(id) ?? { refused: true }
    if (!key) return new Error(`the party of the application ${id} was forgotten`)
    const { answers, prefilled } = decrypt(key, applications, row)
    const before = earlier
      .filter(({ applicationId }) => applicationId === id)
      .map((one) => decrypt(key, earlierAnswers, one))
    return { content: { answers, prefilled, versionId: formVersionOf(row), earlier: before } }
  })
}

async function earlierOf(ids: string[], { database: { db }, deadline }: Context) {
  if (ids.length === 0) return []
  return await beforeDeadline(deadline, () =>
    db
      .select()
      .from(earlierAnswers)
      .where(inArray(earlierAnswers.applicationId, ids))
      .orderBy(earlierAnswers.until, earlierAnswers.id),
  )
}

/** Loaded once a request. Forms are compiled once a process. */
export const findFormOf = (versionId: string, context: Context): Promise<Form | undefined> =>
  loadFor(context, formsOf, versionId)
const formsOf = (ids: readonly string[], { database }: Context): Promise<(Form | undefined)[]> =>
  Promise.all(ids.map((id) => findForm(database.db, id)))
