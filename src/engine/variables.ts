import {
  type ASTNode,
  coerceInputValue,
  type DocumentNode,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  getVariableValues,
  isEnumType,
  isInputType,
  Kind,
  type OperationDefinitionNode,
  typeFromAST,
  visit,
} from 'graphql'

export type Variables = Record<string, unknown>

interface Variable {
  name: string
  /** Undefined if the schema has no such input type. */
  type: GraphQLInputType | undefined
  isEnum: boolean
}
interface Declared {
  list: readonly Variable[]
  types: ReadonlyMap<string, Variable['type']>
}
const declared = new WeakMap<OperationDefinitionNode, Declared>()
/** The variables of an operation, looked up in the schema once. */
export function variablesOf(schema: GraphQLSchema, operation: OperationDefinitionNode): Declared {
  const known = declared.get(operation)
  if (known) return known
  const list = (operation.variableDefinitions ?? []).map(({ variable, type: written }) => {
    const type = typeFromAST(schema, written as never) // typed for one kind of node at a time
    return {
      name: variable.name.value,
      type: isInputType(type) ? type : undefined,
      isEnum: isEnumType(getNamedType(type)),
    }
  })
  const found = { list, types: new Map(list.map(({ name, type }) => [name, type])) }
  declared.set(operation, found)
  return found
}

const wrong = new Error('a variable is invalid')
const refuse = () => {
  throw wrong
}
/** The values as graphql coerces them. Undefined if one is invalid. */
export function coerced(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  given: Variables,
): Variables | undefined {
  const values: Variables = Object.create(null)
  try {
    for (const { name, type } of variablesOf(schema, operation).list) {
      const value = Object.hasOwn(given, name) ? given[name] : null
      // Defaults, and what may be null.
      if (value === null || !type)
        return getVariableValues(schema, operation.variableDefinitions ?? [], given, { maxErrors: 1 }).coerced
      values[name] = coerceInputValue(value, type, refuse)
    }
    return values
  } catch (error) {
    if (error === wrong) return undefined
    throw error
  }
}

/**
 * The part of the values that may change a statement's text: which are present, and the values of booleans (@skip) and
 * enums (`orderBy`). All other values are parameters.
 */
export function signed(schema: GraphQLSchema, operation: OperationDefinitionNode, values: Variables): string {
  let signature = ''
  for (const { name, isEnum } of variablesOf(schema, operation).list) {
    const value = values[name]
    // By name: operations that share a fragment may declare them in any order.
    signature += `${name}:${isEnum ? JSON.stringify(value ?? null) : shapeOf(value)},`
  }
  return signature
}
function shapeOf(value: unknown): string {
  if (value == null || typeof value === 'boolean') return String(value)
  if (Array.isArray(value)) return '[]'
  if (typeof value !== 'object') return '_'
  const keys = Object.keys(value).sort()
  return `{${keys.map((key) => `${key}:${shapeOf((value as Variables)[key])}`)}}`
}

const sizes = new Set(['first', 'last', 'ids'])
const decides = (node: ASTNode | readonly ASTNode[] | undefined): boolean =>
  node !== undefined &&
  'kind' in node &&
  (node.kind === Kind.DIRECTIVE || (node.kind === Kind.ARGUMENT && sizes.has(node.name.value)))
/** Names of the variables that decide what an operation of the document costs: in directives, and as sizes of lists. */
export function decidingIn(document: DocumentNode): readonly string[] {
  const names = new Set<string>()
  visit(document, {
    Variable({ name }, _key, parent, _path, ancestors) {
      // graphql does not count the parent among the ancestors.
      if (decides(parent) || ancestors.some(decides)) names.add(name.value)
    },
  })
  return [...names]
}
