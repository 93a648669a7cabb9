import { sql } from 'drizzle-orm'
import { v7 } from 'uuid'
import type { Transaction } from '../../platform/seeding.js'
import { AccountKind } from './account.table.js'
import type { LedgerTransferKind } from './transfer.table.js'

/** An account, named by what it is for. */
export type Account =
  | { kind: AccountKind.CLEARING; provider: string }
  | { kind: AccountKind.SUSPENSE }
  | { kind: AccountKind.APPLIED | AccountKind.REMITTED; agencyId: string }

export interface Transfer {
  kind: LedgerTransferKind
  debit: Account
  credit: Account
  /** In minor units. */
  amount: bigint
  currency: string
  paymentId: string
  chargeId?: string
  refundId?: string
  at: Date
}

export const clearing = (provider: string): Account => ({ kind: AccountKind.CLEARING, provider })
export const suspense: Account = { kind: AccountKind.SUSPENSE }
export const applied = (agencyId: string): Account => ({ kind: AccountKind.APPLIED, agencyId })
export const remitted = (agencyId: string): Account => ({ kind: AccountKind.REMITTED, agencyId })

/** Posts transfers in the transaction of the state that they belong to, after its row was locked. Opens missing accounts. */
export async function post(tx: Transaction, posted: readonly Transfer[]): Promise<void> {
  if (posted.length === 0) return
  const rows = posted.map(({ debit, credit, amount, ...more }) => ({
    id: v7(),
    ...more,
    amount: amount.toString(),
    debit: { provider: null, agencyId: null, ...debit },
    credit: { provider: null, agencyId: null, ...credit },
  }))
  const given = JSON.stringify(rows)
  // A separate statement, whose rows the next one sees. In one order, so that two transactions never wait for each other.
  await tx.execute(sql`
    insert into ledger_accounts (id, kind, currency, provider, agency_id)
    select gen_random_uuid(), wanted.kind, wanted.currency, wanted.provider, wanted.agency
    from (
      select distinct (account->>'kind')::account_kind as kind, transfer->>'currency' as currency,
        account->>'provider' as provider, (account->>'agencyId')::uuid as agency
      from jsonb_array_elements(${given}::text::jsonb) transfer
      cross join lateral (values (transfer->'debit'), (transfer->'credit')) side (account)
    ) wanted
    where not exists (
      select from ledger_accounts known
      where known.kind = wanted.kind and known.currency = wanted.currency
        and known.provider is not distinct from wanted.provider and known.agency_id is not distinct from wanted.agency
    )
    order by kind, currency, provider, agency
    on conflict do nothing`)
  const { count } = await tx.execute(sql`
    insert into ledger_transfers (id, kind, debit_id, credit_id, amount, currency, payment_id, charge_id, refund_id, at)
    select (transfer->>'id')::uuid, (transfer->>'kind')::ledger_transfer_kind, debit.id, credit.id,
      (transfer->>'amount')::bigint, transfer->>'currency', (transfer->>'paymentId')::uuid,
      (transfer->>'chargeId')::uuid, (transfer->>'refundId')::uuid, (transfer->>'at')::timestamptz
    from jsonb_array_elements(${given}::text::jsonb) with ordinality given (transfer, place)
    join ledger_accounts debit on ${isAccount(sql`debit`, sql`transfer->'debit'`)}
    join ledger_accounts credit on ${isAccount(sql`credit`, sql`transfer->'credit'`)}
    order by place`)
  if (count !== posted.length) throw new Error(`${posted.length} transfers must be posted; ${count} were`)
}

const isAccount = (account: ReturnType<typeof sql>, given: ReturnType<typeof sql>) => sql`
  ${account}.kind = (${given}->>'kind')::account_kind and ${account}.currency = transfer->>'currency'
  and ${account}.provider is not distinct from ${given}->>'provider'
  and ${account}.agency_id is not distinct from (${given}->>'agencyId')::uuid`
