import { expect, it } from 'vitest'
import { officerTerm } from '../../src/catalogue/tariffs/term.rules.js'
import type { Term } from '../../src/shared/dueAfter.js'
import { TermUnit } from '../../src/shared/termUnit.table.js'

it.each<[string, Term, Term]>([
  [
    'is the usual one in place of an instant one',
    { value: 0, unit: TermUnit.INSTANT },
    { value: 1, unit: TermUnit.MONTH },
  ],
  [
    'is that of the tariff otherwise',
    { value: 10, unit: TermUnit.WORKING_DAY },
    { value: 10, unit: TermUnit.WORKING_DAY },
  ],
])('The term of an officer %s', (_, given, expected) => {
  expect(officerTerm(given)).toEqual(expected)
})
