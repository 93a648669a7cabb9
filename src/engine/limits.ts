import type { ApolloServerPlugin, BaseContext } from '@apollo/server'
import {
  type DocumentNode,
  type GraphQLSchema,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  visit,
} from 'graphql'
import { costOf } from './cost.js'
import { type ErrorCode, refusal } from './errors.js'

/** What one operation may ask for. Each has a line in docs/limits.md. */
export const limits = {
  /** Bytes of a request's body. */
  body: 256 * 1024,
  /** Characters of a document. */
  document: 20_000,
  tokens: 4_000,
  /** Fields with all fragments spread out. */
  fields: 5_000,
  depth: 15,
  aliases: 60,
  rootFields: 20,
  nodes: 25_000,
  /** Items of a list in the variables. */
  listItems: 100,
  /** Levels of lists and objects in the variables. */
  variablesDepth: 10,
  validationErrors: 10,
  coercionErrors: 10,
} as const
type Limit = keyof typeof limits

const over = (limit: Limit, found: number, what: string, code: ErrorCode = 'TOO_COSTLY') =>
  refusal(code, `${what}: at most ${limits[limit]} are allowed; this has ${found}.`, {
    ...{ limit, allowed: limits[limit], found },
    http: { status: 400 },
  })

/** Refuses what would cost too much before any of it is run. */
export const limitsPlugin: ApolloServerPlugin<BaseContext> = {
  async requestDidStart({ request }) {
    const length = request.query?.length ?? 0
    if (length > limits.document) throw over('document', length, 'Characters of the document', 'BAD_REQUEST')
    return {
      async didResolveOperation({ schema, document, operation, request: { variables = {} } }) {
        if (!operation) return // Apollo says that none was meant
        if (operation.operation === OperationTypeNode.SUBSCRIPTION)
          throw refusal('BAD_REQUEST', 'Subscriptions are not served over HTTP requests.', { http: { status: 400 } })
        checkVariables(variables, 0)
        const aliases = aliasesOf(document)
        if (aliases > limits.aliases) throw over('aliases', aliases, 'Aliases')
        checkCost(schema, document, operation, variables)
      },
    }
  },
}

function checkCost(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  given: Record<string, unknown>,
): void {
  const { coerced: variables } = getVariableValues(schema, operation.variableDefinitions ?? [], given, { maxErrors: 1 })
  const root = schema.getRootType(operation.operation)
  if (!variables || !root) return // execution says what is wrong
  const fragments = Object.fromEntries(
    document.definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition]] : [],
    ),
  )
  const { nodes, depth, rootFields } = costOf({ schema, fragments, variables }, root, operation)
  if (rootFields > limits.rootFields) throw over('rootFields', rootFields, 'Root fields')
  if (depth > limits.depth) throw over('depth', depth, 'Levels of fields')
  if (nodes > limits.nodes)
    throw over('nodes', nodes, 'Nodes that the pages asked for could name, each page times those it stands in')
}

function checkVariables(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) return
  if (depth > limits.variablesDepth) throw over('variablesDepth', depth, 'Levels in the variables')
  if (Array.isArray(value) && value.length > limits.listItems)
    throw over('listItems', value.length, 'Items of one list in the variables')
  for (const inner of Object.values(value)) checkVariables(inner, depth + 1)
}

const counted = new WeakMap<DocumentNode, number>()
function aliasesOf(document: DocumentNode): number {
  let aliases = counted.get(document)
  if (aliases === undefined) {
    aliases = 0
    visit(document, { Field: ({ alias }) => void (alias && aliases!++) })
    counted.set(document, aliases)
  }
  return aliases
}
