import { registerEnumType } from 'type-graphql'
import { Assurance } from './assurance.table.js'

registerEnumType(Assurance, {
  name: 'Assurance',
  description: 'How surely it must be known who asks. A scale of this catalogue: no public one is known.',
  valuesConfig: {
    NONE: { description: 'Nobody need say who they are.' },
    LOW: { description: 'An e-mail address or a telephone number.' },
    SUBSTANTIAL: {
      description: 'An account opened after a check of the person, or a number that belongs to their FİN.',
    },
    HIGH: { description: 'An electronic signature: SİMA, ASAN İmza or a token.' },
  },
})

export { Assurance }

const scale = Object.values(Assurance)
export const isAtLeast = (found: Assurance, wanted: Assurance): boolean => scale.indexOf(found) >= scale.indexOf(wanted)
export const higherOf = (one: Assurance, other: Assurance): Assurance => (isAtLeast(one, other) ? one : other)
export const lowerOf = (one: Assurance, other: Assurance): Assurance => (isAtLeast(one, other) ? other : one)
