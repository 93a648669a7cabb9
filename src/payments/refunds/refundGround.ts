import { Field, ObjectType } from 'type-graphql'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { ascending, everyone, fields, many, queries, Stored } from '../../engine/declare.js'
import { Node } from '../../engine/node.js'
import { Confidence, source } from '../../shared/confidence.js'
import { inAllLanguages, inTheirLanguage } from '../../shared/language.js'
import { LegalDate } from '../../shared/scalars.js'
import { ChargeSubject } from '../charges/charge.table.js'
import { refundGrounds } from './refundGround.table.js'

@AllowedTo(anyone)
@Stored(refundGrounds, everyone)
@ObjectType({ implements: Node, simpleResolvers: true, description: 'Legal ground for a refund.' })
export class RefundGround extends Node {
  @Field(() => String, { description: 'Short code of this API. Not an official code.' })
  code!: string
  @Field(() => [ChargeSubject], { nullable: true, description: 'What the refunded charge is for. Null if anything.' })
  subjects!: ChargeSubject[] | null
  @Field(() => [String], { description: 'Codes of services whose charges it never refunds, such as visas.' })
  exceptServices!: string[]
  @Field(() => LegalDate, { description: 'First day of validity.' })
  validFrom!: string
  @Field(() => LegalDate, { nullable: true, description: 'Last day of validity. Null if it has no end date.' })
  validTo!: string | null
  @Field(() => Confidence, { description: 'Confidence in the ground.' })
  confidence!: Confidence
  @Field(() => String, { nullable: true, description: source })
  source!: string | null
}
fields(RefundGround, {
  name: inTheirLanguage(refundGrounds.name, 'Name of the ground.'),
  names: inAllLanguages(refundGrounds.name, 'Name of the ground in all languages.'),
})

export const refundGroundQueries = queries({
  refundGrounds: many(RefundGround, undefined, {
    allowedTo: anyone,
    order: ascending(refundGrounds.code),
    atMost: 50,
    description: 'Legal grounds for a refund, by code.',
  }),
})
