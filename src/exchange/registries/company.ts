import { Field, ObjectType, registerEnumType } from 'type-graphql'
import { z } from 'zod'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { LegalDate } from '../../shared/scalars.js'
import { answerOf } from './answer.js'
import { askedTogether, day, hour, kindOf, some, text } from './lookup.js'

export enum CompanyStatus {
  ACTIVE = 'ACTIVE',
  SUSPENDED = 'SUSPENDED',
  LIQUIDATED = 'LIQUIDATED',
  OTHER = 'OTHER',
}
registerEnumType(CompanyStatus, {
  name: 'CompanyStatus',
  description: 'What an organisation is to the register.',
  valuesConfig: {
    ACTIVE: { description: 'It stands.' },
    SUSPENDED: { description: 'Its activity is suspended.' },
    LIQUIDATED: { description: 'It is no more.' },
    OTHER: { description: 'What the register says is not known to this API.' },
  },
})

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'Somebody who may bind an organisation.' })
export class CompanyOfficial {
  @Field(() => String, { description: 'Their name, in full.' })
  name!: string
  @Field(() => String, { nullable: true, description: 'What they are there, as the register has it.' })
  position!: string | null
}

const withheld = 'Null where the register has none, or the ground of law leaves it out.'
@AllowedTo(anyone)
@ObjectType({
  simpleResolvers: true,
  description: 'What the State Register of Commercial Legal Entities holds of an organisation.',
})
export class CompanyRecord {
  @Field(() => String, { nullable: true, description: `The VÖEN. ${withheld}` })
  voen?: string | null
  @Field(() => String, { nullable: true, description: `Its name. ${withheld}` })
  name?: string | null
  @Field(() => CompanyStatus, { nullable: true, description: `Whether it stands. ${withheld}` })
  status?: CompanyStatus | null
  @Field(() => LegalDate, { nullable: true, description: `When it was registered. ${withheld}` })
  registeredOn?: string | null
  @Field(() => String, { nullable: true, description: `Its legal address, in one line. ${withheld}` })
  address?: string | null
  @Field(() => CompanyOfficial, { nullable: true, description: `Its legal representative. ${withheld}` })
  legalRepresentative?: CompanyOfficial | null
  @Field(() => [CompanyOfficial], { nullable: true, description: `Who has the right to its seal. ${withheld}` })
  sealHolders?: CompanyOfficial[] | null
}

const official = z.object({ name: text, position: text.nullable().default(null) })
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
    status: kindOf(CompanyStatus),
    registeredOn: day.nullable().default(null),
    address: text.nullable().default(null),
    legalRepresentative: official.nullable().default(null),
    sealHolders: some(official).default([]),
  },
})

export const CompanyAnswer = answerOf('CompanyAnswer', CompanyRecord)
