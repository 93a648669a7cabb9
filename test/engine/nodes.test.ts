import 'reflect-metadata'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nodeIdOf, parseNodeId } from '../../src/engine/node.js'
import { emptyDatabase } from '../support/database.js'
import { askerOf } from './asking.js'
import { uid } from './uid.js'
import { callers, contextFor, schemaOn, type WorldContext } from './world.js'
import { makeTables } from './worldTables.js'

const { client, db, statements } = await emptyDatabase()
await makeTables(client)
const ways = [schemaOn(client), schemaOn(client, false)].map((schema) => askerOf<WorldContext>(schema))

async function ask(query: string, variables: Record<string, unknown>, way = 0) {
  statements.length = 0
  return (ways[way] as (typeof ways)[number])({ query, variables }, contextFor(db)(callers.reader))
}
const nodesOf = async (ids: unknown[], way = 0) => {
  const query = `query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Book { code library { code } } ... on Library { name } ... on Loan { number } } }`
  return ask(query, { ids }, way)
}
const nodeOf = async (id: unknown) =>
  (await ask('query ($id: ID!) { node(id: $id) { __typename } }', { id })).data?.node
const book = nodeIdOf('Book', uid('book5'))
const library = nodeIdOf('Library', uid('library1'))
const loan = nodeIdOf('Loan', uid('loan3'))

describe('Node.id', () => {
  it('leads back to its object through nodes, for every type', async () => {
    const query = '{ books(first: 3) { nodes { id } } loans(first: 3) { nodes { id } } libraries { id } }'
    const { books, loans, libraries } = (await ask(query, {})).data
    const ids = [...books.nodes, ...loans.nodes, ...libraries].map(({ id }: { id: string }) => id)
    for (const way of [0, 1]) {
      const { data, errors } = await nodesOf(ids, way)
      expect(errors).toEqual([])
      expect(data.nodes.map(({ id }: { id: string }) => id)).toEqual(ids)
    }
  })
  it('shows neither its type nor its key', () => {
    expect(book).toMatch(/^[\w-]+$/)
    expect(book).not.toContain('Book')
    expect(book).not.toContain(uid('book5').slice(0, 8))
  })
  it('is parsed back to its type and key, and no other text is', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Z][A-Za-z]{0,20}$/), fc.uuid(), (type, key) => {
        expect(parseNodeId(nodeIdOf(type, key))).toEqual({ type, key })
      }),
    )
    fc.assert(
      fc.property(fc.string(), (text) => {
        const parsed = parseNodeId(text)
        if (parsed) expect(nodeIdOf(parsed.type, parsed.key)).toBe(text)
      }),
    )
  })

  it.each([
    ['empty', ''],
    ['a word', 'none'],
    ['a bare key', uid('book5')],
    ['cut', book.slice(0, -1)],
    ['cut more', book.slice(0, 10)],
    ['longer by a letter', `${book}A`],
    ['padded', `${book}==`],
    ['with a blank', ` ${book}`],
    ['of no type', nodeIdOf('', uid('book5'))],
    ['of a type that is not', nodeIdOf('Shelf', uid('book5'))],
    ['of a type that is no Node', nodeIdOf('Review', uid('review4-1'))],
    ['of a type that only its parent shows', nodeIdOf('LoanEvent', uid('event3-0'))],
    ['of an interface', nodeIdOf('Node', uid('book5'))],
    ['of the root', nodeIdOf('Query', uid('book5'))],
    ['of what objects have anyway', nodeIdOf('constructor', uid('book5'))],
    ['of another type with this key', nodeIdOf('Library', uid('book5'))],
    ['of what never was', nodeIdOf('Book', uid('never'))],
    ['of what is not shown', nodeIdOf('Book', uid('book7'))],
    ["of somebody else's", nodeIdOf('Loan', uid('loan4'))],
    ['a NUL', '\0'],
    ['a thousand letters', 'A'.repeat(1000)],
    ['a number', 7],
  ])('leads to null without an error when it is %s', async (_what, id) => {
    for (const way of [0, 1]) {
      const { data, errors } = await nodesOf([id, book], way)
      expect(errors).toEqual([])
      expect(data.nodes.map((node: { id: string } | null) => node?.id)).toEqual([undefined, book])
    }
    expect(await nodeOf(id)).toBeNull()
    const roots = await ask('query ($id: ID!) { library(id: $id) { code } loan(id: $id) { number } }', { id })
    expect(roots).toEqual({ data: { library: null, loan: null }, errors: [] })
  })
  it('leads to null or another object when it is garbled', async () => {
    const property = fc.asyncProperty(
      fc.nat(book.length - 1),
      fc.constantFrom(...'ABCabc019-_ =+/é'),
      async (at, letter) => {
        const id = book.slice(0, at) + letter + book.slice(at + 1)
        const { data, errors } = await nodesOf([id])
        expect(errors).toEqual([])
        if (data.nodes[0]) expect(data.nodes[0].id).toBe(id)
      },
    )
    await fc.assert(property, { numRuns: 40 })
  })
})

describe('nodes', () => {
  it('keeps the order of its ids, with nulls and repeats in place', async () => {
    const ids = [loan, 'none', book, library, nodeIdOf('Loan', uid('loan4')), book, loan]
    for (const way of [0, 1])
      expect((await nodesOf(ids, way)).data.nodes.map((node: { id: string } | null) => node?.id)).toEqual([
        loan,
        undefined,
        book,
        library,
        undefined,
        book,
        loan,
      ])
  })
  it('takes one statement per type, whatever the number of ids', async () => {
    const all = (many: number) =>
      Array.from({ length: many }, (_, at) => [
        nodeIdOf('Book', uid(`book${at}`)),
        nodeIdOf('Loan', uid(`loan${at}`)),
      ]).flat()
    for (const many of [1, 20, 49]) {
      await nodesOf([...all(many), library])
      expect(statements).toHaveLength(3)
    }
  })
  it('takes no statement for an invalid id', async () => {
    await nodesOf(['none', '', book.slice(1), nodeIdOf('Review', uid('review4-1'))])
    expect(statements).toEqual([])
  })
  it('returns an empty list for no ids', async () => {
    expect(await nodesOf([])).toEqual({ data: { nodes: [] }, errors: [] })
  })
  it('takes at most 100 ids', async () => {
    expect((await nodesOf(Array(100).fill(book))).data.nodes).toHaveLength(100)
    const query = (ids: string[]) => ask(`{ nodes(ids: ${JSON.stringify(ids)}) { id } libraries { code } }`, {})
    const { data, errors } = await query(Array(101).fill(book))
    expect(errors.map(({ code, path }) => [code, path])).toEqual([['BAD_USER_INPUT', ['nodes']]])
    expect(data.nodes).toBeNull()
    expect(data.libraries).toHaveLength(3)
  })
})
