import { sql } from 'drizzle-orm'
import {
  bigint,
  check,
  index,
  integer,
  pgEnum,
  pgSequence,
  pgTable,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { agencies } from '../../agencies/agency.table.js'
import { feeDue } from '../../catalogue/tariffs/fee.table.js'
import { parties } from '../../identity/parties/party.table.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { blindIndex, personal } from '../../platform/personal.js'

export enum ChargeState {
  OPEN = 'OPEN',
  PAID = 'PAID',
  CANCELLED = 'CANCELLED',
  EXPIRED = 'EXPIRED',
}
export enum ChargeSubject {
  APPLICATION = 'APPLICATION',
  FINE = 'FINE',
  FILING = 'FILING',
  /** The agency's own. */
  OTHER = 'OTHER',
}
export const chargeState = pgEnum('charge_state', ChargeState)
export const chargeSubject = pgEnum('charge_subject', ChargeSubject)
/** For the numbers that people see. May have gaps. */
export const chargeNumbers = pgSequence('charge_numbers')

/** What a party owes an agency. Paid whole or not at all. */
export const charges = pgTable(
  'charges',
  {
    id: id(),
    number: text('number').notNull().unique(),
    agencyId: uuid('agency_id')
      .notNull()
      .references(() => agencies.id),
    // Null if the agency does not say who owes it, as for a fine.
    partyId: uuid('party_id').references(() => parties.id),
    subjectType: chargeSubject('subject_type').notNull(),
    // The application. Null if the agency has only a reference.
    subjectId: uuid('subject_id'),
    // The number of what is charged: of the application, of the protocol of the fine (series and number), or of the agency's own.
    reference: text('reference'),
    // The code of the service, as named by mandates. Null if there is none.
    serviceCode: text('service_code'),
    // Of an application: when its tariff wants it.
    due: feeDue('due'),
    // In minor units: the sum of the lines.
    amount: bigint('amount', { mode: 'bigint' }).notNull(),
    currency: text('currency').notNull(),
    // In minor units: what payments applied, without what was reversed.
    paid: bigint('paid', { mode: 'bigint' }).notNull().default(sql`0`),
    state: chargeState('state').notNull(),
    revision: integer('revision').notNull().default(1),
    raisedAt: timestamp('raised_at', { withTimezone: true }).notNull(),
    payBy: timestamp('pay_by', { withTimezone: true }),
    // The moment of the payment, as the bank says it.
    paidAt: timestamp('paid_at', { withTimezone: true }),
    // When it was cancelled or expired.
    endedAt: timestamp('ended_at', { withTimezone: true }),
    changedAt: timestamp('changed_at', { withTimezone: true }).notNull(),
    // Why the agency cancelled it. Null if something else ended it.
    reason: personal('reason'),
    // Number and code together let anybody pay it. Null without a party.
    code: personal('code'),
    codeIndex: blindIndex('code_index'),
  },
  ({ id, agencyId, partyId, subjectType, subjectId, reference, amount, currency, paid, state, raisedAt, ...more }) => [
    index().on(partyId, raisedAt, id),
    // The list of an agency, in each order, state by state and merged. The last columns let the index alone filter by them.
    index('charges_raised').on(agencyId, state, raisedAt, id, more.serviceCode, subjectType),
    index('charges_changed').on(agencyId, state, more.changedAt, id, more.serviceCode, subjectType),
    index('charges_due')
      .on(agencyId, state, more.payBy, id, more.serviceCode, subjectType)
      .where(sql`${more.payBy} is not null and ${state} = 'OPEN'`),
    index().on(subjectId, raisedAt, id),
    // An application and a filing may have several charges.
    uniqueIndex('charges_live_reference')
      .on(agencyId, subjectType, reference)
      .where(sql`${state} in ('OPEN', 'PAID') and ${subjectType} not in ('APPLICATION', 'FILING')`),
    check('charges_amount_check', sql`${amount} > 0`),
    check('charges_paid_check', sql`${paid} in (0, ${amount}) and (${state} = 'PAID') = (${paid} = ${amount})`),
    check('charges_paid_at_check', sql`(${state} = 'PAID') = (${more.paidAt} is not null)`),
    check('charges_ended_check', sql`(${state} in ('CANCELLED', 'EXPIRED')) = (${more.endedAt} is not null)`),
    // What is personal is encrypted under the key of the party.
    check(
      'charges_personal_check',
      sql`${partyId} is not null or (${more.code} is null and ${more.codeIndex} is null and ${more.reason} is null)`,
    ),
    check('charges_currency_check', sql`${currency} ~ '^[A-Z]{3}$'`),
    check('charges_subject_check', sql`${subjectId} is not null or ${reference} is not null`),
  ],
)

describeTable(charges, {
  retention: {
    class: 'PERMANENT',
    reason: 'Explains every transfer of the ledger, which is kept as long as the installation.',
  },
  server: { delete: false },
})
