import {
  type FieldNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  getNamedType,
  isAbstractType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql'
import { refusal } from './errors.js'
import { argumentsIn, collect, type Question, type Selecting } from './selection.js'

export interface Cost {
  /** The number of rows that pages and lists of an operation could return. */
  nodes: number
  /** The number of values in the answer, large ones by weight. */
  leaves: number
  depth: number
  rootFields: number
  /** The total weight of the root fields. */
  points: number
  /** Stops counting above the limit. */
  fields: number
  /** Fields that lead to an object: each may become a part of a statement. */
  relations: number
  /** False if an argument is wrong: with another value it may cost more. */
  isSure: boolean
}
type Reach = Pick<Cost, 'nodes' | 'leaves' | 'depth'>
interface Walk extends Question {
  fields: number
  relations: number
  atMost: number
  isSure: boolean
}

/** The maximum cost of an operation, from its text and variables alone. */
export function costOf(question: Question, root: GraphQLObjectType, operation: Selecting, atMostFields: number): Cost {
  const walk: Walk = { ...question, fields: 0, relations: 0, atMost: atMostFields, isSure: true }
  try {
    const reach = below(walk, root, [operation], 1)
    const { fields, relations, isSure } = walk
    const roots = [...collect(question, root, [operation]).values()].map(([node]) => node!.name.value)
    const points = roots.reduce((sum, name) => sum + pointsOfRoot(root, name), 0)
    return { ...reach, fields, relations, rootFields: roots.length, points, isSure }
  } catch (error) {
    // A variable gave null to @skip or @include.
    throw refusal('BAD_USER_INPUT', (error as Error).message, { http: { status: 400 } })
  }
}

/** The cost of one introspection of the whole schema. */
const pointsOfIntrospection = 10
const pointsOfRoot = (root: GraphQLObjectType, name: string): number =>
  name === '__schema' || name === '__type'
    ? pointsOfIntrospection
    : Number(root.getFields()[name]?.extensions.points ?? 1)

/**
 * `times`: how many values of this type the path could reach. `rows`: how many rows such a value has if it is a page.
 */
function below(walk: Walk, type: GraphQLNamedType, parents: readonly Selecting[], times: number, rows = 1): Reach {
  const reach: Reach = { nodes: 0, leaves: 0, depth: 0 }
  if (isAbstractType(type)) {
    // A value has one of these types: the most expensive counts.
    for (const possible of walk.schema.getPossibleTypes(type)) {
      const { nodes, leaves, depth } = below(walk, possible, parents, times, rows)
      reach.nodes = Math.max(reach.nodes, nodes)
      reach.leaves = Math.max(reach.leaves, leaves)
      reach.depth = Math.max(reach.depth, depth)
    }
    return reach
  }
  if (!isObjectType(type)) return reach
  for (const nodes of collect(walk, type, parents).values()) {
    walk.fields += nodes.length
    if (walk.fields > walk.atMost) return reach
    const field = type.getFields()[nodes[0]!.name.value]
    // __typename has no fields; a validation rule limits __schema and __type.
    const more = field ? reachOf(walk, type, field, nodes, times, rows) : { nodes: 0, leaves: times, depth: 0 }
    reach.nodes += more.nodes
    reach.leaves += more.leaves
    reach.depth = Math.max(reach.depth, more.depth + 1)
  }
  return reach
}

function reachOf(
  walk: Walk,
  parent: GraphQLObjectType,
  field: GraphQLField<any, any>,
  nodes: FieldNode[],
  times: number,
  rowsOfPage: number,
): Reach {
  const type = getNamedType(field.type)
  if (!isObjectType(type) && !isAbstractType(type))
    return { nodes: 0, leaves: times * lengthOf(field) * weightOf(field), depth: 0 }
  // The lists of a page are its rows, already counted with it; everything else occurs once.
  if (isPage(parent)) return below(walk, type, nodes, isList(field) ? times * rowsOfPage : times)
  walk.relations++
  const { rows, times: each } = sizesOf(field, nodes[0]!, walk)
  const isOfPages = isObjectType(type) && isPage(type)
  const { nodes: more, leaves, depth } = below(walk, type, nodes, isOfPages ? times : times * each, each)
  return { nodes: more + times * rows, leaves, depth }
}

/** How many short values one value of a type is worth. Defaults to one. */
const weights: Record<string, number> = { String: 2, JSON: 50, JSONObject: 50 }
const weightOf = (field: GraphQLField<any, any>): number => weights[getNamedType(field.type).name] ?? 1
/** The assumed length of a list of leaves, which are short in practice. */
const lengthOf = (field: GraphQLField<any, any>): number => (isList(field) ? 5 : 1)

const isPage = (type: GraphQLObjectType) => 'pageInfo' in type.getFields()
/** The assumed length of a hand-written list without a declared length. */
const unknownLength = 100
const single = { rows: 0, times: 1 }
/** How many rows a field reads, and how often its fields are read. */
function sizesOf(field: GraphQLField<any, any>, node: FieldNode, walk: Walk) {
  if (!field.args.some(({ name }) => name === 'first' || name === 'ids')) {
    if (!isList(field)) return single
    const { atMost } = field.extensions
    return atMost === undefined ? { rows: 0, times: unknownLength } : { rows: Number(atMost), times: Number(atMost) }
  }
  try {
    const { first, last, ids } = argumentsIn(field, node, walk.variables)
    const size = Math.max(0, ids?.length ?? first ?? last ?? 0)
    return { rows: size, times: size }
  } catch {
    walk.isSure = false
    return single // a wrong argument: execution reports it
  }
}
const isList = ({ type }: GraphQLField<any, any>) => isListType(isNonNullType(type) ? type.ofType : type)
