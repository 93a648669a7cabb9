import { Field, Int, ObjectType, registerEnumType } from 'type-graphql'
import { z } from 'zod'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { Money } from '../../shared/money.js'
import { LegalDate } from '../../shared/scalars.js'
import { answerOf } from './answer.js'
import { amount, askedSingly, currency, day, hour, kindOf, some, text } from './lookup.js'

export enum PensionKind {
  AGE = 'AGE',
  DISABILITY = 'DISABILITY',
  SURVIVOR = 'SURVIVOR',
  OTHER = 'OTHER',
}
registerEnumType(PensionKind, {
  name: 'PensionKind',
  description: 'Kind of pension.',
  valuesConfig: {
    AGE: { description: 'Old-age pension.' },
    DISABILITY: { description: 'Disability pension.' },
    SURVIVOR: { description: 'Survivor’s pension, for the loss of the breadwinner.' },
    OTHER: { description: 'Value of the registry that this API does not know.' },
  },
})

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'Labour contract.' })
export class Employment {
  @Field(() => String, { description: 'Name of the employer.' })
  employer!: string
  @Field(() => String, { nullable: true, description: 'VÖEN of the employer. Null if not recorded.' })
  voen!: string | null
  @Field(() => String, { nullable: true, description: 'Position. Null if not recorded.' })
  position!: string | null
  @Field(() => LegalDate, { description: 'First day of the contract.' })
  startedOn!: string
  @Field(() => LegalDate, { nullable: true, description: 'Last day of the contract. Null if it has no end date.' })
  endsOn!: string | null
}

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'Pension of a person.' })
export class Pension {
  @Field(() => PensionKind, { description: 'Kind of pension.' })
  kind!: PensionKind
  @Field(() => Money, { description: 'Amount a month.' })
  monthly!: Money
  @Field(() => LegalDate, { nullable: true, description: 'First day of the pension. Null if not recorded.' })
  startedOn!: string | null
}

const withheld = 'Null if not recorded, or if the legal ground does not cover this field.'
@AllowedTo(anyone)
@ObjectType({
  simpleResolvers: true,
  description: 'Record of a person or an organisation in the social insurance registry.',
})
export class SocialInsuranceRecord {
  @Field(() => [Employment], { nullable: true, description: `Labour contracts, including ended ones. ${withheld}` })
  employments?: Employment[] | null
  @Field(() => Pension, { nullable: true, description: `Pension paid now. ${withheld}` })
  pension?: Pension | null
  @Field(() => Int, {
    nullable: true,
    description: `Number of employees of an organisation. Null for a person without employees. ${withheld}`,
  })
  employees?: number | null
}

const employment = z.object({
  employer: text,
  voen: text.nullable().default(null),
  position: text.nullable().default(null),
  startedOn: day,
  endsOn: day.nullable().default(null),
})
const pension = z
  .object({ kind: kindOf(PensionKind), monthlyAmount: amount, currency, startedOn: day.nullable().default(null) })
  .transform(({ monthlyAmount, currency, ...pension }) => ({
    ...pension,
    monthly: { amount: monthlyAmount, currency },
  }))

export const socialInsurance = askedSingly({
  registry: 'MEIS',
  service: 'insurance',
  freshFor: hour,
  keyOf: ({ fin, voen }) => fin ?? voen,
  pathOf: (key) => [/^\d{10}$/.test(key) ? 'companies' : 'persons', key],
  record: {
    employments: some(employment),
    pension: pension.nullable().default(null),
    employees: z.int().min(0).nullable().default(null),
  },
})

export const SocialInsuranceAnswer = answerOf('SocialInsuranceAnswer', SocialInsuranceRecord)
