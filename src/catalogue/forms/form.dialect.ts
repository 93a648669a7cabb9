import { identityFacts } from './form.persons.js'

/**
 * The JSON Schema that checks the schemas of forms: JSON Schema 2020-12, restricted to what is bounded and can be shown by any form
 * library, with some keywords of our own. See docs/forms.md.
 */
export const draft = 'https://json-schema.org/draft/2020-12/schema'
/** Annotations, which do not affect validation. */
export const ownKeywords = [
  'x-title',
  'x-help',
  'x-registry',
  'x-identity',
  'x-subject',
  'x-applicant',
  'x-spouse',
  'x-confirms',
  'x-currency',
]
export const formats = [
  'fin',
  'voen',
  'iban',
  'phone',
  'postal-index',
  'email',
  'date',
  'country',
  'citizenship',
  'currency',
  'agency',
]
const registries = ['population', 'companies', 'traffic', 'property', 'socialInsurance', 'border', 'tax', 'civilStatus']

const closed = (properties: object, required: string[] = []) => ({
  type: 'object',
  additionalProperties: false,
  properties,
  required,
})
const whole = (minimum: number, maximum: number) => ({ type: 'integer', minimum, maximum })
const list = (items: object, maxItems: number) => ({ type: 'array', items, minItems: 1, maxItems })
const byName = (values: object) => ({
  type: 'object',
  minProperties: 1,
  propertyNames: { pattern: '^[a-z][A-Za-z0-9]*$' }, // so that paths need no escapes and `__proto__` is not a name
  additionalProperties: values,
})
const name = { type: 'string' }
const names = { ...list(name, 100), uniqueItems: true }
const someText = { type: 'string', pattern: '\\S', maxLength: 1000 }
const words = closed({ az: someText, en: someText, ru: someText }, ['az', 'en', 'ru'])

const conditions = list(closed({ at: name, in: list({ type: ['string', 'boolean'] }, 100) }, ['at', 'in']), 10)
const annotations = {
  'x-title': words,
  'x-help': words,
  'x-date': { enum: ['past', 'future'] },
  'x-registry': { type: 'string', pattern: `^(${registries.join('|')})(\\.[a-z][A-Za-z]*)+$` },
  'x-identity': { enum: identityFacts },
  'x-applicant': conditions,
  'x-spouse': conditions,
}
const option = closed({ const: name, 'x-title': words, 'x-help': words }, ['const', 'x-title'])
const node = { $ref: '#/$defs/node' }
const test = { $ref: '#/$defs/test' }
const condition = closed(
  {
    if: test,
    // biome-ignore lint/suspicious/noThenProperty: it is JSON Schema's
    then: closed({ required: names }, ['required']),
    else: closed({ properties: byName({ const: false }) }, ['properties']),
  },
  ['if', 'else'],
)

const kinds = {
  string: closed(
    {
      type: true,
      maxLength: whole(1, 8000),
      minLength: whole(1, 8000),
      format: { enum: formats },
      ...annotations,
      pattern: { type: 'string', format: 'linear-pattern' },
      examples: list({ type: 'string', maxLength: 100 }, 3),
      'x-currency': { type: 'string', format: 'currency' },
    },
    ['maxLength'],
  ),
  choice: closed({ type: { const: 'string' }, oneOf: list(option, 100), ...annotations }, ['type']),
  integer: closed({ type: true, minimum: { type: 'integer' }, maximum: { type: 'integer' }, ...annotations }, [
    'minimum',
    'maximum',
  ]),
  boolean: closed({ type: true, const: { type: 'boolean' }, ...annotations }),
  array: closed(
    {
      type: true,
      items: node,
      minItems: whole(1, 100),
      maxItems: whole(1, 100),
      uniqueItems: { type: 'boolean' },
      ...annotations,
    },
    ['items', 'maxItems'],
  ),
  object: closed(
    {
      type: true,
      properties: byName(node),
      required: names,
      dependentRequired: byName(names),
      allOf: list(condition, 50),
      additionalProperties: { const: false },
      'x-subject': name,
      'x-confirms': names,
      ...annotations,
    },
    ['properties', 'additionalProperties'],
  ),
  reference: closed({ $ref: { type: 'string', pattern: '^#/\\$defs/[A-Za-z]+$' }, ...annotations }),
}

// Checked one after another, so that the error refers to the intended type.
type Kind = keyof typeof kinds
const ofType = (type: Kind, otherwise: object) => ({
  if: { properties: { type: { const: type } } },
  // biome-ignore lint/suspicious/noThenProperty: it is JSON Schema's
  then: kinds[type],
  else: otherwise,
})
const having = (keyword: string, kind: Kind, otherwise: object) => ({
  if: { required: [keyword] },
  // biome-ignore lint/suspicious/noThenProperty: it is JSON Schema's
  then: kinds[kind],
  else: otherwise,
})
const types = ['string', 'integer', 'boolean', 'array', 'object'] as const
const typed = types.reduceRight<object>((otherwise, type) => ofType(type, otherwise), {
  properties: { type: { enum: types } },
  required: ['type'],
})

export const dialect = {
  $schema: draft,
  ...closed({ ...kinds.object.properties, $schema: { const: draft }, type: { const: 'object' }, $defs: byName(node) }, [
    '$schema',
    'type',
    'properties',
    'additionalProperties',
  ]),
  $defs: {
    node: having('$ref', 'reference', having('oneOf', 'choice', typed)),
    test: closed(
      {
        properties: byName({
          type: 'object',
          minProperties: 1,
          if: { required: ['properties'] },
          // biome-ignore lint/suspicious/noThenProperty: it is JSON Schema's
          then: test,
          else: closed({ const: { type: ['string', 'boolean'] }, enum: list(name, 100) }),
        }),
        required: names,
      },
      ['properties', 'required'],
    ),
  },
}
