import DataLoader from 'dataloader'
import { type FieldNode, GraphQLError, type GraphQLField, type GraphQLResolveInfo } from 'graphql'
import type { Sql } from 'postgres'
import type { Request } from './declare.js'
import { signatureOf } from './selection.js'
import type { Plan } from './source.js'
import type { Statement } from './statement.js'

export interface Ways {
  /** The database that requests read. */
  clientOf(context: any): Sql
  /** False: loads each relation separately. The answers are the same. */
  lookAhead: boolean
  /** Fields with a hand-written resolver. */
  computed: WeakSet<GraphQLField<any, any>>
}
/** Fetches a field: at the root, or for one of many parents by its key. */
export interface Fetch {
  root(context: Request, info: GraphQLResolveInfo): Promise<any>
  byKey(key: unknown, context: Request, info: GraphQLResolveInfo): Promise<any>
}

export function fetchOf(ways: Ways, make: (plan: Plan, info: GraphQLResolveInfo) => Statement): Fetch {
  const known = { deep: statementCache(), shallow: statementCache() }
  const wrong = new WeakSet<object>()

  function statement(how: 'deep' | 'shallow', { caller }: Request, info: GraphQLResolveInfo): Statement {
    const { kind, variant } = caller
    const { schema, fragments, variableValues: variables } = info
    const { computed } = ways
    return known[how](caller, info, () =>
      make({ schema, fragments, variables, kind, variant, computed, lookAhead: how === 'deep', tables: 0 }, info),
    )
  }
  function best(context: Request, info: GraphQLResolveInfo): Statement {
    if (!ways.lookAhead || wrong.has(info.variableValues)) return statement('shallow', context, info)
    try {
      return statement('deep', context, info)
    } catch (error) {
      return withoutLookAhead(error, context, info)
    }
  }
  /** An invalid field below: let it report itself, at its own path. */
  function withoutLookAhead(error: unknown, context: Request, info: GraphQLResolveInfo): Statement {
    if (!(error instanceof GraphQLError) || error.extensions.code !== 'BAD_USER_INPUT') throw error
    if (!ways.lookAhead) throw error
    wrong.add(info.variableValues)
    return statement('shallow', context, info)
  }
  async function ask(asked: Statement, context: Request, info: GraphQLResolveInfo, keys?: readonly unknown[]) {
    const run = { context, variables: info.variableValues, ...(keys ? { keys } : {}) }
    try {
      return await asked(ways.clientOf(context), run)
    } catch (error) {
      const alone = withoutLookAhead(error, context, info)
      // Keyed by statement, not by request: look-ahead may run several at once.
      if (alone === asked) throw error
      return await alone(ways.clientOf(context), run)
    }
  }
  return {
    root: async (context, info) => ask(best(context, info), context, info),
    // Async: a synchronous throw would orphan the promises of earlier items of a list, and graphql 16 would let their
    // rejections end the process.
    byKey: async (key, context, info) => {
      const chosen = best(context, info)
      const loaders = loadersOf(context)
      let loader = loaders.get(chosen)
      if (!loader) {
        loader = new DataLoader((keys) => ask(chosen, context, info, keys))
        loaders.set(chosen, loader)
      }
      return loader.load(key)
    },
  }
}

// Loaders belong to one request, so nothing read for one caller reaches another.
const requests = new WeakMap<object, Map<object, DataLoader<any, any>>>()
function loadersOf(context: object) {
  let loaders = requests.get(context)
  if (!loaders) {
    loaders = new Map()
    requests.set(context, loaders)
  }
  return loaders
}
/** Drops loaded values after a command has changed them. */
export const forgetLoaded = (context: object) => requests.delete(context)

/** For hand-written resolvers: reads one batch while a page is answered, once a request. */
export function loadFor<Context extends object, Key, Value>(
  context: Context,
  batch: (keys: readonly Key[], context: Context) => Promise<readonly (Value | Error)[]>,
  key: Key,
): Promise<Value> {
  const loaders = loadersOf(context)
  let loader: DataLoader<Key, Value> | undefined = loaders.get(batch)
  if (!loader) {
    loader = new DataLoader((keys) => batch(keys, context))
    loaders.set(batch, loader)
  }
  return loader.load(key)
}

interface Cached {
  nodes: readonly FieldNode[]
  signature: string
  statement: Statement
}
/** Bounds of what is kept for a field of a document: how many statements, and their characters. */
const statementBounds = { max: 64, maxSize: 300_000 }
/** Statements, keyed by the nodes of the document, the signature of its variables, and the caller's kind and variant. */
function statementCache() {
  const cache = new WeakMap<FieldNode, Cached[]>()
  return ({ kind, variant = '' }: Request['caller'], info: GraphQLResolveInfo, make: () => Statement): Statement => {
    const { fieldNodes } = info
    const signature = `${kind} ${variant} ${signatureOf(info)}`
    const entries = cache.get(fieldNodes[0]!) ?? []
    cache.set(fieldNodes[0]!, entries)
    // A fragment used twice merges with different nodes in each place, so all of them form the key.
    const same = entries.find(
      ({ nodes, signature: other }) =>
        other === signature && nodes.length === fieldNodes.length && nodes.every((node, at) => node === fieldNodes[at]),
    )
    if (same) return same.statement
    const statement = make()
    const characters = entries.reduce((sum, { statement }) => sum + statement.characters, statement.characters)
    if (entries.length === statementBounds.max || characters > statementBounds.maxSize) entries.length = 0
    entries.push({ nodes: [...fieldNodes], signature, statement })
    return statement
  }
}
