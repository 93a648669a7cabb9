import { pgEnum } from 'drizzle-orm/pg-core'

/** The unit of a term. */
export enum TermUnit {
  INSTANT = 'INSTANT',
  MINUTE = 'MINUTE',
  HOUR = 'HOUR',
  WORKING_DAY = 'WORKING_DAY',
  CALENDAR_DAY = 'CALENDAR_DAY',
  MONTH = 'MONTH',
}

export const termUnit = pgEnum('term_unit', TermUnit)
