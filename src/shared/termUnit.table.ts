import { pgEnum } from 'drizzle-orm/pg-core'

/** What a term is counted in. */
export enum TermUnit {
  INSTANT = 'INSTANT',
  MINUTE = 'MINUTE',
  HOUR = 'HOUR',
  WORKING_DAY = 'WORKING_DAY',
  CALENDAR_DAY = 'CALENDAR_DAY',
  MONTH = 'MONTH',
}

export const termUnit = pgEnum('term_unit', TermUnit)
