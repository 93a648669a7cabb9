import { describe, expect, it } from 'vitest'
import { answerAt, pathOf, userErrorsOf, withAnswer } from '../../src/applications/drafts/answers.rules.js'

describe('userErrorsOf', () => {
  const fault = (keyword: string, params: Record<string, unknown> = {}) => ({ at: '/a', keyword, params })
  const messagesOf = (...faults: ReturnType<typeof fault>[]) =>
    userErrorsOf(faults).map(({ message }) => (message as { en: string }).en)

  it('lists 200 errors at most, and counts the rest', () => {
    const faults = Array.from({ length: 10_000 }, (_, place) => ({ ...fault('format'), at: `/list/${place}` }))
    const userErrors = userErrorsOf(faults)
    expect(userErrors).toHaveLength(201)
    expect(userErrors[0]).toMatchObject({ code: 'INVALID', reason: 'answer.format', field: ['answers', 'list', '0'] })
    expect(userErrors.at(-1)).toMatchObject({ reason: 'answer.many_more', params: { count: '9800' } })
  })

  it('says what to do about a blank answer, a missing confirmation and a telephone number', () => {
    expect(messagesOf(fault('pattern', { pattern: '\\S' }))).toEqual(['An answer is required.'])
    expect(messagesOf(fault('const', { allowedValue: true }))).toEqual(['This must be confirmed.'])
    // Of any country: foreigners apply too.
    expect(messagesOf(fault('format', { format: 'phone' }))[0]).toContain('in the international form')
  })

  it('lists an answer with a wrong format and a wrong pattern once', () => {
    const pattern = fault('pattern', { pattern: '^[A-Z]{7}$' })
    expect(messagesOf(pattern, fault('format', { format: 'fin' }))).toEqual(['A FİN is required.'])
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
})

describe('withAnswer', () => {
  it('puts or removes one answer without changing its input', () => {
    const before = { a: { b: 1, c: 2 }, d: 3 }
    expect(withAnswer(before, ['a', 'b'], 9)).toEqual({ a: { b: 9, c: 2 }, d: 3 })
    expect(withAnswer(before, ['a', 'b'], undefined)).toEqual({ a: { c: 2 }, d: 3 })
    expect(withAnswer({}, ['toString', 'x'], 1)).toEqual({ toString: { x: 1 } })
    expect(before).toEqual({ a: { b: 1, c: 2 }, d: 3 })
  })
})
