import { sql } from 'drizzle-orm'
import { check, index, integer, pgEnum, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core'
import { confidence } from '../../platform/confidence.table.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { termUnit } from '../../shared/termUnit.table.js'
import { tariffs } from './tariff.table.js'

export enum TermPurpose {
  DECISION = 'DECISION',
  STUDY = 'STUDY',
  PROACTIVE = 'PROACTIVE',
  PAYMENT = 'PAYMENT',
  ISSUE = 'ISSUE',
  COLLECTION = 'COLLECTION',
}
export const termPurpose = pgEnum('term_purpose', TermPurpose)

export const processingTerms = pgTable(
  'processing_terms',
  {
    id: id(),
    tariffId: uuid('tariff_id')
      .notNull()
      .references(() => tariffs.id),
    position: integer('position').notNull(),
    purpose: termPurpose('purpose').notNull(),
    // Null if unknown. 0 for INSTANT only.
    value: integer('value'),
    unit: termUnit('unit').notNull(),
    confidence: confidence('confidence').notNull(),
    source: text('source'),
  },
  ({ id, tariffId, position, purpose, value, unit, confidence }) => [
    index().on(tariffId, position, id),
    unique().on(tariffId, purpose),
    check('processing_terms_value_check', sql`${value} > 0 or (${value} = 0 and ${unit} = 'INSTANT')`),
    check('processing_terms_unknown_check', sql`(${value} is null) = (${confidence} = 'UNKNOWN')`),
  ],
)

describeTable(processingTerms, {
  retention: { class: 'WITH_ITS_SUBJECT', reason: 'Belongs to a version of a service.' },
  appendOnly: true,
})
