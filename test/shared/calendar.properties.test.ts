import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Confidence } from '../../src/platform/confidence.table.js'
import { type Calendar, type CalendarDay, knownAround } from '../../src/shared/calendar.js'
import { CalendarDayType as Type } from '../../src/shared/calendarDay.table.js'
import { type Deadline, deadlineOf, resumedDeadline } from '../../src/shared/deadline.rules.js'
import { TermUnit } from '../../src/shared/termUnit.table.js'
import { dataFiles } from '../support/dataFiles.js'
import { long } from '../support/long.js'

const assert = (property: fc.IProperty<any>) => fc.assert(property, { numRuns: long ? 100 : 20 })

const day = 86_400_000
const dateOf = (at: number) => new Date(at).toISOString().slice(0, 10)
const daysBetween = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / day

const dates = fc.integer({ min: 0, max: 730 }).map((at) => dateOf(Date.UTC(2026, 0, 1) + at * day))
const calendarDay = fc
  .record({ date: dates, type: fc.constantFrom(...Object.values(Type)), provisional: fc.boolean() })
  .map(
    ({ type, ...said }): CalendarDay => ({
      ...said,
      type,
      nonWorking: !/WORKING/.test(type),
      name: { az: type },
      transferredFor: null,
      confidence: Confidence.GENERAL_KNOWLEDGE,
      source: null,
    }),
  )
const years = [2026, 2027].map((year) => ({ year, provisional: year === 2027, acceptedUntil: '18:00:00' }))
const calendars: fc.Arbitrary<Calendar> = fc.oneof(
  fc.array(calendarDay, { maxLength: 150 }).map((days) => ({ years, days })),
  fc.constant<Calendar>(dataFiles().holidays),
)
const moments = fc.oneof(
  fc.date({ min: new Date('2025-12-31T20:00:00Z'), max: new Date('2027-12-31T19:59:59Z'), noInvalidDate: true }),
  // Around the hour and the midnight at which things change.
  fc
    .tuple(dates, fc.constantFrom(14, 20), fc.integer({ min: -2, max: 2 }))
    .map(([date, hour, ms]) => new Date(Date.parse(date) + hour * 3_600_000 + ms))
    .filter((at) => at < new Date('2027-12-31T20:00:00Z')),
)
const units = fc.constantFrom(...Object.values(TermUnit).filter((unit) => unit !== TermUnit.INSTANT))
const terms = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 1000 }))

const due = (calendar: Calendar, receivedAt: Date, term: number, unit: TermUnit): Deadline | undefined => {
  const answer = deadlineOf(calendar, receivedAt, term, unit)
  if ('refused' in answer) expect(answer.refused).toMatch(/^The calendar is known from .* would end later\.$/)
  return 'refused' in answer ? undefined : answer
}
/** What runs out of the calendar ends after everything that does not. */
const endOf = (deadline: Deadline | undefined) => deadline?.dueAt.getTime() ?? Number.POSITIVE_INFINITY
const offIn = (calendar: Calendar) => {
  const known = knownAround(calendar, '2026-06-01')
  if (!known) throw new Error('the calendar knows 2026')
  return (date: string) => known.off(date)
}

describe('deadlineOf in any calendar', () => {
  it('never ends a longer term sooner', () =>
    assert(
      fc.property(calendars, moments, terms, terms, units, (calendar, at, a, b, unit) => {
        const [fewer, more] = [Math.min(a, b), Math.max(a, b)]
        expect(endOf(due(calendar, at, more, unit))).toBeGreaterThanOrEqual(endOf(due(calendar, at, fewer, unit)))
      }),
    ))

  it('never ends a term sooner that is received later', () =>
    assert(
      fc.property(calendars, moments, moments, terms, units, (calendar, a, b, term, unit) => {
        const [sooner, later] = a < b ? [a, b] : [b, a]
        expect(endOf(due(calendar, later, term, unit))).toBeGreaterThanOrEqual(endOf(due(calendar, sooner, term, unit)))
      }),
    ))

  it('never ends a term sooner because of another day off', () =>
    assert(
      fc.property(calendars, calendarDay, moments, terms, units, (calendar, another, at, term, unit) => {
        const days = [...calendar.days, { ...another, type: Type.PUBLIC_HOLIDAY, nonWorking: true }]
        expect(endOf(due({ ...calendar, days }, at, term, unit))).toBeGreaterThanOrEqual(
          endOf(due(calendar, at, term, unit)),
        )
      }),
    ))

  it('ends no term in days or months on a day off, and accepts no term in working days on one', () =>
    assert(
      fc.property(calendars, moments, terms, units, (calendar, at, term, unit) => {
        const deadline = due(calendar, at, term, unit)
        if (!deadline || unit === TermUnit.HOUR || unit === TermUnit.MINUTE) return
        const off = offIn(calendar)
        expect(off(deadline.dueOn)).toBeUndefined()
        if (unit === TermUnit.WORKING_DAY) expect(off(deadline.acceptedOn)).toBeUndefined()
      }),
    ))

  it('counts working days from the day after acceptance and skips all others', () =>
    assert(
      fc.property(calendars, moments, terms, (calendar, at, term) => {
        const deadline = due(calendar, at, term, TermUnit.WORKING_DAY)
        if (!deadline) return
        const receivedOn = dateOf(at.getTime() + 4 * 3_600_000)
        const { acceptedOn, dueOn, skipped } = deadline
        expect(daysBetween(receivedOn, dueOn)).toBe(term + skipped.length)
        const skippedDates = skipped.map(({ date }) => date)
        expect(skippedDates).toEqual([...new Set(skippedDates)].sort())
        expect(skippedDates).not.toContain(acceptedOn)
        // One after the other, told apart from the rules: every day after the acceptance counts that is no day off.
        const off = offIn(calendar)
        let [date, left] = [acceptedOn, term]
        while (left > 0) {
          date = dateOf(Date.parse(date) + day)
          if (!off(date)) left--
        }
        expect(dueOn).toBe(date)
      }),
    ))

  it('ends a term in calendar days after its length and the days off at its end', () =>
    assert(
      fc.property(calendars, moments, terms, (calendar, at, term) => {
        const deadline = due(calendar, at, term, TermUnit.CALENDAR_DAY)
        if (deadline) expect(daysBetween(deadline.acceptedOn, deadline.dueOn)).toBe(term + deadline.skipped.length)
      }),
    ))

  it('ignores the calendar for hours and minutes', () =>
    assert(
      fc.property(calendars, moments, terms, (calendar, at, term) => {
        for (const [unit, length] of [
          [TermUnit.HOUR, 3_600_000],
          [TermUnit.MINUTE, 60_000],
        ] as const) {
          const deadline = due(calendar, at, term, unit)
          if (deadline) expect(deadline.dueAt.getTime() - at.getTime()).toBe(term * length)
        }
      }),
    ))

  it('names a provisional year exactly when the term reaches it', () =>
    assert(
      fc.property(calendars, moments, terms, units, (calendar, at, term, unit) => {
        const deadline = due(calendar, at, term, unit)
        if (!deadline || unit === TermUnit.HOUR || unit === TermUnit.MINUTE) return
        expect(deadline.provisionalYears).toEqual(deadline.dueOn > '2027' ? [2027] : [])
      }),
    ))
})

describe('resumedDeadline in any calendar', () => {
  /** A term, and a moment within it, as far into it as the share says. */
  const running = fc.tuple(
    calendars,
    moments,
    fc.integer({ min: 1, max: 60 }),
    units,
    fc.double({ min: 0, max: 1, noNaN: true }),
  )
  const momentIn = (from: Date, { dueAt }: Deadline, share: number) =>
    new Date(from.getTime() + Math.floor(share * Math.max(0, dueAt.getTime() - from.getTime())))
  const resumed = (calendar: Calendar, deadline: Deadline, pausedAt: Date, at: Date, unit: TermUnit) => {
    const answer = resumedDeadline(calendar, { ...deadline, pausedAt }, at, unit)
    return 'refused' in answer ? undefined : answer
  }

  it('keeps the due moment after a pause of no time', () =>
    assert(
      fc.property(running, ([calendar, at, term, unit, share]) => {
        const deadline = due(calendar, at, term, unit)
        if (!deadline) return
        const pausedAt = momentIn(at, deadline, share)
        const again = resumed(calendar, deadline, pausedAt, pausedAt, unit)
        expect([again?.dueOn, again?.dueAt]).toEqual([deadline.dueOn, deadline.dueAt])
      }),
    ))

  it('never moves the due moment forward for a longer pause', () =>
    assert(
      fc.property(running, moments, moments, ([calendar, at, term, unit, share], a, b) => {
        const deadline = due(calendar, at, term, unit)
        if (!deadline) return
        const pausedAt = momentIn(at, deadline, share)
        const [sooner, later] = [a, b]
          .map((one) => (one < pausedAt ? pausedAt : one))
          .sort((x, y) => Number(x) - Number(y))
        const [first, second] = [sooner, later].map((one) =>
          endOf(resumed(calendar, deadline, pausedAt, one as Date, unit)),
        )
        expect(second).toBeGreaterThanOrEqual(first as number)
        expect(first).toBeGreaterThanOrEqual(deadline.dueAt.getTime())
      }),
    ))

  it('never ends a term before its resumption, even if it was over when it was paused', () =>
    assert(
      fc.property(running, moments, moments, ([calendar, at, term, unit], a, b) => {
        const deadline = due(calendar, at, term, unit)
        if (!deadline) return
        const [pausedAt, resumedAt] = [a, b].sort((x, y) => Number(x) - Number(y)) as [Date, Date]
        const again = resumed(calendar, deadline, pausedAt, resumedAt, unit)
        expect(endOf(again)).toBeGreaterThanOrEqual(resumedAt.getTime())
      }),
    ))

  it('moves the due day by the working days of the pause', () =>
    assert(
      fc.property(running, moments, ([calendar, at, term, , share], one) => {
        const deadline = due(calendar, at, term, TermUnit.WORKING_DAY)
        if (!deadline) return
        const pausedAt = momentIn(at, deadline, share)
        const resumedAt = one < pausedAt ? pausedAt : one
        const again = resumed(calendar, deadline, pausedAt, resumedAt, TermUnit.WORKING_DAY)
        const [stopped, begun] = [pausedAt, resumedAt].map(
          (from) => due(calendar, from, 1, TermUnit.WORKING_DAY)?.acceptedOn,
        )
        if (!again || !stopped || !begun) return
        const off = offIn(calendar)
        const working = (from: string, to: string) => {
          let count = 0
          for (let date = from; date < to; date = dateOf(Date.parse(date) + day)) if (!off(date)) count++
          return count
        }
        expect(working(deadline.dueOn, again.dueOn)).toBe(working(stopped, begun))
      }),
    ))
})
