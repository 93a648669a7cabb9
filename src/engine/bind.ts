import {
  type GraphQLEnumType,
  type GraphQLField,
  type GraphQLInputObjectType,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isObjectType,
} from 'graphql'
import type { Sql } from 'postgres'
import { type Command, type Ground, type Keys, runCommand } from './command.js'
import { byKey, loaderStatement, rootStatement } from './compile.js'
import { pageFields } from './connection.js'
import {
  columnsOf,
  declaredOf,
  fail,
  type Leaf,
  type Noun,
  nounOfType,
  propertyOf,
  type Queries,
  type Relation,
  type Request,
} from './declare.js'
import { badInput } from './errors.js'
import { type Fetch, fetchOf, type Ways } from './fetch.js'
import { isNode, nodeIdOf, parseNodeId } from './node.js'
import { slotOf } from './selection.js'
import { argumentGapsOf, gapsOf, nounGapsOf } from './source.js'

export interface Binding {
  /** The database that requests read. */
  clientOf(context: any): Sql
  /** Every caller kind that a scope may name. */
  kinds: readonly string[]
  lookAhead?: boolean
  /** Required if there are commands. */
  ground?: Ground
}

/** Gives every declared field its resolver. Throws if a field of a noun has no source. */
export function bind(
  schema: GraphQLSchema,
  queries: readonly Queries[],
  commands: readonly Command[],
  { clientOf, kinds, lookAhead = true, ground }: Binding,
): Ways {
  const ways = { clientOf, lookAhead, computed: new WeakSet<GraphQLField<any, any>>() }
  const gaps: string[] = []
  const types = Object.values(schema.getTypeMap())
  for (const type of types.filter(isObjectType)) {
    const noun = nounOfType(type)
    if (type === schema.getQueryType()) bindRoot(type)
    else if (type === schema.getMutationType()) bindMutations(type)
    else if (noun) bindNoun(type, noun)
    else if (isNode(type)) gaps.push(`${type.name} is a Node, and is not @Stored`)
    else if (type.name.endsWith('Connection'))
      for (const [name, resolve] of Object.entries(pageFields)) type.getFields()[name]!.resolve = resolve
  }
  // type-graphql's resolver is async, and every list of such values would wait for each of them.
  for (const type of types.filter(isAbstractType)) type.resolveType = ({ __typename }) => __typename
  if (gaps.length) fail(`The schema has gaps:\n${gaps.join('\n')}`)
  return ways

  function bindRoot(type: GraphQLObjectType) {
    for (const { relations } of queries)
      for (const [name, relation] of Object.entries(relations)) bindRelation(type, type.getFields()[name]!, relation)
    const { node, nodes } = type.getFields()
    const find = nodeFinder()
    if (node) node.resolve = (_root, { id }, context, info) => find(id, context, info)
    if (nodes)
      nodes.resolve = (_root, { ids }, context, info) => {
        if (ids.length > maxNodes) throw badInput(`\`nodes\` takes at most ${maxNodes} ids; ${ids.length} were given.`)
        return ids.map((id: string) => find(id, context, info))
      }
  }

  function bindMutations(type: GraphQLObjectType) {
    for (const field of Object.values(type.getFields())) {
      const command = commands.find(({ name }) => name === field.name)
      if (!command) gaps.push(`Mutation.${field.name} is not a command`)
      else if (!ground) gaps.push(`Mutation.${field.name} is a command, but no command runner is configured`)
      else {
        field.resolve = (_root, { input }, context) => runCommand(command, ground, input, context)
        // The cast: the type was made for this command.
        const payload = getNamedType(field.type) as GraphQLObjectType
        bindPayload(command.result ? boundedResult(payload) : payload, command)
      }
    }
  }

  /** Results are read like `node`: after the commit and by their own scope, also on a repeat. */
  function bindPayload(type: GraphQLObjectType, command: Command) {
    const fields = type.getFields()
    for (const [part, noun] of Object.entries(command.made)) {
      const fetch = fetchOfNoun(noun)
      fields[part]!.resolve = ({ made }, _args, context, info) => {
        const keys: Keys | undefined = made[part]
        if (keys === undefined) return null
        if (typeof keys === 'string') return fetch.byKey(keys, context, info)
        const rows = Promise.all(keys.map((key) => fetch.byKey(key, context, info)))
        return rows.then((all) => all.filter((row) => row !== null))
      }
    }
    for (const part of command.once) fields[part]!.resolve = ({ once }) => once[part]
  }

  function fetchOfNoun(noun: Noun): Fetch {
    return fetchOf(ways, (plan, { parentType, fieldName, fieldNodes }) =>
      loaderStatement(plan, byKey(noun), parentType.getFields()[fieldName]!, fieldNodes, noun.key),
    )
  }

  function bindNoun(type: GraphQLObjectType, noun: Noun) {
    gaps.push(...nounGapsOf(noun, isNode(type), kinds))
    // type-graphql reads a type's fields once, for its first schema.
    for (const name of declaredOf(noun.type).keys())
      if (!type.getFields()[name]) gaps.push(`${type.name}.${name} was declared after the first schema was made`)
    for (const field of Object.values(type.getFields())) {
      const declared = declaredOf(noun.type).get(field.name)
      const name = `${type.name}.${field.name}`
      if (declared?.kind === 'leaf') bindLeaf(name, field, declared, noun)
      else if (declared) bindRelation(type, field, declared, noun)
      else if (field.name === 'id' && isNode(type))
        field.resolve = (row) => nodeIdOf(type.name, row[propertyOf(noun.key)])
      else if (field.name === 'id') gaps.push(`${name} shows a key, and ${type.name} is no Node`)
      else if (field.resolve) ways.computed.add(field)
      else if (!columnsOf(noun)[field.name]) gaps.push(`${name} is neither a column nor declared nor resolved`)
    }
  }

  function bindLeaf(name: string, field: GraphQLField<any, any>, leaf: Leaf, noun: Noun) {
    for (const column of leaf.columns)
      if (column.table !== noun.table) gaps.push(`${name}: ${column.name} is no column of ${noun.type.name}`)
    field.resolve = (row, _args, context) => leaf.resolve(row, context)
  }

  function bindRelation(type: GraphQLObjectType, field: GraphQLField<any, any>, relation: Relation, parent?: Noun) {
    const name = `${type.name}.${field.name}`
    field.extensions = { ...field.extensions, atMost: relation.atMost, relation }
    gaps.push(...gapsOf(name, relation, parent), ...argumentGapsOf(name, relation, keysOf(field)))
    if (!parent) {
      const fetch = fetchOf(ways, (plan, info) => rootStatement(plan, relation, field, info.fieldNodes))
      field.resolve = (_root, _args, context, info) => fetch.root(context, info)
      return
    }
    const from = relation.from ?? parent.key
    const property = propertyOf(from)
    const fetch = fetchOf(ways, (plan, info) => loaderStatement(plan, relation, field, info.fieldNodes, from))
    field.resolve = (row, _args, context, info) => {
      const slot = slotOf(info.fieldNodes[0]!)
      if (slot in row) return row[slot]
      return row[property] == null ? null : fetch.byKey(row[property], context, info)
    }
  }

  /** Finds an object by its `Node.id`. Null if it does not exist or the caller may not see it: both look alike. */
  function nodeFinder() {
    const fetches = new Map<string, Fetch>()
    for (const type of types.filter(isObjectType).filter(isNode)) {
      const noun = nounOfType(type)
      if (noun) fetches.set(type.name, fetchOfNoun(noun))
    }
    return async (id: string, context: Request, info: GraphQLResolveInfo) => {
      const parsed = parseNodeId(id)
      const row = parsed && (await fetches.get(parsed.type)?.byKey(parsed.key, context, info))
      return row ? { ...row, __typename: parsed.type } : null
    }
  }
}

const maxNodes = 100

/** The most items of a command, and the errors of each that its answer has room for. */
const atMost = { results: 100, userErrors: 20 }
/** The type of each result, with what its lists count in the cost of an operation. */
function boundedResult(payload: GraphQLObjectType): GraphQLObjectType {
  const results = payload.getFields().results!
  const type = getNamedType(results.type) as GraphQLObjectType // as `payloadOf` made it
  const userErrors = type.getFields().userErrors!
  results.extensions = { ...results.extensions, atMost: atMost.results }
  userErrors.extensions = { ...userErrors.extensions, atMost: atMost.userErrors }
  return type
}

/** The keys of a field's filter, and the values of its `orderBy`. */
function keysOf(field: GraphQLField<any, any>) {
  const typeOf = (argument: string) => {
    const found = field.args.find(({ name }) => name === argument)
    return found && getNamedType(found.type)
  }
  const filter = typeOf('filter') as GraphQLInputObjectType | undefined
  const orderBy = typeOf('orderBy') as GraphQLEnumType | undefined
  return {
    filter: Object.keys(filter?.getFields() ?? {}),
    orderBy: (orderBy?.getValues() ?? []).map(({ name }) => name),
  }
}
