import { registerEnumType } from 'type-graphql'
import { Assurance } from './assurance.table.js'

registerEnumType(Assurance, {
  name: 'Assurance',
  description:
    'Assurance level: how reliably a caller is identified. From lowest to highest: NONE, LOW, SUBSTANTIAL, HIGH. Specific to this API.',
  valuesConfig: {
    NONE: { description: 'Anonymous.' },
    LOW: { description: 'Identified by an email address or a telephone number.' },
    SUBSTANTIAL: {
      description:
        'Identified by an account opened after an identity check, or a telephone number registered to the ' + 'FİN.',
    },
    HIGH: { description: 'Identified by an electronic signature: SİMA, ASAN İmza or a token.' },
  },
})

export { Assurance }

const scale = Object.values(Assurance)
export const isAtLeast = (found: Assurance, wanted: Assurance): boolean => scale.indexOf(found) >= scale.indexOf(wanted)
export const higherOf = (one: Assurance, other: Assurance): Assurance => (isAtLeast(one, other) ? one : other)
export const lowerOf = (one: Assurance, other: Assurance): Assurance => (isAtLeast(one, other) ? other : one)
