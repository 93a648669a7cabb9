import { Field, Int, ObjectType } from 'type-graphql'
import { z } from 'zod'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { Money } from '../../shared/money.js'
import { LegalDate } from '../../shared/scalars.js'
import { answerOf } from './answer.js'
import { amount, askedSingly, currency, day, minute, some, text } from './lookup.js'

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'A fine for how somebody drove or parked.' })
export class TrafficFine {
  @Field(() => String, { description: 'The number of the protocol.' })
  number!: string
  @Field(() => LegalDate, { description: 'When it was issued.' })
  issuedOn!: string
  @Field(() => String, { nullable: true, description: 'The norm that was broken, as the registry has it.' })
  norm!: string | null
  @Field(() => Money, { description: 'How much it is.' })
  amount!: Money
  @Field(() => String, { nullable: true, description: 'The plate of the vehicle.' })
  vehicle!: string | null
  @Field(() => LegalDate, { nullable: true, description: 'Until when it is to be paid.' })
  dueOn!: string | null
  @Field(() => LegalDate, { nullable: true, description: 'When it was paid; null: it was not.' })
  paidOn!: string | null
}

const withheld = 'Null where the registry says none, or the ground of law leaves it out.'
@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'What the traffic police holds of a person or an organisation.' })
export class TrafficRecord {
  @Field(() => Int, { nullable: true, description: `Points of the driver. ${withheld}` })
  points?: number | null
  @Field(() => [TrafficFine], { nullable: true, description: `Fines, paid ones too. ${withheld}` })
  fines?: TrafficFine[] | null
}

const fine = z
  .object({
    number: text,
    issuedOn: day,
    norm: text.nullable().default(null),
    amount,
    currency,
    vehicle: text.nullable().default(null),
    dueOn: day.nullable().default(null),
    paidOn: day.nullable().default(null),
  })
  .transform(({ amount, currency, ...fine }) => ({ ...fine, amount: { amount, currency } }))

export const traffic = askedSingly({
  registry: 'FINES',
  service: 'fines',
  freshFor: 5 * minute,
  keyOf: ({ fin, voen }) => fin ?? voen,
  pathOf: (key) => [/^\d{10}$/.test(key) ? 'companies' : 'persons', key],
  record: { points: z.int().min(0).nullable().default(null), fines: some(fine) },
})

export const TrafficAnswer = answerOf('TrafficAnswer', TrafficRecord)
