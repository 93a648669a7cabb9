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

describe.each([1, 100])('a page of %i', (first) => {
  it('is one statement, whatever is asked below it', async () => {
    const { cost } = await costOf(
      `{ loans(first: ${first}) { nodes { number ${below} } pageInfo { hasNextPage } totalCount } }`,
    )
    expect(cost).toEqual({ statements: 1, questions: [] })
  })
  it('is one with fields computed of its own rows', async () => {
    expect((await costOf(`{ books(first: ${first}) { nodes { label library { code } } } }`)).cost.statements).toBe(1)
  })
  it('is one, and one question to a register elsewhere', async () => {
    const { data, cost } = await costOf(`{ loans(first: ${first}) { nodes { number overdue standing } } }`)
    expect(cost).toEqual({ statements: 1, questions: [data.loans.nodes.length] })
  })
})

it('below a root by hand each relation of its rows is one statement, with all below it', async () => {
  const { data, cost } = await costOf(`{ overdueLoans { number ${below} } }`)
  expect(data.overdueLoans.length).toBeGreaterThan(1)
  expect(cost.statements).toBe(1 + 3)
})

it('below a computed field each relation is one statement, for all rows together', async () => {
  const query = (first: number) =>
    `{ books(first: ${first}) { nodes { neighbour { ... on Library { newest { code best { stars } } books(first: 2) { nodes { code } } } } } } }`
  // And one of the resolver by hand.
  for (const first of [2, 20]) expect((await costOf(query(first))).cost.statements).toBe(1 + 1 + 2)
})

it('values of a union by hand: one statement a relation and type', async () => {
  const { cost } = await costOf(
    '{ found(codes: ["B1", "B2", "B3", "L1", "L2"]) { ... on Book { library { code } } ... on Library { newest { code } } } }',
  )
  expect(cost.statements).toBe(5 + 2)
})

it('a page that is wrong below costs no statement for it, and one where it is asked about', async () => {
  const { data } = await costOf('{ libraries { code } }')
  statements.length = 0
  const query = '{ libraries { code books(first: 0) { nodes { code } } } }'
  const answer = await ask({ query }, contextFor(db)(callers.reader))
  expect(answer.data.libraries).toEqual(data.libraries.map(({ code }: { code: string }) => ({ code, books: null })))
  expect(statements).toHaveLength(1)
})
