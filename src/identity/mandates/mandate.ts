import { or } from 'drizzle-orm'
import { Ctx, Field, FieldResolver, ObjectType, Resolver, Root, registerEnumType } from 'type-graphql'
import { AllowedTo } from '../../engine/allowedTo.js'
import { connection, descending, fields, one, queries, type Row, Stored } from '../../engine/declare.js'
import { loadFor } from '../../engine/fetch.js'
import { Node } from '../../engine/node.js'
import { asSurelyAsEver, type Context, callerKinds, hasScope, only, signedIn } from '../../shared/context.js'
import { DateTime } from '../../shared/scalars.js'
import { knownOf } from '../parties/party.repository.js'
import { Party, PartyIdentifier } from '../parties/party.resolver.js'
import { ofParty } from '../parties/partyArgument.js'
import { MandateKind, mandates, RevocationReason } from './mandate.table.js'
import { Power } from './power.js'
import { isWhollyForCaller } from './powers.js'

registerEnumType(MandateKind, {
  name: 'MandateKind',
  description: 'By what somebody acts for another.',
  valuesConfig: {
    HEAD: { description: 'Head of an organisation, by the register of legal entities.' },
    SEAL_HOLDER: {
      description: 'Holds the seal of an organisation, all of it, beside its head, who alone gives and takes it.',
    },
    DELEGATE: { description: 'Acts for an organisation in what is named, until a day.' },
    EMPLOYEE: {
      description: 'Works for an organisation, and so acts for those too who gave that organisation a mandate.',
    },
    POWER_OF_ATTORNEY: { description: 'By a notary.' },
    PARENT: { description: 'Of a minor, by the register of the population.' },
    GUARDIAN: { description: 'Of a minor, or of another who needs one, by the register of the population.' },
    CONSENT: { description: 'What a minor may do alone: principal and holder are the minor.' },
  },
})
registerEnumType(RevocationReason, {
  name: 'RevocationReason',
  description: 'Why a mandate was revoked or laid down.',
  valuesConfig: {
    NO_LONGER_NEEDED: { description: 'What it was for is done.' },
    LEFT: { description: 'The holder works there no more.' },
    MISTAKE: { description: 'It should not have been granted.' },
    MISUSE: { description: 'It was used for what it was not meant for.' },
  },
})

type MandateRow = Row<typeof mandates>
/** A delegate for some services does not look at who the others are; who says what a minor may do looks at what was said. */
const mayLook = ['VIEW', 'CONSENT'] as const
const isTheirs = ({ holderId, principalId }: MandateRow) =>
  or(isWhollyForCaller(holderId, mayLook), isWhollyForCaller(principalId, mayLook))

/** Programs need the scope; who may look at which is told by the noun. */
const mandatesRead = only(
  'mandatesRead',
  'who is signed in, and programs with the scope mandates:read',
  callerKinds.filter((kind) => kind !== 'ANONYMOUS'),
  asSurelyAsEver,
  (caller) => hasScope(caller, 'mandates:read'),
)

@AllowedTo(mandatesRead)
@Stored(mandates, { PERSON: isTheirs, PROGRAM: isTheirs })
@ObjectType({
  implements: Node,
  simpleResolvers: true,
  description:
    'Who may act for whom, in what, and until when. Seen by its holder, and by whoever has the power VIEW or CONSENT over ' +
    'holder or principal, for all services.',
})
export class Mandate extends Node {
  @Field(() => MandateKind, { description: 'By what the holder acts.' })
  kind!: MandateKind
  @Field(() => [Power], { description: 'What the holder may do.' })
  powers!: Power[]
  @Field(() => [String], { nullable: true, description: 'The codes of the services it is for; null: for all.' })
  services!: string[] | null
  @Field(() => DateTime, { description: 'From when on it holds.' })
  validFrom!: Date
  @Field(() => DateTime, {
    nullable: true,
    description: 'From when on it holds no more; null: when it is revoked.',
  })
  validTo!: Date | null
  @Field(() => DateTime, { description: 'When it was granted, or told by a register.' })
  createdAt!: Date
  @Field(() => DateTime, { nullable: true, description: 'When it was revoked or laid down; null: it was not.' })
  revokedAt!: Date | null
  @Field(() => RevocationReason, { nullable: true, description: 'Why; null where it was not, or a register says so.' })
  revokedFor!: RevocationReason | null
}
fields(Mandate, {
  principal: one(Party, mandates.principalId, {
    description: 'For whom the holder acts; null where the caller may not look at them.',
  }),
  holder: one(Party, mandates.holderId, {
    description: 'Who acts; null where the caller may not look at them, as who granted it may not: see `holderNamed`.',
  }),
})

type Shown = Pick<typeof mandates.$inferSelect, 'holderId' | 'holderIdentifierId'>

@Resolver(() => Mandate)
export class MandateResolver {
  @FieldResolver(() => PartyIdentifier, {
    nullable: true,
    description:
      'As whom the holder was named: masked but for the last three characters. Whether anybody has that identifier ' +
      'does not show. Null where the holder was forgotten.',
  })
  async holderNamed(@Root() { holderId, holderIdentifierId }: Shown, @Ctx() context: Context) {
    const { identifiers } = await loadFor(context, knownOf, holderId)
    const named = identifiers.find(({ id }) => id === holderIdentifierId) ?? identifiers[0]
    return named ? { type: named.type, value: masked(named.value) } : null
  }
}

const masked = (value: string) => value.slice(-3).padStart(value.length, '*')

export const mandateQueries = queries({
  mandatesGiven: connection(Mandate, undefined, {
    allowedTo: signedIn,
    owner: ofParty(mandates.principalId),
    order: descending(mandates.createdAt),
    description:
      'The mandates that a party has given, past ones too, the newest first. Of a program with `mandates:read`.',
  }),
  mandatesHeld: connection(Mandate, undefined, {
    allowedTo: signedIn,
    owner: ofParty(mandates.holderId),
    order: descending(mandates.createdAt),
    description: 'The mandates that a party holds, past ones too, the newest first. Of a program with `mandates:read`.',
  }),
})
