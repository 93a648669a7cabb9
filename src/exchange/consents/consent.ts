import { eq, sql } from 'drizzle-orm'
import { Field, ObjectType, registerEnumType } from 'type-graphql'
import { Agency } from '../../agencies/agency.js'
import { AllowedTo } from '../../engine/allowedTo.js'
import { connection, descending, everyone, fields, leaf, one, queries, type Row, Stored } from '../../engine/declare.js'
import { idIn, Node } from '../../engine/node.js'
import { isWhollyForCaller, ownParty } from '../../identity/mandates/powers.js'
import { handledByCaller } from '../../identity/officers/offices.js'
import { Party } from '../../identity/parties/party.resolver.js'
import { ofParty } from '../../identity/parties/partyArgument.js'
import { type Context, highestAssuranceSoFar, signedIn, signedInWith } from '../../shared/context.js'
import { DateTime } from '../../shared/scalars.js'
import { Purpose } from '../accessLog/purpose.js'
import { ConsentState, stateOf } from './consent.rules.js'
import { consents } from './consent.table.js'

registerEnumType(ConsentState, {
  name: 'ConsentState',
  description: 'State of a consent at the time of the request.',
  valuesConfig: {
    NOT_YET_VALID: { description: 'Given, but not yet valid.' },
    IN_FORCE: { description: 'In force.' },
    EXPIRED: { description: 'Expired.' },
    WITHDRAWN: { description: 'Withdrawn.' },
  },
})

type ConsentRow = Row<typeof consents>
/** A mandate for some services does not show consents. The power CONSENT does. */
const mayLook = ['VIEW', 'CONSENT'] as const

@AllowedTo(signedInWith('registries:read', highestAssuranceSoFar))
@Stored(consents, {
  PERSON: ({ partyId }: ConsentRow, variant) => isWhollyForCaller(partyId, variant, mayLook),
  PROGRAM: ({ partyId }: ConsentRow) => eq(partyId, sql`${ownParty}::uuid`),
  OFFICER: ({ agencyId }: ConsentRow) => handledByCaller(agencyId),
  AUDITOR: everyone,
})
@ObjectType({
  implements: Node,
  simpleResolvers: true,
  description:
    'Consent to an agency’s queries of registries about a party, where the law requires one. Visible to the party, ' +
    'to holders of the power VIEW or CONSENT over it for all services, and to its programs with the scope ' +
    '`registries:read`. Also visible to officers of the agency, and to auditors.',
})
export class Consent extends Node {
  @Field(() => [String], { description: 'Codes of the registries that the agency may query.' })
  registries!: string[]
  @Field(() => DateTime, { description: 'Start of validity.' })
  validFrom!: Date
  @Field(() => DateTime, { description: 'End of validity.' })
  validTo!: Date
  @Field(() => DateTime, { description: 'When the consent was given.' })
  createdAt!: Date
  @Field(() => DateTime, {
    nullable: true,
    description: 'When the consent was withdrawn. No registry is queried under it from then on. Null if not withdrawn.',
  })
  withdrawnAt!: Date | null
}

type Shown = typeof consents.$inferSelect

fields(Consent, {
  party: one(Party, consents.partyId, {
    description:
      'Party about whom registries may be queried. Null if the caller may not see the party; always null for officers.',
  }),
  partyId: idIn(consents.partyId, 'Party', 'ID of the party about whom registries may be queried. Always present.'),
  agency: one(Agency, consents.agencyId, { description: 'Agency whose officers may query the registries.' }),
  purpose: one(Purpose, consents.purposeId, { description: 'Purpose of the queries.' }),
  state: leaf(
    () => ConsentState,
    [consents.validFrom, consents.validTo, consents.withdrawnAt],
    (row: Pick<Shown, 'validFrom' | 'validTo' | 'withdrawnAt'>, { now }: Context) => stateOf(row, now()),
    { description: 'State of the consent now.', nullable: false },
  ),
})

export const consentQueries = queries({
  consents: connection(Consent, undefined, {
    allowedTo: signedIn,
    owner: ofParty(consents.partyId),
    order: descending(consents.createdAt),
    description:
      'Lists the consents of a party, newest first, including past ones. An officer provides `party`, and sees the ' +
      'consents given to the officer’s agency. A program requires the scope `registries:read`.',
  }),
})
