import type { SchemaValidateFunction } from 'ajv'
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import { RE2JS } from 're2js'
import { readFin } from '../../shared/identifiers/fin.js'
import { readIban } from '../../shared/identifiers/iban.js'
import { readPhoneNumber } from '../../shared/identifiers/phoneNumber.js'
import { readPostalIndex } from '../../shared/identifiers/postalIndex.js'
import type { Read } from '../../shared/identifiers/reading.js'
import { readVoen } from '../../shared/identifiers/voen.js'
import { FormTooCostly, maxSteps, stepsOf } from './form.cost.js'
import { dialect, ownKeywords } from './form.dialect.js'
import { deepest, FormFault, type FormNode, fieldsOf, inSchema, largestOf } from './form.fields.js'
import { partsOf, unboundFact } from './form.persons.js'

/** In characters. The request body allows twice as many bytes, because non-ASCII letters take two. */
const largestAnswers = 128 * 1024

const regions = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' })
/** Stored form. Input is normalised before it is checked. */
const canonical = (read: (text: string) => Read) => (text: string) => {
  const found = read(text)
  return 'value' in found && found.value === text
}
/** `\s` as in JavaScript, which clients use: RE2 matches fewer spaces. */
const compiledLinear = (pattern: string) =>
  RE2JS.compile(
    pattern.replace(/\[(?:\\.|[^\]\\])*\]|\\./gs, (part) => {
      if (part === '\\S') return `[^${spaces}]`
      return part === '\\s' ? `[${spaces}]` : part.replace(/\\./gs, (sign) => (sign === '\\s' ? spaces : sign))
    }),
  )
const spaces = String.raw`\s\v\p{Z}\x{FEFF}`
/** RE2 matches in linear time. JavaScript's engine backtracks, so a published pattern could block the server. */
const linearly = Object.assign(
  (pattern: string) => {
    const compiled = compiledLinear(pattern)
    // Ajv caches patterns by their text.
    return { test: (text: string) => compiled.test(text), toString: () => pattern }
  },
  { code: 'linearly' },
)
const matches = (pattern: string, text: string) => compiledLinear(pattern).test(text)
const isPattern = (pattern: string) => {
  try {
    return Boolean(new RegExp(pattern, 'u') && compiledLinear(pattern))
  } catch {
    return false // which is what was asked
  }
}

/**
 * Whether a pattern runs in linear time, in RE2 and in clients: no `*`, `+`, `{2,}`, `(…){2}`, look-around, back reference or
 * escape that only JavaScript has. The total of its repetitions is limited, because an engine expands them.
 */
const linear = (pattern: string) => {
  const outside = pattern.replace(/\\\W/g, '.').replace(/\[[^\]]*\]/g, '.')
  const most = [...outside.matchAll(/\{(?:\d+,)?(\d+)\}/g)].map(([, times]) => Number(times))
  const hasEnd = !/[*+]|\{\d+,\}|\)\{|\(\?(?!:)|\\[^dDsSwWpP]/.test(outside) && most.every((times) => times <= 100)
  return hasEnd && most.reduce((sum, times) => sum + times, 0) <= 1000 && isPattern(pattern)
}

const isCountry = (text: string) => /^[A-Z]{2}$/.test(text) && text !== 'ZZ' && regions.of(text) !== undefined
/** The code of ICAO 9303 for a person without citizenship. */
const stateless = 'XXA'

/** Written by hand if the standard format is too lax: a date must exist in the calendar. */
const formats: Record<string, (text: string) => boolean> = {
  fin: canonical(readFin),
  voen: canonical(readVoen),
  iban: canonical(readIban),
  phone: canonical(readPhoneNumber),
  'postal-index': canonical(readPostalIndex),
  email: (text) => /^[^\s@]{1,64}@[^\s@.]{1,63}(\.[^\s@.]{1,63}){1,8}$/.test(text),
  citizenship: (text) => text === stateless || isCountry(text),
  date: (text) => /^\d{4}-\d\d-\d\d$/.test(text) && dayOf(text) === text,
  country: isCountry,
  currency: (text) => Intl.supportedValuesOf('currency').includes(text),
  // Whether the agency exists is checked with the database: `faultsInAgencies`.
  agency: (text) => /^[A-Z][A-Z0-9_-]{1,39}$/.test(text),
  'linear-pattern': linear,
}
const dayOf = (text: string) => {
  const day = new Date(`${text}T00:00:00Z`)
  return Number.isNaN(day.getTime()) ? undefined : day.toISOString().slice(0, 10)
}

// The dialect is narrower than the standard, so the meta-schema need not be checked. This halves the time of a seed.
const options = { strict: true, strictRequired: false, meta: false, validateSchema: false, formats } as const
/** Ajv passes it on as `this`. */
interface Moment {
  today: string | undefined
}
/** The check of `x-date`. Today is both past and future. The format reports a text that is no date. */
const isInTime: SchemaValidateFunction = function (this: Moment, kind: 'past' | 'future', date: unknown): boolean {
  const { today } = this
  if (today === undefined || typeof date !== 'string' || !formats.date?.(date)) return true
  if (kind === 'past' ? date <= today : date >= today) return true
  isInTime.errors = [{ keyword: 'x-date', params: { kind, today, found: date } }]
  return false
}

/** Compiles each part once. Skips code optimisation, which takes half of the time. */
const quickly = { inlineRefs: false, messages: false, code: { regExp: linearly, optimize: false } } as const
let ofDialect: ValidateFunction | undefined

/** Compiles a form. Throws `FormTooCostly` first, then a one-line error with the place that breaks a rule. */
export function compileForm(schema: FormNode): ValidateFunction {
  const steps = stepsOf(schema)
  if (steps > maxSteps) throw new FormTooCostly(steps)
  // The dialect uses features of JSON Schema that strict mode rejects.
  ofDialect ??= new Ajv2020({ ...options, strictTypes: false }).compile(dialect)
  if (!ofDialect(schema)) throw faultOfDialect(ofDialect.errors)
  const fault = faultOf(schema)
  if (fault) throw fault
  return validatorOf(schema)
}

/** Compiles a published form, which was checked before. */
export const validatorOf = (schema: FormNode): ValidateFunction =>
  // A new instance for each form, because an instance keeps everything that it has compiled.
  new Ajv2020({ ...options, ...quickly, allErrors: true, ownProperties: true, passContext: true })
    .addVocabulary(ownKeywords)
    .addKeyword({ keyword: 'x-date', schemaType: 'string', errors: true, validate: isInTime })
    .compile(schema)

function faultOfDialect(errors: ErrorObject[] | null | undefined): FormFault {
  const [error] = errors ?? []
  const { additionalProperty, allowedValue, allowedValues } = error?.params ?? {}
  const more = additionalProperty ?? JSON.stringify(allowedValue ?? allowedValues)
  const path = ['schema', ...(error?.instancePath ?? '').split('/').slice(1).map(unescaped)]
  return new FormFault(path, `it ${error?.message}${more === undefined ? '' : `: ${more}`}`)
}

/** What the dialect cannot express: references between names, and the size of the answers. */
function faultOf(schema: FormNode): FormFault | undefined {
  const fields = fieldsOf(schema)
  const partOf = partsOf(fields)
  for (const field of fields) {
    const { at, node } = field
    if (at.split('/').length > deepest)
      return new FormFault(inSchema(at), `fields may be nested at most ${deepest} deep`)
    const has = (name: string) => Object.hasOwn(node.properties ?? {}, name)
    const unknown = namesIn(node).find((name) => !has(name))
    if (unknown) return new FormFault(inSchema(at), `each name must be one of its properties; got "${unknown}"`)
    const careless = node.allOf?.find(({ then, else: { properties } }) =>
      then?.required.some((name) => !(name in properties)),
    )
    if (careless) return new FormFault(inSchema(at), 'what `then` requires must be false in `else`')
    if (at && !at.endsWith('/*') && !node['x-title']) return new FormFault(inSchema(at), `x-title is required`)
    const unlike = node.examples?.find((example) => !(node.pattern === undefined || matches(node.pattern, example)))
    if (unlike) return new FormFault(inSchema(at), `examples must match the pattern; got "${unlike}"`)
    const subject = node['x-subject']
    if (subject && subject !== 'applicant' && subject !== 'head' && !has(subject))
      return new FormFault(
        inSchema(at),
        `x-subject must be "applicant", "head" or one of its properties; got "${subject}"`,
      )
    for (const keyword of ['x-applicant', 'x-spouse'] as const) {
      const nowhere = node[keyword]?.find(
        (when) => when.at.includes('*') || !fields.some((one) => one.at === when.at && one.leaf),
      )
      if (nowhere) return new FormFault(inSchema(at), `${keyword} must name fields outside lists; got "${nowhere.at}"`)
    }
    // Only a field that names the marriage allows the agency to ask for it.
    if (node['x-spouse'] && !fields.some((one) => one.node['x-registry'] === 'civilStatus.marriage'))
      return new FormFault(inSchema(at), 'x-spouse requires a field with the x-registry civilStatus.marriage')
    const unbound = unboundFact(field, partOf(field))
    if (unbound) return new FormFault(inSchema(at), `x-identity is required here, such as "${unbound}"`)
    const fact = node['x-identity']
    if (fact && node.type !== (fact === 'hasFin' ? 'boolean' : 'string'))
      return new FormFault(inSchema(at), `x-identity "${fact}" does not fit a field of type ${node.type}`)
    const isText = (name: string) =>
      fields.some((field) => field.at === `${at}/${name}` && field.node.type === 'string')
    if (node['x-date'] && node.format !== 'date') return new FormFault(inSchema(at), 'x-date requires the format date')
    const confirms = node['x-confirms']?.find((name) => !isText(name))
    if (confirms)
      return new FormFault(inSchema(at), `x-confirms must name properties that are texts; got "${confirms}"`)
  }
  const largest = largestOf(schema)
  if (largest > largestAnswers)
    return new FormFault(
      ['schema'],
      `answers may have at most ${largestAnswers} characters; these could have ${largest}`,
    )
}

const namesIn = ({ required = [], dependentRequired = {}, allOf = [] }: FormNode): string[] => [
  ...required,
  ...Object.entries(dependentRequired).flat(2),
  ...allOf.flatMap(({ if: test, else: otherwise }) => [
    ...Object.keys(test.properties),
    ...test.required,
    ...Object.keys(otherwise.properties),
  ]),
]

/** One fault in answers: its place, and the keyword of the schema that found it. */
export interface Fault {
  at: string
  keyword: string
  params: Record<string, unknown>
}

/** All faults at once. Empty if the answers are valid. Without `today`, `x-date` is not checked. */
export function faultsIn(validate: ValidateFunction, answers: unknown, today?: string): Fault[] {
  // The form would find the faults of each item: of a hundred thousand empty ones, for seconds.
  const tooLong = listsTooLong(answers, longestListIn(validate))
  if (tooLong.length > 0) return tooLong
  const moment: Moment = { today }
  if (validate.call(moment, answers)) return []
  // Drops errors within a oneOf, which reports them once, and of `if`, which only repeats another error.
  const own = (validate.errors ?? []).filter(
    ({ keyword, schemaPath }) => keyword !== 'if' && !/\/oneOf\/\d+\//.test(schemaPath),
  )
  return own.map(({ instancePath, keyword, params }) => {
    const name = params.missingProperty ?? params.additionalProperty
    return { at: name === undefined ? instancePath : `${instancePath}/${escaped(name)}`, keyword, params }
  })
}
/** The dialect lets no form have longer lists. A form that was not published with it may. */
const longestList = 100
const longestLists = new WeakMap<ValidateFunction, number>()
function longestListIn(validate: ValidateFunction): number {
  const known = longestLists.get(validate)
  if (known !== undefined) return known
  const all = JSON.stringify(validate.schema).matchAll(/"maxItems":(\d+)/g)
  const longest = Math.max(longestList, ...Array.from(all, ([, most]) => Number(most)))
  longestLists.set(validate, longest)
  return longest
}
function listsTooLong(answers: unknown, limit: number, at = ''): Fault[] {
  if (typeof answers !== 'object' || answers === null) return []
  if (Array.isArray(answers) && answers.length > limit) return [{ at, keyword: 'maxItems', params: { limit } }]
  return Object.entries(answers).flatMap(([name, inner]) => listsTooLong(inner, limit, `${at}/${escaped(name)}`))
}
const unescaped = (part: string) => part.replaceAll('~1', '/').replaceAll('~0', '~')
const escaped = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1')

export interface Section {
  name: string
  title: object
  help?: object
  fields: { at: string; widget?: string }[]
}

/** The sections, with the conditions of each field. These come from the schema, so that the two cannot differ. */
export function sectionsOf(schema: FormNode, sections: Section[]) {
  const fields = fieldsOf(schema)
  const entries = sections.flatMap((section) => section.fields)
  const fieldAt = new Map(fields.map((field) => [field.at, field]))
  if (entries.length > fields.length)
    throw new FormFault(['sections'], 'list each field once; more are listed than the schema has')
  const timesAt = new Map<string, number>()
  for (const { at } of entries) timesAt.set(at, (timesAt.get(at) ?? 0) + 1)
  for (const { at, shownWhen } of fields.filter(({ leaf }) => leaf)) {
    const owners = withAncestors(at).filter((place) => timesAt.has(place))
    const times = owners.reduce((sum, place) => sum + (timesAt.get(place) ?? 0), 0)
    if (times !== 1) throw new FormFault(['sections'], `list each field once; ${at} is listed ${times} times`)
    const owner = fieldAt.get(owners[0] ?? '')
    if (shownWhen.length > (owner?.shownWhen.length ?? 0))
      throw new FormFault(['sections'], `list a field that is not always shown by itself; ${at} is within ${owner?.at}`)
  }
  return sections.map((section) => ({
    ...section,
    fields: section.fields.map((entry) => {
      const field = fieldAt.get(entry.at)
      if (!field) throw new FormFault(['sections'], `each place must be one of the schema; got "${entry.at}"`)
      return { ...entry, ...(field.shownWhen.length ? { shownWhen: field.shownWhen } : {}) }
    }),
  }))
}

/** A place and its ancestors. */
function withAncestors(at: string): string[] {
  const parts = at.split('/')
  return parts.map((_, last) => parts.slice(0, last + 1).join('/'))
}
