import { answerAt, mismatch, pathOf, withAnswer } from '../../catalogue/forms/answers.rules.js'
import { type Condition, type FormNode, fieldsOf } from '../../catalogue/forms/form.fields.js'
import { meets, type Part, partsOf } from '../../catalogue/forms/form.persons.js'
import type { Form } from '../../catalogue/forms/form.repository.js'
import type { Fault } from '../../catalogue/forms/form.rules.js'
import type { Question } from '../../exchange/consents/accessBasis.repository.js'
import { ask } from '../../exchange/registries/ask.js'
import type { CivilStatusRecord } from '../../exchange/registries/civilStatus.js'
import type { Lookup } from '../../exchange/registries/lookup.js'
import { lookups } from '../../exchange/registries/lookups.js'
import { assuranceErrorOf, type Context } from '../../shared/context.js'
import { needsOf, registryPathOf } from '../needs.rules.js'
import {
  type Bounds,
  boundsIn,
  type Identity,
  mismatchesIn,
  type Persons,
  type Source,
  spouseIn,
} from './identity.rules.js'
import { asFormsSay, recordValue } from './recordValue.rules.js'

type Answers = Record<string, unknown>
export interface Held {
  value: unknown
  source: Source
}
interface Entry extends Held {
  at: string
  /** Answers with which the form asks for it. */
  when: readonly Condition[]
}
/** An answer that a person gave because a registry was down. */
export interface Declared {
  registry: string
  declaredAt: string
  /** What the registry answered later, if it differs. The value is null if the registry knows none. */
  found?: Held
  /** Set if an officer accepted the answer. */
  accepted?: { at: string; reason: string }
}
export interface Prefilled {
  /** Sources of the answers that nobody can change, by path. The path of an item in a list has its index. */
  places: Record<string, Source>
  /** Values for questions that the form does not ask with the present answers, by path. */
  waiting?: Record<string, Held>
  /** The spouse in the applicant's marriage record, whether the answers name a spouse or not. */
  spouse?: Identity
  /** Codes of registries that have answered. Documents that they replace are not required. */
  answered: string[]
  /** Paths that stay empty because a registry was down. */
  missing: string[]
  /** Answers at those paths when they were submitted, by path. Their sources are added when the registry confirms them. */
  declared?: Record<string, Declared>
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
  /** The only part of the form that is about the party. Defaults to the parts about the applicant. */
  own?: string
}

/** Asks the registries that the form and its documents need, if the caller may file for the applicant. */
export async function askRegistries(
  form: Form | undefined,
  documents: readonly string[],
  { serviceCode, agencyId: agency, partyId: party, number: application, own }: Applying,
  context: Context,
): Promise<RegistryAnswers> {
  if (assuranceErrorOf(context.caller)) return new Map() // the command will be refused
  const names = new Set([
    ...(form ? placesOf(form.schema, own).map(({ registry }) => registry) : []),
    ...Object.entries(lookups).flatMap(([name, { registry }]) => (documents.includes(registry) ? [name] : [])),
  ])
  const needs = needsOf(serviceCode, form?.schema, documents)
  return await askAbout(names, { party, purpose: 'APPLICATION', agency, application, needs }, context)
}

/** Asks registries about a party, by the names that forms use. */
export async function askAbout(
  names: ReadonlySet<string>,
  question: Question,
  context: Context,
): Promise<RegistryAnswers> {
  const asked = [...names].map(async (name): Promise<[string, RegistryAnswer]> => {
    const lookup = lookupOf(name)
    const { record, provenance, unavailable } = await ask(lookup, question, context)
    const source = provenance && {
      registry: lookup.registry,
      messageId: provenance.messageId,
      fetchedAt: provenance.fetchedAt.toISOString(),
    }
    return [
      name,
      {
        source,
        record,
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
  /** Answers with which the form asks it about the applicant. */
  when: readonly Condition[]
}
/** Fields that a registry fills with data about the applicant, or only those of the `own` part. Lists are not filled. */
function placesOf(schema: FormNode, own?: string): Place[] {
  const fields = fieldsOf(schema)
  const partOf = partsOf(fields)
  return fields.flatMap((field) => {
    const { at, node, shownWhen } = field
    const known = registryPathOf(node)
    if (!known || at.includes('/*')) return []
    const part = partOf(field)
    const whens = own === undefined ? applicantWhen(part, known.name) : part.at === own ? [] : undefined
    return whens ? [{ at, node, registry: known.name, path: known.path, when: [...shownWhen, ...whens] }] : []
  })
}

/** The answers with which a registry is asked about the applicant for a part. Undefined if it never is. */
const applicantWhen = ({ subject, applicantWhen }: Part, registry: string): readonly Condition[] | undefined =>
  subject === 'applicant' || (subject === 'head' && registry === 'companies') ? [] : applicantWhen

/** The registries that fill in these fields: by the name that forms use, and the code. */
export const registriesAt = ({ schema }: Form, paths: readonly string[], own?: string) =>
  placesOf(schema, own)
    .filter(({ at }) => paths.includes(at))
    .map(({ at, registry: name }) => ({ at, name, code: lookupOf(name).registry }))
const lookupOf = (name: string) => lookups[name] as Lookup<Answers> // forms use known names only

/** What registries answered for the fields of a form. The value is null if a registry knows none. */
export const heardFor = ({ schema }: Form, fetched: RegistryAnswers, own?: string): (Held & { at: string })[] =>
  placesOf(schema, own).flatMap(({ at, node, registry, path }) => {
    const { record, source } = fetched.get(registry) ?? {}
    const value = record ? recordValue(node, record, path) : null
    return source ? [{ at, value: value ?? null, source }] : []
  })

export interface Filled {
  answers: Answers
  prefilled: Prefilled
}
/** What is known about the persons in a form. */
export interface Known {
  persons: Persons
  /** The only part that is about `persons.applicant`. Defaults to the parts about the applicant. */
  own?: string
}

/** Adds new answers of registries, and what sign-in knows, to earlier ones, if they are valid in the form. */
export function prefill(
  answers: Answers,
  form: Form,
  fetched: RegistryAnswers,
  known: Known,
  before = nothingPrefilled,
): Filled {
  const values = heardFor(form, fetched, known.own).filter(({ value }) => value !== null)
  const anew = validIn(form, answers, values).map(({ at, ...one }) => [at, one] as const)
  const held = { ...heldIn({ answers, prefilled: before }, form, known), ...Object.fromEntries(anew) }
  const { record, source } = fetched.get('civilStatus') ?? {}
  // The look-up reads no other records.
  const marriage = record && (record as CivilStatusRecord).marriage
  const answered = [...fetched.values()].flatMap(({ source, record }) =>
    source?.registry && record ? [source.registry] : [],
  )
  return settled(answers, form, held, known, {
    spouse: record && source ? spouseIn(marriage, known.persons.applicant.fins, source) : before.spouse,
    answered: [...new Set([...before.answered, ...answered])],
    missing: placesOf(form.schema, known.own).flatMap(({ at, registry }) => (fetched.get(registry)?.down ? [at] : [])),
  })
}

function validIn<One extends Pick<Entry, 'at' | 'value'>>(form: Form, answers: Answers, values: One[]): One[] {
  const faults = form.faultsIn(putting(answers, values)).filter(({ keyword }) => !ofOthers.includes(keyword))
  return values.filter(({ at }) => !faults.some((fault) => fault.at === at || fault.at.startsWith(`${at}/`)))
}
/** Faults of incomplete answers, or of other answers. They do not invalidate a prefilled one. */
const ofOthers = ['required', 'dependentRequired', 'false schema']

/** The answers of a person, with missing values of registries and sign-in put in, and the faults where they differ from these. */
export function keepingPrefilled(
  given: Answers,
  form: Form,
  before: Filled,
  known: Known,
): Filled & { mismatches: Fault[] } {
  const filled = settled(given, form, heldIn(before, form, known), known, before.prefilled)
  return { ...filled, mismatches: mismatchesOf(given, form, filled, known) }
}

/** Where answers differ from what registries and sign-in know. */
export function mismatchesOf(given: Answers, form: Form, filled: Filled, known: Known): Fault[] {
  const places = Object.entries(filled.prefilled.places).flatMap(([at, { registry }]) => (registry ? [at] : []))
  const isSettled = (at: string) => places.some((place) => at === place || at.startsWith(`${place}/`))
  return [
    ...places.flatMap((at) => differences(at, answerAt(given, at), answerAt(filled.answers, at))),
    ...mismatchesIn(given, filled.answers, boundsOf(filled.answers, form, known, filled.prefilled), isSettled),
  ]
}

function differences(at: string, given: unknown, known: unknown): Fault[] {
  if (given === undefined || given === known) return []
  if (!isObject(given) || !isObject(known)) return [mismatch(at, known === undefined ? [] : [known])]
  return Object.keys(given).flatMap((name) => differences(`${at}/${name}`, given[name], known[name]))
}
const isObject = (value: unknown): value is Answers => typeof value === 'object' && value !== null

/** What sign-in and the marriage record allow, in the terms of the form. They do not bind to a value that the form cannot take. */
function boundsOf(
  answers: Answers,
  form: Form,
  { persons, own }: Known,
  { spouse }: Pick<Prefilled, 'spouse'>,
): Bounds {
  const { values, names } = boundsIn(form.schema, answers, { ...persons, spouse }, own)
  const said = values.map(({ allowed, ...bound }) => ({
    ...bound,
    allowed: allowed.map((value) => asFormsSay(bound.node, value)),
  }))
  const valid = new Set(validIn(form, answers, filling({ values: said, names })).map(({ at }) => at))
  return { values: said.filter(({ at, allowed }) => allowed.length !== 1 || valid.has(at)), names }
}
/** Values to put in: those of places for which only one is allowed. */
const filling = ({ values }: Bounds): Entry[] =>
  values.flatMap(({ at, when, source, allowed: [value, ...others] }) =>
    value === undefined || others.length > 0 ? [] : [{ at, when, value, source }],
  )

/** Values of the registries that the fields name. Those of sign-in and the marriage record are bound again each time. */
function heldIn({ answers, prefilled: { places, waiting } }: Filled, { schema }: Form, { own }: Known) {
  const codes = new Map(placesOf(schema, own).map(({ at, registry }) => [at, lookupOf(registry).registry]))
  const held: Record<string, Held> = Object.fromEntries(
    Object.entries(places)
      .filter(([at, { registry }]) => registry === codes.get(at))
      .map(([at, source]) => [at, { value: answerAt(answers, at), source }]),
  )
  return { ...waiting, ...held }
}

/** Puts in the values that the form asks for, and keeps the rest waiting. Repeats, because values can remove questions. */
function settled(
  answers: Answers,
  form: Form,
  held: Record<string, Held>,
  known: Known,
  { missing, ...others }: Omit<Prefilled, 'places' | 'waiting'>,
): Filled {
  const whens = new Map(placesOf(form.schema, known.own).map(({ at, when }) => [at, when]))
  const ofRegistries = Object.entries(held).flatMap(([at, one]): Entry[] => {
    const when = whens.get(at)
    return when ? [{ at, when, ...one }] : []
  })
  // Registries come last, because they outweigh sign-in.
  let asked = [...filling(boundsOf(answers, form, known, others)), ...ofRegistries]
  for (;;) {
    const filled = putting(answers, asked)
    const still = asked.filter(({ at, when }) => meets(when, at, filled))
    if (still.length === asked.length) {
      const places = Object.fromEntries(still.map(({ at, source }) => [at, source]))
      const waiting = Object.fromEntries(Object.entries(held).filter(([at, { source }]) => places[at] !== source))
      const unknown = missing.filter((at) => !held[at] && !places[at])
      return { answers: filled, prefilled: { ...others, places, waiting, missing: unknown } }
    }
    asked = still
  }
}
const putting = (answers: Answers, values: readonly Pick<Entry, 'at' | 'value'>[]): Answers =>
  values.reduce((all, { at, value }) => withAnswer(all, pathOf(at), value), answers)

/** Whether the form asks the applicant a question that a registry can answer. */
export function askedBy({ schema }: Form): (at: string, answers: Answers) => boolean {
  const whens = new Map(placesOf(schema).map(({ at, when }) => [at, when]))
  return (at, answers) => {
    const when = whens.get(at)
    return when !== undefined && meets(when, at, answers)
  }
}
