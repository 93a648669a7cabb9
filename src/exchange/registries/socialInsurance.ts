import { Field, ObjectType, registerEnumType } from 'type-graphql'
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
  description: 'For what a pension is paid.',
  valuesConfig: {
    AGE: { description: 'For age.' },
    DISABILITY: { description: 'For a disability.' },
    SURVIVOR: { description: 'For the loss of who kept the family.' },
    OTHER: { description: 'What the registry says is not known to this API.' },
  },
})

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'A labour contract.' })
export class Employment {
  @Field(() => String, { description: 'The name of the employer.' })
  employer!: string
  @Field(() => String, { nullable: true, description: 'The VÖEN of the employer.' })
  voen!: string | null
  @Field(() => String, { nullable: true, description: 'As what the person works there.' })
  position!: string | null
  @Field(() => LegalDate, { description: 'Since when.' })
  startedOn!: string
  @Field(() => LegalDate, { nullable: true, description: 'The last day; null: it goes on.' })
  endsOn!: string | null
}

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'A pension.' })
export class Pension {
  @Field(() => PensionKind, { description: 'For what it is paid.' })
  kind!: PensionKind
  @Field(() => Money, { description: 'How much a month.' })
  monthly!: Money
  @Field(() => LegalDate, { nullable: true, description: 'Since when.' })
  startedOn!: string | null
}

const withheld = 'Null where the registry says none, or the ground of law leaves it out.'
@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'What the social insurance holds of a person.' })
export class SocialInsuranceRecord {
  @Field(() => [Employment], { nullable: true, description: `Labour contracts, ended ones too. ${withheld}` })
  employments?: Employment[] | null
  @Field(() => Pension, { nullable: true, description: `The pension that is paid. ${withheld}` })
  pension?: Pension | null
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
  keyOf: ({ fin }) => fin,
  pathOf: (key) => ['persons', key],
  record: { employments: some(employment), pension: pension.nullable().default(null) },
})

export const SocialInsuranceAnswer = answerOf('SocialInsuranceAnswer', SocialInsuranceRecord)
