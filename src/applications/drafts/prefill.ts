import countries from 'i18n-iso-countries'
import { answerAt, pathOf, withAnswer } from '../../catalogue/forms/answers.rules.js'
import { type Condition, type Field, type FormNode, fieldsOf } from '../../catalogue/forms/form.fields.js'
import { loadFor } from '../../engine/fetch.js'
import { ask } from '../../exchange/registries/ask.js'
import type { Lookup } from '../../exchange/registries/lookup.js'
import { lookups } from '../../exchange/registries/lookups.js'
import { knownOf } from '../../identity/parties/party.repository.js'
import { assuranceErrorOf, type Context } from '../../shared/context.js'
import { needsOf, registryPathOf } from '../needs.rules.js'
import type { Form } from './form.repository.js'

type Answers = Record<string, unknown>
/** The source of a prefilled answer. Registry and message are null if it is sign-in. */
export interface Source {
  registry: string | null
  messageId: string | null
  fetchedAt: string
}
interface Held {
  value: unknown
  source: Source
}
export interface Prefilled {
  /** Sources of the answers that nobody can change, by path. The path of an item in a list has its index. */
  places: Record<string, Source>
  /** Values for questions that the form does not ask with the present answers, by path. */
  waiting?: Record<string, Held>
  /** Codes of registries that have answered. Documents that they replace are not required. */
  answered: string[]
  /** Paths that stay empty because a registry was down. */
  missing: string[]
}
export const nothingPrefilled: Prefilled = { places: {}, answered: [], missing: [] }

interface RegistryAnswer {
  source: Source | null
  record: Answers | null
  /** Whether the registry failed in a way that may pass. */
  down: boolean
}
/** Answers of registries about the applicant, by the names that forms use. */
export type RegistryAnswers = ReadonlyMap<string, RegistryAnswer>

interface Applying {
  serviceCode: string
  /** The agency that handles the application, on whose legal ground the registries are asked. */
  agencyId: string
  partyId: string
  number: string
}

/** Asks the registries that the form and its documents need, if the caller may file for the applicant. */
export async function askRegistries(
  form: Form | undefined,
  documents: readonly string[],
  { serviceCode, agencyId: agency, partyId: party, number: application }: Applying,
  context: Context,
): Promise<RegistryAnswers> {
  if (assuranceErrorOf(context.caller)) return new Map() // the command will be refused
  const names = new Set([
    ...(form ? placesOf(form.schema).map(({ registry }) => registry) : []),
    ...Object.entries(lookups).flatMap(([name, { registry }]) => (documents.includes(registry) ? [name] : [])),
  ])
  const { identifiers } = await loadFor(context, knownOf, party)
  const needs = needsOf(serviceCode, form?.schema, documents)
  const question = { party, purpose: 'APPLICATION', agency, application, needs }
  const asked = [...names].map(async (name): Promise<[string, RegistryAnswer]> => {
    const lookup = lookups[name] as Lookup<Answers> // only known names
    const { record, provenance, unavailable } = await ask(lookup, question, context)
    const source = provenance && {
      registry: lookup.registry,
      messageId: provenance.messageId,
      fetchedAt: provenance.fetchedAt.toISOString(),
    }
    const known = Object.fromEntries(identifiers.map(({ type, value }) => [type.toLowerCase(), value]))
    return [
      name,
      {
        source,
        record: record && { ...known, ...record },
        down: unavailable !== null && !record && isPassing(unavailable.reason),
      },
    ]
  })
  return new Map(await Promise.all(asked))
}
const isPassing = (reason: string) => ['DOWN', 'TIMED_OUT', 'BUSY', 'INVALID_ANSWER'].includes(reason)

interface Place {
  at: string
  node: FormNode
  registry: string
  path: string[]
}
/** Fields that a registry fills with data about the applicant. Lists are not filled. */
function placesOf(schema: FormNode): Place[] {
  const fields = fieldsOf(schema)
  const byPlace = new Map(fields.map((field) => [field.at, field]))
  return fields.flatMap((field) => {
    const known = registryPathOf(field.node)
    const isFilled = known && !field.at.includes('/*') && isOfApplicant(field, byPlace)
    return isFilled ? [{ at: field.at, node: field.node, registry: known.name, path: known.path }] : []
  })
}
/** The nearest enclosing `x-subject` says whose data a field is. Defaults to the applicant. */
function isOfApplicant({ at }: Field, byPlace: ReadonlyMap<string, Field>): boolean {
  const parts = at.split('/')
  for (let length = parts.length; length > 0; length--) {
    const subject = byPlace.get(parts.slice(0, length).join('/'))?.node['x-subject']
    if (subject) return subject === 'applicant'
  }
  return true
}

interface Filled {
  answers: Answers
  prefilled: Prefilled
}

/** Adds new answers of registries to earlier ones, if they are valid in the form. */
export function prefill(answers: Answers, form: Form, fetched: RegistryAnswers, before = nothingPrefilled): Filled {
  const places = placesOf(form.schema)
  const values = places.flatMap(({ at, node, registry, path }): [string, Held][] => {
    const answer = fetched.get(registry)
    const value = answer?.record && asFormsSay(node, answerAt(answer.record, `/${path.join('/')}`))
    return value != null && answer?.source ? [[at, { value, source: answer.source }]] : []
  })
  const faults = form.faultsIn(putting(answers, values)).filter(({ keyword }) => !ofOthers.includes(keyword))
  const isTaken = ([at]: [string, Held]) => !faults.some((fault) => fault.at === at || fault.at.startsWith(`${at}/`))
  const held = { ...heldIn({ answers, prefilled: before }), ...Object.fromEntries(values.filter(isTaken)) }
  const answered = [...fetched.values()].flatMap(({ source, record }) =>
    source?.registry && record ? [source.registry] : [],
  )
  return settled(answers, form, held, {
    answered: [...new Set([...before.answered, ...answered])],
    missing: places.flatMap(({ at, registry }) => (fetched.get(registry)?.down && !held[at] ? [at] : [])),
  })
}
/** Faults of incomplete answers, or of other answers. They do not invalidate a prefilled one. */
const ofOthers = ['required', 'dependentRequired', 'false schema']

/** The answers of a person, with the values of registries restored. */
export const keepingPrefilled = (answers: Answers, form: Form, before: Filled): Filled =>
  settled(answers, form, heldIn(before), before.prefilled)

const heldIn = ({ answers, prefilled: { places, waiting } }: Filled): Record<string, Held> => ({
  ...waiting,
  ...Object.fromEntries(
    Object.entries(places).map(([at, source]) => [at, { value: answerAt(answers, at), source }] as const),
  ),
})

/** Puts in the values that the form asks for, and keeps the rest waiting. Repeats, because values can remove questions. */
function settled(
  answers: Answers,
  form: Form,
  held: Record<string, Held>,
  { answered, missing }: Pick<Prefilled, 'answered' | 'missing'>,
): Filled {
  const isAsked = askedBy(form)
  let asked = Object.entries(held)
  for (;;) {
    const filled = putting(answers, asked)
    const still = asked.filter(([at]) => isAsked(at, filled))
    if (still.length === asked.length) {
      const places = Object.fromEntries(still.map(([at, { source }]) => [at, source]))
      const waiting = Object.fromEntries(Object.entries(held).filter(([at]) => !places[at]))
      return { answers: filled, prefilled: { places, waiting, answered, missing } }
    }
    asked = still
  }
}
const putting = (answers: Answers, values: readonly (readonly [string, Held])[]): Answers =>
  values.reduce((all, [at, { value }]) => withAnswer(all, pathOf(at), value), answers)

/** Whether the form asks a question with these answers. */
export function askedBy({ schema }: Form): (at: string, answers: Answers) => boolean {
  const shown = new Map(fieldsOf(schema).map(({ at, shownWhen }) => [at, shownWhen]))
  const holds = (answers: Answers) => (condition: Condition) =>
    condition.in.some((value) => value === answerAt(answers, condition.at))
  return (at, answers) => shown.get(at)?.every(holds(answers)) ?? false
}

/** Converts a registry's value to the form's: country codes, sexes and parts of an address differ. */
function asFormsSay({ format, oneOf, properties }: FormNode, value: unknown): unknown {
  if (format === 'country' && typeof value === 'string') return countries.alpha3ToAlpha2(value) ?? value
  if (oneOf && typeof value === 'string') return oneOf.find((option) => option.const === value[0])?.const ?? value
  if (properties?.unit && typeof value === 'object' && value !== null && 'region' in value) {
    const { region: unit, postalCode: postalIndex, ...others } = value as Record<string, unknown> // as the lookup returns it
    return Object.fromEntries(Object.entries({ unit, postalIndex, ...others }).filter(([, part]) => part != null))
  }
  return value
}
