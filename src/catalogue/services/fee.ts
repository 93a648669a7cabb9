import { Field, ObjectType, registerEnumType } from 'type-graphql'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { fields, leaf, Stored, whoSeesItsParent } from '../../engine/declare.js'
import { Confidence, source } from '../../shared/confidence.js'
import { inAllLanguages, inTheirLanguage } from '../../shared/language.js'
import { Currency, Money, moneyOf } from '../../shared/money.js'
import { FeeDue, fees } from './fee.table.js'

registerEnumType(FeeDue, {
  name: 'FeeDue',
  description: 'When a fee is to be paid.',
  valuesConfig: {
    NONE: { description: 'Nothing is to be paid.' },
    BEFORE_PROCESSING: { description: 'Before the agency begins.' },
    AFTER_APPROVAL: { description: 'After the agency has said yes, before the result is handed over.' },
  },
})

@AllowedTo(anyone)
@Stored(fees, whoSeesItsParent)
@ObjectType({
  simpleResolvers: true,
  description: 'What a service costs in one of its variants. An amount that is not known is null: that is not free.',
})
export class Fee {
  @Field(() => Currency, { description: 'The currency it is paid in, also where the amount is not known.' })
  currency!: string
  @Field(() => FeeDue, { description: 'When it is to be paid.' })
  due!: FeeDue
  @Field(() => Confidence, { description: 'How far the amount may be relied upon; UNKNOWN where it is null.' })
  confidence!: Confidence
  @Field(() => String, { nullable: true, description: source })
  source!: string | null
}

type FeeRow = Pick<typeof fees.$inferSelect, 'amount' | 'currency'>
fields(Fee, {
  variant: inTheirLanguage(fees.variant, 'For whom, what or how fast: "adult, up to 1 year".'),
  variants: inAllLanguages(fees.variant, 'The variant in all languages.'),
  money: leaf(
    () => Money,
    [fees.amount, fees.currency],
    ({ amount, currency }: FeeRow) => (amount === null ? null : moneyOf(amount, currency)),
    { nullable: true, description: 'The amount; null where it is not known. 0 is free.' },
  ),
  note: inTheirLanguage(fees.note, 'What else is known of it; null where nothing is.'),
})
