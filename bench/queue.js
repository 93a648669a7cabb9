// Measures the queue of an agency's officers: `npm run bench -- queue`. The statement of a filtered page among 10,000
// and 1,000,000 applications of the agency, prepared as the server prepares it; medians of round trips.
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

/** Applications of two services of the agency, in all states, over two years; one in fifty belongs to the officer. */
async function fill(from, to) {
  await database.client`
    insert into applications (id, number, service_id, service_code, version_id, agency_id, party_id, origin, state, revision,
      answers, prefilled, created_by, mandate_ids, created_at, submitted_at, registered_at, due_on, due_at, officer_id)
    select gen_random_uuid(), 'B' || n, s.id, s.code, v.id, s.agency_id, ${officer}, 'APPLICANT',
      (array['REGISTERED', 'IN_REVIEW', 'INFORMATION_REQUESTED', 'APPROVED', 'REFUSED', 'COMPLETED', 'COMPLETED', 'COMPLETED',
        'COMPLETED', 'COMPLETED']::application_state[])[1 + n % 10],
      3, encrypted, encrypted, 'bench', '{}', at, at, at, (at + interval '10 days')::date, at + interval '10 days',
      case when n % 50 = 0 then ${officer}::uuid end
    from generate_series(${from}::int, ${to}::int) n,
      lateral (select '2026-11-01Z'::timestamptz - n * interval '63 seconds' as at, decode('01' || repeat('00', 60), 'hex') as encrypted) filler,
      lateral (select * from services where code = (array['DIN-ADDRESS-REG', 'DIN-ID-ISSUE'])[1 + n % 2]) s
      join lateral (select id from service_versions where service_id = s.id limit 1) v on true`
  await database.client`update applications set number = ${number} where number = 'B777'`
  await database.client.unsafe('analyze applications')
}

const shown = 'nodes { number state submittedAt dueOn service { code } } pageInfo { hasNextPage endCursor }'
const pages = {
  'the newest': 'first: 50',
  'in review': 'first: 50, filter: { state: IN_REVIEW }',
  'waiting for the agency': 'first: 50, filter: { phase: WAITING_FOR_AGENCY }',
  'of a service, registered': 'first: 50, filter: { state: REGISTERED, service: "DIN-ADDRESS-REG" }',
  'due soonest, in review': 'first: 50, filter: { state: IN_REVIEW }, orderBy: DUE',
  'of an officer': `first: 50, filter: { appointmentId: "${nodeIdOf('Appointment', appointment)}" }`,
  'by number': `first: 1, filter: { number: "${number}" }`,
}

async function measure() {
  const headers = await headersFor('officer')
  const results = []
  for (const [what, page] of Object.entries(pages)) {
    const query = `{ agencyApplications(agency: "${agency}", ${page}) { ${shown} } }`
    const ask = () => app.inject({ method: 'POST', url: '/graphql', headers, payload: { query } })
    await ask()
    statements.length = 0
    const answer = (await ask()).json()
    if (answer.errors || !answer.data.agencyApplications.nodes.length)
      throw new Error(`${what}: ${JSON.stringify(answer)}`)
    const { text, values } = statements.find(({ text }) => text.includes('"applications"'))
    const times = []
    for (let run = 0; run < runs; run++) {
      const began = performance.now()
      await database.client.unsafe(text, values, { prepare: true })
      times.push(performance.now() - began)
    }
    results.push([what, median(times)])
  }
  return results
}

try {
  console.log(`PostgreSQL ${server.version}, Node ${process.version}, ${runs} runs, ms\n`)
  const columns = []
  let filled = 0
  for (const size of sizes) {
    await fill(filled + 1, size)
    filled = size
    columns.push(await measure())
  }
  console.log(['a page'.padEnd(28), ...sizes.map((size) => size.toLocaleString('en').padStart(12))].join(''))
  for (const [row, [what]] of columns[0].entries())
    console.log([what.padEnd(28), ...columns.map((column) => column[row][1].toFixed(2).padStart(12))].join(''))
} finally {
  await app.close()
  await database.close()
  await server.stop()
}
