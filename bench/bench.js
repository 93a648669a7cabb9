// Requests a second of this server beside a bare one, in interleaved rounds: `npm run bench`. A ratio of one run means
// something, a number of it little. The servers have one core, the load and PostgreSQL the other where there are two.
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import autocannon from 'autocannon'
import { startEmbeddedPostgres } from '../dist/shared/embeddedPostgres.js'
import { operations } from './operations.js'

const rounds = Number(process.env.ROUNDS ?? 7)
const seconds = Number(process.env.SECONDS ?? 3)
const connections = 16
const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const dataDir = mkdtempSync(join(tmpdir(), 'pencere-bench-'))

const postgres = await startEmbeddedPostgres(dataDir, { join: false, settings: {} })
const pinned = (cpu, pid) => process.platform === 'linux' && execFileSync('taskset', ['-acp', cpu, String(pid)])
if (process.platform === 'linux') pinned('1', process.pid)
const start = (script, port) => {
  const environment = { ...process.env, DATABASE_URL: postgres.url, PORT: String(port), LOG_LEVEL: 'silent' }
  const child = spawn(process.execPath, [here(script)], {
    env: { ...environment, NODE_ENV: 'production' },
    stdio: 'ignore',
  })
  pinned('0', child.pid)
  return { port, pid: child.pid, stop: () => child.kill('SIGTERM') }
}
const api = start('../dist/main.js', 4701)
const bare = start('./bare.js', 4702)
const requestOf = {
  api: ({ query, variables }) => ({ url: 'http://127.0.0.1:4701/graphql', body: JSON.stringify({ query, variables }) }),
  bare: (_, name) => ({ url: `http://127.0.0.1:4702/${encodeURIComponent(name)}`, body: '{}' }),
}
const ways = Object.keys(requestOf)

async function answer(way, name) {
  const { url, body } = requestOf[way](operations[name], name)
  for (let tries = 0; ; tries++) {
    try {
      const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
      return await response.text()
    } catch (error) {
      if (tries === 100) throw error
      await sleep(100)
    }
  }
}
async function round(way, name, duration) {
  const { url, body } = requestOf[way](operations[name], name)
  const before = cpuOf(way)
  const result = await autocannon({
    url,
    body,
    connections,
    duration,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
  })
  if (result.non2xx || result.errors)
    throw new Error(`${way}, ${name}: ${result.non2xx + result.errors} requests failed`)
  const requests = result.requests.total
  return { perSecond: requests / result.duration, cpu: (cpuOf(way) - before) / requests }
}
/** Milliseconds of CPU that the server's process has used. */
function cpuOf(way) {
  const { pid } = { api, bare }[way]
  const ticks = execFileSync('cat', [`/proc/${pid}/stat`], { encoding: 'utf8' })
    .split(') ')[1]
    .split(' ')
    .slice(11, 13)
  return ticks.reduce((sum, each) => sum + Number(each), 0) * 10
}
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1]

try {
  for (const name of Object.keys(operations)) {
    const [ours, theirs] = [await answer('api', name), await answer('bare', name)]
    if (JSON.stringify(JSON.parse(ours)) !== JSON.stringify(JSON.parse(theirs)))
      throw new Error(`${name}: the two answers differ:\n${ours}\n${theirs}`)
    for (const way of ways) await round(way, name, 2)
    const all = { api: [], bare: [] }
    for (let at = 0; at < rounds; at++)
      for (const way of at % 2 ? ways.toReversed() : ways) all[way].push(await round(way, name, seconds))
    const of = (way, figure) => median(all[way].map((one) => one[figure]))
    console.log(
      `${name}: ${of('api', 'perSecond').toFixed(0)} a second of ${of('bare', 'perSecond').toFixed(0)} bare, ` +
        `ratio ${(of('api', 'perSecond') / of('bare', 'perSecond')).toFixed(2)}; ` +
        `CPU ${of('api', 'cpu').toFixed(2)} ms a request of ${of('bare', 'cpu').toFixed(2)} bare`,
    )
  }
} finally {
  api.stop()
  bare.stop()
  await sleep(500)
  await postgres.stop()
  rmSync(dataDir, { recursive: true })
}
