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
import { anyone, type Rule, ruleOf } from './allowedTo.js'
import { fail } from './declare.js'
import { refusal } from './errors.js'
import { loadShield } from './shield.js'

type Field = GraphQLField<any, any> // as in graphql's schema
type Resolve = NonNullable<Field['resolve']>
type Verdict = true | Error

/**
 * Applies shield's rules where they are declared and nowhere else. The server does not start unless every root field
 * and object type has one.
 */
export function guard(schema: GraphQLSchema): Guard {
  loadShield()
  const gaps = gapsOf(schema)
  if (gaps.length) fail(`The guard has gaps:\n${gaps.join('\n')}`)
  const ask = asker()
  for (const type of objectTypes(schema)) {
    const kind = type === schema.getSubscriptionType() ? 'subscribe' : 'resolve'
    for (const field of Object.values(type.getFields())) {
      const rules = rulesOf(schema, type, field)
      if (rules.length)
        field[kind] = guarded(field[kind] ?? defaultFieldResolver, (context) => askAll(ask, rules, context))
      const entered = getNamedType(field.type)
      if (isAbstractType(entered) && isGuarded(schema, entered)) checkValues(schema, field, entered, ask)
    }
  }
  return {
    rulesOf: (type, field) => rulesOf(schema, type, field),
    refusalOf: async (rules, context) => {
      const verdict = await askAll(ask, rules, context)
      return verdict === true ? undefined : verdict
    },
  }
}

/** The rules, for whoever reads fields without their resolvers. */
export interface Guard {
  /** The rules of a field and of the type it leads to. */
  rulesOf(type: GraphQLObjectType, field: Field): Rule[]
  /** Asks each rule once a request. */
  refusalOf(rules: Rule[], context: object): Promise<Error | undefined>
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
/** The field's rule and that of its type. A page's parts were checked before it. */
function rulesOf(schema: GraphQLSchema, type: GraphQLObjectType, field: Field): Rule[] {
  const rules = [ruleOf(field)]
  const entered = getNamedType(field.type)
  if (!isPartOfPage(type) && isObjectType(entered) && !rootTypes(schema).includes(entered))
    for (const shown of [entered, shownBy(entered)]) if (shown) rules.push(ruleOf(shown))
  return [...new Set(rules)].filter((rule) => rule !== undefined).filter((rule) => rule !== anyone)
}
const isGuarded = (schema: GraphQLSchema, type: GraphQLAbstractType) =>
  schema.getPossibleTypes(type).some((possible) => ruleOf(possible) !== anyone)

const partsOfPages = [
  'edges nodes pageInfo totalCount totalCountIsExact',
  'cursor node',
  'hasNextPage hasPreviousPage startCursor endCursor',
]
/** Types that the engine makes, recognized by their fields. Any other type of that name has its own rule. */
export const isPartOfPage = (type: GraphQLObjectType) => partsOfPages.includes(Object.keys(type.getFields()).join(' '))
/** Counts and cursors reveal as much as nodes, so the rule is checked where the page is entered. */
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
    // Rejects instead of throwing: a synchronous throw would orphan the promises of earlier items of a list.
    const go = (answer: Verdict) => (answer === true ? inner(parent, args, context, info) : Promise.reject(answer))
    const answer = verdict(context)
    return answer instanceof Promise ? answer.then(go) : go(answer)
  }

/** For interfaces and unions: checks each value by the rule of its actual type. */
function checkValues(schema: GraphQLSchema, field: Field, entered: GraphQLAbstractType, ask: Ask) {
  const inner = field.resolve ?? defaultFieldResolver
  field.resolve = async (parent, args, context, info) => {
    const check = async (promised: unknown): Promise<unknown> => {
      const value = await promised
      if (Array.isArray(value)) return value.map(check)
      if (value == null || value instanceof Error) return value
      const name = entered.resolveType?.(value, context, info, entered)
      const type = typeof name === 'string' ? schema.getType(name) : undefined
      const rule = type && ruleOf(type)
      const verdict = rule ? await ask(rule, context) : notAllowed()
      if (verdict !== true) throw verdict
      return value
    }
    return check(inner(parent, args, context, info))
  }
}

/** Shield evaluates each rule once a request. A rule that throws is a visible error, not a silent refusal. */
function asker(): Ask {
  const requests = new WeakMap<object, Map<Rule, Verdict | Promise<Verdict>>>()
  const verdictOf = async (rule: Rule, context: object): Promise<Verdict> => {
    const verdict = await rule.resolve({}, {}, context, {}, { debug: true })
    if (verdict === true || (verdict instanceof GraphQLError && verdict.extensions.code)) return verdict
    return notAllowed(verdict instanceof Error ? verdict.message : undefined)
  }
  return (rule, context) => {
    if (rule === anyone) return true
    let verdicts = requests.get(context)
    if (!verdicts) {
      verdicts = new Map()
      requests.set(context, verdicts)
      // Where shield stores the results of its rules. A copy of the context shares them.
      if (!('_shield' in context)) Object.assign(context, { _shield: { cache: {} } })
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
const notAllowed = (message = 'The caller is not allowed to do this.') => refusal('FORBIDDEN', message)

function gapsOf(schema: GraphQLSchema): string[] {
  const gaps: string[] = []
  const named = new Map<string, Rule>()
  const check = (place: string, rule: Rule) => {
    for (const part of rule.rules ?? []) check(place, part)
    if (rule.rules || rule === anyone) return
    if (rule.cache !== 'contextual') gaps.push(`${place}: its rule depends on more than the context`)
    const other = rule.name === undefined ? undefined : named.get(rule.name)
    if (other && other !== rule) gaps.push(`${place}: two rules are named ${rule.name}`)
    else if (rule.name !== undefined) named.set(rule.name, rule)
  }
  for (const type of Object.values(schema.getTypeMap()).filter(isAbstractType))
    if (ruleOf(type)) gaps.push(`${type.name} has a rule, but is not an object type`)
  for (const type of objectTypes(schema)) {
    const isRoot = rootTypes(schema).includes(type)
    const rule = ruleOf(type)
    if (rule) check(type.name, rule)
    if (rule && isRoot) gaps.push(`${type.name} must have a rule for each field, not one of its own`)
    if (!rule && !isRoot && !isPartOfPage(type)) gaps.push(`${type.name} has no rule`)
    for (const field of Object.values(type.getFields())) {
      const own = ruleOf(field)
      if (own) check(`${type.name}.${field.name}`, own)
      else if (isRoot) gaps.push(`${type.name}.${field.name} has no rule`)
      if (isNonNullType(field.type) && isRefusable(schema, type, field))
        gaps.push(`${type.name}.${field.name} is not nullable, but has a rule or returns a type that has one`)
    }
  }
  return gaps
}
/** A refusal makes the field null and discards its data. */
function isRefusable(schema: GraphQLSchema, type: GraphQLObjectType, field: Field): boolean {
  const entered = getNamedType(field.type)
  if (rulesOf(schema, type, field).length) return true
  return !isPartOfPage(type) && isAbstractType(entered) && isGuarded(schema, entered)
}
