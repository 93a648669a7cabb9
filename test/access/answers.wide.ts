import { beforeAll, describe, expect, it } from 'vitest'
import { nodeIdOf } from '../../src/engine/node.js'
import { accesses } from '../../src/exchange/accessLog/access.table.js'
import { publicSchema } from '../../src/schema.js'
import type { Context } from '../../src/shared/context.js'
import type { Language } from '../../src/shared/words.js'
import { type Answer, type Ask, answererOf, askerOf, plainAskerOf } from '../engine/asking.js'
import { apart, differenceIn, essence } from '../engine/compare.js'
import { diceOf, operationOf, type Values } from '../engine/operations.js'
import { withFault } from '../engine/plantedFaults.js'
import { cursorAt } from '../engine/relay.js'
import { patience, seedsOf } from '../engine/seeds.js'
import { long, sampled } from '../support/long.js'
import { as } from '../support/tokens.js'
import { personalBaseline, storedOnly } from './baseline.js'
import { addCases, addCasesOf } from './cases.js'
import { corpusOf, type Entry } from './corpus.js'
import { faultsOf } from './faults.js'
import { rowsOf, seenBy } from './seen.js'
import { owned } from './walk.js'
import { inhabitants, openWorld, personas } from './world.js'

const world = await openWorld()
await addCases(world)
const moment = new Date()
const now = () => moment
const schema = publicSchema()
const apollo = askerOf<Context>(schema)
const oneStatement = answererOf<Context>(schema)

/** Makes requests of a persona. */
async function asker(persona: string, language: Language = 'az', headers = world.whoIs(persona).headers) {
  const caller = await world.callerAs(headers)
  return () => world.contextFor({ caller, language, now })
}

const contextOfCitizen = await asker('citizen')
const page = '{ applications(first: 100) { edges { cursor } } }'
const cursors: string[] = (await apollo({ query: page }, contextOfCitizen())).data.applications.edges.map(
  ({ cursor }: { cursor: string }) => cursor,
)
const rows = await rowsOf(world)
const corpus = corpusOf(world, rows, cursors)

/** Milliseconds for all personas in all languages on a busy machine. */
const timeout = long ? 600_000 : 60_000
const languages: Language[] = ['az', 'en', 'ru']
const refusals = new Set<unknown>(['FORBIDDEN', 'UNAUTHENTICATED', 'STEP_UP_REQUIRED'])
/** Fields with resolvers: they are refused beside the statement, which answers the rest. */
const computed = new Set<unknown>([
  'content',
  'validationErrors',
  'text',
  'person',
  'reasoning',
  'norm',
  'grounds',
  'downloadUrl',
  'uploadUrl',
  'file',
  'name',
  'status',
  'birthDate',
  'identifiers',
  'code',
  'faults',
  'userErrors',
  'signature',
  'pdfSha256',
])
const codes = new Set<unknown>([...refusals, 'BAD_USER_INPUT'])
const isRefused = ({ errors }: Answer) =>
  errors.some(({ code, path }) => refusals.has(code) && !path.some((step) => computed.has(step)))

async function statementsOf<A>(ask: () => Promise<A>) {
  world.statements.length = 0
  return { answer: await ask(), statements: [...world.statements] }
}

/** The first difference between Apollo's answers and those of one statement, or what was not answered as is expected. */
async function differenceFor({ query, variables = [{}], leftToApollo }: Entry, contextOf: () => Context, nth = 0) {
  // In `npm run test:wide` everybody asks for one thing.
  const step = long ? 1 : variables.length
  await oneStatement.way({ query, variables: variables[0] ?? {} }, contextOf()) // Apollo sees the document
  for (const one of variables.filter((_, at) => at % step === nth % step)) {
    const asking = { query, variables: one }
    const required = await statementsOf(() => apollo(asking, contextOf()))
    oneStatement.counted.answered = 0
    const came = await statementsOf(() => oneStatement.way(asking, contextOf()))
    const { errors, data } = required.answer
    const unexpected = errors.filter(({ code }) => !codes.has(code))
    if (unexpected.length > 0) return JSON.stringify(unexpected)
    const [wanted, given] = [essence(required.answer), essence(came.answer)]
    if (wanted !== given) return [query, JSON.stringify(one), ...apart(wanted, given)].join('\n')
    // What resolvers answered has their statements in it.
    const isByResolvers = required.statements.every((text) => came.statements.includes(text))
    const isAnswered = oneStatement.counted.answered === 1 && !isByResolvers
    const isLeft = leftToApollo !== undefined || isRefused(required.answer)
    // A rule may refuse the type of an id before anybody looks whether there is a row.
    if (isAnswered === isLeft && data?.node !== null)
      return `${query} ${JSON.stringify(one)} was ${isAnswered ? '' : 'not '}answered in one statement`
  }
  return undefined
}

/** The first, third and so on, or the second, fourth and so on where there is one. */
const everyOther = (all: string[], nth: number) => all.filter((_, at) => all.length === 1 || at % 2 === nth % 2)

describe('An answer in one statement', () => {
  it.each(Object.entries(corpus).map(([name, entry], nth) => [name, entry, nth] as const))(
    'equals that of Apollo: %s',
    { timeout },
    async (_name, entry, nth) => {
      const found: string[] = []
      for (const [at, persona] of (long ? personas() : everyOther(entry.by, nth)).entries())
        for (const language of long ? languages : [languages[at % 3] as Language]) {
          const difference = await differenceFor(entry, await asker(persona, language), at)
          if (difference) found.push(`${persona}, ${language}: ${difference}`)
        }
      expect(found).toEqual([])
    },
  )

  it.each(long ? personas().filter((persona) => world.whoIs(persona).kind === 'PERSON') : ['citizen'])(
    'equals that of Apollo for %s without assurance',
    { timeout },
    async (persona) => {
      const contextOf = await asker(persona, 'az', await as(persona, { acr: undefined }))
      const found: string[] = []
      for (const [name, entry] of sampled(Object.entries(corpus), 3)) {
        const difference = await differenceFor(entry, contextOf)
        if (difference) found.push(`${name}: ${difference}`)
      }
      expect(found).toEqual([])
    },
  )

  it.each(sampled(['officer', 'filing-program', 'citizen'], 3))(
    'logs what %s reads as often as Apollo does',
    async (persona) => {
      const contextOf = await asker(persona)
      const { query, variables = [] } = corpus['a case with all that it has'] as Entry // one of them
      const loggedBy = async (ask: Ask<Context>) => {
        const before = await world.db.$count(accesses)
        for (const one of sampled(variables, 3)) await ask({ query, variables: one }, contextOf())
        return (await world.db.$count(accesses)) - before
      }
      const logged = await loggedBy(apollo)
      expect([logged > 0, await loggedBy(oneStatement.way)]).toEqual([true, logged])
    },
  )
})

const callers = await Promise.all(
  inhabitants.map(async (persona) => ({ persona, caller: await world.callerAs(world.whoIs(persona).headers) })),
)
const seen = new Map(callers.map(({ persona, caller }) => [caller.id, new Set(seenBy(world.whoIs(persona), rows))]))
const baseline = plainAskerOf<Context>(
  await personalBaseline(schema, world.database.client, ({ caller }) => seen.get(caller.id) ?? new Set()),
)
const ways = { 'with look-ahead': apollo, 'in one statement': oneStatement.way }

/** Their rows have no resolvers by hand in `baseline.ts`. */
const without: readonly string[] = ['Program', 'Appointment', 'Consent', 'AccessLogEntry']
const types = owned.filter((type) => !without.includes(type))
const ids = types.flatMap((type) => rows[type].map(({ id }) => nodeIdOf(type, id)))
const some = <T>(all: readonly T[]) => all.filter((_, at) => at % Math.ceil(all.length / 12) === 0)
const pg = (at: Date) =>
  at
    .toISOString()
    .replace('T', ' ')
    .replace(/\.?0*Z$/, '+00')
const ofFilings = rows.Filing.flatMap(({ receivedAt, changedAt, id }) => [
  cursorAt('filings.received_at', pg(receivedAt), id),
  cursorAt('filings.changed_at', pg(changedAt), id),
])
const ofApplications = rows.Application.map(({ createdAt, id }) =>
  cursorAt('applications.created_at', pg(createdAt), id),
)
const values: Values = {
  id: [...some(ids), 'none'],
  party: [...some(rows.Party.map(({ id }) => nodeIdOf('Party', id))), 'none'],
  number: [...rows.Application.map(({ number }) => number), 'none'],
  service: ['DVX-RETURN', 'DVX-BENEFICIAL', 'DIN-ADDRESS-REG'],
  'Query.payment.number': [...rows.Payment.map(({ number }) => number), 'none'],
  'Query.charge.number': [...rows.Charge.map(({ number }) => number), 'none'],
  'Query.filing.number': [...rows.Filing.map(({ number }) => number), 'none'],
  'Query.filingBatch.id': [...rows.FilingBatch.map(({ id }) => nodeIdOf('FilingBatch', id)), 'none'],
  period: ['2026-08', '2026-Q3', 'none'],
  externalNumber: ['F-1', 'F-2', 'none'],
  changedSince: ['2026-01-01T00:00:00Z', '2100-01-01T00:00:00Z'],
  cursor: ['none', null],
  'Query.filings.cursor': [...ofFilings, 'none', null],
  'Query.applications.cursor': [...ofApplications, 'none', null],
}

describe('Personal rows', () => {
  const fields = storedOnly(schema)

  it('are answered as an untouched Apollo does over whole rows', { timeout: patience }, async () => {
    oneStatement.counted.answered = 0
    const { failed, ran } = await seedsOf(async (seed) => {
      const dice = diceOf(seed)
      const operation = operationOf(fields, values, dice)
      const { persona, caller } = dice.pick(callers)
      const language = dice.pick<Language>(['az', 'en', 'ru'])
      const contextOf = () => world.contextFor({ caller, language, now })
      const difference = await differenceIn({ ...operation, contextOf }, baseline, ways)
      return difference && `${persona}: ${difference}`
    })
    expect(failed).toEqual([])
    expect([ran > 0, oneStatement.counted.answered > 0]).toEqual([true, true])
  })
})

describe('The comparison', () => {
  it.each(sampled(Object.entries(faultsOf(world, rows)), 2))('finds %s', async (_name, fault) => {
    const { by, query, variables = {} } = fault
    const contextOf = await asker(by)
    const question = { query, variables: [variables] }
    const { way, counted } = answererOf<Context>(schema)
    expect(await differenceIn({ ...question, contextOf }, baseline, { way }, 2)).toBeUndefined()
    expect(counted.answered).toBe(1)

    const faulty = withFault(world.database.client, fault)
    const database = { ...world.database, client: faulty.client }
    const faultyWay = answererOf<Context>(schema)
    await faultyWay.way({ query, variables }, contextOf()) // Apollo sees the document
    const found = await differenceIn(
      { ...question, contextOf },
      baseline,
      { way: (asking, context) => faultyWay.way(asking, { ...context, database }) },
      1,
    )
    expect([faulty.seen, faultyWay.counted.answered]).toEqual([{ changed: true, refused: [] }, 1])
    expect(found).toBeDefined()
  })
})

describe('A cabinet of many applications', async () => {
  const many = long ? 20 : 5
  const stored = `number state submittedAt service { code name } agency { name }
    timeline(first: 3) { nodes { type at toState } } decisions { outcome at document { number } } documents { number kind }`
  const cabinet = (more = '', beside = '') =>
    `query ($first: Int!) { applications(first: $first) { nodes { ${stored} ${more} } pageInfo { endCursor } totalCount } ${beside} }`
  const viewerCan = 'viewerCan { action allowed reason message }'
  const viewer = 'viewer { kind assurance party { id name } }'
  beforeAll(async () => await addCasesOf(world, 'other-citizen', many))

  /** The statements of a request, once Apollo has seen its document. */
  async function countOf(query: string, first: number): Promise<number> {
    const ask = () => world.askAs('other-citizen', { query, variables: { first } })
    const { data, errors } = await ask()
    expect([errors, data.applications.nodes.length]).toEqual([undefined, first])
    const { timeline, decisions, documents } = data.applications.nodes[0]
    expect([timeline.nodes, decisions, documents].map((list) => list.length)).toEqual([3, 2, 1])
    return (await statementsOf(ask)).statements.length
  }

  // The first of them finds the caller.
  it.each([
    ['all that is stored', cabinet(), 2],
    ['the caller too', cabinet('', viewer), 4],
    ['what the caller may do', cabinet(viewerCan), 4],
    ['both', cabinet(viewerCan, viewer), 6],
  ])('takes the same few statements for %s, whatever its length', async (_what, query, most) => {
    const counts = [await countOf(query, 1), await countOf(query, many)]
    expect(counts[1]).toBe(counts[0])
    expect(counts[1]).toBeLessThanOrEqual(most)
  })
})
