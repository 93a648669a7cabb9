import type { Procedure } from '../applications/procedure.js'
import { answerAt } from '../catalogue/forms/answers.rules.js'
import { invalid } from '../shared/userErrors.js'

const parents = ['mother', 'father']
const identities = ['fin', 'passport']

export const birth: Procedure = {
  services: ['ED-BIRTH'],
  check: ({ answers }) => {
    const at = (parent: string, name: string) => answerAt(answers, `/${parent}/${name}`)
    const isSame = identities.some((name) => at('mother', name) && at('mother', name) === at('father', name))
    const bornOn = at('child', 'birthDate')
    // Dates are texts like 2026-11-01, which sort as they should.
    const isBefore = (date: unknown) => typeof date === 'string' && typeof bornOn === 'string' && bornOn <= date
    return [
      ...parents
        .filter((parent) => isBefore(at(parent, 'birthDate')))
        .map((parent) => invalid('birth.before_parent', ['answers', parent, 'birthDate'])),
      ...(isSame ? [invalid('birth.one_parent', ['answers', 'father'])] : []),
    ]
  },
}
