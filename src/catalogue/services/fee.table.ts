import { sql } from 'drizzle-orm'
import { bigint, check, index, integer, pgEnum, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { confidence } from '../../platform/confidence.table.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { words } from '../../shared/words.js'
import { serviceVersions } from './serviceVersion.table.js'

export enum FeeDue {
  NONE = 'NONE',
  BEFORE_PROCESSING = 'BEFORE_PROCESSING',
  AFTER_APPROVAL = 'AFTER_APPROVAL',
}

export const feeDue = pgEnum('fee_due', FeeDue)

export const fees = pgTable(
  'fees',
  {
    id: id(),
    versionId: uuid('version_id')
      .notNull()
      .references(() => serviceVersions.id),
    position: integer('position').notNull(),
    variant: words('variant').notNull(),
    // In minor units. Null if unknown, which does not mean free.
    amount: bigint('amount', { mode: 'bigint' }),
    currency: text('currency').notNull(),
    due: feeDue('due').notNull(),
    confidence: confidence('confidence').notNull(),
    source: text('source'),
    note: words('note'),
  },
  ({ id, versionId, position, amount, currency, confidence }) => [
    index().on(versionId, position, id),
    check('fees_amount_check', sql`${amount} >= 0`),
    check('fees_unknown_check', sql`(${amount} is null) = (${confidence} = 'UNKNOWN')`),
    check('fees_currency_check', sql`${currency} ~ '^[A-Z]{3}$'`),
  ],
)

describeTable(fees, {
  retention: { class: 'WITH_ITS_SUBJECT', reason: 'Belongs to a version of a service.' },
  appendOnly: true,
})
