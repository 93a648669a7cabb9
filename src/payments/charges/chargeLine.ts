import { Field, ObjectType } from 'type-graphql'
import { FeeBudget } from '../../catalogue/tariffs/fee.js'
import { FeeKind } from '../../catalogue/tariffs/fee.table.js'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { fields, leaf, Stored, whoSeesItsParent } from '../../engine/declare.js'
import { inAllLanguages, inTheirLanguage } from '../../shared/language.js'
import { moneyIn } from '../../shared/money.js'
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
