import { Field, InputType, ObjectType, registerEnumType } from 'type-graphql'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { fields, leaf, Stored, whoSeesItsParent } from '../../engine/declare.js'
import { Confidence, source } from '../../shared/confidence.js'
import { inAllLanguages, inTheirLanguage } from '../../shared/language.js'
import { Currency, moneyIn } from '../../shared/money.js'
import { upTo } from '../../shared/texts.rules.js'
import { FeeDue, FeeKind, fees } from './fee.table.js'

registerEnumType(FeeKind, {
  name: 'FeeKind',
  description: 'Kind of a fee.',
  valuesConfig: {
    STATE_DUTY: { description: 'State duty, which goes to the budget.' },
    SERVICE_FEE: { description: 'Price of the service, which goes to its provider.' },
    TAX: { description: 'A tax or a customs payment.' },
    COMMISSION: { description: 'Commission of the bank or operator that takes the payment.' },
  },
})
registerEnumType(FeeDue, {
  name: 'FeeDue',
  description: 'When a fee is due.',
  valuesConfig: {
    BEFORE_REGISTRATION: { description: 'Before the agency receives the application.' },
    AFTER_APPROVAL: { description: 'After the approval. The result is issued once the fee is paid.' },
    AT_HANDOVER: { description: 'When the result is handed over.' },
  },
})

@AllowedTo(anyone)
@ObjectType({
  simpleResolvers: true,
  description: 'The account of the budget that receives a fee. Codes that are not known are null.',
})
export class FeeBudget {
  @Field(() => String, { nullable: true, description: 'Budget classification code of the revenue.' })
  classification!: string | null
  @Field(() => String, { nullable: true, description: 'Budget level code.' })
  level!: string | null
  @Field(() => String, { nullable: true, description: 'Code of the budget organization.' })
  organisationCode!: string | null
}

@InputType({ description: 'Account of the budget that receives a fee.' })
export class FeeBudgetInput {
  @Field(() => String, {
    nullable: true,
    description: `Budget classification code of the revenue. ${upTo.reference}`,
  })
  classification?: string | null
  @Field(() => String, { nullable: true, description: `Budget level code. ${upTo.reference}` })
  level?: string | null
  @Field(() => String, { nullable: true, description: `Code of the budget organization. ${upTo.reference}` })
  organisationCode?: string | null
}

@AllowedTo(anyone)
@Stored(fees, whoSeesItsParent)
@ObjectType({
  simpleResolvers: true,
  description: 'One line of a tariff. An unknown amount is null, which does not mean free.',
})
export class Fee {
  @Field(() => String, { description: 'Code of the line, unique in its tariff.' })
  code!: string
  @Field(() => FeeKind, {
    nullable: true,
    description: 'Kind of the fee. Null for a total of several kinds, and if nothing is paid.',
  })
  kind!: FeeKind | null
  @Field(() => Currency, { description: 'Currency of the fee, even if the amount is unknown.' })
  currency!: string
  @Field(() => FeeDue, { nullable: true, description: 'When the fee is due. Null if the amount is 0.' })
  due!: FeeDue | null
  @Field(() => Confidence, { description: 'Confidence in the amount. UNKNOWN if the amount is null.' })
  confidence!: Confidence
  @Field(() => String, { nullable: true, description: source })
  source!: string | null
}

type BudgetRow = Pick<typeof fees.$inferSelect, 'budgetClassification' | 'budgetLevel' | 'budgetOrganisation'>
fields(Fee, {
  name: inTheirLanguage(fees.name, 'Name of the line, such as "State duty".'),
  names: inAllLanguages(fees.name, 'Name in all languages.'),
  money: moneyIn(fees, 'Amount of the fee. Null if unknown; 0 if free.'),
  per: inTheirLanguage(
    fees.per,
    'What the amount is for, such as "page": the agency assesses how many. Null if it is the whole amount.',
  ),
  budget: leaf(
    () => FeeBudget,
    [fees.budgetClassification, fees.budgetLevel, fees.budgetOrganisation],
    ({ budgetClassification, budgetLevel, budgetOrganisation }: BudgetRow) =>
      budgetClassification === null && budgetLevel === null && budgetOrganisation === null
        ? null
        : { classification: budgetClassification, level: budgetLevel, organisationCode: budgetOrganisation },
    { nullable: true, description: 'Account of the budget that receives the fee. Null if unknown.' },
  ),
  note: inTheirLanguage(fees.note, 'Remark about the fee. Null if there is none.'),
})
