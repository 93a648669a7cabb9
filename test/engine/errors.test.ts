import 'reflect-metadata'
import { readFileSync } from 'node:fs'
import { DrizzleQueryError, sql } from 'drizzle-orm'
import { buildSchema, GraphQLError, type GraphQLObjectType } from 'graphql'
import { afterAll, describe, expect, it } from 'vitest'
import { configFrom } from '../../src/config.js'
import { apolloOf } from '../../src/engine/apollo.js'
import { badInput, type ErrorCode, errorCodes, refusal, unhandledTo } from '../../src/engine/errors.js'
import { connect, type Database, openDatabase } from '../../src/platform/database.js'
import { cloneDatabase } from '../support/database.js'
import { createServer } from '../support/server.js'

const database = await cloneDatabase()
const { url, client, db, statements } = database
const secret = 'a name that nobody may see'

/** Two fields by hand, of which the first fails as it is told to. */
async function failing(fail: () => unknown) {
  const logged: { errorId?: string; error?: Record<string, unknown> }[] = []
  const schema = buildSchema('type Query { first: Int second: Int! }')
  const { first, second } = (schema.getQueryType() as GraphQLObjectType).getFields()
  Object.assign(first ?? {}, { resolve: fail })
  Object.assign(second ?? {}, { resolve: () => 2 })
  const apollo = apolloOf(schema, { error: (what) => logged.push(what) })
  const { body } = await apollo.executeOperation({ query: '{ first second }' }, {})
  await apollo.stop()
  const { data, errors } = JSON.parse(JSON.stringify(body.kind === 'single' && body.singleResult))
  return { data, error: errors[0], logged, all: JSON.stringify([errors, logged]) }
}
const thrown = (error: unknown) => () => {
  throw error
}
const withCode = (code: string, message = 'x') => Object.assign(new Error(message), { code })

describe('An unexpected error', () => {
  it('that nobody awaited is logged without the values of its statement', async () => {
    const told: object[] = []
    const tell = unhandledTo({ error: (what) => told.push(what) })
    await db.execute(sql`select ${secret}::uuid`).catch(tell)
    await client`select ${secret}::uuid`.catch(tell)
    expect(told).toEqual(Array(2).fill({ error: expect.objectContaining({ code: '22P02', where: expect.any(Array) }) }))
    expect(JSON.stringify(told)).not.toContain(secret)
  })

  it('is masked by an id from the log and leaves the rest of the answer', async () => {
    const { data, error, logged } = await failing(thrown(new TypeError(`no such thing as ${secret}`)))
    const id = logged[0]?.errorId
    expect(data).toEqual({ first: null, second: 2 })
    expect(error).toMatchObject({
      path: ['first'],
      message: `An unexpected error occurred. Report it with the id ${id}.`,
    })
    expect(error.extensions).toEqual({ code: 'INTERNAL_SERVER_ERROR', id })
    expect(logged).toMatchObject([
      { path: ['first'], error: { name: 'TypeError', stack: expect.stringContaining('at ') } },
    ])
  })

  it.each([
    ['a text', 'text'],
    ['undefined', undefined],
    ['an error of graphql without a code', new GraphQLError(secret)],
    ['an error with an unknown code', new GraphQLError(secret, { extensions: { code: 'INTERNAL' } })],
    ['an error with the internal code', refusal('INTERNAL_SERVER_ERROR', secret)],
    ['an error of the operating system', withCode('EACCES', secret)],
  ])('is masked when it is %s', async (_what, error) => {
    const { error: told, logged } = await failing(thrown(error))
    expect(told.extensions).toEqual({ code: 'INTERNAL_SERVER_ERROR', id: logged[0]?.errorId })
    expect(JSON.stringify(told)).not.toContain(secret)
  })

  it.each<[string, () => unknown]>([
    ['a statement that drizzle made', () => db.execute(sql`select ${secret}::text from nowhere`)],
    ['a statement of its own', () => client`select ${secret}::text, nothing`],
    ['an error that has only the statement', thrown(new DrizzleQueryError(`select '${secret}'`, [secret]))],
    [
      'a row that is there already',
      () => client`insert into seeds (name, digest, at) select ${secret}, '', now() from (values (1), (2)) twice`,
    ],
    ['a row that may not be', () => client`insert into seeds (name, digest, at) values (${secret}, null, now())`],
    ['an error within another', thrown(new Error('wrapped', { cause: new Error(secret) }))],
  ])('and its log entry show neither statement nor values for %s', async (_what, fail) => {
    const { error, all } = await failing(fail)
    expect(error.extensions.code).toBe('INTERNAL_SERVER_ERROR')
    for (const word of [secret, 'select', 'insert', 'parameters']) expect(all).not.toContain(word)
  })
})

describe('An error of the database', () => {
  it.each<[string, ErrorCode, () => unknown]>([
    ['a value that cannot be read', 'BAD_USER_INPUT', () => client`select ${secret}::text::uuid`],
    ['the same through drizzle', 'BAD_USER_INPUT', () => db.execute(sql`select ${secret}::text::uuid`)],
    ['a NUL in a text', 'BAD_USER_INPUT', () => client`select ${'\0'}::text`],
    ['a number out of range', 'BAD_USER_INPUT', () => client`select 3000000000::bigint::int`],
    ['a statement that took too long', 'TIMEOUT', () => slow`select pg_sleep(2)`],
    ['a refused connection', 'SERVICE_UNAVAILABLE', () => nowhere`select 1`],
    ['a closed connection', 'SERVICE_UNAVAILABLE', () => closed`select 1`],
    ['a terminated connection', 'SERVICE_UNAVAILABLE', () => client`select pg_terminate_backend(pg_backend_pid())`],
    ...['ECONNRESET', 'CONNECT_TIMEOUT', '53300', '57P03', '08006'].map((code): [string, ErrorCode, () => unknown] => [
      code,
      'SERVICE_UNAVAILABLE',
      thrown(withCode(code, secret)),
    ]),
  ])('for %s becomes %s', async (_what, code, fail) => {
    const { data, error, logged } = await failing(fail)
    expect(data).toEqual({ first: null, second: 2 })
    expect([error.extensions, error.path]).toEqual([{ code }, ['first']])
    expect(error.message).toMatch(/^(An argument has|The request took|The database)/)
    expect(logged.length).toBe(code === 'SERVICE_UNAVAILABLE' ? 1 : 0)
  })

  it('is logged with the reason of a refused connection', async () => {
    const { logged } = await failing(() => nowhere`select 1`)
    expect(logged).toMatchObject([{ path: ['first'], error: { message: expect.stringContaining('ECONNREFUSED') } }])
  })
})

describe('An error for the client', () => {
  it('keeps its message and code', async () => {
    const { error, logged } = await failing(thrown(badInput('`from` must be before `to`.')))
    expect([error.message, error.extensions, logged]).toEqual([
      '`from` must be before `to`.',
      { code: 'BAD_USER_INPUT' },
      [],
    ])
  })
})

const config = configFrom({ LOG_LEVEL: 'silent' })
async function serverOn(parts: Partial<Database> = {}, requestTimeout = 10_000) {
  const app = await createServer({ config: { ...config, requestTimeout }, database: { ...database, ...parts } })
  afterAll(() => app.close())
  return async (payload: object) => {
    const headers = { accept: 'application/graphql-response+json' }
    const response = await app.inject({ method: 'POST', url: '/graphql', headers, payload })
    return { status: response.statusCode, ...response.json() }
  }
}
const nowhere = connect('postgres://nobody@127.0.0.1:1/nothing', { max: 1, backoff: false })
const closed = connect(url, { max: 1 })
await closed.end()
const { client: slow, close } = await openDatabase(url, { connections: 1, statementTimeout: 200 })
afterAll(close)
const ask = await serverOn()
const query = '{ services(first: 1) { nodes { code } } lifeEvents { code } __typename }'

describe('An answer', () => {
  it('without a database has the fields that need none', async () => {
    const ask = await serverOn({ client: nowhere })
    const { status, data, errors } = await ask({ query })
    expect([status, data]).toEqual([200, { services: null, lifeEvents: null, __typename: 'Query' }])
    expect(errors.map(({ extensions }: GraphQLError) => extensions)).toEqual(
      Array(2).fill({ code: 'SERVICE_UNAVAILABLE' }),
    )
  })

  it('after its timeout asks no more of the database', async () => {
    const ask = await serverOn({}, -1)
    statements.length = 0
    const { data, errors } = await ask({ query })
    expect(data).toEqual({ services: null, lifeEvents: null, __typename: 'Query' })
    expect([errors[0].extensions, errors.length, statements]).toEqual([{ code: 'TIMEOUT' }, 2, []])
  })

  it('has the other fields when one waits too long', async () => {
    const ask = await serverOn({ client: slow })
    await client.begin(async (tx) => {
      await tx`lock table services in access exclusive mode`
      const { data, errors } = await ask({ query: '{ lifeEvents { code } services(first: 1) { totalCount } }' })
      expect([data.services, data.lifeEvents.length > 5]).toEqual([null, true])
      expect(errors).toMatchObject([{ path: ['services'], extensions: { code: 'TIMEOUT' } }])
    })
    expect(await ask({ query })).not.toHaveProperty('errors')
  })

  it('has an error in the place of a variable that is null', async () => {
    const asking = 'query($code: String = "x") { service(code: $code) { code } __typename }'
    const { data, errors } = await ask({ query: asking, variables: { code: null } })
    expect(data).toEqual({ service: null, __typename: 'Query' })
    expect(errors).toMatchObject([{ path: ['service'], extensions: { code: 'BAD_USER_INPUT' } }])
  })
})

describe('The code of an error', () => {
  const persistedQuery = { version: 1, sha256Hash: 'x' }
  it.each<[string, ErrorCode, object]>([
    ['a document that cannot be read', 'GRAPHQL_PARSE_FAILED', { query: '{' }],
    ['an unknown field', 'GRAPHQL_VALIDATION_FAILED', { query: '{ gone }' }],
    ['no document', 'BAD_REQUEST', { variables: {} }],
    ['a persisted query', 'BAD_REQUEST', { extensions: { persistedQuery } }],
    [
      'a persisted query of another version',
      'BAD_REQUEST',
      { query: '{ __typename }', extensions: { persistedQuery: { version: 2 } } },
    ],
    ['an unknown operation', 'BAD_REQUEST', { query: '{ __typename }', operationName: 'gone' }],
    ['one of two operations', 'BAD_REQUEST', { query: 'query A { __typename } query B { __typename }' }],
    ['a subscription', 'BAD_REQUEST', { query: 'subscription { x }' }],
    ['a missing variable', 'BAD_USER_INPUT', { query: 'query($code: String!) { service(code: $code) { code } }' }],
    ['a missing argument', 'BAD_USER_INPUT', { query: '{ services { totalCount } }' }],
    ['a forged cursor', 'BAD_USER_INPUT', { query: '{ services(first: 1, after: "x") { totalCount nodes { id } } }' }],
    ['a NUL', 'BAD_USER_INPUT', { query: '{ service(code: "\\u0000") { code } }' }],
  ])('for %s is %s', async (_what, code, payload) => {
    const { errors } = await ask(payload)
    expect(errors.map(({ extensions }: GraphQLError) => extensions.code)).toEqual([code])
  })

  it('is listed in docs/errors.md', () => {
    const docs = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')
    expect([...docs.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code)).toEqual(errorCodes)
  })
})
