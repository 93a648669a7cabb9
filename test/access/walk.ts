import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isObjectType,
} from 'graphql'

/** Of these every row is somebody's. */
export const owned = [
  'Application',
  'Party',
  'Mandate',
  'Client',
  'Appointment',
  'Consent',
  'AccessLogEntry',
  'IssuedDocument',
  'Upload',
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

/** What `nodes` takes. */
const atOnce = 100
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
    const asked = inner === target ? `${field.name} ${selected}` : `${field.name}(first: 100) { nodes ${selected} }`
    yield { query: `{ ${asked} }`, variables: {} }
  }
  const spreads = owned
    .map((name) => schema.getType(name))
    .filter((type) => isObjectType(type))
    .map((type) => `... on ${type.name} ${selectionOf(schema, type, 2)}`)
  const query = `query ($ids: [ID!]!) { nodes(ids: $ids) { ${spreads.join(' ')} } }`
  for (let at = 0; at < ids.length; at += atOnce) yield { query, variables: { ids: ids.slice(at, at + atOnce) } }
}

/** The ids of all that is somebody's in an answer. */
export function ownedIn(answer: unknown): string[] {
  if (Array.isArray(answer)) return answer.flatMap(ownedIn)
  if (typeof answer !== 'object' || answer === null) return []
  const { __typename, id } = answer as { __typename?: string; id?: string }
  const own = id && isOwned(__typename) ? [id] : []
  return [...own, ...Object.values(answer).flatMap(ownedIn)]
}
