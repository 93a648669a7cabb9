import { type SQL, sql } from 'drizzle-orm'
import { Arg, Ctx, Field, Int, ObjectType, Query, Resolver, registerEnumType } from 'type-graphql'
import { AllowedTo, anyone } from '../engine/allowedTo.js'
import { Asked } from '../engine/declare.js'
import { badInput } from '../engine/errors.js'
import { statementOf } from '../engine/statement.js'
import { type Calendar, type SkippedDay as Skipped, SkipReason } from './calendar.js'
import { calendarDays } from './calendarDay.table.js'
import { calendarYears } from './calendarYear.table.js'
import { Confidence, source } from './confidence.js'
import type { Context } from './context.js'
import { deadlineOf } from './deadline.rules.js'
import { LocalizedText } from './localized.js'

import { DateTime, LegalDate } from './scalars.js'
import { TermUnit } from './termUnit.js'
import { legalDate } from './time.js'
import type { Words } from './words.js'

registerEnumType(SkipReason, {
  name: 'SkipReason',
  description: 'Why a day did not count. Where there are several reasons, the first of these is told.',
  valuesConfig: {
    HOLIDAY: { description: 'A holiday on which nobody works.' },
    MOURNING: { description: 'The day of national mourning.' },
    ELECTION: { description: 'A day of elections.' },
    SWAP: { description: 'A working day that the Cabinet exchanged for a day off.' },
    TRANSFER: { description: 'The day off for a holiday that fell on a weekend or on another holiday.' },
    WEEKEND: { description: 'Saturday or Sunday.' },
    AFTER_HOURS: { description: 'The day it was received on, after the hour until which things are accepted.' },
  },
})

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'A day that did not count towards a term.' })
export class SkippedDay {
  @Field(() => LegalDate, { description: 'The day.' })
  date!: string
  @Field(() => SkipReason, { description: 'Why it did not count.' })
  reason!: SkipReason
  @Field(() => String, { description: 'What the day is called, in the language of `Accept-Language` (az, en, ru).' })
  name!: string
  @Field(() => LocalizedText, { description: 'What the day is called, in all languages.' })
  names!: Words
  @Field(() => LegalDate, { nullable: true, description: 'The holiday that a TRANSFER makes up for.' })
  transferredFor!: string | null
  @Field(() => Boolean, { description: 'Whether the Cabinet has still to fix this day.' })
  provisional!: boolean
  @Field(() => Confidence, {
    nullable: true,
    description: 'How far the day may be relied upon; null for WEEKEND and AFTER_HOURS.',
  })
  confidence!: Confidence | null
  @Field(() => String, { nullable: true, description: source })
  source!: string | null
}

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'When something is due, and how that was counted.' })
export class Deadline {
  @Field(() => LegalDate, {
    description:
      'The day of acceptance, which is not counted. For working days the next one that is, where something is ' +
      'received after 18:00 or on a day off; else the day of receipt.',
  })
  acceptedOn!: string
  @Field(() => LegalDate, { description: 'The last day of the term.' })
  dueOn!: string
  @Field(() => DateTime, {
    description:
      'The end of the term: for days and months 18:00 in Baku on `dueOn`, for hours and minutes to the point.',
  })
  dueAt!: Date
  @Field(() => Boolean, { description: 'Whether it was counted in a year whose days may still change.' })
  provisional!: boolean
  @Field(() => [Int], { description: 'The years that make it provisional.' })
  provisionalYears!: number[]
  @Field(() => [SkippedDay], {
    description:
      'Each day that did not count, in order: for working days from the day of receipt on, for calendar days and ' +
      'months those that the end was moved over. None for hours, minutes and INSTANT.',
  })
  skipped!: SkippedDay[]
}

@Resolver()
export class DeadlineResolver {
  @AllowedTo(anyone)
  @Query(() => Deadline, {
    nullable: true,
    description:
      'When something is due by the calendar of working days. BAD_USER_INPUT for a term that is none, and outside the ' +
      'years that the calendar holds.',
  })
  async calculateDeadline(
    @Arg('receivedAt', () => DateTime, { description: 'When it was received.' }) receivedAt: Date,
    @Arg('term', () => Int, { description: 'How many units: 1 to 1000, and 0 for INSTANT.' }) term: number,
    @Arg('unit', () => TermUnit, { description: 'What the term is counted in.' }) unit: TermUnit,
    @Ctx() context: Context,
  ): Promise<Deadline> {
    const calendar = await calendarFrom(legalDate(receivedAt), context)
    const answer = deadlineOf(calendar, receivedAt, term, unit)
    if ('refused' in answer) throw badInput(answer.refused)
    const named = ({ names, ...day }: Skipped) => ({ ...day, names, name: names[context.language] ?? names.az })
    return { ...answer, provisional: answer.provisionalYears.length > 0, skipped: answer.skipped.map(named) }
  }
}

const rowsOf = (selected: SQL) => sql`(select coalesce(json_agg(found), '[]') from (${selected}) found)`
/** Loaded anew for each request, so an operator's change applies to the next one. */
const statement = statementOf({
  sql: sql`json_build_object(
    'years', ${rowsOf(sql`select year, provisional, accepted_until as "acceptedUntil" from ${calendarYears}`)},
    'days', ${rowsOf(sql`
      select date, type, name, non_working as "nonWorking", transferred_for as "transferredFor", provisional, confidence,
        source
      from ${calendarDays} where date >= ${new Asked(({ variables }) => variables.from)}::date order by date, code`)})`,
})
/** What is known from that day on. */
const calendarFrom = (from: string, context: Context): Promise<Calendar> =>
  statement(context.database.client, { context, variables: { from } })
