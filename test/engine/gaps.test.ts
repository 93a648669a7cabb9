import 'reflect-metadata'
import { integer, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { isNonNullType, isObjectType } from 'graphql'
import postgres from 'postgres'
import { type ClassType, Field, ID, InputType, ObjectType, registerEnumType } from 'type-graphql'
import { describe, expect, it } from 'vitest'
import { AllowedTo, anyone, type Rule } from '../../src/engine/allowedTo.js'
import {
  ascending,
  columnsOf,
  connection,
  declaredOf,
  descending,
  fields,
  find,
  has,
  leaf,
  many,
  nounOfType,
  one,
  queries,
  type Relation,
  type Scope,
  Stored,
  whoSeesItsParent,
} from '../../src/engine/declare.js'
import { schemaOf } from '../../src/engine/engine.js'
import { Node } from '../../src/engine/node.js'
import { rule } from '../../src/engine/shield.js'
import { publicSchema } from '../../src/schema.js'

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
enum Order {
  YEAR = 'YEAR',
}
registerEnumType(Order, { name: 'Order' })

const open = () => undefined
// Shield's own types keep private what the guard must see.
const nobody = rule('nobody', { cache: 'contextual' })(() => false) as unknown as Rule
const described = { description: '', allowedTo: anyone }
const object = (type: ClassType, options: object = {}) => ObjectType({ simpleResolvers: true, ...options })(type)
const string = (type: ClassType, name: string) => Field(() => String, { nullable: true })(type.prototype, name)
const label = () =>
  leaf(
    () => String,
    [shelves.label],
    () => '',
    described,
  )
const byTitle = { order: ascending(books.title), ...described }

interface Scopes {
  shelf?: Scope
  book?: Scope
}
/** Shelves with their books, without a gap: types of their own each time, for what is declared stays so. */
function library({ shelf = open, book = open }: Scopes = {}) {
  class Shelf extends Node {}
  class Book {}
  AllowedTo(anyone)(Shelf)
  AllowedTo(anyone)(Book)
  Stored(shelves, shelf)(Shelf)
  Stored(books, book)(Book)
  object(Shelf, { implements: Node })
  object(Book)
  string(Shelf, 'label')
  string(Book, 'title')
  fields(Shelf, { books: many(Book, books.shelfId, byTitle) })
  fields(Book, { shelf: one(Shelf, books.shelfId, described) })
  return { Shelf, Book }
}
type Library = ReturnType<typeof library>
const rootsOf = ({ Shelf, Book }: Library) => ({
  shelf: find(Shelf, shelves.label, { argument: '', ...described }),
  books: connection(Book, undefined, byTitle),
})
function start(...roots: Record<string, Relation>[]) {
  return schemaOf([{ name: 'library', queries: roots.map(queries) }], { clientOf: () => client, kinds: ['ANONYMOUS'] })
}
/** Plants a fault: declares it, or gives it as root fields. */
type Plant = (library: Library) => unknown

function started(plant: Plant, scopes: Scopes = {}) {
  const made = library(scopes)
  const planted = plant(made) as Record<string, Relation> | undefined
  return start(rootsOf(made), planted ?? {})
}

describe('schemaOf', () => {
  it('makes a schema where every field leads somewhere', () => {
    expect(Object.keys(started(() => {}).getTypeMap())).toEqual(expect.arrayContaining(['Shelf', 'BookConnection']))
  })

  it('keeps types of one name apart in two schemas of one process', () => {
    const [first, second] = [library(), library()]
    fields(first.Book, { note: label() })
    expect(() => start(rootsOf(first))).toThrow('Book.note: label is no column of Book')
    expect(nounOfType(start(rootsOf(second)).getType('Book') as never)?.type).toBe(second.Book)
  })

  it.each<[string, said: string, Plant]>([
    [
      'a field that comes from nowhere',
      'Book.author is neither a column nor declared nor resolved',
      ({ Book }) => void string(Book, 'author'),
    ],
    [
      'a noun whose fields type-graphql would resolve',
      'Slow is not declared with simpleResolvers',
      ({ Book }) => {
        class Slow {}
        Stored(books, open)(Slow)
        object(Slow, { simpleResolvers: false })
        string(Slow, 'author')
        fields(Book, { slow: one(Slow, books.id, described) })
      },
    ],
    [
      'a list without an order',
      'Shelf.all is a list without an order',
      ({ Shelf, Book }) => fields(Shelf, { all: many(Book, books.shelfId, described) }),
    ],
    [
      'a page without an order',
      'Query.all is a list without an order',
      ({ Book }) => ({ all: connection(Book, undefined, described) }),
    ],
    [
      'the first of many without an order',
      'Shelf.first is the first of many, without an order',
      ({ Shelf, Book }) => fields(Shelf, { first: has(Book, books.shelfId, described) }),
    ],
    [
      'an order by a nullable column',
      'Shelf.byYear is ordered by year, which may be null',
      ({ Shelf, Book }) =>
        fields(Shelf, { byYear: many(Book, books.shelfId, { order: ascending(books.year), ...described }) }),
    ],
    [
      "an order by another table's column",
      'Shelf.byLabel is ordered by label, no column of its rows',
      ({ Shelf, Book }) =>
        fields(Shelf, { byLabel: many(Book, books.shelfId, { order: descending(shelves.label), ...described }) }),
    ],
    [
      'a value of orderBy that names a nullable column',
      'Query.chosen is ordered by year, which may be null',
      ({ Book }) => {
        const orderBy = { type: Order, orders: { YEAR: ascending(books.year) } }
        return { chosen: connection(Book, undefined, { orderBy, ...byTitle }) }
      },
    ],
    [
      'a value of orderBy that names no column',
      'Query.chosen: the order YEAR names no column',
      ({ Book }) => ({ chosen: connection(Book, undefined, { orderBy: { type: Order, orders: {} }, ...byTitle }) }),
    ],
    [
      'a filter that names no column and has no condition',
      'Query.some: the filter author is neither a column nor declared in conditions',
      ({ Book }) => {
        class BookFilter {}
        InputType()(BookFilter)
        string(BookFilter, 'title')
        string(BookFilter, 'author')
        return { some: connection(Book, undefined, { filter: BookFilter, ...byTitle }) }
      },
    ],
    [
      'a condition without a filter',
      'Query.some declares the condition author, but has no filter',
      ({ Book }) => ({
        some: connection(Book, undefined, { conditions: { author: () => ({}) as never }, ...byTitle }),
      }),
    ],
    [
      "a relation on a column that is not its target's",
      'Shelf.wrong: label is no column of Book',
      ({ Shelf, Book }) => fields(Shelf, { wrong: many(Book, shelves.label, byTitle) }),
    ],
    [
      "a relation from a column that is not its parent's",
      'Shelf.wrong: shelf_id is no column of Shelf',
      ({ Shelf }) => fields(Shelf, { wrong: one(Shelf, books.shelfId, described) }),
    ],
    [
      "a root field by a column that is not its noun's",
      'Query.wrong: label is no column of Book',
      ({ Book }) => ({ wrong: find(Book, shelves.label, { argument: '', ...described }) }),
    ],
    [
      "an owner in a column that is not its noun's",
      'Query.wrong: label is no column of Book',
      ({ Book }) => {
        const owner = { argument: 'shelf', column: shelves.label, description: '', keyOf: () => null }
        return { wrong: connection(Book, undefined, { owner, ...byTitle }) }
      },
    ],
    [
      'an owner whose table lacks the order',
      'Query.wrong is ordered by title, which is not beside label',
      ({ Book }) => {
        const owner = { argument: 'shelf', column: shelves.label, of: shelves.id, description: '', keyOf: () => null }
        return { wrong: connection(Book, undefined, { owner, ...byTitle }) }
      },
    ],
    [
      "a leaf of a column that is not its noun's",
      'Book.wrong: label is no column of Book',
      ({ Book }) => fields(Book, { wrong: label() }),
    ],
    [
      'a Node that is not stored',
      'Ghost is a Node, and is not @Stored',
      ({ Book }) => {
        class Ghost extends Node {}
        object(Ghost, { implements: Node })
        string(Ghost, 'name')
        fields(Book, {
          ghost: leaf(
            () => Ghost,
            [books.title],
            () => null,
            described,
          ),
        })
      },
    ],
    [
      'an id of what is no Node',
      'Book.id shows a key, and Book is no Node',
      ({ Book }) => void Field(() => ID)(Book.prototype, 'id'),
    ],
    [
      'a field that is declared twice',
      'Book.shelf is declared twice',
      ({ Shelf, Book }) => fields(Book, { shelf: one(Shelf, books.shelfId, described) }),
    ],
    ['two root fields of one name', 'Two queries are named shelf', rootsOf],
    [
      'a field that is declared after a schema was made',
      'Book.again was declared after the first schema was made',
      (made) => {
        start(rootsOf(made))
        fields(made.Book, { again: one(made.Shelf, books.shelfId, described) })
      },
    ],
    [
      'a table without a key',
      'Book is stored in keyless, which has no primary key of one column',
      ({ Book }) => Stored(keyless, open)(Book),
    ],
    ['a second rule for a type', 'Book has two rules', ({ Book }) => AllowedTo(nobody)(Book)],
    [
      'a rule for a type whose parent class has one',
      'Novel has two rules',
      ({ Book }) => {
        class Novel extends Book {}
        AllowedTo(nobody)(Novel)
      },
    ],
    [
      'a second rule for a field',
      'Book.title has two rules',
      ({ Book }) => {
        AllowedTo(nobody)(Book.prototype, 'title')
        AllowedTo(anyone)(Book.prototype, 'title')
      },
    ],
    [
      'an object type without a rule',
      'Ghost has no rule',
      ({ Book }) => {
        class Ghost {}
        Stored(books, whoSeesItsParent)(Ghost)
        object(Ghost)
        string(Ghost, 'title')
        fields(Book, { ghost: one(Ghost, books.id, described) })
      },
    ],
    [
      'a root field without a rule',
      'Query.ruleless has no rule',
      ({ Book }) => ({ ruleless: connection(Book, undefined, { ...byTitle, allowedTo: undefined as never }) }), // as untyped code might
    ],
    [
      'a relation to what is not stored',
      'Ghost is not @Stored',
      ({ Book }) => {
        class Ghost {}
        fields(Book, { ghost: one(Ghost, books.shelfId, described) })
      },
    ],
  ])('refuses %s', (_what, said, plant) => expect(() => started(plant)).toThrow(said))

  it.each<[string, said: string, Scopes]>([
    [
      'a noun at the root that only its parent may show',
      'Query.books shows Book at the root, but it is only seen through its parent',
      { book: whoSeesItsParent },
    ],
    [
      'a Node that only its parent may show',
      'Shelf is a Node, but is only seen through its parent',
      { shelf: whoSeesItsParent },
    ],
    [
      'a scope for an unknown kind of caller',
      'Book is shown to LIBRARIAN, which is not a kind of caller',
      { book: { LIBRARIAN: open, others: open } },
    ],
  ])('refuses %s', (_what, said, scopes) => expect(() => started(() => {}, scopes)).toThrow(said))

  it('lists all gaps at once', () => {
    const plant: Plant = ({ Shelf, Book }) => {
      string(Book, 'author')
      fields(Shelf, { all: many(Book, books.shelfId, described) })
    }
    expect(() => started(plant)).toThrow(
      /^The schema has gaps:\n.*Shelf\.all.*\n?.*Book\.author|Book\.author.*\n.*Shelf\.all/s,
    )
  })
})

describe('The public schema', () => {
  it('has no non-null field over a nullable column', () => {
    const types = Object.values(publicSchema().getTypeMap()).filter(isObjectType)
    const nouns = types.flatMap((type) => {
      const noun = nounOfType(type)
      return noun ? [{ type, noun }] : []
    })
    const wrong = nouns.flatMap(({ type, noun }) =>
      Object.values(type.getFields())
        .filter(({ name, type: of }) => isNonNullType(of) && !declaredOf(noun.type).has(name))
        .filter(({ name }) => columnsOf(noun)[name]?.notNull === false)
        .map(({ name }) => `${type.name}.${name}`),
    )
    expect(nouns.length).toBeGreaterThan(10)
    expect(wrong).toEqual([])
  })
})
