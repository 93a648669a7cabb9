import { isDeepStrictEqual } from 'node:util'
import { inArray } from 'drizzle-orm'
import { z } from 'zod'
import { byCode, codeInFile, provenanceInFile, wordsInFile } from '../platform/dataFile.js'
import { type Changes, seedRows, type Transaction } from '../platform/seeding.js'
import { CalendarDayType, calendarDays } from './calendarDay.table.js'
import { calendarYears } from './calendarYear.table.js'

const yearInFile = z.strictObject({
  year: z.int().min(2000).max(2999),
  provisional: z.boolean(),
  acceptedUntil: z.iso.time({ precision: 0 }),
  ...provenanceInFile,
})

const dayInFile = z.strictObject({
  code: codeInFile,
  date: z.iso.date(),
  type: z.enum(CalendarDayType),
  name: wordsInFile,
  nonWorking: z.boolean(),
  transferredFor: z.iso.date().nullable(),
  swappedWith: z.iso.date().nullable(),
  provisional: z.boolean(),
  legalBasis: z.string().trim().min(1).nullable(),
  ...provenanceInFile,
})

export const holidaysFile = z
  .strictObject({ compiledOn: z.iso.date(), years: z.array(yearInFile), days: byCode(dayInFile) })
  .superRefine(({ years, days }, context) => {
    const known = new Set(years.map(({ year }) => year))
    if (known.size < years.length)
      context.addIssue({ code: 'custom', path: ['years'], input: years.length, message: 'a year is given once' })
    for (const [index, { date, type, nonWorking }] of days.entries()) {
      const refuse = (field: string, input: unknown, message: string) =>
        context.addIssue({ code: 'custom', path: ['days', index, field], input, message })
      if (!known.has(Number(date.slice(0, 4)))) refuse('date', date, 'a day of a year in this file')
      if (nonWorking && type === 'SWAPPED_WORKING_DAY') refuse('nonWorking', nonWorking, 'false for a working day')
    }
  })

export async function seedCalendar(
  tx: Transaction,
  file: z.output<typeof holidaysFile>,
): Promise<{ calendarYears: Changes; calendarDays: Changes }> {
  const years = file.years.map((year) => ({ ...year, code: String(year.year) }))
  const yearRows = await seedRows(tx, calendarYears, years, ({ code, ...fields }) => fields)
  const dayRows = await seedRows(tx, calendarDays, file.days, ({ code, ...fields }) => fields)
  return { calendarYears: yearRows.changes, calendarDays: await removeGone(tx, dayRows.changes) }
}

/**
 * A day missing from the file was a forecast or a mistake, and would keep stopping the clock. An operator's changes
 * stay.
 */
async function removeGone(tx: Transaction, changes: Changes): Promise<Changes> {
  if (changes.gone.length === 0) return changes
  const rows = await tx.select().from(calendarDays).where(inArray(calendarDays.code, changes.gone))
  const removed = rows.filter(asSeeded).map(({ code }) => code)
  await tx.delete(calendarDays).where(inArray(calendarDays.code, removed))
  return { ...changes, removed, gone: changes.gone.filter((code) => !removed.includes(code)) }
}

const asSeeded = ({ seeded, ...row }: typeof calendarDays.$inferSelect) =>
  Object.entries(seeded as object).every(([field, value]) => isDeepStrictEqual(row[field as keyof typeof row], value))
