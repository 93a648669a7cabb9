import { Field, ObjectType } from 'type-graphql'
import { ApplicationRole } from '../catalogue/services/applicationRole.js'
import { AllowedTo, anyone } from '../engine/allowedTo.js'
import { fields, one, Stored, whoSeesItsParent } from '../engine/declare.js'
import { Party } from '../identity/parties/party.resolver.js'
import { DateTime } from '../shared/scalars.js'
import { applicationParties } from './applicationParty.table.js'

@AllowedTo(anyone)
@Stored(applicationParties, whoSeesItsParent)
@ObjectType({
  simpleResolvers: true,
  description: 'Party of an application: the applicant, or somebody who is invited to apply together with them.',
})
export class ApplicationParty {
  @Field(() => ApplicationRole, { description: 'Role of the party.' })
  role!: ApplicationRole
  @Field(() => DateTime, { nullable: true, description: 'When the party was invited. Null for the applicant.' })
  invitedAt!: Date | null
  @Field(() => DateTime, {
    nullable: true,
    description: 'When the party confirmed the application. Null until then, and for the applicant.',
  })
  confirmedAt!: Date | null
  @Field(() => DateTime, {
    nullable: true,
    description: 'When the party signed, with `signApplication`. Null until then, and again if the content changes.',
  })
  signedAt!: Date | null
}

fields(ApplicationParty, {
  party: one(Party, applicationParties.partyId, {
    description: 'The party. Null until somebody confirms, and if the caller may not see the party.',
  }),
})
