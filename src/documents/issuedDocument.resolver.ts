import { eq, inArray } from 'drizzle-orm'
import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import { loadFor } from '../engine/fetch.js'
import { unwrapped } from '../identity/party.js'
import { parties } from '../identity/party.table.js'
import type { Context } from '../shared/context.js'
import { open } from '../shared/personal.js'
import { IssuedDocument } from './issuedDocument.js'
import { issuedDocuments } from './issuedDocument.table.js'

interface Opened {
  code: string
  signature: string | null
}

/** What is sealed of the documents of a page, in one statement; nothing of those whose party was forgotten. */
async function openedOf(
  ids: readonly string[],
  { database: { db }, keyring, caller }: Context,
): Promise<(Opened | null)[]> {
  // An officer of the agency sees that it was issued; what it says, whoever has the case reads there.
  if (caller.kind === 'OFFICER') return ids.map(() => null)
  const { id, code, signature } = issuedDocuments
  const rows = await db
    .select({ row: { id, code, signature }, party: { id: parties.id, key: parties.key, wrappedBy: parties.wrappedBy } })
    .from(issuedDocuments)
    .innerJoin(parties, eq(parties.id, issuedDocuments.partyId))
    .where(inArray(id, [...ids]))
  const known = new Map(rows.map((found) => [found.row.id, found]))
  return ids.map((id) => {
    const found = known.get(id)
    return found?.party.key ? open(unwrapped(keyring, found.party), issuedDocuments, found.row) : null
  })
}

type Shown = Pick<typeof issuedDocuments.$inferSelect, 'id'>

/** What is sealed is opened for whoever sees the document. */
@Resolver(() => IssuedDocument)
export class IssuedDocumentResolver {
  @FieldResolver(() => String, {
    nullable: true,
    description:
      'With its number, what `verifyDocument` opens it to anybody by: it is printed on the PDF. Null to officers, and where ' +
      'its party was forgotten.',
  })
  async code(@Root() { id }: Shown, @Ctx() context: Context): Promise<string | null> {
    return (await loadFor(context, openedOf, id))?.code ?? null
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      'The signed document itself: a JWS (RFC 7515) in its compact form, over claims that docs/issued-documents.md tells. ' +
      'Null until it is signed, to officers, and where its party was forgotten.',
  })
  async signature(@Root() { id }: Shown, @Ctx() context: Context): Promise<string | null> {
    return (await loadFor(context, openedOf, id))?.signature ?? null
  }
}
