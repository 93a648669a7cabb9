import type { Sql, TransactionSql } from 'postgres'

/** An entry of a bank's own journal. */
export interface BankEntry {
  provider: string
  kind: 'CAPTURE' | 'REFUND' | 'REVERSAL'
  /** The payment. */
  orderId: string
  refundId?: string | undefined
  /** In minor units. */
  amount: string
  currency: string
}

/** What every rule reads: transfers with their accounts, and the sums of each payment, and of each payment and charge. */
const views = `
with moves as (
  select transfer.*, payment.number as payment, payment.provider, payment.state, payment.amount as payment_amount,
    debit.kind as debit, debit.provider as debit_provider, debit.agency_id as debit_agency,
    credit.kind as credit, credit.provider as credit_provider, credit.agency_id as credit_agency,
    case when credit.kind = 'SUSPENSE' then transfer.amount when debit.kind = 'SUSPENSE' then -transfer.amount else 0 end as held
  from ledger_transfers transfer
  join payments payment on payment.id = transfer.payment_id
  join ledger_accounts debit on debit.id = transfer.debit_id
  join ledger_accounts credit on credit.id = transfer.credit_id
), paid as (
  select payment_id, charge_id, payment, min(currency) as currency,
    coalesce(sum(amount) filter (where kind = 'APPLY'), 0) as applied,
    count(*) filter (where kind = 'APPLY') as times,
    coalesce(sum(amount) filter (where kind = 'RELEASE'), 0) as released,
    coalesce(bool_or(kind = 'RELEASE' and refund_id is null), false) as reversed
  from moves where charge_id is not null group by payment_id, charge_id, payment
), bank as (
  select entry->>'provider' as provider, entry->>'kind' as kind, (entry->>'orderId')::uuid as payment_id,
    (entry->>'refundId')::uuid as refund_id, (entry->>'amount')::bigint as amount, entry->>'currency' as currency
  from jsonb_array_elements($1::text::jsonb) entry
)`

/**
 * Each rule of the ledger as a query that finds the rows which break it, one sentence a row. A bank's journal is compared only
 * where it is given.
 */
export const rules = {
  'each kind of transfer has its kinds of accounts': `
    select 'a transfer ' || kind || ' of ' || payment || ' goes from ' || debit || ' to ' || credit from moves
    where (kind, debit, credit) not in (('CAPTURE', 'CLEARING', 'SUSPENSE'), ('APPLY', 'SUSPENSE', 'APPLIED'),
      ('REMIT', 'APPLIED', 'REMITTED'), ('RELEASE', 'APPLIED', 'SUSPENSE'), ('RELEASE', 'REMITTED', 'SUSPENSE'),
      ('REFUND', 'SUSPENSE', 'CLEARING'), ('REVERSAL', 'SUSPENSE', 'CLEARING'))`,
  'money stays with its bank, its agency and in its currency': `
    select 'a transfer ' || moves.kind || ' of ' || payment || ' leaves its bank, agency or currency' from moves
    join payments on payments.id = moves.payment_id left join charges on charges.id = moves.charge_id
    where coalesce(debit_provider, moves.provider) <> moves.provider or coalesce(credit_provider, moves.provider) <> moves.provider
      or moves.currency <> payments.currency or moves.currency <> coalesce(charges.currency, moves.currency)
      or coalesce(debit_agency, charges.agency_id) <> charges.agency_id
      or coalesce(credit_agency, charges.agency_id) <> charges.agency_id`,
  'what is held for a payment is never negative': `
    select distinct 'more than is held leaves ' || payment from (
      select payment, sum(held) over (partition by payment_id order by id) as held from moves
    ) running where held < 0`,
  'no account but the clearing is overdrawn': `
    select kind || ' of ' || coalesce(agencies.code, 'all') || ' is overdrawn by ' || -balance || ' ' || currency
    from ledger_accounts account left join agencies on agencies.id = account.agency_id
    cross join lateral (
      select coalesce(sum(case when credit_id = account.id then amount else -amount end), 0) as balance
      from ledger_transfers where account.id in (debit_id, credit_id)
    ) sums where kind <> 'CLEARING' and balance < 0`,
  'a payment is as much as its items': `
    select number || ' is ' || amount || ' ' || currency || '; its items are ' || coalesce(items, 'none') from payments
    left join lateral (
      select sum(amount) as total, min(currency) as one, max(currency) as other,
        string_agg(amount || ' ' || currency, ', ') as items
      from payment_items where payment_id = payments.id
    ) sums on true
    where total is distinct from amount or one is distinct from currency or other is distinct from currency`,
  'an item is as much as its charge, and a charge as its lines': `
    select number || ' is ' || charges.amount || ' ' || currency || '; its lines are ' || coalesce(total, 0) from charges
    left join lateral (select sum(amount) as total from charge_lines where charge_id = charges.id) lines on true
    where total is distinct from charges.amount
    union all
    select payments.number || ' pays ' || item.amount || ' ' || item.currency || ' of ' || charges.number
    from payment_items item join payments on payments.id = item.payment_id join charges on charges.id = item.charge_id
    where (item.amount, item.currency) <> (charges.amount, charges.currency)`,
  'a payment is captured once, and whole, if its state says so': `
    select number || ' is ' || state || ' and was captured ' || times || ' times: ' || total || ' of ' || amount
    from payments cross join lateral (
      select count(*) as times, coalesce(sum(amount), 0) as total from ledger_transfers
      where payment_id = payments.id and kind = 'CAPTURE'
    ) captures
    where (times, total) is distinct from
      (case when state in ('SUCCEEDED', 'LATE_SUCCESS', 'DISPUTED', 'REVERSED') then (1::bigint, amount::numeric) else (0::bigint, 0::numeric) end)`,
  'a payment pays each of its charges once, and whole': `
    select payment || ' pays ' || coalesce(charges.number, 'nothing') || ' ' || times || ' times: ' || applied || ' ' || paid.currency
    from paid left join payment_items item using (payment_id, charge_id) left join charges on charges.id = charge_id
    where times > 1 or applied not in (0, coalesce(item.amount, 0)) or released > applied`,
  'a charge is paid by at most one payment': `
    select charges.number || ' is paid by ' || string_agg(payment, ', ' order by payment) from paid join charges on charges.id = charge_id
    where applied > 0 and not reversed group by charges.number having count(*) > 1`,
  'a charge is paid as far as it was applied and not reversed': `
    select number || ' is ' || state || ' with ' || paid || '; ' || coalesce(applied, 0) || ' was applied' from charges
    left join lateral (select sum(applied) as applied from paid where charge_id = charges.id and not reversed) sums on true
    where paid <> coalesce(applied, 0)`,
  'an agency has what its charges were paid, without what it released': `
    select coalesce(agencies.code, 'no agency') || ' has ' || coalesce(has, 0) || ' ' || currency || ' of ' || coalesce(wanted, 0)
    from (
      select agency_id, account.currency, sum(case when credit_id = account.id then amount else -amount end) as has
      from ledger_accounts account join ledger_transfers transfer on account.id in (debit_id, credit_id)
      where account.kind in ('APPLIED', 'REMITTED') group by 1, 2
    ) held full join (
      select agency_id, charges.currency, sum(applied - released) as wanted
      from paid join charges on charges.id = charge_id group by 1, 2
    ) charged using (agency_id, currency) left join agencies on agencies.id = agency_id
    where coalesce(has, 0) <> coalesce(wanted, 0)`,
  // A bank's clock that is ahead of ours does not count.
  'a charge is paid at the moment of its payment': `
    select charges.number || ' was paid at ' || paid_at || '; its payment says ' || captured_at
    from charges join paid on charge_id = charges.id and applied > 0 and not reversed join payments on payments.id = payment_id
    where paid_at < created_at or paid_at > greatest(captured_at, created_at)`,
  'a reversed payment pays nothing': `
    select payment || ' is REVERSED and still pays a charge' from paid join payments on payments.id = payment_id
    where state = 'REVERSED' and applied > released
    union all
    select payment || ' is ' || state || ' and was reversed' from paid join payments on payments.id = payment_id
    where state <> 'REVERSED' and reversed`,
  'a receipt is issued for each time a charge was paid': `
    select charges.number || ' was paid ' || coalesce(times, 0) || ' times, with ' || coalesce(receipts, 0) || ' receipts' from charges
    left join (select charge_id, sum(times) as times from paid group by 1) paid on paid.charge_id = charges.id
    left join (
      select subject_id, count(*) as receipts from issued_documents where kind = 'PAYMENT_RECEIPT' group by 1
    ) documents on documents.subject_id = charges.id
    where coalesce(times, 0) <> coalesce(receipts, 0)`,
  'receipts have numbers from 1 without a gap': `
    select series || ' has ' || numbered || ' numbers, of which the last is ' || last from (
      select series, count(series_number) as numbered, max(series_number) as last from issued_documents
      where kind = 'PAYMENT_RECEIPT' group by 1
    ) series where numbered <> last
    union all
    select number || ' was signed without its number in ' || series from issued_documents
    where kind = 'PAYMENT_RECEIPT' and key_id is not null and series_number is null`,
  'an application that goes on has paid what it owed': `
    select number || ' is ' || state || ' and has paid ' || coalesce(applied, 0) || ' of ' || owed || ' ' || currency from applications
    join (
      select application_id, due, currency, sum(amount) as owed from application_fees group by 1, 2, 3 having sum(amount) > 0
    ) fees on application_id = applications.id
    left join lateral (
      select sum(applied) as applied from paid join charges on charges.id = charge_id
      where subject_id = applications.id and charges.due = fees.due and charges.currency = fees.currency
    ) sums on true
    where coalesce(applied, 0) < owed and case due
      when 'BEFORE_REGISTRATION' then state not in ('DRAFT', 'AWAITING_CONFIRMATION', 'AWAITING_ASSESSMENT', 'AWAITING_PAYMENT',
        'WITHDRAWN', 'EXPIRED')
      when 'AFTER_APPROVAL' then state in ('READY', 'COMPLETED') else state = 'COMPLETED' end`,
  // What the bank refused to give back stays, and is a difference that somebody settles.
  'what is held for a payment goes back, or is a difference': `
    select number || ' is ' || payments.state || ' and holds ' || coalesce(held, 0) || '; ' || coalesce(leaving, 0) || ' goes back' from payments
    left join (select payment_id, sum(held) as held from moves group by 1) moves on moves.payment_id = payments.id
    left join (
      select payment_id, sum(amount) as leaving from refunds where state in ('APPROVED', 'SENT') group by 1
    ) refunds on refunds.payment_id = payments.id
    where case when payments.state = 'REVERSED' then coalesce(held, 0) not between 0 and coalesce(leaving, 0)
      when exists (select from reconciliations where payment_id = payments.id) then coalesce(held, 0) < coalesce(leaving, 0)
      else coalesce(held, 0) <> coalesce(leaving, 0) end`,
  'the refunds of an item are at most what was paid for it': `
    select payments.number || ' gives back ' || sum(refunds.amount) || ' of ' || item.amount from payment_items item
    join refunds on (refunds.payment_id, refunds.charge_id) = (item.payment_id, item.charge_id)
    join payments on payments.id = item.payment_id
    where refunds.state not in ('REJECTED', 'FAILED')
    group by payments.number, item.id having sum(refunds.amount) > item.amount or bool_or(refunds.currency <> item.currency)`,
  'a refund is posted as far as its state says': `
    select number || ' is ' || state || ' with ' || released || ' released and ' || refunded || ' refunded' from refunds
    cross join lateral (
      select coalesce(sum(amount) filter (where kind = 'RELEASE'), 0) as released,
        coalesce(sum(amount) filter (where kind = 'REFUND'), 0) as refunded
      from ledger_transfers where refund_id = refunds.id and payment_id = refunds.payment_id
    ) sums
    where refunded <> case state when 'COMPLETED' then amount else 0 end
      or released > case when kind = 'REQUESTED' and state not in ('REQUESTED', 'REJECTED') then amount else 0 end
    union all
    select payment || ' has a transfer ' || kind || ' of no refund of its own' from moves
    where kind = 'REFUND' and not exists (select from refunds where id = refund_id and payment_id = moves.payment_id)`,
  // But for what an open difference names.
  'the clearing account is the journal of the bank': `
    select coalesce(min(number), payment_id::text) || ' has ' || sum(ours) || ' ' || both_books.currency || ' as ' || kind
      || '; the bank has ' || sum(theirs)
    from (
      select provider, currency, kind::text, payment_id, refund_id, amount as ours, 0 as theirs from moves
      where kind in ('CAPTURE', 'REFUND', 'REVERSAL') and $1::text is not null
      union all
      select provider, currency, kind, payment_id, refund_id, 0, amount from bank
    ) both_books left join payments on payments.id = payment_id
    where not exists (
      select from reconciliations difference where difference.payment_id = both_books.payment_id and difference.state = 'OPEN'
    )
    group by both_books.provider, both_books.currency, kind, payment_id, refund_id having sum(ours) <> sum(theirs)`,
} as const

/** Every broken rule of the ledger, as sentences. Reads one moment: everything in one statement. */
export async function brokenRules(client: Sql | TransactionSql, bank?: readonly BankEntry[]): Promise<string[]> {
  const all = Object.values(rules).map((rule) => `select * from (${rule}) rule (sentence)`)
  const rows = await client.unsafe(`${views} ${all.join(' union all ')}`, [bank ? JSON.stringify(bank) : null])
  return rows.map(({ sentence }) => sentence as string)
}
