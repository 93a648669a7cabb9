import { describe, expect, it } from 'vitest'
import { emptyDatabase } from '../support/database.js'
import { askerOf } from './asking.js'
import { callers, contextFor, schemaOn, type WorldContext } from './world.js'
import { questions } from './worldByHand.js'
import { makeTables } from './worldTables.js'

const { client, db, statements } = await emptyDatabase()
await makeTables(client)
const ask = askerOf<WorldContext>(schemaOn(client))

/** How many statements an answer took, and how many loans the register was asked about at once, each time. */
async function costOf(query: string) {
  statements.length = 0
  questions.length = 0
  const { data, errors } = await ask({ query }, contextFor(db)(callers.reader))
  expect(errors.filter(({ code }) => code !== 'SERVICE_UNAVAILABLE' && code !== 'INTERNAL_SERVER_ERROR')).toEqual([])
  return { data, cost: { statements: statements.length, questions: [...questions] } }
}
const below = 'book { title library { code name } best { stars } } last { kind place { code } } events { kind at }'

describe.each([1, 100])('A page of %i', (first) => {
  it('takes one statement, whatever is selected below it', async () => {
    const { cost } = await costOf(
      `{ loans(first: ${first}) { nodes { number ${below} } pageInfo { hasNextPage } totalCount } }`,
    )
    expect(cost).toEqual({ statements: 1, questions: [] })
  })
  it('takes one statement with fields computed from its rows', async () => {
    expect((await costOf(`{ books(first: ${first}) { nodes { label library { code } } } }`)).cost.statements).toBe(1)
  })
  it('takes one statement and one question to an external register', async () => {
    const { data, cost } = await costOf(`{ loans(first: ${first}) { nodes { number overdue standing } } }`)
    expect(cost).toEqual({ statements: 1, questions: [data.loans.nodes.length] })
  })
})

describe('A relation', () => {
  it('below a root by hand takes one statement, with all below it', async () => {
    const { data, cost } = await costOf(`{ overdueLoans { number ${below} } }`)
    expect(data.overdueLoans.length).toBeGreaterThan(1)
    expect(cost.statements).toBe(1 + 3)
  })

  it('below a computed field takes one statement for all rows', async () => {
    const query = (first: number) =>
      `{ books(first: ${first}) { nodes { neighbour { ... on Library { newest { code best { stars } } books(first: 2) { nodes { code } } } } } } }`
    // And one of the resolver by hand.
    for (const first of [2, 20]) expect((await costOf(query(first))).cost.statements).toBe(1 + 1 + 2)
  })

  it('below a union by hand takes one statement per type', async () => {
    const { cost } = await costOf(
      '{ found(codes: ["B1", "B2", "B3", "L1", "L2"]) { ... on Book { library { code } } ... on Library { newest { code } } } }',
    )
    expect(cost.statements).toBe(5 + 2)
  })

  it('with invalid arguments takes no statement', async () => {
    const { data } = await costOf('{ libraries { code } }')
    statements.length = 0
    const query = '{ libraries { code books(first: 0) { nodes { code } } } }'
    const answer = await ask({ query }, contextFor(db)(callers.reader))
    expect(answer.data.libraries).toEqual(data.libraries.map(({ code }: { code: string }) => ({ code, books: null })))
    expect(statements).toHaveLength(1)
  })
})
