import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { Confidence } from '../../src/platform/confidence.table.js'
import { CalendarDayType, calendarDays } from '../../src/shared/calendarDay.table.js'
import { calendarYears } from '../../src/shared/calendarYear.table.js'
import { apiOf } from '../support/api.js'
import { cloneDatabase } from '../support/database.js'

const database = await cloneDatabase()
const { db, statements } = database
const ask = await apiOf(database)

const query = `query Due($receivedAt: DateTime!, $term: Int!, $unit: TermUnit!) {
  calculateDeadline(receivedAt: $receivedAt, term: $term, unit: $unit) {
    acceptedOn dueOn dueAt provisional provisionalYears
    skipped { date reason name names { az en ru } transferredFor provisional confidence source }
  }
}`
const due = async (receivedAt: string, term: number, unit = 'WORKING_DAY', language = 'az') =>
  (await ask(query, { language, variables: { receivedAt, term, unit } })).data.calculateDeadline
const refusalOf = async (receivedAt: unknown, term: unknown, unit = 'WORKING_DAY') => {
  const { errors } = await ask(query, { variables: { receivedAt, term, unit } })
  expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
  return errors?.[0]?.message
}

describe('calculateDeadline', () => {
  it('has the due day and each day that does not count', async () => {
    const deadline = await due('2026-03-19T10:00:00+04:00', 3)
    expect(deadline).toMatchObject({
      acceptedOn: '2026-03-19',
      dueOn: '2026-04-02',
      dueAt: '2026-04-02T14:00:00.000Z',
      provisional: false,
      provisionalYears: [],
    })
    expect(deadline.skipped.map(({ date, reason }: Record<string, string>) => `${date?.slice(5)} ${reason}`)).toEqual([
      '03-20 HOLIDAY',
      '03-21 HOLIDAY',
      '03-22 HOLIDAY',
      '03-23 HOLIDAY',
      '03-24 HOLIDAY',
      '03-25 TRANSFER',
      '03-26 TRANSFER',
      '03-27 TRANSFER',
      '03-28 WEEKEND',
      '03-29 WEEKEND',
      '03-30 TRANSFER',
    ])
    expect(deadline.skipped.at(-1)).toEqual({
      date: '2026-03-30',
      reason: 'TRANSFER',
      transferredFor: '2026-03-21',
      provisional: false,
      name: 'Keçirilmiş istirahət günü',
      names: { az: 'Keçirilmiş istirahət günü', en: 'Transferred day off', ru: 'Перенесённый выходной день' },
      confidence: 'SEEN_IN_SOURCE',
      source: 'hedeftv.az/gundem/20477',
    })
  })

  it('names skipped days in the language of the request, with both holidays of one day', async () => {
    const names = async (language: string) => (await due('2026-03-19T06:00:00Z', 1, 'WORKING_DAY', language)).skipped
    expect((await names('en'))[0].name).toBe('Novruz holiday, Ramazan holiday (Eid al-Fitr)')
    expect((await names('ru'))[0].name).toBe('Новруз байрам, Рамазан байрам')
    expect((await names('en'))[8]).toMatchObject({ reason: 'WEEKEND', name: 'Weekend', confidence: null, source: null })
  })

  it('is provisional where a year is, and names the year', async () => {
    expect(await due('2026-12-29T06:00:00Z', 10)).toMatchObject({
      dueOn: '2027-01-15',
      provisional: true,
      provisionalYears: [2027],
      skipped: expect.arrayContaining([
        expect.objectContaining({ date: '2027-01-04', provisional: true, confidence: 'RULE_DERIVED', source: null }),
      ]),
    })
    expect(await due('2027-03-01T06:00:00Z', 24, 'HOUR')).toMatchObject({ provisional: false })
  })

  it('uses the day and the closing hour in Baku', async () => {
    const friday = (time: string) => due(`2026-11-06T${time}`, 1)
    expect(await friday('14:00:00Z')).toMatchObject({ acceptedOn: '2026-11-06', dueOn: '2026-11-11' })
    expect(await friday('18:00:00.000999+04:00')).toMatchObject({ acceptedOn: '2026-11-06' })
    const late = await friday('14:00:00.001Z')
    expect(late).toMatchObject({ acceptedOn: '2026-11-11', dueOn: '2026-11-12' })
    expect(late.skipped[0]).toMatchObject({
      date: '2026-11-06',
      reason: 'AFTER_HOURS',
      name: 'Saat 18:00-dan sonra daxil olub',
    })
    expect(await friday('20:00:00Z')).toMatchObject({ skipped: [{ date: '2026-11-07' }, {}, {}, {}] })
  })

  it('takes one statement for a long term', async () => {
    statements.length = 0
    await due('2026-03-19T06:00:00Z', 200)
    expect(statements).toHaveLength(1)
  })

  it.each([
    ['2023-12-31T19:59:59Z', 1, 'WORKING_DAY', '`receivedAt` is on 2023-12-31 in Baku'],
    ['2027-12-31T20:00:00Z', 1, 'HOUR', '`receivedAt` is on 2028-01-01 in Baku'],
    ['2027-12-31T10:00:00Z', 1, 'WORKING_DAY', '1 WORKING_DAY from 2027-12-31 would end later'],
    ['2027-12-01T10:00:00Z', 1, 'MONTH', '1 MONTH from 2027-12-01 would end later'],
    ['2027-12-30T10:00:00Z', 35, 'HOUR', '35 HOUR from 2027-12-30 would end later'],
    ['2026-01-05T10:00:00Z', 1000, 'CALENDAR_DAY', '1000 CALENDAR_DAY from 2026-01-05 would end later'],
  ])('rejects a term outside the years of the calendar: %s, %s %s', async (receivedAt, term, unit, why) => {
    expect(await refusalOf(receivedAt, term, unit)).toBe(`The calendar is known from 2024-01-01 to 2027-12-31; ${why}.`)
  })

  it('rejects the years 0, 50 and 9999', async () => {
    expect(await refusalOf('0000-06-06T00:00:00Z', 1)).toContain('known from 2024-01-01 to 2027-12-31')
    expect(await refusalOf('0050-06-06T00:00:00Z', 1)).toContain('known from 2024-01-01 to 2027-12-31')
    expect(await refusalOf('9999-12-31T23:59:59Z', 1, 'HOUR')).toContain('known from 2024-01-01 to 2027-12-31')
  })

  it.each([
    [-1, 'WORKING_DAY', 'A term in WORKING_DAY is 1 to 1000; this is -1.'],
    [0, 'HOUR', 'A term in HOUR is 1 to 1000; this is 0.'],
    [1001, 'MINUTE', 'A term in MINUTE is 1 to 1000; this is 1001.'],
    [2147483647, 'MONTH', 'A term in MONTH is 1 to 1000; this is 2147483647.'],
    [1, 'INSTANT', 'A term in INSTANT is 0; this is 1.'],
  ])('rejects a term of %s %s', async (term, unit, message) => {
    expect(await refusalOf('2026-03-19T06:00:00Z', term, unit)).toBe(message)
  })

  it.each([
    '2026-03-19',
    '2026-03-19T10:00:00',
    '2026-02-30T10:00:00Z',
    '2026-03-19T24:00:00Z',
    '',
    1742371200,
    '2026-03-19T10:00:00Z2026-03-19T10:00:00Z',
  ])('rejects %s, which is no moment with an offset', async (receivedAt) => {
    const message = await refusalOf(receivedAt, 1)
    expect(message).toContain('A DateTime must have a time and an offset, such as "2026-03-19T14:30:00+04:00"; got ')
  })
})

describe('calculateDeadline after a change by the operator', () => {
  const day = { legalBasis: null, confidence: Confidence.SEEN_IN_SOURCE, source: 'a decision', provisional: false }
  const name = { az: 'Yeri dəyişdirilmiş gün' }

  it('uses a new swap at once', async () => {
    expect(await due('2026-11-24T06:00:00Z', 3)).toMatchObject({ dueOn: '2026-11-27', skipped: [] })
    await db.insert(calendarDays).values([
      { ...day, code: 'OFF', date: '2026-11-26', type: CalendarDayType.SWAPPED_DAY_OFF, name, nonWorking: true },
      { ...day, code: 'ON', date: '2026-11-28', type: CalendarDayType.SWAPPED_WORKING_DAY, name, nonWorking: false },
    ])
    const deadline = await due('2026-11-24T06:00:00Z', 3, 'WORKING_DAY', 'en')
    expect(deadline).toMatchObject({ dueOn: '2026-11-28', skipped: [{ date: '2026-11-26', reason: 'SWAP' }] })
    expect(deadline.skipped[0]).toMatchObject({ name: name.az, names: { az: name.az, en: name.az } })
  })

  it('uses a final year and a new closing hour at once', async () => {
    await db.update(calendarYears).set({ provisional: false }).where(eq(calendarYears.year, 2027))
    expect(await due('2026-12-29T06:00:00Z', 10)).toMatchObject({ provisional: false, provisionalYears: [] })
    await db.update(calendarYears).set({ acceptedUntil: '17:00:00' }).where(eq(calendarYears.year, 2027))
    expect(await due('2026-12-29T06:00:00Z', 10)).toMatchObject({ dueAt: '2027-01-15T13:00:00.000Z' })
    expect(await due('2027-02-01T13:30:00Z', 1)).toMatchObject({ acceptedOn: '2027-02-02' })
  })

  it('has a day as final when one of its two holidays is', async () => {
    const feast = { ...day, type: CalendarDayType.PUBLIC_HOLIDAY, name, nonWorking: true }
    const certain = async () => (await due('2027-02-15T06:00:00Z', 1)).skipped[0].provisional
    await db.insert(calendarDays).values({ ...feast, code: 'A', date: '2027-02-16', provisional: true })
    expect(await certain()).toBe(true)
    await db.insert(calendarDays).values({ ...feast, code: 'B', date: '2027-02-16' })
    expect(await certain()).toBe(false)
  })

  it('does not count over a gap between years', async () => {
    const year = {
      provisional: true,
      acceptedUntil: '18:00:00',
      confidence: Confidence.GENERAL_KNOWLEDGE,
      source: null,
    }
    await db.insert(calendarYears).values({ ...year, code: '2030', year: 2030 })
    expect(await due('2030-01-07T06:00:00Z', 1)).toMatchObject({ dueOn: '2030-01-08', provisional: true })
    expect(await refusalOf('2027-12-31T06:00:00Z', 1)).toBe(
      'The calendar is known from 2024-01-01 to 2027-12-31 and from 2030-01-01 to 2030-12-31; ' +
        '1 WORKING_DAY from 2027-12-31 would end later.',
    )
    await db.delete(calendarYears)
    expect(await refusalOf('2026-12-31T06:00:00Z', 1)).toContain('The calendar holds no year yet')
  })
})
