import { Field, ObjectType } from 'type-graphql'
import { z } from 'zod'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { Money } from '../../shared/money.js'
import { LegalDate } from '../../shared/scalars.js'
import { answerOf } from './answer.js'
import { amount, askedSingly, currency, day, minute, some, text } from './lookup.js'

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'A debt to the budget.' })
export class TaxDebt {
  @Field(() => String, { description: 'Which tax or payment, as the system has it.' })
  kind!: string
  @Field(() => Money, { description: 'How much is owed.' })
  amount!: Money
  @Field(() => LegalDate, { nullable: true, description: 'Since when it is due.' })
  dueOn!: string | null
}

const withheld = 'Null where the ground of law leaves it out.'
@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'What the tax information system holds of a taxpayer.' })
export class TaxRecord {
  @Field(() => LegalDate, { nullable: true, description: `The day whose state this is. ${withheld}` })
  asOf?: string | null
  @Field(() => [TaxDebt], { nullable: true, description: `What is owed; none where nothing is. ${withheld}` })
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
