import { eq, isNull } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { Confidence } from '../../src/platform/confidence.table.js'
import { linesOf, seed } from '../../src/seed.js'
import { CalendarDayType, calendarDays } from '../../src/shared/calendarDay.table.js'
import { calendarYears } from '../../src/shared/calendarYear.table.js'
import { cloneDatabase, undoEach } from '../support/database.js'
import { changedFiles, type DataFiles, dataFiles, entryOf, keepServices } from '../support/dataFiles.js'

const database = undoEach(await cloneDatabase())
const seedChanged = (change: (holidays: DataFiles['holidays']) => void) =>
  seed(
    database,
    changedFiles((files) => {
      const { holidays } = dataFiles()
      change(holidays)
      keepServices(files, [])
      files.holidays = holidays
    }),
  )
const dayOf = async (code: string) =>
  (await database.db.select().from(calendarDays).where(eq(calendarDays.code, code)))[0]
const moveFeast = ({ days }: DataFiles['holidays']) => {
  const feast = entryOf(days, 'RAMAZAN-2027-03-09')
  Object.assign(feast, { code: 'RAMAZAN-2027-03-11', date: '2027-03-11', provisional: false })
}

describe('seedCalendar', () => {
  it('loads each day with its confidence and source', async () => {
    expect(await database.db.$count(calendarDays)).toBe(141)
    expect(await database.db.$count(calendarYears)).toBe(4)
    expect(await dayOf('SWAP-2024-11-12')).toMatchObject({
      date: '2024-11-12',
      type: 'SWAPPED_DAY_OFF',
      nonWorking: true,
      swappedWith: '2024-11-16',
      confidence: 'SEEN_IN_SOURCE',
      source: 'metbuat.az/news/1511985',
    })
    expect(await dayOf('TRANSFER-2026-05-29')).toMatchObject({
      transferredFor: '2026-05-28',
      legalBasis: 'Labour Code Art. 105.6',
      confidence: 'RULE_DERIVED',
      source: null,
    })
  })

  it('removes a seeded day that left the file', async () => {
    const report = await seedChanged(moveFeast)
    expect(report.calendarDays).toMatchObject({
      added: ['RAMAZAN-2027-03-11'],
      removed: ['RAMAZAN-2027-03-09'],
      gone: [],
      kept: [],
    })
    expect(await dayOf('RAMAZAN-2027-03-09')).toBeUndefined()
    expect(linesOf(report)).toContain('calendarDays: in the data files no more, taken out: RAMAZAN-2027-03-09')
  })

  it('keeps and reports days that the operator changed or added', async () => {
    const { db } = database
    await db.update(calendarDays).set({ source: 'decision 1' }).where(eq(calendarDays.code, 'RAMAZAN-2027-03-09'))
    const own = { date: '2027-02-01', name: { az: 'Seçki günü' }, nonWorking: true, provisional: false }
    await db
      .insert(calendarDays)
      .values({ ...own, code: 'OWN', type: CalendarDayType.ELECTION_DAY, confidence: Confidence.SEEN_IN_SOURCE })
    const report = await seedChanged(moveFeast)
    expect(report.calendarDays).toMatchObject({ gone: ['RAMAZAN-2027-03-09'], removed: [] })
    expect(await dayOf('RAMAZAN-2027-03-09')).toMatchObject({ source: 'decision 1' })
    expect(await db.$count(calendarDays, isNull(calendarDays.seeded))).toBe(1)
  })

  it('merges a changed entry with the fields that the operator changed', async () => {
    const { db } = database
    await db.update(calendarDays).set({ nonWorking: false }).where(eq(calendarDays.code, 'QURBAN-2027-05-17'))
    await db.update(calendarYears).set({ provisional: false }).where(eq(calendarYears.year, 2027))
    const report = await seedChanged(({ days, years }) => {
      Object.assign(entryOf(days, 'QURBAN-2027-05-17'), { provisional: false, source: 'decision 2' })
      Object.assign(years[3] as object, { acceptedUntil: '17:00:00' })
    })
    expect(report.calendarDays).toMatchObject({ renewed: ['QURBAN-2027-05-17'], kept: [] })
    expect(await dayOf('QURBAN-2027-05-17')).toMatchObject({
      nonWorking: false,
      provisional: false,
      source: 'decision 2',
    })
    const [year] = await db.select().from(calendarYears).where(eq(calendarYears.year, 2027))
    expect(year).toMatchObject({ provisional: false, acceptedUntil: '17:00:00' })
  })

  it.each<[string, (holidays: DataFiles['holidays']) => void, string]>([
    ['a day outside its years', ({ years }) => void years.pop(), 'days.110.date: a day of a year in this file'],
    [
      'a year that appears twice',
      ({ years }) => void years.push({ ...years[0] } as never),
      'years: a year is given once',
    ],
    [
      'a swapped working day that is off',
      ({ days }) => void Object.assign(entryOf(days, 'SWAP-2024-04-06'), { nonWorking: true }),
      'days.13.nonWorking: false for a working day',
    ],
    [
      'an impossible date',
      ({ days }) => void Object.assign(days[0] as object, { date: '2024-02-30' }),
      'days.0.date: ',
    ],
    [
      'an hour without minutes',
      ({ years }) => void Object.assign(years[0] as object, { acceptedUntil: '18' }),
      'years.0',
    ],
  ])('refuses %s with its place', async (_, change, message) => {
    await expect(seedChanged(change)).rejects.toThrow(`shared/holidays.data.json: ${message}`)
    expect(await database.db.$count(calendarDays)).toBe(dataFiles().holidays.days.length)
  })
})
