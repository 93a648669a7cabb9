import { Field, ObjectType } from 'type-graphql'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { fields, Stored, whoSeesItsParent } from '../../engine/declare.js'
import { inTheirLanguage } from '../../shared/language.js'
import { legalBases } from './legalBasis.table.js'

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
