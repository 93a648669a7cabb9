import { Field, ObjectType, registerEnumType } from 'type-graphql'
import { z } from 'zod'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { LegalDate } from '../../shared/scalars.js'
import { answerOf } from './answer.js'
import { askedTogether, day, hour, kindOf, some, text } from './lookup.js'

export enum Sex {
  FEMALE = 'FEMALE',
  MALE = 'MALE',
  OTHER = 'OTHER',
}
registerEnumType(Sex, {
  name: 'Sex',
  description: 'The sex of a person, as the register has it.',
  valuesConfig: {
    FEMALE: { description: 'Female.' },
    MALE: { description: 'Male.' },
    OTHER: { description: 'What the register says is neither, or not known to this API.' },
  },
})
export enum FamilyRelation {
  SPOUSE = 'SPOUSE',
  PARENT = 'PARENT',
  CHILD = 'CHILD',
  OTHER = 'OTHER',
}
registerEnumType(FamilyRelation, {
  name: 'FamilyRelation',
  description: 'What somebody is to a person.',
  valuesConfig: {
    SPOUSE: { description: 'Wife or husband.' },
    PARENT: { description: 'Mother or father.' },
    CHILD: { description: 'Daughter or son.' },
    OTHER: { description: 'What the register says is not known to this API.' },
  },
})

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'Where a person is registered.' })
export class RegisteredAddress {
  @Field(() => String, { nullable: true, description: 'The district, or the city that has none.' })
  region!: string | null
  @Field(() => String, { nullable: true, description: 'The settlement or village.' })
  settlement!: string | null
  @Field(() => String, { nullable: true, description: 'The street.' })
  street!: string | null
  @Field(() => String, { nullable: true, description: 'The building, with its block.' })
  building!: string | null
  @Field(() => String, { nullable: true, description: 'The flat.' })
  flat!: string | null
  @Field(() => String, { nullable: true, description: 'The postal index: "AZ1000".' })
  postalCode!: string | null
}

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'Somebody of a person’s family.' })
export class FamilyMember {
  @Field(() => FamilyRelation, { description: 'What they are to the person.' })
  relation!: FamilyRelation
  @Field(() => String, { description: 'Their name, in full.' })
  name!: string
  @Field(() => LegalDate, { nullable: true, description: 'When they were born.' })
  birthDate!: string | null
}

const withheld = 'Null where the register has none, or the ground of law leaves it out.'
@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'What the State Population Register holds of a person.' })
export class PopulationRecord {
  @Field(() => String, { nullable: true, description: `The surname. ${withheld}` })
  surname?: string | null
  @Field(() => String, { nullable: true, description: `The given name. ${withheld}` })
  givenName?: string | null
  @Field(() => String, { nullable: true, description: `The patronymic. ${withheld}` })
  patronymic?: string | null
  @Field(() => LegalDate, { nullable: true, description: `When the person was born. ${withheld}` })
  birthDate?: string | null
  @Field(() => Sex, { nullable: true, description: `The sex. ${withheld}` })
  sex?: Sex | null
  @Field(() => String, {
    nullable: true,
    description: `The citizenship, by the three letters of ICAO 9303: "AZE". ${withheld}`,
  })
  citizenship?: string | null
  @Field(() => RegisteredAddress, { nullable: true, description: `Where they are registered. ${withheld}` })
  address?: RegisteredAddress | null
  @Field(() => [FamilyMember], { nullable: true, description: `Spouse, parents and children. ${withheld}` })
  family?: FamilyMember[] | null
}

const part = text.nullable().default(null)
export const population = askedTogether({
  registry: 'POPULATION',
  service: 'persons',
  list: 'persons',
  by: 'fin',
  freshFor: 24 * hour,
  keyOf: ({ fin }) => fin,
  record: {
    surname: text,
    givenName: text,
    patronymic: part,
    birthDate: day,
    sex: kindOf(Sex),
    citizenship: z
      .string()
      .regex(/^[A-Z]{1,3}$/)
      .nullable()
      .default(null),
    address: z
      .object({ region: part, settlement: part, street: part, building: part, flat: part, postalCode: part })
      .nullable()
      .default(null),
    family: some(
      z.object({ relation: kindOf(FamilyRelation), name: text, birthDate: day.nullable().default(null) }),
    ).default([]),
  },
})

export const PopulationAnswer = answerOf('PopulationAnswer', PopulationRecord)
