// Measures the queue of an agency's officers: `npm run bench -- queue`. The statement of a filtered page among 10,000
// and 1,000,000 applications of the agency, prepared as the server prepares it; medians of round trips, and
// the shortest.
import { nodeIdOf } from '../dist/engine/node.js'
import { openDatabase } from '../dist/platform/database.js'
import { numberOf } from '../dist/shared/number.js'
import { startDatabase } from './database.js'
import { agency, headersFor, signUp } from './people.js'
import { serverOn } from './serving.js'
import { median, usually } from './settings.js'

const sizes = usually([10_000, 1_000_000], [1_000, 2_000])
const runs = usually(200, 5)
const number = numberOf('M', 2026, 777)

const server = await startDatabase()
const { officer } = await signUp(server.url)
const statements = []
const database = await openDatabase(server.url, {
  connections: 2,
  statementTimeout: 600_000,
  debug: (_connection, text, values) => statements.push({ text, values }),
})
const app = await serverOn(database)

const [{ appointment }] = await database.client`select id as appointment from appointments where party_id = ${officer}`

// A party in the place of each officer.
const colleagues = 50
await database.client`
  insert into parties (id, kind, key, wrapped_by, created_at)
  select md5('officer' || n)::uuid, 'NATURAL_PERSON', '\\x00', wrapped_by, created_at
  from parties, generate_series(1, ${colleagues - 1}::int) n where parties.id = ${officer}`

/**
 * Applications of three services of the agency over two years: one in a thousand is for the third, and all of those are closed.
 * In each ten there are four that are not closed. Registered ones are unassigned; all others belong to fifty officers.
 * The term of one in ten that are not closed is over.
 */
async function fill(from, to) {
  await database.client`
    insert into applications (id, number, service_id, service_code, version_id, agency_id, party_id, origin, state, revision,
      answers, prefilled, created_by, mandate_ids, created_at, changed_at, submitted_at, registered_at, due_on, due_at, officer_id)
    select gen_random_uuid(), 'B' || n, s.id, s.code, v.id, s.agency_id, ${officer}, 'APPLICANT', state,
      3, encrypted, encrypted, 'bench', '{}', at, at + (n % 30) * interval '1 day', at, at, (at + due)::date, at + due,
      case when state = 'REGISTERED' then null when n / 10 % ${colleagues} = 0 then ${officer}::uuid
        else md5('officer' || n / 10 % ${colleagues})::uuid end
    from generate_series(${from}::int, ${to}::int) n,
      lateral (select '2026-11-01Z'::timestamptz - n * interval '63 seconds' as at, decode('01' || repeat('00', 60), 'hex') as encrypted,
        case when n % 1000 = 999 then 'COMPLETED'
          else (array['REGISTERED', 'IN_REVIEW', 'INFORMATION_REQUESTED', 'APPROVED', 'REFUSED', 'COMPLETED', 'COMPLETED', 'COMPLETED',
            'COMPLETED', 'COMPLETED'])[1 + n % 10] end::application_state as state) filler,
      lateral (select case when state in ('REGISTERED', 'IN_REVIEW') and n / 10 % 10 > 0 then interval '10 years'
        else interval '10 days' end as due) term,
      lateral (select * from services where code = case when n % 1000 = 999 then 'DIN-PASSPORT'
        else (array['DIN-ADDRESS-REG', 'DIN-ID-ISSUE'])[1 + n / 10 % 2] end) s
      join lateral (select id from service_versions where service_id = s.id limit 1) v on true`
  await database.client`update applications set number = ${number} where number = 'B777'`
  await database.client.unsafe('vacuum analyze applications')
}

const shown = 'nodes { number state submittedAt dueOn service { code } } pageInfo { hasNextPage endCursor }'
const since = new Date('2026-10-20Z').toISOString()
const rare = 'service: "DIN-PASSPORT"'
const appointmentId = nodeIdOf('Appointment', appointment)
const pages = {
  'the oldest': '',
  'in review or at appeal': 'filter: { states: [IN_REVIEW, UNDER_APPEAL] }',
  'waiting for the agency': 'filter: { phases: [WAITING_FOR_AGENCY] }',
  'due soonest': 'orderBy: DUE',
  'due soonest, in review': 'filter: { states: [IN_REVIEW] }, orderBy: DUE',
  'changed since': `filter: { changedSince: "${since}" }, orderBy: CHANGED`,
  'changed since, of two states': `filter: { changedSince: "${since}", states: [REFUSED, COMPLETED] }, orderBy: CHANGED`,
  unassigned: 'filter: { unassigned: true }',
  'unassigned, due soonest': 'filter: { unassigned: true }, orderBy: DUE',
  overdue: 'filter: { overdue: true }, orderBy: DUE',
  'overdue, mine': 'filter: { overdue: true, mine: true }, orderBy: DUE',
  'overdue, unassigned, of a service':
    'filter: { overdue: true, unassigned: true, service: "DIN-ADDRESS-REG" }, orderBy: DUE',
  mine: 'filter: { mine: true }',
  'mine, waiting, due soonest': 'filter: { mine: true, phases: [WAITING_FOR_AGENCY] }, orderBy: DUE',
  'mine, changed since': `filter: { mine: true, changedSince: "${since}" }, orderBy: CHANGED`,
  'of an officer': `filter: { appointmentId: "${appointmentId}" }`,
  'of a service, registered': 'filter: { states: [REGISTERED], service: "DIN-ADDRESS-REG" }',
  'of a service, due soonest': 'filter: { service: "DIN-ADDRESS-REG" }, orderBy: DUE',
  'of a service, unassigned': 'filter: { service: "DIN-ADDRESS-REG", unassigned: true }',
  'of a service, mine': 'filter: { service: "DIN-ADDRESS-REG", mine: true }',
  'of a rare service': `filter: { ${rare} }`,
  'of a rare service, waiting (none)': `filter: { ${rare}, phases: [WAITING_FOR_AGENCY] }`,
  'of a rare service, unassigned (none)': `filter: { ${rare}, unassigned: true }`,
  'of a rare service, mine (none)': `filter: { ${rare}, mine: true }`,
  'by number': `filter: { number: "${number}" }`,
}

async function measure() {
  const headers = await headersFor('officer')
  const results = []
  for (const [what, page] of Object.entries(pages)) {
    const query = `{ agencyApplications(agency: "${agency}", first: 50, ${page}) { ${shown} } }`
    const ask = () => app.inject({ method: 'POST', url: '/graphql', headers, payload: { query } })
    await ask()
    statements.length = 0
    const answer = (await ask()).json()
    const isEmpty = answer.data?.agencyApplications.nodes.length === 0
    if (answer.errors || isEmpty !== what.includes('(none)')) throw new Error(`${what}: ${JSON.stringify(answer)}`)
    const { text, values } = statements.find(({ text }) => text.includes('"applications"'))
    const times = []
    for (let run = 0; run < runs; run++) {
      const began = performance.now()
      await database.client.unsafe(text, values, { prepare: true })
      times.push(performance.now() - began)
    }
    results.push([what, median(times), Math.min(...times)])
  }
  return results
}

const shownAt = ([, middle, least]) => `${middle.toFixed(2)} (${least.toFixed(2)})`

try {
  console.log(`PostgreSQL ${server.version}, Node ${process.version}, ${runs} runs, ms\n`)
  const columns = []
  let filled = 0
  for (const size of sizes) {
    await fill(filled + 1, size)
    filled = size
    columns.push(await measure())
  }
  console.log(['a page'.padEnd(38), ...sizes.map((size) => size.toLocaleString('en').padStart(18))].join(''))
  for (const [row, [what]] of columns[0].entries())
    console.log([what.padEnd(38), ...columns.map((column) => shownAt(column[row]).padStart(18))].join(''))
} finally {
  await app.close()
  await database.close()
  await server.stop()
}
