import type { ApolloServerPlugin, BaseContext } from '@apollo/server'
import {
  type ASTVisitor,
  type DocumentNode,
  type GraphQLInputType,
  type GraphQLSchema,
  getNullableType,
  isInputObjectType,
  isListType,
  type OperationDefinitionNode,
  OperationTypeNode,
  type ValidationContext,
} from 'graphql'
import { GraphQLJSON, GraphQLJSONObject } from 'graphql-scalars'
import { Extensions } from 'type-graphql'
import { note } from './about.js'
import { type Cost, costOf } from './cost.js'
import { refusal } from './errors.js'
import { type Meter, type MeterOf, pointsOf, spend } from './rates.js'
import { fragmentsIn } from './selection.js'
import { coerced, decidingIn, type Variables, variablesOf } from './variables.js'

/** Limits of one operation. docs/limits.md describes each. */
export const limits = {
  /** Bytes of a request body. */
  body: 256 * 1024,
  /** The same for a signed-in program: a hundred signed filings fit. */
  bodyOfProgram: 2 * 1024 * 1024,
  /** Characters of a document. */
  document: 20_000,
  tokens: 4_000,
  /** Fields with all fragments expanded, counted at each use. */
  fields: 5_000,
  /** Fields that lead to an object, including those in page parts and computed fields. */
  relations: 120,
  depth: 15,
  aliases: 60,
  /** Those within `__schema` and `__type`, each of which may repeat the whole schema. */
  introspectionAliases: 0,
  rootFields: 20,
  nodes: 25_000,
  /** Values that an operation could return; large ones count more than once. */
  leaves: 100_000,
  /** Characters of an answer, and of the data it is made from. */
  answer: 4_000_000,
  /** Items of a list in the variables, except in content. */
  listItems: 100,
  /** Levels of lists and objects in the variables, except in content. */
  variablesDepth: 10,
  /** Levels of lists and objects in JSON and other content. */
  contentDepth: 100,
  validationErrors: 10,
  coercionErrors: 10,
} as const
type Limit = keyof typeof limits

const badRequest = { http: { status: 400 } }
const over = (limit: Limit, found: number, what: string) =>
  refusal('TOO_COSTLY', `Too many ${what}: ${found}. At most ${limits[limit]} are allowed. Request less at once.`, {
    limit,
    allowed: limits[limit],
    found,
    ...badRequest,
  })

/** Checks the text. As a validation rule, it runs once for a document that Apollo caches. */
export function limitsRule(context: ValidationContext): ASTVisitor {
  const found = { aliases: 0, introspectionAliases: 0 }
  return {
    Field({ alias, name }) {
      if (!alias) return
      found.aliases++
      if (name.value === '__schema' || context.getParentType()?.name.startsWith('__')) found.introspectionAliases++
    },
    Document: {
      leave() {
        if (found.aliases > limits.aliases) context.reportError(over('aliases', found.aliases, 'aliases'))
        if (found.introspectionAliases > limits.introspectionAliases)
          context.reportError(over('introspectionAliases', found.introspectionAliases, 'aliases in an introspection'))
      },
    },
  }
}

/** Refuses an operation that would cost too much with these variables, before it runs. */
export const limitsPlugin = (meterOf?: MeterOf): ApolloServerPlugin<BaseContext> => ({
  async requestDidStart() {
    return {
      async didResolveOperation({ schema, document, operation, request: { variables = {} }, contextValue }) {
        if (!operation) return // Apollo reports a missing operation
        if (operation.operation === OperationTypeNode.SUBSCRIPTION)
          throw refusal('BAD_REQUEST', 'Subscriptions are not supported. Send a query or a mutation.', badRequest)
        const values = coerced(schema, operation, variables)
        await admit({ schema, document, operation, given: variables, variables: values }, contextValue, meterOf)
      },
      async willSendResponse({ response: { body, http } }) {
        if (body.kind !== 'single' || !isTooLarge(body.singleResult)) return
        body.singleResult = tooLargeAnswer()
        http.status = 400
      },
    }
  },
})

export interface Operation {
  schema: GraphQLSchema
  document: DocumentNode
  operation: OperationDefinitionNode
  /** As they were sent. */
  given: Variables
  /** As graphql coerces them. Undefined if they are invalid: execution reports it and runs nothing. */
  variables: Variables | undefined
}
/**
 * Refuses an operation that costs too much, and charges its points: once a request, whoever answers it. Undefined if that is
 * done at once.
 */
export function admit(asked: Operation, context: object, meterOf?: MeterOf): Promise<void> | undefined {
  note(context, { parsed: asked })
  checkVariables(asked)
  if (!asked.variables) return undefined
  const cost = costIn(asked, asked.variables)
  const points = pointsOf(cost)
  note(context, { points: 1 + points })
  checkCost(cost)
  if (!meterOf || points <= 0) return undefined
  const meter = meterOf(context) // Apollo copies the context
  const charge = charges.get(meter) ?? spend(meter, points)
  charges.set(meter, charge)
  return charge
}
const charges = new WeakMap<Meter, Promise<void>>()

function checkCost({ fields, relations, rootFields, depth, nodes, leaves }: Cost): void {
  if (fields > limits.fields) throw over('fields', fields, 'fields (counted up to this number)')
  if (relations > limits.relations) throw over('relations', relations, 'fields that return an object')
  if (rootFields > limits.rootFields) throw over('rootFields', rootFields, 'root fields')
  if (depth > limits.depth) throw over('depth', depth, 'levels of fields')
  if (nodes > limits.nodes) throw over('nodes', nodes, 'nodes that pages and lists could return')
  if (leaves > limits.leaves)
    throw over('leaves', leaves, 'values that the answer could contain (texts and JSON count more)')
}

const tooLarge = () =>
  refusal(
    'TOO_COSTLY',
    `The answer is too long. At most ${limits.answer} characters are allowed. Request less at once.`,
    {
      limit: 'answer',
      allowed: limits.answer,
    },
  )

/** Sent instead of an answer that is too long, with status 400. */
export const tooLargeAnswer = () => {
  const { message, extensions } = tooLarge()
  return { errors: [{ message, extensions }] }
}

const received = new WeakMap<object, number>()
/** Counts what PostgreSQL sent for a request, and refuses more than an answer may contain. */
export function receive(request: object, characters: number): void {
  const sum = (received.get(request) ?? 0) + characters
  if (sum > limits.answer) throw tooLarge() // the data is dropped
  received.set(request, sum)
}

/** After a text was dropped. */
export const forgetReceived = (request: object) => received.delete(request)

/** Whether an answer is too long, without building its text. Aliases may repeat one large value many times. */
export function isTooLarge(answer: unknown): boolean {
  let left: number = limits.answer
  const take = (value: unknown): void => {
    if (left < 0) return
    if (typeof value === 'string') left -= value.length + 2
    else if (typeof value !== 'object' || value === null) left -= 4
    else if (Array.isArray(value)) for (const item of value) take(item)
    else
      for (const key in value) {
        left -= key.length + 4
        take((value as Record<string, unknown>)[key])
      }
  }
  take(answer)
  return left < 0
}

interface KnownCosts {
  /** Names of the variables that decide. */
  deciding: readonly string[]
  byValues: Map<string, Cost>
}
const costs = new WeakMap<OperationDefinitionNode, KnownCosts>()
/** Values of variables for which the cost of one operation is kept, and their maximum length. */
const keptCosts = { values: 100, characters: 500 }
function costIn({ schema, document, operation }: Operation, variables: Variables): Cost {
  let kept = costs.get(operation)
  if (!kept) {
    kept = { deciding: decidingIn(document), byValues: new Map() }
    costs.set(operation, kept)
  }
  const { deciding, byValues } = kept
  const key = deciding.length > 0 ? JSON.stringify(deciding.map((name) => variables[name])) : ''
  const known = byValues.get(key)
  if (known) return known
  const root = schema.getRootType(operation.operation)
  if (!root) throw refusal('BAD_REQUEST', `The schema has no type for a ${operation.operation}.`, badRequest)
  const cost = costOf({ schema, fragments: fragmentsIn(document), variables }, root, operation, limits.fields)
  if (cost.isSure && key.length <= keptCosts.characters) {
    if (byValues.size >= keptCosts.values) byValues.clear()
    byValues.set(key, cost)
  }
  return cost
}

const isContent = 'isContent'
/** Marks an input type whose content a form bounds. Like JSON, it may have long lists: the size of the body bounds them. */
export const Content = (): ClassDecorator => Extensions({ [isContent]: true }) as ClassDecorator // for a class too

function checkVariables({ schema, operation, given }: Operation): void {
  const { types } = variablesOf(schema, operation)
  for (const name of Object.keys(given)) checkVariable(given[name], types.get(name), 1)
}

/** Without a type, a value is not content. */
function checkVariable(value: unknown, given: GraphQLInputType | undefined, depth: number): void {
  if (typeof value !== 'object' || value === null) return
  const type = given && getNullableType(given)
  const isJson = type === GraphQLJSON || type === GraphQLJSONObject
  if (isJson || (isInputObjectType(type) && type.extensions[isContent])) {
    checkContent(value, 1)
    return
  }
  if (depth > limits.variablesDepth) throw over('variablesDepth', depth, 'levels in the variables')
  if (Array.isArray(value)) {
    if (value.length > limits.listItems) throw over('listItems', value.length, 'items in one list of the variables')
    const itemType = isListType(type) ? type.ofType : undefined
    for (const item of value) checkVariable(item, itemType, depth + 1)
    return
  }
  const fields = isInputObjectType(type) ? type.getFields() : undefined
  for (const [name, inner] of Object.entries(value)) checkVariable(inner, fields?.[name]?.type, depth + 1)
}

function checkContent(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) return
  if (depth > limits.contentDepth) throw over('contentDepth', depth, 'levels in the content')
  for (const inner of Object.values(value)) checkContent(inner, depth + 1)
}
