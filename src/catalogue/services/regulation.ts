import { Field, Int, ObjectType } from 'type-graphql'
import { Agency } from '../../agencies/agency.js'
import { Registry } from '../../agencies/registry.js'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { fields, one, Stored, whoSeesItsParent } from '../../engine/declare.js'
import { inTheirLanguage } from '../../shared/language.js'
import { TermUnit } from '../../shared/termUnit.js'
import { legalBases } from './legalBasis.table.js'
import { requiredDocuments } from './requiredDocument.table.js'
import { serviceSteps } from './serviceStep.table.js'

/** The parts of a service's administrative regulation, beside its fees and terms. */

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

@AllowedTo(anyone)
@Stored(requiredDocuments, whoSeesItsParent)
@ObjectType({ simpleResolvers: true, description: 'A document that the regulation wants with an application.' })
export class RequiredDocument {
  @Field(() => Boolean, { description: 'Whether nothing is done without it.' })
  mandatory!: boolean
}
fields(RequiredDocument, {
  name: inTheirLanguage(requiredDocuments.name, 'What the document is called.'),
  obtainableFromRegistry: one(Registry, requiredDocuments.obtainableFromRegistryId, {
    description: 'The registry that holds what it says: where that answers, the person is not asked for it.',
  }),
})

@AllowedTo(anyone)
@Stored(legalBases, whoSeesItsParent)
@ObjectType({ simpleResolvers: true, description: 'A norm that a service rests upon.' })
export class LegalBasis {
  @Field(() => String, { nullable: true, description: 'The article meant, such as "38.6".' })
  article!: string | null
  @Field(() => String, { nullable: true, description: 'Where its text can be read.' })
  url!: string | null
}
fields(LegalBasis, { title: inTheirLanguage(legalBases.title, 'The law, decree or rule.') })
