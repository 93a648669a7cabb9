import { Field, ObjectType, registerEnumType } from 'type-graphql'
import { z } from 'zod'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { LegalDate } from '../../shared/scalars.js'
import { answerOf } from './answer.js'
import { askedTogether, day, hour, kindOf, some, text } from './lookup.js'
import { address, RegisteredAddress } from './registeredAddress.js'

export enum Sex {
  FEMALE = 'FEMALE',
  MALE = 'MALE',
  OTHER = 'OTHER',
}
registerEnumType(Sex, {
  name: 'Sex',
  description: 'Sex of a person in the register.',
  valuesConfig: {
    FEMALE: { description: 'Female.' },
    MALE: { description: 'Male.' },
    OTHER: { description: 'Neither, or a value that this API does not know.' },
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
  description: 'Relation of a family member to the person.',
  valuesConfig: {
    SPOUSE: { description: 'Wife or husband.' },
    PARENT: { description: 'Mother or father.' },
    CHILD: { description: 'Daughter or son.' },
    OTHER: { description: 'Value of the registry that this API does not know.' },
  },
})

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'Identity card of a person.' })
export class IdentityCard {
  @Field(() => String, { description: 'Series and number.' })
  number!: string
  @Field(() => LegalDate, { nullable: true, description: 'Date of issue. Null if not recorded.' })
  issuedOn!: string | null
  @Field(() => LegalDate, { nullable: true, description: 'Last day of validity. Null if not recorded.' })
  expiresOn!: string | null
}

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'Family member of a person.' })
export class FamilyMember {
  @Field(() => FamilyRelation, { description: 'Relation to the person.' })
  relation!: FamilyRelation
  @Field(() => String, { description: 'Full name.' })
  name!: string
  @Field(() => LegalDate, { nullable: true, description: 'Date of birth. Null if not recorded.' })
  birthDate!: string | null
}

const withheld = 'Null if not recorded, or if the legal ground does not cover this field.'
@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'Record of a person in the State Population Register.' })
export class PopulationRecord {
  @Field(() => String, { nullable: true, description: `Surname. ${withheld}` })
  surname?: string | null
  @Field(() => String, { nullable: true, description: `Given name. ${withheld}` })
  givenName?: string | null
  @Field(() => String, { nullable: true, description: `Patronymic. ${withheld}` })
  patronymic?: string | null
  @Field(() => LegalDate, { nullable: true, description: `Date of birth. ${withheld}` })
  birthDate?: string | null
  @Field(() => String, { nullable: true, description: `Place of birth. ${withheld}` })
  birthPlace?: string | null
  @Field(() => Sex, { nullable: true, description: `Sex. ${withheld}` })
  sex?: Sex | null
  @Field(() => String, {
    nullable: true,
    description: `Citizenship, as a three-letter code of ICAO 9303 such as "AZE". ${withheld}`,
  })
  citizenship?: string | null
  @Field(() => IdentityCard, { nullable: true, description: `Identity card in force. ${withheld}` })
  identityDocument?: IdentityCard | null
  @Field(() => RegisteredAddress, { nullable: true, description: `Registered address. ${withheld}` })
  address?: RegisteredAddress | null
  @Field(() => [FamilyMember], { nullable: true, description: `Spouse, parents and children. ${withheld}` })
  family?: FamilyMember[] | null
}

const part = text.nullable().default(null)
const until = day.nullable().default(null)
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
    birthPlace: part,
    sex: kindOf(Sex),
    citizenship: z
      .string()
      .regex(/^[A-Z]{1,3}$/)
      .nullable()
      .default(null),
    identityDocument: z.object({ number: text, issuedOn: until, expiresOn: until }).nullable().default(null),
    address,
    family: some(
      z.object({ relation: kindOf(FamilyRelation), name: text, birthDate: day.nullable().default(null) }),
    ).default([]),
  },
})

export const PopulationAnswer = answerOf('PopulationAnswer', PopulationRecord)
