import { and, sql } from 'drizzle-orm'
import { Field, Int, ObjectType } from 'type-graphql'
import { Agency } from '../../agencies/agency.js'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { asked, connection, descending, fields, one, queries, type Row, Stored } from '../../engine/declare.js'
import { Node } from '../../engine/node.js'
import { isForCaller } from '../../identity/mandates/powers.js'
import { handledByCaller } from '../../identity/officers/offices.js'
import { Party } from '../../identity/parties/party.resolver.js'
import { ofParty } from '../../identity/parties/partyArgument.js'
import { type Context, callerKinds, hasScope, only } from '../../shared/context.js'
import { DateTime } from '../../shared/scalars.js'
import { DocumentKind, issuedDocuments } from './issuedDocument.table.js'

type DocumentRow = Row<typeof issuedDocuments>
const readsDocuments = asked(({ caller }: Context) => hasScope(caller, 'documents:read'))
const isTheirs = ({ partyId, serviceCode }: DocumentRow) => isForCaller(partyId, serviceCode)

@AllowedTo(anyone)
@Stored(issuedDocuments, {
  PERSON: isTheirs,
  PROGRAM: (row: DocumentRow) => and(sql`${readsDocuments}::boolean`, isTheirs(row)),
  OFFICER: ({ agencyId }) => handledByCaller(agencyId),
})
@ObjectType({
  implements: Node,
  simpleResolvers: true,
  description:
    'A document that the state gave a party: a receipt, or a decision. What it says never changes. Seen by the party, by ' +
    'whoever has the power VIEW over it in the service that it is about, of programs by those with the scope ' +
    '`documents:read`; and without what it says by the officers of its agency. Whoever else holds it asks `verifyDocument`.',
})
export class IssuedDocument extends Node {
  @Field(() => String, { description: 'Its number, with a check character: "R26-0000123-K".' })
  number!: string
  @Field(() => DocumentKind, { description: 'What kind of document it is.' })
  kind!: DocumentKind
  @Field(() => DateTime, { description: 'When it was issued.' })
  issuedAt!: Date
  @Field(() => String, {
    nullable: true,
    description: 'The id of the key that signed it, as in `/.well-known/jwks.json`; null until it is signed.',
  })
  keyId!: string | null
  @Field(() => String, {
    nullable: true,
    description: 'The series in which the law wants numbers without gaps; null where it is in none.',
  })
  series!: string | null
  @Field(() => Int, {
    nullable: true,
    description:
      'Its number in that series, from 1 and without gaps. Given within seconds; null until then, or in no series.',
  })
  seriesNumber!: number | null
  @Field(() => Int, {
    nullable: true,
    description: 'The length of its PDF in bytes; null until it is made, which takes seconds.',
  })
  pdfSize!: number | null
}
fields(IssuedDocument, {
  party: one(Party, issuedDocuments.partyId, {
    description: 'Whose it is; null where the caller may not look at them.',
  }),
  agency: one(Agency, issuedDocuments.agencyId, {
    description: 'The agency that decided, or that what was received is for; null where there is none.',
  }),
})

/** Whose each may see, the noun tells. */
const seesDocuments = only(
  'seesDocuments',
  'who is signed in, and programs with the scope documents:read',
  callerKinds.filter((kind) => kind !== 'NOBODY'),
  {},
  (caller) => hasScope(caller, 'documents:read'),
)

export const issuedDocumentQueries = queries({
  documents: connection(IssuedDocument, undefined, {
    allowedTo: seesDocuments,
    owner: ofParty(issuedDocuments.partyId),
    order: descending(issuedDocuments.issuedAt),
    description:
      'The documents that the state gave a party, the newest first: those that the caller may see. Of a program with ' +
      '`documents:read`.',
  }),
})
