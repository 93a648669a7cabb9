import { is, Param } from 'drizzle-orm'
import { alias, PgDialect } from 'drizzle-orm/pg-core'
import {
  BREAK,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql'
import type { Parsed } from './about.js'
import { anyone, ruleOf } from './allowedTo.js'
import { Asked, declaredOf, nounOf, nounOfType, type Relation } from './declare.js'
import { isPartOfPage } from './guard.js'

const verdicts = new WeakMap<OperationDefinitionNode, boolean>()
/**
 * Whether an operation answers all callers alike, at one moment and in one language, so that a cache may keep its answer.
 * False in doubt: for anything computed by hand, such as `node`, and if only a skipped field depends on the caller.
 */
export function isForEveryone({ schema, document, operation }: Parsed): boolean {
  let verdict = verdicts.get(operation)
  if (verdict === undefined) {
    const fragments = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION)
    verdict =
      operation.operation === OperationTypeNode.QUERY &&
      [operation, ...fragments].every((definition) => isPublic(schema, definition))
    verdicts.set(operation, verdict)
  }
  return verdict
}

function isPublic(schema: GraphQLSchema, definition: Parameters<typeof visit>[0]): boolean {
  const types = new TypeInfo(schema)
  let isSo = true
  const Field = () => {
    const [parent, field] = [types.getParentType(), types.getFieldDef()]
    isSo = isObjectType(parent) && field != null && isFieldPublic(schema, parent, field)
    return isSo ? undefined : BREAK
  }
  visit(definition, visitWithTypeInfo(types, { Field }))
  return isSo
}

function isFieldPublic(schema: GraphQLSchema, parent: GraphQLObjectType, field: GraphQLField<any, any>): boolean {
  if (parent.name.startsWith('__') || field.name.startsWith('__')) return true // the schema itself
  const [rule, entered] = [ruleOf(field), getNamedType(field.type)]
  if (rule && rule !== anyone) return false
  if (isObjectType(entered) && !isPartOfPage(entered) && ruleOf(entered) !== anyone) return false
  const relation = field.extensions.relation as Relation | undefined // `bind` put it there
  if (relation) return isRelationPublic(schema, relation)
  if (isPartOfPage(parent)) return true // its relation was checked
  const noun = nounOfType(parent)
  const declared = noun && declaredOf(noun.type).get(field.name)
  if (declared?.kind === 'leaf') return declared.isSameForAll === true || declared.resolve.length < 2
  return field.resolve === undefined || (noun !== undefined && field.name === 'id')
}

function isRelationPublic(
  schema: GraphQLSchema,
  { target, owner, where, order, orderBy, conditions = {} }: Relation,
): boolean {
  const { table, scope, type } = nounOf(target)
  const shown = schema.getType(type.name)
  if (!shown || ruleOf(shown) !== anyone || owner) return false
  // A scope by kind differs between callers; so may one that asks for the variant of a kind.
  if (typeof scope === 'object' || (typeof scope === 'function' && scope.length > 1)) return false
  const row = alias(table, 'row')
  const given = new Asked(() => null, true)
  const orders = [order, ...Object.values(orderBy?.orders ?? {})]
  const parts = [
    typeof scope === 'function' ? scope(row, undefined) : undefined,
    where?.(row),
    ...orders.map((one) => one?.where?.(row)),
    ...Object.values(conditions).map((condition) => condition(row, given, true)),
  ]
  return parts.every((part) => !part || dialect.sqlToQuery(part.getSQL()).params.every(isSameForAll))
}
const dialect = new PgDialect()
const isSameForAll = (parameter: unknown): boolean => {
  const value = is(parameter, Param) ? parameter.value : parameter
  return !(value instanceof Asked) || value.isSameForAll
}
