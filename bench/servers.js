// Compares requests a second of this server and others that give the same answers, in interleaved rounds: `npm run
// bench -- servers`. Ratios of one run are meaningful, absolute numbers hardly. CPU time and pinning need Linux and two
// cores.
import { cpus } from 'node:os'
import autocannon from 'autocannon'
import { growCatalogue } from './catalogue.js'
import { postgraphileFunctions, startDatabase } from './database.js'
import { operations } from './operations.js'
import { stayBesideTheServers } from './processes.js'
import { searchStatements } from './searchOperation.js'
import { median, numberIn, usually } from './settings.js'
import { requestOf, sameAnswers, startWays } from './ways.js'

const rounds = numberIn('ROUNDS', 5, 1)
const seconds = numberIn('SECONDS', 2, 0.5)
const services = usually(10_000, 200)
const connections = 16

stayBesideTheServers()
const database = await startDatabase()
try {
  await growCatalogue(database.sql, services)
  await database.sql.unsafe(postgraphileFunctions)
  process.env.SEARCH_STATEMENTS = await searchStatements(database.url)
  const { started, stop } = await startWays(database.url)
  try {
    console.log(circumstances())
    for (const [name, operation] of Object.entries(operations)) await compare(name, operation, started)
  } finally {
    await stop()
  }
} finally {
  await database.stop()
}

function circumstances() {
  return (
    `${new Date().toISOString().slice(0, 10)}, Node ${process.version}, PostgreSQL ${database.version}, ` +
    `${cpus().length} cores; ${services} services, ${connections} connections, ` +
    `${rounds} rounds of ${seconds} s after a warm-up`
  )
}

async function compare(name, operation, started) {
  const answers = await sameAnswers(started, operation, name)
  const ways = [...answers.keys()]
  const measured = new Map(ways.map((way) => [way, []]))
  const measure = (way, duration) => round(way, requestOf(way, operation, name), answers.get(way), duration)
  for (const way of ways) await measure(way, seconds)
  for (let at = 0; at < rounds; at++)
    for (const way of at % 2 ? ways.toReversed() : ways) measured.get(way).push(await measure(way, seconds))
  print(name, measured)
}

/** One round of one server. A single wrong or failing answer fails the bench. */
async function round({ title, server }, { url, body }, expectBody, duration) {
  const before = { server: server.cpu(), postgres: database.cpu() }
  const headers = { 'content-type': 'application/json' }
  const result = await autocannon({ url, body, headers, method: 'POST', connections, duration, expectBody })
  const failed = result.non2xx + result.errors + result.timeouts + result.mismatches
  if (failed) throw new Error(`${title}: ${failed} requests failed, of ${result.requests.total}`)
  const requests = result.requests.total
  return {
    perSecond: requests / result.duration,
    cpu: (server.cpu() - before.server) / requests,
    postgres: (database.cpu() - before.postgres) / requests,
  }
}

function print(name, measured) {
  console.log(`\n### ${name}\n`)
  console.log(
    '| | requests a second (least–most) | of bare | server CPU, ms a request | of bare | PostgreSQL CPU, ms |',
  )
  console.log('|---|---|---|---|---|---|')
  const [bare] = measured.values()
  for (const [{ title }, own] of measured) {
    const of = (figure, all = own) => median(all.map((one) => one[figure]))
    const ratio = (figure) => (of(figure) / of(figure, bare)).toFixed(2)
    const all = own.map(({ perSecond }) => perSecond)
    const spread = `${Math.min(...all).toFixed(0)}–${Math.max(...all).toFixed(0)}`
    const cells = [title, `${of('perSecond').toFixed(0)} (${spread})`, ratio('perSecond'), of('cpu').toFixed(2)]
    console.log(`| ${[...cells, ratio('cpu'), of('postgres').toFixed(2)].join(' | ')} |`)
  }
}
