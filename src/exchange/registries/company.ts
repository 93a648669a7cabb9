import { Field, ObjectType, registerEnumType } from 'type-graphql'
import { z } from 'zod'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { LegalDate } from '../../shared/scalars.js'
import { answerOf } from './answer.js'
import { askedTogether, day, hour, kindOf, some, text } from './lookup.js'
import { address, RegisteredAddress } from './registeredAddress.js'

export enum CompanyStatus {
  ACTIVE = 'ACTIVE',
  SUSPENDED = 'SUSPENDED',
  LIQUIDATED = 'LIQUIDATED',
  OTHER = 'OTHER',
}
registerEnumType(CompanyStatus, {
  name: 'CompanyStatus',
  description: 'Status of an organisation in the register.',
  valuesConfig: {
    ACTIVE: { description: 'Active.' },
    SUSPENDED: { description: 'Its activity is suspended.' },
    LIQUIDATED: { description: 'Liquidated.' },
    OTHER: { description: 'Value of the registry that this API does not know.' },
  },
})

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'Person who may bind an organisation.' })
export class CompanyOfficial {
  @Field(() => String, { description: 'Full name.' })
  name!: string
  @Field(() => String, { nullable: true, description: 'FİN. Null if not recorded.' })
  fin!: string | null
  @Field(() => String, { nullable: true, description: 'Surname. Null if not recorded.' })
  surname!: string | null
  @Field(() => String, { nullable: true, description: 'Given name. Null if not recorded.' })
  givenName!: string | null
  @Field(() => String, { nullable: true, description: 'Patronymic. Null if not recorded.' })
  patronymic!: string | null
  @Field(() => String, { nullable: true, description: 'Position, as recorded in the register. Null if not recorded.' })
  position!: string | null
}

const withheld = 'Null if not recorded, or if the legal ground does not cover this field.'
@AllowedTo(anyone)
@ObjectType({
  simpleResolvers: true,
  description: 'Record of an organisation in the State Register of Commercial Legal Entities.',
})
export class CompanyRecord {
  @Field(() => String, { nullable: true, description: `VÖEN of the organisation. ${withheld}` })
  voen?: string | null
  @Field(() => String, { nullable: true, description: `Name of the organisation. ${withheld}` })
  name?: string | null
  @Field(() => String, { nullable: true, description: `Legal form, as recorded in the register. ${withheld}` })
  legalForm?: string | null
  @Field(() => CompanyStatus, { nullable: true, description: `Status in the register. ${withheld}` })
  status?: CompanyStatus | null
  @Field(() => LegalDate, { nullable: true, description: `Date of registration. ${withheld}` })
  registeredOn?: string | null
  @Field(() => RegisteredAddress, { nullable: true, description: `Legal address. ${withheld}` })
  address?: RegisteredAddress | null
  @Field(() => CompanyOfficial, { nullable: true, description: `Legal representative. ${withheld}` })
  legalRepresentative?: CompanyOfficial | null
  @Field(() => [CompanyOfficial], { nullable: true, description: `Persons with the right to its seal. ${withheld}` })
  sealHolders?: CompanyOfficial[] | null
}

const part = text.nullable().default(null)
const official = z.object({ name: text, fin: part, surname: part, givenName: part, patronymic: part, position: part })
export const companies = askedTogether({
  registry: 'COMMERCIAL',
  service: 'companies',
  list: 'companies',
  by: 'voen',
  freshFor: hour,
  keyOf: ({ voen }) => voen,
  record: {
    voen: text,
    name: text,
    legalForm: part,
    status: kindOf(CompanyStatus),
    registeredOn: day.nullable().default(null),
    address,
    legalRepresentative: official.nullable().default(null),
    sealHolders: some(official).default([]),
  },
})

export const CompanyAnswer = answerOf('CompanyAnswer', CompanyRecord)
