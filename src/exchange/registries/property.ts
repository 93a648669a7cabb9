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
  description: 'Kind of real estate.',
  valuesConfig: {
    FLAT: { description: 'Flat.' },
    HOUSE: { description: 'House.' },
    LAND: { description: 'Plot of land.' },
    NON_RESIDENTIAL: { description: 'Non-residential premises.' },
    OTHER: { description: 'Value of the registry that this API does not know.' },
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
  description: 'Kind of encumbrance.',
  valuesConfig: {
    MORTGAGE: { description: 'Mortgage.' },
    ARREST: { description: 'Arrest: a ban on disposing of the property.' },
    LEASE: { description: 'Lease.' },
    OTHER: { description: 'Value of the registry that this API does not know.' },
  },
})

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'Mortgage, arrest or other encumbrance on real estate.' })
export class Encumbrance {
  @Field(() => EncumbranceKind, { description: 'Kind of encumbrance.' })
  kind!: EncumbranceKind
  @Field(() => String, { nullable: true, description: 'Holder of the encumbrance. Null if not recorded.' })
  holder!: string | null
  @Field(() => LegalDate, { description: 'First day of the encumbrance.' })
  startedOn!: string
  @Field(() => LegalDate, { nullable: true, description: 'Last day of the encumbrance. Null if it has no end date.' })
  endsOn!: string | null
}

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'Title to real estate.' })
export class PropertyTitle {
  @Field(() => String, { description: 'Number in the register.' })
  registryNumber!: string
  @Field(() => PropertyKind, { description: 'Kind of real estate.' })
  kind!: PropertyKind
  @Field(() => String, { nullable: true, description: 'Address, in one line. Null if not recorded.' })
  address!: string | null
  @Field(() => Decimal, { nullable: true, description: 'Area in square metres. Null if not recorded.' })
  area!: string | null
  @Field(() => String, { nullable: true, description: 'Share owned, such as "1/2". Null if not recorded.' })
  share!: string | null
  @Field(() => LegalDate, { nullable: true, description: 'First day of the title. Null if not recorded.' })
  startedOn!: string | null
  @Field(() => [Encumbrance], { description: 'Mortgages, arrests and other encumbrances.' })
  encumbrances!: Encumbrance[]
}

@AllowedTo(anyone)
@ObjectType({
  simpleResolvers: true,
  description: 'Record of a person or an organisation in the State Register of Real Estate.',
})
export class PropertyRecord {
  @Field(() => [PropertyTitle], {
    nullable: true,
    description: 'Titles to real estate. Null if the legal ground does not cover this field.',
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
