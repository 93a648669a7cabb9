import {
  type ArgumentNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getArgumentValues,
  getDirectiveValues,
  Kind,
  type ObjectFieldNode,
  print,
  type SelectionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql'
import { signed } from './variables.js'

/** The selected fields and the variables. */
export interface Question {
  schema: GraphQLSchema
  fragments: Record<string, FragmentDefinitionNode>
  variables: Record<string, unknown>
}
export const fragmentsIn = ({ definitions }: DocumentNode): Question['fragments'] =>
  Object.fromEntries(
    definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition]] : [],
    ),
  )
export type Selecting = { selectionSet?: SelectionSetNode | undefined }

/** The selected fields of an object type by response key, after @skip and @include. */
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

type Arguments = Record<string, any>
/** A field's arguments as graphql coerces them, for the variables of one run. */
export function argumentsIn(
  field: GraphQLField<any, any>,
  node: FieldNode,
  variables: Record<string, unknown>,
): Arguments {
  if (field.args.length === 0) return {}
  const passed = passedIn(field, node)
  return (passed && valuesOf(passed, variables)) ?? getArgumentValues(field, node, variables)
}

/** Arguments that are all variables, which graphql has coerced already. A statement reads its arguments several times. */
interface Passed {
  field: GraphQLField<any, any>
  names: readonly { argument: string; variable: string }[]
}
const passedBy = new WeakMap<FieldNode, Passed | null>()
/** Null if one is no variable, or is left out and has a default. */
function passedIn(field: GraphQLField<any, any>, node: FieldNode): Passed | null {
  const known = passedBy.get(node)
  // A fragment may be for fields of several types.
  if (known === null || known?.field === field) return known
  const written = node.arguments ?? []
  const names = written.flatMap(({ name, value }) =>
    value.kind === Kind.VARIABLE ? [{ argument: name.value, variable: value.name.value }] : [],
  )
  const others = field.args.filter(({ name }) => !names.some(({ argument }) => argument === name))
  const isPlain = names.length === written.length && others.every(({ defaultValue }) => defaultValue === undefined)
  const passed = isPlain ? { field, names } : null
  passedBy.set(node, passed)
  return passed
}
/** Undefined if one has no value: graphql knows whether it may be left out. */
function valuesOf({ names }: Passed, variables: Record<string, unknown>): Arguments | undefined {
  const values: Arguments = Object.create(null)
  for (const { argument, variable } of names) {
    const value = variables[variable]
    if (value == null) return undefined
    values[argument] = value
  }
  return values
}

const slots = new WeakMap<FieldNode, string>()
/**
 * Where a row carries a relation that was fetched with it. Named by the arguments as written, because a statement is
 * reused for other values of the same variables. No column has such a name.
 */
export function slotOf(node: FieldNode): string {
  let slot = slots.get(node)
  if (slot === undefined) {
    slot = `>${node.name.value}${textOf(node.arguments ?? [])}`
    slots.set(node, slot)
  }
  return slot
}
/** Fields merge if their arguments differ only in order. */
const textOf = (named: readonly (ArgumentNode | ObjectFieldNode)[]): string =>
  `(${named.map(({ name, value }) => `${name.value}:${valueText(value)}`).sort()})`
function valueText(value: ValueNode): string {
  if (value.kind === Kind.OBJECT) return textOf(value.fields)
  return value.kind === Kind.LIST ? `[${value.values.map(valueText)}]` : print(value)
}

const signatures = new WeakMap<object, string>()
/** The signature of the variables, once for all fields of an operation. */
export function signatureOf({
  operation,
  variableValues,
  schema,
}: Pick<GraphQLResolveInfo, 'operation' | 'variableValues' | 'schema'>): string {
  let signature = signatures.get(variableValues)
  if (signature === undefined) {
    signature = signed(schema, operation, variableValues)
    signatures.set(variableValues, signature)
  }
  return signature
}
