import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { emptyDatabase } from '../support/database.js'
import { long } from '../support/long.js'
import { askerOf } from './asking.js'
import { nodeId, type Row } from './baseline.js'
import { cursorAt, cursorOf, type PageArguments, pageOf, sorted } from './relay.js'
import { uid } from './uid.js'
import { callers, contextFor, schemaOn, type WorldContext } from './world.js'
import { lists } from './worldBaseline.js'
import { makeTables } from './worldTables.js'

const { client, db } = await emptyDatabase()
await makeTables(client)
const ways = [schemaOn(client), schemaOn(client, false)].map((schema) => askerOf<WorldContext>(schema))
const runs = long ? 600 : 30
/** Milliseconds that a property may take on a busy machine. */
const patience = 60_000 + runs * 1000
const context = () => contextFor(db)(callers.anonymous)

// A shelf of its own for each property's run, in the database and in memory ----------------------------------------

const orders = ['NEWEST', 'OLDEST', 'CODE', 'COPIES'] as const
type Order = (typeof orders)[number]
interface Shelf {
  id: string
  rows: Row[]
}
let made = 0
async function newShelf(): Promise<Shelf> {
  const id = uid(`shelf${++made}`)
  await client.unsafe(`insert into libraries values ($1, $2, '{"az": ""}')`, [id, `shelf${made}`])
  return { id, rows: [] }
}
interface Drawn {
  tie: number
  copies: number
  genre: string | null
  hidden: boolean
}
let keys = 0
const moment = (micros: number) =>
  `2026-05-01 00:00:00${micros === 0 ? '' : `.${String(micros).padStart(6, '0').replace(/0+$/, '')}`}+00`
async function put({ id, rows }: Shelf, drawn: readonly Drawn[]): Promise<Row[]> {
  const added = drawn.map(({ tie, copies, genre, hidden }, at) => ({
    id: uid(`row${++keys}`),
    library_id: id,
    code: `${tie}${at % 3}-${keys}`,
    title: { az: '' },
    genre,
    currency: 'AZN',
    copies: String(9_007_199_254_740_993n + BigInt(copies)),
    added_at: moment(tie),
    withdrawn_at: hidden ? moment(9) : null,
  }))
  await client.unsafe('insert into books select * from jsonb_populate_recordset(null::books, $1::text::jsonb)', [
    JSON.stringify(added),
  ])
  const shown = added.filter(({ withdrawn_at }) => withdrawn_at === null)
  rows.push(...shown)
  return shown
}
async function take(shelf: Shelf, which: number): Promise<void> {
  const [gone] = shelf.rows.splice(which % (shelf.rows.length || 1), 1)
  if (gone) await client.unsafe('delete from books where id = $1', [gone.id])
}

type Asked = PageArguments & { orderBy?: Order | null; genre?: string | null }
const query = `query ($id: ID!, $first: Int, $last: Int, $after: String, $before: String, $orderBy: BookOrder, $genre: Genre) {
  library(id: $id) { books(first: $first, last: $last, after: $after, before: $before, orderBy: $orderBy, filter: { genre: $genre }) {
    edges { cursor node { code } } nodes { code } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount totalCountIsExact } } }`
async function pageFrom({ id }: Shelf, asked: Asked, way = 0) {
  const ask = ways[way] as (typeof ways)[number]
  const { data, errors } = await ask({ query, variables: { ...asked, id: nodeId('Library', { id }) } }, context())
  return { page: data?.library?.books, codes: errors.map(({ code }) => code) }
}
function expectedOf({ rows }: Shelf, { orderBy, genre, ...args }: Asked) {
  const fitting = rows.filter((row) => genre == null || row.genre === genre)
  const { edges, nodes, ...rest } = pageOf(fitting, lists[orderBy ?? 'NEWEST'], args)
  const shown = ({ code }: Row) => ({ code })
  return { edges: edges.map(({ cursor, node }) => ({ cursor, node: shown(node) })), nodes: nodes.map(shown), ...rest }
}

const drawn = fc.record({
  tie: fc.nat(3),
  copies: fc.nat(2),
  genre: fc.constantFrom('NOVEL', 'POEM', null),
  hidden: fc.boolean(),
})
const shelves = fc.array(drawn, { maxLength: 14 })
const step = fc.record({
  side: fc.constantFrom('first' as const, 'last' as const),
  count: fc.integer({ min: 1, max: 6 }),
  after: fc.option(fc.nat(), { freq: 1 }),
  before: fc.option(fc.nat(), { freq: 1 }),
  orderBy: fc.constantFrom(...orders),
  genre: fc.constantFrom(null, null, 'POEM'),
  way: fc.nat(1),
  added: fc.array(drawn, { maxLength: 2 }),
  taken: fc.option(fc.nat(), { freq: 1 }),
})

describe('connection', () => {
  it('answers random pages as Relay defines them, while rows come and go', { timeout: patience }, async () => {
    const property = fc.asyncProperty(shelves, fc.array(step, { minLength: 1, maxLength: 6 }), async (first, steps) => {
      const shelf = await newShelf()
      await put(shelf, first)
      // Also those of rows that are gone: a cursor is a place, not a row.
      const everSeen: Row[] = [...shelf.rows]
      for (const { side, count, after, before, orderBy, genre, way, added, taken } of steps) {
        const at = (which: number | null) => {
          const row = which === null ? undefined : everSeen[which % (everSeen.length || 1)]
          return row ? cursorOf(lists[orderBy], row) : null
        }
        const asked: Asked = { [side]: count, after: at(after), before: at(before), orderBy, genre }
        expect((await pageFrom(shelf, asked, way)).page).toEqual(expectedOf(shelf, asked))
        everSeen.push(...(await put(shelf, added)))
        if (taken !== null) await take(shelf, taken)
      }
    })
    await fc.assert(property, { numRuns: runs })
  })

  it.each(['first', 'last'] as const)(
    'misses and repeats no row in a walk by `%s`, while others come and go',
    async (side) => {
      const property = fc.asyncProperty(
        shelves,
        shelves,
        fc.constantFrom(...orders),
        fc.integer({ min: 1, max: 5 }),
        async (stay, more, orderBy, count) => {
          const shelf = await newShelf()
          await put(shelf, stay)
          const lasting = sorted(shelf.rows, lists[orderBy]).map(({ code }) => code)
          const seen: string[] = []
          let cursor: string | null = null
          for (let goesOn = true, passing = [...more]; goesOn; ) {
            const { page } = await pageFrom(shelf, {
              [side]: count,
              [side === 'first' ? 'after' : 'before']: cursor,
              orderBy,
            })
            const codes = page.nodes.map(({ code }: Row) => code)
            if (side === 'first') seen.push(...codes)
            else seen.unshift(...codes)
            goesOn = side === 'first' ? page.pageInfo.hasNextPage : page.pageInfo.hasPreviousPage
            cursor = (side === 'first' ? page.pageInfo.endCursor : page.pageInfo.startCursor) ?? cursor
            const [next, ...others] = passing
            if (next) await put(shelf, [next])
            if (others.length % 2 === 0 && shelf.rows.length > lasting.length) await take(shelf, shelf.rows.length - 1)
            passing = others
          }
          expect(seen.filter((code) => lasting.includes(code))).toEqual(lasting)
          expect(new Set(seen).size).toBe(seen.length)
        },
      )
      await fc.assert(property, { numRuns: runs / 2 })
    },
    patience,
  )
})

describe('connection', () => {
  it.each<[string, Asked]>([
    ['without first and last', {}],
    ['with both', { first: 1, last: 1 }],
    ['of nothing', { first: 0 }],
    ['of less', { last: -1 }],
    ['of more than a hundred', { first: 101 }],
  ])('refuses a page %s', async (_what, asked) => {
    const shelf = await newShelf()
    for (const way of [0, 1])
      expect(await pageFrom(shelf, asked, way)).toEqual({ page: null, codes: ['BAD_USER_INPUT'] })
  })

  it('refuses a page larger than its list allows', async () => {
    const of = (first: number) =>
      ways[0]?.(
        {
          query: `{ library(id: "${nodeId('Library', { id: uid('library1') })}") { loans(first: ${first}) { totalCount totalCountIsExact } } }`,
        },
        contextFor(db)(callers.auditor),
      )
    expect((await of(20))?.errors).toEqual([])
    expect((await of(21))?.errors.map(({ code }) => code)).toEqual(['BAD_USER_INPUT'])
  })
})

describe('totalCount', () => {
  it('counts up to 10,000, and totalCountIsExact says whether there are more', async () => {
    const { id } = await newShelf()
    const add = (count: number) =>
      client.unsafe(
        `insert into books (id, library_id, code, title, copies, currency, added_at)
           select gen_random_uuid(), $1, gen_random_uuid()::text, '{"az": ""}', 1, 'AZN', now() from generate_series(1, $2)`,
        [id, count],
      )
    const counted = async (way: number) => {
      const query = `{ library(id: "${nodeId('Library', { id })}") { books(first: 1) { totalCount totalCountIsExact } } }`
      return (await ways[way]?.({ query }, context()))?.data.library.books
    }
    await add(10_000)
    for (const way of [0, 1]) expect(await counted(way)).toEqual({ totalCount: 10_000, totalCountIsExact: true })
    await add(1)
    for (const way of [0, 1]) expect(await counted(way)).toEqual({ totalCount: 10_000, totalCountIsExact: false })
  })
})

describe('A cursor', async () => {
  const shelf = await newShelf()
  await put(
    shelf,
    Array.from({ length: 5 }, (_, at) => ({
      tie: at,
      copies: at,
      genre: null,
      hidden: false,
    })),
  )
  const [row] = shelf.rows as [Row]
  const cursor = cursorOf(lists.NEWEST, row)
  const refused = { page: null, codes: ['BAD_USER_INPUT'] }

  it('is refused when it is cut', async () => {
    for (let length = 0; length < cursor.length; length += 3)
      expect(await pageFrom(shelf, { first: 1, after: cursor.slice(0, length) }, length % 2)).toEqual(refused)
  })
  it.each([
    ['of another list', cursorAt('loans.lent_at', moment(1), uid('loan1'))],
    ['of another order', cursorOf(lists.CODE, row)],
    ['without a key', cursorAt('books.added_at', moment(1))],
    ['with more than a key', cursorAt('books.added_at', moment(1), row.id, row.id)],
    ['whose moment is none', cursorAt('books.added_at', 'soon', row.id)],
    ['whose moment holds a NUL', cursorAt('books.added_at', '\0', row.id)],
    ['whose key is none', cursorAt('books.added_at', moment(1), 'x')],
    ['of numbers', Buffer.from(`["books.added_at", 1, 2]`).toString('base64')],
    ['of an object', Buffer.from('{"0": "books.added_at"}').toString('base64')],
    ['with a blank before it', ` ${cursor}`],
    ['with SQL in it', cursorAt('books.added_at', `${moment(1)}'; select 1 --`, row.id)],
  ])('%s is refused, for an empty list too', async (_what, forged) => {
    for (const way of [0, 1])
      for (const of of [shelf, await newShelf()]) {
        expect(await pageFrom(of, { first: 1, after: forged }, way)).toEqual(refused)
        expect(await pageFrom(of, { last: 1, before: forged }, way)).toEqual(refused)
      }
  })
  it('is refused or stays in its list when a character changes', async () => {
    const changes = fc.record({ at: fc.nat(cursor.length - 1), to: fc.constantFrom(...'ABCabc0129+/=') })
    const property = fc.asyncProperty(changes, async ({ at, to }) => {
      const { page, codes } = await pageFrom(shelf, {
        first: 9,
        after: cursor.slice(0, at) + to + cursor.slice(at + 1),
      })
      if (page === null) expect(codes).toEqual(['BAD_USER_INPUT'])
      else for (const { code } of page.nodes) expect(shelf.rows.map(({ code }) => code)).toContain(code)
    })
    await fc.assert(property, { numRuns: runs })
  })
})
