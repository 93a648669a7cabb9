import { GraphQLError, type GraphQLSchema } from 'graphql'
import type { Sql } from 'postgres'
import { arrayOf, baselineSchema, inLanguage, nodeId, parsedId, type Resolvers, type Row, rowsBy } from './baseline.js'
import { badInput, type List, moments, numbers, type PageArguments, pageOf, sorted, texts } from './relay.js'
import type { WorldContext } from './world.js'
import { standingOf, today } from './worldByHand.js'

type Args = PageArguments & { filter?: Row | null; orderBy?: string | null }
type Context = WorldContext

const list = (
  name: string,
  column: string,
  kind: Omit<List<Row>, 'name' | 'keyOf' | 'descending'>,
  descending = false,
) => ({
  ...kind,
  name: `${name}.${column}`,
  descending,
  keyOf: (row: Row) => [String(row[column]), row.id] as const,
})
export const lists = {
  NEWEST: list('books', 'added_at', moments, true),
  OLDEST: list('books', 'added_at', moments),
  CODE: list('books', 'code', texts),
  COPIES: list('books', 'copies', numbers, true),
  loans: list('loans', 'lent_at', moments, true),
} satisfies Record<string, List<Row>>
const ofLibraries = list('libraries', 'code', texts)
const ofReviews = list('reviews', 'stars', numbers, true)
const ofEvents = list('loan_events', 'at', moments, true)

// Whose is what --------------------------------------------------------------------------------------------------

const scopes: Record<string, (row: Row, caller: Context['caller']) => boolean> = {
  libraries: () => true,
  loan_events: () => true,
  books: ({ withdrawn_at }) => withdrawn_at === null,
  reviews: ({ hidden, reader_id }, { kind, readerId }) =>
    kind === 'LIBRARIAN' || !hidden || (kind === 'READER' && reader_id === readerId),
  loans: ({ reader_id, library_id }, { kind, readerId, childId, libraryId }) =>
    (kind === 'READER' && [readerId, childId].includes(reader_id)) ||
    (kind === 'LIBRARIAN' && library_id === libraryId),
}
const known = ({ caller: { kind } }: Context) => {
  if (kind === 'ANONYMOUS') throw new GraphQLError('Who asks?', { extensions: { code: 'UNAUTHENTICATED' } })
}
// What fits ------------------------------------------------------------------------------------------------------

const noNul = (text: string) => {
  if (text.includes('\0')) throw badInput()
  return text
}
const micros = (text: string) =>
  Date.parse(`${text.slice(0, 19).replace(' ', 'T')}Z`) + Number(`0${/\.\d+/.exec(text) ?? ''}`) * 1000
const conditions: Record<string, (row: Row, value: never) => boolean> = {
  code: (row, code: string) => row.code === code,
  genre: (row, genre: string) => row.genre === genre,
  among: ({ genres }, genre: string) => arrayOf(genres)?.includes(genre) ?? false,
  priced: ({ price }, priced: boolean) => (price !== null) === priced,
  pagesFrom: ({ pages }, least: number) => pages !== null && pages >= least,
  addedFrom: ({ added_at }, moment: Date) => micros(added_at) >= moment.getTime(),
  oneOf: ({ genre }, all: string[]) => all.includes(genre),
  state: ({ state }, wanted: string) => state === wanted,
  dueFrom: ({ due }, day: string) => due >= day,
}
function fits(filter: Args['filter']) {
  const given = Object.entries(filter ?? {}).filter(([, value]) => value !== null)
  if (typeof filter?.code === 'string') noNul(filter.code)
  return (row: Row) => given.every(([name, value]) => conditions[name]?.(row, value as never))
}

/** An untouched Apollo's schema for the made-up world. */
export function worldBaseline(of: GraphQLSchema, client: Sql): GraphQLSchema {
  const by = rowsBy(client)
  const all = async (context: Context, table: string, column: string, key: string | null) =>
    (await by(context, table, column, key)).filter((row) => scopes[table]?.(row, context.caller))
  const one = async (context: Context, table: string, column: string, key: string | null) =>
    (await all(context, table, column, key))[0] ?? null
  const whole = async (context: Context, table: string) =>
    ((await client.unsafe(`select * from ${table}`)) as Row[])
      .map((row): Row => ({ ...row, __table: table }))
      .filter((row) => scopes[table]?.(row, context.caller))
  const bookPage = (rows: Row[], { filter, orderBy, ...args }: Args) =>
    pageOf(rows.filter(fits(filter)), lists[(orderBy as 'CODE' | null) ?? 'NEWEST'], args)
  const loanPage = (rows: Row[], { filter, ...args }: Args, atMost?: number) =>
    pageOf(rows.filter(fits(filter)), lists.loans, args, atMost)

  const tables: Record<string, string> = { Library: 'libraries', Book: 'books', Loan: 'loans' }
  const typed = (row: Row | null, context: Context) => {
    if (row?.__table === 'loans') known(context)
    return row && { ...row, __typename: Object.keys(tables).find((type) => tables[type] === row.__table) }
  }
  const node = async (context: Context, id: string) => {
    const { type = '', key = '' } = parsedId(id) ?? {}
    const table = tables[type]
    return table ? typed(await one(context, table, 'id', key), context) : null
  }
  const byId = (context: Context, type: string, id: string) => {
    const parsed = parsedId(id)
    return parsed?.type === type ? one(context, tables[type] as string, 'id', parsed.key) : null
  }

  return baselineSchema(of, {
    Query: {
      node: (_, { id }, context) => node(context, id),
      nodes: (_, { ids }, context) => {
        if (ids.length > 100) throw badInput()
        return ids.map((id: string) => node(context, id))
      },
      libraries: async (_, _args, context) => sorted(await whole(context, 'libraries'), ofLibraries).slice(0, 3),
      library: (_, { id }, context) => byId(context, 'Library', id),
      books: async (_, args, context) => bookPage(await whole(context, 'books'), args),
      book: (_, { code }, context) => one(context, 'books', 'code', noNul(code)),
      loans: async (_, args, context) => {
        known(context)
        return loanPage(await whole(context, 'loans'), args)
      },
      loan: (_, { id }, context) => {
        known(context)
        return byId(context, 'Loan', id)
      },
      overdueLoans: async (_, _args, context) => {
        known(context)
        const late = (await whole(context, 'loans')).filter(({ due, returned_at }) => !returned_at && due < today)
        return sorted(late, list('loans', 'number', texts))
      },
      found: (_, { codes }, context) =>
        codes.map(async (code: string) => {
          if (code.startsWith('X')) throw new GraphQLError('', { extensions: { code: 'SERVICE_UNAVAILABLE' } })
          const table = { L: 'libraries', B: 'books' }[code[0] as 'L'] ?? 'loans'
          return typed(await one(context, table, table === 'loans' ? 'number' : 'code', noNul(code)), context)
        }),
    },
    ...resolversOfTypes(all, one, bookPage, loanPage),
  })
}

type Many = (context: Context, table: string, column: string, key: string | null) => Promise<Row[]>
type One = (context: Context, table: string, column: string, key: string | null) => Promise<Row | null>
type ToPage = (rows: Row[], args: Args, atMost?: number) => unknown
function resolversOfTypes(all: Many, one: One, bookPage: ToPage, loanPage: ToPage): Resolvers {
  const theirs = (context: Context, column: string, key: string) => {
    known(context)
    return all(context, 'loans', column, key)
  }
  return {
    Library: {
      id: (row) => nodeId('Library', row),
      name: ({ name }, _, { language }) => inLanguage(name, language),
      names: ({ name }) => name,
      motto: ({ motto }, _, { language }) => inLanguage(motto, language),
      books: async ({ id }, args, context) => bookPage(await all(context, 'books', 'library_id', id), args),
      loans: async ({ id }, args, context) => loanPage(await theirs(context, 'library_id', id), args, 20),
      newest: async ({ id }, _, context) => sorted(await all(context, 'books', 'library_id', id), lists.NEWEST)[0],
    },
    Book: {
      id: (row) => nodeId('Book', row),
      addedAt: ({ added_at }) => new Date(added_at),
      genres: ({ genres }) => arrayOf(genres),
      shelves: ({ shelves }) => arrayOf(shelves),
      readAt: ({ read_at }) => arrayOf(read_at)?.map((text) => text && new Date(text)),
      title: ({ title }, _, { language }) => inLanguage(title, language),
      money: ({ price, currency }) => price && `${price} ${currency}`,
      library: ({ library_id }, _, context) => one(context, 'libraries', 'id', library_id),
      sequelOf: ({ sequel_of_id }, _, context) => one(context, 'books', 'id', sequel_of_id),
      sequels: async ({ id }, _, context) =>
        sorted(await all(context, 'books', 'sequel_of_id', id), lists.CODE).filter(({ pages }) => pages >= 60),
      reviews: async ({ id }, _, context) =>
        sorted(await all(context, 'reviews', 'book_id', id), ofReviews).slice(0, 3),
      best: async ({ id }, _, context) => sorted(await all(context, 'reviews', 'book_id', id), ofReviews)[0],
      loans: async ({ id }, args, context) => loanPage(await theirs(context, 'book_id', id), args),
      label: ({ code, genres, copies, added_at, withdrawn_at }) =>
        [code, arrayOf(genres)?.join('+'), BigInt(copies) + 1n, new Date(added_at).toISOString(), withdrawn_at].join(
          '/',
        ),
      neighbour: async ({ pages, library_id }, _, context) =>
        pages === null || pages % 20
          ? null
          : { ...(await one(context, 'libraries', 'id', library_id)), __typename: 'Library' },
    },
    Review: { book: ({ book_id }, _, context) => one(context, 'books', 'id', book_id) },
    Loan: {
      id: (row) => nodeId('Loan', row),
      lentAt: ({ lent_at }) => new Date(lent_at),
      returnedAt: ({ returned_at }) => returned_at && new Date(returned_at),
      fine: ({ fine }, _, { caller }) => {
        if (caller.kind !== 'LIBRARIAN')
          throw new GraphQLError('The caller is not allowed to do this.', { extensions: { code: 'FORBIDDEN' } })
        return fine
      },
      book: ({ book_id }, _, context) => one(context, 'books', 'id', book_id),
      library: ({ library_id }, _, context) => one(context, 'libraries', 'id', library_id),
      events: async ({ id }, _, context) =>
        sorted(await all(context, 'loan_events', 'loan_id', id), ofEvents).slice(0, 4),
      last: async ({ id }, _, context) =>
        sorted(await all(context, 'loan_events', 'loan_id', id), ofEvents).find(
          ({ kind, note }) => kind === 'lent' && note,
        ),
      overdue: ({ due, returned_at }) => returned_at === null && due < today,
      standing: ({ number }) => standingOf(number),
    },
    LoanEvent: {
      at: ({ at }) => new Date(at),
      place: ({ place_id }, _, context) => one(context, 'libraries', 'id', place_id),
    },
  }
}
