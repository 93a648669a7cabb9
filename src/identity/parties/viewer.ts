import { Field, ObjectType } from 'type-graphql'
import { Agency } from '../../agencies/agency.js'
import { agencies } from '../../agencies/agency.table.js'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { connectionOf } from '../../engine/connection.js'
import { carried, fields, one, Stored, whoSeesItsParent } from '../../engine/declare.js'
import { idIn } from '../../engine/node.js'
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

// Each row has a key and what was found with it. The engine fetches the rest.

@AllowedTo(seesPersonal)
@Stored(mandates, whoSeesItsParent)
@ObjectType({ simpleResolvers: true, description: 'Authority of the caller to act for a party.' })
export class ActingFor {
  @Field(() => [Power], { description: 'Powers of the caller: those that all its links share.' })
  powers!: Power[]
  @Field(() => [String], {
    nullable: true,
    description: 'Codes of the services covered. Null if all services are covered.',
  })
  services!: string[] | null
  @Field(() => MandateKind, { description: 'Type of the mandate given by the party.' })
  kind!: MandateKind
  @Field(() => DateTime, {
    nullable: true,
    description: 'When the first of its links expires. Null if none has an end.',
  })
  validTo!: Date | null
}
fields(ActingFor, {
  partyId: idIn(
    mandates.principalId,
    'Party',
    'ID of the party, for arguments and inputs that take a party. Present even without the power VIEW.',
  ),
  party: one(Party, mandates.principalId, {
    description: 'Party the caller may act for. For a CONSENT it is the caller. Null without the power VIEW.',
  }),
  through: one(Party, mandates.holderId, {
    description: 'Firm that holds the mandate and that the caller works for. Null if the caller holds it directly.',
  }),
  mandate: one(Mandate, mandates.id, {
    description: 'Mandate given by the party. Null if the caller may not see it.',
  }),
})
export const ActingForConnection = connectionOf(ActingFor)
export const PartyConnection = connectionOf(Party)

@AllowedTo(anyone)
@Stored(agencies, whoSeesItsParent)
@ObjectType({
  simpleResolvers: true,
  description: 'Agency of the caller: of an officer with an office there, or of a program.',
})
export class ViewerOffice {}
fields(ViewerOffice, {
  agency: one(Agency, agencies.id, { description: 'Agency.' }),
  roles: carried(() => [OfficerRole], 'roles', { description: 'Roles at the agency. Empty for a program.' }),
})

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'Program that makes the request.' })
export class ViewerProgram {
  @Field(() => String, { description: 'OAuth `client_id` of the program.' })
  clientId!: string
  @Field(() => String, { nullable: true, description: 'Name given by its organisation or agency.' })
  name!: string | null
  @Field(() => [ProgramScope], { description: 'Scopes of its token.' })
  scopes!: string[]
}

@AllowedTo(anyone)
@Stored(parties, whoSeesItsParent)
@ObjectType({ simpleResolvers: true, description: 'The current caller, and the parties they may act for.' })
export class Viewer {}
fields(Viewer, {
  kind: carried(() => CallerKinds, 'kind', {
    description: 'Type of caller. ANONYMOUS without a token.',
  }),
  party: one(Party, parties.id, {
    description:
      'The caller’s own party. For a program its organisation. Null for an anonymous caller and a program of an agency.',
  }),
  assurance: carried(() => Assurance, 'assurance', { description: 'Assurance level of the caller.' }),
  signedInAt: carried(() => DateTime, 'signedInAt', {
    nullable: true,
    description: 'When the person last signed in. Null if nobody signed in, or the issuer does not report it.',
  }),
  agencies: carried(() => [ViewerOffice], 'agencies', {
    description: 'Agencies where the caller is an officer, or whose program the caller is. Empty for other callers.',
  }),
})
