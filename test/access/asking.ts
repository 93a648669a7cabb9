import { randomUUID } from 'node:crypto'
import {
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLObjectType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
} from 'graphql'

/** What is asked for where nothing better is told: of the right form, and of nothing that is there. */
const ofScalars: Record<string, () => unknown> = {
  ID: () => 'bm90aGluZw',
  String: () => 'X',
  Int: () => 1,
  Float: () => 1,
  Boolean: () => true,
  LegalDate: () => '2027-01-04',
  Date: () => '2027-01-04',
  DateTime: () => '2027-01-04T09:00:00Z',
  Decimal: () => '1.00',
  Currency: () => 'AZN',
  Fin: () => 'TEST099',
  Voen: () => '9900000421',
  JSONObject: () => ({}),
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

/** One operation that asks for these fields of a root, each with the least that it takes and what is told of its arguments. */
export function askingFor(type: GraphQLObjectType, names: readonly string[], told: Record<string, object> = {}) {
  const isMutation = type.name === 'Mutation'
  const declared: string[] = []
  const variables: Record<string, unknown> = {}
  const parts = names.map((name) => {
    const field = type.getFields()[name]
    if (!field) throw new Error(`${type.name}.${name} is no root field`)
    const least = requiredOf(field.args) as { input?: object }
    const more = told[`${type.name}.${name}`] ?? {}
    const values: Record<string, unknown> = least.input ? { input: { ...least.input, ...more } } : { ...least, ...more }
    const passed = field.args.flatMap((argument) => {
      if (!(argument.name in values)) return []
      const variable = `${name}_${argument.name}`
      declared.push(`$${variable}: ${argument.type}`)
      variables[variable] = values[argument.name]
      return [`${argument.name}: $${variable}`]
    })
    const selection = isMutation ? '{ userErrors { code } }' : '{ __typename }'
    return `${name}${passed.length ? `(${passed.join(', ')})` : ''} ${isLeafType(getNamedType(field.type)) ? '' : selection}`
  })
  const head = declared.length ? `(${declared.join(', ')})` : ''
  return { query: `${type.name.toLowerCase()} ${head} { ${parts.join(' ')} }`, variables }
}
