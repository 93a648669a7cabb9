import DataLoader from 'dataloader'
import { and, asc, eq, inArray, isNull, lt, type SQL } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import { Arg, Ctx, createUnionType, FieldResolver, Query, Resolver, Root } from 'type-graphql'
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
const registers = new WeakMap<object, DataLoader<string, string | null>>()
/** How many were asked about at once, each time. */
export const questions: number[] = []
function registerOf(context: object) {
  const register =
    registers.get(context) ??
    new DataLoader<string, string | null>(async (numbers) => {
      questions.push(numbers.length)
      return numbers.map(standingOf)
    })
  registers.set(context, register)
  return register
}

type BookRow = typeof books.$inferSelect
type LoanRow = typeof loans.$inferSelect

/** Whose loans a resolver by hand may show. */
const theirLoans = ({ caller: { kind, readerId = '', libraryId = '' } }: WorldContext) =>
  kind === 'READER'
    ? eq(loans.readerId, readerId)
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
  async neighbour(@Root() { pages, libraryId }: BookRow, @Ctx() { db }: WorldContext) {
    if (pages === null || pages % 20) return null
    const [row] = await db.select().from(libraries).where(eq(libraries.id, libraryId))
    return { ...row, __typename: 'Library' }
  }
}

@Resolver()
class Roots {
  @Query(() => [Loan], { nullable: true })
  overdueLoans(@Ctx() context: WorldContext) {
    const late = and(theirLoans(context), isNull(loans.returnedAt), lt(loans.due, today))
    return context.db.select().from(loans).where(late).orderBy(asc(loans.number))
  }
  /** By codes; an error for what begins with X. */
  @Query(() => [Found], { nullable: 'itemsAndList' })
  found(@Arg('codes', () => [String]) codes: string[], @Ctx() context: WorldContext) {
    const { db } = context
    const first = async (type: string, table: PgTable, of: SQL | undefined) => {
      const [row] = await db.select().from(table).where(of)
      return row && { ...row, __typename: type }
    }
    return codes.map((code) => {
      if (code.startsWith('X')) return Promise.reject(refusal('SERVICE_UNAVAILABLE', 'X is not to be found today.'))
      if (code.startsWith('L')) return first('Library', libraries, eq(libraries.code, code))
      if (code.startsWith('B')) return first('Book', books, and(eq(books.code, code), isNull(books.withdrawnAt)))
      return first('Loan', loans, and(eq(loans.number, code), theirLoans(context)))
    })
  }
}

export const byHand = [OfLoans, OfBooks, Roots]
