import { Field, InputType } from 'type-graphql'

@InputType({ description: 'A charge, by its number and code.' })
export class ChargeCodeInput {
  @Field(() => String, { description: 'Number of the charge. Spaces and dashes are ignored.' })
  number!: string
  @Field(() => String, { description: 'Code of the charge, which its payer shared. Grouping is ignored.' })
  code!: string
}
