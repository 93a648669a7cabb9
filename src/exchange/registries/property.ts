import { Field, ObjectType, registerEnumType } from 'type-graphql'
import { z } from 'zod'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { Decimal } from '../../shared/money.js'
import { LegalDate } from '../../shared/scalars.js'
import { answerOf } from './answer.js'
import { amount, askedSingly, day, hour, kindOf, some, text } from './lookup.js'

export enum PropertyKind {
  FLAT = 'FLAT',
  HOUSE = 'HOUSE',
  LAND = 'LAND',
  NON_RESIDENTIAL = 'NON_RESIDENTIAL',
  OTHER = 'OTHER',
}
registerEnumType(PropertyKind, {
  name: 'PropertyKind',
  description: 'What kind of real estate it is.',
  valuesConfig: {
    FLAT: { description: 'A flat.' },
    HOUSE: { description: 'A house.' },
    LAND: { description: 'A plot of land.' },
    NON_RESIDENTIAL: { description: 'What nobody lives in.' },
    OTHER: { description: 'What the register says is not known to this API.' },
  },
})
export enum EncumbranceKind {
  MORTGAGE = 'MORTGAGE',
  ARREST = 'ARREST',
  LEASE = 'LEASE',
  OTHER = 'OTHER',
}
registerEnumType(EncumbranceKind, {
  name: 'EncumbranceKind',
  description: 'What rests on real estate.',
  valuesConfig: {
    MORTGAGE: { description: 'A mortgage.' },
    ARREST: { description: 'A ban on disposing of it.' },
    LEASE: { description: 'A lease.' },
    OTHER: { description: 'What the register says is not known to this API.' },
  },
})

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'What rests on real estate.' })
export class Encumbrance {
  @Field(() => EncumbranceKind, { description: 'What it is.' })
  kind!: EncumbranceKind
  @Field(() => String, { nullable: true, description: 'In whose favour.' })
  holder!: string | null
  @Field(() => LegalDate, { description: 'Since when.' })
  startedOn!: string
  @Field(() => LegalDate, { nullable: true, description: 'Until when; null where no end is set.' })
  endsOn!: string | null
}

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'A title to real estate.' })
export class PropertyTitle {
  @Field(() => String, { description: 'Its number in the register.' })
  registryNumber!: string
  @Field(() => PropertyKind, { description: 'What kind of real estate it is.' })
  kind!: PropertyKind
  @Field(() => String, { nullable: true, description: 'Where it is, in one line.' })
  address!: string | null
  @Field(() => Decimal, { nullable: true, description: 'Its area, in square metres.' })
  area!: string | null
  @Field(() => String, { nullable: true, description: 'The share that is owned: "1/2".' })
  share!: string | null
  @Field(() => LegalDate, { nullable: true, description: 'Since when.' })
  startedOn!: string | null
  @Field(() => [Encumbrance], { description: 'What rests on it.' })
  encumbrances!: Encumbrance[]
}

@AllowedTo(anyone)
@ObjectType({
  simpleResolvers: true,
  description: 'What the State Register of Real Estate holds of a person or an organisation.',
})
export class PropertyRecord {
  @Field(() => [PropertyTitle], {
    nullable: true,
    description: 'Their titles. Null where the ground of law leaves them out.',
  })
  titles?: PropertyTitle[] | null
}

const encumbrance = z.object({
  kind: kindOf(EncumbranceKind),
  holder: text.nullable().default(null),
  startedOn: day,
  endsOn: day.nullable().default(null),
})
const title = z.object({
  registryNumber: text,
  kind: kindOf(PropertyKind),
  address: text.nullable().default(null),
  area: amount.nullable().default(null),
  share: text.nullable().default(null),
  startedOn: day.nullable().default(null),
  encumbrances: some(encumbrance).default([]),
})

export const property = askedSingly({
  registry: 'REALESTATE',
  service: 'titles',
  freshFor: hour,
  keyOf: ({ fin, voen }) => fin ?? voen,
  pathOf: (key) => ['owners', key],
  record: { titles: some(title) },
})

export const PropertyAnswer = answerOf('PropertyAnswer', PropertyRecord)
