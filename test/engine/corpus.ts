import type { Language } from '../../src/shared/words.js'
import { nodeId } from './baseline.js'
import type { Question } from './compare.js'
import { cursorAt } from './relay.js'
import { uid } from './uid.js'
import { callers, contextFor, type WorldContext } from './world.js'

export interface Named {
  query: string
  variables?: Record<string, unknown>[]
  caller?: keyof typeof callers
  language?: Language
  operationName?: string
  /** Codes that must be among the errors: the operation means to be refused there. */
  refused?: string[]
  /** It does not fit one statement. */
  leftToApollo?: true
}
const idOf = (type: string, name: string) => nodeId(type, { id: uid(name) })
/** A named operation as it is asked of that database. */
export const questionsOn = (db: WorldContext['db']) => {
  const context = contextFor(db)
  return ({ caller = 'reader', language, refused: _, ...asking }: Named): Question<WorldContext> => ({
    ...asking,
    contextOf: () => context(callers[caller], language),
  })
}
export const id = {
  library: idOf('Library', 'library2'),
  book: idOf('Book', 'book5'),
  withdrawn: idOf('Book', 'book7'),
  /** Of reader1, in library1. */
  loan: idOf('Loan', 'loan3'),
  /** Of reader2, in library2. */
  othersLoan: idOf('Loan', 'loan4'),
  unheard: idOf('Loan', 'unheard of'),
}
const long = (letter: string, times: number) => letter.repeat(times)
const added = cursorAt('books.added_at', '2026-01-01 00:00:03.123459+00', uid('book20'))
const code = cursorAt('books.code', 'B20', uid('book20'))
const page = 'pageInfo { hasNextPage hasPreviousPage startCursor endCursor }'
const nested =
  'number state lentAt returnedAt book { code title money library { name names { az en ru } } best { stars } }'
const bad = ['BAD_USER_INPUT']

export const corpus: Record<string, Named> = {
  'a page with everything below it': {
    query: `{ loans(first: 20) { nodes { id ${nested} last { note place { code } } } edges { cursor } ${page} totalCount totalCountIsExact } }`,
  },
  'edges, and what is below a node twice': {
    query: `{ books(first: 5) { edges { cursor node { id reviews { stars remark } } } nodes { reviews { book { code } } } ${page} } }`,
  },
  'the next page': {
    query: `query ($after: String) { books(first: 3, after: $after) { edges { cursor node { code } } ${page} } }`,
    variables: [{ after: added }, { after: null }, {}],
  },
  'a page backward': { query: `{ books(last: 4) { edges { cursor node { code } } ${page} totalCount } }` },
  'before a cursor, by variables': {
    query: `query ($n: Int!, $before: String) { books(last: $n, before: $before, orderBy: CODE) { nodes { code } ${page} } }`,
    variables: [{ n: 2, before: code }, { n: 7 }],
  },
  'first and before, last and after': {
    query: `{ a: books(first: 50, before: "${added}") { nodes { code } ${page} } b: books(first: 2, before: "${added}") { nodes { code } ${page} }
      c: books(last: 50, after: "${added}") { nodes { code } ${page} } d: books(last: 2, after: "${added}") { nodes { code } ${page} } }`,
  },
  'between two cursors, and the wrong way round': {
    query: `query ($a: String, $b: String) { books(first: 9, after: $a, before: $b, orderBy: OLDEST) { nodes { code } ${page} totalCount } }`,
    variables: [
      { a: added, b: cursorAt('books.added_at', '2026-01-01 00:00:05.123461+00', uid('book31')) },
      { b: added, a: cursorAt('books.added_at', '2026-01-01 00:00:05.123461+00', uid('book31')) },
    ],
  },
  'cursors of what is nowhere': {
    query: `{ books(first: 3, after: "${cursorAt('books.added_at', '2031-01-01 00:00:00+00', uid('none'))}") { nodes { code } ${page} }
      b: books(last: 3, after: "${cursorAt('books.added_at', '2001-01-01 00:00:00+00', uid('none'))}") { nodes { code } ${page} } }`,
  },
  'orders by enum, of text and of numbers beyond 2^53': {
    query: `query ($o: BookOrder) { books(first: 6, orderBy: $o) { edges { cursor node { code copies addedAt } } } }`,
    variables: [{ o: 'CODE' }, { o: 'COPIES' }, { o: 'NEWEST' }, { o: 'OLDEST' }],
  },
  'two lists, two variables, their values exchanged': {
    query: `query ($a: Int, $b: Int) { libraries { x: books(first: $a) { nodes { code } } y: books(first: $b) { nodes { code } } } }`,
    variables: [
      { a: 1, b: 3 },
      { a: 3, b: 1 },
      { a: 2, b: 2 },
      { a: 1, b: 3 },
    ],
  },
  'aliases, also of lists and arguments': {
    query: `{ a: books(first: 2) { x: nodes { n: code newest: loans(last: 1) { nodes { number } } code: loans(first: 3) { e: edges { c: cursor } } }
      y: nodes { newest: loans(first: 2) { nodes { state } } s: library { t: name } } i: pageInfo { more: hasNextPage } } b: books(last: 1) { nodes { id } } }`,
  },
  'aliases that look like SQL': {
    query: `{ books(first: 2) { nodes { json: code x: title t1: id t2: library { select: code ROW: name k: id } edges: reviews { node: stars cursor: remark } count: pages } } }`,
  },
  'fragments that meet in one field': {
    query: `{ loans(first: 4) { nodes { ...F ...G book { code } ... on Loan { book { library { name } } } ... { number } } } }
      fragment F on Loan { book { id library { code } } } fragment G on Loan { ...F state book { pages } }`,
  },
  'one fragment in two places, merged with different things': {
    query: `{ s: book(code: "B5") { ...F library { name } } t: book(code: "B6") { ...F library { id } } } fragment F on Book { library { code } }`,
  },
  'one fragment merged differently below a list': {
    query: `{ libraries { a: books(first: 2) { nodes { ...F best { remark } } } b: books(first: 2) { nodes { ...F best { book { code } } } } } } fragment F on Book { best { stars } }`,
  },
  'skip and include, by variables': {
    query: `query ($no: Boolean!, $yes: Boolean = true) { books(first: 2) { nodes { code @skip(if: $no) pages @include(if: $yes) reviews @include(if: $no) { stars }
      library @skip(if: $yes) { id } ... @include(if: $yes) { addedAt } ...F @skip(if: $no) } } } fragment F on Book { genres }`,
    variables: [{ no: false }, { no: true, yes: false }, { no: false, yes: false }, { no: true, yes: true }],
  },
  'everything is skipped': {
    query: `query ($no: Boolean!) { books(first: 2) { nodes { code @include(if: $no) } ${page.replace(' {', ' @include(if: $no) {')} } libraries { books(first: 1) @include(if: $no) { nodes { code } } code @skip(if: $no) } loans(first: 1) @include(if: $no) { nodes { id } } }`,
    variables: [{ no: false }, { no: true }],
  },
  'names of types alone': {
    query: `{ __typename books(first: 2) { __typename nodes { __typename library { __typename } } edges { __typename node { t: __typename } } pageInfo { __typename } }
      b: books(first: 1) { __typename } libraries { __typename books(last: 1) { __typename } } }`,
  },
  nulls: {
    query: `{ book(code: "B12") { genre genres price money pages published sequelOf { code } best { stars } } none: book(code: "none") { id } seven: book(code: "B7") { code }
      b: books(first: 100) { nodes { genre genres price money pages published sequelOf { code } sequels { code } best { remark } } } libraries { motto city opened names { en } } }`,
  },
  'numbers, moments, dates and enums of every size': {
    query: `{ books(first: 100, orderBy: COPIES) { nodes { copies price addedAt published genre genres pages label shelves readAt } } loans(first: 100) { nodes { lentAt due returnedAt fine } } }`,
    caller: 'librarian',
  },
  'filters by columns and by what is told': {
    query: `query ($f: BookFilter, $g: LoanFilter) { books(first: 50, filter: $f) { nodes { code } totalCount ${page} } loans(first: 50, filter: $g) { nodes { number } totalCount } }`,
    variables: [
      { f: { genre: 'POEM', priced: true }, g: { state: 'OUT' } },
      { f: { among: 'ATLAS', pagesFrom: 100 }, g: { dueFrom: '2026-03-20' } },
      { f: { addedFrom: '2026-01-01T00:00:03.123Z', oneOf: ['NOVEL', 'POEM'] } },
      { f: { oneOf: [], code: null }, g: {} },
    ],
  },
  'a filter in the text, with nulls in it': {
    query: `query ($g: Genre) { a: books(first: 5, filter: { genre: $g }) { nodes { code } } b: books(first: 5, filter: { genre: null }) { nodes { code } } c: books(first: 5, filter: null) { nodes { code } } }`,
    variables: [{ g: 'NOVEL' }, { g: null }, {}],
  },
  'pages below pages': {
    query: `{ books(first: 3) { nodes { code library { code books(first: 2, orderBy: CODE, filter: { genre: POEM }) { edges { cursor node { code loans(first: 2) { nodes { number } totalCount } } } ${page} totalCount } } } } }`,
  },
  'defaults of variables': {
    query: `query ($n: Int = 2, $g: Genre = ATLAS, $o: BookOrder = OLDEST) { books(first: $n, filter: { genre: $g }, orderBy: $o) { nodes { code genre } } }`,
    variables: [{}, { n: 3 }, { o: 'CODE' }, { g: null }],
  },
  'an empty page': {
    query: `{ books(first: 3, filter: { code: "none" }) { nodes { code } edges { cursor } ${page} totalCount } library(id: "${idOf('Library', 'library4')}") { newest { code } books(last: 2) { nodes { code } ${page} } } }`,
  },
  'in English': {
    query: '{ libraries { name motto names { az en ru } } books(first: 3) { nodes { title } } }',
    language: 'en',
  },
  'in Russian': {
    query: '{ libraries { name motto names { az en ru } } books(first: 3) { nodes { title } } }',
    language: 'ru',
  },
  'one of two operations': {
    query: `query A { books(first: 1) { nodes { code } } } query B { books(first: 2) { nodes { title } } }`,
    operationName: 'B',
  },
  'whose it is': {
    query: `{ mine: loan(id: "${id.loan}") { number } theirs: loan(id: "${id.othersLoan}") { number } never: loan(id: "${id.unheard}") { number }
      loans(first: 5) { nodes { number book { loans(first: 5) { nodes { number } totalCount } } library { loans(first: 20) { nodes { number } } } } totalCount } books(first: 9) { nodes { reviews { stars remark } } } }`,
  },
  'as another reader': {
    query: `{ loan(id: "${id.othersLoan}") { number } loans(first: 5) { totalCount nodes { number } } libraries { loans(last: 2) { totalCount nodes { number } } } books(first: 9) { nodes { reviews { stars remark } } } }`,
    caller: 'otherReader',
  },
  'as a librarian': {
    query: `{ loan(id: "${id.loan}") { number } loans(first: 5) { totalCount nodes { number fine } } libraries { loans(last: 2) { totalCount nodes { number } } } books(first: 9) { nodes { reviews { stars remark } } } }`,
    caller: 'librarian',
  },
  'as a kind that no scope names': {
    query: `{ loan(id: "${id.loan}") { number } loans(first: 5) { totalCount nodes { number } ${page} } books(first: 9) { nodes { reviews { remark } loans(first: 1) { totalCount } } } }`,
    caller: 'auditor',
  },
  'as an anonymous caller: a rule says no, beside what is open': {
    leftToApollo: true,
    query: `{ loan(id: "${id.loan}") { number } loans(first: 5) { totalCount } overdueLoans { number } books(first: 2) { nodes { code loans(first: 1) { nodes { number } } } } node(id: "${id.loan}") { id } found(codes: ["L1", "N3"]) { __typename } }`,
    caller: 'anonymous',
    refused: ['UNAUTHENTICATED'],
  },
  'a field that only some may see': { query: '{ loans(first: 3) { nodes { number fine } } }', refused: ['FORBIDDEN'] },
  'computed of other columns': {
    query:
      '{ loans(first: 6) { nodes { overdue number book { label code neighbour { ... on Library { code newest { code } } ... on Node { id } } } library { name } } } }',
  },
  'asked of a register that fails now and then': {
    query: '{ loans(first: 20) { nodes { number standing last { at } book { code } } } }',
    refused: ['SERVICE_UNAVAILABLE', 'INTERNAL_SERVER_ERROR'],
  },
  'a root by hand, and what is below its rows': {
    query:
      '{ overdueLoans { number overdue lentAt book { title library { code books(first: 1) { nodes { code } } } } last { note } } books(first: 1) { nodes { code } } }',
  },
  'a union by hand': {
    leftToApollo: true,
    query: `{ found(codes: ["N3", "L2", "X1", "B8", "B7", "N4", "none"]) { __typename ... on Book { code library { name } reviews { stars } } ... on Loan { number book { title } } ... on Library { name books(first: 2) { nodes { code } } } ... on Node { id } } }`,
    refused: ['SERVICE_UNAVAILABLE'],
  },
  'plain lists, cut where they are too long': {
    query: `{ loans(first: 30) { nodes { events { kind at place { code } } last { note } } } books(first: 40) { nodes { reviews { stars } sequels { code } } } libraries { code } }`,
  },
  'a null where there may be none': {
    query: '{ loans(last: 100) { nodes { number events { note } } } b: books(first: 1) { nodes { code } } }',
    refused: ['INTERNAL_SERVER_ERROR'],
  },
  'a null that falls upon a nullable place': {
    query: `{ a: loan(id: "${idOf('Loan', 'loan24')}") { number events { note place { code } } } b: loan(id: "${idOf('Loan', 'loan3')}") { number events { note } } }`,
    refused: ['INTERNAL_SERVER_ERROR'],
  },
  'things by their ids': {
    query: `query ($ids: [ID!]!) { node(id: "${id.book}") { id __typename ... on Book { code library { code } } } nodes(ids: $ids) { __typename id ... on Book { code sequelOf { code } } ... on Library { name newest { title } } ... on Loan { number book { code } } } }`,
    variables: [
      { ids: [id.loan, id.book, id.unheard, id.library, id.withdrawn, id.othersLoan, 'none', '', id.book] },
      {
        ids: [id.library.slice(0, -1), `${id.library}A`, id.book.replace(/^./, 'X'), idOf('Review', 'review4-1'), '\0'],
      },
      { ids: [] },
    ],
  },
  'ids of another type': {
    query: `{ library(id: "${id.book}") { code } loan(id: "${id.library}") { number } a: loan(id: "'; drop") { id } }`,
  },
  'too many ids': {
    leftToApollo: true,
    query: 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }',
    variables: [{ ids: Array(100).fill(id.book) }],
  },
  'a page too large': {
    query: 'query ($n: Int) { books(first: $n) { nodes { id } } libraries { code } }',
    variables: [{ n: 101 }, { n: 100 }, { n: 0 }, { n: -1 }],
    refused: bad,
  },
  'a page too large, deep below': {
    query: `query ($n: Int) { loan(id: "${id.loan}") { number library { books(first: 2) { nodes { library { loans(first: $n) { nodes { id } } } } } } } libraries { code } }`,
    variables: [{ n: 21 }, { n: 20 }],
    refused: bad,
  },
  'first and last, or neither': {
    leftToApollo: true,
    query:
      '{ books { nodes { id } } libraries { a: books(first: 1, last: 1) { nodes { id } } b: books(first: null) { nodes { id } } code } }',
    refused: bad,
  },
  'cursors that are none, deep below': {
    query: `query ($c: String) { libraries { code books(first: 1, after: $c) { nodes { id } } } book(code: "B5") { library { books(last: 1, before: $c) { nodes { id } } } } }`,
    variables: [
      { c: 'abc' },
      { c: added },
      { c: added.slice(0, -4) },
      { c: cursorAt('loans.lent_at', '2026-01-01 00:00:03.123459+00', uid('book20')) },
    ],
    refused: bad,
  },
  'cursors that name the list, and are forged': {
    query: `query ($c: String, $d: String) { libraries { books(first: 1, after: $c) { nodes { id } } } b: books(first: 1, orderBy: COPIES, before: $d) { nodes { id } } }`,
    variables: [
      { c: cursorAt('books.added_at', 'soon', uid('book20')), d: cursorAt('books.copies', 'many', uid('book20')) },
      {
        c: cursorAt('books.added_at', '2026-01-01 00:00:03.123459+00', 'x'),
        d: cursorAt('books.copies', '9007199254740999', uid('book20')),
      },
      { c: cursorAt('books.added_at', '2026-01-01 00:00:03.123459+00'), d: code },
      { c: added, d: cursorAt('books.copies', '1', uid('book20'), 'more') },
    ],
    refused: bad,
  },
  'a forged cursor where there is nothing to see': {
    query: `{ loans(first: 1, after: "${cursorAt('loans.lent_at', 'soon', uid('loan1'))}") { nodes { id } } b: books(first: 1, filter: { code: "none" }, after: "${cursorAt('books.added_at', 'soon', uid('book1'))}") { nodes { id } } }`,
    caller: 'auditor',
    refused: bad,
  },
  'a NUL in a text': {
    query:
      'query ($t: String!) { book(code: $t) { code } libraries { books(first: 1, filter: { code: $t }) { nodes { code } } code } }',
    variables: [{ t: '\0' }, { t: 'B5' }, { t: 'B\\u0000' }, { t: '\'"\\' }],
    refused: bad,
  },
  'a NUL below what is not there, in several places at once': {
    query: `query ($t: String!) { ${['a', 'b', 'c']
      .map((name) => `${name}: book(code: "none") { library { books(first: 1, filter: { code: $t }) { totalCount } } }`)
      .join(' ')} }`,
    variables: [{ t: '\0' }],
  },
  'a variable of the wrong kind': {
    leftToApollo: true,
    query: 'query ($n: Int!) { books(first: $n) { nodes { id } } }',
    variables: [{ n: 'x' }, {}],
    refused: bad,
  },
  'names that are longer than those of PostgreSQL': {
    leftToApollo: true,
    query: `{ books(first: 2) { ${long('l', 70)}: nodes { ${long('m', 64)}: code ${long('m', 64)}a: library { ${long('n', 200)}: name } } } }`,
  },
  'one field twice, with equal arguments': {
    query:
      '{ books(first: 2) { nodes { loans(first: 2) { nodes { number } } loans(first: 2) { nodes { state } } } nodes { code } } books(first: 2) { edges { cursor } } }',
  },
  'one field twice, its arguments in another order': {
    query:
      '{ libraries { books(first: 2, filter: { genre: POEM, priced: true }) { nodes { code } } books(filter: { priced: true, genre: POEM }, first: 2) { nodes { pages } } } }',
  },
  'what does not parse, and what is not there': {
    leftToApollo: true,
    query: '{ books(first: 1) { nodes { none } } }',
    refused: ['GRAPHQL_VALIDATION_FAILED'],
  },
  'introspection beside rows': {
    leftToApollo: true,
    query: '{ __type(name: "Book") { name fields { name } } books(first: 1) { nodes { code } } }',
  },
}
