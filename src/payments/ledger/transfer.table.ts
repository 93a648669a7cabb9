import { sql } from 'drizzle-orm'
import { bigint, check, foreignKey, index, pgEnum, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { charges } from '../charges/charge.table.js'
import { payments } from '../checkout/payment.table.js'
import { accounts } from './account.table.js'

export enum LedgerTransferKind {
  /** The bank collected it: CLEARING to SUSPENSE. */
  CAPTURE = 'CAPTURE',
  /** It paid a charge: SUSPENSE to APPLIED. */
  APPLY = 'APPLY',
  /** The treasury received it: APPLIED to REMITTED. */
  REMIT = 'REMIT',
  /** It goes back to the payer: APPLIED or REMITTED to SUSPENSE. */
  RELEASE = 'RELEASE',
  /** The bank gave it back: SUSPENSE to CLEARING. */
  REFUND = 'REFUND',
  /** The bank took it back: SUSPENSE to CLEARING. */
  REVERSAL = 'REVERSAL',
}
export const ledgerTransferKind = pgEnum('ledger_transfer_kind', LedgerTransferKind)

/** Movements of money. Each is one row that debits one account and credits another, so the ledger balances by construction. */
export const transfers = pgTable(
  'ledger_transfers',
  {
    id: id(),
    kind: ledgerTransferKind('kind').notNull(),
    debitId: uuid('debit_id').notNull(),
    creditId: uuid('credit_id').notNull(),
    // In minor units.
    amount: bigint('amount', { mode: 'bigint' }).notNull(),
    currency: text('currency').notNull(),
    paymentId: uuid('payment_id')
      .notNull()
      .references(() => payments.id),
    chargeId: uuid('charge_id').references(() => charges.id),
    refundId: uuid('refund_id'),
    at: timestamp('at', { withTimezone: true }).notNull(),
  },
  ({ id, kind, debitId, creditId, amount, currency, paymentId, chargeId, refundId, at }) => [
    index().on(paymentId, id),
    index().on(chargeId, id),
    index().on(debitId, at),
    index().on(creditId, at),
    foreignKey({
      name: 'ledger_transfers_debit_fk',
      columns: [debitId, currency],
      foreignColumns: [accounts.id, accounts.currency],
    }),
    foreignKey({
      name: 'ledger_transfers_credit_fk',
      columns: [creditId, currency],
      foreignColumns: [accounts.id, accounts.currency],
    }),
    check('ledger_transfers_amount_check', sql`${amount} > 0`),
    check('ledger_transfers_sides_check', sql`${debitId} <> ${creditId}`),
    check('ledger_transfers_charge_check', sql`(${kind} in ('APPLY', 'REMIT', 'RELEASE')) = (${chargeId} is not null)`),
    check('ledger_transfers_refund_check', sql`${kind} <> 'REFUND' or ${refundId} is not null`),
  ],
)

describeTable(transfers, {
  retention: { class: 'PERMANENT', reason: 'The ledger is kept as long as the installation.' },
  appendOnly: true,
})
