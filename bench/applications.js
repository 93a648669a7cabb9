// Any number of applications with their history, decisions and documents. Their content cannot be read.
import { keyring } from './serving.js'

/**
 * Adds applications until there are `count`. About 120 are of the person and as many of the principal; every other party
 * has 20. They are for the seeded services, in all states, over two years.
 */
export async function fillApplications(sql, { person, principal }, count) {
  const [{ made }] = await sql`select count(*)::int as made from applications`
  // For each of them a party, a service and a state that are spread evenly.
  const step = Math.max(2, Math.floor((count - made) / 120))
  const others = Math.ceil((count - made) / 20)
  await sql.begin(async (sql) => {
    await sql`set local session_replication_role = replica` // foreign keys hold, and checking them takes most of the time
    await sql`create temp table new_parties on commit drop as
      select place, gen_random_uuid() as id from generate_series(0, ${others}::int - 1) place`
    await sql`insert into parties (id, kind, key, wrapped_by, created_at)
      select id, 'NATURAL_PERSON', '\\x00', ${keyring.current('wrapping').id}, '2024-01-01Z' from new_parties`
    await sql`create temp table offered on commit drop as
      select row_number() over (order by code) - 1 as place, count(*) over () as of, s.id, s.code, s.agency_id,
        v.id as version_id
      from services s join lateral (select id from service_versions where service_id = s.id order by number desc limit 1) v on true
      where s.seeded is not null and s.status = 'ACTIVE'`
    await sql`analyze new_parties, offered`
    await sql`create temp table fresh on commit drop as
      select n, uuidv7(at - now()) as id, at, offered.id as service_id, offered.code, offered.agency_id, offered.version_id,
        case n % ${step} when 0 then ${person}::uuid when 1 then ${principal}::uuid else new_parties.id end as party_id,
        (array['DRAFT', 'REGISTERED', 'IN_REVIEW', 'INFORMATION_REQUESTED', 'APPROVED', 'REFUSED', 'COMPLETED', 'COMPLETED',
          'COMPLETED', 'COMPLETED']::application_state[])[1 + (hashint4(n) & 1023) % 10] as state
      from generate_series(${made + 1}::int, ${count}::int) n
      cross join lateral (
        select '2024-11-01Z'::timestamptz + (n % 730) * interval '1 day' + n * interval '1 ms' as at) begun
      join offered on offered.place = (hashint4(n + 1) & 65535) % offered.of
      join new_parties on new_parties.place = n % ${others}`
    await sql`
      insert into applications (id, number, service_id, service_code, version_id, agency_id, party_id, origin, state,
        revision, answers, prefilled, created_by, mandate_ids, created_at, changed_at, expires_at, submitted_at, registered_at, due_on,
        due_at, decided_at)
      select id, 'BENCH-' || n, service_id, code, version_id, agency_id, party_id, 'APPLICANT', state, 3, ${sealed()},
        ${sealed()}, 'bench', '{}', at, at, case when state = 'DRAFT' then at + interval '3 years' end,
        case when state <> 'DRAFT' then at + interval '1 hour' end,
        case when state <> 'DRAFT' then at + interval '2 hours' end,
        case when state <> 'DRAFT' then (at + interval '10 days')::date end,
        case when state <> 'DRAFT' then at + interval '10 days' end,
        case when ${isDecided()} then at + interval '3 days' end
      from fresh order by id`
    await sql`
      insert into application_parties (id, application_id, party_id, role, created_at)
      select gen_random_uuid(), id, party_id, 'APPLICANT', at from fresh order by id`
    await sql`
      insert into timeline_entries (id, application_id, party_id, at, type, from_state, to_state, actor, mandate_ids)
      select uuidv7(at + after - now()), id, party_id, at + after, 'application.' || type, from_state, to_state, 'bench', '{}'
      from fresh, (values
        ('started', null::application_state, 'DRAFT'::application_state, interval '0'),
        ('submitted', 'DRAFT', 'SUBMITTED', '1 hour'),
        ('registered', 'SUBMITTED', 'REGISTERED', '2 hours'),
        ('assigned', 'REGISTERED', 'IN_REVIEW', '1 day')) entries(type, from_state, to_state, after)
      where type = 'started' or state <> 'DRAFT' and (type <> 'assigned' or state <> 'REGISTERED')`
    await sql`
      insert into issued_documents (id, number, kind, party_id, agency_id, subject_id, service_code, issued_at, claims, code)
      select uuidv7(at + interval '1 hour' - now()), 'RECEIPT-' || n, 'APPLICATION_RECEIPT', party_id, agency_id, id, code,
        at + interval '1 hour', ${sealed()}, ${sealed()}
      from fresh where state <> 'DRAFT'`
    await sql`
      with decided as (
        select *, uuidv7(at + interval '3 days' - now()) as document_id from fresh where ${isDecided()}),
      issued as (
        insert into issued_documents (id, number, kind, party_id, agency_id, subject_id, service_code, issued_at, claims, code)
        select document_id, 'DECISION-' || n, 'DECISION', party_id, agency_id, id, code, at + interval '3 days', ${sealed()},
          ${sealed()}
        from decided)
      insert into decisions (id, application_id, party_id, outcome, at, document_id)
      select uuidv7(at + interval '3 days' - now()), id, party_id,
        (case state when 'REFUSED' then 'REFUSED' else 'APPROVED' end)::decision_outcome, at + interval '3 days', document_id
      from decided`

    await sql`
      insert into document_parties (document_id, party_id, issued_at)
      select issued.id, issued.party_id, issued_at from issued_documents issued join fresh on fresh.id = subject_id`

    function sealed() {
      return sql`decode('01' || repeat('00', 60), 'hex')`
    }
    function isDecided() {
      return sql`state in ('APPROVED', 'REFUSED', 'COMPLETED')`
    }
  })
  await sql`vacuum analyze`
}
