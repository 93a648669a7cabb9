import { sql } from 'drizzle-orm'
import { boolean, check, integer, pgEnum, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { confidence } from '../../platform/confidence.table.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { termUnit } from '../../shared/termUnit.table.js'
import { serviceVersions } from './serviceVersion.table.js'

/** The period that a filing is about. */
export enum FilingPeriod {
  NONE = 'NONE',
  MONTH = 'MONTH',
  QUARTER = 'QUARTER',
  YEAR = 'YEAR',
}
/** Who acknowledges a filing: a rule of the platform at once, or the agency. */
export enum Acknowledger {
  RULE = 'RULE',
  AGENCY = 'AGENCY',
}
export const filingPeriod = pgEnum('filing_period', FilingPeriod)
export const acknowledger = pgEnum('acknowledger', Acknowledger)

/** How filings of a version are handled. Each version that is handled as FILING has one. */
export const filingRules = pgTable(
  'filing_rules',
  {
    id: id(),
    versionId: uuid('version_id')
      .notNull()
      .unique()
      .references(() => serviceVersions.id),
    period: filingPeriod('period').notNull(),
    // Whether a party has one live filing for each period.
    onePerPeriod: boolean('one_per_period').notNull(),
    acknowledgedBy: acknowledger('acknowledged_by').notNull(),
    // The time after the receipt in which a filing can be replaced or withdrawn. Null if it is not limited.
    correctionValue: integer('correction_value'),
    correctionUnit: termUnit('correction_unit'),
    // The field of `FilingContentInput` with the typed content of its form, such as vatReturn2026. Null if there is none.
    typedAs: text('typed_as'),
    confidence: confidence('confidence').notNull(),
    source: text('source'),
  },
  ({ period, onePerPeriod, correctionValue, correctionUnit, typedAs }) => [
    check('filing_rules_period_check', sql`not ${onePerPeriod} or ${period} <> 'NONE'`),
    check(
      'filing_rules_correction_check',
      sql`(${correctionValue} is null) = (${correctionUnit} is null) and ${correctionValue} > 0 and ${correctionUnit} in ('CALENDAR_DAY', 'MONTH')`,
    ),
    check('filing_rules_typed_as_check', sql`${typedAs} ~ '^[a-z][a-zA-Z0-9]{2,60}$'`),
  ],
)

describeTable(filingRules, {
  retention: { class: 'WITH_ITS_SUBJECT', reason: 'Belongs to a version of a service.' },
  appendOnly: true,
})
