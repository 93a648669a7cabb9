import { sql } from 'drizzle-orm'
import { check, pgEnum, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core'
import { agencies } from '../../agencies/agency.table.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'

export enum AccountKind {
  /** What a bank has collected and not given back. */
  CLEARING = 'CLEARING',
  /** What belongs to payers until it is applied or given back. */
  SUSPENSE = 'SUSPENSE',
  /** What paid charges of an agency. */
  APPLIED = 'APPLIED',
  /** What the treasury received for an agency. */
  REMITTED = 'REMITTED',
}
export const accountKind = pgEnum('account_kind', AccountKind)

/** Accounts of the ledger, each in one currency. */
export const accounts = pgTable(
  'ledger_accounts',
  {
    id: id(),
    kind: accountKind('kind').notNull(),
    currency: text('currency').notNull(),
    // The bank of CLEARING.
    provider: text('provider'),
    // The agency of APPLIED and REMITTED.
    agencyId: uuid('agency_id').references(() => agencies.id),
  },
  ({ id, kind, currency, provider, agencyId }) => [
    unique('ledger_accounts_of').on(kind, currency, provider, agencyId).nullsNotDistinct(),
    // For the composite foreign keys of transfers.
    unique('ledger_accounts_currency').on(id, currency),
    check('ledger_accounts_provider_check', sql`(${kind} = 'CLEARING') = (${provider} is not null)`),
    check('ledger_accounts_agency_check', sql`(${kind} in ('APPLIED', 'REMITTED')) = (${agencyId} is not null)`),
  ],
)

describeTable(accounts, {
  retention: { class: 'PERMANENT', reason: 'The ledger is kept as long as the installation.' },
  appendOnly: true,
})
