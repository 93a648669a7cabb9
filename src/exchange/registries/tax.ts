import { Field, ObjectType } from 'type-graphql'
import { z } from 'zod'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { Money } from '../../shared/money.js'
import { LegalDate } from '../../shared/scalars.js'
import { answerOf } from './answer.js'
import { amount, askedSingly, currency, day, minute, some, text } from './lookup.js'

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'Debt to the state budget.' })
export class TaxDebt {
  @Field(() => String, { description: 'Tax or payment, as named by the tax system.' })
  kind!: string
  @Field(() => Money, { description: 'Amount owed.' })
  amount!: Money
  @Field(() => LegalDate, { nullable: true, description: 'Due date. Null if not recorded.' })
  dueOn!: string | null
}

const withheld = 'Null if the legal ground does not cover this field.'
@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'Record of a taxpayer in the tax information system.' })
export class TaxRecord {
  @Field(() => LegalDate, { nullable: true, description: `Day for which the debts are stated. ${withheld}` })
  asOf?: string | null
  @Field(() => [TaxDebt], { nullable: true, description: `Debts. Empty if there are none. ${withheld}` })
  debts?: TaxDebt[] | null
}

const debt = z
  .object({ kind: text, amount, currency, dueOn: day.nullable().default(null) })
  .transform(({ amount, currency, ...debt }) => ({ ...debt, amount: { amount, currency } }))

export const tax = askedSingly({
  registry: 'AVIS',
  service: 'debts',
  freshFor: 15 * minute,
  keyOf: ({ voen, fin }) => voen ?? fin,
  pathOf: (key) => ['taxpayers', key],
  record: { asOf: day, debts: some(debt) },
})

export const TaxAnswer = answerOf('TaxAnswer', TaxRecord)
