import { id } from './corpus.js'
import type { Values } from './operations.js'
import { cursorAt } from './relay.js'
import { uid } from './uid.js'

const numbers = (to: number) => Array.from({ length: to }, (_, at) => at + 1)
const cursors = {
  added: numbers(40).map((n) =>
    cursorAt(
      'books.added_at',
      `2026-01-01 00:00:0${Math.floor(n / 6)}.${123456 + Math.floor(n / 6)}+00`,
      uid(`book${n}`),
    ),
  ),
  code: numbers(40).map((n) => cursorAt('books.code', `B${n}`, uid(`book${n}`))),
  lent: numbers(60).map((n) =>
    cursorAt(
      'loans.lent_at',
      `2026-02-${n < 9 ? '01 23:59:59.999999' : `02 00:00:00${n < 18 ? '' : `.00000${Math.floor(n / 9) - 1}`}`}+00`,
      uid(`loan${n}`),
    ),
  ),
}
// One of each kind is wrong, so that most operations get further than their first cursor.
const bookCursors = [
  ...cursors.added,
  null,
  undefined,
  'none',
  cursors.lent[3],
  cursorAt('books.added_at', 'soon', uid('book3')),
]
const loanCursors = [...cursors.lent, null, undefined, cursors.added[3]]

/** What arguments of the made-up world may be. */
export const worldValues: Values = {
  id: [...Object.values(id), 'none'],
  ids: [...Object.values(id), 'none'],
  'Query.loan.id': [id.loan, id.loan, ...Object.values(id), 'none'],
  'Query.library.id': [id.library, id.library, id.book],
  'Query.book.code': [...numbers(9).map((n) => `B${n}`), 'none'],
  codes: ['L1', 'L3', 'B3', 'B5', 'B7', 'N3', 'N4', 'N8', 'X', 'none'],
  'Query.books.cursor': [...bookCursors, ...cursors.code.slice(0, 5)],
  'Library.books.cursor': bookCursors,
  cursor: loanCursors,
  'BookFilter.code': ['B3', 'B8', 'none', '\'"\\', '\0'],
  pagesFrom: [10, 100, 300, 1000],
  addedFrom: ['2026-01-01T00:00:03.123Z', '2026-01-01T04:00:02+04:00', '2030-01-01T00:00:00Z'],
  dueFrom: ['2026-03-01', '2026-04-01'],
}
