import type { ApolloServerPlugin, BaseContext } from '@apollo/server'
import { type SQL, sql } from 'drizzle-orm'
import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  GraphQLList,
  GraphQLObjectType,
  type GraphQLResolveInfo,
  GraphQLSchema,
  getOperationAST,
  isInputType,
  isObjectType,
  Kind,
  locatedError,
  type OperationDefinitionNode,
  OperationTypeNode,
} from 'graphql'
import { LRUCache } from 'lru-cache'
import { note } from './about.js'
import type { Rule } from './allowedTo.js'
import { type AnswerPlan, answerSql, Misfit, type Place, type Selected } from './answerSql.js'
import { type Bytes, bytesIn } from './bytes.js'
import type { Request } from './declare.js'
import { engineOf } from './engine.js'
import { formatted } from './errors.js'
import { admit, forgetReceived, limits, tooLargeAnswer } from './limits.js'
import { isNode, parseNodeId } from './node.js'
import { filled, hasPlaceholders, type Placeholder, pathsOf, taken } from './placeholders.js'
import type { MeterOf } from './rates.js'
import { argumentsIn, collect, fragmentsIn } from './selection.js'
import { bytesOf, charactersIn } from './statement.js'
import { coerced, signed, type Variables } from './variables.js'

/** A request as GraphQL over HTTP has it. */
export interface Asked {
  query?: unknown
  operationName?: unknown
  variables?: unknown
  extensions?: unknown
}
export interface Answered {
  body: Bytes
  status: number
}
interface Log {
  error(what: object, message: string): void
}

interface Plan {
  rules: Rule[]
  ask: ReturnType<typeof bytesOf>
  /** The first is the root. */
  places: Place[]
  storedRoots: Selected[]
  /** The keys of the root, in order. */
  keys: string[]
}
interface Known {
  document: DocumentNode
  fragments: Record<string, FragmentDefinitionNode>
  /** Whether any field is named `node`. Otherwise no plan depends on the type behind an id. */
  namesNode: boolean
}
/** One request. */
interface Running extends Known {
  schema: GraphQLSchema
  operation: OperationDefinitionNode
  /** The variables as they were sent, and as graphql coerces them. */
  given: Variables
  variables: Variables
  context: Request
}

/** Waits for what has no deadline of its own. */
export type InTime = <T>(context: Request, ask: () => Promise<T>) => Promise<T>

interface Options {
  /** Defaults to waiting forever. */
  inTime?: InTime
  meterOf?: MeterOf | undefined
  /** By the caller's kind: a condition on the request's premise. */
  premises?: Readonly<Record<string, SQL>>
}

/**
 * Answers queries by one statement whose text is the answer; computed fields are filled in. Undefined for an operation that
 * does not fit, or whose premise must be read first: then Apollo answers it. Apollo's answers are the reference: these are
 * equal.
 */
export function answersOf(
  schema: GraphQLSchema,
  log: Log,
  { meterOf, premises = {}, inTime = (_, ask) => ask() }: Options = {},
) {
  const { ways, guard } = engineOf(schema)
  const root = schema.getQueryType()!
  const rowsSchema = schemaOfRows(schema)
  const format = formatted(log)
  const documents = new LRUCache<string, Known>(documentBounds)
  const plans = new WeakMap<OperationDefinitionNode, LRUCache<string, Made>>()

  /** Learns documents that Apollo has parsed and validated, so that neither is done twice. */
  const plugin: ApolloServerPlugin<BaseContext> = {
    async requestDidStart() {
      return {
        async didResolveOperation({ document, source }) {
          if (documents.has(source)) return
          const namesNode = /\bnode\b/.test(source)
          documents.set(source, { document, fragments: fragmentsIn(document), namesNode })
        },
      }
    },
  }

  async function answer(asked: Asked, context: Request): Promise<Answered | undefined> {
    const running = runningOf(asked, context)
    if (!running) return undefined
    try {
      // First: what is too costly to run may be too costly to plan.
      const charged = admit(running, context, meterOf)
      if (charged) await charged
      const plan = planFor(running)
      if (!plan) return undefined
      // What is computed beside the statement cannot wait for it.
      if (isUnread(context) && plan.places[0]!.fields.length > 0) return undefined
      // Apollo reports a refusal, or the failure of a rule, at each path.
      if (plan.rules.length > 0) {
        const verdict = () => guard.refusalOf(plan.rules, context).catch((error: unknown) => error)
        const refused = await inTime(context, verdict)
        if (refused !== undefined) return undefined
      }
      return await run(plan, running)
    } catch (error) {
      if (isLeftToApollo(error)) return undefined
      throw error
    }
  }

  function runningOf(asked: Asked, context: Request): Running | undefined {
    const { query, operationName, variables, extensions } = asked
    const given = variables ?? {}
    if (typeof query !== 'string' || extensions != null || !isRecord(given)) return undefined
    if (operationName != null && typeof operationName !== 'string') return undefined
    const known = documents.get(query)
    if (!known) return undefined
    const { document, fragments, namesNode } = known
    const operation = getOperationAST(document, operationName)
    if (operation?.operation !== OperationTypeNode.QUERY) return undefined
    const values = coerced(schema, operation, given)
    return values && { schema, document, fragments, namesNode, operation, given, variables: values, context }
  }

  /** Null for an operation that does not fit. */
  function planFor(running: Running): Plan | null {
    const { fragments, operation, variables, context } = running
    const { kind, variant } = context.caller
    const question = { schema, fragments, variables }
    const nodeTypes = running.namesNode ? nodeTypesIn(collect(question, root, [operation]), variables) : []
    const key = `${kind} ${variant} ${signed(schema, operation, variables)} ${nodeTypes.join(' ')}`
    let kept = plans.get(operation)
    if (!kept) {
      kept = new LRUCache(planBounds)
      plans.set(operation, kept)
    }
    const known = kept.get(key)
    if (known) return known.plan
    const plan = planOf(
      {
        ...question,
        kind,
        variant,
        computed: ways.computed,
        lookAhead: true,
        tables: 0,
        guard,
        rules: new Set(),
        places: [],
        storedRoots: [],
        nodeTypes: new Map(nodeTypes),
      },
      operation,
      [...collect(question, root, [operation]).keys()],
      premises[kind],
    )
    kept.set(key, { plan })
    return plan
  }

  function nodeTypesIn(roots: ReadonlyMap<string, FieldNode[]>, variables: Variables) {
    const types: [key: string, type: string][] = []
    for (const [key, [field]] of roots)
      if (field!.name.value === 'node') {
        const { id } = argumentsIn(root.getFields().node!, field!, variables)
        const type = schema.getType(parseNodeId(id)?.type ?? '')
        types.push([key, isObjectType(type) && isNode(type) ? type.name : ''])
      }
    return types
  }

  function compute(of: GraphQLSchema, running: Running, selections: FieldNode[], rootValue: unknown) {
    if (selections.length === 0) return undefined
    return inTime(running.context, async () => execution(of, running, selections, rootValue))
  }

  async function run(plan: Plan, running: Running): Promise<Answered | undefined> {
    const { context, variables } = running
    const { places, storedRoots } = plan
    const asked = plan.ask(ways.clientOf(context), { context, variables }).catch((error: unknown) => ({ error }))
    const computing = compute(schema, running, nodesOf(places[0]!.fields), {})
    const roots = computing && (await computing)
    const bytes = await asked
    if (typeof bytes !== 'string' && isUnread(context)) return undefined
    // The premise has become false since it was read.
    if (bytes === null) return await resolved(plan, running, roots)
    note(context, { by: 'statement' })
    const data = roots?.data ?? {}
    if (typeof bytes !== 'string') {
      const { error } = bytes
      if (isToldByResolvers(error)) return await resolved(plan, running, roots)
      // The stored fields are null, the computed ones are not lost.
      const nulls = Object.fromEntries(storedRoots.map(({ key }) => [key, null]))
      const lost = storedRoots.map(({ key, nodes }) => locatedError(error, nodes, [key]))
      return answerOf(rootText(plan, { ...data, ...nulls }), [...errorsIn(roots), ...lost])
    }
    if (!hasPlaceholders(bytes)) return answerOf(bytes, [])
    const open = taken(
      bytes,
      places.map(({ decode }) => decode),
    )
    const rows = open && (await compute(rowsSchema, running, fieldsOfRows(places, open.rows), open.rows))
    if (!open || (rows && hasNullRow(rows.data))) {
      forgetReceived(context)
      return await resolved(plan, running, roots)
    }
    const valueAt = ({ place, row, field }: Placeholder) => {
      const { key } = places[place]!.fields[field]!
      return place === 0 ? data[key] : (rows!.data as RowsData)[keyOfPlace(place)]![row]![key]
    }
    return answerOf(filled(open, valueAt), [...errorsIn(roots), ...errorsOfRows(rows, bytes)])
  }

  /**
   * The stored fields by their resolvers, which report each error at its own path and let nulls travel up. Not by
   * Apollo: what was computed beside the statement would run again.
   */
  async function resolved(plan: Plan, running: Running, roots: ExecutionResult | undefined): Promise<Answered> {
    note(running.context, { by: 'resolvers' })
    const stored = await compute(schema, running, nodesOf(plan.storedRoots), {})
    return answerOf(rootText(plan, { ...roots?.data, ...stored?.data }), [...errorsIn(roots), ...errorsIn(stored)])
  }

  function rootText({ keys }: Plan, data: Record<string, unknown>): Bytes {
    const all = keys.map((key) => [key, Object.hasOwn(data, key) ? data[key] : root.name])
    return bytesIn(JSON.stringify({ data: Object.fromEntries(all) }))
  }

  function answerOf(answer: Bytes, errors: readonly GraphQLError[]): Answered {
    const shown = errors.map((error) => format(withCode(error), error))
    const body = shown.length > 0 ? (`{"errors":${bytesIn(JSON.stringify(shown))},${answer.slice(1)}` as Bytes) : answer
    if (charactersIn(body) > limits.answer) return { body: bytesIn(JSON.stringify(tooLargeAnswer())), status: 400 }
    return { body, status: 200 }
  }

  return { answer, plugin }
}

/** Bounds of the documents that are kept: how many, and their characters. */
const documentBounds = { max: 1000, maxSize: 500_000, sizeCalculation: (_: unknown, text: string) => text.length }
interface Made {
  plan: Plan | null
}
/** Bounds of the plans that are kept for an operation: how many, and the characters of their statements. */
const planBounds = {
  max: 64,
  maxSize: 300_000,
  sizeCalculation: ({ plan }: Made, key: string) => key.length + (plan?.ask.characters ?? 0),
}

function planOf(plan: AnswerPlan, operation: OperationDefinitionNode, keys: string[], premise?: SQL): Plan | null {
  try {
    const answer = sql`'{"data":' || (${answerSql(plan, operation)})::text || '}'`
    const ask = bytesOf(premise ? sql`case when ${premise} then ${answer} end` : answer)
    return { rules: [...plan.rules], ask, places: plan.places, storedRoots: plan.storedRoots, keys }
  } catch (error) {
    if (error instanceof Misfit) return null
    throw error
  }
}

const isError = (error: unknown, ...codes: unknown[]) =>
  error instanceof GraphQLError && codes.includes(error.extensions.code)
/** Apollo refuses these again, each error at its own path. graphql gives no code to a null in an argument. */
const isLeftToApollo = (error: unknown) => isError(error, undefined, 'BAD_USER_INPUT', 'TOO_COSTLY', 'RATE_LIMITED')
/** The statement cannot say which field has the wrong argument, or is too long. */
const isToldByResolvers = (error: unknown) => isError(error, 'BAD_USER_INPUT', 'TOO_COSTLY')

/** Runs some fields with their resolvers, as graphql does. */
function execution(
  schema: GraphQLSchema,
  { operation, fragments, given, context }: Running,
  selections: FieldNode[],
  rootValue: unknown,
) {
  const { kind, operation: type, variableDefinitions = [] } = operation
  const selectionSet = { kind: Kind.SELECTION_SET as const, selections }
  const definitions = [{ kind, operation: type, variableDefinitions, selectionSet }, ...Object.values(fragments)]
  const document = { kind: Kind.DOCUMENT as const, definitions }
  return execute({ schema, document, rootValue, contextValue: context, variableValues: given })
}

/** The same types, with lists of their rows at the root: `{ p1: Application { viewerCan { … } } }`. */
function schemaOfRows(schema: GraphQLSchema): GraphQLSchema {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]
  const types = Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .filter((type) => !roots.includes(type) && !type.name.startsWith('__'))
  const resolve = (rows: unknown[][], _args: unknown, _context: unknown, { path }: GraphQLResolveInfo) =>
    rows[placeOf(path.key)]
  const fields = types.map((type) => [type.name, { type: new GraphQLList(type), resolve }])
  const query = new GraphQLObjectType({ name: 'Rows', fields: Object.fromEntries(fields) })
  // Variables may be of any.
  const inputs = Object.values(schema.getTypeMap()).filter(isInputType)
  return new GraphQLSchema({ query, types: inputs, assumeValid: true })
}
const nodesOf = (fields: readonly Selected[]) => fields.flatMap(({ nodes }) => nodes)
const keyOfPlace = (place: number) => `p${place}`
const placeOf = (key: string | number) => Number(String(key).slice(1))
type RowsData = Record<string, Record<string, unknown>[]>

/** The computed fields of each place that has rows. */
const fieldsOfRows = (places: readonly Place[], rows: readonly unknown[][]): FieldNode[] =>
  places.flatMap(({ type, fields }, place) =>
    place === 0 || rows[place]!.length === 0
      ? []
      : [
          {
            kind: Kind.FIELD,
            alias: { kind: Kind.NAME, value: keyOfPlace(place) },
            name: { kind: Kind.NAME, value: type.name },
            selectionSet: { kind: Kind.SELECTION_SET, selections: nodesOf(fields) },
          },
        ],
  )
const hasNullRow = (data: ExecutionResult['data']): boolean =>
  Object.values(data ?? { lost: null }).some((rows) => !rows || (rows as unknown[]).includes(null))

const errorsIn = (result: ExecutionResult | undefined): GraphQLError[] => [...(result?.errors ?? [])]
/** With their paths in the whole answer. */
function errorsOfRows(result: ExecutionResult | undefined, answer: Bytes): GraphQLError[] {
  return errorsIn(result).map((error) => {
    const [key, row, ...rest] = error.path ?? []
    const path = pathsOf(answer, placeOf(key!))[Number(row)] ?? []
    const { message, nodes, source, positions, originalError, extensions } = error
    return new GraphQLError(message, { nodes, source, positions, path: [...path, ...rest], originalError, extensions })
  })
}
/** As Apollo does it. */
const withCode = (error: GraphQLError) => {
  const { extensions, ...shown } = error.toJSON()
  return { ...shown, extensions: { ...extensions, code: extensions?.code ?? 'INTERNAL_SERVER_ERROR' } }
}
const isUnread = ({ premise }: Request) => premise?.isRead === false
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
