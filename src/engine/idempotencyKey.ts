import { GraphQLScalarType } from 'graphql'
import { badInput } from './errors.js'

export const IdempotencyKey = new GraphQLScalarType<string, string>({
  name: 'IdempotencyKey',
  description:
    'A unique value that the client generates for one mutation and sends again when it retries. ' +
    '8 to 200 visible ASCII characters, for example a UUID.',
  parseValue(value) {
    if (typeof value === 'string' && /^[\x21-\x7e]{8,200}$/.test(value)) return value
    throw badInput(`An IdempotencyKey must have 8 to 200 visible ASCII characters; this ${described(value)}.`)
  },
})
const described = (value: unknown) => {
  if (typeof value !== 'string') return value === null ? 'is null' : `is a value of type ${typeof value}`
  return /^[\x21-\x7e]*$/.test(value) ? `has ${value.length}` : 'has a space or another character'
}
