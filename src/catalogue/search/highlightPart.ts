import { Field, ObjectType } from 'type-graphql'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import type { HighlightPart as Part } from './search.rules.js'

@AllowedTo(anyone)
@ObjectType({
  simpleResolvers: true,
  description: 'A part of a text. All parts in a row are the text as it is written; none is markup.',
})
export class HighlightPart implements Part {
  @Field(() => String, { description: 'The part itself.' })
  text!: string
  @Field(() => Boolean, { description: 'Whether it is a word that was found.' })
  matched!: boolean
}
