import { describe, expect, it } from 'vitest'
import { configFrom } from '../../src/config.js'
import { setConnectionLifetime } from '../../src/engine/prepared.js'
import { openDatabase } from '../../src/platform/database.js'
import { apiOf } from '../support/api.js'
import { cloneDatabase } from '../support/database.js'
import { createServer } from '../support/server.js'

// Statements are kept, and pages shared: what must not be mixed up by that, nor waited for without an end.
const database = await cloneDatabase()
const ask = await apiOf(database)
const codesOf = ({ data, errors }: Awaited<ReturnType<typeof ask>>): string[] => {
  expect(errors).toBeUndefined()
  return data.services.nodes.map(({ code }: { code: string }) => code)
}

describe('A cached statement', () => {
  it('serves operations that share a fragment and order their variables differently', async () => {
    const query = `query A($a: Int, $b: Int) { ...F } query B($b: Int, $a: Int) { ...F }
    fragment F on Query { services(first: $a, last: $b, orderBy: CODE) { nodes { code } } }`
    const of = (operationName: string, variables: Record<string, number>) => ask(query, { operationName, variables })
    const all = codesOf(await ask('{ services(first: 100, orderBy: CODE) { nodes { code } } }'))
    for (let time = 0; time < 3; time++) {
      expect(codesOf(await of('A', { a: 2 }))).toEqual(all.slice(0, 2))
      expect(codesOf(await of('B', { b: 2 }))).toEqual(all.slice(-2))
    }
  })

  it('serves aliases with equal arguments that name different parts alike', async () => {
    const { data, errors } = await ask(`{ agency(code: "EDLIYYE") {
    a: services(first: 1) { x: totalCount y: nodes { code } }
    b: services(first: 1) { x: pageInfo { hasNextPage } y: edges { node { direction } } } } }`)
    expect(errors).toBeUndefined()
    expect(data.agency).toEqual({
      a: { x: expect.any(Number), y: [{ code: expect.any(String) }] },
      b: { x: { hasNextPage: true }, y: [{ node: { direction: 'G2C' } }] },
    })
  })

  it('has the declared values in its text and the requested ones as parameters', async () => {
    database.statements.length = 0
    await ask('{ services(first: 7, filter: { agency: "EDLIYYE" }) { nodes { code } } }')
    const [statement] = database.statements
    expect(statement).toContain(`<> 'RETIRED'`)
    expect(statement).not.toMatch(/EDLIYYE|\b7\b/)
  })
})

describe('many', () => {
  it('reports a list that has outgrown its bound as an error', async () => {
    await database.client`insert into agencies (id, code, type, name, parent_id, confidence)
    select gen_random_uuid(), 'SUB' || n, 'DEPARTMENT', '{"az": "Şöbə"}', (select id from agencies where code = 'ETN'), 'UNKNOWN'
    from generate_series(1, 31) n`
    const { data, errors } = await ask(
      '{ agency(code: "ETN") { children { code } } other: agency(code: "DIN") { code } }',
    )
    expect(data).toEqual({ agency: null, other: { code: 'DIN' } })
    expect(errors).toMatchObject([{ path: ['agency', 'children'], extensions: { code: 'INTERNAL_SERVER_ERROR' } }])
  })
})

describe('A request', () => {
  it('waits no longer than its timeout for a lock or a connection', async () => {
    const config = configFrom({ LOG_LEVEL: 'silent', REQUEST_TIMEOUT_MS: '400' })
    const narrow = await openDatabase(database.url, { connections: 2, statementTimeout: 60_000 })
    const app = await createServer({ config, database: narrow })
    const asked = async (query: string) => {
      const before = Date.now()
      const { errors } = (await app.inject({ method: 'POST', url: '/graphql', payload: { query } })).json()
      return { took: Date.now() - before, code: errors?.[0].extensions.code }
    }
    await database.client.begin(async (tx) => {
      await tx`lock table services`
      const answers = await Promise.all(
        Array.from({ length: 12 }, () => asked('{ services(first: 1) { nodes { code } } }')),
      )
      expect(answers.map(({ code }) => code)).toEqual(answers.map(() => 'TIMEOUT'))
      for (const { took } of answers) expect(took).toBeLessThan(3000)
    })
    await expect.poll(() => asked('{ services(first: 1) { nodes { code } } }')).toMatchObject({ code: undefined })
    await app.close()
    await narrow.close()
  })
})

describe('heatOf', () => {
  it('prepares a statement after some runs, and a very long one never', async () => {
    setConnectionLifetime(Number.POSITIVE_INFINITY) // other files may have used up the budget
    const prepared = async (query: string) => {
      const single = await openDatabase(database.url, { connections: 1, statementTimeout: 10_000 })
      const one = await apiOf({ ...database, ...single })
      for (let time = 0; time < 5; time++) await one(query)
      const [{ count }] = (await single.client.unsafe(
        `select count(*)::int from pg_prepared_statements where statement like '%json_agg%'`,
      )) as unknown as [{ count: number }]
      await single.close()
      return count
    }
    expect(await prepared('{ services(last: 3, orderBy: CODE) { nodes { id code direction } } }')).toBe(1)
    const wide = Array.from(
      { length: 30 },
      (_, at) => `a${at}: services(first: ${at + 1}, filter: { agency: "DIN" }) { nodes { code } }`,
    )
    expect(await prepared(`{ lifeEvents { ${wide.join(' ')} } }`)).toBe(0)
  })
})
