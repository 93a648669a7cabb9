import { Field, ObjectType } from 'type-graphql'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { fields, Stored, whoSeesItsParent } from '../../engine/declare.js'
import { inTheirLanguage } from '../../shared/language.js'
import { legalBases } from './legalBasis.table.js'

@AllowedTo(anyone)
@Stored(legalBases, whoSeesItsParent)
@ObjectType({ simpleResolvers: true, description: 'A legal provision that a service is based on.' })
export class LegalBasis {
  @Field(() => String, { nullable: true, description: 'Article, such as "38.6". Null if none is given.' })
  article!: string | null
  @Field(() => String, { nullable: true, description: 'Address of the text. Null if there is none.' })
  url!: string | null
}
fields(LegalBasis, { title: inTheirLanguage(legalBases.title, 'Title of the law, decree or rule.') })
