import { Field, ObjectType, registerEnumType } from 'type-graphql'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { fields, leaf, type Row, Stored, whoSeesItsParent } from '../../engine/declare.js'
import { Confidence, source } from '../../shared/confidence.js'
import { inAllLanguages, inTheirLanguage } from '../../shared/language.js'
import { Currency, Money, moneyOf, moneySql } from '../../shared/money.js'
import { FeeDue, fees } from './fee.table.js'

registerEnumType(FeeDue, {
  name: 'FeeDue',
  description: 'When a fee is due.',
  valuesConfig: {
    NONE: { description: 'No payment: the service is free.' },
    BEFORE_PROCESSING: { description: 'Before the agency starts processing.' },
    AFTER_APPROVAL: { description: 'After approval, before the result is handed over.' },
  },
})

@AllowedTo(anyone)
@Stored(fees, whoSeesItsParent)
@ObjectType({
  simpleResolvers: true,
  description: 'Fee for one variant of a service. An unknown amount is null, which does not mean free.',
})
export class Fee {
  @Field(() => Currency, { description: 'Currency of the fee, even if the amount is unknown.' })
  currency!: string
  @Field(() => FeeDue, { description: 'When the fee is due.' })
  due!: FeeDue
  @Field(() => Confidence, { description: 'Confidence in the amount. UNKNOWN if the amount is null.' })
  confidence!: Confidence
  @Field(() => String, { nullable: true, description: source })
  source!: string | null
}

type FeeRow = Pick<typeof fees.$inferSelect, 'amount' | 'currency'>
fields(Fee, {
  variant: inTheirLanguage(
    fees.variant,
    'Variant of the service, such as "adult, up to 1 year" or "in 3 working days".',
  ),
  variants: inAllLanguages(fees.variant, 'Variant in all languages.'),
  money: leaf(
    () => Money,
    [fees.amount, fees.currency],
    ({ amount, currency }: FeeRow) => (amount === null ? null : moneyOf(amount, currency)),
    {
      nullable: true,
      description: 'Amount of the fee. Null if unknown; 0 if free.',
      sql: ({ amount, currency }: Row<typeof fees>) => moneySql(amount, currency),
    },
  ),
  note: inTheirLanguage(fees.note, 'Remark about the fee. Null if there is none.'),
})
