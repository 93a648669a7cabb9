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
  description: 'Which way somebody crossed the border.',
  valuesConfig: {
    ENTRY: { description: 'Into the country.' },
    EXIT: { description: 'Out of it.' },
    OTHER: { description: 'What the system says is not known to this API.' },
  },
})
export enum RestrictionKind {
  EXIT_BAN = 'EXIT_BAN',
  ENTRY_BAN = 'ENTRY_BAN',
  OTHER = 'OTHER',
}
registerEnumType(RestrictionKind, {
  name: 'RestrictionKind',
  description: 'What is forbidden to somebody at the border.',
  valuesConfig: {
    EXIT_BAN: { description: 'To leave.' },
    ENTRY_BAN: { description: 'To enter.' },
    OTHER: { description: 'What the system says is not known to this API.' },
  },
})

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'A crossing of the border.' })
export class BorderCrossing {
  @Field(() => CrossingDirection, { description: 'Which way.' })
  direction!: CrossingDirection
  @Field(() => DateTime, { description: 'When.' })
  at!: Date
  @Field(() => String, { nullable: true, description: 'Where.' })
  checkpoint!: string | null
  @Field(() => String, { nullable: true, description: 'With which document.' })
  document!: string | null
}

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'A restriction at the border.' })
export class BorderRestriction {
  @Field(() => RestrictionKind, { description: 'What is forbidden.' })
  kind!: RestrictionKind
  @Field(() => String, { nullable: true, description: 'Who laid it down.' })
  authority!: string | null
  @Field(() => LegalDate, { description: 'Since when.' })
  startedOn!: string
  @Field(() => LegalDate, { nullable: true, description: 'The last day; null where no end is set.' })
  endsOn!: string | null
}

const withheld = 'Null where the ground of law leaves them out.'
@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'What the entry-exit and registration system holds of a person.' })
export class BorderRecord {
  @Field(() => [BorderCrossing], { nullable: true, description: `Entries and exits. ${withheld}` })
  crossings?: BorderCrossing[] | null
  @Field(() => [BorderRestriction], { nullable: true, description: `What stands on the lists. ${withheld}` })
  restrictions?: BorderRestriction[] | null
}

const crossing = z.object({
  direction: kindOf(CrossingDirection),
  at: z.iso.datetime({ offset: true }).pipe(z.coerce.date()),
  checkpoint: text.nullable().default(null),
  document: text.nullable().default(null),
})
const restriction = z.object({
  kind: kindOf(RestrictionKind),
  authority: text.nullable().default(null),
  startedOn: day,
  endsOn: day.nullable().default(null),
})

export const border = askedSingly({
  // A restriction may be laid down at any moment.
  registry: 'IAMAS',
  service: 'border',
  freshFor: 0,
  keyOf: ({ fin, document }) => fin ?? document,
  pathOf: (key) => (key.includes(':') ? ['documents', ...key.split(':')] : ['persons', key]),
  record: { crossings: some(crossing), restrictions: some(restriction) },
})

export const BorderAnswer = answerOf('BorderAnswer', BorderRecord)
