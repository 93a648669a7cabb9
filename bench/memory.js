// Measures memory after each 20,000 requests and a garbage collection: 100,000 requests for a few documents, then new
// documents only. Fails if it grows: `npm run bench -- memory`.
import { once } from 'node:events'
import { startDatabase } from './database.js'
import { load } from './load.js'
import { operations } from './operations.js'
import { here, startServer, stayBesideTheServers } from './processes.js'
import { usually } from './settings.js'

const scale = usually(1, 0.01)
const mebibyte = 2 ** 20
/** MiB by which a settled heap may vary. */
const slack = usually(6, Infinity)
const port = 4710

const bodyOf = ({ query, variables }) => JSON.stringify({ query, variables })
const { 'catalogue page': page, 'service by code': service } = operations
const few = [
  ...Array.from({ length: 9 }, () => bodyOf({ ...service, variables: service.variables() })),
  bodyOf({ ...page, variables: { first: 5 } }),
]

const fields = `id code name description audiences direction status confidence source names { az en ru } agency { code }
  agency { website } lifeEvent { code } lifeEvent { source } currentVersion { number } currentVersion { automation }
  currentVersion { tariffs { code } } currentVersion { validFrom }`.match(/\w+(?: \{(?:[^{}]|\{[^{}]*\})*\})?/g)
let turn = 0
const fewInTurn = () => few[turn++ % few.length]
let made = 0
/** A new selection each time, and so a new statement. */
function newDocument() {
  const bits = ++made
  const selected = fields.filter((_, at) => bits & (1 << at))
  return bodyOf({ query: `{ service(code: "DIN-ID-ISSUE") { ${selected.join(' ')} } }` })
}
function* each(times, make) {
  for (;;) {
    const body = make()
    for (let time = 0; time < times; time++) yield body
  }
}

async function heapAfter(server, bodies, amount) {
  const check = (bytes) => {
    const text = String(bytes)
    if (!text.startsWith('{"data":') || text.includes('"errors"'))
      throw new Error(`no request may fail; one did: ${text}`)
  }
  const headers = { 'content-type': 'application/json' }
  await load({ url: `http://127.0.0.1:${port}/graphql`, headers, next: () => bodies.next().value, check, amount })
  server.child.send('')
  const [held] = await once(server.child, 'message')
  return held
}

/** The heap may grow during the first step, and not after it. */
async function watch(server, what, bodies, { amount, steps }) {
  const heaps = []
  for (let at = 1; at <= steps; at++) {
    const { rss, heapUsed } = await heapAfter(server, bodies, amount)
    heaps.push(heapUsed / mebibyte)
    console.log(`| ${what} | ${at * amount} | ${heaps.at(-1).toFixed(1)} | ${(rss / mebibyte).toFixed(0)} |`)
  }
  const grown = heaps.at(-1) - heaps[0]
  if (grown > slack)
    throw new Error(`${what}: at most ${slack} MiB more are allowed; it grew by ${grown.toFixed(1)} MiB`)
}

stayBesideTheServers()
const database = await startDatabase()
try {
  const flags = ['--expose-gc', '--import', here('probe.js')]
  const server = await startServer('../dist/main.js', {
    port,
    flags,
    ipc: true,
    environment: database.environment,
  })
  try {
    console.log('| what is asked | requests | heap, MiB | RSS, MiB |\n|---|---|---|---|')
    await watch(server, 'the same few documents', each(1, fewInTurn), { amount: 20_000 * scale, steps: 5 })
    // Apollo's document store is full (8 MiB of text) after about 4,000 of these. Compiled statements are dropped with
    // their document.
    await watch(server, 'each document a new one', each(1, newDocument), { amount: 6_000 * scale, steps: 4 })
    // Asked often enough to be prepared; the number of prepared statements is limited.
    await watch(server, 'each document four times', each(4, newDocument), { amount: 4_000 * scale, steps: 2 })
  } finally {
    await server.stop()
  }
} finally {
  await database.stop()
}
