import {
  type GraphQLArgument,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  parse,
  validate,
} from 'graphql'

export interface Operation {
  query: string
  /** For the same text: statements are kept between runs of other values. */
  variables: Record<string, unknown>[]
}
/** Values to choose from, by `Type.field.argument`, by `Input.field`, or by the argument's name alone. */
export type Values = Record<string, readonly unknown[]>

export interface Dice {
  chance(of: number): boolean
  below(limit: number): number
  pick<T>(all: readonly T[]): T
}
/** Mulberry32: the same seed, the same operation. */
export function diceOf(seed: number): Dice {
  let state = seed | 0
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let bits = Math.imul(state ^ (state >>> 15), 1 | state)
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits
    return ((bits ^ (bits >>> 14)) >>> 0) / 4_294_967_296
  }
  const below = (limit: number) => Math.floor(next() * limit)
  return { chance: (of) => next() < of, below, pick: <T>(all: readonly T[]) => all[below(all.length)] as T }
}

/** A valid operation of that schema: the same one for the same seed. Of the roots, only those are asked. */
export function operationOf(schema: GraphQLSchema, values: Values, dice: Dice, roots?: readonly string[]): Operation {
  for (;;) {
    const operation = writer(schema, values, dice, roots)
    // Two fields under one name, mostly: dice do not know of each other.
    if (validate(schema, parse(operation.query)).length === 0) return operation
  }
}

const runsOfOne = 2
const names = ['a', 'b', 'x', 'p', 't1', 'id', 'code', 'k', 'json', 'select', 'ROW', 'node', 'edges', 'n']

function writer(schema: GraphQLSchema, values: Values, dice: Dice, roots?: readonly string[]): Operation {
  const { chance, below, pick } = dice
  const variables = Array.from({ length: runsOfOne }, (): Record<string, unknown> => ({}))
  const definitions: string[] = []
  const fragments: string[] = []
  let aliases = 0

  function variable(type: string, draw: () => unknown): string {
    const name = `v${definitions.length}`
    definitions.push(`$${name}: ${type}`)
    for (const run of variables) {
      const value = draw()
      if (value !== undefined) run[name] = value
    }
    return `$${name}`
  }
  /** As text, or by a variable of that type. */
  const given = (type: GraphQLInputType, draw: () => unknown) =>
    chance(0.45) ? variable(String(type), draw) : textOf(draw(), type)

  function drawn(type: GraphQLInputType, from: string, otherwise: string): unknown {
    const nullable = getNullableType(type)
    if (!isNonNullType(type) && chance(0.12)) return null
    if (isListType(nullable)) return Array.from({ length: below(4) }, () => drawn(nullable.ofType, from, otherwise))
    const known = values[from] ?? values[otherwise]
    if (known) return pick(known)
    if (isEnumType(nullable)) return pick(nullable.getValues()).name
    if (nullable.toString() === 'Boolean') return chance(0.5)
    if (!isInputObjectType(nullable)) throw new Error(`Values of ${from} are required; there are none.`)
    const chosen = Object.values(nullable.getFields()).filter(() => chance(0.25))
    return Object.fromEntries(
      chosen.map(({ name, type }) => [name, drawn(type, `${nullable.name}.${name}`, name)] as const),
    )
  }

  function pageArguments(type: string, field: string, args: readonly GraphQLArgument[]): string[] {
    const typeOf = (argument: string) => args.find(({ name }) => name === argument)?.type as GraphQLInputType
    const size = () => (chance(0.02) ? pick([0, 101, -1]) : 1 + below(5))
    const sides = chance(0.02) ? ['first', 'last'] : [pick(['first', 'first', 'last'])]
    const out = sides.map((side) => `${side}: ${given(typeOf(side), size)}`)
    for (const cursor of ['after', 'before'])
      if (chance(0.2))
        out.push(
          `${cursor}: ${given(typeOf(cursor), () => pick(values[`${type}.${field}.cursor`] ?? values.cursor ?? []))}`,
        )
    return out
  }
  function argumentsText(type: string, field: string, args: readonly GraphQLArgument[]): string {
    const isPage = args.some(({ name }) => name === 'first')
    const out = isPage ? pageArguments(type, field, args) : []
    for (const { name, type: of } of args) {
      if (isPage && ['first', 'last', 'after', 'before'].includes(name)) continue
      if (isNonNullType(of) || chance(0.5))
        out.push(`${name}: ${given(of, () => drawn(of, `${type}.${field}.${name}`, name))}`)
    }
    return out.length ? `(${out.join(', ')})` : ''
  }
  function directive(): string {
    if (!chance(0.08)) return ''
    const condition = chance(0.3) ? pick(['true', 'false']) : variable('Boolean!', () => chance(0.5))
    return ` @${pick(['skip', 'include'])}(if: ${condition})`
  }

  function fieldText(type: GraphQLObjectType, depth: number): string {
    const isOpen = (name: string) => type !== schema.getQueryType() || !roots || roots.includes(name)
    const all = Object.values(type.getFields()).filter(({ name }) => isOpen(name))
    const leafs = all.filter(({ type }) => !hasFields(getNamedType(type)))
    const { name, args, type: of } = pick(depth > 0 || leafs.length === 0 ? all : leafs)
    const below_ = getNamedType(of)
    const renamed = args.length > 0 ? chance(0.8) : chance(0.15)
    if (renamed) aliases++
    const alias = !renamed ? '' : `${args.length > 0 ? `q${below(1000)}` : pick(names)}: `
    const selection = hasFields(below_) ? ` { ${selectionText(below_, depth - 1)} }` : ''
    return `${alias}${name}${argumentsText(type.name, name, args)}${directive()}${selection}`
  }
  function selectionText(type: GraphQLNamedType, depth: number): string {
    if (isAbstractType(type)) {
      const possible = schema.getPossibleTypes(type).filter(() => chance(0.6))
      return ['__typename', ...possible.map((of) => `... on ${of.name} { ${selectionText(of, depth)} }`)].join(' ')
    }
    if (!isObjectType(type)) return ''
    const out = Array.from({ length: 1 + below(depth > 2 ? 4 : 3) }, () =>
      chance(0.05) ? '__typename' : fieldText(type, depth),
    )
    if (chance(0.15))
      out.push(`...${pick(['', ` on ${type.name}`])}${directive()} { ${selectionText(type, depth - 1)} }`)
    if (chance(0.12)) out.push(...spreads(type, depth))
    return out.join(' ')
  }
  function spreads(type: GraphQLObjectType, depth: number): string[] {
    const name = `F${fragments.length}`
    const at = fragments.push('') - 1
    fragments[at] = `fragment ${name} on ${type.name} { ${selectionText(type, depth - 1)} }`
    return [`...${name}${directive()}`, ...(chance(0.3) ? [`...${name}`] : [])]
  }

  const selection = selectionText(schema.getQueryType() as GraphQLObjectType, 6)
  const head = definitions.length > 0 ? `(${definitions.join(', ')})` : ''
  // What costs too much is refused by the product and by nobody else.
  if (aliases > 60) return writer(schema, values, dice, roots)
  return { query: `query Q${head} { ${selection} } ${fragments.join(' ')}`.trim(), variables }
}

const hasFields = (type: GraphQLNamedType) => isObjectType(type) || isAbstractType(type)

/** A value as GraphQL writes it. */
function textOf(value: unknown, type: GraphQLInputType): string {
  const of = getNullableType(type)
  if (value == null) return 'null'
  if (Array.isArray(value) && isListType(of)) return `[${value.map((item) => textOf(item, of.ofType)).join(', ')}]`
  if (isEnumType(of)) return String(value)
  if (!isInputObjectType(of)) return JSON.stringify(value)
  const fields = Object.entries(value).map(
    ([name, inner]) => `${name}: ${textOf(inner, (of.getFields()[name] as { type: GraphQLInputType }).type)}`,
  )
  return `{ ${fields.join(', ')} }`
}
