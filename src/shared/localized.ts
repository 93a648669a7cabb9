import { Field, InputType, ObjectType } from 'type-graphql'
import { AllowedTo, anyone } from '../engine/allowedTo.js'

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'A text for people in all its languages.' })
export class LocalizedText {
  @Field(() => String, { description: 'In Azerbaijani: the text that counts.' })
  az!: string
  @Field(() => String, { nullable: true, description: 'In English, a translation.' })
  en!: string | null
  @Field(() => String, { nullable: true, description: 'In Russian, a translation.' })
  ru!: string | null
}

@InputType({ description: 'A text for people, in all three languages.' })
export class LocalizedInput {
  @Field(() => String, { description: 'In Azerbaijani: the text that counts.' })
  az!: string
  @Field(() => String, { description: 'In English, a translation.' })
  en!: string
  @Field(() => String, { description: 'In Russian, a translation.' })
  ru!: string
}
