import { Field, Int, ObjectType, registerEnumType } from 'type-graphql'
import { z } from 'zod'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { Money } from '../../shared/money.js'
import { LegalDate } from '../../shared/scalars.js'
import { answerOf } from './answer.js'
import { amount, askedSingly, currency, day, kindOf, minute, some, text } from './lookup.js'

export enum TrafficFineState {
  UNPAID = 'UNPAID',
  PAID = 'PAID',
  CANCELLED = 'CANCELLED',
  EXPIRED = 'EXPIRED',
  OTHER = 'OTHER',
}
registerEnumType(TrafficFineState, {
  name: 'TrafficFineState',
  description: 'State of a fine at the traffic police.',
  valuesConfig: {
    UNPAID: { description: 'The fine has to be paid.' },
    PAID: { description: 'The fine is paid.' },
    CANCELLED: { description: 'The decision was cancelled. Nothing has to be paid.' },
    EXPIRED: { description: 'The term for its enforcement has passed. Nothing has to be paid.' },
    OTHER: { description: 'A state that this version does not know. Ask the traffic police.' },
  },
})

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'Fine for a traffic or parking violation.' })
export class TrafficFine {
  @Field(() => String, { nullable: true, description: 'Series of the protocol. Null if not recorded.' })
  series!: string | null
  @Field(() => String, { description: 'Number of the protocol.' })
  number!: string
  @Field(() => LegalDate, { description: 'Date of issue.' })
  issuedOn!: string
  @Field(() => String, {
    nullable: true,
    description: 'Legal norm that was violated, as named by the registry. Null if not recorded.',
  })
  norm!: string | null
  @Field(() => Money, { description: 'Amount of the fine.' })
  amount!: Money
  @Field(() => String, { nullable: true, description: 'Plate of the vehicle. Null if not recorded.' })
  vehicle!: string | null
  @Field(() => LegalDate, { nullable: true, description: 'Due date. Null if not recorded.' })
  dueOn!: string | null
  @Field(() => TrafficFineState, { description: 'State of the fine.' })
  state!: TrafficFineState
  @Field(() => LegalDate, { nullable: true, description: 'Date of payment. Null if not paid.' })
  paidOn!: string | null
}

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'Registered vehicle.' })
export class Vehicle {
  @Field(() => String, { description: 'Plate.' })
  plate!: string
  @Field(() => String, { description: 'Make and model.' })
  model!: string
  @Field(() => Int, { nullable: true, description: 'Year of manufacture. Null if not recorded.' })
  year!: number | null
  @Field(() => LegalDate, { description: 'Date of registration.' })
  registeredOn!: string
}

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'Driving licence.' })
export class DrivingLicence {
  @Field(() => String, { description: 'Number.' })
  number!: string
  @Field(() => [String], { description: 'Categories of vehicles, such as "B".' })
  categories!: string[]
  @Field(() => LegalDate, { description: 'Date of issue.' })
  issuedOn!: string
  @Field(() => LegalDate, { nullable: true, description: 'Last day of validity. Null if it has no end date.' })
  expiresOn!: string | null
}

const withheld = 'Null if not recorded, or if the legal ground does not cover this field.'
@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'Record of a person or an organisation at the traffic police.' })
export class TrafficRecord {
  @Field(() => Int, { nullable: true, description: `Penalty points of the driver. ${withheld}` })
  points?: number | null
  @Field(() => [TrafficFine], { nullable: true, description: `Fines, including paid ones. ${withheld}` })
  fines?: TrafficFine[] | null
  @Field(() => [Vehicle], { nullable: true, description: `Registered vehicles. ${withheld}` })
  vehicles?: Vehicle[] | null
  @Field(() => DrivingLicence, { nullable: true, description: `Driving licence. Null if there is none. ${withheld}` })
  licence?: DrivingLicence | null
}

export const fineState = kindOf(TrafficFineState)
const fine = z
  .object({
    series: text.nullable().default(null),
    number: text,
    issuedOn: day,
    norm: text.nullable().default(null),
    amount,
    currency,
    vehicle: text.nullable().default(null),
    dueOn: day.nullable().default(null),
    state: fineState.optional(),
    paidOn: day.nullable().default(null),
  })
  .transform(({ amount, currency, state, ...fine }) => ({
    ...fine,
    amount: { amount, currency },
    state: state ?? (fine.paidOn === null ? TrafficFineState.UNPAID : TrafficFineState.PAID),
  }))

const vehicle = z.object({ plate: text, model: text, year: z.int().nullable().default(null), registeredOn: day })
const licence = z.object({
  number: text,
  categories: some(text),
  issuedOn: day,
  expiresOn: day.nullable().default(null),
})

export const traffic = askedSingly({
  registry: 'FINES',
  service: 'fines',
  freshFor: 5 * minute,
  keyOf: ({ fin, voen }) => fin ?? voen,
  pathOf: (key) => [/^\d{10}$/.test(key) ? 'companies' : 'persons', key],
  record: {
    points: z.int().min(0).nullable().default(null),
    fines: some(fine),
    vehicles: some(vehicle).default([]),
    licence: licence.nullable().default(null),
  },
})

export const TrafficAnswer = answerOf('TrafficAnswer', TrafficRecord)
