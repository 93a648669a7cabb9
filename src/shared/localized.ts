import { Field, InputType, ObjectType } from 'type-graphql'
import { AllowedTo, anyone } from '../engine/allowedTo.js'

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'A text in all available languages.' })
export class LocalizedText {
  @Field(() => String, { description: 'Azerbaijani text. Authoritative.' })
  az!: string
  @Field(() => String, { nullable: true, description: 'English translation. Null if missing.' })
  en!: string | null
  @Field(() => String, { nullable: true, description: 'Russian translation. Null if missing.' })
  ru!: string | null
}

@InputType({ description: 'A text in all three languages.' })
export class LocalizedInput {
  @Field(() => String, { description: 'Azerbaijani text. Authoritative.' })
  az!: string
  @Field(() => String, { description: 'English translation.' })
  en!: string
  @Field(() => String, { description: 'Russian translation.' })
  ru!: string
}
