import { Field, InputType, ObjectType } from 'type-graphql'
import { FeeBudget, FeeBudgetInput } from '../../catalogue/tariffs/fee.js'
import { FeeKind } from '../../catalogue/tariffs/fee.table.js'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { fields, leaf, Stored, whoSeesItsParent } from '../../engine/declare.js'
import { inAllLanguages, inTheirLanguage } from '../../shared/language.js'
import { LocalizedInput } from '../../shared/localized.js'
import { Decimal, minorOf, moneyIn } from '../../shared/money.js'
import { upTo } from '../../shared/texts.rules.js'
import type { NewLine } from './charge.repository.js'
import { chargeLines } from './chargeLine.table.js'

@AllowedTo(anyone)
@Stored(chargeLines, whoSeesItsParent)
@ObjectType({ simpleResolvers: true, description: 'One line of a charge.' })
export class ChargeLine {
  @Field(() => FeeKind, {
    nullable: true,
    description: 'Kind of the fee. Null for a total of several kinds, and if the agency does not say it.',
  })
  kind!: FeeKind | null
}

type LineRow = typeof chargeLines.$inferSelect
fields(ChargeLine, {
  name: inTheirLanguage(chargeLines.name, 'Name of the line, such as "State duty".'),
  names: inAllLanguages(chargeLines.name, 'Name in all languages.'),
  money: moneyIn(chargeLines, 'Amount of the line.'),
  budget: leaf(
    () => FeeBudget,
    [chargeLines.budgetClassification, chargeLines.budgetLevel, chargeLines.budgetOrganisation],
    ({ budgetClassification, budgetLevel, budgetOrganisation }: LineRow) =>
      budgetClassification === null && budgetLevel === null && budgetOrganisation === null
        ? null
        : { classification: budgetClassification, level: budgetLevel, organisationCode: budgetOrganisation },
    { nullable: true, description: 'Account of the budget that receives the amount. Null if unknown.' },
  ),
})

@InputType({ description: 'One line of a charge.' })
export class ChargeLineInput {
  @Field(() => LocalizedInput, { description: `Name of the line, such as "Rent". ${upTo.name}` })
  name!: LocalizedInput
  @Field(() => FeeKind, { nullable: true, description: 'Kind of the fee. Null for any other.' })
  kind?: FeeKind | null
  @Field(() => Decimal, { description: 'Amount in units of the currency, greater than 0: "12.50".' })
  amount!: string
  @Field(() => FeeBudgetInput, { nullable: true, description: 'Account of the budget that receives the amount.' })
  budget?: FeeBudgetInput | null
}

/** The lines as they are stored. They have no errors. */
export const linesOf = (lines: readonly ChargeLineInput[], currency: string): NewLine[] =>
  lines.map(({ name, kind = null, amount, budget }) => ({
    name,
    kind,
    amount: minorOf(amount, currency) as bigint, // checked by userErrorsInCharge
    budgetClassification: budget?.classification ?? null,
    budgetLevel: budget?.level ?? null,
    budgetOrganisation: budget?.organisationCode ?? null,
  }))
