import { Field, Int, ObjectType } from 'type-graphql'
import { Agency } from '../../agencies/agency.js'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { fields, one, Stored, whoSeesItsParent } from '../../engine/declare.js'
import { inTheirLanguage } from '../../shared/language.js'
import { TermUnit } from '../../shared/termUnit.js'
import { serviceSteps } from './serviceStep.table.js'

@AllowedTo(anyone)
@Stored(serviceSteps, whoSeesItsParent)
@ObjectType({ simpleResolvers: true, description: 'An administrative operation of the regulation.' })
export class ServiceStep {
  @Field(() => Int, { nullable: true, description: 'How long it takes at most; null where that is not known.' })
  maximumValue!: number | null
  @Field(() => TermUnit, { nullable: true, description: 'The unit of `maximumValue`.' })
  maximumUnit!: TermUnit | null
}
fields(ServiceStep, {
  name: inTheirLanguage(serviceSteps.name, 'What the operation is called.'),
  content: inTheirLanguage(serviceSteps.content, 'What is done.'),
  agency: one(Agency, serviceSteps.agencyId, {
    description: 'The body that does it; null where it is the agency of the service.',
  }),
})
