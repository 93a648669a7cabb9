import { GraphQLScalarType } from 'graphql'
import { badInput } from './errors.js'

export const IdempotencyKey = new GraphQLScalarType<string, string>({
  name: 'IdempotencyKey',
  description:
    'A name that the client makes up for one command, and gives again when it repeats it: 8 to 200 visible characters of ' +
    'ASCII, as a UUID.',
  parseValue(value) {
    if (typeof value === 'string' && /^[\x21-\x7e]{8,200}$/.test(value)) return value
    throw badInput(`An IdempotencyKey is a string of 8 to 200 visible characters of ASCII; came ${told(value)}.`)
  },
})
const told = (value: unknown) => {
  if (typeof value !== 'string') return value === null ? 'null' : `a value of type ${typeof value}`
  return /^[\x21-\x7e]*$/.test(value) ? `one of ${value.length}` : 'one with other characters, or with a space'
}
