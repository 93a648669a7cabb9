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
  description: 'Why a day does not count. The first applicable reason is shown.',
  valuesConfig: {
    HOLIDAY: { description: 'Public holiday.' },
    MOURNING: { description: 'Day of national mourning.' },
    ELECTION: { description: 'Election day.' },
    SWAP: { description: 'Working day that the Cabinet swapped for a day off.' },
    TRANSFER: { description: 'Day off for a holiday that falls on a weekend or another holiday.' },
    WEEKEND: { description: 'Saturday or Sunday.' },
    AFTER_HOURS: { description: 'Day of receipt, after the end of business.' },
  },
})

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'A day that does not count towards a term.' })
export class SkippedDay {
  @Field(() => LegalDate, { description: 'Date of the day.' })
  date!: string
  @Field(() => SkipReason, { description: 'Why the day does not count.' })
  reason!: SkipReason
  @Field(() => String, { description: 'Name of the day. In the language of `Accept-Language` (az, en, ru).' })
  name!: string
  @Field(() => LocalizedText, { description: 'Name of the day in all languages.' })
  names!: Words
  @Field(() => LegalDate, {
    nullable: true,
    description: 'Holiday that a TRANSFER compensates for. Null for other reasons.',
  })
  transferredFor!: string | null
  @Field(() => Boolean, { description: 'True if the Cabinet has not confirmed the day yet.' })
  provisional!: boolean
  @Field(() => Confidence, {
    nullable: true,
    description: 'Confidence in the day. Null for WEEKEND and AFTER_HOURS.',
  })
  confidence!: Confidence | null
  @Field(() => String, { nullable: true, description: source })
  source!: string | null
}

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'Due date of a term, and how it was calculated.' })
export class Deadline {
  @Field(() => LegalDate, {
    description:
      'Day of acceptance, which does not count. Usually the day of receipt. ' +
      'For working days: the next working day, if received after 18:00 or on a day off.',
  })
  acceptedOn!: string
  @Field(() => LegalDate, { description: 'Last day of the term.' })
  dueOn!: string
  @Field(() => DateTime, {
    description:
      'End of the term. For days and months: 18:00 in Baku on `dueOn`. For hours and minutes: the exact ' + 'moment.',
  })
  dueAt!: Date
  @Field(() => Boolean, { description: 'True if the term includes a year whose days off may still change.' })
  provisional!: boolean
  @Field(() => [Int], { description: 'Years whose days off may still change.' })
  provisionalYears!: number[]
  @Field(() => [SkippedDay], {
    description:
      'Days that did not count, in order. For working days: all since receipt. For calendar days and ' +
      'months: those that moved the end. Empty for hours, minutes and INSTANT.',
  })
  skipped!: SkippedDay[]
}

@Resolver()
export class DeadlineResolver {
  @AllowedTo(anyone)
  @Query(() => Deadline, {
    nullable: true,
    description:
      'Calculates the due date of a term from the calendar of working days. Returns BAD_USER_INPUT if the ' +
      'term is invalid or outside the loaded calendar years.',
  })
  async calculateDeadline(
    @Arg('receivedAt', () => DateTime, { description: 'Time of receipt.' }) receivedAt: Date,
    @Arg('term', () => Int, { description: 'Number of units: 1 to 1000, or 0 for INSTANT.' }) term: number,
    @Arg('unit', () => TermUnit, { description: 'Unit of the term.' }) unit: TermUnit,
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
