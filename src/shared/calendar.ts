import type { Confidence } from '../platform/confidence.table.js'
import { CalendarDayType as Type } from './calendarDay.table.js'
import type { Words } from './words.js'

/** What rows say about the days. */
export interface Calendar {
  years: CalendarYear[]
  days: CalendarDay[]
}
export interface CalendarYear {
  year: number
  /** The Cabinet has not fixed its movable holidays yet. */
  provisional: boolean
  /** "18:00:00": anything later is accepted on the next working day. */
  acceptedUntil: string
}
export interface CalendarDay {
  date: string
  type: Type
  name: Words
  nonWorking: boolean
  transferredFor: string | null
  provisional: boolean
  confidence: Confidence
  source: string | null
}

/** Why a day did not count. With several reasons, the first of these. */
export enum SkipReason {
  HOLIDAY = 'HOLIDAY',
  MOURNING = 'MOURNING',
  ELECTION = 'ELECTION',
  SWAP = 'SWAP',
  TRANSFER = 'TRANSFER',
  WEEKEND = 'WEEKEND',
  AFTER_HOURS = 'AFTER_HOURS',
}
export interface SkippedDay {
  date: string
  reason: SkipReason
  names: Words
  transferredFor: string | null
  provisional: boolean
  /** Null if the weekday or the hour is the reason, not a row. */
  confidence: Confidence | null
  source: string | null
}

/** The consecutive known years around one, and each of their days by date. */
export interface KnownDays {
  first: string
  last: string
  years: CalendarYear[]
  off(date: string): SkippedDay | undefined
}

/** Undefined if nothing is known about that date. */
export function knownAround({ years, days }: Calendar, date: string): KnownDays | undefined {
  const run = runsOf(years).find((run) => run.some(({ year }) => year === yearOf(date)))
  if (!run) return
  const byDate = new Map<string, CalendarDay[]>()
  for (const day of days) byDate.set(day.date, [...(byDate.get(day.date) ?? []), day])
  return { ...endsOf(run), years: run, off: (date) => dayOff(date, byDate.get(date) ?? []) }
}

/** "The calendar is known from 2024-01-01 to 2027-12-31". */
export function rangesOf(years: CalendarYear[]): string {
  const ranges = runsOf(years).map((run) => `from ${endsOf(run).first} to ${endsOf(run).last}`)
  return ranges.length ? `The calendar is known ${ranges.join(' and ')}` : 'The calendar holds no year yet'
}

export const yearOf = (date: string) => Number(date.slice(0, 4))

function runsOf(years: CalendarYear[]): CalendarYear[][] {
  const runs: CalendarYear[][] = []
  for (const year of [...years].sort((a, b) => a.year - b.year)) {
    const run = runs.at(-1)
    if (run?.at(-1)?.year === year.year - 1) run.push(year)
    else runs.push([year])
  }
  return runs
}
const endsOf = (run: CalendarYear[]) => ({ first: `${run[0]?.year}-01-01`, last: `${run.at(-1)?.year}-12-31` })

const reasons: Partial<Record<Type, SkipReason>> = {
  PUBLIC_HOLIDAY: SkipReason.HOLIDAY,
  MOURNING_DAY: SkipReason.MOURNING,
  ELECTION_DAY: SkipReason.ELECTION,
  SWAPPED_DAY_OFF: SkipReason.SWAP,
  TRANSFERRED_DAY_OFF: SkipReason.TRANSFER,
}
const order = Object.values(SkipReason)
const reasonOf = ({ type }: CalendarDay) => reasons[type] ?? SkipReason.HOLIDAY

/** A day that the Cabinet declared a working day is one, whatever other rows say. */
function dayOff(date: string, entries: CalendarDay[]): SkippedDay | undefined {
  if (entries.some(({ type }) => type === Type.SWAPPED_WORKING_DAY)) return
  const [first, ...others] = entries
    .filter(({ nonWorking }) => nonWorking)
    .sort((a, b) => order.indexOf(reasonOf(a)) - order.indexOf(reasonOf(b)))
  if (!first) return isWeekend(date) ? skippedFor(date, SkipReason.WEEKEND, weekend) : undefined
  const { transferredFor, confidence, source } = first
  return {
    date,
    reason: reasonOf(first),
    names: joined([first, ...others].map(({ name }) => name)),
    transferredFor,
    confidence,
    source,
    // One certain holiday makes the day certain.
    provisional: [first, ...others].every(({ provisional }) => provisional),
  }
}

/** A day that does not count for a reason without a row. */
export const skippedFor = (date: string, reason: SkipReason, names: Words): SkippedDay => ({
  date,
  reason,
  names,
  transferredFor: null,
  provisional: false,
  confidence: null,
  source: null,
})

const weekend: Words = { az: 'İstirahət günü', en: 'Weekend', ru: 'Выходной день' }
const isWeekend = (date: string) => [0, 6].includes(new Date(date).getUTCDay())

const joined = (names: Words[]): Words => {
  const all = (language: 'az' | 'en' | 'ru') => [...new Set(names.map((name) => name[language] ?? name.az))].join(', ')
  return { az: all('az'), en: all('en'), ru: all('ru') }
}
