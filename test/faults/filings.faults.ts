import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { configFrom } from '../../src/config.js'
import { readSigned } from '../../src/documents/signatures/readSigned.js'
import { nodeIdOf } from '../../src/engine/node.js'
import { authorityOf } from '../../src/sandbox/authority.js'
import { freePorts } from '../../src/sandbox/freePorts.js'
import { programsOf } from '../../src/sandbox/personas.js'
import { personaToken } from '../../src/sandbox/personaToken.js'
import { sandboxSigningKeys } from '../../src/sandbox/signingKeys.js'
import { brokenFilingRules } from '../support/filings.js'
import { long } from '../support/long.js'
import { personaOf } from '../support/personas.js'
import { usedDataDir, withClient } from '../support/started.js'
import { faultsOfPositions } from './driver/checker.js'
import { askWith, keyOf, passing } from './driver/clients.js'
import {
  contentHashOf,
  emptyReturn,
  filerOf,
  invoice,
  ndjsonOf,
  type Outcome,
  type ResultLine,
  sealOf,
  type ToFile,
} from './driver/filers.js'
import { type Kind, keepRunning } from './driver/killer.js'
import { oneOf, randomOf } from './driver/random.js'

const seed = Number(process.env.FAULT_SEED ?? Date.now() % 100_000)
const random = randomOf(seed)
const kills = Number(process.env.FAULT_KILLS ?? (long ? 60 : 4))
const lines = Number(process.env.FAULT_LINES ?? (long ? 20_000 : 1_200))

/** Every boundary of a batch and of a filing, by the process that has it. The first start meets the first, and so on. */
const boundaries = {
  api: ['filing_batch.stored', 'command.committed', 'command.acted'],
  worker: ['filing_batch.handled', 'filing_batch.committed', 'sequencer.positioned', 'sequencer.swept'],
}
let starts = 0
function nextFailpoints(): string {
  const names = Object.values(boundaries).map((all) => all[starts % all.length])
  starts++
  return names.map((name) => `${name}=kill@${1 + Math.floor(random() * 2)}`).join()
}

const dataDir = usedDataDir({ lifetime: 'file' })
const [port, sandboxPort] = (await freePorts(2)) as [number, number]
const running = keepRunning({ dataDir, port, sandboxPort, failpoints: nextFailpoints, lifetime: 'file' }, random)
const sandbox = configFrom({ DATA_DIR: dataDir, PORT: String(port), SANDBOX_PORT: String(sandboxPort) })
const company = filerOf('filing-program', sandbox)
const firm = filerOf('accounting-program', sandbox)
const [companyVoen, otherVoen, firmVoen] = ['9900000141', '9900000271', '9900000421'] as [string, string, string]
const authority = await authorityOf(dataDir)
const [seal, sealOfFirm] = [await sealOf(authority, companyVoen), await sealOf(authority, firmVoen)]

beforeAll(async () => {
  console.log(`FAULT_SEED=${seed} FAULT_KILLS=${kills}`)
  await running.begin()
  await running.current().login
})
afterAll(async () => {
  expect((await running.stop()).code).toBe(0)
})

let count = 0
const invoiceOf = (partyVoen: string, amount = 1 + Math.floor(random() * 1000)): ToFile => ({
  serviceCode: 'DVX-EINVOICE',
  partyVoen,
  externalNumber: `I-${++count}`,
  content: invoice(`S-${count}`, amount),
})
const returnOf = (partyVoen: string, period: string, prefix: string): ToFile => ({
  serviceCode: 'DVX-RETURN',
  partyVoen,
  period,
  externalNumber: `${prefix}-${++count}`,
  content: emptyReturn,
})

/** A file as programs send them: most lines are sound; some repeat others, reuse a number, have faults or use one period. */
function fileOf(size: number): ToFile[] {
  const all: ToFile[] = []
  for (let at = 0; at < size; at++) {
    const [dice, before] = [random(), all.length > 0 ? oneOf(random, all) : undefined]
    if (before && dice < 0.03) all.push(before)
    else if (before && dice < 0.05) all.push({ ...before, content: invoice('S-0', 1_000_000) })
    else if (dice < 0.07) all.push({ ...invoiceOf(companyVoen), content: { strange: true } })
    else if (dice < 0.09) all.push(returnOf(companyVoen, `2025-${String(1 + (at % 12)).padStart(2, '0')}`, 'R'))
    else all.push(invoiceOf(companyVoen))
  }
  return all
}

/** What was said about a line or a single filing. */
interface Said {
  filed: ToFile
  /** Null if it was refused. */
  number: string | null
  receipt: string | null
  /** Whether it says that this made the filing. Unknown if an answer was lost before it. */
  isFirst: boolean
  reasons: string[]
}
const saidOfLine = (filed: ToFile, { outcome, filingNumber, receipt, userErrors }: ResultLine): Said => ({
  filed,
  number: filingNumber,
  receipt,
  isFirst: outcome === 'FILED',
  reasons: userErrors.map(({ reason }) => reason),
})
const saidAlone = (filed: ToFile, { number, receipt, replayed, reasons }: Outcome): Said => ({
  filed,
  number: number ?? null,
  receipt: receipt ?? null,
  isFirst: number !== undefined && !replayed,
  reasons,
})

const keys = sandboxSigningKeys(dataDir, { keys: 'all' })
/** What is wrong with the answers of all that was filed, beside each other and beside the database. */
async function contradictionsIn(said: readonly Said[]): Promise<string[]> {
  const wrong: string[] = []
  const byKey = new Map<string, Said[]>()
  for (const one of said) byKey.set(one.filed.externalNumber, [...(byKey.get(one.filed.externalNumber) ?? []), one])
  const stored = await withClient(dataDir, (client) => client`select number, external_number as key from filings`)
  const numbers = new Map(stored.map(({ key, number }) => [key as string, number as string]))
  for (const [key, all] of byKey) {
    const named = new Set(all.flatMap(({ number }) => number ?? []))
    const firsts = all.filter(({ isFirst }) => isFirst).length
    if (named.size > 1 || firsts > 1) wrong.push(`${key} was filed ${firsts} times, as ${[...named]}`)
    const [number] = named
    if (number !== numbers.get(key) && number)
      wrong.push(`${key} was filed as ${number}; ${numbers.get(key)} is stored`)
    if (!number && numbers.has(key)) wrong.push(`${key} was refused and is stored as ${numbers.get(key)}`)
    const unexplained = all.filter(({ number, reasons }) => (number === null) !== reasons.length > 0)
    if (unexplained.length > 0) wrong.push(`${key} has neither a filing nor a reason, or both`)
    // What nobody else wants and has no fault must be filed.
    const isSound = all.every(({ filed }) => filed.serviceCode === 'DVX-EINVOICE' && !('strange' in filed.content))
    if (isSound && !number) wrong.push(`${key} was refused: ${all.flatMap(({ reasons }) => reasons)}`)
  }
  for (const key of numbers.keys()) if (!byKey.has(key)) wrong.push(`${key} is stored and nobody filed it`)
  for (const { filed, number, receipt } of said) {
    if (number === null) continue
    const claims = receipt ? await readSigned(receipt, keys) : 'MISSING'
    const isOfIt =
      typeof claims !== 'string' &&
      claims.subject === number &&
      claims.receivedSha256 === contentHashOf(filed) &&
      JSON.stringify(claims).includes(JSON.stringify(filed.externalNumber))
    if (!isOfIt) wrong.push(`${filed.externalNumber} has the receipt ${JSON.stringify(claims)}`)
  }
  return wrong
}

/** What is wrong in the database once all that follows was done. */
async function brokenInTheEnd(): Promise<string[]> {
  const late = Date.now() + 60_000
  for (;;) {
    const broken = await withClient(dataDir, async (client) => [
      ...(
        await client`select 'job ' || key || ' waits: ' || coalesce(last_error, '') as fault from graphile_worker.jobs`
      ).map(({ fault }) => fault as string),
      ...(await faultsOfPositions(client)),
      ...(await brokenFilingRules(client)),
    ]).catch((error: Error) => [error.message])
    if (broken.length === 0 || Date.now() > late) return broken
    await sleep(200)
  }
}

const progress = () =>
  withClient(dataDir, async (client) => {
    const rows = await client`select done, state from filing_batches`
    return {
      done: rows.reduce((sum, { done }) => sum + Number(done), 0),
      isOver: rows.every(({ state }) => !['WAITING', 'RUNNING'].includes(state)),
    }
  }).catch(() => ({ done: 0, isOver: false })) // PostgreSQL is down

/** Files the same lines alone, one after another, until it is stopped. */
function letFileAlone(all: readonly ToFile[], said: Said[]) {
  let stopping = false
  const clients = Array.from({ length: 3 }, async () => {
    while (!stopping) {
      const one = oneOf(random, all)
      said.push(saidAlone(one, await company.file(one, seal.overFiling(one))))
      await sleep(random() * 20)
    }
  })
  return async () => {
    stopping = true
    await Promise.all(clients)
  }
}

const revoke = 'mutation($input: RevokeMandateInput!) { revokeMandate(input: $input) { userErrors { reason } } }'
/** The mandate under which the firm files for the company. */
const mandateOfFirm = () =>
  withClient(dataDir, async (client) => {
    const [row] = await client`
      select mandates.id from mandates join programs held on held.party_id = holder_id join programs own on own.party_id = principal_id
      where held.id = ${idOf('accounting-program')} and own.id = ${idOf('filing-program')}`
    return row?.id as string // in the data
  })
const idOf = (name: string) => programsOf().find((program) => program.name === name)?.id as string // as above
const doneOf = (batch: string) =>
  withClient(dataDir, async (client) => {
    const [row] = await client`select done from filing_batches where id = ${batch}`
    return row?.done as number
  })

describe('Filings', () => {
  const timeout = kills * 20_000 + 240_000
  it(`are made once for each line of a file that is sent twice, in ${kills} kills of API and worker`, {
    timeout,
  }, async () => {
    const all = fileOf(lines)
    const [file, said] = [ndjsonOf(all), [] as Said[]]
    const batches = await Promise.all([1, 2].map(() => company.send(file, seal.overBatch(file))))
    const stop = letFileAlone(all, said)
    const kinds: Kind[] = ['worker', 'api', 'worker', 'supervisor', 'hung worker', 'worker']
    const met: number[] = []
    // The first to die do so at the failpoints of the first start.
    while (running.diedAtFailpoints() < 2 && (await progress()).done < lines) await sleep(20)
    for (let kill = 0; kill < kills; kill++) {
      const { done, isOver } = await progress()
      if (isOver) break
      await running.kill(kinds[kill % kinds.length] as Kind)
      met.push(done)
      // Goes on when it has done something, at any moment of the next lines.
      while ((await progress()).done === done && !(await progress()).isOver) await sleep(20)
      await sleep(random() * 300)
    }
    for (const batch of batches) {
      const results = await company.resultsOf(batch)
      expect(results.map(({ line, externalNumber }) => [line, externalNumber])).toEqual(
        all.map(({ externalNumber }, at) => [at + 1, externalNumber]),
      )
      said.push(...results.map((result, at) => saidOfLine(all[at] as ToFile, result)))
    }
    await stop()
    console.log(JSON.stringify({ killedAfterLines: met, atFailpoints: running.diedAtFailpoints(), said: said.length }))
    expect(await contradictionsIn(said)).toEqual([])
    expect(await brokenInTheEnd()).toEqual([])
    expect(met.filter((done) => done > 0).length).toBeGreaterThan(0)
  })

  it('are made once for a period that two programs file at the same moment', async () => {
    const periods = [2023, 2024].flatMap((year) =>
      Array.from({ length: 12 }, (_, at) => `${year}-${String(at + 1).padStart(2, '0')}`),
    )
    const filers = [
      { filer: company, by: seal, prefix: 'C' },
      { filer: firm, by: sealOfFirm, prefix: 'F' },
    ]
    const said = await Promise.all(
      periods.flatMap((period) =>
        filers.map(async ({ filer, by, prefix }) => {
          const one = returnOf(companyVoen, period, prefix)
          return saidAlone(one, await filer.file(one, by.overFiling(one)))
        }),
      ),
    )
    const filed = said.filter(({ number }) => number !== null)
    expect(filed.map(({ filed: { period } }) => period).sort()).toEqual(periods)
    expect(new Set(said.flatMap(({ reasons }) => reasons))).toEqual(new Set(['filing.period_taken']))
    expect(await brokenInTheEnd()).toEqual([])
  })

  it('of a batch end with the mandate that is withdrawn meanwhile', async () => {
    const token = await personaToken(sandbox, personaOf('company-head'))
    const all = Array.from({ length: lines }, (_, at) => invoiceOf(at % 2 ? companyVoen : otherVoen))
    const file = ndjsonOf(all)
    const batch = await firm.send(file, sealOfFirm.overBatch(file))
    const key = keyOf(batch)
    await expect.poll(() => doneOf(key), { timeout: 60_000, interval: 10 }).toBeGreaterThan(0)
    const input = { mandateId: nodeIdOf('Mandate', await mandateOfFirm()), reason: 'NO_LONGER_NEEDED' }
    const api = { address: `http://127.0.0.1:${port}/graphql`, token: async () => token, passing }
    const { data } = await askWith(api, token, revoke, { input })
    expect(data.revokeMandate.userErrors).toEqual([])
    const results = await firm.resultsOf(batch)
    expect(results.length).toBeLessThan(lines)
    const [ended] = await withClient(
      dataDir,
      (client) => client`
      select state, stopped_for as "stoppedFor" from filing_batches where id = ${key}`,
    )
    expect(ended).toEqual({ state: 'STOPPED', stoppedFor: 'filing_batch.mandate_ended' })
    const late = await withClient(
      dataDir,
      (client) => client`
      select number from filings join mandates on mandates.id = any (mandate_ids)
      where batch_id = ${key} and received_at > revoked_at`,
    )
    expect(late).toEqual([])
    expect(await brokenInTheEnd()).toEqual([])
  })
})
