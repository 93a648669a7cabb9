import {
  defaultFieldResolver,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
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
type Field = GraphQLField<any, any>
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
  const subscriptions = schema.getSubscriptionType()
  for (const type of objectTypes(schema)) {
    for (const field of Object.values(type.getFields())) {
      const rules = [...new Set([ownRule(access, type, field), ...enteredRules(schema, access, field)])].filter(
        (rule) => rule !== open,
      )
      const kind = type === subscriptions ? 'subscribe' : 'resolve'
      if (rules.length)
        field[kind] = guarded(field[kind] ?? defaultFieldResolver, (context) => askAll(ask, rules, context))
      checkEntered(schema, access, field, kind, ask)
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
/** Types that the engine makes show only what their fields' own types show. */
const isOfEngine = (name: string) => name === 'PageInfo' || /(Connection|Edge)$/.test(name)

function ruleOfType(access: Access, name: string): Rule {
  const rules = access[name]
  return isRule(rules) ? rules : (rules?.['*'] ?? open)
}
function ownRule(access: Access, type: GraphQLObjectType, field: Field): Rule {
  const rules = access[type.name]
  return (isRule(rules) ? undefined : rules?.[field.name]) ?? open
}
/** The rule of the type that a field leads to. Of an interface or a union the concrete type is asked, once it is known. */
function enteredRules(schema: GraphQLSchema, access: Access, field: Field): Rule[] {
  const entered = getNamedType(field.type)
  return isObjectType(entered) && !rootTypes(schema).includes(entered) ? [ruleOfType(access, entered.name)] : []
}

type Ask = (rule: Rule, context: object) => Verdict | Promise<Verdict>
function askAll(ask: Ask, rules: Rule[], context: object): Verdict | Promise<Verdict> {
  const verdicts = rules.map((rule) => ask(rule, context))
  const first = (all: Verdict[]) => all.find((verdict) => verdict !== true) ?? true
  return verdicts.some((verdict) => verdict instanceof Promise)
    ? Promise.all(verdicts).then(first)
    : first(verdicts as Verdict[])
}
function guarded(inner: GraphQLFieldResolver<any, any>, verdict: (context: object) => Verdict | Promise<Verdict>) {
  const resolve: GraphQLFieldResolver<any, any> = (parent, args, context, info) => {
    const go = (answer: Verdict) => {
      if (answer !== true) throw answer
      return inner(parent, args, context, info)
    }
    const answer = verdict(context)
    return answer instanceof Promise ? answer.then(go) : go(answer)
  }
  return resolve
}

/** A field that leads to an interface or a union: each value is asked for by the rule of what it turned out to be. */
function checkEntered(schema: GraphQLSchema, access: Access, field: Field, kind: 'resolve' | 'subscribe', ask: Ask) {
  const entered = getNamedType(field.type)
  if (kind === 'subscribe' || !isAbstractType(entered)) return
  if (schema.getPossibleTypes(entered).every(({ name }) => ruleOfType(access, name) === open)) return
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
    return verdict === true || verdict instanceof Error ? verdict : notAllowed()
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
const notAllowed = () => refusal('FORBIDDEN', 'Not allowed.')

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
  for (const type of objectTypes(schema))
    gaps.push(...missingIn(type, access[type.name], rootTypes(schema).includes(type)))
  return gaps
}
function missingIn(type: GraphQLObjectType, rules: Access[string] | undefined, root: boolean): string[] {
  if (!root) {
    if (isOfEngine(type.name) || isRule(rules) || rules?.['*']) return []
    return [`${type.name} has no rule${rules ? " for '*'" : ''}`]
  }
  if (isRule(rules)) return [`${type.name} wants a rule a field`]
  return Object.keys(type.getFields())
    .filter((name) => !rules?.[name])
    .map((name) => `${type.name}.${name} has no rule`)
}
