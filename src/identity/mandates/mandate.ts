import { or } from 'drizzle-orm'
import { Ctx, Field, FieldResolver, ObjectType, Resolver, Root, registerEnumType } from 'type-graphql'
import { AllowedTo } from '../../engine/allowedTo.js'
import { connection, descending, fields, one, queries, type Row, Stored } from '../../engine/declare.js'
import { loadFor } from '../../engine/fetch.js'
import { Node } from '../../engine/node.js'
import { type Context, highestAssuranceSoFar, signedIn, signedInWith } from '../../shared/context.js'
import { DateTime } from '../../shared/scalars.js'
import { knownOf } from '../parties/party.repository.js'
import { Party, PartyIdentifier } from '../parties/party.resolver.js'
import { ofParty } from '../parties/partyArgument.js'
import { MandateKind, mandates, RevocationReason } from './mandate.table.js'
import { Power } from './power.js'
import { isWhollyForCaller } from './powers.js'

registerEnumType(MandateKind, {
  name: 'MandateKind',
  description: 'Type of mandate.',
  valuesConfig: {
    HEAD: { description: 'Head of an organisation, according to the register of legal entities.' },
    SEAL_HOLDER: {
      description:
        'Has the right to the seal of an organisation: all powers, like its head. Only the head grants and revokes it.',
    },
    DELEGATE: { description: 'Acts for an organisation within named powers and services, until a set date.' },
    EMPLOYEE: {
      description: 'Works for an organisation. Also acts for parties that gave the organisation a mandate.',
    },
    POWER_OF_ATTORNEY: { description: 'Power of attorney certified by a notary.' },
    PARENT: { description: 'Parent of a minor, according to the population register.' },
    GUARDIAN: { description: 'Guardian of a minor or of a ward of any age, according to the population register.' },
    CONSENT: { description: 'Lets a minor act alone. The minor is both principal and holder.' },
  },
})
registerEnumType(RevocationReason, {
  name: 'RevocationReason',
  description: 'Reason for revoking a mandate.',
  valuesConfig: {
    NO_LONGER_NEEDED: { description: 'The mandate is no longer needed.' },
    LEFT: { description: 'The holder left the organisation.' },
    MISTAKE: { description: 'The mandate was granted by mistake.' },
    MISUSE: { description: 'The holder misused the mandate.' },
  },
})

type MandateRow = Row<typeof mandates>
/** A mandate for some services does not show the others. The power CONSENT shows mandates of a minor. */
const mayLook = ['VIEW', 'CONSENT'] as const
const isTheirs = ({ holderId, principalId }: MandateRow, variant: string | undefined) =>
  or(isWhollyForCaller(holderId, variant, mayLook), isWhollyForCaller(principalId, variant, mayLook))

@AllowedTo(signedInWith('mandates:read', highestAssuranceSoFar))
@Stored(mandates, { PERSON: isTheirs, PROGRAM: isTheirs })
@ObjectType({
  implements: Node,
  simpleResolvers: true,
  description:
    'Authority of one party to act for another, with its powers, services and validity. Visible to the ' +
    'holder, and to callers with the power VIEW or CONSENT over the holder or the principal for all services.',
})
export class Mandate extends Node {
  @Field(() => MandateKind, { description: 'Type of mandate.' })
  kind!: MandateKind
  @Field(() => [Power], { description: 'Powers granted to the holder.' })
  powers!: Power[]
  @Field(() => [String], {
    nullable: true,
    description: 'Codes of the services covered. Null if the mandate covers all services.',
  })
  services!: string[] | null
  @Field(() => DateTime, { description: 'When the mandate takes effect.' })
  validFrom!: Date
  @Field(() => DateTime, {
    nullable: true,
    description: 'When the mandate expires. Null if it is valid until revoked.',
  })
  validTo!: Date | null
  @Field(() => DateTime, { description: 'When the mandate was granted, or recorded from a register.' })
  createdAt!: Date
  @Field(() => DateTime, { nullable: true, description: 'When the mandate was revoked. Null if it was not.' })
  revokedAt!: Date | null
  @Field(() => RevocationReason, {
    nullable: true,
    description: 'Reason for the revocation. Null if the mandate was not revoked, or a register ended it.',
  })
  revokedFor!: RevocationReason | null
}
fields(Mandate, {
  principal: one(Party, mandates.principalId, {
    description: 'Party the holder acts for. Null if the caller may not see that party.',
  }),
  holder: one(Party, mandates.holderId, {
    description:
      'Party that acts. Null if the caller may not see that party. Whoever granted the mandate sees ' +
      '`holderNamed` instead.',
  }),
})

type Shown = Pick<typeof mandates.$inferSelect, 'holderId' | 'holderIdentifierId'>

@Resolver(() => Mandate)
export class MandateResolver {
  @FieldResolver(() => PartyIdentifier, {
    nullable: true,
    description:
      'Identifier that names the holder, masked except for the last three characters. Does not reveal whether ' +
      'anybody has it. Null if the holder was forgotten.',
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
      'Mandates given by a party, including past ones, newest first. Programs need the scope `mandates:read`.',
  }),
  mandatesHeld: connection(Mandate, undefined, {
    allowedTo: signedIn,
    owner: ofParty(mandates.holderId),
    order: descending(mandates.createdAt),
    description:
      'Mandates held by a party, including past ones, newest first. Programs need the scope `mandates:read`.',
  }),
})
