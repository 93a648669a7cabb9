import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { configFrom } from '../../src/config.js'
import { Power } from '../../src/identity/mandates/mandate.table.js'
import type { Trust } from '../../src/shared/trust.js'
import { askOf } from '../support/api.js'
import { cloneDatabase } from '../support/database.js'
import { brokenFilingRules } from '../support/filings.js'
import { long } from '../support/long.js'
import { partiesIn } from '../support/parties.js'
import { asProgram } from '../support/programs.js'
import { createServer } from '../support/server.js'
import { testSigningKeys } from '../support/signingKeys.js'
import { weighted } from '../support/weighted.js'

const numRuns = Number(process.env.MODEL_RUNS ?? (long ? 2_000 : 10))
const seed = Number(process.env.MODEL_SEED ?? Date.now() % 1_000_000)

const minute = 60_000
const day = 24 * 60 * minute
const leaseLasts = 15 * minute
const correctionDays = 2
/** The first moment at which a filing of that time cannot be corrected: a midnight in Baku. */
const correctionEnds = (receivedAt: number) =>
  (Math.floor((receivedAt + 4 * 60 * minute) / day) + correctionDays + 1) * day - 4 * 60 * minute

interface Filed {
  key: string
  number: string
  period: string
  content: string
  replaces: Filed | undefined
  state: 'RECEIVED' | 'ACCEPTED' | 'REJECTED' | 'SUPERSEDED' | 'WITHDRAWN'
  receivedAt: number
  lease?: { id: string; collector: number; until: number }
  /** How it was settled, and under which lease. */
  settled?: { id: string; collector: number; as: 'ACCEPTED' | 'REJECTED' }
}
type Wanted = Pick<Filed, 'key' | 'period' | 'content' | 'replaces'>
type Verdict = 'REFUSED' | 'DONE' | 'REPLAYED'

/** What the system must agree with: the filings of a party with a service that has one for each period. */
function modelOf() {
  const all: Filed[] = []
  const waitsForCorrection = (one: Filed) => all.some(({ replaces, state }) => replaces === one && state === 'RECEIVED')
  const canChange = (one: Filed, now: number) =>
    one.state === 'ACCEPTED' && !waitsForCorrection(one) && now < correctionEnds(one.receivedAt)
  const hasPeriod = ({ state, replaces }: Filed) => state === 'ACCEPTED' || (state === 'RECEIVED' && !replaces)
  return {
    all,
    submit({ key, period, content, replaces }: Wanted, now: number): Verdict | Filed {
      const before = all.find((one) => one.key === key)
      if (before) {
        const isSame = before.period === period && before.content === content && before.replaces === replaces
        return isSame ? before : 'REFUSED'
      }
      if (replaces) return replaces.period === period && canChange(replaces, now) ? 'DONE' : 'REFUSED'
      return all.some((one) => one.period === period && hasPeriod(one)) ? 'REFUSED' : 'DONE'
    },
    withdraw(one: Filed, now: number): Verdict {
      if (one.state === 'WITHDRAWN') return 'REPLAYED'
      return one.state === 'RECEIVED' || canChange(one, now) ? 'DONE' : 'REFUSED'
    },
    collect(max: number, now: number): Filed[] {
      const waiting = all.filter(({ state }) => state === 'RECEIVED')
      return waiting.some(({ lease }) => lease && lease.until > now) ? [] : waiting.slice(0, max)
    },
    settle(one: Filed, as: 'ACCEPTED' | 'REJECTED', lease: { id: string; collector: number }, now: number): Verdict {
      const { settled, lease: last } = one
      if (settled?.as === as && settled.id === lease.id && settled.collector === lease.collector) return 'REPLAYED'
      const isTheirs = last?.id === lease.id && last.collector === lease.collector && last.until > now
      return one.state === 'RECEIVED' && isTheirs ? 'DONE' : 'REFUSED'
    },
  }
}

const database = await cloneDatabase()
const { client } = database
let now = new Date('2026-11-25T08:00:00Z').getTime()
// A signature is the number of who signed.
const trust: Trust = {
  check: async (voen) => ({ certificate: '', fin: null, voen, isOver: async () => true, withPayload: (text) => text }),
}
const app = await createServer({
  config: configFrom({ LOG_LEVEL: 'silent' }),
  database,
  now: () => new Date(now),
  trust,
  signingKeys: testSigningKeys(),
})
const ask = askOf(app)
const parties = partiesIn(database)
const service = 'DVX-RETURN'
let firm: string
let ofFirm: { authorization: string }
let collectors: { authorization: string }[]
beforeAll(async () => {
  await client.begin(async (tx) => {
    // The service is acknowledged by a rule, and for a shorter time corrected by nobody.
    await tx`set local session_replication_role = replica`
    await tx`
      update filing_rules set acknowledged_by = 'AGENCY', correction_value = ${correctionDays}, correction_unit = 'CALENDAR_DAY'
      where version_id in (select version.id from service_versions version join services on services.id = service_id
        where code = ${service})`
  })
  firm = await parties.firm('Sınaq', voenOf(0))
  ofFirm = await asProgram(database, { party: firm, scopes: ['filings:write'] })
  const handles = { agency: 'DVX', scopes: ['filings:handle' as const] }
  collectors = [await asProgram(database, handles), await asProgram(database, handles)]
})

let serial = 0
/** A VÖEN of a company that nobody has. */
function voenOf(at: number): string {
  const digits = `99${String(at).padStart(6, '0')}`
  const check = [4, 1, 8, 6, 2, 7, 5, 3].reduce((sum, weight, place) => sum + weight * Number(digits[place]), 0) % 11
  if (check < 10) return `${digits}${check}1`
  serial++
  return voenOf(at + 1)
}

async function send(name: string, input: object, headers: { authorization: string }, shown: string) {
  const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input!`
  const query = `mutation ($input: ${type}) { ${name}(input: $input) { ${shown} replayed userErrors { reason } } }`
  const { data, errors } = await ask(query, { variables: { input }, headers })
  // Without the power, a filing is refused like any other command.
  if (errors?.every(({ extensions }) => extensions.code === 'FORBIDDEN'))
    return { verdict: 'REFUSED' as const, reasons: [] }
  if (errors) throw new Error(JSON.stringify(errors))
  const { replayed, userErrors, ...made } = data[name]
  const verdict: Verdict = userErrors.length > 0 ? 'REFUSED' : replayed ? 'REPLAYED' : 'DONE'
  return { verdict, reasons: userErrors.map(({ reason }: { reason: string }) => reason) as string[], ...made }
}

const steps = { submit: 6, correct: 4, withdraw: 2, collect: 5, accept: 5, reject: 2, pass: 3, revoke: 1 }
const step = fc.record({
  kind: weighted(steps),
  which: fc.nat(11),
  other: fc.nat(11),
})
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never

/** One history of a new company, step by step beside the model. */
async function history() {
  const voen = voenOf(++serial)
  const company = await parties.firm('Sınaq', voen)
  const ofCompany = await asProgram(database, { party: company, scopes: ['filings:write'] })
  const mandate = await parties.give(company, firm, { powers: [Power.FILE] })
  const model = modelOf()
  const leases: { id: string; collector: number }[] = []
  let isRevoked = false

  const filerOf = (other: number) => (other % 3 === 0 ? ofFirm : ofCompany)
  const isOut = (other: number) => other % 3 === 0 && isRevoked

  async function submit({ which, other }: Step, replaces?: Filed) {
    const wanted: Wanted = {
      key: `K-${which % 6}`,
      period: replaces && other % 5 > 0 ? replaces.period : `2026-0${1 + (other % 2)}`,
      content: which % 4 === 0 ? 'FINAL' : 'REGULAR',
      replaces,
    }
    const input = {
      serviceCode: service,
      partyVoen: voen,
      period: wanted.period,
      externalNumber: wanted.key,
      replacesNumber: replaces?.number,
      content: { json: { kind: wanted.content, active: false } },
      signature: voen,
    }
    const { verdict, filing, reasons } = await send('submitFiling', input, filerOf(other), 'filing { number state }')
    const expected = isOut(other) ? 'REFUSED' : model.submit(wanted, now)
    const isRepeat = typeof expected === 'object'
    expect(verdict, `${JSON.stringify(input)}: ${reasons}`).toBe(isRepeat ? 'REPLAYED' : expected)
    if (isRepeat) expect(filing.number).toBe(expected.number)
    if (verdict === 'DONE') model.all.push({ ...wanted, number: filing.number, state: 'RECEIVED', receivedAt: now })
  }

  async function withdraw(one: Filed, { other }: Step) {
    const { verdict, reasons } = await send(
      'withdrawFiling',
      { filingNumber: one.number },
      filerOf(other),
      'filing { state }',
    )
    expect(verdict, `withdraws ${one.state} ${one.number}: ${reasons}`).toBe(
      isOut(other) ? 'REFUSED' : model.withdraw(one, now),
    )
    if (verdict === 'DONE') one.state = 'WITHDRAWN'
  }

  async function collect(collector: number, max: number) {
    const shown = 'filings { number leaseId }'
    const { filings } = await send('collectFilings', { max }, collectors[collector]!, shown)
    const expected = model.collect(max, now)
    expect(filings.map(({ number }: { number: string }) => number)).toEqual(expected.map(({ number }) => number))
    for (const [at, one] of expected.entries()) {
      const lease = { id: filings[at].leaseId, collector }
      one.lease = { ...lease, until: now + leaseLasts }
      leases.push(lease)
    }
  }

  async function settle(one: Filed, as: 'ACCEPTED' | 'REJECTED', lease: { id: string; collector: number }) {
    const input = { filingNumber: one.number, leaseId: lease.id }
    const faults = [{ path: '/kind', message: { az: 'Yanlış', en: 'Wrong', ru: 'Неверно' } }]
    const { verdict, reasons } =
      as === 'ACCEPTED'
        ? await send('acknowledgeFiling', input, collectors[lease.collector]!, 'filing { state }')
        : await send('rejectFiling', { ...input, faults }, collectors[lease.collector]!, 'filing { state }')
    expect(verdict, `${as} of ${one.state} ${one.number}: ${reasons}`).toBe(model.settle(one, as, lease, now))
    if (verdict !== 'DONE') return
    Object.assign(one, { state: as, settled: { ...lease, as } })
    if (as === 'ACCEPTED' && one.replaces) one.replaces.state = 'SUPERSEDED'
  }

  async function take(one: Step) {
    const { kind, which, other } = one
    // Mostly a filing with which something can be done.
    const isApt = (filing: Filed) =>
      kind === 'correct' ? filing.state === 'ACCEPTED' : filing.state === 'RECEIVED' && filing.lease !== undefined
    const apt = other % 4 > 0 && kind !== 'withdraw' ? model.all.filter(isApt) : model.all
    const filed = apt[which % Math.max(1, apt.length)]
    if (kind === 'submit') await submit(one)
    else if (kind === 'correct') await submit({ ...one, which: which + other }, filed)
    else if (kind === 'collect') await collect(which % 2, 1 + (other % 3))
    else if (kind === 'pass') now += [minute, 10 * minute, leaseLasts + minute, 2 * day][which % 4] as number
    else if (kind === 'revoke') {
      isRevoked = other % 2 === 0
      const revoked = isRevoked ? { at: new Date(now).toISOString(), by: 'a test', for: 'MISTAKE' } : undefined
      await client`
        update mandates set revoked_at = ${revoked?.at ?? null}, revoked_by = ${revoked?.by ?? null}, revoked_for = ${revoked?.for ?? null}
        where id = ${mandate}`
    } else if (!filed) return
    else if (kind === 'withdraw') await withdraw(filed, one)
    else {
      // Mostly its own lease, sometimes an earlier one or that of another.
      const lease = other % 4 > 0 ? filed.lease : leases[other % Math.max(1, leases.length)]
      if (lease) await settle(filed, kind === 'accept' ? 'ACCEPTED' : 'REJECTED', lease)
    }
  }

  /** The agency settles all that waits, so that the next history has it to itself. */
  async function end() {
    now += leaseLasts + minute
    await collect(0, 100)
    for (const one of model.all) if (one.state === 'RECEIVED' && one.lease) await settle(one, 'ACCEPTED', one.lease)
  }

  async function compare() {
    const rows = await client`select number, state from filings where party_id = ${company} order by received_at, id`
    expect(rows.map(({ number, state }) => [number, state])).toEqual(
      model.all.map(({ number, state }) => [number, state]),
    )
  }
  return { take, end, compare }
}

describe('Filings in any history', () => {
  it('are what the model says, and break no rule of filings', { timeout: 900_000 }, async () => {
    console.log(`MODEL_SEED=${seed} MODEL_RUNS=${numRuns}`)
    const property = fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (all) => {
      const { take, end, compare } = await history()
      for (const one of all) {
        now += 1_000
        await take(one)
        await compare()
      }
      await end()
      await compare()
      // It reads the filings of all histories.
      if (!long) expect(await brokenFilingRules(client)).toEqual([])
    })
    await fc.assert(property, { numRuns, seed, endOnFailure: !long })
    expect(await brokenFilingRules(client)).toEqual([])
  })
})
