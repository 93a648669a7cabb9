// Measures submitting an application against a bare node:http that runs the same statements: `npm run bench -- submit`.
// The statements of one submission are recorded, and the bare server repeats them for other drafts with their ids. Both
// over HTTP, in turns; medians, and their ratio.
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto'
import { createServer as bareServer } from 'node:http'
import { parseNodeId } from '../dist/engine/node.js'
import { openDatabase } from '../dist/platform/database.js'
import { startDatabase } from './database.js'
import { addressAnswers } from './people.js'
import { headersOf, serverOn } from './serving.js'
import { median, numberIn } from './settings.js'

const runs = numberIn('RUNS', 60, 3)

const server = await startDatabase()
let recorded = []
const database = await openDatabase(server.url, {
  connections: 1,
  statementTimeout: 60_000,
  debug: (_connection, text, values) => recorded.push({ text, values }),
})
const { privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const signingKey = { id: 'bench', owner: { receipts: true }, key, chain: [] }
const signingKeys = { isSandbox: true, current: async () => signingKey, published: async () => [signingKey] }
const app = await serverOn(database, { signingKeys })
const address = await app.listen({ port: 0, host: '127.0.0.1' })

const headers = await headersOf({ sub: 'bench', fin: 'TEST0BS' })
async function post(url, payload) {
  const began = performance.now()
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(payload) })
  const answer = await response.json()
  return { answer, took: performance.now() - began }
}
async function tell(name, input, shown = 'application { id revision state }') {
  const type = `${name[0].toUpperCase()}${name.slice(1)}Input!`
  const query = `mutation ($input: ${type}) { ${name}(input: $input) { ${shown} userErrors { reason field } } }`
  const variables = { input: { idempotencyKey: randomUUID(), ...input } }
  const { answer, took } = await post(`${address}/graphql`, { query, variables })
  const payload = answer.data?.[name]
  if (answer.errors || payload.userErrors.length > 0) throw new Error(`${name}: ${JSON.stringify(answer)}`)
  return { ...payload.application, took }
}

async function draft() {
  const { id } = await tell('startApplication', { serviceCode: 'DIN-ADDRESS-REG' })
  return await tell('saveDraft', { applicationId: id, revision: 1, answers: addressAnswers('TEST0BS') })
}
const submit = ({ id, revision }) => tell('submitApplication', { applicationId: id, revision })
async function recordedSubmit() {
  const made = await draft()
  recorded = []
  await submit(made)
  const statements = recorded
  recorded = []
  return { statements, application: parseNodeId(made.id).key }
}

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g
/** The statements of a submission for another draft, with new ids for new rows. */
function again({ statements, application }, kept, other) {
  const fresh = new Map([[application, other]])
  const anew = (text) =>
    text
      .replaceAll(uuid, (id) => {
        if (kept.has(id)) return id
        if (!fresh.has(id)) fresh.set(id, randomUUID())
        return fresh.get(id)
      })
      .replaceAll(/R26-\d{7}-\w/g, (number) => {
        if (!fresh.has(number)) fresh.set(number, `R26-${randomBytes(6).toString('hex').toUpperCase()}-Z`)
        return fresh.get(number)
      })
  return statements.map(({ text, values }) => ({
    text,
    values: (values ?? []).map((value) => (typeof value === 'string' ? anew(value) : value)),
  }))
}

try {
  for (let warm = 0; warm < 10; warm++) await submit(await draft())
  const [one, two] = [await recordedSubmit(), await recordedSubmit()]
  const uuidsOf = ({ statements }) => new Set(JSON.stringify(statements).match(uuid))
  const kept = new Set([...uuidsOf(one)].filter((id) => uuidsOf(two).has(id)))
  const work = one.statements.filter(({ text }) => !/^(begin|commit|savepoint|release)/i.test(text))
  const opens = one.statements.findIndex(({ text }) => /^begin/i.test(text))
  const closes = one.statements.findIndex(({ text }) => /^commit/i.test(text))
  const within = one.statements.slice(opens + 1, closes)
  const parts = { before: one.statements.slice(0, opens), within, after: one.statements.slice(closes + 1) }
  const bare = bareServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const { application, id } = JSON.parse(body)
    const done = (part) => again({ ...one, statements: part }, kept, application)
    const all = done([...parts.before, ...parts.within, ...parts.after])
    const cut = [parts.before.length, parts.before.length + parts.within.length]
    const run = async (on, some) => {
      for (const { text, values } of some) await on.unsafe(text, values, { prepare: true })
    }
    try {
      await run(database.client, all.slice(0, cut[0]))
      await database.client.begin((tx) => run(tx, all.slice(cut[0], cut[1])))
      await run(database.client, all.slice(cut[1]))
      response.end(JSON.stringify({ data: { submitApplication: { application: { id } } } }))
    } catch (error) {
      response.end(JSON.stringify({ failed: `${error.message}: ${error.query}` }))
    }
  })
  await new Promise((settle) => bare.listen(0, '127.0.0.1', settle))
  const bareAddress = `http://127.0.0.1:${bare.address().port}/`
  const byBare = async ({ id }) => {
    const { answer, took } = await post(bareAddress, { id, application: parseNodeId(id).key })
    if (answer.failed) throw new Error(answer.failed)
    return took
  }
  const times = { server: [], bare: [] }
  for (let run = 0; run < runs; run++) {
    times.server.push((await submit(await draft())).took)
    times.bare.push(await byBare(await draft()))
  }
  const [{ sent }] = await database.client`select count(*)::int as sent from applications where state = 'SUBMITTED'`
  if (sent !== 12 + 2 * runs) throw new Error(`${12 + 2 * runs} must have been sent; ${sent} were`)
  console.log(`PostgreSQL ${server.version}, Node ${process.version}, ${runs} by turns, ${work.length} statements\n`)
  console.log(`submitApplication          ${median(times.server).toFixed(1)} ms`)
  console.log(`bare node:http             ${median(times.bare).toFixed(1)} ms`)
  console.log(`ratio                      ${(median(times.server) / median(times.bare)).toFixed(2)}`)
  bare.close()
  bare.closeAllConnections()
} finally {
  await app.close()
  await database.close()
  await server.stop()
}
