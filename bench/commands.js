// Commands, measured on this server alone: each draft is started, saved, submitted and decided once.
import { randomUUID } from 'node:crypto'
import { parseNodeId } from '../dist/engine/node.js'
import { printAlone } from './figures.js'
import { measure } from './load.js'
import { addressAnswers, headersFor } from './people.js'

export const commands = 'commands'

/** `count` of each, in `rounds` parts. */
export async function measureCommands(server, database, count, rounds) {
  const seen = ({ id, revision }) => ({ applicationId: id, revision })
  const run = (name, by, inputs) => runCommand(server, database, { name, by, inputs, rounds })

  const started = await run(
    'startApplication',
    'person',
    Array.from({ length: count }, () => ({ serviceCode: 'DIN-ADDRESS-REG' })),
  )
  const saved = await run(
    'saveDraft',
    'person',
    started.made.map((draft) => ({ ...seen(draft), answers: addressAnswers('TEST0BP') })),
  )
  const submitted = await run('submitApplication', 'person', saved.made.map(seen))
  await assign(database, submitted.made)
  const decided = await run(
    'decideApplication',
    'officer',
    submitted.made.map((application) => ({ ...seen(application), outcome: 'APPROVED', reasoning: 'Bench' })),
  )
  const all = { startApplication: started, saveDraft: saved, submitApplication: submitted, decideApplication: decided }
  printAlone(
    commands,
    Object.entries(all).map(([name, { measured }]) => [name, measured]),
  )
}

async function runCommand(server, database, { name, by, inputs, rounds }) {
  const type = `${name[0].toUpperCase()}${name.slice(1)}Input!`
  const query = `mutation ($input: ${type}) { ${name}(input: $input) { application { id revision } userErrors { reason field } } }`
  const bodies = inputs
    .map((input) => JSON.stringify({ query, variables: { input: { ...input, idempotencyKey: randomUUID() } } }))
    .values()
  const made = []
  const measured = []
  const headers = await headersFor(by)
  const options = {
    url: `http://127.0.0.1:${server.port}/graphql`,
    headers,
    next: () => bodies.next().value,
    check(bytes) {
      const { data, errors } = JSON.parse(bytes)
      const payload = data?.[name]
      if (errors || !payload?.application) throw new Error(`${name} must succeed; it answered ${bytes}`)
      made.push(payload.application)
    },
  }
  for (let at = 0; at < rounds; at++)
    measured.push(await measure({ ...server, database }, { ...options, amount: inputs.length / rounds }))
  return { made, measured }
}

/** As if the worker had registered them, and the officer taken them. */
async function assign({ sql }, applications) {
  const ids = applications.map(({ id }) => parseNodeId(id).key)
  const [{ officer }] = await sql`select party_id as officer from appointments where state = 'ACTIVE'`
  await sql`update applications set state = 'IN_REVIEW', registered_at = submitted_at, officer_id = ${officer}
    where id = any(${ids}::uuid[])`
}
