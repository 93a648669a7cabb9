import { Field, ObjectType } from 'type-graphql'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import type { HighlightPart as Part } from './search.rules.js'

@AllowedTo(anyone)
@ObjectType({
  simpleResolvers: true,
  description: 'A part of a text. All parts, joined in order, are the original text. Parts contain no markup.',
})
export class HighlightPart implements Part {
  @Field(() => String, { description: 'Text of the part.' })
  text!: string
  @Field(() => Boolean, { description: 'True if the part is a matched word.' })
  matched!: boolean
}
