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
describe('canonical', () => {
  it('returns the same text for keys in any order', () =>
    fc.assert(
      fc.property(values, (value) => {
        expect(canonical(turned(value))).toBe(canonical(value))
      }),
      { numRuns: 500 },
    ))

  it('returns another text for another value', () =>
    fc.assert(
      fc.property(values, values, (one, other) => {
        fc.pre(!isDeepStrictEqual(turned(one), turned(other)))
        expect(canonical(one)).not.toBe(canonical(other))
      }),
      { numRuns: 2000 },
    ))

  it.each<[string, unknown, unknown]>([
    ['a number from its digits', 1, '1'],
    ['a number from a bigint', 1, 1n],
    ['a date from a text', new Date(0), '@0'],
    ['null from an absent key', { a: null }, {}],
    ['a list of one from that one', { a: [1] }, { a: 1 }],
    ['two texts from one text with a comma', ['a', 'b'], ['a,b']],
    ['lists by their order', ['a', 'b'], ['b', 'a']],
    ['lists by their nesting', [[1], 2], [1, [2]]],
  ])('distinguishes %s', (_, one, other) => expect(canonical(one)).not.toBe(canonical(other)))

  it('treats undefined as absent', () => expect(canonical({ a: undefined, b: 1 })).toBe(canonical({ b: 1 })))

  it.each([
    ['undefined', undefined],
    ['number', Number.NaN],
    ['Map', new Map([['a', 1]])],
    ['Buffer', Buffer.from('a')],
    ['Symbol', Symbol('a')],
    ['Function', () => 1],
  ])('refuses a %s', (name, value) =>
    expect(() => canonical({ a: [value] })).toThrow(new RegExp(`it holds a ${name}`, 'i')),
  )
})
