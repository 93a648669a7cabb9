// Compares this server with others that give the same answers, in interleaved rounds: `npm run bench -- servers`. Ratios
// of one run are meaningful, absolute numbers hardly. CPU time and pinning need Linux and two cores. docs/performance.md
// says how to read it, and which variables choose operations, servers, rounds and sizes.
import { cpus } from 'node:os'
import { nodeIdOf } from '../dist/engine/node.js'
import { fillApplications } from './applications.js'
import { growCatalogue } from './catalogue.js'
import { commands, measureCommands } from './commands.js'
import { postgraphileFunctions, startDatabase } from './database.js'
import { printGoals, printOperation } from './figures.js'
import { connections, measure } from './load.js'
import { operations } from './operations.js'
import { agency, headersFor, signUp } from './people.js'
import { stayBesideTheServers } from './processes.js'
import { searchStatements } from './searchOperation.js'
import { listIn, numberIn, usually } from './settings.js'
import { allWays, differenceOf, sameAnswers, startWays } from './ways.js'

const rounds = numberIn('ROUNDS', 5, 1)
const seconds = numberIn('SECONDS', 2, 2)
/** How long a round is: an amount for a moment, since a slow machine may answer nothing in a short time. */
const length = usually({ seconds }, { amount: connections })
/** Rounds of warming up, if two in succession do not come within 5 % before. */
const warmUps = usually(10, 0)
const services = usually(10_000, 200)
const sizes = listIn('APPLICATIONS', usually([10_000, 1_000_000], [240])).map(Number)
const names = listIn('OPERATIONS', [...Object.keys(operations), commands])
const chosenWays = listIn('WAYS', allWays)
refuseUnknown('OPERATIONS', names, [...Object.keys(operations), commands])
refuseUnknown('WAYS', chosenWays, allWays)
// The others are compared with the first.
const ways = allWays.filter((name, at) => at === 0 || chosenWays.includes(name))

function refuseUnknown(variable, given, known) {
  const unknown = given.filter((name) => !known.includes(name))
  if (unknown.length > 0) throw new Error(`${variable} takes ${known.join(', ')}; ${unknown.join(', ')} came`)
}

stayBesideTheServers()
const database = await startDatabase()
try {
  await growCatalogue(database.sql, services)
  await database.sql.unsafe(postgraphileFunctions)
  const parties = await signUp(database.url)
  if (names.includes('search')) process.env.SEARCH_STATEMENTS = await searchStatements(database.url)
  const [{ id }] = await database.sql`select id from services where code = 'DIN-ID-ISSUE'`
  const world = { agency, service: nodeIdOf('Service', id), principal: nodeIdOf('Party', parties.principal) }
  console.log(circumstances())
  for (const [at, size] of sizes.entries()) {
    console.log(`\n## ${size.toLocaleString('en')} applications`)
    await fillApplications(database.sql, parties, size)
    // Answers about the catalogue do not depend on the number of applications.
    const chosen = names.filter((name) => name !== commands && (at === 0 || operations[name].by))
    await compareAll(chosen, world)
  }
} finally {
  await database.stop()
}

function circumstances() {
  const length = usually(`rounds of ${seconds} s after a warm-up`, 'round of a few requests')
  return (
    `${new Date().toISOString().slice(0, 10)}, Node ${process.version}, PostgreSQL ${database.version}, ` +
    `${cpus().length} cores; ${services} services, ${connections} connections, ${rounds} ${length}`
  )
}

async function compareAll(chosen, world) {
  const { started, stop } = await startWays(ways, database.environment)
  try {
    const results = []
    for (const name of chosen) results.push(await compare({ name, ...operations[name] }, world, started))
    const server = started.find(({ name }) => name === 'pencere')
    if (names.includes(commands) && server)
      await measureCommands(server, database, usually(80, connections) * rounds, rounds)
    printGoals(results)
  } finally {
    await stop()
  }
}

async function compare(operation, world, started) {
  const asked = await sameAnswers(started, operation, operation.variables(world), await headersFor(operation.by))
  const all = asked.map(({ way, request, text }) => {
    const known = [Buffer.from(text)]
    return { ...way, measured: [], round: () => round(way, request, known) }
  })
  for (const one of all) await warmUp(one.round)
  for (let at = 0; at < rounds; at++)
    for (const one of at % 2 ? all.toReversed() : all) one.measured.push(await one.round())
  printOperation(operation.name, all)
  return { operation, all }
}

function round({ title, server }, { url, headers, body }, known) {
  const check = (bytes) => {
    if (known.some((text) => bytes.equals(text))) return
    const difference = differenceOf(valuesIn(known[0]), valuesIn(bytes))
    if (difference) throw new Error(`${title}: an answer changed: ${difference}`)
    known.push(bytes) // differs in white space
  }
  return measure({ server, database }, { url, headers, next: () => body, check, ...length })
}
function valuesIn(bytes) {
  return JSON.stringify(JSON.parse(bytes))
}

/** Until two rounds in succession are as fast. */
async function warmUp(round) {
  let last = 0
  for (let at = 0; at < warmUps; at++) {
    const { perSecond } = await round()
    if (Math.abs(perSecond - last) < 0.05 * perSecond) return
    last = perSecond
  }
}
