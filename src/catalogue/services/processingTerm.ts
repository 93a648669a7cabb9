import { Field, Int, ObjectType } from 'type-graphql'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { fields, Stored, whoSeesItsParent } from '../../engine/declare.js'
import { Confidence, source } from '../../shared/confidence.js'
import { inAllLanguages, inTheirLanguage } from '../../shared/language.js'
import { TermUnit } from '../../shared/termUnit.js'
import { processingTerms } from './processingTerm.table.js'

@AllowedTo(anyone)
@Stored(processingTerms, whoSeesItsParent)
@ObjectType({ simpleResolvers: true, description: 'Maximum processing time for one variant of a service.' })
export class ProcessingTerm {
  @Field(() => Int, { nullable: true, description: 'Number of units. Null if unknown.' })
  value!: number | null
  @Field(() => TermUnit, { description: 'Unit of the value.' })
  unit!: TermUnit
  @Field(() => Confidence, { description: 'Confidence in the value. UNKNOWN if the value is null.' })
  confidence!: Confidence
  @Field(() => String, { nullable: true, description: source })
  source!: string | null
}

fields(ProcessingTerm, {
  variant: inTheirLanguage(processingTerms.variant, 'Variant of the service, such as "urgent".'),
  variants: inAllLanguages(processingTerms.variant, 'Variant in all languages.'),
})
