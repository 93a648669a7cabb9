import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isLeafType,
  isObjectType,
} from 'graphql'

/** Of these every row is somebody's. */
export const owned = [
  'Application',
  'Party',
  'Mandate',
  'Program',
  'Appointment',
  'Consent',
  'AccessLogEntry',
  'IssuedDocument',
  'Upload',
  'Charge',
  'Payment',
  'Refund',
  'Reconciliation',
  'Filing',
  'FilingBatch',
] as const
const isOwned = (name: string | undefined) => owned.some((type) => type === name)

const nullableOnly = ({ args }: GraphQLField<unknown, unknown>) =>
  args.every(({ type, name }) => !String(type).endsWith('!') || name === 'first')

/** All that a type leads to by its fields, so many levels deep. */
function selectionOf(schema: GraphQLSchema, type: GraphQLObjectType, levels: number): string {
  const isNode = type.getInterfaces().some(({ name }) => name === 'Node')
  const parts = Object.values(type.getFields()).flatMap((field) => {
    const target = getNamedType(field.type)
    if (!isObjectType(target) || !nullableOnly(field)) return []
    const isPage = target.name.endsWith('Connection')
    if (levels === 0 || (isPage && target.getFields().edges === undefined)) return []
    const inner = isPage ? nodeTypeOf(target) : target
    if (!leadsToOwned(schema, inner)) return []
    const selected = selectionOf(schema, inner, levels - 1)
    return [isPage ? `${field.name}(first: 10) { nodes ${selected} }` : `${field.name} ${selected}`]
  })
  return `{ __typename ${isNode ? 'id' : ''} ${parts.join(' ')} }`
}

function nodeTypeOf(page: GraphQLObjectType): GraphQLObjectType {
  const node = getNamedType(page.getFields().nodes?.type)
  if (!isObjectType(node)) throw new Error(`${page.name} must have nodes of one type`)
  return node
}

function leadsToOwned(schema: GraphQLSchema, type: GraphQLObjectType, seen = new Set<string>()): boolean {
  if (isOwned(type.name)) return true
  if (seen.has(type.name)) return false
  seen.add(type.name)
  return Object.values(type.getFields()).some((field) => {
    const target = getNamedType(field.type)
    return isObjectType(target) && leadsToOwned(schema, target, seen)
  })
}

/** Ids of one `nodes`, and items of one page. More would cost too much, with all that they lead to. */
const atOnce = 10
/** Asks each root field for all that can be reached from it, and `nodes` for all ids. */
export function* walksOf(
  schema: GraphQLSchema,
  ids: readonly string[],
): Generator<{ query: string; variables: object }> {
  for (const field of Object.values(schema.getQueryType()?.getFields() ?? {})) {
    const target = getNamedType(field.type)
    if (!isObjectType(target) || isInterfaceType(target) || !nullableOnly(field) || !leadsToOwned(schema, target))
      continue
    const inner = target.name.endsWith('Connection') ? nodeTypeOf(target) : target
    const selected = selectionOf(schema, inner, 3)
    const asked =
      inner === target ? `${field.name} ${selected}` : `${field.name}(first: ${atOnce}) { nodes ${selected} }`
    yield { query: `{ ${asked} }`, variables: {} }
  }
  const spreads = owned
    .map((name) => schema.getType(name))
    .filter((type) => isObjectType(type))
    .map((type) => `... on ${type.name} ${selectionOf(schema, type, 2)}`)
  const query = `query ($ids: [ID!]!) { nodes(ids: $ids) { ${spreads.join(' ')} } }`
  for (let at = 0; at < ids.length; at += atOnce) yield { query, variables: { ids: ids.slice(at, at + atOnce) } }
}

/** Of the catalogue, the same for everybody; and of registries, which the world has none of. */
const impersonal = ['Service', 'ServiceVersion', 'Agency', 'PersonRecords', 'CompanyRecords']
/** Asks `node` for all that can be read of a row, and of what it leads to, so many levels deep. */
export function readingOf(schema: GraphQLSchema, name: string): string {
  const type = schema.getType(name)
  if (!isObjectType(type)) throw new Error(`${name} must be an object type`)
  return `query ($id: ID!) { node(id: $id) { ... on ${name} ${allOf(type, 2)} } }`
}
function allOf(type: GraphQLObjectType, levels: number): string {
  const parts = Object.values(type.getFields()).flatMap((field) => {
    const target = getNamedType(field.type)
    if (!nullableOnly(field)) return []
    if (isLeafType(target)) return [field.name]
    if (!isObjectType(target) || levels === 0) return []
    const isPage = target.name.endsWith('Connection')
    const inner = isPage ? nodeTypeOf(target) : target
    if (impersonal.includes(inner.name)) return []
    const selected = allOf(inner, levels - 1)
    return [isPage ? `${field.name}(first: 3) { nodes ${selected} }` : `${field.name} ${selected}`]
  })
  return `{ __typename ${parts.join(' ')} }`
}

/** The ids of all that is somebody's in an answer. */
export function ownedIn(answer: unknown): string[] {
  if (Array.isArray(answer)) return answer.flatMap(ownedIn)
  if (typeof answer !== 'object' || answer === null) return []
  const { __typename, id } = answer as { __typename?: string; id?: string }
  const own = id && isOwned(__typename) ? [id] : []
  return [...own, ...Object.values(answer).flatMap(ownedIn)]
}
