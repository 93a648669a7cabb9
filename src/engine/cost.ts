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
import { argumentsIn, collect, type Question, type Selecting } from './selection.js'

export interface Cost {
  /** How many rows of connections an operation could name. */
  nodes: number
  depth: number
  rootFields: number
}

/** What an operation could cost at most, told from its text and its variables alone. */
export function costOf(question: Question, root: GraphQLObjectType, operation: Selecting): Cost {
  const below = walk(question, root, [operation], 1)
  return { ...below, rootFields: collect(question, root, [operation]).size }
}

type Reach = Pick<Cost, 'nodes' | 'depth'>
/** `times`: how many values of this type the way here could name. */
function walk(question: Question, type: GraphQLNamedType, parents: readonly Selecting[], times: number): Reach {
  if (isAbstractType(type)) {
    // A value is of one of them: the dearest counts.
    const all = question.schema.getPossibleTypes(type).map((possible) => walk(question, possible, parents, times))
    return {
      nodes: Math.max(0, ...all.map(({ nodes }) => nodes)),
      depth: Math.max(0, ...all.map(({ depth }) => depth)),
    }
  }
  const reach: Reach = { nodes: 0, depth: 0 }
  if (!isObjectType(type)) return reach
  for (const nodes of collect(question, type, parents).values()) {
    const field = type.getFields()[nodes[0]!.name.value]
    // __typename has nothing below it; __schema and __type are bounded by a rule of validation.
    const { nodes: more, depth } = field ? reachOf(question, field, nodes, times) : { nodes: 0, depth: 0 }
    reach.nodes += more
    reach.depth = Math.max(reach.depth, depth + 1)
  }
  return reach
}

function reachOf(question: Question, field: GraphQLField<any, any>, nodes: FieldNode[], times: number): Reach {
  const type = getNamedType(field.type)
  if (!isObjectType(type) && !isAbstractType(type)) return { nodes: 0, depth: 0 }
  const { pageSize, listSize } = sizesOf(field, nodes[0]!, question.variables)
  const below = walk(question, type, nodes, times * (pageSize ?? listSize))
  return { nodes: below.nodes + times * (pageSize ?? 0), depth: below.depth }
}

/** How many rows a field leads to: of a page (which is counted), or of a list that its parent bounds. */
function sizesOf(field: GraphQLField<any, any>, node: FieldNode, variables: Record<string, unknown>) {
  const isPage = field.args.some(({ name }) => name === 'first') && field.args.some(({ name }) => name === 'last')
  const atMost = Number(field.extensions.atMost ?? 1)
  if (!isPage && !field.args.some(({ name }) => name === 'ids')) return { listSize: isList(field) ? atMost : 1 }
  try {
    const { first, last, ids } = argumentsIn(field, node, variables)
    return { pageSize: Math.max(0, ids?.length ?? first ?? last ?? 0), listSize: 1 }
  } catch {
    return { listSize: 1 } // a wrong argument: execution will say so
  }
}
const isList = ({ type }: GraphQLField<any, any>) => isListType(isNonNullType(type) ? type.ofType : type)
