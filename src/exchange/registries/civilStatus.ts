import { Field, ObjectType, registerEnumType } from 'type-graphql'
import { z } from 'zod'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { LegalDate } from '../../shared/scalars.js'
import { answerOf } from './answer.js'
import { askedSingly, day, hour, kindOf, some, text } from './lookup.js'

export enum MaritalStatus {
  NEVER_MARRIED = 'NEVER_MARRIED',
  MARRIED = 'MARRIED',
  DIVORCED = 'DIVORCED',
  WIDOWED = 'WIDOWED',
  OTHER = 'OTHER',
}
registerEnumType(MaritalStatus, {
  name: 'MaritalStatus',
  description: 'Marital status of a person.',
  valuesConfig: {
    NEVER_MARRIED: { description: 'Has never been married.' },
    MARRIED: { description: 'Married.' },
    DIVORCED: { description: 'The last marriage ended in divorce.' },
    WIDOWED: { description: 'The last marriage ended with the death of the spouse.' },
    OTHER: { description: 'Value of the registry that this API does not know.' },
  },
})
export enum CivilActKind {
  BIRTH = 'BIRTH',
  MARRIAGE = 'MARRIAGE',
  DIVORCE = 'DIVORCE',
  DEATH = 'DEATH',
  OTHER = 'OTHER',
}
registerEnumType(CivilActKind, {
  name: 'CivilActKind',
  description: 'Kind of civil status act.',
  valuesConfig: {
    BIRTH: { description: 'Birth, of the person or of a child of the person.' },
    MARRIAGE: { description: 'Marriage.' },
    DIVORCE: { description: 'Divorce.' },
    DEATH: { description: 'Death, of the person or of the spouse.' },
    OTHER: { description: 'Value of the registry that this API does not know.' },
  },
})
export enum CivilActRole {
  CHILD = 'CHILD',
  MOTHER = 'MOTHER',
  FATHER = 'FATHER',
  WIFE = 'WIFE',
  HUSBAND = 'HUSBAND',
  DECEASED = 'DECEASED',
  OTHER = 'OTHER',
}
registerEnumType(CivilActRole, {
  name: 'CivilActRole',
  description: 'Role of a person in a civil status act.',
  valuesConfig: {
    CHILD: { description: 'Child that was born.' },
    MOTHER: { description: 'Mother of the child.' },
    FATHER: { description: 'Father of the child.' },
    WIFE: { description: 'Wife in the marriage or divorce.' },
    HUSBAND: { description: 'Husband in the marriage or divorce.' },
    DECEASED: { description: 'Person who died.' },
    OTHER: { description: 'Value of the registry that this API does not know.' },
  },
})

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'Person in a civil status act.' })
export class CivilActPerson {
  @Field(() => CivilActRole, { description: 'Role in the act.' })
  role!: CivilActRole
  @Field(() => String, { nullable: true, description: 'FİN of the person. Null if not recorded.' })
  fin!: string | null
  @Field(() => String, { description: 'Full name.' })
  name!: string
  @Field(() => LegalDate, { nullable: true, description: 'Date of birth. Null if not recorded.' })
  birthDate!: string | null
}

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'Civil status act: a registered birth, marriage, divorce or death.' })
export class CivilAct {
  @Field(() => CivilActKind, { description: 'Kind of act.' })
  kind!: CivilActKind
  @Field(() => String, { description: 'Number of the act.' })
  number!: string
  @Field(() => LegalDate, { description: 'Date of registration.' })
  registeredOn!: string
  @Field(() => String, { description: 'Registry office.' })
  office!: string
  @Field(() => [CivilActPerson], { description: 'Persons in the act, including the person of the record.' })
  persons!: CivilActPerson[]
}

const withheld = 'Null if not recorded, or if the legal ground does not cover this field.'
@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'Record of a person in the registry of civil status acts.' })
export class CivilStatusRecord {
  @Field(() => MaritalStatus, { nullable: true, description: `Marital status. ${withheld}` })
  maritalStatus?: MaritalStatus | null
  @Field(() => CivilAct, {
    nullable: true,
    description: `Act of the marriage in force. Null if unmarried. ${withheld}`,
  })
  marriage?: CivilAct | null
  @Field(() => [CivilAct], { nullable: true, description: `Acts in which the person is named. ${withheld}` })
  acts?: CivilAct[] | null
}

const person = z.object({
  role: kindOf(CivilActRole),
  fin: text.nullable().default(null),
  name: text,
  birthDate: day.nullable().default(null),
})
const act = z.object({
  kind: kindOf(CivilActKind),
  number: text,
  registeredOn: day,
  office: text,
  persons: some(person),
})

export const civilStatus = askedSingly({
  registry: 'CIVIL',
  service: 'acts',
  freshFor: hour,
  keyOf: ({ fin }) => fin,
  pathOf: (key) => ['persons', key],
  record: {
    maritalStatus: kindOf(MaritalStatus).nullable().default(null),
    marriage: act.nullable().default(null),
    acts: some(act),
  },
})

export const CivilStatusAnswer = answerOf('CivilStatusAnswer', CivilStatusRecord)
