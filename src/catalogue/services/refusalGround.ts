import { Field, ObjectType } from 'type-graphql'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { fields, Stored, whoSeesItsParent } from '../../engine/declare.js'
import { Confidence, source } from '../../shared/confidence.js'
import { inTheirLanguage } from '../../shared/language.js'
import { refusalGrounds } from './refusalGround.table.js'

@AllowedTo(anyone)
@Stored(refusalGrounds, whoSeesItsParent)
@ObjectType({ simpleResolvers: true, description: 'Ground on which an application may be refused.' })
export class RefusalGround {
  @Field(() => String, {
    description: 'Code of the ground, unique in its version, such as `FALSE_DATA`. `decideApplication` takes it.',
  })
  code!: string
  @Field(() => Confidence, { description: 'Confidence in the ground and its norm.' })
  confidence!: Confidence
  @Field(() => String, { nullable: true, description: source })
  source!: string | null
}
fields(RefusalGround, {
  text: inTheirLanguage(refusalGrounds.text, 'The ground, as a decision states it.'),
  norm: inTheirLanguage(refusalGrounds.norm, 'Legal norm of the ground.'),
})
