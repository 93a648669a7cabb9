import canonicalize from 'canonicalize'
import { answerAt } from '../../catalogue/forms/answers.rules.js'
import type { Form } from '../../catalogue/forms/form.repository.js'
import {
  askedBy,
  type Declared,
  type Filled,
  heardFor,
  type Prefilled,
  type RegistryAnswers,
  registriesAt,
} from '../drafts/prefill.js'

/** Marks the answers that a person gave because a registry was down. Unchanged answers keep the marks they had before. */
export function declaring({ answers, prefilled }: Filled, form: Form, at: Date, before?: Filled): Prefilled {
  const isAsked = askedBy(form)
  const known = before?.prefilled.declared ?? {}
  const given = [...prefilled.missing, ...Object.keys(known)].filter(
    (path) => answerAt(answers, path) !== undefined && isAsked(path, answers),
  )
  const marked = registriesAt(form, given).map(({ at: path, code }): [string, Declared] => {
    const earlier = known[path]
    const isSame = before && isEqual(answerAt(before.answers, path), answerAt(answers, path))
    return [path, earlier && isSame ? earlier : { registry: code, declaredAt: at.toISOString() }]
  })
  return { ...prefilled, declared: Object.fromEntries(marked) }
}

/** Paths of declared answers that neither a registry has confirmed nor an officer accepted. */
export const unsettledIn = ({ declared = {}, places }: Prefilled): string[] =>
  Object.entries(declared).flatMap(([path, { accepted }]) => (accepted || places[path] ? [] : [path]))

/** Those of them on which no registry has answered yet. */
export const unansweredIn = (prefilled: Prefilled): [path: string, declared: Declared][] =>
  Object.entries(prefilled.declared ?? {}).filter(
    ([path, { found }]) => !found && unsettledIn(prefilled).includes(path),
  )

interface Heard {
  prefilled: Prefilled
  /** Whether a registry confirmed an answer. */
  confirmed: boolean
  /** Whether a registry has another value than an answer. */
  disputed: boolean
}
/**
 * What registries say about declared answers: about those of the applicant, or of the `own` part. An equal answer becomes an
 * answer of the registry.
 */
export function hearing({ answers, prefilled }: Filled, form: Form, fetched: RegistryAnswers, own?: string): Heard {
  const heard = new Map(heardFor(form, fetched, own).map(({ at, ...held }) => [at, held]))
  const answered = unansweredIn(prefilled).flatMap(([path, declared]) => {
    const found = heard.get(path)
    return found ? [{ path, declared, found, isSame: isEqual(found.value, answerAt(answers, path)) }] : []
  })
  const same = answered.filter(({ isSame }) => isSame).map(({ path, found }) => [path, found.source] as const)
  const other = answered
    .filter(({ isSame }) => !isSame)
    .map(({ path, declared, found }) => [path, { ...declared, found }] as const)
  const places = { ...prefilled.places, ...Object.fromEntries(same) }
  const declared = { ...prefilled.declared, ...Object.fromEntries(other) }
  return { prefilled: { ...prefilled, places, declared }, confirmed: same.length > 0, disputed: other.length > 0 }
}

/** Accepts unsettled answers at these paths. */
export function accepting(prefilled: Prefilled, paths: readonly string[], accepted: { at: Date; reason: string }) {
  const { at, reason } = accepted
  const anew = paths.map((path): [string, Declared] => {
    const declared = prefilled.declared?.[path] as Declared // the caller names unsettled ones only
    return [path, { ...declared, accepted: { at: at.toISOString(), reason } }]
  })
  return { ...prefilled, declared: { ...prefilled.declared, ...Object.fromEntries(anew) } }
}

const shortestWait = 5 * 60_000
const longestWait = 6 * 3_600_000
/** When to ask registries again: after as long as the first answer has waited, within limits. */
export function nextAskedAt(unanswered: readonly (readonly [string, Declared])[], now: Date): Date {
  const since = Math.min(...unanswered.map(([, { declaredAt }]) => Date.parse(declaredAt)))
  return new Date(now.getTime() + Math.min(Math.max(now.getTime() - since, shortestWait), longestWait))
}

const isEqual = (one: unknown, other: unknown): boolean => canonicalize(one) === canonicalize(other)
