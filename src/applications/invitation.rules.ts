import { type FormNode, fieldsOf } from '../catalogue/form.fields.js'

/** Whom the answers name as applying with the applicant: a FİN of each, undefined of who has none. */
export function namedToConfirm(schema: FormNode, answers: unknown): (string | undefined)[] {
  return fieldsOf(schema).flatMap(({ at, node }) => {
    const field = node['x-confirms']
    const people = field ? answersAt(answers, at.split('/').slice(1)) : []
    return people.map((person) => {
      const [fin] = answersAt(person, [field as string])
      return typeof fin === 'string' ? fin : undefined
    })
  })
}

/** What stands at a place of the form, where * is for each of a list. */
function answersAt(answers: unknown, [name, ...below]: string[]): unknown[] {
  if (name === undefined) return [answers]
  if (name === '*') return Array.isArray(answers) ? answers.flatMap((one) => answersAt(one, below)) : []
  const isAnswered = typeof answers === 'object' && answers !== null && Object.hasOwn(answers, name)
  return isAnswered ? answersAt((answers as Record<string, unknown>)[name], below) : []
}
