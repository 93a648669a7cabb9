import { Field, Int, ObjectType } from 'type-graphql'
import { Agency } from '../../agencies/agency.js'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { fields, one, Stored, whoSeesItsParent } from '../../engine/declare.js'
import { Confidence } from '../../shared/confidence.js'
import { inTheirLanguage } from '../../shared/language.js'
import { TermUnit } from '../../shared/termUnit.js'
import { serviceSteps } from './serviceStep.table.js'

@AllowedTo(anyone)
@Stored(serviceSteps, whoSeesItsParent)
@ObjectType({ simpleResolvers: true, description: 'An operation in the administrative regulation of a service.' })
export class ServiceStep {
  @Field(() => Int, { nullable: true, description: 'Maximum duration. Null if unknown.' })
  maximumValue!: number | null
  @Field(() => TermUnit, { nullable: true, description: 'Unit of `maximumValue`. Null if the duration is unknown.' })
  maximumUnit!: TermUnit | null
  @Field(() => Confidence, { description: 'Confidence in the operation.' })
  confidence!: Confidence
}
fields(ServiceStep, {
  name: inTheirLanguage(serviceSteps.name, 'Name of the operation.'),
  content: inTheirLanguage(serviceSteps.content, 'Description of the operation. Null if there is none.'),
  agency: one(Agency, serviceSteps.agencyId, {
    description: 'Agency that performs the operation. Null if it is the agency of the service.',
  }),
})
