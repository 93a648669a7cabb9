import { describe, expect, it } from 'vitest'
import { knownAround } from '../../src/shared/calendar.js'
import { CalendarDayType as Type } from '../../src/shared/calendarDay.table.js'
import { type Deadline, deadlineOf } from '../../src/shared/deadline.rules.js'
import { TermUnit } from '../../src/shared/termUnit.table.js'
import { dataFiles } from '../support/dataFiles.js'

const { holidays } = dataFiles()
const known = knownAround(holidays, '2024-01-01')
if (!known) throw new Error('the file knows 2024')
const isOff = (date: string) => known.off(date) !== undefined

const nextDay = (date: string) => new Date(Date.parse(date) + 86_400_000).toISOString().slice(0, 10)
function* days(from: string, to: string) {
  for (let date = from; date <= to; date = nextDay(date)) yield date
}

function due(receivedAt: string, term: number, unit = TermUnit.WORKING_DAY): Deadline {
  const answer = deadlineOf(holidays, new Date(receivedAt), term, unit)
  if ('refused' in answer) throw new Error(answer.refused)
  return answer
}
const at10 = (date: string) => `${date}T10:00:00+04:00`

describe('The calendar of 2024 to 2027', () => {
  it.each([
    [2024, 241],
    [2025, 240],
    [2026, 241],
    [2027, 241],
  ])('has in %i %i working days', (year, count) => {
    expect([...days(`${year}-01-01`, `${year}-12-31`)].filter((date) => !isOff(date))).toHaveLength(count)
  })

  it('has 17 days off in March 2026, eleven of them in a row', () => {
    const march = [...days('2026-03-01', '2026-03-31')].filter(isOff)
    expect(march).toHaveLength(17)
    expect(march.slice(-11)).toEqual([...days('2026-03-20', '2026-03-30')])
  })

  it('has the days that the Cabinet swapped, in both directions', () => {
    const off = ['2025-03-27', '2025-03-28', '2024-11-12', '2024-11-13', '2024-04-12']
    const working = ['2025-03-10', '2025-04-01', '2024-11-16', '2024-11-23', '2024-04-06']
    expect(off.filter(isOff)).toEqual(off)
    expect(working.filter(isOff)).toEqual([])
    expect(known.off('2025-03-27')?.reason).toBe('SWAP')
  })

  it('has working holidays as working days', () => {
    const working = holidays.days.filter(({ type }) => type === Type.WORKING_HOLIDAY).map(({ date }) => date)
    const midweek = working.filter((date) => ![0, 6].includes(new Date(date).getUTCDay()))
    expect(midweek.filter(isOff)).toEqual(['2024-11-12']) // the Cabinet swapped that one
  })

  it('has the most serious of several reasons for a day off, and all its names', () => {
    const row = (type: Type, az: string) => ({ ...holidays.days[0], date: '2026-02-02', type, name: { az } })
    const days = [row(Type.TRANSFERRED_DAY_OFF, 'b'), row(Type.WORKING_HOLIDAY, 'c'), row(Type.MOURNING_DAY, 'a')]
    const off = days.map((day) => ({ ...day, nonWorking: day.type !== Type.WORKING_HOLIDAY }))
    const known = knownAround({ ...holidays, days: off as typeof holidays.days }, '2026-02-02')
    expect(known?.off('2026-02-02')).toMatchObject({ reason: 'MOURNING', names: { az: 'a, b' } })
  })

  it('has 20 January as a day of mourning that is never transferred', () => {
    for (const { year } of holidays.years) expect(known.off(`${year}-01-20`)?.reason).toBe('MOURNING')
    expect(isOff('2024-01-22')).toBe(false) // the 20th was a Saturday
  })

  it('has exactly the transfers of articles 105.5 and 105.6 of the Labour Code', () => {
    const given = holidays.days.filter(({ type, date }) => type === Type.TRANSFERRED_DAY_OFF && date > '2024-01-03')
    expect(given.map(({ date, transferredFor }) => `${transferredFor} → ${date}`).sort()).toEqual(transfers().sort())
    const swappedAway = given.filter(({ nonWorking }) => !nonWorking).map(({ date }) => date)
    expect(swappedAway).toEqual(['2025-03-10', '2025-04-01'])
  })
})

/** The articles, written a second time: what each feast on a weekend or on another feast moves, and to where. */
function transfers(): string[] {
  const feasts = holidays.days.filter(({ type }) => type === Type.PUBLIC_HOLIDAY)
  const isMovable = ({ code }: { code: string }) => /^(RAMAZAN|QURBAN)/.test(code)
  const taken = new Set(holidays.days.filter(({ type }) => /HOLIDAY|MOURNING/.test(type)).map(({ date }) => date))
  for (const { date, type } of holidays.days) if (type === Type.WORKING_HOLIDAY) taken.delete(date)
  const isWeekend = (date: string) => [0, 6].includes(new Date(date).getUTCDay())
  const move = (date: string) => {
    let to = nextDay(date)
    while (taken.has(to) || isWeekend(to)) to = nextDay(to)
    taken.add(to)
    return `${date} → ${to}`
  }
  const dates = [...new Set(feasts.map(({ date }) => date))].sort()
  const doubled = dates.filter((date) => {
    const here = feasts.filter((feast) => feast.date === date)
    return here.length > 1 && here.some(isMovable)
  })
  // Those of the weekend first within one run of days off, as the Cabinet did in March 2026.
  return [...dates.filter(isWeekend), ...doubled].map(move)
}

describe('deadlineOf a term in working days', () => {
  it.each([
    ['2026-03-19', 3, '2026-04-02'],
    ['2026-03-18', 3, '2026-04-01'],
    ['2026-05-26', 3, '2026-06-03'],
    ['2026-11-06', 3, '2026-11-13'],
    ['2026-12-30', 3, '2027-01-07'],
    ['2025-03-19', 3, '2025-04-03'],
    ['2025-03-07', 1, '2025-03-10'],
    ['2026-05-08', 1, '2026-05-12'],
    ['2024-11-07', 3, '2024-11-16'],
    ['2026-01-19', 1, '2026-01-21'],
    ['2026-03-19', 15, '2026-04-20'],
    ['2026-11-24', 3, '2026-11-27'],
    ['2026-12-29', 10, '2027-01-15'],
  ])('received on %s, of %i days, is %s', (receivedOn, term, dueOn) => {
    expect(due(at10(receivedOn), term).dueOn).toBe(dueOn)
  })

  // Counted from 26 March 2025 as day 0 the end is 3 April. But that was a day off: nothing could be accepted on it.
  it('counts from the next working day what is received on a day off', () => {
    expect(due(at10('2025-03-26'), 3)).toMatchObject({ acceptedOn: '2025-04-01', dueOn: '2025-04-04' })
  })

  it.each([
    ['2026-11-24T18:00:00.000+04:00', '2026-11-24'],
    ['2026-11-24T18:00:00.001+04:00', '2026-11-25'],
    ['2026-11-24T23:59:59.999+04:00', '2026-11-25'],
    ['2026-11-25T00:00:00.000+04:00', '2026-11-25'],
    ['2026-11-24T20:00:00.000Z', '2026-11-25'],
    ['2026-11-27T18:00:00.001+04:00', '2026-11-30'],
    ['2026-11-28T09:00:00.000+04:00', '2026-11-30'],
    ['2024-11-16T09:00:00.000+04:00', '2024-11-16'],
  ])('accepts what is received at %s on %s', (receivedAt, acceptedOn) => {
    expect(due(receivedAt, 1).acceptedOn).toBe(acceptedOn)
  })

  it('ends at 18:00 in Baku', () => {
    expect(due(at10('2026-11-24'), 1).dueAt).toEqual(new Date('2026-11-25T14:00:00Z'))
  })
})

describe('deadlineOf a term in other units', () => {
  it.each([
    ['2026-03-20T23:30:00+04:00', 3, TermUnit.HOUR, '2026-03-20T22:30:00Z', '2026-03-21'],
    ['2026-12-31T23:59:00+04:00', 1, TermUnit.MINUTE, '2026-12-31T20:00:00Z', '2027-01-01'],
    ['2026-03-21T03:00:00.123Z', 0, TermUnit.INSTANT, '2026-03-21T03:00:00.123Z', '2026-03-21'],
  ])('runs around the clock, also on days off: %s, %i %s', (receivedAt, term, unit, dueAt, dueOn) => {
    expect(due(receivedAt, term, unit)).toMatchObject({ dueAt: new Date(dueAt), dueOn, skipped: [] })
  })

  it.each([
    ['2026-11-24', 10, TermUnit.CALENDAR_DAY, '2026-12-04', 0],
    ['2026-11-24', 11, TermUnit.CALENDAR_DAY, '2026-12-07', 2], // a Saturday
    ['2026-03-05', 15, TermUnit.CALENDAR_DAY, '2026-03-31', 11],
    ['2026-01-31', 1, TermUnit.MONTH, '2026-03-02', 2], // 28 February is a Saturday
    ['2024-01-31', 1, TermUnit.MONTH, '2024-02-29', 0],
    ['2026-10-12', 2, TermUnit.MONTH, '2026-12-14', 2],
    ['2026-11-30', 1, TermUnit.MONTH, '2026-12-30', 0],
    ['2026-11-24', 13, TermUnit.MONTH, '2027-12-24', 0],
  ])('moves an end on a day off to the next working day: %s, %i %s', (receivedOn, term, unit, dueOn, moved) => {
    const deadline = due(`${receivedOn}T23:00:00+04:00`, term, unit)
    expect(deadline).toMatchObject({ acceptedOn: receivedOn, dueOn })
    expect(deadline.skipped).toHaveLength(moved)
  })
})
