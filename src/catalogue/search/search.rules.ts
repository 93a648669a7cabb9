import { fold } from './folding.js'

/** The maximum number of characters in a search text. */
export const longestText = 200
/** The maximum number of words that count. */
export const maxTerms = 12

/** Stop words. They count only in a text without others. */
const noise = new Set(
  fold(`və ya ilə üçün üzrə haqqında barədə dair necə mən mənim bir almaq etmək istəyirəm lazımdır
    a an the of to for in on at by my i me and or with from how get want need do
    и или в во на о об по для с у из за от как мне мой моя мою нужна нужно хочу получить`).split(' '),
)
/** The distinct words of a text. The last word of an unfinished text is kept, even if it is a stop word so far. */
export function termsOf(text: string, { goesOn = false } = {}): string[] {
  const all = [...new Set(fold(text).split(' '))].filter(Boolean)
  const telling = all.filter((word, at) => !noise.has(word) || (goesOn && at === all.length - 1))
  return (telling.length > 0 ? telling : all).slice(0, maxTerms)
}

/** What the index has for a text. */
export interface Candidates {
  /** By term: words that begin like it or resemble it. */
  words: Record<string, string[]>
  /** Synonyms of the terms, or of consecutive ones. */
  synonyms: { said: string; means: string[] }[]
}
/** A query of the full-text index, and its similarity to the term at that position. */
export interface Wanted {
  at: number
  query: string
  similarity: number
  /** Matches, with a higher weight, where the next term follows. */
  beside: string | null
}

const nearest = 16
const leastSimilarity = 0.6

/** For each term, queries for the words that it may stand for. The nearest words have their own query. */
export function wantedOf(terms: string[], { words, synonyms }: Candidates, { goesOn = false } = {}): Wanted[] {
  const near = terms.map((term) => nearWords(term, words[term] ?? []))
  const last = terms.length - 1
  if (goesOn) near[last]?.set(`${terms[last]}:*`, 0.9)
  const wanted = near.flatMap((words, at) =>
    [...groupedBySimilarity(words)].map(([similarity, group]) => ({
      at,
      similarity,
      query: group.join(' | '),
      beside: near[at + 1]?.size ? `(${group.join('|')}) <-> (${[...(near[at + 1] ?? []).keys()].join('|')})` : null,
    })),
  )
  return [...wanted, ...synonyms.flatMap((synonym) => wantedInstead(terms, synonym))]
}

/** Queries for synonyms. Each term of a matched phrase gets one. */
function wantedInstead(terms: string[], { said, means }: Candidates['synonyms'][number]): Wanted[] {
  const words = termsOf(said)
  const query = means.map(startingAlike).join(' | ')
  return terms.flatMap((_, start) => {
    const similarity = Math.min(...words.map((word, at) => similarityOf(terms[start + at] ?? '', word)))
    return similarity < 0.7
      ? []
      : words.map((_, at) => ({ at: start + at, query, similarity: rounded(0.95 * similarity), beside: null }))
  })
}

function nearWords(term: string, words: string[]): Map<string, number> {
  const all = words.map((word): [string, number] => [word, similarityOf(term, word)])
  const near = all.filter(([, similarity]) => similarity >= leastSimilarity)
  return new Map(near.sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).slice(0, nearest))
}
function groupedBySimilarity(words: Map<string, number>) {
  const groups = new Map<number, string[]>()
  for (const [word, similarity] of words) groups.set(similarity, [...(groups.get(similarity) ?? []), word])
  return groups
}
/** Requires all words, with any ending. Words are folded, so they contain no operators. */
const startingAlike = (meaning: string) =>
  `(${meaning
    .split(' ')
    .map((word) => `${word}:*`)
    .join(' & ')})`

/** The likelihood, from 0 to 1, that the typed term means the word. */
export function similarityOf(term: string, word: string): number {
  if (term === word) return 1
  const shared = sharedBeginning(term, word)
  const longer = Math.max(term.length, word.length)
  // All three languages inflect at the end: pasport, pasportu, pasportunun; паспорт, паспорта.
  if (shared === Math.min(term.length, word.length) && shared >= 3)
    return rounded((shared === 3 ? 0.35 : 0.45) + (0.5 * shared) / longer)
  // A stem of two letters with a short ending: ad, adı, adın; ev, evin.
  if (shared === 2 && term.length === 2 && word.length <= 4) return leastSimilarity
  if (shared >= 4 && shared / longer >= 0.5) return rounded(0.45 + (0.45 * shared) / longer)
  if (term.length < 4 || /\d/.test(term)) return 0
  const errors = editsOf(term, word)
  return errors <= (term.length + 1) / 4 ? rounded(0.85 - (0.9 * errors) / term.length) : 0
}
const rounded = (value: number) => Math.round(value * 20) / 20

function sharedBeginning(a: string, b: string): number {
  let length = 0
  while (length < a.length && a[length] === b[length]) length++
  return length
}
// The letters confused most often, by ear or on the keyboard. They count as half an error.
const alike = ['aeiouy', 'gkq', 'cs', 'xh', 'vw', 'zs', 'dt']
const exchange = (a: string, b: string) =>
  a === b ? 0 : alike.some((letters) => letters.includes(a) && letters.includes(b)) ? 0.5 : 1
/** Edit distance with transpositions. Any ending of the word counts as half an error. */
function editsOf(a: string, b: string): number {
  const known = (row: number[] | undefined, at: number) => row?.[at] ?? Number.POSITIVE_INFINITY
  const rows = [Array.from({ length: b.length + 1 }, (_, at) => at)]
  for (const [i, letter] of [...a].entries()) {
    const [above, row] = [rows[i], [i + 1]]
    for (const [j, other] of [...b].entries()) {
      const swapped =
        letter === b[j - 1] && a[i - 1] === other ? known(rows[i - 1], j - 1) + 1 : Number.POSITIVE_INFINITY
      row.push(Math.min(known(above, j + 1) + 1, known(row, j) + 1, known(above, j) + exchange(letter, other), swapped))
    }
    rows.push(row)
  }
  return Math.min(...(rows[a.length] ?? []).map((errors, length) => errors + (length < b.length ? 0.5 : 0)))
}

export interface HighlightPart {
  text: string
  matched: boolean
}
const runs = /[\p{L}\p{M}\p{N}'’ʼ`]+/gu
/** Cuts a text at the ends of its matches, and leaves it unchanged otherwise. */
export function highlighted(text: string, wanted: Wanted[]): HighlightPart[] {
  const queries = wanted.flatMap(({ query }) => query.match(/[a-z0-9]+(:\*)?/g) ?? [])
  const words = new Set(queries)
  const beginnings = queries.filter((query) => query.endsWith(':*')).map((query) => query.slice(0, -2))
  const isMatched = (word: string) => words.has(word) || beginnings.some((beginning) => word.startsWith(beginning))
  const parts: HighlightPart[] = []
  let end = 0
  for (const { 0: run, index } of text.matchAll(runs)) {
    if (!fold(run).split(' ').some(isMatched)) continue
    if (index > end) parts.push({ text: text.slice(end, index), matched: false })
    parts.push({ text: run, matched: true })
    end = index + run.length
  }
  if (end < text.length) parts.push({ text: text.slice(end), matched: false })
  return parts
}
