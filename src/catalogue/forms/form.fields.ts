/** The questions of a form, read from its schema. */

import type { IdentityFact } from './form.persons.js'

export interface FormNode {
  $ref?: string
  $defs?: Record<string, FormNode>
  type?: 'string' | 'integer' | 'boolean' | 'array' | 'object'
  properties?: Record<string, FormNode>
  required?: string[]
  dependentRequired?: Record<string, string[]>
  allOf?: { if: Test; then?: { required: string[] }; else: { properties: Record<string, false> } }[]
  items?: FormNode
  maxItems?: number
  maxLength?: number
  pattern?: string
  maximum?: number
  oneOf?: { const: string; 'x-title'?: Title }[]
  examples?: string[]
  'x-title'?: Title
  'x-subject'?: string
  'x-applicant'?: Condition[]
  'x-spouse'?: Condition[]
  'x-identity'?: IdentityFact
  'x-confirms'?: string[]
  'x-date'?: 'past' | 'future'
  [other: string]: unknown
}
type Value = string | boolean
type Title = Readonly<Record<string, string>>
interface Test {
  properties: Record<string, { const: Value } | { enum: Value[] } | Test>
  required: string[]
}

/** Met if the answer at that place is one of these. */
export interface Condition {
  at: string
  in: Value[]
}
// A place in the answers, such as /owners/*/fin. `*` is each item of a list.
export interface Field {
  at: string
  node: FormNode
  /** Conditions. The form has the place only if all hold. */
  shownWhen: Condition[]
  leaf: boolean
}

/** The maximum number of places. Nested references can produce very many. */
export const maxPlaces = 2000
/** The maximum number of answers that decide whether one place is asked. */
export const maxConditions = 100
/** The maximum depth of parts and of fields. */
export const deepest = 50

/** An error in a form, with its path in the input. */
export class FormFault extends Error {
  constructor(
    readonly path: readonly string[],
    readonly fault: string,
  ) {
    super(`${path.join('.')}: ${fault}`)
  }
}
// The path of a field in the schema, as if references were expanded: /owners/*/fin → schema.properties.owners.items.properties.fin
export const inSchema = (at: string): string[] => [
  'schema',
  ...at
    .split('/')
    .slice(1)
    .flatMap((part) => (part === '*' ? ['items'] : ['properties', part])),
]

/** All places of a form in order, parents first. Throws if there are too many. */
export function fieldsOf(root: FormNode): Field[] {
  let places = 0
  const walk = (unresolved: FormNode, at: string, shownWhen: Condition[], within: readonly string[]): Field[] => {
    if (++places > maxPlaces) throw new FormFault(['schema'], `it may have ${maxPlaces} places at most; there are more`)
    if (shownWhen.length > maxConditions)
      throw new FormFault(
        inSchema(at),
        `${maxConditions} conditions at most may decide whether it is asked; there are more`,
      )
    const { node, followed } = resolved(root, unresolved, at, within)
    const whens = conditionsOf(node, at)
    const below = [
      ...Object.entries(node.properties ?? {}).flatMap(([name, inner]) =>
        walk(inner, `${at}/${name}`, [...shownWhen, ...(whens.get(name) ?? [])], followed),
      ),
      ...(node.items ? walk(node.items, `${at}/*`, shownWhen, followed) : []),
    ]
    return [{ at, node, shownWhen, leaf: below.length === 0 }, ...below]
  }
  return walk(root, '', [], [])
}

function resolved(root: FormNode, unresolved: FormNode, at: string, within: readonly string[]) {
  const followed = [...within]
  let node = unresolved
  while (node.$ref !== undefined) {
    const { $ref, ...beside } = node
    const name = $ref.slice('#/$defs/'.length)
    const part = Object.hasOwn(root.$defs ?? {}, name) ? root.$defs?.[name] : undefined
    if (!part) throw new FormFault(inSchema(at), `$ref must name a part of $defs; got ${JSON.stringify($ref)}`)
    if (followed.includes($ref)) throw new FormFault(inSchema(at), `a part must not contain itself; ${$ref} does`)
    if (followed.length === deepest)
      throw new FormFault(inSchema(at), `parts may be nested at most ${deepest} deep; these are deeper`)
    followed.push($ref)
    node = { ...part, ...beside }
  }
  return { node, followed }
}

function conditionsOf({ allOf = [] }: FormNode, at: string): Map<string, Condition[]> {
  const whens = new Map<string, Condition[]>()
  for (const { if: test, else: otherwise } of allOf) {
    // One more than the maximum is enough to reject the form.
    const tests = testsOf(test, at).slice(0, maxConditions + 1)
    for (const name of Object.keys(otherwise.properties)) whens.set(name, [...(whens.get(name) ?? []), ...tests])
  }
  return whens
}

const testsOf = ({ properties }: Test, at: string): Condition[] =>
  Object.entries(properties).flatMap(([name, test]) => {
    const place = `${at}/${name}`
    if ('properties' in test) return testsOf(test, place)
    return [{ at: place, in: 'const' in test ? [test.const] : test.enum }]
  })

/** The maximum length of answers, as JSON without spaces. Requires that `fieldsOf` succeeded. */
export function largestOf(root: FormNode, unresolved: FormNode = root): number {
  const { node } = resolved(root, unresolved, '', [])
  if (node.properties) {
    const sizes = Object.entries(node.properties).map(([name, inner]) => name.length + 4 + largestOf(root, inner))
    return sizes.reduce((sum, size) => sum + size, 2)
  }
  if (node.items) return 2 + (node.maxItems ?? Number.POSITIVE_INFINITY) * (1 + largestOf(root, node.items))
  if (node.oneOf) return 2 + Math.max(...node.oneOf.map((option) => option.const.length))
  if (node.type === 'string') return 2 + (node.maxLength ?? Number.POSITIVE_INFINITY)
  return node.type === 'boolean' ? 5 : 17
}
