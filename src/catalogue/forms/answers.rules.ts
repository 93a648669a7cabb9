import type { Reasoned } from '../../engine/say.js'
import type { UserError } from '../../engine/userError.js'
import { invalid, phrase } from '../../shared/userErrors.js'
import { type FormNode, fieldsOf } from './form.fields.js'
import type { Fault } from './form.rules.js'

/** What each format requires. */
const formats: Record<string, Reasoned> = {
  fin: phrase('format.fin'),
  voen: phrase('format.voen'),
  iban: phrase('format.iban'),
  phone: phrase('format.phone'),
  'postal-index': phrase('format.postal_index'),
  email: phrase('format.email'),
  date: phrase('format.date'),
  country: phrase('format.country'),
  citizenship: phrase('format.citizenship'),
  currency: phrase('format.currency'),
  agency: phrase('format.agency'),
}
const types: Record<string, Reasoned> = {
  string: phrase('type.string'),
  integer: phrase('type.integer'),
  boolean: phrase('type.boolean'),
  array: phrase('type.array'),
  object: phrase('type.object'),
}

/** The reason and params for a fault. The label of the field is added later. */
type Wrong = (params: Record<string, unknown>, node: FormNode) => Reasoned
const limit =
  (reason: string): Wrong =>
  ({ limit }) => ({ reason, params: { allowed: Number(limit) } })
const form: Wrong = (_, { examples: [example] = [] }) =>
  example === undefined ? phrase('answer.invalid') : phrase('answer.pattern', { example })
const option: Wrong = (_, { oneOf = [] }) =>
  oneOf.length > maxNamed
    ? phrase('answer.option_of_many', { count: oneOf.length })
    : phrase('answer.option', { allowed: oneOf.map((one) => one['x-title'] ?? one.const) })
/** A message names no more options than this. */
const maxNamed = 12
const expecting = (reason: string, expected: Reasoned | undefined) =>
  expected ? phrase(reason, { expected }) : phrase('answer.invalid')
/** The label of a confirmation is a sentence. */
const missing: Wrong = (_, { const: only }) => phrase(only === true ? 'answer.unconfirmed' : 'answer.missing')
const byKeyword: Record<string, Wrong> = {
  required: missing,
  dependentRequired: missing,
  type: ({ type }) => expecting('answer.type', types[String(type)]),
  format: ({ format }) => expecting('answer.format', formats[String(format)]),
  // Forms use this pattern for texts that must not be blank.
  pattern: (params, node) => (params.pattern === '\\S' ? phrase('answer.blank') : form(params, node)),
  const: ({ allowedValue }) => phrase(allowedValue === true ? 'answer.unconfirmed' : 'answer.invalid'),
  maxLength: limit('answer.too_long'),
  minLength: limit('answer.too_short'),
  maximum: limit('answer.too_much'),
  minimum: limit('answer.too_little'),
  maxItems: limit('answer.too_many'),
  minItems: limit('answer.too_few'),
  uniqueItems: () => phrase('answer.twice'),
  oneOf: option,
  'x-identity': ({ known }, node) => anothers(known as unknown[], node), // from `mismatch`
  'x-date': ({ kind, today, found }) =>
    phrase(kind === 'past' ? 'answer.in_the_future' : 'answer.in_the_past', {
      today: String(today),
      found: String(found),
    }),
}

/** A fault where an answer about a person differs from what sign-in or a registry knows. Empty if they know of none. */
export const mismatch = (at: string, known: readonly unknown[]): Fault => ({
  at,
  keyword: 'x-identity',
  params: { known },
})
const anothers = (known: readonly unknown[], { oneOf = [] }: FormNode): Reasoned => {
  if (known.length === 0) return phrase('answer.has_none')
  const spoken = (value: unknown) => {
    if (typeof value === 'boolean') return phrase(value ? 'answer.yes' : 'answer.no')
    return oneOf.find((one) => one.const === value)?.['x-title'] ?? String(value)
  }
  return phrase('answer.differs', { known: known.map(spoken) })
}

const isMissing = ({ keyword }: Fault) => keyword === 'required' || keyword === 'dependentRequired'
/** Whether the form has no such field. */
export const isUnknown = ({ keyword }: Fault) => keyword === 'additionalProperties'

/** The usual number of errors in one answer. Nobody corrects more at once. */
const maxErrors = 200

interface Errors {
  /** Where the answers are in the input. */
  root?: readonly string[]
  most?: number
}
export function userErrorsOf(
  schema: FormNode,
  all: readonly Fault[],
  { root = ['answers'], most = maxErrors }: Errors = {},
): UserError[] {
  const faults = withoutEchoes(all)
  if (faults.length === 0) return []
  const nodes = new Map(fieldsOf(schema).map(({ at, node }) => [at, node]))
  const userErrors = faults.slice(0, most).map((fault) => userErrorOf(fault, nodes, root))
  return faults.length > most ? [...userErrors, manyMore(faults.length - most, root)] : userErrors
}

function userErrorOf(fault: Fault, nodes: ReadonlyMap<string, FormNode>, root: readonly string[]): UserError {
  const path = pathOf(fault.at)
  const field = [...root, ...path]
  const code = isMissing(fault) ? 'MISSING' : 'INVALID'
  const places = placesOf(path, nodes)
  const node = nodes.get(places.at(-1) ?? '')
  if (!node || unasked.has(fault.keyword))
    return { code, reason: 'answer.unknown', field, params: { name: (path.at(-1) ?? '').slice(0, 60) } }
  const { reason, params } = (byKeyword[fault.keyword] ?? form)(fault.params, node)
  return { code, reason, field, params: { label: labelOf(places, nodes), ...params } }
}
const unasked = new Set(['additionalProperties', 'false schema'])

/** The places of the form along a path, in which * stands for each item of a list. Ends with 'none' if the form has none. */
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

export type Label = Reasoned | NonNullable<FormNode['x-title']>
/** The label of a field of a form, by its path in the answers. */
export function labelAt(schema: FormNode, at: string): Label {
  const nodes = new Map(fieldsOf(schema).map((field) => [field.at, field.node]))
  return labelOf(placesOf(pathOf(at), nodes), nodes)
}

/** The title of the field. An item of a list has none, and takes that of the list. */
const labelOf = (places: readonly string[], nodes: ReadonlyMap<string, FormNode>): Label => {
  const titled = places.filter((place) => nodes.get(place)?.['x-title']).at(-1)
  return nodes.get(titled ?? '')?.['x-title'] ?? phrase('answer.form_as_a_whole')
}

/** Drops a pattern fault beside a format fault, which says the same in words. */
function withoutEchoes(faults: readonly Fault[]): readonly Fault[] {
  const formless = new Set(faults.filter(({ keyword }) => keyword === 'format').map(({ at }) => at))
  return faults.filter(({ at, keyword }) => keyword !== 'pattern' || !formless.has(at))
}
const manyMore = (count: number, field: readonly string[]): UserError => invalid('answer.many_more', field, { count })

/** Decodes a JSON pointer. */
export const pathOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))

type Answers = Record<string, unknown>
const isObject = (value: unknown): value is Answers =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export function answerAt(answers: Answers, pointer: string): unknown {
  return pathOf(pointer).reduce<unknown>((within, name) => {
    if (Array.isArray(within)) return within[Number(name)]
    return isObject(within) && Object.hasOwn(within, name) ? within[name] : undefined
  }, answers)
}

/** Copies the answers with another value at a path, which may lead through lists of objects. Undefined removes it. */
export function withAnswer(answers: Answers, [name, ...rest]: readonly string[], value: unknown): Answers {
  if (name === undefined) return answers
  const { [name]: before, ...others } = answers
  const within = Object.hasOwn(answers, name) ? before : undefined
  const [index, ...below] = rest
  const anew =
    Array.isArray(within) && index !== undefined
      ? within.map((item, place) => (`${place}` === index ? withAnswer(item, below, value) : item))
      : rest.length === 0
        ? value
        : withAnswer(isObject(within) ? within : {}, rest, value)
  return anew === undefined ? others : { ...others, [name]: anew }
}

const deepest = 50
/** Whether a value is JSON of limited depth, without `__proto__`, which has a meaning in JavaScript. */
function isPlainJson(value: unknown, depth = 0): boolean {
  if (depth > deepest) return false
  if (value === null || ['string', 'boolean'].includes(typeof value)) return true
  if (typeof value === 'number') return Number.isFinite(value)
  if (Array.isArray(value)) return value.every((item) => isPlainJson(item, depth + 1))
  if (!isObject(value)) return false
  return Object.entries(value).every(([name, inner]) => name !== '__proto__' && isPlainJson(inner, depth + 1))
}

/** Characters of JSON. The limit of a form is the same. */
const largest = 128 * 1024

/** Checks answers before they are compared with the form. */
export function userErrorsInSize(answers: unknown, root = ['answers']): UserError[] {
  if (!isPlainJson(answers)) return [invalid('answers.not_plain', root, { levels: deepest })]
  return JSON.stringify(answers).length > largest ? [invalid('answers.too_large', root, { most: largest })] : []
}
