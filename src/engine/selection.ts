import {
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLEnumType,
  type GraphQLField,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getArgumentValues,
  getDirectiveValues,
  getNamedType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  typeFromAST,
} from 'graphql'

/** What was asked for, and with which variables. */
export interface Question {
  schema: GraphQLSchema
  fragments: Record<string, FragmentDefinitionNode>
  variables: Record<string, unknown>
}
export type Selecting = { selectionSet?: SelectionSetNode | undefined }

/** The fields asked of an object type, by response key, with @skip and @include decided. */
export function collect(question: Question, type: GraphQLObjectType, parents: readonly Selecting[]) {
  const fields = new Map<string, FieldNode[]>()
  const visited = new Set<string>()
  const add = (selection: SelectionNode) => {
    if (!included(selection, question.variables)) return
    if (selection.kind === Kind.FIELD) {
      const key = selection.alias?.value ?? selection.name.value
      const nodes = fields.get(key)
      if (nodes) nodes.push(selection)
      else fields.set(key, [selection])
      return
    }
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      if (visited.has(selection.name.value)) return
      visited.add(selection.name.value)
    }
    const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : question.fragments[selection.name.value]
    if (fragment && appliesTo(question.schema, fragment.typeCondition?.name.value, type))
      fragment.selectionSet.selections.forEach(add)
  }
  for (const { selectionSet } of parents) selectionSet?.selections.forEach(add)
  return fields
}
function included(node: SelectionNode, variables: Record<string, unknown>): boolean {
  if (!node.directives?.length) return true
  if (getDirectiveValues(GraphQLSkipDirective, node, variables)?.if === true) return false
  return getDirectiveValues(GraphQLIncludeDirective, node, variables)?.if !== false
}
function appliesTo(schema: GraphQLSchema, condition: string | undefined, type: GraphQLObjectType): boolean {
  if (condition === undefined || condition === type.name) return true
  const on = schema.getType(condition)
  return on !== undefined && 'resolveType' in on && schema.isSubType(on, type)
}

/** The arguments of a field as graphql coerces them, for the variables of one run. */
export const argumentsIn = (field: GraphQLField<any, any>, node: FieldNode, variables: Record<string, unknown>) =>
  (field.args.length === 0 ? {} : getArgumentValues(field, node, variables)) as Record<string, any>

/** Where a row carries a relation that was fetched along with it. No column is named so. */
export const slotOf = (field: GraphQLField<any, any>, args: Record<string, unknown>): string =>
  `>${field.name}${field.args.length === 0 ? '' : JSON.stringify(field.args.map(({ name }) => args[name] ?? null))}`

const signatures = new WeakMap<object, string>()
/**
 * What of the variables may decide the text of a statement: which are there, and the values of booleans (@skip) and
 * enums (`orderBy`). All other values are parameters.
 */
export function signatureOf({ operation, variableValues, schema }: GraphQLResolveInfo): string {
  let signature = signatures.get(variableValues)
  if (signature === undefined) {
    signature = (operation.variableDefinitions ?? [])
      .map(({ variable, type }) => {
        const named = getNamedType(typeFromAST(schema, type as never))
        const value = variableValues[variable.name.value]
        return named instanceof GraphQLEnumType ? JSON.stringify(value ?? null) : shapeOf(value)
      })
      .join()
    signatures.set(variableValues, signature)
  }
  return signature
}
function shapeOf(value: unknown): string {
  if (value == null || typeof value === 'boolean') return String(value)
  if (Array.isArray(value)) return '[]'
  if (typeof value !== 'object') return '_'
  const keys = Object.keys(value).sort()
  return `{${keys.map((key) => `${key}:${shapeOf((value as Record<string, unknown>)[key])}`)}}`
}
