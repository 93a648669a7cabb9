import { describe, expect, it } from 'vitest'
import { highlighted, similarityOf, termsOf, wantedOf } from '../../src/catalogue/search/search.rules.js'

describe('termsOf', () => {
  it.each([
    ['Şəxsiyyət  vəsiqəsi, vəsiqəsi!', ['sexsiyyet', 'vesiqesi']],
    ['issue of the passport', ['issue', 'passport']],
    ['of the', ['of', 'the']],
    ['a b c d e f g h j k l m n o p', ['b', 'c', 'd', 'e', 'f', 'g', 'h', 'j', 'k', 'l', 'm', 'n']],
    ['', []],
  ])('reads the terms of "%s"', (text, terms) => expect(termsOf(text)).toEqual(terms))

  it('keeps a last word that is still being typed, and drops earlier stop words', () => {
    expect(termsOf('issue of', { goesOn: true })).toEqual(['issue', 'of'])
    expect(termsOf('of issue', { goesOn: true })).toEqual(['issue'])
  })
})

describe('similarityOf', () => {
  it.each([
    ['pasport', 'pasport'],
    ['pasport', 'pasportunun'],
    ['pasportumu', 'pasport'],
    ['vesiqeni', 'vesiqesinin'],
    ['pasprot', 'pasport'],
    ['pasaport', 'pasportunun'],
    ['vatandasliq', 'vetendasliga'],
    ['shtraf', 'straf'],
    ['licnse', 'licence'],
    ['ad', 'adin'],
  ])('matches %s with %s', (term, word) => expect(similarityOf(term, word)).toBeGreaterThanOrEqual(0.6))

  it.each([
    ['pasport', 'transport'],
    ['viza', 'visit'],
    ['tax', 'taksi'],
    ['1', '12'],
    ['2026', '2025'],
    ['ev', 'evlenmek'],
  ])('does not match %s with %s', (term, word) => expect(similarityOf(term, word)).toBeLessThan(0.6))

  it('ranks the same word before another form of it, and that before a typing error', () => {
    const [same, form, error] = ['pasport', 'pasportu', 'pasprot'].map((word) => similarityOf('pasport', word))
    expect([same, same! > form!, form! > error!]).toEqual([1, true, true])
  })
})

describe('wantedOf', () => {
  const words = { qara: ['qara', 'qaraj'], dag: ['dag'] }
  it('wants the words near each term, preferably beside the next term', () => {
    expect(wantedOf(['qara', 'dag'], { words, synonyms: [] })).toEqual([
      { at: 0, similarity: 1, query: 'qara', beside: '(qara) <-> (dag)' },
      { at: 0, similarity: 0.85, query: 'qaraj', beside: '(qaraj) <-> (dag)' },
      { at: 1, similarity: 1, query: 'dag', beside: null },
    ])
  })

  it('wants synonyms of consecutive terms', () => {
    const synonyms = [{ said: 'qara dag', means: ['yol polis', 'dyp'] }]
    const instead = wantedOf(['qara', 'dag', 'x'], { words: {}, synonyms })
    const query = '(yol:* & polis:*) | (dyp:*)'
    expect(instead).toEqual([0, 1].map((at) => ({ at, similarity: 0.95, query, beside: null })))
    expect(wantedOf(['dag', 'qara'], { words: {}, synonyms })).toEqual([])
  })
})

describe('highlighted', () => {
  it('marks the matching words and keeps the text unchanged', () => {
    const wanted = [{ at: 0, similarity: 1, query: '(vesiqesi | pas:*)', beside: null }]
    const text = '«VƏSİQƏSİ» — pasportlar, vəsiqə; vəsiqəsi'
    const parts = highlighted(text, wanted)
    expect(parts.map(({ text }) => text).join('')).toBe(text)
    expect(parts.filter(({ matched }) => matched).map(({ text }) => text)).toEqual([
      'VƏSİQƏSİ',
      'pasportlar',
      'vəsiqəsi',
    ])
    expect(highlighted('', wanted)).toEqual([])
  })
})
