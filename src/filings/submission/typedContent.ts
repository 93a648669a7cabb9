import { Field, InputType, Int, registerEnumType } from 'type-graphql'
import type { FormNode } from '../../catalogue/forms/form.fields.js'

/** A form as it is shipped, and the parts it may refer to. */
export interface ShippedForm {
  schema: FormNode
  parts: Readonly<Record<string, FormNode>>
}
type Class = new () => object
/** As type-graphql takes it: an input type, an enum, a scalar, or a list of one of them. */
type FieldType = object | [FieldType]

/**
 * Makes the input type of a form. A text is a String, whatever its pattern: the form checks it. One wrong amount among a hundred
 * filings is thus a user error with a path, and not an error of the whole request.
 */
export function inputOf(name: string, description: string, { schema, parts }: ShippedForm): Class {
  const made = new Map<string, { node: FormNode; type: FieldType }>()
  /** A part that occurs twice has one type. */
  function once(typeName: string, node: FormNode, make: () => FieldType): FieldType {
    const known = made.get(typeName)
    if (known && known.node !== node)
      throw new Error(`each type of ${name} must have its own name; got ${typeName} twice`)
    const type = known?.type ?? make()
    made.set(typeName, { node, type })
    return type
  }

  function typeOf(node: FormNode, typeName: string, within: string): FieldType {
    if (node.$ref !== undefined) {
      const part = partName(node.$ref)
      return typeOf(partOf(node.$ref), `${name}${big(part)}`, spaced(part))
    }
    const title = inEnglish(node['x-title']) || within
    if (node.properties) return once(typeName, node, () => objectOf(node, typeName, `${title}.`))
    if (node.items) return [typeOf(node.items, typeName, title)]
    if (node.oneOf?.every((option) => isEnumValue(option.const)))
      return once(typeName, node, () => enumOf(node, typeName, `${title}.`))
    if (node.type === 'integer' && !isInt(node)) throw new Error(`${typeName} must fit in 32 bits`)
    return scalars[node.type ?? 'string'] ?? String
  }

  function objectOf(node: FormNode, typeName: string, description: string): Class {
    const type = { [typeName]: class {} }[typeName] as Class // just made
    InputType(`${typeName}Input`, { description })(type)
    for (const [property, inner] of Object.entries(node.properties ?? {})) {
      const of = typeOf(inner, `${typeName}${big(property)}`, spaced(property))
      const nullable = !node.required?.includes(property)
      const whole = inner.$ref === undefined ? inner : { ...partOf(inner.$ref), ...inner }
      const text = texts(whole) || `${spaced(property)}.`
      const description = isConditional(node, property) ? `${text} ${dependent}` : text
      Field(() => of, { nullable, description })(type.prototype, property)
    }
    return type
  }

  function partOf($ref: string): FormNode {
    const part = schema.$defs?.[partName($ref)] ?? parts[partName($ref)]
    if (!part) throw new Error(`${name} must refer to parts that exist; got ${$ref}`)
    return part
  }
  return objectOf(schema, name, description)
}

function enumOf({ oneOf: options = [] }: FormNode, name: string, description: string): object {
  const values = Object.fromEntries(options.map((option) => [option.const, option.const]))
  const valuesConfig = Object.fromEntries(options.map((option) => [option.const, { description: texts(option) }]))
  registerEnumType(values, { name, description, valuesConfig })
  return values
}

const scalars: Record<string, object> = { integer: Int, boolean: Boolean }
const partName = ($ref: string) => $ref.slice('#/$defs/'.length)
const big = (name: string) => `${name[0]?.toUpperCase()}${name.slice(1)}`
/** foreignAddress → Foreign address */
const spaced = (name: string) => big(name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`))
const isEnumValue = (value: string) => /^[A-Za-z]\w*$/.test(value) && !['true', 'false', 'null'].includes(value)
const isInt = ({ minimum, maximum }: FormNode) => Number(minimum) >= -(2 ** 31) && Number(maximum) < 2 ** 31
const isConditional = ({ allOf = [] }: FormNode, property: string) =>
  allOf.some((condition) => Object.hasOwn(condition.else.properties, property))
const dependent = 'Other fields decide whether it is required, optional or not allowed.'

/** The texts of the form in English, with the limits that a client should know. */
function texts(node: FormNode | NonNullable<FormNode['oneOf']>[number]): string {
  const { examples = [], format, maxItems, 'x-title': title, 'x-help': help, 'x-currency': currency }: FormNode = node
  return [
    inEnglish(title),
    inEnglish(help),
    format === 'date' ? 'A date such as 2026-03-31' : '',
    currency ? `An amount in ${currency}` : '',
    examples.length > 0 ? `Example: ${examples[0]}` : '',
    maxItems ? `At most ${maxItems}` : '',
  ]
    .filter((text) => text !== '')
    .map((text) => (/[.?!]$/.test(text) ? text : `${text}.`))
    .join(' ')
}
const inEnglish = (words: unknown): string => (words as { en?: string } | undefined)?.en ?? '' // as the dialect checks
