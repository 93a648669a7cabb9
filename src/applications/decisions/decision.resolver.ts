import { eq, inArray } from 'drizzle-orm'
import { Ctx, Field, FieldResolver, ObjectType, Resolver, Root } from 'type-graphql'
import { issuedDocuments } from '../../documents/issued/issuedDocument.table.js'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
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

const inLanguage =
  'As the officer wrote it, or in the language of `Accept-Language` (az, en, ru) if it follows from the law.'
const textIn = (text: Words | string | null | undefined, { language }: Context): string | null =>
  typeof text === 'string' ? text : wordsIn(text ?? null, language)

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'Ground of a refusal, as it was when the decision was made.' })
export class DecisionGround {
  @Field(() => String, { description: 'Code of the ground, such as `FALSE_DATA`.' })
  code!: string
  @Field(() => String, { description: 'The ground. In the language of `Accept-Language` (az, en, ru).' })
  text!: string
  @Field(() => String, { description: 'Legal norm of the ground. In the language of `Accept-Language` (az, en, ru).' })
  norm!: string
}

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

  @FieldResolver(() => [DecisionGround], {
    nullable: true,
    description: `Grounds of a refusal by an officer. Empty for other decisions. ${contentAccess}`,
  })
  async grounds(@Root() { id, applicationId }: Shown, @Ctx() context: Context): Promise<DecisionGround[] | null> {
    const written = await loadFor(context, writtenOf, applicationId)
    const decision = written?.decisions.get(id)
    if (!decision) return null
    const textOf = (words: Words) => wordsIn(words, context.language) ?? words.az
    return (decision.grounds ?? []).map(({ code, text, norm }) => ({ code, text: textOf(text), norm: textOf(norm) }))
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
