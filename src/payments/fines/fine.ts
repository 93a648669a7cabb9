import { Field, InputType } from 'type-graphql'
import { DocumentNumber, ProtocolNumber, ProtocolSeries, Voen } from '../../shared/identifiers/scalars.js'

@InputType({
  description:
    'A traffic fine, by its protocol. `voen` or `document` makes sure that it is the right one: a fine of somebody else is ' +
    'then not found.',
})
export class FineInput {
  @Field(() => ProtocolSeries, { description: 'Series of the protocol.' })
  series!: string
  @Field(() => ProtocolNumber, { description: 'Number of the protocol.' })
  number!: string
  @Field(() => Voen, { nullable: true, description: 'Taxpayer number (VÖEN) of the organisation that was fined.' })
  voen?: string | null
  @Field(() => DocumentNumber, {
    nullable: true,
    description: 'Number of the driving licence, or of another document in the protocol.',
  })
  document?: string | null
}
