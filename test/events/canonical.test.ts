import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonical } from '../../src/events/canonical.js'
import { anyCharacter } from '../support/anyCharacter.js'

const { value: values } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, true, false, 0, 1, '', '0', '1', 'null', '[]', '{}', 'a', '"', '@0', '0n', ','),
    fc.string({ unit: anyCharacter }),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0), // -0 is 0 in JSON
    fc.bigInt(),
    fc.date({ noInvalidDate: true }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c', 'a,b', '"a":1', 'ə'), tie('value'), { maxKeys: 4 }),
  ),
}))
/** The same, made anew with the keys of its objects the other way round. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned)
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  const entries = Object.entries(value).map(([key, inner]) => [key, turned(inner)])
  return Object.fromEntries(entries.reverse())
}
describe('The text of an input', () => {
  it('is the same, in whatever order it was written', () =>
    fc.assert(
      fc.property(values, (value) => {
        expect(canonical(turned(value))).toBe(canonical(value))
      }),
      { numRuns: 500 },
    ))

  it('is another for what is not equal', () =>
    fc.assert(
      fc.property(values, values, (one, other) => {
        fc.pre(!isDeepStrictEqual(turned(one), turned(other)))
        expect(canonical(one)).not.toBe(canonical(other))
      }),
      { numRuns: 2000 },
    ))

  it.each<[string, unknown, unknown]>([
    ['a number from its digits', 1, '1'],
    ['a number from the same without bounds', 1, 1n],
    ['a moment from a text', new Date(0), '@0'],
    ['a null from what is not there', { a: null }, {}],
    ['a list of one from that one', { a: [1] }, { a: 1 }],
    ['two texts from one with a comma', ['a', 'b'], ['a,b']],
    ['lists in another order', ['a', 'b'], ['b', 'a']],
    ['lists by their depth', [[1], 2], [1, [2]]],
  ])('tells apart %s', (_, one, other) => expect(canonical(one)).not.toBe(canonical(other)))

  it('does not tell nothing from what is not there', () =>
    expect(canonical({ a: undefined, b: 1 })).toBe(canonical({ b: 1 })))

  it.each([
    ['undefined', undefined],
    ['number', Number.NaN],
    ['Map', new Map([['a', 1]])],
    ['Buffer', Buffer.from('a')],
    ['Symbol', Symbol('a')],
    ['Function', () => 1],
  ])('is not made up for a %s', (name, value) =>
    expect(() => canonical({ a: [value] })).toThrow(new RegExp(`it holds a ${name}`, 'i')),
  )
})
