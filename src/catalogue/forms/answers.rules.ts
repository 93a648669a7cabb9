import type { Param, Reasoned } from '../../engine/say.js'
import type { UserError } from '../../engine/userError.js'
import { invalid, said } from '../../shared/userErrors.js'
import { type FormNode, fieldsOf } from './form.fields.js'
import type { Fault } from './form.rules.js'

/** What a format wants. */
const formats: Record<string, Reasoned> = {
  fin: said('format.fin'),
  voen: said('format.voen'),
  iban: said('format.iban'),
  phone: said('format.phone'),
  'postal-index': said('format.postal_index'),
  email: said('format.email'),
  date: said('format.date'),
  country: said('format.country'),
  currency: said('format.currency'),
}
const types: Record<string, Reasoned> = {
  string: said('type.string'),
  integer: said('type.integer'),
  boolean: said('type.boolean'),
  array: said('type.array'),
  object: said('type.object'),
}

/** What is wrong with an answer, without the label of its field. */
type Wrong = (params: Record<string, unknown>, node: FormNode) => Reasoned
const limit =
  (reason: string): Wrong =>
  ({ limit }) => ({ reason, params: { allowed: Number(limit) } })
const form: Wrong = (_, { examples: [example] = [] }) =>
  example === undefined ? said('answer.unfit') : said('answer.form', { example })
const option: Wrong = (_, { oneOf = [] }) =>
  oneOf.length > mostNamed
    ? said('answer.option_of_many', { count: oneOf.length })
    : said('answer.option', { allowed: oneOf.map((one) => one['x-title'] ?? one.const) })
/** So many options at most are named in a message. */
const mostNamed = 12
const expecting = (reason: string, expected: Reasoned | undefined) =>
  expected ? said(reason, { expected }) : said('answer.unfit')
const byKeyword: Record<string, Wrong> = {
  required: () => said('answer.missing'),
  dependentRequired: () => said('answer.missing'),
  type: ({ type }) => expecting('answer.type', types[String(type)]),
  format: ({ format }) => expecting('answer.format', formats[String(format)]),
  // Of what only has to say something.
  pattern: (params, node) => (params.pattern === '\\S' ? said('answer.blank') : form(params, node)),
  const: ({ allowedValue }) => said(allowedValue === true ? 'answer.unconfirmed' : 'answer.unfit'),
  maxLength: limit('answer.too_long'),
  minLength: limit('answer.too_short'),
  maximum: limit('answer.too_much'),
  minimum: limit('answer.too_little'),
  maxItems: limit('answer.too_many'),
  minItems: limit('answer.too_few'),
  uniqueItems: () => said('answer.twice'),
  oneOf: option,
}

const isMissing = ({ keyword }: Fault) => keyword === 'required' || keyword === 'dependentRequired'
/** What is no answer to any question of the form. */
export const isUnknown = ({ keyword }: Fault) => keyword === 'additionalProperties'

/** So many are told at once: a form has no more places than a person can mend. */
const mostTold = 200

export function userErrorsOf(schema: FormNode, all: readonly Fault[]): UserError[] {
  const faults = withoutEchoes(all)
  if (faults.length === 0) return []
  const nodes = new Map(fieldsOf(schema).map(({ at, node }) => [at, node]))
  const told = faults.slice(0, mostTold).map((fault) => userErrorOf(fault, nodes))
  return faults.length > mostTold ? [...told, manyMore(faults.length - mostTold)] : told
}

function userErrorOf(fault: Fault, nodes: ReadonlyMap<string, FormNode>): UserError {
  const path = pathOf(fault.at)
  const field = ['answers', ...path]
  const code = isMissing(fault) ? 'MISSING' : 'INVALID'
  const places = placesOf(path, nodes)
  const node = nodes.get(places.at(-1) ?? '')
  if (!node || unasked.has(fault.keyword))
    return { code, reason: 'answer.unknown', field, params: { name: (path.at(-1) ?? '').slice(0, 60) } }
  const { reason, params } = (byKeyword[fault.keyword] ?? form)(fault.params, node)
  return { code, reason, field, params: { label: labelOf(places, nodes), ...params } }
}
const unasked = new Set(['additionalProperties', 'false schema'])

/** The places of the form that a path leads through, where * is for each of a list; it ends where the form has none. */
function placesOf(path: readonly string[], nodes: ReadonlyMap<string, FormNode>): string[] {
  const places = ['']
  for (const part of path) {
    const within = places.at(-1)
    const place = [`${within}/${part}`, `${within}/*`].find((one) => nodes.has(one))
    if (place === undefined) return ['none']
    places.push(place)
  }
  return places
}

/** The title of the field; an item of a list has none, and is called as the list is. */
const labelOf = (places: readonly string[], nodes: ReadonlyMap<string, FormNode>): Param => {
  const titled = places.filter((place) => nodes.get(place)?.['x-title']).at(-1)
  return nodes.get(titled ?? '')?.['x-title'] ?? said('answer.form_as_a_whole')
}

/** What is of no format is of no pattern either: the format says it in words. */
function withoutEchoes(faults: readonly Fault[]): readonly Fault[] {
  const formless = new Set(faults.filter(({ keyword }) => keyword === 'format').map(({ at }) => at))
  return faults.filter(({ at, keyword }) => keyword !== 'pattern' || !formless.has(at))
}
const manyMore = (count: number): UserError => ({
  code: 'INVALID',
  reason: 'answer.many_more',
  field: ['answers'],

  params: { count },
})

/** A JSON pointer as the way to a field. */
export const pathOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))

type Answers = Record<string, unknown>
const isObject = (value: unknown): value is Answers =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export function answerAt(answers: Answers, pointer: string): unknown {
  return pathOf(pointer).reduce<unknown>(
    (within, name) => (isObject(within) && Object.hasOwn(within, name) ? within[name] : undefined),
    answers,
  )
}

/** The answers with another at that place, or with none where it is undefined. They are copied as far as they differ. */
export function withAnswer(answers: Answers, [name, ...rest]: readonly string[], value: unknown): Answers {
  if (name === undefined) return answers
  const { [name]: before, ...others } = answers
  const within = Object.hasOwn(answers, name) ? before : undefined
  const anew = rest.length === 0 ? value : withAnswer(isObject(within) ? within : {}, rest, value)
  return anew === undefined ? others : { ...others, [name]: anew }
}

const deepest = 50
/** What is personal of nobody and cannot be an answer: what JSON does not hold, or a name that means more to JavaScript. */
function isPlainJson(value: unknown, depth = 0): boolean {
  if (depth > deepest) return false
  if (value === null || ['string', 'boolean'].includes(typeof value)) return true
  if (typeof value === 'number') return Number.isFinite(value)
  if (Array.isArray(value)) return value.every((item) => isPlainJson(item, depth + 1))
  if (!isObject(value)) return false
  return Object.entries(value).every(([name, inner]) => name !== '__proto__' && isPlainJson(inner, depth + 1))
}

/** Characters, as JSON: as many as a form may have at most. */
const largest = 128 * 1024

/** What can be answers at all. */
export function refusalsOfSize(answers: unknown): UserError[] {
  if (!isPlainJson(answers)) return [notPlain]
  return JSON.stringify(answers).length > largest ? [tooLarge] : []
}
const notPlain = invalid('answers.not_plain', ['answers'], { levels: deepest })
const tooLarge = invalid('answers.too_large', ['answers'], { most: largest })
