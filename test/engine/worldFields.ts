import { and, eq, gte, isNull, or, sql } from 'drizzle-orm'
import { GraphQLScalarType } from 'graphql'
import { GraphQLDateTime } from 'graphql-scalars'
import { Field, InputType, Int, ObjectType, registerEnumType } from 'type-graphql'
import { AllowedTo, anyone, type Rule } from '../../src/engine/allowedTo.js'
import {
  type Asked,
  ascending,
  asked,
  connection,
  descending,
  everyone,
  fields,
  find,
  has,
  leaf,
  many,
  one,
  queries,
  type Row,
  Stored,
  whoSeesItsParent,
} from '../../src/engine/declare.js'
import { refusal } from '../../src/engine/errors.js'
import { Node } from '../../src/engine/node.js'
import { rule } from '../../src/engine/shield.js'
import { inAllLanguages, inTheirLanguage } from '../../src/shared/language.js'
import { LegalDate } from '../../src/shared/scalars.js'
import type { WorldContext } from './world.js'
import { books, Genre, LoanState, libraries, loanEvents, loans, reviews } from './worldTables.js'

registerEnumType(Genre, { name: 'Genre' })
registerEnumType(LoanState, { name: 'LoanState' })
const Exact = new GraphQLScalarType<bigint, string>({ name: 'Exact', serialize: String })
const reader = asked(({ caller }: WorldContext) => caller.readerId)
const child = asked(({ caller }: WorldContext) => caller.childId)
const library = asked(({ caller }: WorldContext) => caller.libraryId)
const described = { description: '' }

// Shield's own types keep private what the guard must see.
const known = rule('known', { cache: 'contextual' })(
  (_parent, _args, { caller }: WorldContext) => caller.kind !== 'ANONYMOUS' || refusal('UNAUTHENTICATED', 'Who asks?'),
) as unknown as Rule
const librarian = rule('librarian', { cache: 'contextual' })(
  (_parent, _args, { caller }: WorldContext) => caller.kind === 'LIBRARIAN',
) as unknown as Rule

@AllowedTo(anyone)
@Stored(libraries, everyone)
@ObjectType({ implements: Node, simpleResolvers: true })
export class Library extends Node {
  @Field(() => String) code!: string
  @Field(() => String, { nullable: true }) city!: string | null
  @Field(() => LegalDate, { nullable: true }) opened!: string | null
}

@AllowedTo(anyone)
@Stored(books, ({ withdrawnAt }) => isNull(withdrawnAt))
@ObjectType({ implements: Node, simpleResolvers: true })
export class Book extends Node {
  @Field(() => String) code!: string
  @Field(() => Genre, { nullable: true }) genre!: Genre | null
  @Field(() => [Genre], { nullable: true }) genres!: Genre[] | null
  @Field(() => Exact) copies!: bigint
  @Field(() => String, { nullable: true }) price!: string | null
  @Field(() => Int, { nullable: true }) pages!: number | null
  @Field(() => GraphQLDateTime) addedAt!: Date
  @Field(() => LegalDate, { nullable: true }) published!: string | null
  @Field(() => [Exact], { nullable: 'itemsAndList' }) shelves!: (bigint | null)[] | null
  @Field(() => [GraphQLDateTime], { nullable: 'itemsAndList' }) readAt!: (Date | null)[] | null
}

@AllowedTo(anyone)
@Stored(reviews, {
  LIBRARIAN: everyone,
  READER: ({ hidden, readerId }: Row<typeof reviews>) => or(eq(hidden, false), eq(readerId, reader)),
  others: ({ hidden }: Row<typeof reviews>) => eq(hidden, false),
})
@ObjectType({ simpleResolvers: true })
export class Review {
  @Field(() => Int) stars!: number
  @Field(() => String, { nullable: true }) remark!: string | null
}

@AllowedTo(known)
@Stored(loans, {
  READER: ({ readerId }: Row<typeof loans>, variant) =>
    variant === 'PARENT' ? or(eq(readerId, reader), eq(readerId, child)) : eq(readerId, reader),
  LIBRARIAN: ({ libraryId }: Row<typeof loans>) => eq(libraryId, library),
})
@ObjectType({ implements: Node, simpleResolvers: true })
export class Loan extends Node {
  @Field(() => String) number!: string
  @Field(() => LoanState) state!: LoanState
  @Field(() => GraphQLDateTime) lentAt!: Date
  @Field(() => LegalDate) due!: string
  @Field(() => GraphQLDateTime, { nullable: true }) returnedAt!: Date | null
  @AllowedTo(librarian)
  @Field(() => Exact, { nullable: true })
  fine!: bigint | null
}

@AllowedTo(anyone)
@Stored(loanEvents, whoSeesItsParent)
@ObjectType({ simpleResolvers: true })
export class LoanEvent {
  @Field(() => String) kind!: string
  // The column may be null: such an error travels up.
  @Field(() => String) note!: string
  @Field(() => GraphQLDateTime) at!: Date
}

@InputType()
export class BookFilter {
  @Field(() => String, { nullable: true }) code?: string
  @Field(() => Genre, { nullable: true }) genre?: Genre
  @Field(() => Genre, { nullable: true }) among?: Genre
  @Field(() => Boolean, { nullable: true }) priced?: boolean
  @Field(() => Int, { nullable: true }) pagesFrom?: number
  @Field(() => GraphQLDateTime, { nullable: true }) addedFrom?: Date
  @Field(() => [Genre], { nullable: true }) oneOf?: Genre[]
}
@InputType()
export class LoanFilter {
  @Field(() => LoanState, { nullable: true }) state?: LoanState
  @Field(() => LegalDate, { nullable: true }) dueFrom?: string
}
enum BookOrder {
  NEWEST = 'NEWEST',
  OLDEST = 'OLDEST',
  CODE = 'CODE',
  COPIES = 'COPIES',
}
registerEnumType(BookOrder, { name: 'BookOrder' })

type BookRow = Row<typeof books>
const bookList = {
  ...described,
  order: descending(books.addedAt),
  orderBy: {
    type: BookOrder,
    orders: {
      NEWEST: descending(books.addedAt),
      OLDEST: ascending(books.addedAt),
      CODE: ascending(books.code),
      COPIES: descending(books.copies),
    },
  },
  filter: BookFilter,
  conditions: {
    among: ({ genres }: BookRow, genre: Asked) => sql`${genre} = any(${genres})`,
    priced: ({ price }: BookRow, priced: Asked) => sql`(${price} is not null) = ${priced}`,
    pagesFrom: ({ pages }: BookRow, least: Asked) => gte(pages, least),
    addedFrom: ({ addedAt }: BookRow, moment: Asked) => gte(addedAt, moment),
    oneOf: ({ genre }: BookRow, all: Asked) => sql`${genre} = any(${all}::genre[])`,
  },
}
const loanList = {
  ...described,
  order: descending(loans.lentAt),
  filter: LoanFilter,
  conditions: { dueFrom: ({ due }: Row<typeof loans>, day: Asked) => gte(due, day), state: () => undefined },
  merged: {
    by: loans.state,
    values: ({ filter }: { filter?: LoanFilter | null }) =>
      filter?.state == null ? Object.values(LoanState) : [filter.state],
  },
}

fields(Library, {
  name: inTheirLanguage(libraries.name, ''),
  names: inAllLanguages(libraries.name, ''),
  motto: inTheirLanguage(libraries.motto, ''),
  books: connection(Book, books.libraryId, bookList),
  loans: connection(Loan, loans.libraryId, { ...loanList, atMost: 20 }),
  newest: has(Book, books.libraryId, { ...described, order: descending(books.addedAt) }),
})
fields(Book, {
  title: inTheirLanguage(books.title, ''),
  money: leaf(
    () => String,
    [books.price, books.currency],
    ({ price, currency }: typeof books.$inferSelect) => price && `${price} ${currency}`,
    described,
  ),
  library: one(Library, books.libraryId, described),
  sequelOf: one(Book, books.sequelOfId, described),
  sequels: many(Book, books.sequelOfId, {
    ...described,
    order: ascending(books.code),
    where: ({ pages }) => gte(pages, 60),
  }),
  reviews: many(Review, reviews.bookId, { ...described, order: descending(reviews.stars), atMost: 3, cut: true }),
  best: has(Review, reviews.bookId, { ...described, order: descending(reviews.stars) }),
  loans: connection(Loan, loans.bookId, loanList),
})
fields(Review, { book: one(Book, reviews.bookId, described) })
fields(Loan, {
  book: one(Book, loans.bookId, described),
  library: one(Library, loans.libraryId, described),
  events: many(LoanEvent, loanEvents.loanId, { ...described, order: descending(loanEvents.at), atMost: 4, cut: true }),
  last: has(LoanEvent, loanEvents.loanId, {
    ...described,
    order: descending(loanEvents.at),
    where: ({ kind, note }) => and(eq(kind, 'lent'), sql`${note} <> ''`),
  }),
})
fields(LoanEvent, { place: one(Library, loanEvents.placeId, described) })
const root = { ...described, allowedTo: anyone }
export const worldQueries = queries({
  libraries: many(Library, undefined, { ...root, order: ascending(libraries.code), atMost: 3, cut: true }),
  library: find(Library, libraries.id, { ...root, argument: '' }),
  books: connection(Book, undefined, { ...bookList, ...root }),
  book: find(Book, books.code, { ...root, argument: '' }),
  loans: connection(Loan, undefined, { ...loanList, allowedTo: known }),
  loan: find(Loan, loans.id, { ...root, argument: '' }),
})
