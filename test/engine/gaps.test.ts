import 'reflect-metadata'
import { integer, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { isNonNullType, isObjectType } from 'graphql'
import postgres from 'postgres'
import { type ClassType, Field, getMetadataStorage, ID, InputType, ObjectType, registerEnumType } from 'type-graphql'
import { describe, expect, it, vi } from 'vitest'

const client = postgres('postgres://nowhere') // never asked
const id = () => uuid('id').primaryKey()
const shelves = pgTable('shelves', { id: id(), label: text('label').notNull(), note: text('note') })
const books = pgTable('books', {
  id: id(),
  shelfId: uuid('shelf_id').notNull(),
  title: text('title').notNull(),
  year: integer('year'),
})
const keyless = pgTable('keyless', { title: text('title') })

/** The engine anew, as in a process of its own, for type-graphql and the engine remember whatever was declared. */
async function engine() {
  getMetadataStorage().clear()
  vi.resetModules()
  const [declare, { Node }, { schemaOf }, { allow }] = await Promise.all([
    import('../../src/engine/declare.js'),
    import('../../src/engine/nodeId.js'),
    import('../../src/engine/engine.js'),
    import('../../src/engine/shield.js'),
  ])
  return Object.assign({}, declare, { Node, schemaOf, allow })
}
type Engine = Awaited<ReturnType<typeof engine>>

const open = () => undefined
const told = { description: '' }
const object = (type: ClassType, options: object = {}) => ObjectType({ simpleResolvers: true, ...options })(type)
const string = (type: ClassType, name: string) => Field(() => String, { nullable: true })(type.prototype, name)

/** Shelves with their books, without a gap. */
function library({ Stored, fields, many, one, connection, find, ascending, Node, Root }: Engine) {
  class Shelf extends Node {}
  class Book {}
  Stored(shelves, open)(Shelf)
  Stored(books, open)(Book)
  object(Shelf, { implements: Node })
  object(Book)
  string(Shelf, 'label')
  string(Book, 'title')
  fields(Shelf, { books: many(Book, books.shelfId, { order: ascending(books.title), ...told }) })
  fields(Book, { shelf: one(Shelf, books.shelfId, told) })
  fields(Root, {
    shelf: find(Shelf, shelves.label, { argument: '', ...told }),
    books: connection(Book, undefined, { order: ascending(books.title), ...told }),
  })
  return { Shelf, Book }
}
type Library = ReturnType<typeof library>
type Plant = (engine: Engine, library: Library) => void

async function start(plant: Plant = () => {}) {
  const fresh = await engine()
  plant(fresh, library(fresh))
  const anyone = fresh.allow as never
  const Query = Object.fromEntries(
    [...fresh.declaredOf(fresh.Root).keys(), 'node', 'nodes'].map((name) => [name, anyone]),
  )
  const access = { Query, Shelf: anyone, Book: anyone }
  return fresh.schemaOf([{ name: 'library', access }], { client, kinds: ['NOBODY'] })
}
enum Order {
  YEAR = 'YEAR',
}

describe('The server does not start on', () => {
  it('nothing, where all leads somewhere', async () => expect(await start()).toBeDefined())

  it.each<[string, said: string, Plant]>([
    [
      'a field that comes from nowhere',
      'Book.author is neither a column nor declared nor resolved',
      (_, { Book }) => string(Book, 'author'),
    ],
    [
      'a noun whose fields type-graphql would resolve, so that none could be missed',
      'Slow is not declared with simpleResolvers',
      ({ Stored, fields, one }, { Book }) => {
        class Slow {}
        Stored(books, open)(Slow)
        object(Slow, { simpleResolvers: false })
        string(Slow, 'author')
        fields(Book, { slow: one(Slow, books.id, told) })
      },
    ],
    [
      'a list without an order',
      'Shelf.all is a list without an order',
      ({ fields, many }, { Shelf, Book }) => fields(Shelf, { all: many(Book, books.shelfId, told) }),
    ],
    [
      'a page without an order',
      'Query.all is a list without an order',
      ({ fields, connection, Root }, { Book }) => fields(Root, { all: connection(Book, undefined, told) }),
    ],
    [
      'the first of many without an order',
      'Shelf.first is the first of many, without an order',
      ({ fields, has }, { Shelf, Book }) => fields(Shelf, { first: has(Book, books.shelfId, told) }),
    ],
    [
      'an order by a column that may be null',
      'Shelf.byYear is ordered by year, which may be null',
      ({ fields, many, ascending }, { Shelf, Book }) =>
        fields(Shelf, { byYear: many(Book, books.shelfId, { order: ascending(books.year), ...told }) }),
    ],
    [
      "an order by another table's column",
      'Shelf.byLabel is ordered by label, no column of its rows',
      ({ fields, many, descending }, { Shelf, Book }) =>
        fields(Shelf, { byLabel: many(Book, books.shelfId, { order: descending(shelves.label), ...told }) }),
    ],
    [
      'an order to choose that names a column that may be null',
      'Query.chosen is ordered by year, which may be null',
      ({ fields, connection, ascending, Root }, { Book }) => {
        registerEnumType(Order, { name: 'Order' })
        const orderBy = { type: Order, orders: { YEAR: ascending(books.year) } }
        fields(Root, { chosen: connection(Book, undefined, { order: ascending(books.title), orderBy, ...told }) })
      },
    ],
    [
      'an order to choose that names nothing',
      'Query.chosen: the order YEAR names no column',
      ({ fields, connection, ascending, Root }, { Book }) => {
        registerEnumType(Order, { name: 'Order' })
        const orderBy = { type: Order, orders: {} }
        fields(Root, { chosen: connection(Book, undefined, { order: ascending(books.title), orderBy, ...told }) })
      },
    ],
    [
      'a filter that is neither a column nor told',
      'Query.some: the filter author is neither a column nor told',
      ({ fields, connection, ascending, Root }, { Book }) => {
        class BookFilter {}
        InputType()(BookFilter)
        string(BookFilter, 'title')
        string(BookFilter, 'author')
        const order = ascending(books.title)
        fields(Root, { some: connection(Book, undefined, { order, filter: BookFilter, ...told }) })
      },
    ],
    [
      'a condition of no filter',
      'Query.some tells the condition author, and takes no filter',
      ({ fields, connection, ascending, Root }, { Book }) => {
        const conditions = { author: () => ({}) as never }
        fields(Root, { some: connection(Book, undefined, { order: ascending(books.title), conditions, ...told }) })
      },
    ],
    [
      "a relation by a column that is not its target's",
      'Shelf.wrong: label is no column of Book',
      ({ fields, many, ascending }, { Shelf, Book }) =>
        fields(Shelf, { wrong: many(Book, shelves.label, { order: ascending(books.title), ...told }) }),
    ],
    [
      "a relation from a column that is not its parent's",
      'Shelf.wrong: shelf_id is no column of Shelf',
      ({ fields, one }, { Shelf }) => fields(Shelf, { wrong: one(Shelf, books.shelfId, told) }),
    ],
    [
      "a root by a column that is not its noun's",
      'Query.wrong: label is no column of Book',
      ({ fields, find, Root }, { Book }) =>
        fields(Root, { wrong: find(Book, shelves.label, { argument: '', ...told }) }),
    ],
    [
      "an owner in a column that is not its noun's",
      'Query.wrong: label is no column of Book',
      ({ fields, connection, ascending, Root }, { Book }) => {
        const owner = { argument: 'shelf', column: shelves.label, description: '', keyOf: () => null }
        fields(Root, { wrong: connection(Book, undefined, { order: ascending(books.title), owner, ...told }) })
      },
    ],
    [
      "a leaf of a column that is not its noun's",
      'Book.wrong: label is no column of Book',
      ({ fields, leaf }, { Book }) =>
        fields(Book, {
          wrong: leaf(
            () => String,
            [shelves.label],
            () => '',
            told,
          ),
        }),
    ],
    [
      'a leaf at the root',
      'Query.label is a column, and the root has none',
      ({ fields, leaf, Root }) =>
        fields(Root, {
          label: leaf(
            () => String,
            [shelves.label],
            () => '',
            told,
          ),
        }),
    ],
    [
      'a noun at the root that only its parent may show',
      'Query.books shows Book at the root, which only its parent may show',
      ({ Stored, whoSeesItsParent }, { Book }) => Stored(books, whoSeesItsParent)(Book),
    ],
    [
      'a Node that only its parent may show',
      'Shelf is a Node, and only its parent may show it',
      ({ Stored, whoSeesItsParent }, { Shelf }) => Stored(shelves, whoSeesItsParent)(Shelf),
    ],
    [
      'a Node that is not stored',
      'Ghost is a Node, and is not @Stored',
      ({ fields, leaf, Node }, { Book }) => {
        class Ghost extends Node {}
        object(Ghost, { implements: Node })
        string(Ghost, 'name')
        fields(Book, {
          ghost: leaf(
            () => Ghost,
            [books.title],
            () => null,
            told,
          ),
        })
      },
    ],
    [
      'an id of what is no Node',
      'Book.id shows a key, and Book is no Node',
      (_, { Book }) => Field(() => ID)(Book.prototype, 'id'),
    ],
    [
      'a kind of caller that there is none of',
      'Book is shown to LIBRARIAN, which is no kind of caller',
      ({ Stored }, { Book }) => Stored(books, { LIBRARIAN: open, others: open })(Book),
    ],
    [
      'a field that is declared twice',
      'Book.shelf is declared twice',
      ({ fields, one }, { Shelf, Book }) => fields(Book, { shelf: one(Shelf, books.shelfId, told) }),
    ],
    [
      'a table without a key',
      'Book is stored in keyless, which has no primary key of one column',
      ({ Stored }, { Book }) => Stored(keyless, open)(Book),
    ],
    [
      'a relation to what is not stored',
      'Ghost is not @Stored',
      ({ fields, one }, { Book }) => {
        class Ghost {}
        object(Ghost)
        string(Ghost, 'name')
        fields(Book, { ghost: one(Ghost, books.shelfId, told) })
      },
    ],
  ])('%s', async (_what, said, plant) => await expect(start(plant)).rejects.toThrow(said))

  it('all of its gaps, told together', async () => {
    const plant: Plant = ({ fields, many }, { Shelf, Book }) => {
      string(Book, 'author')
      fields(Shelf, { all: many(Book, books.shelfId, told) })
    }
    await expect(start(plant)).rejects.toThrow(
      /^The schema has gaps:\n.*Shelf\.all.*\n?.*Book\.author|Book\.author.*\n.*Shelf\.all/s,
    )
  })
})

it('no field of a noun that may not be null stands on a column that may', async () => {
  const { nounNamed, declaredOf, columnsOf } = await engine()
  const { buildSchema } = await import('../../src/schema.js')
  const types = Object.values(buildSchema(client).getTypeMap()).filter(isObjectType)
  const wrong = types.flatMap((type) => {
    const noun = nounNamed(type.name)
    return Object.values(type.getFields())
      .filter(({ name, type: of }) => noun && isNonNullType(of) && !declaredOf(noun.type).has(name))
      .filter(({ name }) => noun && columnsOf(noun)[name]?.notNull === false)
      .map(({ name }) => `${type.name}.${name}`)
  })
  expect(wrong).toEqual([])
})
