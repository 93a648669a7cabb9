import { and, sql } from 'drizzle-orm'
import { alias, type PgColumn } from 'drizzle-orm/pg-core'
import { Field, Int, ObjectType } from 'type-graphql'
import { Agency } from '../../agencies/agency.js'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { asked, connection, descending, fields, one, queries, type Row, Stored } from '../../engine/declare.js'
import { Node } from '../../engine/node.js'
import { isForCallerAmong } from '../../identity/mandates/powers.js'
import { handledByCaller } from '../../identity/officers/offices.js'
import { Party } from '../../identity/parties/party.resolver.js'
import { ofParty } from '../../identity/parties/partyArgument.js'
import { type Context, hasScope, signedInWith } from '../../shared/context.js'
import { DateTime } from '../../shared/scalars.js'
import { documentParties } from './documentParty.table.js'
import { DocumentKind, issuedDocuments } from './issuedDocument.table.js'

type DocumentRow = Row<typeof issuedDocuments>
const readsDocuments = asked(({ caller }: Context) => hasScope(caller, 'documents:read'))
const issued = alias(documentParties, 'issued')
const itsParties = { from: sql`${documentParties} ${issued}`, key: issued.documentId, party: issued.partyId }
const isTheirs = (row: DocumentRow, variant: string | undefined, through?: { partyId: PgColumn }) =>
  isForCallerAmong(itsParties, row, variant, through)

@AllowedTo(anyone)
@Stored(issuedDocuments, {
  PERSON: isTheirs,
  PROGRAM: (row: DocumentRow, variant, through) =>
    and(sql`${readsDocuments}::boolean`, isTheirs(row, variant, through)),
  OFFICER: ({ agencyId }) => handledByCaller(agencyId),
})
@ObjectType({
  implements: Node,
  simpleResolvers: true,
  description:
    'Document issued to one or more parties: a receipt of an application, filing or payment, or a decision. Its content never changes. Visible ' +
    'to these parties, and to holders of the power VIEW over one of them for the document’s service; a program also ' +
    'requires the scope `documents:read`. Officers of its agency see it without its content. Anybody else who holds the document can ' +
    'use `verifyDocument`.',
})
export class IssuedDocument extends Node {
  @Field(() => String, { description: 'Document number with a check character, such as "R26-0000123-K".' })
  number!: string
  @Field(() => DocumentKind, { description: 'Kind of document.' })
  kind!: DocumentKind
  @Field(() => DateTime, { description: 'When the document was issued.' })
  issuedAt!: Date
  @Field(() => DateTime, {
    nullable: true,
    description: 'When the document was revoked and lost its effect. Null if it was not.',
  })
  revokedAt!: Date | null
  @Field(() => String, {
    nullable: true,
    description: 'ID of the signing key in `/.well-known/jwks.json`. Null until signed.',
  })
  keyId!: string | null
  @Field(() => String, {
    nullable: true,
    description: 'Series in which the law requires numbers without gaps. Null if there is none.',
  })
  series!: string | null
  @Field(() => Int, {
    nullable: true,
    description:
      'Number in the series, from 1 without gaps. Null if there is no series, and for some seconds until it is ' +
      'assigned.',
  })
  seriesNumber!: number | null
  @Field(() => Int, {
    nullable: true,
    description:
      'Size of the PDF in bytes. Null until the PDF is made, for a receipt of an application or filing by its first download.',
  })
  pdfSize!: number | null
}
fields(IssuedDocument, {
  party: one(Party, issuedDocuments.partyId, {
    description: 'Party that the document names as its holder. Null if the caller may not see the party.',
  }),
  agency: one(Agency, issuedDocuments.agencyId, {
    description: 'Agency that decided, handles the application, or was paid. Null if there is none.',
  }),
})

/** The scope of the noun decides which documents each caller may see. */
export const issuedDocumentQueries = queries({
  documents: connection(IssuedDocument, undefined, {
    allowedTo: signedInWith('documents:read'),
    owner: ofParty(documentParties.partyId, documentParties.documentId),
    order: descending(issuedDocuments.issuedAt),
    description:
      'Lists the documents issued to a party that the caller may see, newest first. A program requires the scope ' +
      '`documents:read`.',
  }),
})
