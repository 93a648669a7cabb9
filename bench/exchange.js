// Measures calls to agencies: `npm run bench -- exchange`. Registries that take 50 ms each run in a separate process.
// Each person is new, so no answer is stored; medians of pairs. Server, registries and PostgreSQL share this machine.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer as listener } from 'node:net'
import { exchangeFrom } from '../dist/exchange/registries/exchange.settings.js'
import { openExchange } from '../dist/exchange/registries/openExchange.js'
import { openDatabase } from '../dist/platform/database.js'
import { startDatabase } from './database.js'
import { here } from './processes.js'
import { headersOf, serverOn } from './serving.js'
import { median, numberIn, usually } from './settings.js'

const pairs = numberIn('PAIRS', 60, 3)
/** Concurrent requests that wait for a dead registry. */
const waiters = usually(1_000, 20)
const questions = usually(40, 5)
const timeLimit = 1_000
const log = { debug() {}, info() {}, warn() {}, error: (what, message) => console.error(message, what) }

const registries = fork(here('registries.js'))
const [ports] = await once(registries, 'message')
const settings = (codes) =>
  exchangeFrom(
    JSON.stringify({
      client: 'BENCH/GOV/EHIM/pencere',
      registries: Object.fromEntries(
        Object.entries(codes).map(([code, port]) => [
          code,
          { system: `BENCH/GOV/X/${code}`, securityServer: { url: `http://127.0.0.1:${port}` }, timeLimit },
        ]),
      ),
    }),
  )

let persons = 0
async function somebody() {
  const digits = '0123456789ABCDEFGHJKLMNPQRSTUVWXYZ' // the characters of a FİN
  persons++
  const serial = [1156, 34, 1].map((place) => digits[Math.floor(persons / place) % 34]).join('')
  return await headersOf({ sub: `bench-${persons}`, fin: `TEST${serial}` })
}

const answer = '{ record { __typename } provenance { messageId } unavailable { reason } }'
const names = ['population', 'traffic', 'property', 'socialInsurance', 'tax']
const none = '{ viewer { kind assurance party { kind name } } }'
const five = `{ viewer { person { ${names.map((name) => `${name} ${answer}`).join(' ')} } } }`

const server = await startDatabase()
const database = await openDatabase(server.url, { connections: 10, statementTimeout: 10_000 })
async function withServer(codes, measure) {
  const exchange = openExchange(settings(codes), { log })
  const app = await serverOn(database, { exchange })
  const address = await app.listen({ port: 0, host: '127.0.0.1' })
  const ask = async (headers, query) => {
    const began = performance.now()
    const response = await fetch(`${address}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query }) })
    const answer = await response.json()
    const took = performance.now() - began
    if (answer.errors) throw new Error(JSON.stringify(answer.errors))
    return { took, data: answer.data }
  }
  await measure(ask)
  await app.close()
}

try {
  await measure()
} finally {
  await database.close()
  await server.stop()
  registries.kill()
}

async function measure() {
  const { HANGING, ...up } = ports
  console.log(`PostgreSQL ${server.version}, Node ${process.version}, ${pairs} pairs\n`)

  await withServer(up, async (ask) => {
    const differences = []
    const alone = []
    for (let pair = 0; pair < pairs; pair++) {
      const headers = await somebody()
      await ask(headers, none) // the first sign-in creates the party
      const [without, withFive] = [await ask(headers, none), await ask(headers, five)]
      if (names.some((name) => withFive.data.viewer.person[name].unavailable))
        throw new Error('a registry did not answer')
      alone.push(without.took)
      differences.push(withFive.took - without.took)
    }
    console.log(`over none                                  ${median(alone).toFixed(1)} ms`)
    console.log(
      `five registries of 50 ms each              +${median(differences).toFixed(1)} ms (of the fastest half at most)`,
    )
  })

  await withServer({ ...up, FINES: HANGING }, async (ask) => {
    const over = []
    for (let pair = 0; pair < usually(4, 1); pair++) {
      const headers = await somebody()
      await ask(headers, none)
      const { took, data } = await ask(headers, five)
      if (data.viewer.person.traffic.unavailable.reason !== 'TIMED_OUT') throw new Error('it was to time out')
      over.push(took - timeLimit)
    }
    console.log(`one of them hangs, limit ${timeLimit} ms             +${median(over).toFixed(1)} ms beyond its limit`)
  })

  const closed = listener()
  await new Promise((settle) => closed.listen(0, '127.0.0.1', settle))
  const dead = closed.address().port
  await new Promise((settle) => closed.close(settle))
  for (const [how, port] of Object.entries({ 'refuses connections': dead, hangs: HANGING })) {
    const exchange = openExchange(settings({ AVIS: up.AVIS, FINES: port }), { log })
    const message = (subject) => ({
      method: 'GET',
      service: 'x',
      path: ['of', subject],
      userId: 'bench',
      deadline: Date.now() + 60_000,
    })
    const timed = async () => {
      const began = performance.now()
      const reply = await exchange.ask('AVIS', message('A'), (body) => body)
      if ('failed' in reply) throw new Error(reply.failed)
      return performance.now() - began
    }
    const several = async () => {
      const times = []
      for (let round = 0; round < questions; round++) times.push(await timed())
      return times
    }
    await several()
    const before = await several()
    const dying = Array.from({ length: waiters }, (_, n) => exchange.ask('FINES', message(`B${n}`), (body) => body))
    const beside = await several()
    await Promise.all(dying)
    console.log(
      `another, beside ${waiters} on one that ${how.padEnd(20)} ${(median(beside) / median(before)).toFixed(2)} of its time alone ` +
        `(${median(before).toFixed(1)} ms; the slowest of ${questions} ${Math.max(...beside).toFixed(1)})`,
    )
    await exchange.close()
  }
}
