import { answerAt } from '../forms/answers.rules.js'
import { type Condition, type Field, type FormNode, fieldsOf } from '../forms/form.fields.js'
import { Audience } from '../services/service.table.js'

/** When a tariff applies. All parts must be met. */
export interface TariffCondition {
  /** The answer at each place must be one of these, as text. */
  answers: { at: string; in: string[] }[]
  /** Null: all. Empty: nobody who applies here. */
  applicants: Audience[] | null
  /** Completed years of the person concerned. */
  age: { from: number | null; below: number | null } | null
}
export interface Conditional {
  code: string
  condition: TariffCondition
}

/** The maximum number of combinations of answers, applicants and ages that the tariffs of a version depend on. */
export const mostCombinations = 1000
/** The maximum number of fees and of terms in a tariff. */
export const mostParts = 5

/** A case that the tariffs of a version distinguish. An answer is null where the form does not ask. */
export interface Combination {
  answers: ReadonlyMap<string, string | null>
  applicant: Audience | null
  /** The least age of its band. */
  age: number | null
}

export type TariffFault =
  | { fault: 'place'; at: string; code: string }
  | { fault: 'option'; at: string; code: string; option: string }
  | { fault: 'birth_date'; at: string }
  | { fault: 'no_birth_date'; code: string }
  | { fault: 'too_many' }
  | { fault: 'gap'; shown: string[] }
  | { fault: 'overlap'; shown: string[]; codes: string[] }

/** What is wrong with the tariffs of a version. Undefined if exactly one fits each application. */
export function faultInTariffs(
  tariffs: readonly Conditional[],
  form: FormNode | undefined,
  birthDates: readonly string[],
): TariffFault | undefined {
  const fields = form ? fieldsOf(form) : []
  const wrong = faultInBirthDates(birthDates, form, fields) ?? tariffs.map(faultOf(fields, birthDates)).find(Boolean)
  if (wrong) return wrong
  const combinations = combinationsOf(tariffs, form)
  if (!combinations) return { fault: 'too_many' }
  for (const combination of combinations) {
    const fitting = tariffs.filter(({ condition }) => fits(condition, combination))
    if (fitting.length === 0) return { fault: 'gap', shown: shownOf(combination) }
    if (fitting.length > 1)
      return { fault: 'overlap', shown: shownOf(combination), codes: fitting.map(({ code }) => code) }
  }
}

const faultOf =
  (fields: readonly Field[], birthDates: readonly string[]) =>
  ({ code, condition: { answers, age } }: Conditional): TariffFault | undefined => {
    if (age && birthDates.length === 0) return { fault: 'no_birth_date', code }
    for (const { at, in: options } of answers) {
      const known = optionsAt(fields, at)
      if (!known) return { fault: 'place', at, code }
      const option = options.find((one) => !known.includes(one))
      if (option !== undefined) return { fault: 'option', at, code, option }
    }
  }

/** A date of birth must be known, whatever is answered: the last place is always asked. */
function faultInBirthDates(
  places: readonly string[],
  form: FormNode | undefined,
  fields: readonly Field[],
): TariffFault | undefined {
  const isDate = (at: string) => !at.includes('*') && fields.some((one) => one.at === at && one.node.format === 'date')
  const unlike = places.find((at) => !isDate(at))
  if (unlike !== undefined) return { fault: 'birth_date', at: unlike }
  const last = places.at(-1)
  const field = fields.find(({ at }) => at === last)
  if (form && field && (field.shownWhen.length > 0 || !isRequired(form, fields, field.at)))
    return { fault: 'birth_date', at: field.at }
}

/** The options of a question outside lists, as text. Undefined if it is not one of options or of yes or no. */
function optionsAt(fields: readonly Field[], at: string): string[] | undefined {
  const node = fields.find((field) => field.at === at)?.node
  if (!node || at.includes('*')) return undefined
  if (node.oneOf) return node.oneOf.map((option) => option.const)
  if (node.type !== 'boolean') return undefined
  return 'const' in node ? [String(node.const)] : ['true', 'false']
}

/** Whether a place must be answered where the form asks it. */
function isRequired(form: FormNode, fields: readonly Field[], at: string): boolean {
  const steps = at.split('/').slice(1)
  return steps.every((name, index) => {
    const parent = index === 0 ? form : fields.find((one) => one.at === `/${steps.slice(0, index).join('/')}`)?.node
    return [parent?.required, ...(parent?.allOf ?? []).map(({ then }) => then?.required)].some((names) =>
      names?.includes(name),
    )
  })
}

interface Question {
  at: string
  options: string[]
  shownWhen: readonly Condition[]
  isRequired: boolean
}

/** The questions that these places depend on, each after those that decide whether it is asked. */
function questionsOf(form: FormNode | undefined, places: readonly string[]): Question[] {
  if (!form) return []
  const fields = fieldsOf(form)
  const found = new Map<string, Question>()
  const visit = (at: string): void => {
    const options = optionsAt(fields, at)
    if (found.has(at) || !options) return
    const { shownWhen = [] } = fields.find((field) => field.at === at) ?? {}
    for (const condition of shownWhen) visit(condition.at)
    found.set(at, { at, options, shownWhen, isRequired: isRequired(form, fields, at) })
  }
  for (const at of places) visit(at)
  return [...found.values()]
}

/** All cases that the tariffs distinguish. Undefined if there are too many. */
export function combinationsOf(
  tariffs: readonly Conditional[],
  form: FormNode | undefined,
): readonly Combination[] | undefined {
  const conditions = tariffs.map(({ condition }) => condition)
  const questions = questionsOf(form, [...new Set(conditions.flatMap(({ answers }) => answers.map(({ at }) => at)))])
  const bounds = conditions.flatMap(({ age }) => (age ? [0, age.from ?? 0, age.below ?? 0] : []))
  const ages = bounds.length > 0 ? [...new Set(bounds)].sort((one, other) => one - other) : [null]
  const distinguishes = conditions.some(({ applicants }) => applicants && applicants.length > 0)
  const applicants = distinguishes ? Object.values(Audience) : [null]
  let answered: ReadonlyMap<string, string | null>[] = [new Map()]
  for (const question of questions) {
    answered = answered.flatMap((before) =>
      valuesOf(question, before).map((value) => new Map([...before, [question.at, value]])),
    )
    if (answered.length * ages.length * applicants.length > mostCombinations) return undefined
  }
  return answered.flatMap((answers) =>
    ages.flatMap((age) => applicants.map((applicant) => ({ answers, applicant, age }))),
  )
}

/** Null where the form does not ask, or need not be answered. */
function valuesOf({ options, shownWhen, isRequired }: Question, before: ReadonlyMap<string, string | null>) {
  const tests = shownWhen.map(({ at, in: values }) => {
    const value = before.get(at)
    return value === undefined ? undefined : value !== null && values.map(String).includes(value)
  })
  if (tests.includes(false)) return [null]
  return isRequired && !tests.includes(undefined) ? options : [...options, null]
}

function fits({ answers, applicants, age }: TariffCondition, one: Combination): boolean {
  const isAnswered = answers.every(({ at, in: options }) => {
    const value = one.answers.get(at)
    return value != null && options.includes(value)
  })
  const isTheirs = applicants === null || (one.applicant !== null && applicants.includes(one.applicant))
  const isAged = !age || (one.age !== null && one.age >= (age.from ?? 0) && one.age < (age.below ?? Infinity))
  return isAnswered && isTheirs && isAged
}

const shownOf = ({ answers, applicant, age }: Combination): string[] => [
  ...Array.from(answers, ([at, value]) => `${at} = ${value ?? '-'}`),
  ...(applicant ? [`applicant = ${applicant}`] : []),
  ...(age === null ? [] : [`age = ${age}`]),
]

/** What is known about an application. */
export interface Situation {
  answers: Record<string, unknown>
  /** Undefined if it is not known. */
  applicant: Audience | undefined
  today: string
  /** Whether a question without an answer stays without one. */
  isComplete: boolean
}

/** The tariffs that are possible, whatever is still unknown. Exactly one for a complete application. */
export function possibleTariffs<One extends Conditional>(
  tariffs: readonly One[],
  form: FormNode | undefined,
  birthDates: readonly string[],
  { answers, applicant, today, isComplete }: Situation,
): One[] {
  const born = birthDateIn(answers, birthDates, isComplete ? undefined : form)
  const age = born === undefined ? undefined : yearsBetween(born, today)
  const combinations = combinationsOf(tariffs, form) ?? []
  const bands = combinations.flatMap((one) => one.age ?? [])
  const band = age === undefined ? undefined : Math.max(...bands.filter((from) => from <= age))
  const isKnown = (one: Combination) =>
    [...one.answers].every(([at, value]) => {
      const given = answerAt(answers, at)
      return given === undefined ? !isComplete || value === null : String(given) === value
    }) &&
    (applicant === undefined || one.applicant === null || one.applicant === applicant) &&
    (band === undefined || one.age === null || one.age === band)
  const possible = combinations.filter(isKnown)
  return tariffs.filter(({ condition }) => possible.some((one) => fits(condition, one)))
}

/**
 * The date of birth of the person concerned: the first that is answered. Undefined if one before it may still be answered,
 * by the form of an application that is not complete.
 */
function birthDateIn(
  answers: Record<string, unknown>,
  places: readonly string[],
  form: FormNode | undefined,
): string | undefined {
  const fields = form ? fieldsOf(form) : []
  for (const place of places) {
    const born = answerAt(answers, place)
    if (typeof born === 'string' && /^\d{4}-\d\d-\d\d$/.test(born)) return born
    const { shownWhen = [] } = fields.find(({ at }) => at === place) ?? {}
    const isHidden = shownWhen.some((test) => {
      const given = answerAt(answers, test.at)
      return given !== undefined && !test.in.some((value) => value === given)
    })
    if (form && !isHidden) return undefined
  }
}

/** Completed years. */
const yearsBetween = (born: string, today: string): number =>
  Math.max(0, Number(today.slice(0, 4)) - Number(born.slice(0, 4)) - (today.slice(5) < born.slice(5) ? 1 : 0))
