import { answerAt, mismatch } from '../../catalogue/forms/answers.rules.js'
import { type Condition, type FormNode, fieldsOf } from '../../catalogue/forms/form.fields.js'
import { type IdentityFact, meets, type Part, partsOf, placesIn } from '../../catalogue/forms/form.persons.js'
import type { Fault } from '../../catalogue/forms/form.rules.js'
import { type CivilAct, CivilActRole } from '../../exchange/registries/civilStatus.js'
import { PersonStatus } from '../../identity/parties/particulars.table.js'

type Answers = Record<string, unknown>

/** The source of a prefilled answer. Everything is null if it is sign-in, which is read at each command. */
export interface Source {
  registry: string | null
  messageId: string | null
  fetchedAt: string | null
}
const ofSignIn: Source = { registry: null, messageId: null, fetchedAt: null }

/** What sign-in knows about a party, or a registry about a spouse. */
export interface Identity {
  source: Source
  /** Null if unknown. */
  fins: readonly string[] | null
  voens: readonly string[]
  /** Countries as in the machine-readable zone. */
  documents: readonly { country: string; number: string }[]
  /** Exactly as the source wrote it, in any order. Null if unknown or unsure, as are the others. */
  name: string | null
  birthDate: string | null
  status: PersonStatus | null
}
export const unknownPerson: Identity = {
  source: ofSignIn,
  fins: [],
  voens: [],
  documents: [],
  name: null,
  birthDate: null,
  status: null,
}

/** The persons whom a form of this applicant can name, and whom sign-in or the applicant's marriage record knows. */
export interface Persons {
  applicant: Identity
  heads: readonly Identity[]
  /** Minors and wards. */
  wards: readonly Identity[]
  spouse?: Identity
}

/** The spouse of the person with these FİNs. Undefined if the record of the marriage does not tell which of the two that is. */
export function spouseIn(
  marriage: Pick<CivilAct, 'persons'> | null | undefined,
  fins: Identity['fins'],
  source: Source,
): Identity | undefined {
  const couple =
    marriage?.persons.filter(({ role }) => role === CivilActRole.HUSBAND || role === CivilActRole.WIFE) ?? []
  const [spouse, ...more] = couple.filter(({ fin }) => !fin || !fins?.includes(fin))
  if (!spouse || more.length > 0 || couple.length !== 2) return undefined
  const { fin, name, birthDate } = spouse
  return { ...unknownPerson, source, fins: fin ? [fin] : null, name, birthDate }
}

/** A place in answers, with the values that are allowed there. */
export interface Bound {
  at: string
  node: FormNode
  /** Answers with which the form asks for it. */
  when: readonly Condition[]
  /** Empty if the person has none. */
  allowed: readonly unknown[]
  source: Source
}
/** The places of a name in one part, and the full name of the person. */
interface BoundName {
  name: string
  at: Partial<Record<'surname' | 'givenName' | 'patronymic', string>>
}
export interface Bounds {
  values: Bound[]
  names: BoundName[]
}

/** What sign-in allows where these answers name a person it knows. `own` is a part that is about the applicant here. */
export function boundsIn(schema: FormNode, answers: Answers, persons: Persons, own?: string): Bounds {
  const fields = fieldsOf(schema)
  const partOf = partsOf(fields)
  const values: Bound[] = []
  const names = new Map<string, BoundName>()
  for (const field of fields) {
    const fact = field.node['x-identity']
    if (!fact) continue
    const part = partOf(field)
    if (own !== undefined && part.at !== own) continue
    for (const at of placesIn(field.at, answers)) {
      const within = at.split('/').slice(0, part.at.split('/').length).join('/')
      const person = own === undefined ? personIn(part, within, answers, persons) : persons.applicant
      if (!person) continue
      if (fact === 'surname' || fact === 'givenName' || fact === 'patronymic') {
        if (person.name === null || !meets(field.shownWhen, at, answers)) continue
        const bound = names.get(within) ?? { name: person.name, at: {} }
        bound.at[fact] = at
        names.set(within, bound)
      } else {
        const allowed = allowedBy(person, fact)
        if (allowed) values.push({ at, node: field.node, when: field.shownWhen, allowed, source: person.source })
      }
    }
  }
  return { values, names: [...names.values()] }
}

/** The person in a part. A part with a FİN or VÖEN is about the known person who has it. */
function personIn(
  { subject, confirms, applicantWhen, spouseWhen }: Part,
  at: string,
  answers: Answers,
  { applicant, heads, wards, spouse }: Persons,
): Identity | undefined {
  if (subject === 'applicant' || (applicantWhen && meets(applicantWhen, at, answers))) return applicant
  if (spouse && spouseWhen && meets(spouseWhen, at, answers)) return spouse
  if (confirms) return undefined
  if (subject === 'head' && heads.length < 2) return heads[0]
  const identifier = answerAt(answers, `${at}/${subject === 'head' ? 'fin' : subject}`)
  if (subject === 'head') return heads.find(({ fins }) => fins?.some((fin) => fin === identifier)) ?? oneOf(heads)
  return [applicant, ...heads, ...wards].find(
    ({ fins, voens }) => typeof identifier === 'string' && (fins?.includes(identifier) || voens.includes(identifier)),
  )
}
/** One of several heads, and the FİN does not say which: any of their identifiers, but no name. */
const oneOf = (heads: readonly Identity[]): Identity => ({
  ...unknownPerson,
  fins: heads.flatMap(({ fins }) => fins ?? []),
  voens: heads.flatMap(({ voens }) => voens),
  documents: heads.flatMap(({ documents }) => documents),
})

/** Undefined if it is unknown. */
function allowedBy(
  { fins, voens, documents, name, birthDate, status }: Identity,
  fact: Exclude<IdentityFact, 'surname' | 'givenName' | 'patronymic'>,
): readonly unknown[] | undefined {
  const known = (value: string | null) => (value === null ? undefined : [value])
  // A document of Azerbaijan is a residence permit, and says nothing about the passport of a foreigner.
  const abroad = documents.map(({ country }) => country).filter((country) => country !== 'AZE')
  switch (fact) {
    case 'fin':
      return fins ?? undefined
    case 'hasFin':
      return fins ? [fins.length > 0] : undefined
    case 'voen':
      return voens
    case 'documentNumber':
      return documents.length > 0 ? documents.map(({ number }) => number) : undefined
    case 'documentCountry':
      return abroad.length > 0 ? abroad : undefined
    case 'name':
      return known(name)
    case 'birthDate':
      return known(birthDate)
    case 'status':
      return known(status)
    case 'citizenship':
      if (status === PersonStatus.CITIZEN) return ['AZE']
      if (status === PersonStatus.STATELESS) return [stateless]
      // A state issues passports to its citizens.
      return status && abroad.length > 0 ? abroad : undefined
  }
}
/** As in ICAO 9303. */
const stateless = 'XXA'

/** Answers that differ from what sign-in allows. A register outweighs it: `isSettled` are its places. */
export function mismatchesIn(
  answers: Answers,
  filled: Answers,
  { values, names }: Bounds,
  isSettled: (at: string) => boolean,
): Fault[] {
  const differing = values.filter(({ at, when, allowed }) => {
    const answer = answerAt(answers, at)
    return !isSettled(at) && answer !== undefined && !allowed.includes(answer) && meets(when, at, filled)
  })
  return [
    ...differing.map(({ at, allowed }) => mismatch(at, allowed)),
    ...names.flatMap(({ name, at }) => {
      const typed = (place: string | undefined) => (place && !isSettled(place) ? answerAt(answers, place) : undefined)
      const isRight = agrees(name, { surname: typed(at.surname), givenName: typed(at.givenName) }, typed(at.patronymic))
      const place = [at.surname, at.givenName].find((one) => typed(one) !== undefined)
      return place === undefined || isRight ? [] : [mismatch(place, [name])]
    }),
  ]
}

/**
 * Whether a surname and a given name are of a full name, in any order. Each of their words must be in it, and the patronymic must
 * have the rest. Missing answers agree with everything.
 */
function agrees(full: string, { surname, givenName }: Record<string, unknown>, patronymic: unknown): boolean {
  const left = wordsIn(full)
  const own = [...wordsIn(surname), ...wordsIn(givenName)]
  const isOwn = own.every((word) => {
    const place = left.indexOf(word)
    if (place >= 0) left.splice(place, 1)
    return place >= 0
  })
  const isWhole = [surname, givenName, patronymic].every((part) => part !== undefined)
  const isBlank = [surname, givenName].some((part) => part !== undefined && wordsIn(part).length === 0)
  return isOwn && !isBlank && (!isWhole || left.every((word) => wordsIn(patronymic).includes(word)))
}
/** İ, I, i and ı are one letter, because foreign names have the Latin pair. */
const wordsIn = (text: unknown): string[] =>
  typeof text === 'string'
    ? text
        .normalize('NFC')
        .toLocaleLowerCase('az')
        .replaceAll('ı', 'i')
        .split(/[\s-]+/)
        .filter(Boolean)
    : []
