import { spawn } from 'node:child_process'
import { startDatabase } from './database.js'
import { serverOn } from './serving.js'
import { openDatabase } from '../dist/platform/database.js'
import { nodeIdOf } from '../dist/engine/node.js'
import inspector from 'node:inspector'
import { writeFileSync } from 'node:fs'
const database = await startDatabase()
const [{ id }] = await database.sql`select id from services where code = 'DIN-ID-ISSUE'`
const opened = await openDatabase(database.url, { connections: 10, statementTimeout: 10000 })
const app = await serverOn(opened)
await app.listen({ port: 4799, host: '127.0.0.1' })
const body = JSON.stringify(process.argv[2] === 'page' ? { query: `query ($first: Int!) {
      services(first: $first) {
        nodes { code name agency { name } currentVersion { validFrom fees { variant money { amount currency } due } } }
        pageInfo { hasNextPage endCursor }
      }
    }`, variables: { first: 20 } } : { query: 'query ($id: ID!) { node(id: $id) { ... on Service { code name agency { name } } } }', variables: { id: nodeIdOf('Service', id) } })
const res = await fetch('http://127.0.0.1:4799/graphql', { method: 'POST', headers: { 'content-type': 'application/json' }, body })
console.log(res.status, Object.fromEntries(res.headers), (await res.text()).slice(0, 300))
const load = (amount) => new Promise((done) => spawn('npx', ['autocannon', '-c', '16', '-a', String(amount), '-m', 'POST', '-H', 'content-type=application/json', '-b', body, 'http://127.0.0.1:4799/graphql'], { stdio: 'ignore' }).on('exit', done))
await load(2000)
const session = new inspector.Session(); session.connect()
const post = (m, p) => new Promise((r, j) => session.post(m, p, (e, v) => e ? j(e) : r(v)))
await post('Profiler.enable'); await post('Profiler.start')
const before = process.cpuUsage()
await load(6000)
const used = process.cpuUsage(before)
console.log('cpu ms a request', (used.user + used.system) / 6000 / 1000)
const { profile } = await post('Profiler.stop')
const self = new Map(); const total = profile.samples.length
const byId = new Map(profile.nodes.map((n) => [n.id, n]))
const counts = new Map(); for (const s of profile.samples) counts.set(s, (counts.get(s) ?? 0) + 1)
for (const [idn, c] of counts) { const f = byId.get(idn).callFrame; const k = `${f.functionName} ${f.url.split('/').slice(-3).join('/')}:${f.lineNumber}`; self.set(k, (self.get(k) ?? 0) + c) }
for (const [k, c] of [...self].sort((a, b) => b[1] - a[1]).slice(0, 60)) console.log((100 * c / total).toFixed(1), k)
writeFileSync('/tmp/prof.cpuprofile', JSON.stringify(profile))
await app.close(); await opened.close(); await database.stop(); process.exit(0)
