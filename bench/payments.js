// Measures payments: `npm run bench -- payments`. One payment is startPayment, the payer's way to the bank, the bank's
// callback, and the job that asks the bank and applies. A bare node:http repeats the statements of one payment with other
// ids, over HTTP and in turns; medians, and their ratio. Then the page of `charges` of a party with many.
import { randomBytes, randomUUID } from 'node:crypto'
import { createServer as bareServer } from 'node:http'
import { join } from 'node:path'
import { configFrom } from '../dist/config.js'
import { nodeIdOf, parseNodeId } from '../dist/engine/node.js'
import { raiseCharges } from '../dist/payments/charges/charge.repository.js'
import { checkPayment } from '../dist/payments/checkout/checkPayment.js'
import { openProviders } from '../dist/payments/checkout/openProviders.js'
import { openDatabase } from '../dist/platform/database.js'
import { startBank } from '../dist/sandbox/bank/bankServer.js'
import { merchant, sandboxProviders } from '../dist/sandbox/bank/provider.js'
import { signed } from '../dist/sandbox/bank/signature.js'
import { freePorts } from '../dist/sandbox/freePorts.js'
import { startDatabase } from './database.js'
import { headersFor, signUp } from './people.js'
import { keyring, serverOn } from './serving.js'
import { median, numberIn, usually } from './settings.js'
import { issuer } from './signIn.js'

const runs = numberIn('RUNS', 60, 3)
const many = usually(10_000, 200)

const server = await startDatabase()
const { person } = await signUp(server.url)
let recorded = []
const database = await openDatabase(server.url, {
  connections: 1,
  statementTimeout: 600_000,
  debug: (_connection, text, values) => recorded.push({ text, values: values ? [...values] : [] }),
})
const dataDir = join(server.environment.DATA_DIR, 'bank')
const [port] = await freePorts(1)
const now = () => new Date()
const log = { info() {}, warn() {}, error: console.error }
const paymentProviders = sandboxProviders({ dataDir }, port)
const { BANK } = paymentProviders
const bank = await startBank({ dataDir, port, merchant, secret: BANK.secret, now, troubleOf: () => 'silent', log })
const config = { ...configFrom({ LOG_LEVEL: 'silent', ISSUERS: JSON.stringify([issuer]) }), paymentProviders }
const app = await serverOn(database, { config })
const address = await app.listen({ port: 0, host: '127.0.0.1' })
const providers = openProviders(paymentProviders, { now, log })
// A receipt is signed later, by the worker.
const work = { database, keyring, signingKeys: { isSandbox: true }, now, log }
const headers = await headersFor('person')

async function raise(count) {
  const [agency] = await database.client`select id from agencies where code = 'DVX'`
  const wanted = Array.from({ length: count }, () => ({
    agencyId: agency.id,
    partyId: person,
    subjectType: 'OTHER',
    reference: randomUUID(),
    currency: 'AZN',
    lines: [{ name: { az: 'Rüsum' }, amount: 500n }],
  }))
  return await database.db.transaction((tx) => raiseCharges(tx, keyring, wanted, { at: now(), actor: 'bench' }))
}
async function ask(query, variables = {}) {
  const response = await fetch(`${address}/graphql`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ query, variables }),
  })
  const answer = await response.json()
  if (answer.errors) throw new Error(JSON.stringify(answer))
  return answer.data
}
const start = `mutation ($input: StartPaymentInput!) {
  startPayment(input: $input) { payment { id checkoutUrl } userErrors { reason } } }`
const toBank = (method, path, body) =>
  fetch(`${BANK.url}${path}`, {
    method,
    headers: signed({ method, path, body }, { ...BANK, now }),
    ...(body && { body }),
  })

/** Pays a charge. What the payer does at the bank is not counted. */
async function pay({ id: charge }) {
  const began = performance.now()
  const input = { charges: [{ chargeId: nodeIdOf('Charge', charge) }], method: 'CARD', idempotencyKey: randomUUID() }
  const { startPayment } = await ask(start, { input })
  if (startPayment.userErrors.length > 0) throw new Error(JSON.stringify(startPayment.userErrors))
  const { id, checkoutUrl } = startPayment.payment
  const { pathname } = new URL(checkoutUrl)
  const opened = await fetch(`${address}${pathname}`, { redirect: 'manual' })
  if (opened.status !== 303) throw new Error(`the payer must be led to the bank; ${opened.status} came`)
  const { key: orderId } = parseNodeId(id)
  const atBank = performance.now()
  const captured = await toBank('POST', `/sandbox/${orderId}/capture`, '')
  if (!captured.ok) throw new Error(`the bank must capture: ${await captured.text()}`)
  const back = performance.now()
  const [body, path] = [JSON.stringify({ orderId, event: 'captured', sentAt: now() }), '/payments/callbacks/BANK']
  const stamp = signed({ method: 'POST', path, body }, { ...BANK, now })
  const type = { 'content-type': 'application/json' }
  const heard = await fetch(`${address}${path}`, { method: 'POST', headers: { ...stamp, ...type }, body })
  if (heard.status !== 204) throw new Error(`the callback must be taken; ${heard.status} came`)
  await checkPayment(providers).run({ subject: orderId, type: 'payment.called_back' }, work)
  return performance.now() - back + (atBank - began)
}

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g
const unique = /\b(?:[A-Z]{1,3}26-\d{7}-\w|[0-9a-f]{32})\b/g
/** The statements of a payment for another charge, with new ids and numbers for new rows. */
function again({ statements, charge }, kept, other) {
  const fresh = new Map([[charge, other]])
  const renewed = (made) => (known) => {
    if (kept.has(known)) return known
    if (!fresh.has(known)) fresh.set(known, made())
    return fresh.get(known)
  }
  const anew = (text) =>
    text.replace(uuid, renewed(randomUUID)).replace(
      unique,
      renewed(() => randomBytes(16).toString('hex')),
    )
  return statements.map(({ text, values }) => ({
    text,
    values: values.map((value) => (typeof value === 'string' ? anew(value) : value)),
  }))
}

try {
  const charges = await raise(13 + 2 * runs)
  const next = () => charges.pop()
  for (let warm = 0; warm < 10; warm++) await pay(next())
  async function recordedPayment() {
    const charge = next()
    recorded = []
    await pay(charge)
    return { statements: recorded, charge: charge.id }
  }
  const [one, two] = [await recordedPayment(), await recordedPayment()]
  const idsOf = ({ statements }) =>
    new Set(
      statements
        .flatMap(({ values }) => values.map(String))
        .join(' ')
        .match(uuid),
    )
  const kept = new Set([...idsOf(one)].filter((id) => idsOf(two).has(id)))
  const bare = bareServer(async (request, response) => {
    let charge = ''
    for await (const chunk of request) charge += chunk
    try {
      for (const { text, values } of again(one, kept, charge))
        await database.client.unsafe(text, values, { prepare: true })
      response.end()
    } catch (error) {
      response.writeHead(500).end(`${error.message}: ${error.query}`)
    }
  })
  await new Promise((settle) => bare.listen(0, '127.0.0.1', settle))
  async function payByBare({ id }) {
    const began = performance.now()
    const answer = await fetch(`http://127.0.0.1:${bare.address().port}/`, { method: 'POST', body: id })
    if (!answer.ok) throw new Error(await answer.text())
    return performance.now() - began
  }
  const times = { server: [], bare: [] }
  for (let run = 0; run < runs; run++) {
    times.server.push(await pay(next()))
    times.bare.push(await payByBare(next()))
  }
  bare.close()
  bare.closeAllConnections()
  const [{ paid }] = await database.client`select count(*)::int as paid from charges where state = 'PAID'`
  if (paid !== 12 + 2 * runs) throw new Error(`${12 + 2 * runs} charges must be paid; ${paid} are`)
  const [ours, theirs] = [median(times.server), median(times.bare)]
  console.log(
    `PostgreSQL ${server.version}, Node ${process.version}, ${runs} by turns, ${one.statements.length} statements\n`,
  )
  console.log(
    `a payment                  ${ours.toFixed(1)} ms, ${(1000 / ours).toFixed(0)} a second, one after another`,
  )
  console.log(`bare node:http             ${theirs.toFixed(1)} ms`)
  console.log(`ratio                      ${(ours / theirs).toFixed(2)}`)

  for (let raised = 0; raised < many; raised += 200) await raise(200)
  await database.client.unsafe('vacuum analyze charges')
  const page =
    '{ charges(first: 50) { nodes { number state money { amount currency } payBy } pageInfo { endCursor } } }'
  await ask(page)
  const pages = []
  for (let run = 0; run < runs; run++) {
    const began = performance.now()
    await ask(page)
    pages.push(performance.now() - began)
  }
  console.log(`50 of ${many.toLocaleString('en')} charges        ${median(pages).toFixed(1)} ms`)
} finally {
  await providers.close()
  await app.close()
  await bank.stop()
  await database.close()
  await server.stop()
}
