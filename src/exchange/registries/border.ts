import { Field, ObjectType, registerEnumType } from 'type-graphql'
import { z } from 'zod'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { DateTime, LegalDate } from '../../shared/scalars.js'
import { answerOf } from './answer.js'
import { askedSingly, day, kindOf, some, text } from './lookup.js'

export enum CrossingDirection {
  ENTRY = 'ENTRY',
  EXIT = 'EXIT',
  OTHER = 'OTHER',
}
registerEnumType(CrossingDirection, {
  name: 'CrossingDirection',
  description: 'Direction of a border crossing.',
  valuesConfig: {
    ENTRY: { description: 'Entry into the country.' },
    EXIT: { description: 'Exit from the country.' },
    OTHER: { description: 'Value of the registry that this API does not know.' },
  },
})
export enum RestrictionKind {
  EXIT_BAN = 'EXIT_BAN',
  ENTRY_BAN = 'ENTRY_BAN',
  OTHER = 'OTHER',
}
registerEnumType(RestrictionKind, {
  name: 'RestrictionKind',
  description: 'Kind of restriction at the border.',
  valuesConfig: {
    EXIT_BAN: { description: 'Ban on leaving the country.' },
    ENTRY_BAN: { description: 'Ban on entering the country.' },
    OTHER: { description: 'Value of the registry that this API does not know.' },
  },
})

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'Border crossing by a person.' })
export class BorderCrossing {
  @Field(() => CrossingDirection, { description: 'Direction of the crossing.' })
  direction!: CrossingDirection
  @Field(() => DateTime, { description: 'Time of the crossing.' })
  at!: Date
  @Field(() => String, { nullable: true, description: 'Border checkpoint. Null if not recorded.' })
  checkpoint!: string | null
  @Field(() => String, { nullable: true, description: 'Travel document used. Null if not recorded.' })
  document!: string | null
}

export enum EntryRegime {
  VISA = 'VISA',
  VISA_FREE = 'VISA_FREE',
  OTHER = 'OTHER',
}
registerEnumType(EntryRegime, {
  name: 'EntryRegime',
  description: 'Basis on which a person entered the country.',
  valuesConfig: {
    VISA: { description: 'With a visa.' },
    VISA_FREE: { description: 'Without a visa.' },
    OTHER: { description: 'Value of the registry that this API does not know.' },
  },
})

@AllowedTo(anyone)
@ObjectType({
  simpleResolvers: true,
  description: 'Last entry of a person into the country, as in the travel document.',
})
export class LastEntry {
  @Field(() => String, { description: 'Surname.' })
  surname!: string
  @Field(() => String, { description: 'Given name.' })
  givenName!: string
  @Field(() => String, {
    description: 'Citizenship, as a three-letter code of ICAO 9303. Null if not recorded.',
    nullable: true,
  })
  citizenship!: string | null
  @Field(() => String, { description: 'Number of the travel document.' })
  documentNumber!: string
  @Field(() => LegalDate, { description: 'Date of entry.' })
  date!: string
  @Field(() => EntryRegime, { description: 'Basis of the entry.' })
  regime!: EntryRegime
  @Field(() => String, { nullable: true, description: 'Number of the visa. Null if there is none.' })
  visaNumber!: string | null
}

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'Restriction on a person at the border.' })
export class BorderRestriction {
  @Field(() => RestrictionKind, { description: 'Kind of restriction.' })
  kind!: RestrictionKind
  @Field(() => String, { nullable: true, description: 'Authority that imposed the restriction. Null if not recorded.' })
  authority!: string | null
  @Field(() => LegalDate, { description: 'First day of the restriction.' })
  startedOn!: string
  @Field(() => LegalDate, { nullable: true, description: 'Last day of the restriction. Null if it has no end date.' })
  endsOn!: string | null
}

const withheld = 'Null if the legal ground does not cover this field.'
@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'Record of a person in the entry-exit and registration system.' })
export class BorderRecord {
  @Field(() => [BorderCrossing], { nullable: true, description: `Entries and exits. ${withheld}` })
  crossings?: BorderCrossing[] | null
  @Field(() => LastEntry, { nullable: true, description: `Last entry. Null if not recorded. ${withheld}` })
  lastEntry?: LastEntry | null
  @Field(() => String, {
    nullable: true,
    description: `Number of the residence permit. Null if there is none. ${withheld}`,
  })
  residencePermit?: string | null
  @Field(() => [BorderRestriction], { nullable: true, description: `Restrictions in force or recorded. ${withheld}` })
  restrictions?: BorderRestriction[] | null
}

const crossing = z.object({
  direction: kindOf(CrossingDirection),
  at: z.iso.datetime({ offset: true }).pipe(z.coerce.date()),
  checkpoint: text.nullable().default(null),
  document: text.nullable().default(null),
})
const lastEntry = z.object({
  surname: text,
  givenName: text,
  citizenship: text.nullable().default(null),
  documentNumber: text,
  date: day,
  regime: kindOf(EntryRegime),
  visaNumber: text.nullable().default(null),
})
const restriction = z.object({
  kind: kindOf(RestrictionKind),
  authority: text.nullable().default(null),
  startedOn: day,
  endsOn: day.nullable().default(null),
})

export const border = askedSingly({
  // A restriction may be imposed at any moment.
  registry: 'IAMAS',
  service: 'border',
  freshFor: 0,
  keyOf: ({ fin, document }) => fin ?? document,
  pathOf: (key) => (key.includes(':') ? ['documents', ...key.split(':')] : ['persons', key]),
  record: {
    crossings: some(crossing),
    lastEntry: lastEntry.nullable().default(null),
    residencePermit: text.nullable().default(null),
    restrictions: some(restriction),
  },
})

export const BorderAnswer = answerOf('BorderAnswer', BorderRecord)
