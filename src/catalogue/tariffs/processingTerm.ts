import { Field, Int, ObjectType, registerEnumType } from 'type-graphql'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { Stored, whoSeesItsParent } from '../../engine/declare.js'
import { Confidence, source } from '../../shared/confidence.js'
import { TermUnit } from '../../shared/termUnit.js'
import { processingTerms, TermPurpose } from './processingTerm.table.js'

registerEnumType(TermPurpose, {
  name: 'TermPurpose',
  description: 'What a term limits.',
  valuesConfig: {
    DECISION: { description: 'The decision of the agency, from the receipt of the application and its payment.' },
    STUDY: { description: 'The decision, if the agency finds that it needs a study or an inquiry.' },
    PROACTIVE: { description: 'The decision, if the agency acts without an application.' },
    PAYMENT: { description: 'The payment, once its amount is known and it is due.' },
    ISSUE: { description: 'The issue of the result, once it is paid.' },
    COLLECTION: { description: 'How long an unpaid result is kept to be paid and handed over.' },
  },
})

@AllowedTo(anyone)
@Stored(processingTerms, whoSeesItsParent)
@ObjectType({ simpleResolvers: true, description: 'A term of a tariff.' })
export class ProcessingTerm {
  @Field(() => TermPurpose, { description: 'What the term limits.' })
  purpose!: TermPurpose
  @Field(() => Int, { nullable: true, description: 'Number of units. Null if unknown.' })
  value!: number | null
  @Field(() => TermUnit, { description: 'Unit of the value.' })
  unit!: TermUnit
  @Field(() => Confidence, { description: 'Confidence in the value. UNKNOWN if the value is null.' })
  confidence!: Confidence
  @Field(() => String, { nullable: true, description: source })
  source!: string | null
}
