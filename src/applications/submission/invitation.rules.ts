import { type FormNode, fieldsOf } from '../../catalogue/forms/form.fields.js'
import type { UserError } from '../../engine/userError.js'
import { IdentifierType } from '../../identity/parties/identifier.table.js'
import type { Identifier } from '../../identity/parties/identifiers.js'
import { invalid } from '../../shared/userErrors.js'

/** A co-applicant as the answers name them: FİNs, and document numbers of any country. */
export interface Named {
  /** Path of the part in the form. `*` matches each item of a list. */
  part: string
  at: string[]
  fins: string[]
  documents: string[]
}

/** The co-applicants whom the answers name. Null if the form does not ask for any. */
export function namedToConfirm(schema: FormNode, answers: unknown): Named[] | null {
  const places = fieldsOf(schema)
  const people = places.filter(({ node }) => node['x-confirms'])
  if (people.length === 0) return null
  const isFin = (at: string) => places.find((place) => place.at === at)?.node.format === 'fin'
  return people.flatMap(({ at: place, node: { 'x-confirms': fields = [] } }) => {
    const [fins, documents] = [true, false].map((are) => fields.filter((name) => isFin(`${place}/${name}`) === are))
    return answersAt(answers, place.split('/').slice(1)).map(({ at, answer }): Named => {
      const textsOf = (names: string[] = []) =>
        names.flatMap((name) => answersAt(answer, [name]).map((one) => String(one.answer)))
      return { part: place, at, fins: textsOf(fins), documents: textsOf(documents) }
    })
  })
}

interface Answer {
  at: string[]
  answer: unknown
}
/** The answers at a path of the form, in which * stands for each item of a list. */
function answersAt(answer: unknown, [name, ...below]: string[], at: string[] = []): Answer[] {
  if (name === undefined) return [{ at, answer }]
  if (name === '*')
    return Array.isArray(answer) ? answer.flatMap((one, place) => answersAt(one, below, [...at, `${place}`])) : []
  const isAnswered = typeof answer === 'object' && answer !== null && Object.hasOwn(answer, name)
  return isAnswered ? answersAt((answer as Record<string, unknown>)[name], below, [...at, name]) : []
}

/** Whether a named person has one of these identifiers. */
export const isOf =
  (identifiers: readonly Pick<Identifier, 'type' | 'value'>[]) =>
  ({ fins, documents }: Named): boolean =>
    identifiers.some(({ type, value }) =>
      type === IdentifierType.FIN
        ? fins.includes(value)
        : type === IdentifierType.DOCUMENT && documents.includes(value.slice(value.indexOf(':') + 1)),
    )

/** The applicant cannot be a co-applicant. */
export const userErrorsOfNamed = (named: readonly Named[] | null, applicant: readonly Identifier[]): UserError[] =>
  (named ?? []).filter(isOf(applicant)).map(({ at }) => invalid('answer.names_applicant', ['answers', ...at]))
