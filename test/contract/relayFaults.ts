import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  type GraphQLType,
  getNamedType,
  getNullableType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
} from 'graphql'

// What @graphql-eslint calls relay-arguments, relay-connection-types, relay-edge-types and relay-page-info, with `nodes`
// and plain lists allowed; docs/decisions says why it is written here.

const fieldsOf = (type: GraphQLNamedType) =>
  isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : []
const isConnection = ({ name }: GraphQLNamedType) => name.endsWith('Connection')
const isNonNull = (type: GraphQLType | undefined, name: string) =>
  isNonNullType(type) && `${getNullableType(type)}` === name
const isCursor = (type: GraphQLType | undefined) => isScalarType(type && getNullableType(type))

function argumentFaults({ args, type }: GraphQLField<unknown, unknown>) {
  if (!isConnection(getNamedType(type))) return []
  const typeOf = (name: string) => args.find((arg) => arg.name === name)?.type
  return [
    ...['first', 'last']
      .filter((name) => `${typeOf(name)}`.replace('!', '') !== 'Int')
      .map((name) => `${name} must be an Int; it is ${typeOf(name)}`),
    ...['after', 'before']
      .filter((name) => !isCursor(typeOf(name)))
      .map((name) => `${name} must be a cursor, which is a scalar; it is ${typeOf(name)}`),
  ]
}

function connectionFaults(type: GraphQLNamedType, passing: string[]) {
  const typeOf = (name: string) => fieldsOf(type).find((field) => field.name === name)?.type
  const [edges, pageInfo] = [typeOf('edges'), typeOf('pageInfo')]
  if (!isConnection(type)) return edges && pageInfo ? ['what has edges and pageInfo must be named …Connection'] : []
  if (!isObjectType(type)) return ['what is named …Connection must be an object type']
  const list = edges && getNullableType(edges)
  const edge = isListType(list) ? getNullableType(list.ofType) : undefined
  return [
    ...(isObjectType(edge) ? edgeFaults(edge, passing) : [`edges must be a list of an object type; it is ${edges}`]),
    ...(isNonNull(pageInfo, 'PageInfo') ? [] : [`pageInfo must be PageInfo!; it is ${pageInfo}`]),
  ]
}

function edgeFaults(edge: GraphQLNamedType, passing: string[]) {
  const typeOf = (name: string) => fieldsOf(edge).find((field) => field.name === name)?.type
  const node = typeOf('node')
  const noun = node && getNullableType(node)
  return [
    ...(edge.name.endsWith('Edge') ? [] : [`its edge must be named …Edge; it is ${edge.name}`]),
    ...(!noun || isListType(noun) ? [`node of its edge must be one thing; it is ${node}`] : []),
    ...(isObjectType(noun) && !passing.includes(noun.name) && !noun.getInterfaces().some(({ name }) => name === 'Node')
      ? [`node of its edge must implement Node; ${noun} does not`]
      : []),
    ...(isCursor(typeOf('cursor')) ? [] : [`cursor of its edge must be a scalar; it is ${typeOf('cursor')}`]),
  ]
}

function pageInfoFaults(type: GraphQLNamedType | undefined) {
  if (!isObjectType(type)) return [`must be an object type; it is ${type}`]
  const { hasNextPage, hasPreviousPage, startCursor, endCursor } = type.getFields()
  return [
    ...Object.entries({ hasNextPage, hasPreviousPage })
      .filter(([, field]) => !isNonNull(field?.type, 'Boolean'))
      .map(([name, field]) => `${name} must be Boolean!; it is ${field?.type}`),
    ...Object.entries({ startCursor, endCursor })
      .filter(([, field]) => !isScalarType(field?.type))
      .map(([name, field]) => `${name} must be a scalar and may be null; it is ${field?.type}`),
  ]
}

/** What Relay's specification of connections, cursors and pages has against a schema. */
/** `passing`: types that pages may show and that cannot be found again, as a hit of a search. */
export function relayFaults(schema: GraphQLSchema, passing: string[] = []) {
  const types = Object.values(schema.getTypeMap())
  return [
    ...pageInfoFaults(schema.getType('PageInfo')).map((fault) => `PageInfo: ${fault}`),
    ...types.flatMap((type) => [
      ...connectionFaults(type, passing).map((fault) => `${type}: ${fault}`),
      ...fieldsOf(type).flatMap((field) => argumentFaults(field).map((fault) => `${type}.${field.name}: ${fault}`)),
    ]),
  ]
}
