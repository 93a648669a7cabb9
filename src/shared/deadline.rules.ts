import {
  type Calendar,
  type KnownDays,
  knownAround,
  rangesOf,
  type SkippedDay,
  SkipReason,
  skippedFor,
  yearOf,
} from './calendar.js'
import { TermUnit } from './termUnit.table.js'
import { daysAfter, daysBetween, legalDate, momentOf, monthsAfter } from './time.js'

export interface Deadline {
  acceptedOn: string
  dueOn: string
  dueAt: Date
  /** The years used whose days may still change. */
  provisionalYears: number[]
  skipped: SkippedDay[]
}
export interface Refusal {
  refused: string
}

/** No law has a longer term in any unit, and the list of skipped days stays readable. */
const longestTerm = 1000

/** When something received then is due, or why that is unknown. */
export function deadlineOf(calendar: Calendar, receivedAt: Date, term: number, unit: TermUnit): Deadline | Refusal {
  const [least, most] = unit === TermUnit.INSTANT ? [0, 0] : [1, longestTerm]
  if (term < least || term > most) {
    return { refused: `A term in ${unit} is ${most === least ? least : `${least} to ${most}`}; this is ${term}.` }
  }
  const receivedOn = legalDate(receivedAt)
  const days = knownAround(calendar, receivedOn)
  if (!days) return { refused: `${rangesOf(calendar.years)}; \`receivedAt\` is on ${receivedOn} in Baku.` }
  const deadline = counted(days, receivedAt, term, unit)
  return deadline ?? { refused: `${rangesOf(calendar.years)}; ${term} ${unit} from ${receivedOn} would end later.` }
}

/** The due date of a paused term. */
export interface Paused extends Pick<Deadline, 'dueOn' | 'dueAt'> {
  pausedAt: Date
}
/**
 * The due date after a pause: the remaining time stays the same, so a pause of no time changes nothing. In working days
 * it adds the days of the pause, by the day on which something received then is accepted.
 */
export function resumedDeadline(
  calendar: Calendar,
  { dueOn, dueAt, pausedAt }: Paused,
  resumedAt: Date,
  unit: TermUnit,
): Deadline | Refusal {
  const [pausedOn, resumedOn] = [legalDate(pausedAt), legalDate(resumedAt)]
  const days = knownAround(calendar, resumedOn)
  const refused = { refused: `${rangesOf(calendar.years)}; what is left from ${resumedOn} on would end later.` }
  if (!days) return refused
  switch (unit) {
    case TermUnit.INSTANT:
    case TermUnit.MINUTE:
    case TermUnit.HOUR:
      return aroundTheClock(days, resumedAt, Math.max(0, dueAt.getTime() - pausedAt.getTime())) ?? refused
    case TermUnit.WORKING_DAY: {
      const left = workingDaysLeft(days, pausedAt, dueOn)
      return (left === undefined ? undefined : inWorkingDays(days, resumedAt, left)) ?? refused
    }
    case TermUnit.CALENDAR_DAY:
    case TermUnit.MONTH: {
      const left = daysBetween(pausedOn, dueOn)
      // With no day left, it ends on the day on which something received now is accepted.
      if (left <= 0) return inWorkingDays(days, resumedAt, 0) ?? refused
      return endingOnWorkingDay(days, resumedOn, daysAfter(resumedOn, left)) ?? refused
    }
  }
}

/** The days after the day of acceptance, up to the last. */
function workingDaysLeft(days: KnownDays, at: Date, dueOn: string): number | undefined {
  const acceptedOn = inWorkingDays(days, at, 0)?.acceptedOn
  if (acceptedOn === undefined) return undefined
  let left = 0
  for (let date = daysAfter(acceptedOn, 1); date <= dueOn; date = daysAfter(date, 1)) if (!days.off(date)) left++
  return left
}

function counted(days: KnownDays, receivedAt: Date, term: number, unit: TermUnit): Deadline | undefined {
  const receivedOn = legalDate(receivedAt)
  switch (unit) {
    case TermUnit.INSTANT:
      return aroundTheClock(days, receivedAt, 0)
    case TermUnit.MINUTE:
      return aroundTheClock(days, receivedAt, term * 60_000)
    case TermUnit.HOUR:
      return aroundTheClock(days, receivedAt, term * 3_600_000)
    case TermUnit.WORKING_DAY:
      return inWorkingDays(days, receivedAt, term)
    case TermUnit.CALENDAR_DAY:
      return endingOnWorkingDay(days, receivedOn, daysAfter(receivedOn, term))
    case TermUnit.MONTH:
      return endingOnWorkingDay(days, receivedOn, monthsAfter(receivedOn, term))
  }
}

function aroundTheClock({ last }: KnownDays, receivedAt: Date, milliseconds: number): Deadline | undefined {
  const dueAt = new Date(receivedAt.getTime() + milliseconds)
  const dueOn = legalDate(dueAt)
  if (dueOn > last) return
  return { acceptedOn: legalDate(receivedAt), dueOn, dueAt, provisionalYears: [], skipped: [] }
}

function inWorkingDays(days: KnownDays, receivedAt: Date, term: number): Deadline | undefined {
  const receivedOn = legalDate(receivedAt)
  const skipped: SkippedDay[] = []
  const late = days.off(receivedOn) ? undefined : afterHours(days, receivedAt, receivedOn)
  if (late) skipped.push(late)
  const acceptedOn = workingDayFrom(days, late ? daysAfter(receivedOn, 1) : receivedOn, skipped)
  let dueOn = acceptedOn
  for (let count = 0; dueOn && count < term; count++) dueOn = workingDayFrom(days, daysAfter(dueOn, 1), skipped)
  return acceptedOn && dueOn ? { acceptedOn, ...endOf(days, receivedOn, dueOn), skipped } : undefined
}

function endingOnWorkingDay(days: KnownDays, receivedOn: string, end: string): Deadline | undefined {
  const skipped: SkippedDay[] = []
  const dueOn = workingDayFrom(days, end, skipped)
  return dueOn ? { acceptedOn: receivedOn, ...endOf(days, end, dueOn), skipped } : undefined
}

/** The first working day from that day on, inclusive. Undefined if the calendar ends before. */
function workingDayFrom(days: KnownDays, from: string, skipped: SkippedDay[]): string | undefined {
  for (let date = from; date <= days.last; date = daysAfter(date, 1)) {
    const off = days.off(date)
    if (!off) return date
    skipped.push(off)
  }
}

function afterHours(days: KnownDays, receivedAt: Date, receivedOn: string): SkippedDay | undefined {
  const until = closingTime(days, receivedOn)
  if (receivedAt <= momentOf(receivedOn, until)) return
  const time = until.slice(0, 5)
  const names = { az: `Saat ${time}-dan sonra daxil olub`, en: `Received after ${time}`, ru: `Поступило после ${time}` }
  return skippedFor(receivedOn, SkipReason.AFTER_HOURS, names)
}

/** A working day ends when nothing more is accepted: anything later counts for the next one. */
function endOf(days: KnownDays, from: string, dueOn: string): Pick<Deadline, 'dueOn' | 'dueAt' | 'provisionalYears'> {
  const provisionalYears = days.years
    .filter(({ year, provisional }) => provisional && year >= yearOf(from) && year <= yearOf(dueOn))
    .map(({ year }) => year)
  return { dueOn, dueAt: momentOf(dueOn, closingTime(days, dueOn)), provisionalYears }
}

function closingTime({ years }: KnownDays, date: string): string {
  const known = years.find(({ year }) => year === yearOf(date))
  if (!known) throw new Error(`a day of a known year is required; got ${date}`)
  return known.acceptedUntil
}
