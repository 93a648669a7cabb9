// Measures filings: `npm run bench -- filings`. First a batch through the API and the worker of a running server, beside a
// bare `insert` of the same rows. Then `submitFiling` with 50 clients beside a bare node:http that runs the same statements.
// PROFILE=<folder> writes a CPU profile of each process of the server. Server, clients and PostgreSQL share this machine.
import { fork, spawn } from 'node:child_process'
import { createHash, createPrivateKey, randomBytes, randomUUID, sign, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import canonicalize from 'canonicalize'
import postgres from 'postgres'
import { configFrom } from '../dist/config.js'
import { openDatabase } from '../dist/platform/database.js'
import { keyringOf } from '../dist/platform/keyringFile.js'
import { authorityOf } from '../dist/sandbox/authority.js'
import { freePorts } from '../dist/sandbox/freePorts.js'
import { sandboxSigningKeys } from '../dist/sandbox/signingKeys.js'
import { tokenOf } from '../dist/sandbox/token.js'
import { load } from './load.js'
import { here, statOf } from './processes.js'
import { serverOn } from './serving.js'
import { median, numberIn, usually } from './settings.js'

const lines = numberIn('LINES', 100_000, 600)
const copied = usually(20_000, 200)
const clients = 50
const requests = numberIn('REQUESTS', 5_000, 50)
const rounds = numberIn('ROUNDS', 3, 1)
const voen = '9900000141'

async function measure() {
  const dataDir = join(mkdtempSync(join(tmpdir(), 'pencere-bench-')), 'data')
  const server = await startWhole(dataDir)
  const sql = postgres(server.databaseUrl, { max: 4, onnotice() {} })
  try {
    const { version, seal, headers } = await filer(server, sql)
    console.log(`PostgreSQL ${version}, Node ${process.version}\n`)
    await measureBatch(server, sql, { seal, headers })
    await measureSubmit(server, sql, { seal, headers })
  } finally {
    await sql.end()
    await server.stop()
    rmSync(join(dataDir, '..'), { recursive: true })
  }
}

/** The whole server on a new DATA_DIR, as somebody starts it. */
async function startWhole(dataDir) {
  const [port, sandboxPort] = await freePorts(2)
  const { PROFILE } = process.env
  const room = '999999999'
  const environment = {
    PORT: String(port),
    SANDBOX_PORT: String(sandboxPort),
    WORKER_PORT: '0',
    DATA_DIR: dataDir,
    LOG_LEVEL: 'warn',
    RATE_REQUESTS: room,
    RATE_COMMANDS: room,
  }
  // Its processes inherit the flags.
  const flags = PROFILE ? ['--cpu-prof', `--cpu-prof-dir=${PROFILE}`] : []
  const child = spawn(process.execPath, [...flags, here('../dist/main.js')], {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  let written = ''
  child.stdout.on('data', (text) => {
    written += text
    if (text.includes('"level":')) process.stderr.write(text)
  })
  while (!written.includes('Sign in:')) {
    if (child.exitCode !== null) throw new Error(`the server ended: ${written}`)
    await sleep(50)
  }
  const cluster = join(dataDir, 'postgres')
  const postmaster = readFileSync(join(cluster, 'cluster/postmaster.pid'), 'utf8').split('\n')
  const password = readFileSync(join(cluster, 'password'), 'utf8')
  const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim().split(' ')
  const worker = children.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').endsWith('main.js\0worker\0'))
  return {
    config: configFrom({ DATA_DIR: dataDir, PORT: String(port), SANDBOX_PORT: String(sandboxPort) }),
    address: `http://127.0.0.1:${port}/graphql`,
    databaseUrl: `postgres://pencere:${password}@127.0.0.1:${postmaster[3]}/postgres`,
    worker: {
      cpu: () => statOf(worker).own,
      /** In MiB. */
      memory: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${worker}/status`, 'utf8'))[1]) / 1024,
    },
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

/** The program of the sandbox's company, and the seal of the company. */
async function filer({ config }, sql) {
  const authority = await authorityOf(config.dataDir)
  const asked = { commonName: 'Bench', organisationIdentifier: `VATAZ-${voen}`, usage: 'seal', days: 2 }
  const { key: pem, chain } = await authority.issue(asked)
  const x5c = chain.map((one) => new X509Certificate(one).raw.toString('base64'))
  const [key, header] = [createPrivateKey(pem), part(JSON.stringify({ alg: 'ES256', typ: 'pencere-filing+jose', x5c }))]
  const seal = (payload) => {
    const input = Buffer.from(`${header}.${part(canonicalize({ ...payload, sandbox: true }))}`)
    return `${header}..${sign('sha256', input, { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
  }
  const authorization = `Bearer ${await tokenOf('filing-program', config)}`
  const [{ server_version: version }] = await sql`show server_version`
  return { version, seal, headers: { authorization, 'content-type': 'application/json' } }
}
const part = (text) => Buffer.from(text).toString('base64url')
const hashOf = (bytes) => createHash('sha256').update(bytes).digest('hex')

async function ask({ address }, headers, query, variables) {
  const response = await fetch(address, { method: 'POST', headers, body: JSON.stringify({ query, variables }) })
  const answer = await response.json()
  const [payload] = Object.values(answer.data ?? {})
  if (answer.errors || payload?.userErrors?.length > 0) throw new Error(JSON.stringify(answer))
  return payload
}

const announce = `mutation ($input: CreateFilingBatchInput!) {
  createFilingBatch(input: $input) { batch { id uploadUrl } userErrors { reason message } } }`

/** A batch that is signed once, from its receipt to its end. */
async function measureBatch(server, sql, { seal, headers }) {
  const file = Buffer.from(
    Array.from({ length: lines }, (_, at) => `${JSON.stringify(invoiceOf(`B-${at}`))}\n`).join(''),
  )
  const sha256 = hashOf(file)
  const signature = seal({ batchSha256: sha256 })
  const input = { size: file.length, sha256, signature, idempotencyKey: randomUUID() }
  const { batch } = await ask(server, headers, announce, { input })
  const before = { worker: server.worker.cpu(), at: performance.now() }
  const sent = await fetch(batch.uploadUrl, { method: 'PUT', body: file })
  if (!sent.ok) throw new Error(`the file must be received: ${await sent.text()}`)
  const received = performance.now()
  const memory = []
  let row
  for (;;) {
    ;[row] = await sql`select state, done, filed, stopped_for, started_at, ended_at from filing_batches`
    memory.push({ share: row.done / lines, rss: server.worker.memory() })
    if (row.ended_at) break
    await sleep(usually(200, 20))
  }
  if (row.filed !== lines) throw new Error(`${lines} must be filed: ${JSON.stringify(row)}`)
  const seconds = (row.ended_at - row.started_at) / 1000
  const rate = lines / seconds
  const cpu = (server.worker.cpu() - before.worker) / lines
  const at = (share) => memory.find((one) => one.share >= share).rss
  const bare = await insertBare(sql)
  console.log(`${lines.toLocaleString('en')} lines of ${Math.round(file.length / lines)} bytes, signed once`)
  console.log(`  received in              ${((received - before.at) / 1000).toFixed(1)} s`)
  console.log(`  filed                    ${Math.round(rate)} a second`)
  console.log(`  bare insert, same rows   ${Math.round(bare)} a second`)
  console.log(`  ratio                    ${(rate / bare).toFixed(2)}`)
  console.log(`  CPU of the worker        ${cpu.toFixed(2)} ms a filing`)
  console.log(
    `  memory of the worker     ${at(0.1).toFixed(0)} MiB at 10 %, ${memory.at(-1).rss.toFixed(0)} MiB at the end`,
  )
  console.log(`  most                     ${Math.max(...memory.map(({ rss }) => rss)).toFixed(0)} MiB\n`)
}

/** The tables that a filing of a batch has rows in, and what chooses those of some filings. */
const written = {
  filings: 'id in (select id from chosen)',
  events: `subject in (select id from chosen) or subject in (select document from chosen)`,
  issued_documents: 'subject_id in (select id from chosen)',
  document_parties: 'document_id in (select document from chosen)',
  filing_batch_lines: 'filing_id in (select id from chosen)',
}
/** Filings a second when their rows are sent as values, 500 filings a transaction, to tables with the same indexes. */
async function insertBare(sql) {
  const chosen = sql.unsafe(`
    create table chosen as select filings.id, document.id as document from filings
    join issued_documents document on subject_id = filings.id order by filings.id limit ${copied}`)
  await chosen
  const sets = []
  for (const [table, which] of Object.entries(written)) {
    await sql.unsafe(`create table bare_${table} (like ${table} including all excluding identity)`)
    sets.push([table, await sql.unsafe(`select * from ${table} where ${which}`)])
  }
  const chunks = Math.ceil(copied / 500)
  const began = performance.now()
  for (let chunk = 0; chunk < chunks; chunk++)
    await sql.begin(async (tx) => {
      for (const [table, rows] of sets) {
        const some = Math.ceil(rows.length / chunks)
        const values = rows.slice(chunk * some, (chunk + 1) * some)
        if (values.length > 0) await tx`insert into ${tx(`bare_${table}`)} ${tx(values)}`
      }
    })
  return (1000 * copied) / (performance.now() - began)
}

const submit = `mutation ($input: SubmitFilingInput!) {
  submitFiling(input: $input) { filing { number state } receipt { signature } userErrors { reason field } } }`

/** The body of a request that files another invoice. Signed before anything is timed. */
function bodyOf(seal) {
  const { content: json, ...filing } = invoiceOf(randomUUID())
  const payload = {
    service: filing.serviceCode,
    version: 1,
    party: voen,
    period: null,
    externalNumber: filing.externalNumber,
    contentSha256: hashOf(canonicalize(json)),
    replaces: null,
  }
  return JSON.stringify({
    query: submit,
    variables: { input: { ...filing, content: { json }, signature: seal(payload) } },
  })
}

/** 50 clients, in turns with a bare node:http that runs the statements of one submission with other ids. */
async function measureSubmit(server, sql, { seal, headers }) {
  const { statements, kept, externalNumber } = await recordedSubmission(server, { seal, headers })
  const work = statements.filter(({ text }) => !/^(begin|commit|savepoint|release)/i.test(text))
  const bare = fork(here('filings.js'), process.argv.slice(2), { stdio: 'inherit' })
  bare.send({ url: server.databaseUrl, statements: packed(statements), kept: [...kept], externalNumber })
  const [bareAddress] = await once(bare, 'message')
  const checkOurs = (bytes) => {
    if (!bytes.includes('"userErrors":[]')) throw new Error(`a filing must be accepted: ${bytes}`)
  }
  const ways = {
    submitFiling: { url: server.address, next: () => bodies.pop(), check: checkOurs },
    'bare node:http': { url: bareAddress, next: () => JSON.stringify({ externalNumber: randomUUID() }), check() {} },
  }
  let bodies = []
  const measured = Object.fromEntries(Object.keys(ways).map((name) => [name, { rates: [], latencies: [] }]))
  for (let round = -1; round < rounds; round++) {
    const amount = round < 0 ? Math.min(requests, 1_000) : requests
    for (const [name, way] of Object.entries(ways)) {
      if (name === 'submitFiling') bodies = Array.from({ length: amount }, () => bodyOf(seal))
      const { latencies, took } = await load({ ...way, headers, amount, clients })
      if (round < 0) continue
      measured[name].rates.push((1000 * amount) / took)
      measured[name].latencies.push(...latencies)
    }
  }
  bare.kill()
  const [{ count }] = await sql`select count(*)::int from filings where external_number = any (${[externalNumber]})`
  if (count !== 1) throw new Error('the recorded filing must be there once')
  console.log(`${clients} clients, ${rounds} rounds of ${requests} by turns, ${work.length} statements in a filing`)
  for (const [name, { rates, latencies }] of Object.entries(measured)) {
    const sorted = latencies.toSorted((a, b) => a - b)
    const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]
    const shown = [
      `p50 ${at(0.5).toFixed(0)} ms`,
      `p99 ${at(0.99).toFixed(0)} ms`,
      `p99/p50 ${(at(0.99) / at(0.5)).toFixed(1)}`,
    ]
    console.log(`  ${name.padEnd(24)} ${Math.round(median(rates))} a second, ${shown.join(', ')}`)
  }
  const [ours, theirs] = Object.values(measured).map(({ rates }) => median(rates))
  console.log(`  ratio                    ${(ours / theirs).toFixed(2)}`)
}

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g
const number = /\b[A-Z]26-\d{7}-\w/g

/** The statements of one filing, and the ids in them that do not belong to it. */
async function recordedSubmission({ config, databaseUrl }, { seal, headers }) {
  let recorded = []
  const database = await openDatabase(databaseUrl, {
    connections: 1,
    statementTimeout: 60_000,
    debug: (_connection, text, values) => recorded.push({ text, values: values ? [...values] : [] }),
  })
  // The list of revoked certificates is at a port that only the server knows. It takes no statement.
  const believed = { certificate: '', fin: null, voen, isOver: async () => true, withPayload: (payload) => payload }
  const trust = { check: async () => believed }
  const signingKeys = sandboxSigningKeys(config.dataDir, { keys: 'receipts' })
  const app = await serverOn(database, { keyring: keyringOf(config), signingKeys, trust })
  try {
    const record = async () => {
      recorded = []
      const payload = bodyOf(seal)
      const answer = await app.inject({ method: 'POST', url: '/graphql', headers, payload })
      if (!answer.body.includes('"userErrors":[]')) throw new Error(answer.body)
      return { statements: recorded, externalNumber: JSON.parse(payload).variables.input.externalNumber }
    }
    for (let warm = 0; warm < 5; warm++) await record()
    const [one, two] = [await record(), await record()]
    const idsOf = ({ statements }) => new Set(JSON.stringify(statements).match(uuid))
    return { ...one, kept: new Set([...idsOf(one)].filter((id) => idsOf(two).has(id))) }
  } finally {
    await app.close()
    await database.close()
  }
}

/** Bytes as what a channel between processes carries. */
const packed = (value) => {
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('base64') }
  if (value instanceof Date) return { moment: value.toISOString() }
  if (Array.isArray(value)) return value.map(packed)
  return value && typeof value === 'object'
    ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, packed(one)]))
    : value
}

/** Runs the statements of a filing for each request, with new ids and numbers for new rows. */
async function beBare() {
  const [{ url, statements, kept, externalNumber }] = await once(process, 'message')
  const sql = postgres(url, { max: 10, onnotice() {} })
  const known = new Set(kept)
  // What was sent alone, and what between a begin and its commit.
  const parts = [{ inTransaction: false, some: [] }]
  for (const statement of statements) {
    if (/^(begin|commit)/i.test(statement.text)) parts.push({ inTransaction: /^begin/i.test(statement.text), some: [] })
    else if (!/^(savepoint|release)/i.test(statement.text)) parts.at(-1).some.push(statement)
  }
  async function run(on, some, anew) {
    for (const { text, values } of some) await on.unsafe(text, anew(values), { prepare: true })
  }
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const anew = renewing(known, new Map([[externalNumber, JSON.parse(body).externalNumber]]))
    try {
      for (const { inTransaction, some } of parts)
        await (inTransaction ? sql.begin((tx) => run(tx, some, anew)) : run(sql, some, anew))
      response.end('{}')
    } catch (error) {
      response.writeHead(500).end(`${error.message}: ${error.query}`)
    }
  })
  server.listen(0, '127.0.0.1', () => process.send(`http://127.0.0.1:${server.address().port}/`))
}

/** Puts new ids and numbers in the place of those that were recorded, the same for the same. */
function renewing(known, fresh) {
  const renewed = (make) => (old) => {
    if (known.has(old)) return old
    if (!fresh.has(old)) fresh.set(old, make())
    return fresh.get(old)
  }
  const newNumber = () => `X${randomBytes(8).toString('hex')}`
  const anew = (value) => {
    if (typeof value === 'string') return value.replace(uuid, renewed(randomUUID)).replace(number, renewed(newNumber))
    if (Array.isArray(value)) return value.map(anew)
    if (value?.bytes !== undefined) return Buffer.from(value.bytes, 'base64')
    if (value?.moment !== undefined) return new Date(value.moment)
    return value
  }
  return anew
}

/** An e-invoice as a program sends it. */
const invoiceOf = (externalNumber) => ({
  serviceCode: 'DVX-EINVOICE',
  partyVoen: voen,
  period: null,
  externalNumber,
  content: {
    number: externalNumber.slice(0, 20),
    issuedOn: '2026-11-02',
    kind: 'SALE',
    buyer: { registered: false, name: 'Bench' },
    lines: [
      { description: 'Bench', unit: 'ədəd', quantity: '2', amount: '20.00', taxed: 'STANDARD', vat: '3.60' },
      { description: 'Table', unit: 'ədəd', quantity: '1', amount: '80.00', taxed: 'STANDARD', vat: '14.40' },
    ],
    total: { amount: '100.00', vat: '18.00', payable: '118.00' },
  },
})

if (process.send) await beBare()
else await measure()
