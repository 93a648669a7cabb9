import { randomUUID } from 'node:crypto'
import {
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
} from 'graphql'

/** What is asked for where nothing better is told: of the right form, and of nothing that is there. */
const ofScalars: Record<string, () => unknown> = {
  ...{ ID: () => 'bm90aGluZw', String: () => 'X', Int: () => 1, Float: () => 1, Boolean: () => true },
  ...{ LegalDate: () => '2027-01-04', Date: () => '2027-01-04', DateTime: () => '2027-01-04T09:00:00Z' },
  ...{ Decimal: () => '1.00', Fin: () => 'TEST099', Voen: () => '9900000421', JSONObject: () => ({}) },
  IdempotencyKey: () => randomUUID(),
}

function someOf(type: GraphQLInputType): unknown {
  if (isNonNullType(type)) return someOf(type.ofType)
  if (isListType(type)) return [someOf(type.ofType)]
  if (isEnumType(type)) return type.getValues()[0]?.value
  if (isInputObjectType(type)) return requiredOf(Object.values(type.getFields()))
  const make = ofScalars[type.name]
  if (!make) throw new Error(`a value of ${type.name} must be told in test/access/asking.ts; there is none`)
  return make()
}
const requiredOf = (fields: readonly (GraphQLInputField | GraphQLArgument)[]) =>
  Object.fromEntries(
    fields
      .filter(({ type, defaultValue, name }) => (isNonNullType(type) && defaultValue === undefined) || name === 'first')
      .map(({ name, type }) => [name, someOf(type)]),
  )

/** Asks for one root field, with the least that it takes, and with what is told of its arguments. */
export function askingFor(schema: GraphQLSchema, coordinate: string, told: object = {}) {
  const [root = '', name = ''] = coordinate.split('.')
  const type = root === 'Query' ? schema.getQueryType() : schema.getMutationType()
  const field = type?.getFields()[name]
  if (!field) throw new Error(`${coordinate} is no root field`)
  const made = requiredOf(field.args) as { input?: object }
  const variables = { ...made, ...(made.input ? { input: { ...made.input, ...told } } : told) }
  const given = field.args.filter((argument) => argument.name in variables)
  const [declared, passed] = [
    given.map((argument) => `$${argument.name}: ${argument.type}`).join(', '),
    given.map((argument) => `${argument.name}: $${argument.name}`).join(', '),
  ]
  const isMutation = root === 'Mutation'
  const selection = isLeafType(getNamedType(field.type))
    ? ''
    : `{ ${isMutation ? 'userErrors { code }' : '__typename'} }`
  return {
    query: `${root.toLowerCase()} ${declared && `(${declared})`} { ${name}${passed && `(${passed})`} ${selection} }`,
    variables,
  }
}
