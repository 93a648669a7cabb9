import { describe, expect, it } from 'vitest'
import { emptyDatabase } from '../support/database.js'
import { type Answer, askerOf } from './asking.js'
import { nodeId, type Row } from './baseline.js'
import { cursorOf } from './relay.js'
import { uid } from './uid.js'
import { type Caller, callers, contextFor, schemaOn, type WorldContext } from './world.js'
import { lists } from './worldBaseline.js'
import { makeTables } from './worldTables.js'

const { client, db, statements } = await emptyDatabase()
await makeTables(client)
const ways = [schemaOn(client), schemaOn(client, false)].map((schema) => askerOf<WorldContext>(schema))
const loans: Row[] = await client`select * from loans order by number`
const books: Row[] = await client`select * from books order by code`

const theirs: Record<string, (loan: Row, caller: Caller) => boolean> = {
  READER: ({ reader_id }, { readerId, childId }) => [readerId, childId].includes(reader_id),
  LIBRARIAN: ({ library_id }, { libraryId }) => library_id === libraryId,
}
const loansOf = (caller: Caller) => loans.filter((loan) => theirs[caller.kind]?.(loan, caller))
const sortedNumbers = (rows: { number: string }[]) => rows.map(({ number }) => number).sort()

async function ask(caller: Caller, query: string, variables: Record<string, unknown> = {}, way = 0) {
  statements.length = 0
  const answer = await (ways[way] as (typeof ways)[number])({ query, variables }, contextFor(db)(caller))
  return { ...answer, sql: [...statements] }
}
type Asked = Answer & { sql: string[] }
type Of = (data: any) => { number: string }[]

/** Every way that leads to loans, from where everything could be seen. */
const ids = loans.map((loan) => nodeId('Loan', loan))
const inNodes = (pages: { nodes: { number: string }[] }[]) => pages.flatMap(({ nodes }) => nodes)
const paths: Record<string, { query: string; variables?: Record<string, unknown>; of: Of }> = {
  'a list at the root': { query: '{ loans(first: 100) { nodes { number } } }', of: ({ loans }) => loans.nodes },
  'edges, backward': {
    query: '{ loans(last: 100) { edges { node { number } } } }',
    of: ({ loans }) => loans.edges.map(({ node }: { node: { number: string } }) => node),
  },
  'a list with filters': {
    query:
      '{ a: loans(first: 99, filter: { state: OUT }) { nodes { number } } b: loans(first: 99, filter: { state: ASKED }) { nodes { number } } c: loans(first: 99, filter: { state: BACK }) { nodes { number } } }',
    of: ({ a, b, c }) => inNodes([a, b, c]),
  },
  nodes: {
    query: 'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Loan { number } } }',
    variables: { ids },
    of: ({ nodes }) => nodes.filter(Boolean),
  },
  'one by one': {
    query: `{ ${ids.slice(0, 20).map((id, at) => `a${at}: loan(id: "${id}") { number }`)} }`,
    of: (data) => Object.values(data).filter(Boolean) as { number: string }[],
  },
  'a relation of books': {
    query: '{ books(first: 100) { nodes { loans(first: 50) { nodes { number } } } } }',
    of: ({ books }) => inNodes(books.nodes.map(({ loans }: { loans: never }) => loans)),
  },
  'a relation of libraries, below a union by hand': {
    query: '{ found(codes: ["L1", "L2", "L3"]) { ... on Library { a: loans(first: 20) { nodes { number } } } } }',
    of: ({ found }) => inNodes(found.map(({ a }: { a: never }) => a)),
  },
}
const first20 = new Set(loans.slice(0, 20).map(({ number }) => number))
const shownBooks = new Set(books.filter(({ withdrawn_at }) => !withdrawn_at).map(({ id }) => id))

describe.each(Object.entries(callers).filter(([, { kind }]) => kind !== 'ANONYMOUS'))(
  'The scope of loans for %s',
  (_name, caller) => {
    it.each(Object.entries(paths))('shows only their own by %s', async (path, { query, variables, of }) => {
      const mine = loansOf(caller).filter(
        ({ number, book_id }) =>
          (path !== 'one by one' || first20.has(number)) && (!path.endsWith('books') || shownBooks.has(book_id)),
      )
      for (const way of [0, 1]) {
        const { data, errors } = await ask(caller, query, variables, way)
        expect(errors).toEqual([])
        expect(sortedNumbers(of(data))).toEqual(sortedNumbers(mine as { number: string }[]))
      }
    })

    it('counts only their own', async () => {
      const { data } = await ask(
        caller,
        '{ loans(first: 1) { totalCount } libraries { id loans(first: 1) { totalCount } } }',
      )
      expect(data.loans.totalCount).toBe(loansOf(caller).length)
      expect(data.libraries.map(({ loans }: { loans: Row }) => loans.totalCount)).toEqual(
        [1, 2, 3].map((n) => loansOf(caller).filter(({ library_id }) => library_id === uid(`library${n}`)).length),
      )
    })

    it('shows only their own on both sides of a foreign cursor', async () => {
      const mine = loansOf(caller)
      for (const other of loans.filter((loan) => !mine.includes(loan)).slice(0, 8)) {
        const page = async (asked: string) => {
          const query = `query ($c: String) { loans(${asked}: $c) { nodes { number } pageInfo { hasNextPage hasPreviousPage } totalCount } }`
          return (await ask(caller, query, { c: cursorOf(lists.loans, other) })).data.loans
        }
        const [after, before] = [await page('first: 100, after'), await page('last: 100, before')]
        expect(sortedNumbers([...before.nodes, ...after.nodes])).toEqual(sortedNumbers(mine as { number: string }[]))
        // Nothing tells that there is a row where the cursor stands.
        expect([after.pageInfo.hasPreviousPage, before.pageInfo.hasNextPage]).toEqual(
          [before, after].map(({ nodes }) => nodes.length > 0),
        )
      }
    })
  },
)

describe('A foreign object', () => {
  const [mine, others] = [loansOf(callers.reader)[0], loansOf(callers.otherReader)[0]] as [Row, Row]
  const never = { ...others, id: uid('never') }
  const withdrawn = books.find(({ withdrawn_at }) => withdrawn_at) as Row
  const told = ({ data, errors, sql }: Asked) => ({ data, errors, sql })

  it.each([
    ['loan(id:)', 'query ($id: ID!) { loan(id: $id) { number book { title } events { kind } } }'],
    ['node(id:)', 'query ($id: ID!) { node(id: $id) { __typename id ... on Loan { number book { title } } } }'],
    ['nodes(ids:)', 'query ($id: ID!) { nodes(ids: [$id, $id]) { __typename ... on Loan { number } } }'],
  ])('is answered as an absent one by %s', async (_path, query) => {
    for (const way of [0, 1]) {
      const by = (row: Row) => ask(callers.reader, query, { id: nodeId('Loan', row) }, way)
      await by(mine)
      const [forbidden, unheard] = [await by(others), await by(never)]
      expect(told(forbidden)).toEqual(told(unheard))
      expect(forbidden.sql).toHaveLength(1)
      expect(JSON.stringify((await by(mine)).data)).toContain(mine.number)
    }
  })
  it('is answered as an absent one by its code, by node and by a relation', async () => {
    const byCode = (code: string) =>
      ask(callers.reader, 'query ($code: String!) { book(code: $code) { title } }', { code })
    expect(told(await byCode(withdrawn.code))).toEqual(told(await byCode('never')))
    const byId = (id: string) =>
      ask(callers.reader, 'query ($id: ID!) { node(id: $id) { id } }', { id: nodeId('Book', { id }) })
    expect(told(await byId(withdrawn.id))).toEqual(told(await byId(uid('never'))))
    // A book of each kind as what another one follows: withdrawn, and gone without a trace.
    await client`update books set sequel_of_id = ${withdrawn.id} where code = 'B2'`
    await client`update books set sequel_of_id = ${uid('never')} where code = 'B3'`
    const sequel = (code: string) =>
      ask(callers.reader, 'query ($code: String!) { book(code: $code) { sequelOf { title } } }', { code })
    expect(told(await sequel('B2'))).toEqual(told(await sequel('B3')))
    expect((await sequel('B2')).data).toEqual({ book: { sequelOf: null } })
  })
})

describe('The scope of reviews', async () => {
  const query = '{ books(first: 100) { nodes { code reviews { remark stars } best { stars } } } }'
  const hidden = await client<
    { remark: string; reader_id: string | null }[]
  >`select remark, reader_id from reviews where hidden and remark is not null`
  const seenBy = async (caller: Caller) => {
    const text = JSON.stringify((await ask(caller, query)).data)
    return hidden.filter(({ remark }) => text.includes(JSON.stringify(remark)))
  }
  it('shows hidden reviews to librarians and their authors only', async () => {
    expect((await seenBy(callers.librarian)).length).toBeGreaterThan(2)
    for (const caller of [callers.anonymous, callers.auditor]) expect(await seenBy(caller)).toEqual([])
    const own = await seenBy(callers.reader)
    expect(own.length).toBeGreaterThan(0)
    expect(own.every(({ reader_id }) => reader_id === callers.reader.readerId)).toBe(true)
  })
})

describe('The variant of a caller', () => {
  it('chooses the text of the statement', async () => {
    const query = '{ loans(first: 1) { nodes { number } } }'
    const textFor = async (caller: Caller) => (await ask(caller, query)).sql
    const [own, withChild] = [await textFor(callers.reader), await textFor(callers.parent)]
    expect(own).toEqual([expect.not.stringMatching(/"reader_id" = \$\d or /)])
    expect(withChild).toEqual([expect.stringMatching(/"reader_id" = \$\d or "t\d"."reader_id" = \$\d/)])
    expect(await textFor(callers.reader)).toEqual(own)
  })
})

describe('A cached statement', () => {
  it('shows nothing of the caller before', async () => {
    for (const [name, caller] of [...Object.entries(callers), ...Object.entries(callers).reverse()]) {
      const { data } = await ask(
        caller,
        '{ books(first: 1) { totalCount } l: libraries { loans(first: 20) { nodes { number } } } }',
      )
      const numbers = data.l.flatMap(({ loans }: Row) => loans?.nodes ?? []).map(({ number }: Row) => number)
      expect([name, numbers.sort()]).toEqual([name, sortedNumbers(loansOf(caller) as { number: string }[])])
    }
  })
})
