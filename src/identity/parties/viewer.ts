import { Field, ID, ObjectType } from 'type-graphql'
import { Agency } from '../../agencies/agency.js'
import { agencies } from '../../agencies/agency.table.js'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { connectionOf } from '../../engine/connection.js'
import { carried, fields, leaf, one, Stored, whoSeesItsParent } from '../../engine/declare.js'
import { nodeIdOf } from '../../engine/node.js'
import { Assurance } from '../../shared/assurance.js'
import { seesPersonal } from '../../shared/context.js'
import { DateTime } from '../../shared/scalars.js'
import { Mandate } from '../mandates/mandate.js'
import { MandateKind, mandates, Power } from '../mandates/mandate.table.js'
import { OfficerRole } from '../officers/officerRole.js'
import { ProgramScope } from '../programs/programScope.js'
import { CallerKinds } from './callerKind.js'
import { Party } from './party.resolver.js'
import { parties } from './party.table.js'

// The row of each of these is the key of something stored, and what was found beside it: so the engine fetches the rest.

@AllowedTo(seesPersonal)
@Stored(mandates, whoSeesItsParent)
@ObjectType({ simpleResolvers: true, description: 'A way by which the caller may act for a party.' })
export class ActingFor {
  @Field(() => [Power], { description: 'What the caller may do on this way: what all its links have in common.' })
  powers!: Power[]
  @Field(() => [String], {
    nullable: true,
    description: 'The codes of the services in which they may; null: in all.',
  })
  services!: string[] | null
  @Field(() => MandateKind, { description: 'Of the mandate that the party gave.' })
  kind!: MandateKind
  @Field(() => DateTime, { nullable: true, description: 'When the first of its links ends; null where no end is set.' })
  validTo!: Date | null
}
fields(ActingFor, {
  partyId: leaf(
    () => ID,
    [mandates.principalId],
    ({ principalId }: { principalId: string }) => nodeIdOf('Party', principalId),
    { description: 'For whom: what arguments named `party` take. Known without the power VIEW, too.' },
  ),
  party: one(Party, mandates.principalId, {
    description: 'For whom; the caller themselves for what a minor was let do alone. Null without the power VIEW.',
  }),
  through: one(Party, mandates.holderId, {
    description:
      'The firm that the party gave the mandate to, and that the caller works for; null where it is their own.',
  }),
  mandate: one(Mandate, mandates.id, {
    description: 'The mandate that the party gave; null where the caller may not look at it.',
  }),
})
export const ActingForConnection = connectionOf(ActingFor)
export const PartyConnection = connectionOf(Party)

@AllowedTo(anyone)
@Stored(agencies, whoSeesItsParent)
@ObjectType({ simpleResolvers: true, description: 'What an officer is at an agency.' })
export class ViewerOffice {}
fields(ViewerOffice, {
  agency: one(Agency, agencies.id, { description: 'The agency.' }),
  roles: carried(() => [OfficerRole], 'roles', { description: 'What they do there; at least one.' }),
})

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'The program that asks.' })
export class ViewerProgram {
  @Field(() => String, { description: 'Its `client_id`.' })
  clientId!: string
  @Field(() => String, { nullable: true, description: 'What its organisation calls it.' })
  name!: string | null
  @Field(() => [ProgramScope], { description: 'What its token lets it do.' })
  scopes!: string[]
}

@AllowedTo(anyone)
@Stored(parties, whoSeesItsParent)
@ObjectType({ simpleResolvers: true, description: 'Who asks, and for whom they may act.' })
export class Viewer {}
fields(Viewer, {
  kind: carried(() => CallerKinds, 'kind', {
    description: 'As what they ask. ANONYMOUS without a token, and then there is nothing else to tell.',
  }),
  party: one(Party, parties.id, { description: 'Who that is; of a program its organisation. Null for nobody.' }),
  assurance: carried(() => Assurance, 'assurance', { description: 'How surely it is known who asks.' }),
  signedInAt: carried(() => DateTime, 'signedInAt', {
    nullable: true,
    description: 'When the person last showed who they are; null where nobody did, or the issuer does not say.',
  }),
  agencies: carried(() => [ViewerOffice], 'agencies', {
    description: 'Of an officer the agencies they are one of; of others none.',
  }),
})
