import { Field, Int, ObjectType } from 'type-graphql'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { fields, Stored, whoSeesItsParent } from '../../engine/declare.js'
import { Confidence, source } from '../../shared/confidence.js'
import { inAllLanguages, inTheirLanguage } from '../../shared/language.js'
import { TermUnit } from '../../shared/termUnit.js'
import { processingTerms } from './processingTerm.table.js'

@AllowedTo(anyone)
@Stored(processingTerms, whoSeesItsParent)
@ObjectType({ simpleResolvers: true, description: 'How long a service takes at most in one of its variants.' })
export class ProcessingTerm {
  @Field(() => Int, { nullable: true, description: 'How many units; null where that is not known.' })
  value!: number | null
  @Field(() => TermUnit, { description: 'The unit of the value.' })
  unit!: TermUnit
  @Field(() => Confidence, { description: 'How far the value may be relied upon; UNKNOWN where it is null.' })
  confidence!: Confidence
  @Field(() => String, { nullable: true, description: source })
  source!: string | null
}

fields(ProcessingTerm, {
  variant: inTheirLanguage(processingTerms.variant, 'Which of the ways: "urgent".'),
  variants: inAllLanguages(processingTerms.variant, 'The variant in all languages.'),
})
