import { answerAt } from './answers.rules.js'
import type { Condition, Field, FormNode } from './form.fields.js'
import { fieldsOf } from './form.fields.js'

/** What `x-identity` can name: facts that sign-in knows about a person or an organisation. */
export const identityFacts = [
  'fin',
  'hasFin',
  'voen',
  'documentNumber',
  'documentCountry',
  'name',
  'surname',
  'givenName',
  'patronymic',
  'birthDate',
  'citizenship',
  'status',
] as const
export type IdentityFact = (typeof identityFacts)[number]

/** A place of the form with `x-subject`, `x-applicant` or `x-spouse`, or the whole form, which is about the applicant. */
export interface Part {
  at: string
  /** `applicant`, `head` of the organisation that applies, or the name of a field with a FİN or VÖEN. Empty if nobody else. */
  subject: string
  /** Whether a co-applicant confirms it. Then it is about nobody but them. */
  confirms: boolean
  /** Answers with which the part is about the applicant, whatever its subject. */
  applicantWhen?: readonly Condition[]
  /** Answers with which it is about the spouse in the applicant's marriage record, if there is one. */
  spouseWhen?: readonly Condition[]
}

/** The part of each field: the field itself, or the nearest object around it that is one. */
export function partsOf(fields: readonly Field[]): (field: Pick<Field, 'at'>) => Part {
  const nodes = new Map(fields.map(({ at, node }) => [at, node]))
  return ({ at }) => {
    const steps = at.split('/')
    for (let length = steps.length; length > 0; length--) {
      const place = steps.slice(0, length).join('/')
      const node = nodes.get(place)
      const { 'x-subject': subject = '', 'x-applicant': applicantWhen, 'x-spouse': spouseWhen } = node ?? {}
      if (subject || applicantWhen || spouseWhen)
        return { at: place, subject, confirms: Boolean(node?.['x-confirms']), applicantWhen, spouseWhen }
    }
    return { at: '', subject: 'applicant', confirms: false }
  }
}

/** A field that must name its fact by `x-identity` in a part about the applicant, their spouse or the head. */
export function unboundFact(field: Field, part: Part): string | undefined {
  if (!field.leaf || field.node['x-identity'] || part.at === '') return undefined
  const isKnown = part.applicantWhen || part.spouseWhen || part.subject === 'applicant' || part.subject === 'head'
  if (!isKnown) return undefined
  const name = field.at.slice(field.at.lastIndexOf('/') + 1)
  if (field.node.format === 'fin' || field.node.format === 'voen') return field.node.format
  if (field.node['x-registry'] === 'companies.name') return 'name'
  return named.find((fact) => fact === name)
}
const named: readonly IdentityFact[] = ['hasFin', 'surname', 'givenName', 'patronymic', 'birthDate', 'citizenship']

/** The places of a field in answers: one for each item of the lists around it. */
export function placesIn(at: string, answers: Record<string, unknown>): string[] {
  return at
    .split('/')
    .slice(1)
    .reduce(
      (places, step) =>
        places.flatMap((place) => {
          if (step !== '*') return [`${place}/${step}`]
          const list = answerAt(answers, place)
          return Array.isArray(list) ? list.map((_, index) => `${place}/${index}`) : []
        }),
      [''],
    )
}

/** Whether the answers meet the conditions of a place. `*` is the same item as in the place. */
export const meets = (conditions: readonly Condition[], at: string, answers: Record<string, unknown>): boolean => {
  const steps = at.split('/')
  return conditions.every((condition) => {
    const place = condition.at.split('/').map((step, index) => (step === '*' ? steps[index] : step))
    return condition.in.some((value) => value === answerAt(answers, place.join('/')))
  })
}

/** Marks what sign-in and registers fill in, in the parts that are always about the applicant. */
export function withReadOnly(schema: FormNode): FormNode {
  const fields = fieldsOf(schema)
  const partOf = partsOf(fields)
  const filled = new Set(
    fields.flatMap((field) => {
      const { at, subject } = partOf(field)
      const isFilled = field.node['x-identity'] || (field.node['x-registry'] && at !== '' && !field.at.includes('/*'))
      return subject === 'applicant' && isFilled ? [field.at] : []
    }),
  )
  const marked = (node: FormNode, at: string): FormNode => ({
    ...node,
    ...(filled.has(at) && { readOnly: true }),
    ...(node.properties && {
      properties: Object.fromEntries(
        Object.entries(node.properties).map(([name, inner]) => [name, marked(inner, `${at}/${name}`)]),
      ),
    }),
    ...(node.items && { items: marked(node.items, `${at}/*`) }),
  })
  return marked(schema, '')
}
