import { describe, expect, it } from 'vitest'
import { accesses } from '../../src/exchange/accessLog/access.table.js'
import { publicSchema } from '../../src/schema.js'
import type { Context } from '../../src/shared/context.js'
import type { Language } from '../../src/shared/words.js'
import { type Answer, type Ask, answererOf, askerOf } from '../engine/asking.js'
import { apart, essence } from '../engine/compare.js'
import { long } from '../support/long.js'
import { as } from '../support/tokens.js'
import { addCases } from './cases.js'
import { corpusOf, type Entry } from './corpus.js'
import { rowsOf } from './seen.js'
import { openWorld, personas } from './world.js'

const world = await openWorld()
await addCases(world)
const moment = new Date()
const now = () => moment
const schema = publicSchema()
const apollo = askerOf<Context>(schema)
const oneStatement = answererOf<Context>(schema)
const caller = async (persona: string, headers?: Record<string, string>) =>
  await world.callerAs(headers ?? world.whoIs(persona).headers)

async function asker(persona: string, language: Language = 'az', headers?: Record<string, string>) {
  const asking = await caller(persona, headers)
  return () => world.contextFor({ caller: asking, language, now })
}

const contextOfCitizen = await asker('citizen')
const page = '{ applications(first: 100) { edges { cursor } } }'
const cursors: string[] = (await apollo({ query: page }, contextOfCitizen())).data.applications.edges.map(
  ({ cursor }: { cursor: string }) => cursor,
)
const corpus = corpusOf(world, await rowsOf(world), cursors)

const languages: Language[] = ['az', 'en', 'ru']
const refusals = new Set<unknown>(['FORBIDDEN', 'UNAUTHENTICATED', 'STEP_UP_REQUIRED'])
/** Fields with resolvers: they are refused beside the statement, which answers the rest. */
const computed = new Set<unknown>([
  'content',
  'validationErrors',
  'text',
  'reasoning',
  'norm',
  'downloadUrl',
  'uploadUrl',
  'file',
  'name',
  'birthDate',
  'identifiers',
  'code',
  'signature',
  'pdfSha256',
])
const codes = new Set<unknown>([...refusals, 'BAD_USER_INPUT'])
const isRefused = ({ errors }: Answer) =>
  errors.some(({ code, path }) => refusals.has(code) && !path.some((step) => computed.has(step)))

async function statementsOf(ask: () => Promise<Answer>) {
  world.statements.length = 0
  return { answer: await ask(), statements: [...world.statements] }
}

/** The first difference between Apollo's answers and those of one statement, or what was not answered as is expected. */
async function differenceFor({ query, variables = [{}], leftToApollo }: Entry, contextOf: () => Context) {
  await oneStatement.way({ query, variables: variables[0] ?? {} }, contextOf()) // Apollo sees the document
  for (const one of variables) {
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

describe('An answer in one statement', () => {
  it.each(Object.entries(corpus))('equals that of Apollo: %s', async (_name, entry) => {
    const found: string[] = []
    for (const [at, persona] of (long ? personas() : entry.by).entries())
      for (const language of long ? languages : [languages[at % 3] as Language]) {
        const difference = await differenceFor(entry, await asker(persona, language))
        if (difference) found.push(`${persona}, ${language}: ${difference}`)
      }
    expect(found).toEqual([])
  })

  it.each(long ? personas().filter((persona) => world.whoIs(persona).kind === 'PERSON') : ['citizen'])(
    'equals that of Apollo for %s without assurance',
    async (persona) => {
      const contextOf = await asker(persona, 'az', await as(persona, { acr: undefined }))
      const found: string[] = []
      for (const [name, entry] of Object.entries(corpus)) {
        const difference = await differenceFor(entry, contextOf)
        if (difference) found.push(`${name}: ${difference}`)
      }
      expect(found).toEqual([])
    },
  )

  it.each(['officer', 'filing-program', 'citizen'])('logs what %s reads as often as Apollo does', async (persona) => {
    const contextOf = await asker(persona)
    const { query, variables = [] } = corpus['a case with all that it has'] as Entry // one of them
    const loggedBy = async (ask: Ask<Context>) => {
      const before = await world.db.$count(accesses)
      for (const one of variables) await ask({ query, variables: one }, contextOf())
      return (await world.db.$count(accesses)) - before
    }
    const logged = await loggedBy(apollo)
    expect([logged > 0, await loggedBy(oneStatement.way)]).toEqual([true, logged])
  })
})
