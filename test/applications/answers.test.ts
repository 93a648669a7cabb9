import { describe, expect, it } from 'vitest'
import { answerAt, mistakesOf, pathOf, withAnswer } from '../../src/applications/answers.rules.js'
import { applyingOf } from '../support/applying.js'
import { as } from '../support/tokens.js'

const { ask } = await applyingOf()

describe('Faults of answers', () => {
  it('of which there are ten thousand are told as far as a person can mend them, and how many more there are', () => {
    const faults = Array.from({ length: 10_000 }, (_, place) => ({
      at: `/list/${place}`,
      keyword: 'format',
      params: {},
    }))
    const told = mistakesOf(faults)
    expect(told).toHaveLength(201)
    expect(told[0]).toMatchObject({ code: 'INVALID', reason: 'answer.format', field: ['answers', 'list', '0'] })
    expect(told.at(-1)).toMatchObject({ reason: 'answer.many_more', params: { count: '9800' } })
  })

  it('stand where the answers do, whatever their names are', () => {
    expect(pathOf('/a~1b/c~0d/0')).toEqual(['a/b', 'c~d', '0'])
  })
})

describe('A fault', () => {
  const fault = (keyword: string, params: Record<string, unknown> = {}) => ({ at: '/a', keyword, params })
  const said = (...faults: ReturnType<typeof fault>[]) =>
    mistakesOf(faults).map(({ message }) => (message as { en: string }).en)

  it('is told in words that say what to do: of what is blank, not confirmed, or a telephone', () => {
    expect(said(fault('pattern', { pattern: '\\S' }))).toEqual(['An answer is required.'])
    expect(said(fault('const', { allowedValue: true }))).toEqual(['This must be confirmed.'])
    // Of any country: foreigners apply too.
    expect(said(fault('format', { format: 'phone' }))[0]).toContain('in the international form')
  })

  it('is told once', () => {
    const both = [fault('pattern', { pattern: '^[A-Z]{7}$' }), fault('format', { format: 'fin' })]
    expect(said(...both)).toEqual(['A FİN is required.'])
    expect(said(fault('pattern', { pattern: '^[A-Z]{7}$' }))).toHaveLength(1)
  })
})

describe('Answers', () => {
  it('of a megabyte are refused before anything is read of them', async () => {
    const { errors } = await ask('mutation ($input: SaveDraftInput!) { saveDraft(input: $input) { replayed } }', {
      headers: await as('citizen'),
      variables: { input: { application: 'x', revision: 1, answers: { text: 'x'.repeat(1_000_000) } } },
    })
    expect(errors?.[0]?.extensions.code).toBe('TOO_COSTLY')
  })

  it('are read and put by their own places alone', () => {
    expect(answerAt({ a: { b: 1 } }, '/a/b')).toBe(1)
    expect(answerAt({ a: { b: 1 } }, '/a/constructor')).toBeUndefined()
    const before = { a: { b: 1, c: 2 }, d: 3 }
    expect(withAnswer(before, ['a', 'b'], 9)).toEqual({ a: { b: 9, c: 2 }, d: 3 })
    expect(withAnswer(before, ['a', 'b'], undefined)).toEqual({ a: { c: 2 }, d: 3 })
    expect(withAnswer({}, ['toString', 'x'], 1)).toEqual({ toString: { x: 1 } })
    expect(before).toEqual({ a: { b: 1, c: 2 }, d: 3 })
  })
})
