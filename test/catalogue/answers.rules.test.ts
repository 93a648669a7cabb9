import { describe, expect, it } from 'vitest'
import { answerAt, pathOf, userErrorsOf, withAnswer } from '../../src/catalogue/forms/answers.rules.js'
import type { FormNode } from '../../src/catalogue/forms/form.fields.js'
import { messageIn } from '../../src/shared/messages.js'

describe('userErrorsOf', () => {
  const titled = (en: string) => ({ az: en, en, ru: en })
  const options = (...names: string[]) => names.map((name) => ({ const: name.toUpperCase(), 'x-title': titled(name) }))
  const schema: FormNode = {
    properties: {
      period: { type: 'string', examples: ['2026-03'], 'x-title': titled('Reporting period') },
      speed: { type: 'string', oneOf: options('1 day', '3 days', '10 days'), 'x-title': titled('Speed') },
      agrees: { type: 'boolean', const: true, 'x-title': titled('I agree') },
      country: { type: 'string', oneOf: options(...'abcdefghijklm'), 'x-title': titled('Country') },
      people: {
        type: 'array',
        items: { type: 'object', properties: { fin: { type: 'string', 'x-title': titled('FİN') } } },
        'x-title': titled('People'),
      },
    },
  }
  const fault = (at: string, keyword: string, params: Record<string, unknown> = {}) => ({ at, keyword, params })
  const messagesOf = (...faults: ReturnType<typeof fault>[]) =>
    userErrorsOf(schema, faults).map((mistake) => messageIn('en', mistake))

  it('lists 200 mistakes at most, and counts the rest', () => {
    const faults = Array.from({ length: 10_000 }, (_, place) => fault(`/people/${place}`, 'type', { type: 'object' }))
    const mistakes = userErrorsOf(schema, faults)
    expect(mistakes).toHaveLength(201)
    expect(mistakes[0]).toMatchObject({ code: 'INVALID', reason: 'answer.type', field: ['answers', 'people', '0'] })
    expect(mistakes.at(-1)).toMatchObject({ reason: 'answer.many_more', params: { count: 9800 } })
  })

  it.each([
    ['a missing answer', fault('/period', 'required'), 'Reporting period is required.'],
    ['a blank answer', fault('/period', 'pattern', { pattern: '\\S' }), 'Reporting period cannot be blank.'],
    ['a missing confirmation', fault('/agrees', 'required'), 'Confirm: “I agree”.'],
    ['a confirmation that is false', fault('/agrees', 'const', { allowedValue: true }), 'Confirm: “I agree”.'],
    [
      'another form',
      fault('/period', 'pattern', { pattern: '^[0-9]{4}-[0-9]{2}$' }),
      'Reporting period must look like 2026-03.',
    ],
    ['another option', fault('/speed', 'oneOf'), 'Speed: choose 1 day, 3 days or 10 days.'],
    ['another option of many', fault('/country', 'oneOf'), 'Country: choose one of the 13 options of the form.'],
    // Of any country: foreigners apply too.
    [
      'another telephone number',
      fault('/speed', 'format', { format: 'phone' }),
      'Speed must be a telephone number in international format, such as +994125555555.',
    ],
    [
      'a date that is not yet past',
      fault('/period', 'x-date', { kind: 'past', today: '2026-11-25', found: '2027-01-01' }),
      'Reporting period is 2027-01-01. It must be 2026-11-25 or earlier.',
    ],
    [
      'a date that is past',
      fault('/period', 'x-date', { kind: 'future', today: '2026-11-25', found: '2025-01-01' }),
      'Reporting period is 2025-01-01. It must be 2026-11-25 or later.',
    ],
    ['another type', fault('/people', 'type', { type: 'array' }), 'People must be a list.'],
    ['too much', fault('/people', 'maxItems', { limit: 5 }), 'People must have at most 5 entries.'],
    ['a field of an item', fault('/people/3/fin', 'maxLength', { limit: 7 }), 'FİN must have at most 7 characters.'],
    ['an item', fault('/people/3', 'type', { type: 'object' }), 'People must be a group of answers.'],
    [
      'an unknown field',
      fault('/people/3/pets', 'additionalProperties'),
      'The form has no field pets here. Leave it out.',
    ],
    ['a field that is not asked', fault('/period', 'false schema'), 'The form has no field period here. Leave it out.'],
    ['no answers at all', fault('', 'type', { type: 'object' }), 'The form must be a group of answers.'],
  ])('names the field and what is allowed for %s', (_, wrong, message) => {
    expect(messagesOf(wrong)).toEqual([message])
  })

  it('lists an answer with a wrong format and a wrong pattern once', () => {
    const pattern = fault('/period', 'pattern', { pattern: '^[A-Z]{7}$' })
    expect(messagesOf(pattern, fault('/period', 'format', { format: 'date' }))).toEqual([
      'Reporting period must be a calendar date, such as 2026-03-19.',
    ])
    expect(messagesOf(pattern)).toHaveLength(1)
  })
})

describe('pathOf', () => {
  it('decodes a JSON pointer', () => {
    expect(pathOf('/a~1b/c~0d/0')).toEqual(['a/b', 'c~d', '0'])
  })
})

describe('answerAt', () => {
  it('finds own properties only', () => {
    expect(answerAt({ a: { b: 1 } }, '/a/b')).toBe(1)
    expect(answerAt({ a: { b: 1 } }, '/a/constructor')).toBeUndefined()
  })
  it('finds an item of a list by its index', () => {
    expect(answerAt({ a: [{ b: 1 }, { b: 2 }] }, '/a/1/b')).toBe(2)
    expect(answerAt({ a: [{ b: 1 }] }, '/a/length')).toBeUndefined()
  })
})

describe('withAnswer', () => {
  it('puts or removes one answer without changing its input', () => {
    const before = { a: { b: 1, c: 2 }, d: 3 }
    expect(withAnswer(before, ['a', 'b'], 9)).toEqual({ a: { b: 9, c: 2 }, d: 3 })
    expect(withAnswer(before, ['a', 'b'], undefined)).toEqual({ a: { c: 2 }, d: 3 })
    expect(withAnswer({}, ['toString', 'x'], 1)).toEqual({ toString: { x: 1 } })
    expect(before).toEqual({ a: { b: 1, c: 2 }, d: 3 })
  })
  it('puts an answer into an item of a list', () => {
    const before = { a: [{ b: 1 }, { b: 2, c: 3 }] }
    expect(withAnswer(before, ['a', '1', 'b'], 9)).toEqual({ a: [{ b: 1 }, { b: 9, c: 3 }] })
    expect(withAnswer(before, ['a', '2', 'b'], 9)).toEqual(before)
  })
})
