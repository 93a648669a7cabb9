import DataLoader from 'dataloader'
import { and, asc, eq, inArray, isNull, lt, type SQL } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import { Arg, Ctx, createUnionType, FieldResolver, Query, Resolver, Root } from 'type-graphql'
import { AllowedTo, anyone } from '../../src/engine/allowedTo.js'
import { refusal } from '../../src/engine/errors.js'
import type { WorldContext } from './world.js'
import { Book, Library, Loan } from './worldFields.js'
import { books, libraries, loans } from './worldTables.js'

export const today = '2026-03-10'
export const Found = createUnionType({ name: 'Found', types: () => [Library, Book, Loan] as const })

/** A register elsewhere: of every five loans it knows three, has nothing on one, and fails for one. */
export function standingOf(number: string): string | null | Error {
  const of = Number(number.slice(1)) % 5
  if (of === 0) return refusal('SERVICE_UNAVAILABLE', 'The register does not answer.')
  if (of === 2) return new Error('The register said what nobody expected.')
  return of === 1 ? null : `standing ${of}`
}
/** How many were asked about at once, each time. */
export const questions: number[] = []
const registerOf = ofRequest<string, string | null>(async (numbers) => {
  questions.push(numbers.length)
  return numbers.map(standingOf)
})
const libraryOf = ofRequest<string, object>(async (keys, { db }) => {
  const rows = await db
    .select()
    .from(libraries)
    .where(inArray(libraries.id, [...keys]))
  return keys.map((key) => ({ ...rows.find(({ id }) => id === key), __typename: 'Library' }))
})
/** One loader for each request. */
function ofRequest<Key, Value>(ask: (keys: readonly Key[], context: WorldContext) => Promise<(Value | Error)[]>) {
  const loaders = new WeakMap<object, DataLoader<Key, Value>>()
  return (context: WorldContext) => {
    const loader = loaders.get(context) ?? new DataLoader<Key, Value>((keys) => ask(keys, context))
    loaders.set(context, loader)
    return loader
  }
}

type BookRow = typeof books.$inferSelect
type LoanRow = typeof loans.$inferSelect

/** Whose loans a resolver by hand may show. */
const theirLoans = ({ caller: { kind, readerId = '', childId, libraryId = '' } }: WorldContext) =>
  kind === 'READER'
    ? inArray(loans.readerId, childId ? [readerId, childId] : [readerId])
    : kind === 'LIBRARIAN'
      ? eq(loans.libraryId, libraryId)
      : inArray(loans.id, [])

@Resolver(() => Loan)
class OfLoans {
  @FieldResolver(() => Boolean)
  overdue(@Root() { due, returnedAt }: LoanRow) {
    return returnedAt === null && due < today
  }
  @FieldResolver(() => String, { nullable: true })
  standing(@Root() { number }: LoanRow, @Ctx() context: WorldContext) {
    return registerOf(context).load(number)
  }
}

@Resolver(() => Book)
class OfBooks {
  @FieldResolver(() => String)
  label(@Root() { code, genres, copies, addedAt, withdrawnAt }: BookRow) {
    return [code, genres?.join('+'), copies + 1n, addedAt.toISOString(), withdrawnAt].join('/')
  }
  /** What stands beside it: below this the look-ahead begins anew. */
  @FieldResolver(() => Found, { nullable: true })
  neighbour(@Root() { pages, libraryId }: BookRow, @Ctx() context: WorldContext) {
    return pages === null || pages % 20 ? null : libraryOf(context).load(libraryId)
  }
}

@Resolver()
class Roots {
  @AllowedTo(anyone)
  @Query(() => [Loan], { nullable: true })
  overdueLoans(@Ctx() context: WorldContext) {
    const late = and(theirLoans(context), isNull(loans.returnedAt), lt(loans.due, today))
    return context.db.select().from(loans).where(late).orderBy(asc(loans.number))
  }
  /** By codes; an error for what begins with X. */
  @AllowedTo(anyone)
  @Query(() => [Found], { nullable: 'itemsAndList' })
  found(@Arg('codes', () => [String]) codes: string[], @Ctx() context: WorldContext) {
    const { db } = context
    const first = async (type: string, table: PgTable, of: SQL | undefined) => {
      const [row] = await db.select().from(table).where(of)
      return row && { ...row, __typename: type }
    }
    const all = codes.map((code) => {
      if (code.startsWith('X')) return refusal('SERVICE_UNAVAILABLE', 'X is not to be found today.')
      if (code.startsWith('L')) return first('Library', libraries, eq(libraries.code, code))
      if (code.startsWith('B')) return first('Book', books, and(eq(books.code, code), isNull(books.withdrawnAt)))
      return first('Loan', loans, and(eq(loans.number, code), theirLoans(context)))
    })
    return Promise.all(all) // together, so that what is below them is asked for together
  }
}

export const byHand = [OfLoans, OfBooks, Roots]
