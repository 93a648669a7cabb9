import { eq, inArray } from 'drizzle-orm'
import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import { issuedDocuments } from '../../documents/issued/issuedDocument.table.js'
import { loadFor } from '../../engine/fetch.js'
import { nodeIdOf } from '../../engine/node.js'
import { beforeDeadline } from '../../engine/statement.js'
import { type Context, refuseWithoutScope } from '../../shared/context.js'
import { wordsIn } from '../../shared/language.js'
import type { Words } from '../../shared/words.js'
import { downloadTerms, urlsOnceLogged } from '../drafts/fetching.js'
import { readableAmong } from '../reading.repository.js'
import { contentAccess, writtenOf } from '../written.repository.js'
import { ApplicationDecision } from './decision.js'
import { decisions } from './decision.table.js'

type Shown = Pick<typeof decisions.$inferSelect, 'id' | 'applicationId'>

const inLanguage = 'As the officer wrote it; if `deemed`, in the language of `Accept-Language` (az, en, ru).'
const textIn = (text: Words | string | null | undefined, { language }: Context): string | null =>
  typeof text === 'string' ? text : wordsIn(text ?? null, language)

@Resolver(() => ApplicationDecision)
export class DecisionResolver {
  @FieldResolver(() => String, {
    nullable: true,
    description: `Reasoning, or what is granted if the outcome is APPROVED. ${inLanguage} ${contentAccess}`,
  })
  async reasoning(@Root() { id, applicationId }: Shown, @Ctx() context: Context): Promise<string | null> {
    const written = await loadFor(context, writtenOf, applicationId)
    return textIn(written?.decisions.get(id)?.reasoning, context)
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: `Legal norm that the decision applies. ${inLanguage} ${contentAccess}`,
  })
  async norm(@Root() { id, applicationId }: Shown, @Ctx() context: Context): Promise<string | null> {
    const written = await loadFor(context, writtenOf, applicationId)
    return textIn(written?.decisions.get(id)?.norm, context)
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: `URL of the PDF. Null until it is made, which takes seconds. ${downloadTerms} ${contentAccess}`,
  })
  async downloadUrl(@Root() { id }: Shown, @Ctx() context: Context): Promise<string | null> {
    refuseWithoutScope(context.caller, 'documents:read')
    return await loadFor(context, addressesOf, id)
  }
}

async function addressesOf(ids: readonly string[], context: Context): Promise<(string | Error | null)[]> {
  const { database, deadline } = context
  const { id, applicationId, documentId } = decisions
  const rows = await beforeDeadline(deadline, () =>
    database.db
      .select({ id, applicationId, documentId, pdf: issuedDocuments.pdfSha256 })
      .from(decisions)
      .innerJoin(issuedDocuments, eq(issuedDocuments.id, documentId))
      .where(inArray(id, [...ids])),
  )
  const printed = rows.filter(({ pdf }) => pdf)
  const { readable, unsure } = await readableAmong([...new Set(printed.map((row) => row.applicationId))], context)
  const files = ids.map((id) => {
    const found = printed.find((row) => row.id === id)
    const doubt = found && unsure.get(found.applicationId)
    if (doubt) return doubt
    const of = found && readable.get(found.applicationId)
    return of?.key && found?.documentId ? { row: of.row, file: nodeIdOf('IssuedDocument', found.documentId) } : null
  })
  return await urlsOnceLogged(files, context)
}
