import {
  defaultFieldResolver,
  type GraphQLAbstractType,
  GraphQLError,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isNonNullType,
  isObjectType,
} from 'graphql'
import { fail } from './declare.js'
import { refusal } from './errors.js'
import { allow } from './shield.js'

/** What shield makes a rule of; its own types do not tell `cache` and `name` together. */
export interface Rule {
  name?: string
  cache?: unknown
  rules?: Rule[]
  resolve(...given: unknown[]): unknown
}
/** For a root, a rule a field. For any other type one rule, asked where the type is entered, or `'*'` and rules of fields. */
export type Access = Record<string, Rule | Record<string, Rule>>
type Field = GraphQLField<any, any> // as graphql's schema has them
type Resolve = NonNullable<Field['resolve']>
type Verdict = true | Error
const open = allow as unknown as Rule

/**
 * Shield's rules, applied where they are and nowhere else. Every root field and every object type has a rule, or the
 * server does not start.
 */
export function guard(schema: GraphQLSchema, access: Access): void {
  const gaps = gapsOf(schema, access)
  if (gaps.length) fail(`The guard has gaps:\n${gaps.join('\n')}`)
  const ask = asker()
  for (const type of objectTypes(schema)) {
    const kind = type === schema.getSubscriptionType() ? 'subscribe' : 'resolve'
    for (const field of Object.values(type.getFields())) {
      const rules = rulesOf(schema, access, type, field)
      if (rules.length)
        field[kind] = guarded(field[kind] ?? defaultFieldResolver, (context) => askAll(ask, rules, context))
      const entered = getNamedType(field.type)
      if (isAbstractType(entered) && isGuarded(schema, access, entered)) checkValues(access, field, entered, ask)
    }
  }
}

const rootTypes = (schema: GraphQLSchema) => [
  schema.getQueryType(),
  schema.getMutationType(),
  schema.getSubscriptionType(),
]
const objectTypes = (schema: GraphQLSchema) =>
  Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .filter(({ name }) => !name.startsWith('__'))
const isRule = (rules: Access[string] | undefined): rules is Rule => typeof rules?.resolve === 'function'

function ruleOfType(access: Access, name: string): Rule {
  const rules = access[name]
  return isRule(rules) ? rules : (rules?.['*'] ?? open)
}
function ownRule(access: Access, type: GraphQLObjectType, field: Field): Rule {
  const rules = access[type.name]
  return (isRule(rules) ? undefined : rules?.[field.name]) ?? open
}
/** The field's own rule, and that of the type that it leads to; for the parts of a page that was asked before it. */
function rulesOf(schema: GraphQLSchema, access: Access, type: GraphQLObjectType, field: Field): Rule[] {
  const rules = [ownRule(access, type, field)]
  const entered = getNamedType(field.type)
  if (!isPartOfPage(type) && isObjectType(entered) && !rootTypes(schema).includes(entered))
    for (const shown of [entered, shownBy(entered)]) if (shown) rules.push(ruleOfType(access, shown.name))
  return [...new Set(rules)].filter((rule) => rule !== open)
}
const isGuarded = (schema: GraphQLSchema, access: Access, type: GraphQLAbstractType) =>
  schema.getPossibleTypes(type).some(({ name }) => ruleOfType(access, name) !== open)

const partsOfPages = [
  'edges nodes pageInfo totalCount',
  'cursor node',
  'hasNextPage hasPreviousPage startCursor endCursor',
]
/** Types that the engine makes, told by their fields: any other that is so named has its own rule. */
const isPartOfPage = (type: GraphQLObjectType) => partsOfPages.includes(Object.keys(type.getFields()).join(' '))
/** A page shows its nodes, and so do its counts and cursors: their rule is asked where the page is entered. */
function shownBy(type: GraphQLObjectType): GraphQLObjectType | undefined {
  const { nodes, node } = isPartOfPage(type) ? type.getFields() : {}
  const shown = getNamedType((nodes ?? node)?.type)
  return isObjectType(shown) ? shown : undefined
}

type Ask = (rule: Rule, context: object) => Verdict | Promise<Verdict>
function askAll(ask: Ask, rules: Rule[], context: object): Verdict | Promise<Verdict> {
  const verdicts = rules.map((rule) => ask(rule, context))
  const first = (all: Verdict[]) => all.find((verdict) => verdict !== true) ?? true
  return verdicts.some((verdict) => verdict instanceof Promise)
    ? Promise.all(verdicts).then(first)
    : first(verdicts as Verdict[])
}
const guarded =
  (inner: Resolve, verdict: (context: object) => Verdict | Promise<Verdict>): Resolve =>
  (parent, args, context, info) => {
    // Rejects and does not throw: what is thrown at once would orphan the promises of a list's earlier items.
    const go = (answer: Verdict) => (answer === true ? inner(parent, args, context, info) : Promise.reject(answer))
    const answer = verdict(context)
    return answer instanceof Promise ? answer.then(go) : go(answer)
  }

/** A field that leads to an interface or a union: each value is asked for by the rule of what it turned out to be. */
function checkValues(access: Access, field: Field, entered: GraphQLAbstractType, ask: Ask) {
  const inner = field.resolve ?? defaultFieldResolver
  field.resolve = async (parent, args, context, info) => {
    const check = async (promised: unknown): Promise<unknown> => {
      const value = await promised
      if (Array.isArray(value)) return value.map(check)
      if (value == null || value instanceof Error) return value
      const name = entered.resolveType?.(value, context, info, entered)
      const verdict = typeof name === 'string' ? await ask(ruleOfType(access, name), context) : notAllowed()
      if (verdict !== true) throw verdict
      return value
    }
    return check(inner(parent, args, context, info))
  }
}

/** Shield finds the verdict, once a rule and request. A rule that throws is an error to be seen, not a quiet no. */
function asker(): Ask {
  const requests = new WeakMap<object, Map<Rule, Verdict | Promise<Verdict>>>()
  const verdictOf = async (rule: Rule, context: object): Promise<Verdict> => {
    const verdict = await rule.resolve({}, {}, context, {}, { debug: true })
    if (verdict === true || (verdict instanceof GraphQLError && verdict.extensions.code)) return verdict
    return notAllowed(verdict instanceof Error ? verdict.message : undefined)
  }
  return (rule, context) => {
    if (rule === open) return true
    let verdicts = requests.get(context)
    if (!verdicts) {
      verdicts = new Map()
      requests.set(context, verdicts)
      Object.assign(context, { _shield: { cache: {} } }) // where shield keeps what its rules said
    }
    const known = verdicts.get(rule)
    if (known !== undefined) return known
    const asked = verdictOf(rule, context).then((verdict) => {
      verdicts.set(rule, verdict)
      return verdict
    })
    verdicts.set(rule, asked)
    return asked
  }
}
const notAllowed = (message = 'Not allowed.') => refusal('FORBIDDEN', message)

function gapsOf(schema: GraphQLSchema, access: Access): string[] {
  const gaps: string[] = []
  const named = new Map<string, Rule>()
  const check = (place: string, rule: Rule) => {
    for (const part of rule.rules ?? []) check(place, part)
    if (rule.rules || rule === open) return
    if (rule.cache !== 'contextual') gaps.push(`${place}: its rule looks at more than the context`)
    const other = rule.name === undefined ? undefined : named.get(rule.name)
    if (other && other !== rule) gaps.push(`${place}: two rules are named ${rule.name}`)
    else if (rule.name !== undefined) named.set(rule.name, rule)
  }
  for (const [name, rules] of Object.entries(access)) {
    const type = schema.getType(name)
    if (!isObjectType(type)) gaps.push(`${name} has a rule, and is no object type`)
    else if (isRule(rules)) check(name, rules)
    else
      for (const [field, rule] of Object.entries(rules)) {
        if (field !== '*' && !type.getFields()[field]) gaps.push(`${name}.${field} has a rule, and is no field`)
        check(`${name}.${field}`, rule)
      }
  }
  for (const type of objectTypes(schema)) {
    gaps.push(...missingIn(type, access[type.name], rootTypes(schema).includes(type)))
    for (const field of Object.values(type.getFields()))
      if (isNonNullType(field.type) && isRefusable(schema, access, type, field))
        gaps.push(`${type.name}.${field.name} has a rule, its own or of what it leads to, and may not be null`)
  }
  return gaps
}
/** A refusal makes a field null, and nothing may go with it. */
function isRefusable(schema: GraphQLSchema, access: Access, type: GraphQLObjectType, field: Field): boolean {
  const entered = getNamedType(field.type)
  if (rulesOf(schema, access, type, field).length) return true
  return !isPartOfPage(type) && isAbstractType(entered) && isGuarded(schema, access, entered)
}
function missingIn(type: GraphQLObjectType, rules: Access[string] | undefined, root: boolean): string[] {
  if (!root) {
    if (isPartOfPage(type) || isRule(rules) || rules?.['*']) return []
    return [`${type.name} has no rule${rules ? " for '*'" : ''}`]
  }
  if (isRule(rules)) return [`${type.name} wants a rule a field`]
  return Object.keys(type.getFields())
    .filter((name) => !rules?.[name])
    .map((name) => `${type.name}.${name} has no rule`)
}
