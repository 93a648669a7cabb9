import { eq, sql } from 'drizzle-orm'
import { Field, ID, ObjectType, registerEnumType } from 'type-graphql'
import { Agency } from '../../agencies/agency.js'
import { AllowedTo } from '../../engine/allowedTo.js'
import { connection, descending, everyone, fields, leaf, one, queries, type Row, Stored } from '../../engine/declare.js'
import { Node, nodeIdOf } from '../../engine/node.js'
import { isWhollyForCaller, ownParty } from '../../identity/mandates/powers.js'
import { handledByCaller } from '../../identity/officers/offices.js'
import { Party } from '../../identity/parties/party.resolver.js'
import { ofParty } from '../../identity/parties/partyArgument.js'
import { asSurelyAsEver, type Context, callerKinds, hasScope, only, signedIn } from '../../shared/context.js'
import { DateTime } from '../../shared/scalars.js'
import { Purpose } from '../accessLog/purpose.js'
import { ConsentState, stateOf } from './consent.rules.js'
import { consents } from './consent.table.js'

registerEnumType(ConsentState, {
  name: 'ConsentState',
  description: 'Where a consent stands at the moment of the request.',
  valuesConfig: {
    TO_COME: { description: 'It was given, and holds from a later moment on.' },
    STANDING: { description: 'It holds.' },
    EXPIRED: { description: 'Its time is over.' },
    WITHDRAWN: { description: 'It was withdrawn.' },
  },
})

type ConsentRow = Row<typeof consents>
/** A delegate for some services is not asked about registries; who consents for a minor looks at what was consented to. */
const mayLook = ['VIEW', 'CONSENT'] as const

/** Programs need the scope; who may look at which is told by the noun. */
const consentsRead = only(
  'consentsRead',
  'who is signed in, and programs with the scope registries:read',
  callerKinds.filter((kind) => kind !== 'NOBODY'),
  asSurelyAsEver,
  (caller) => hasScope(caller, 'registries:read'),
)

@AllowedTo(consentsRead)
@Stored(consents, {
  PERSON: ({ partyId }: ConsentRow) => isWhollyForCaller(partyId, mayLook),
  PROGRAM: ({ partyId }: ConsentRow) => eq(partyId, sql`${ownParty}::uuid`),
  OFFICER: ({ agencyId }: ConsentRow) => handledByCaller(agencyId),
  AUDITOR: everyone,
})
@ObjectType({
  implements: Node,
  simpleResolvers: true,
  description:
    'That an agency may ask registries about somebody, where the law wants their consent for it. Seen by the subject, by ' +
    'whoever has the power VIEW or CONSENT over them for all services, by their own programs with `registries:read`, by the ' +
    'officers of that agency, and by auditors.',
})
export class Consent extends Node {
  @Field(() => [String], { description: 'The codes of the registries that may be asked.' })
  registries!: string[]
  @Field(() => DateTime, { description: 'From when on it holds.' })
  validFrom!: Date
  @Field(() => DateTime, { description: 'From when on it holds no more.' })
  validTo!: Date
  @Field(() => DateTime, { description: 'When it was given.' })
  createdAt!: Date
  @Field(() => DateTime, {
    nullable: true,
    description: 'When it was withdrawn: since then nothing is asked under it. Null: it was not.',
  })
  withdrawnAt!: Date | null
}

type Shown = typeof consents.$inferSelect

fields(Consent, {
  party: one(Party, consents.partyId, {
    description: 'Who may be asked about; null where the caller may not look at them, as officers may not.',
  }),
  partyId: leaf(
    () => ID,
    [consents.partyId],
    ({ partyId }: Pick<Shown, 'partyId'>) => nodeIdOf('Party', partyId),
    { description: 'The id of who may be asked about, which always shows.' },
  ),
  agency: one(Agency, consents.agencyId, { description: 'Whose officers may ask.' }),
  purpose: one(Purpose, consents.purposeId, { description: 'For what.' }),
  state: leaf(
    () => ConsentState,
    [consents.validFrom, consents.validTo, consents.withdrawnAt],
    (row: Pick<Shown, 'validFrom' | 'validTo' | 'withdrawnAt'>, { now }: Context) => stateOf(row, now()),
    { description: 'Where it stands now.', nullable: false },
  ),
})

export const consentQueries = queries({
  consents: connection(Consent, undefined, {
    allowedTo: signedIn,
    owner: ofParty(consents.partyId),
    order: descending(consents.createdAt),
    description:
      'What a party has consented to, or somebody for it, past ones too, the newest first. Officers name the party, and find what ' +
      'was given to their agency. Of a program with `registries:read`.',
  }),
})
