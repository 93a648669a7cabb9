// Measures the cost of ordering events: `npm run bench -- events`. Each writer adds one event about its own thing in a
// transaction, with and without a worker process, in turns; medians. Also how many events a second get their position.
// Server, writers and PostgreSQL share this machine.
import { fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { localFiles } from '../dist/documents/files/localFiles.js'
import { scannerOf } from '../dist/documents/uploads/scanner.js'
import { recurringOf } from '../dist/domains.js'
import { record } from '../dist/events/record.js'
import { sweep, sweepLimit } from '../dist/events/sequencer.js'
import { openDatabase } from '../dist/platform/database.js'
import { usualTimings } from '../dist/platform/timings.js'
import { unconnected } from '../dist/shared/exchange.js'
import { withoutSigningKeys } from '../dist/shared/signingKeys.js'
import { withoutTrust } from '../dist/shared/trust.js'
import { startWorker } from '../dist/worker.js'
import { startDatabase } from './database.js'
import { keyring } from './serving.js'
import { median, numberIn, usually } from './settings.js'

const rounds = numberIn('ROUNDS', 5, 1)
const seconds = usually(4, 1)
const writers = 20
const backlog = usually(50_000, 1_000)
const job = { name: 'nothing', on: ['thing.done'], run: async () => {} }
const options = { connections: writers, statementTimeout: 60_000 }

if (process.send) await beWorker(process.argv[2])
else await measure()

async function beWorker(url) {
  const database = await openDatabase(url, { ...options, connections: 2 })
  const log = { info() {}, error: (what, message) => console.error(message, what) }
  const accessLogDir = mkdtempSync(join(tmpdir(), 'pencere-bench-'))
  const worker = startWorker({
    config: { requestTimeout: 10_000, timings: usualTimings },
    database,
    jobs: [],
    recurring: recurringOf({
      files: localFiles(accessLogDir, 'sandbox'),
      scanner: scannerOf(undefined),
      verifyAt: undefined,
      accessLogDir,
      providers: { all: [], find: () => undefined, close: async () => {} },
      timings: usualTimings,
      trust: withoutTrust,
    }),
    keyring,
    signingKeys: withoutSigningKeys,
    exchange: unconnected,
    now: () => new Date(),
    log,
  })
  process.send('begun')
  await once(process, 'message')
  await worker.stop()
  rmSync(accessLogDir, { recursive: true })
  process.exit(0)
}

async function measure() {
  const server = await startDatabase()
  const database = await openDatabase(server.url, options)
  try {
    const results = { alone: [], sequenced: [], positions: [], 'positions, each with a job': [], lag: [] }
    for (let round = 0; round < rounds; round++) {
      results.alone.push(await write(database))
      await sweepAll(database, [])
      results.sequenced.push(await besideWorker(database, server.url, results.lag))
      results.positions.push(await position(database, []))
      results['positions, each with a job'].push(await position(database, [job]))
      await database.client.unsafe('truncate graphile_worker._private_jobs')
    }
    console.log(`PostgreSQL ${server.version}, Node ${process.version}, ${rounds} rounds, ${writers} writers\n`)
    for (const [what, values] of Object.entries(results))
      console.log(
        `${what.padEnd(28)}${Math.round(median(values))} ${what === 'lag' ? 'ms from commit to position' : 'a second'}`,
      )
  } finally {
    await database.close()
    await server.stop()
  }
}

/** Transactions a second. */
async function write({ db }) {
  const ends = Date.now() + seconds * 1000
  let written = 0
  const writer = async () => {
    const event = { domain: 'things', type: 'thing.done', subject: randomUUID(), at: new Date(), actor: 'nobody' }
    for (; Date.now() < ends; written++) await db.transaction((tx) => record(tx, [event]))
  }
  await Promise.all(Array.from({ length: writers }, writer))
  return written / seconds
}

async function besideWorker(database, url, lags) {
  const worker = fork(process.argv[1], [url])
  await once(worker, 'message')
  const following = lagOf(database)
  const perSecond = await write(database)
  lags.push(await following)
  worker.send('stop')
  await once(worker, 'exit')
  return perSecond
}

/** From a commit to the position, halfway through a round. */
async function lagOf({ client, db }) {
  await sleep((seconds * 1000) / 2)
  const subject = randomUUID()
  await db.transaction((tx) =>
    record(tx, [{ domain: 'things', type: 'thing.done', subject, at: new Date(), actor: 'me' }]),
  )
  const committed = performance.now()
  for (;;) {
    const waiting = await client`select 1 from events where position is null and subject = ${subject}`
    if (waiting.length === 0) return performance.now() - committed
  }
}

async function sweepAll(database, jobs) {
  while ((await sweep(database, jobs)) === sweepLimit);
}

/** Events of a backlog that get their position, a second. */
async function position(database, jobs) {
  await database.client`
    insert into events (domain, type, subject, at, actor, ids)
    select 'things', 'thing.done', gen_random_uuid(), now(), 'nobody', '{}' from generate_series(1, ${backlog}::int)`
  const begun = performance.now()
  await sweepAll(database, jobs)
  return (backlog * 1000) / (performance.now() - begun)
}
