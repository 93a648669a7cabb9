import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Row, Sql } from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { usualTimings } from '../../src/platform/timings.js'
import { type BankTrouble, setBankTrouble } from '../../src/sandbox/bank/bankTrouble.js'
import { merchant } from '../../src/sandbox/bank/provider.js'
import { signed } from '../../src/sandbox/bank/signature.js'
import { aheadBy, setForward } from '../../src/sandbox/clock.js'
import { freePorts } from '../../src/sandbox/freePorts.js'
import { personaToken } from '../../src/sandbox/personaToken.js'
import { brokenRules } from '../support/ledger.js'
import { long } from '../support/long.js'
import { personaOf } from '../support/personas.js'
import { temporaryFolder, usedDataDir, withClient } from '../support/started.js'
import { type Kind, keepRunning } from './driver/killer.js'
import {
  answersIn,
  type Begun,
  bankEntriesIn,
  letPay,
  type Printed,
  payAtBank,
  pays,
  raise,
  startPaying,
} from './driver/payers.js'
import { oneOf, randomOf } from './driver/random.js'

const seed = Number(process.env.FAULT_SEED ?? Date.now() % 100_000)
const random = randomOf(seed)
const kills = Number(process.env.FAULT_KILLS ?? (long ? 100 : 5))

/** Every boundary of a payment, by the process that has it. */
const boundaries = {
  api: ['command.acted', 'command.committed', 'pay.opening', 'pay.opened', 'pay.recorded', 'callback.recorded'],
  worker: [
    'payment.asking',
    'payment.asked',
    'payment.captured',
    'payment.settled',
    'refund.asked',
    'refund.settled',
    'series.numbered',
    'document.signed',
    'job.ran',
    'tick.recorded',
  ],
}
const drawFailpoints = () =>
  Object.values(boundaries)
    .map((names) => `${oneOf(random, names)}=kill@${1 + Math.floor(random() * 4)}`)
    .join()

const dataDir = usedDataDir({ lifetime: 'file' })
const answers = answersIn(join(temporaryFolder({ lifetime: 'file' }), 'answers'))
const [port, sandboxPort] = (await freePorts(2)) as [number, number]
const timings = { ...usualTimings, orphanedJobInterval: 500 }
const command = [process.execPath, 'test/support/timedServer.js', JSON.stringify(timings)]
const running = keepRunning(
  { dataDir, port, sandboxPort, command, failpoints: drawFailpoints, lifetime: 'file' },
  random,
)
const address = `http://127.0.0.1:${port}/graphql`
const paying = { address, answers }
beforeAll(async () => {
  console.log(`FAULT_SEED=${seed} FAULT_KILLS=${kills}`)
  await running.begin()
  await running.current().login
})
afterAll(async () => {
  expect((await running.stop()).code).toBe(0)
})

/** What is wrong once all that follows was done. */
async function brokenInTheEnd(): Promise<string[]> {
  const late = Date.now() + 120_000
  for (let round = 1; ; round++) {
    const broken = await withClient(dataDir, async (client) => [
      ...(await client`select 'job ' || key || ' waits: ' || coalesce(last_error, '') as fault from graphile_worker.jobs`),
      ...(await client`select number || ' is ' || state as fault from refunds where state in ('APPROVED', 'SENT')`),
      ...(await client`select 'an event waits' as fault from events where position is null`),
      ...(await client`select number || ' has no number' as fault from issued_documents where series_number is null and series is not null`),
      ...(await brokenRules(client, bankEntriesIn(dataDir))).map((fault) => ({ fault })),
    ]).then(
      (rows) => rows.map(({ fault }) => fault as string),
      (error: Error) => [error.message],
    )
    if (broken.length === 0 || Date.now() > late) return broken
    await sleep(300)
    // What waits for its next attempt need not wait in real time.
    if (round % 10 === 0) setForward(dataDir, '+2m')
  }
}

/** What payers were answered and the server does not know. */
const forgotten = () =>
  withClient(dataDir, async (client) => {
    const rows = await client`select id, captured_at is not null as captured from payments`
    const known = new Map(rows.map(({ id, captured }) => [id as string, captured as boolean]))
    return [...answers.started().filter((id) => !known.has(id)), ...answers.paid().filter((id) => !known.get(id))]
  })

const counted = (of: readonly Begun[], query: (client: Sql, ids: string[]) => PromiseLike<Row[]>) =>
  withClient(dataDir, async (client) => {
    const rows = await query(
      client,
      of.map(({ id }) => id),
    )
    return Object.fromEntries(rows.map(({ what, count }) => [what, count]))
  })
const statesOf = (of: readonly Begun[]) =>
  counted(
    of,
    (client, ids) => client`select state as what, count(*)::int from payments where id in ${client(ids)} group by 1`,
  )
const refundsOf = (of: readonly Begun[]) =>
  counted(
    of,
    (client, ids) =>
      client`select state as what, count(*)::int from refunds where payment_id in ${client(ids)} group by 1`,
  )
const differencesOf = (of: readonly Begun[]) =>
  counted(
    of,
    (client, ids) => client`
    select kind as what, count(*)::int from reconciliations where payment_id in ${client(ids)} group by 1`,
  )
/** Callbacks about it that were accepted. */
const heardOf = ({ id }: Begun) =>
  withClient(dataDir, async (client) => {
    const rows = await client`select from events where subject = ${id} and type = 'payment.called_back'`
    return rows.length
  })

const eventually = { timeout: 120_000, interval: 100 }

/** The headers of a person of whom the server has not heard. */
async function signedIn(at: number): Promise<Record<string, string>> {
  const person = { ...personaOf('citizen'), name: `payer-${at}`, fin: `TEST9${String(at).padStart(2, '0')}` }
  return { authorization: `Bearer ${await personaToken({ dataDir, sandboxPort, timings }, person)}` }
}

describe('Payments', () => {
  const timeout = kills * 20_000 + 240_000
  it(`lose nothing and pay nothing twice in ${kills} kills of the API, the worker and the bank`, {
    timeout,
  }, async () => {
    const payers = letPay(paying, await raise(dataDir, 30), random)
    const kinds: Kind[] = ['api', 'worker', 'login', 'worker', 'supervisor', 'api', 'login']
    await payers.visited(6)
    for (let kill = 0; kill < kills; kill++) {
      await running.kill(kinds[kill % kinds.length] as Kind)
      await payers.visited(3)
    }
    await payers.stop()
    expect(await brokenInTheEnd()).toEqual([])
    expect(await forgotten()).toEqual([])
    const paid = answers.paid().length
    console.log(JSON.stringify({ started: answers.started().length, paid, atFailpoints: running.diedAtFailpoints() }))
    expect(paid).toBeGreaterThan(kills)
  })

  it('pay a charge once when a hundred are paid for it at the same moment', async () => {
    const [charge] = (await raise(dataDir, 1)) as [Printed] // as many as were asked for
    const payers = await Promise.all(Array.from({ length: 20 }, (_, at) => signedIn(at)))
    const all = payers.flatMap((headers) => Array(5).fill({ ...paying, headers }) as (typeof paying)[])
    const begun = (await Promise.all(all.map((payer) => startPaying(payer, [charge])))).flatMap((one) => one ?? [])
    expect(begun).toHaveLength(100)
    await Promise.all(begun.map((attempt) => payAtBank(paying, attempt, pays)))
    expect(await brokenInTheEnd()).toEqual([])
    expect(await statesOf(begun)).toEqual({ SUCCEEDED: 100 })
    expect(await refundsOf(begun)).toEqual({ COMPLETED: 99 })
  })

  /** A few payments of other charges, paid at the bank while it is in that trouble. */
  async function paidIn(trouble: BankTrouble, count = 4): Promise<Begun[]> {
    setBankTrouble(dataDir, trouble)
    const charges = await raise(dataDir, count)
    const begun = (await Promise.all(charges.map((charge) => startPaying(paying, [charge])))).flatMap(
      (one) => one ?? [],
    )
    expect(begun).toHaveLength(count)
    await Promise.all(begun.map((attempt) => payAtBank(paying, attempt, pays)))
    return begun
  }

  it.each<[BankTrouble, string]>([
    ['doubled', 'SUCCEEDED'],
    ['shuffled', 'SUCCEEDED'],
    ['silent', 'SUCCEEDED'],
    ['flip', 'REVERSED'],
    // Ten seconds later.
    ...(long ? ([['late', 'SUCCEEDED']] as [BankTrouble, string][]) : []),
  ])('end as the bank has them when its callbacks are %s', async (trouble, state) => {
    const begun = await paidIn(trouble)
    // The job that asks without a callback is due.
    if (trouble === 'silent') setForward(dataDir, '+2m')
    await expect.poll(() => statesOf(begun), eventually).toEqual({ [state]: begun.length })
    setBankTrouble(dataDir, 'up')
    expect(await brokenInTheEnd()).toEqual([])
    expect(await statesOf(begun)).toEqual({ [state]: begun.length })
  })

  it('are not paid by a bank that only says so', async () => {
    setBankTrouble(dataDir, 'lying')
    const [charge] = (await raise(dataDir, 1)) as [Printed] // as many as were asked for
    const begun = (await startPaying(paying, [charge])) as Begun
    await payAtBank(paying, begun)
    await expect.poll(() => heardOf(begun), eventually).toBeGreaterThan(0)
    setBankTrouble(dataDir, 'up')
    expect(await brokenInTheEnd()).toEqual([])
    expect(await statesOf([begun])).toEqual({ PENDING: 1 })
  })

  it('are not applied while the bank says another amount, which is a difference', async () => {
    const begun = await paidIn('wrong-amount')
    await expect.poll(() => differencesOf(begun), eventually).toEqual({ AMOUNT: begun.length })
    expect(await statesOf(begun)).toEqual({ PENDING: begun.length })
    setBankTrouble(dataDir, 'up')
    setForward(dataDir, '+2m')
    await expect.poll(() => statesOf(begun), eventually).toEqual({ SUCCEEDED: begun.length })
    expect(await brokenInTheEnd()).toEqual([])
  })

  it('are not woken by a callback that is forged, old or sent again', async () => {
    const [begun] = await paidIn('up', 1)
    await expect.poll(() => statesOf([begun!]), eventually).toEqual({ SUCCEEDED: 1 })
    const before = await heardOf(begun!)
    const [body, path] = [JSON.stringify({ orderId: begun!.id, event: 'reversed' }), '/payments/callbacks/BANK']
    const secret = readFileSync(join(dataDir, 'bank.secret'), 'utf8').trim()
    const now = () => new Date(Date.now() + aheadBy(dataDir))
    const signedWith = (key: string, at = now) =>
      signed({ method: 'POST', path, body }, { merchant, secret: key, now: at })
    const old = () => new Date(now().getTime() - 3_600_000)
    const right = signedWith(secret)
    const send = async (headers: Record<string, string>) => {
      const type = { 'content-type': 'application/json' }
      return (await fetch(new URL(path, address), { method: 'POST', headers: { ...type, ...headers }, body })).status
    }
    const sent = [{}, signedWith('a forged secret'), signedWith(secret, old), right, right]
    const statuses = []
    for (const headers of sent) statuses.push(await send(headers))
    expect(statuses).toEqual([401, 401, 401, 204, 204])
    // The repeated one is answered like the first, and wakes nothing.
    expect(await heardOf(begun!)).toBe(before + 1)
    expect(await brokenInTheEnd()).toEqual([])
    expect(await statesOf([begun!])).toEqual({ SUCCEEDED: 1 })
  })
})
