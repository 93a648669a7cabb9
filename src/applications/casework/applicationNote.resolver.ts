import { inArray } from 'drizzle-orm'
import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import { loadFor } from '../../engine/fetch.js'
import { beforeDeadline } from '../../engine/statement.js'
import { AccessKind } from '../../exchange/accessLog/access.table.js'
import { knownOf } from '../../identity/parties/party.repository.js'
import { decrypt } from '../../platform/personal.js'
import type { Context } from '../../shared/context.js'
import { DecisionOutcome } from '../decisions/decision.table.js'
import { logCaseAccesses, readableAmong } from '../reading.repository.js'
import { contentAccess } from '../written.repository.js'
import { ApplicationNote } from './applicationNote.js'
import { applicationNotes } from './applicationNote.table.js'

type Shown = Pick<typeof applicationNotes.$inferSelect, 'id' | 'officerId'>

@Resolver(() => ApplicationNote)
export class ApplicationNoteResolver {
  @FieldResolver(() => String, {
    nullable: true,
    description: `Text of the note, or the reasoning of the proposed decision. ${contentAccess}`,
  })
  async text(@Root() { id }: Shown, @Ctx() context: Context): Promise<string | null> {
    return (await loadFor(context, notesOf, id))?.text ?? null
  }

  @FieldResolver(() => DecisionOutcome, {
    nullable: true,
    description: `Proposed outcome. Null unless it is a proposal. ${contentAccess}`,
  })
  async outcome(@Root() { id }: Shown, @Ctx() context: Context): Promise<DecisionOutcome | null> {
    return (await loadFor(context, notesOf, id))?.outcome ?? null
  }

  @FieldResolver(() => [String], {
    nullable: true,
    description: `Codes of the proposed grounds, as in \`version { refusalGrounds }\`. Null unless it is a proposal. ${contentAccess}`,
  })
  async groundCodes(@Root() { id }: Shown, @Ctx() context: Context): Promise<string[] | null> {
    return (await loadFor(context, notesOf, id))?.groundCodes ?? null
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: `Proposed legal norm. Null unless it is a proposal with one. ${contentAccess}`,
  })
  async norm(@Root() { id }: Shown, @Ctx() context: Context): Promise<string | null> {
    return (await loadFor(context, notesOf, id))?.norm ?? null
  }

  @FieldResolver(() => String, { nullable: true, description: 'Name of the author. Null if it is not known.' })
  async officerName(@Root() { officerId }: Shown, @Ctx() context: Context): Promise<string | null> {
    return (await loadFor(context, knownOf, officerId)).name
  }
}

interface Written {
  text: string | null
  outcome: DecisionOutcome | null
  groundCodes: string[] | null
  norm: string | null
}

/** Decrypts notes, and logs the access. Null if the caller may not read the application. */
async function notesOf(ids: readonly string[], context: Context): Promise<(Written | Error | null)[]> {
  const { database, deadline } = context
  const rows = await beforeDeadline(deadline, () =>
    database.db
      .select()
      .from(applicationNotes)
      .where(inArray(applicationNotes.id, [...ids])),
  )
  const { readable, unsure } = await readableAmong([...new Set(rows.map((row) => row.applicationId))], context)
  // As messages: the log says who read the case, and not what officers wrote to each other.
  const shown = [...readable.values()].map(({ row }) => ({ row, kind: AccessKind.CASE as const, fields: ['messages'] }))
  await logCaseAccesses(shown, context)
  const notes = new Map(
    rows.flatMap((row): [string, Written | Error][] => {
      const doubt = unsure.get(row.applicationId)
      const key = readable.get(row.applicationId)?.key
      if (doubt) return [[row.id, doubt]]
      return key ? [[row.id, decrypt(key, applicationNotes, row)]] : []
    }),
  )
  return ids.map((id) => notes.get(id) ?? null)
}
