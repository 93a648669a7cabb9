import type { Sql, TransactionSql } from 'postgres'

/** What every rule reads: filings with their rule, their receipts and events, and the corrections that were accepted. */
const views = `
with filed as (
  select filings.*, rule.one_per_period, rule.acknowledged_by, rule.period as period_kind
  from filings join filing_rules rule on rule.version_id = filings.version_id
), told as (
  select subject, type, count(*) as times, bool_and(position is not null) as is_placed,
    bool_and(events.party_id = filings.party_id and events.agency_id = filings.agency_id
      and events.service_code = filings.service_code) as is_scoped
  from events join filings on filings.id = subject where events.domain = 'filings' group by 1, 2
), receipts as (
  select subject_id, count(*) as times,
    bool_and(document.party_id = filings.party_id and document.agency_id = filings.agency_id
      and document.service_code = filings.service_code and document.key_id is not null) as is_its_own,
    count(parties.document_id) as given
  from issued_documents document join filings on filings.id = subject_id
  left join document_parties parties on parties.document_id = document.id and parties.party_id = filings.party_id
  where document.kind = 'FILING_RECEIPT' group by 1
), outcomes as (
  select line.*, filings.batch_id = line.batch_id as is_made_here, filings.external_number as filed_under
  from filing_batch_lines line left join filings on filings.id = line.filing_id
)`

/** Each rule of filings as a query that finds the rows which break it, one sentence a row. */
export const filingRules = {
  'a filing has one signed receipt, given to its party': `
    select number || ' has ' || coalesce(times, 0) || ' receipts, ' || coalesce(given, 0) || ' of them given to its party' from filed
    left join receipts on subject_id = id where times is distinct from 1 or given <> 1
    union all
    select number || ' has a receipt of another party, agency or service, or one that nobody signed' from filed
    join receipts on subject_id = id where not is_its_own`,
  'a filing has one event for each thing that happened to it': `
    select number || ' is ' || state || ', acknowledged by ' || acknowledged_by || ', and has ' || coalesce(times, 0) || ' events ' || wanted.type
    from filed cross join lateral (values
      ('filing.received', acknowledged_by = 'AGENCY'),
      ('filing.accepted', acknowledged_at is not null and state <> 'REJECTED'),
      ('filing.rejected', state = 'REJECTED'),
      ('filing.superseded', state = 'SUPERSEDED'),
      ('filing.withdrawn', state = 'WITHDRAWN')
    ) wanted (type, is_wanted) left join told on told.subject = id and told.type = wanted.type
    where coalesce(times, 0) <> is_wanted::int`,
  'the events of a filing name its party, agency and service': `
    select number || ' has an event ' || type || ' of another party, agency or service' from filed
    join told on subject = id where is_scoped is not true`,
  'a filing is acknowledged by whom its rule names': `
    select number || ' is ' || state || ' and its service is acknowledged by a rule' from filed
    where acknowledged_by = 'RULE' and (state in ('RECEIVED', 'REJECTED') or acknowledged_at is distinct from received_at)`,
  'a filing has the moments of its state, in order': `
    select number || ' is ' || state || ': received ' || received_at || ', acknowledged ' || coalesce(acknowledged_at::text, 'never')
      || ', ended ' || coalesce(ended_at::text, 'never') || ', changed ' || changed_at from filed
    where acknowledged_at < received_at or ended_at < greatest(received_at, acknowledged_at)
      or changed_at < greatest(received_at, acknowledged_at, ended_at)
      or state = 'RECEIVED' and acknowledged_at is not null or state = 'SUPERSEDED' and acknowledged_at is null`,
  'a filing has a period if its service has periods': `
    select number || ' has the period ' || coalesce(period, 'none') || '; its service has ' || period_kind from filed
    where coalesce(period, '') !~ case period_kind when 'NONE' then '^$' when 'MONTH' then '^\\d{4}-(0[1-9]|1[0-2])$'
      when 'QUARTER' then '^\\d{4}-Q[1-4]$' else '^\\d{4}$' end`,
  // A correction that the agency has not acknowledged leaves the period to the filing it corrects.
  'the period belongs to the filing that counts': `
    select number || ' is ' || state || ' for ' || coalesce(period, 'no period') || ' and is live for ' || coalesce(live_period, 'none')
    from filed
    where (live_period is not null) <> (one_per_period
      and (state = 'ACCEPTED' or state = 'RECEIVED' and replaces_id is null)) or live_period <> period`,
  'one filing counts for a party, a service and a period': `
    select string_agg(number, ', ') || ' count for ' || period from filed
    where one_per_period and (state = 'ACCEPTED' or state = 'RECEIVED' and replaces_id is null)
    group by party_id, service_id, period having count(*) > 1`,
  'a party uses a number of its own once': `
    select string_agg(number, ', ') || ' have the number ' || external_number from filed
    group by party_id, external_number having count(*) > 1`,
  'a correction is of the same party, service and period, and later': `
    select later.number || ' corrects ' || earlier.number || ', which is of another party, service or period, or later'
    from filed later join filed earlier on earlier.id = later.replaces_id
    where (later.party_id, later.service_id) <> (earlier.party_id, earlier.service_id)
      or later.period is distinct from earlier.period or later.received_at < earlier.acknowledged_at`,
  'a filing is superseded by one accepted correction, when that was accepted': `
    select earlier.number || ' is ' || earlier.state || ' since ' || coalesce(earlier.ended_at::text, 'never') || '; accepted corrections: '
      || coalesce(string_agg(later.number || ' at ' || later.acknowledged_at, ', '), 'none')
    from filed earlier left join filed later
      on later.replaces_id = earlier.id and later.acknowledged_at is not null and later.state <> 'REJECTED'
    group by earlier.id, earlier.number, earlier.state, earlier.ended_at
    having count(later.id) <> (earlier.state = 'SUPERSEDED')::int or min(later.acknowledged_at) <> min(earlier.ended_at)`,
  'a filing has one live correction, and only an accepted one waits for it': `
    select earlier.number || ' is ' || earlier.state || ' and waits for ' || string_agg(later.number, ', ')
    from filed earlier join filed later on later.replaces_id = earlier.id and later.state = 'RECEIVED'
    group by earlier.id, earlier.number, earlier.state having count(*) > 1 or earlier.state <> 'ACCEPTED'`,
  'a filing is not leased before an earlier one of its party': `
    select later.number || ' is leased before ' || earlier.number || ' of the same party' from filed later
    join filed earlier on (earlier.party_id, earlier.agency_id) = (later.party_id, later.agency_id)
      and (earlier.received_at, earlier.id) < (later.received_at, later.id) and earlier.state = 'RECEIVED'
    where later.leased_until > now() and earlier.lease_id is distinct from later.lease_id`,
  'the lines of a batch are those that are done, each once': `
    select filing_batches.id || ' has ' || done || ' lines done; ' || count(line) || ' have an outcome, up to ' || coalesce(max(line), 0)
    from filing_batches left join filing_batch_lines line on batch_id = filing_batches.id
    group by filing_batches.id, done having count(line) <> done or count(distinct line) <> done or coalesce(max(line), 0) <> done`,
  'the counts of a batch are those of its lines': `
    select batch.id || ' counts ' || concat_ws(', ', filed, repeated, refused) || '; its lines are '
      || concat_ws(', ', made, found - made, count - found) from filing_batches batch
    cross join lateral (
      select count(*) filter (where outcome = 'FILED') as made, count(filing_id) as found, count(*) as count
      from outcomes where batch_id = batch.id
    ) lines where (filed, repeated, refused) <> (made, found - made, count - found)`,
  'a batch that is completed has done all its lines': `
    select id || ' is ' || state || ' with ' || done || ' of ' || coalesce(lines::text, 'unknown') || ' lines' from filing_batches
    where state = 'COMPLETED' and done is distinct from lines or state in ('WAITING', 'EXPIRED') and done > 0`,
  'a filing of a batch was made by one of its lines': `
    select number || ' was filed by a batch, in ' || coalesce(times, 0) || ' of its lines' from filed
    left join (
      select batch_id, filing_id, count(*) as times from outcomes where outcome = 'FILED' group by 1, 2
    ) made on made.batch_id = filed.batch_id and filing_id = filed.id
    where filed.batch_id is not null and times is distinct from 1
    union all
    select 'line ' || line || ' is ' || outcome || '; its filing is not of the batch' from outcomes
    where outcome = 'FILED' and is_made_here is not true
    union all
    select 'line ' || line || ' has the outcome of ' || filed_under || '; its own number is ' || coalesce(external_number, 'unknown')
    from outcomes where filing_id is not null and external_number is distinct from filed_under`,
  'a batch is filed by whom it belongs to': `
    select number || ' is by ' || filed.created_by || '; its batch is by ' || batch.created_by from filed
    join filing_batches batch on batch.id = batch_id where filed.created_by <> batch.created_by`,
} as const

/** Every broken rule of filings, as sentences. Reads one moment: everything in one statement. */
export async function brokenFilingRules(client: Sql | TransactionSql): Promise<string[]> {
  const all = Object.values(filingRules).map((rule) => `select * from (${rule}) rule (sentence)`)
  const rows = await client.unsafe(`${views} ${all.join(' union all ')}`)
  return rows.map(({ sentence }) => sentence as string)
}
