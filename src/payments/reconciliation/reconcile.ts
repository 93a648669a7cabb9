import { and, eq, min, sql } from 'drizzle-orm'
import { NIL, v7 } from 'uuid'
import type { Recurring } from '../../events/domain.js'
import type { Job, Work } from '../../events/job.js'
import { withRetries } from '../../platform/retries.js'
import { legalDate } from '../../shared/time.js'
import type { Provider, Providers, SettlementEntry } from '../checkout/provider.js'
import { AccountKind, accounts } from '../ledger/account.table.js'
import { transfers } from '../ledger/transfer.table.js'
import { actor, compareLedger, comparePage, settleResolved } from './compare.js'
import { lastCompleteDay, wrongTotals } from './reconciliation.rules.js'
import { ReconciliationKind } from './reconciliation.table.js'
import { recordDifference } from './recordDifference.js'
import { settlementDays } from './settlementDay.table.js'

type Reconciling = Pick<Work, 'database' | 'now'>

/** Each night compares what banks, ledger and payments say. Catches up on missed days. */
export const reconciliation = (providers: Providers): Recurring => ({
  name: 'reconciliation',
  interval: 'reconciliationInterval',
  timeout: 'retentionTimeout',
  async run(work) {
    const failures: unknown[] = []
    for (const provider of providers.all)
      try {
        for (const day of await missingDays(work, provider.code)) {
          const outcome = await reconcile(work, provider, day)
          work.log.info({ provider: provider.code, day, ...outcome }, 'a day was reconciled')
        }
      } catch (error) {
        // One bank that is down does not keep the others waiting.
        failures.push(error)
      }
    if (failures.length > 0) throw failures[0]
    return false
  },
})

/** A difference that is resolved by a late confirmation is settled at once. */
export const settleDifferences: Job = {
  name: 'settleDifferences',
  on: ['payment.succeeded', 'payment.late_success', 'payment.reversed', 'refund.completed'],
  async run({ subject, ids }, { database: { db }, now }) {
    await db.transaction((tx) => settleResolved(tx, { now: now(), paymentId: ids.payment ?? subject }))
  },
}

/** In one round. The next continues. */
const mostDays = 31

/** The complete days that were not reconciled, since the first that was, or since the first capture. */
async function missingDays({ database: { db }, now }: Reconciling, provider: string): Promise<string[]> {
  const [known] = await db
    .select({ first: min(settlementDays.day) })
    .from(settlementDays)
    .where(eq(settlementDays.provider, provider))
  const [captured] = known?.first
    ? []
    : await db
        .select({ first: min(transfers.at) })
        .from(transfers)
        .innerJoin(accounts, eq(accounts.id, transfers.debitId))
        .where(and(eq(accounts.kind, AccountKind.CLEARING), eq(accounts.provider, provider)))
  const first = known?.first ?? (captured?.first ? legalDate(captured.first) : null)
  if (first === null) return []
  const missing = await db.execute<{ day: string }>(sql`
    select each::date::text as day
    from generate_series(${first}::date, ${lastCompleteDay(now())}::date, interval '1 day') as each
    where not exists (select from settlement_days done where done.provider = ${provider} and done.day = each::date)
    order by each limit ${mostDays}`)
  return missing.map(({ day }) => day)
}

/** Reconciles one legal date with a bank. May run any number of times, and on several workers at once. */
export async function reconcile(
  { database: { db }, now }: Reconciling,
  provider: Provider,
  day: string,
): Promise<{ entries: number; found: number }> {
  const sums: Record<string, bigint> = {}
  let entries = 0
  const said = await provider.settlementOf(day, async (some) => {
    entries += some.length
    for (const { kind, amount, currency } of some)
      sums[currency] = (sums[currency] ?? 0n) + (kind === 'CAPTURE' ? amount : -amount)
    await keep(db, provider.code, day, some)
  })
  const wrong = wrongTotals(sums, said)
  const differing = wrong.map((currency) => ({
    kind: ReconciliationKind.TOTAL,
    provider: provider.code,
    subject: `${day} ${currency}`,
    day,
    amount: sums[currency] ?? 0n,
    currency,
    bankAmount: said[currency] ?? 0n,
    bankCurrency: currency,
  }))
  const of = { provider: provider.code, now: now() }
  const transaction = <Result>(act: (tx: Parameters<Parameters<typeof db.transaction>[0]>[0]) => Promise<Result>) =>
    withRetries(() => db.transaction(act))
  let found = 0
  for (let after: string | undefined = NIL; after !== undefined; ) {
    const from: string = after
    const page = await transaction((tx) => comparePage(tx, { ...of, after: from }))
    found += page.found
    after = page.last
  }
  found += await transaction(async (tx) => {
    const wrongSums = await recordDifference(tx, { found: differing, at: of.now, actor })
    const wrongHere = await compareLedger(tx, { ...of, day })
    await settleResolved(tx, of)
    const reconciled = { provider: provider.code, day, entries, reconciledAt: of.now }
    // More may follow on the day itself.
    if (day <= lastCompleteDay(of.now)) await tx.insert(settlementDays).values(reconciled).onConflictDoNothing()
    return wrongSums.length + wrongHere
  })
  return { entries, found }
}

/** Keeps entries once, by their id at the bank. */
async function keep(
  db: Reconciling['database']['db'],
  provider: string,
  day: string,
  some: readonly SettlementEntry[],
): Promise<void> {
  if (some.length === 0) return
  const rows = some.map(({ amount, at, ...entry }) => ({ ...entry, id: v7(), amount: String(amount), at }))
  await db.execute(sql`
    insert into settlement_entries (id, provider, entry_id, day, kind, order_id, refund_id, amount, currency, at)
    select id, ${provider}, "entryId", ${day}::date, kind::settlement_kind, "orderId", "refundId", amount, currency, at
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as given(id uuid, "entryId" text, kind text,
      "orderId" text, "refundId" text, amount bigint, currency text, at timestamptz)
    on conflict do nothing`)
}
