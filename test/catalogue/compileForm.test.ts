import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { maxSteps, stepsOf } from '../../src/catalogue/forms/form.cost.js'
import { dialect } from '../../src/catalogue/forms/form.dialect.js'
import { type FormNode, fieldsOf } from '../../src/catalogue/forms/form.fields.js'
import { compileForm, faultsIn } from '../../src/catalogue/forms/form.rules.js'
import { formsOf } from '../../src/catalogue/forms/formFiles.js'
import { type DataFiles, dataFiles } from '../support/dataFiles.js'
import { long } from '../support/long.js'

type FormFile = DataFiles['forms'][string]

const { parts, forms: files } = dataFiles()
const code = 'ED-MARRIAGE'
const partsPath = 'catalogue/forms/parts.json'
const formPath = `catalogue/forms/${code}.form.json`

it('The dialect of forms is valid JSON Schema', () => {
  expect(new Ajv2020({ strict: false }).validateSchema(dialect)).toBe(true)
})

describe('formsOf', () => {
  const name = { az: 'Ad', en: 'Name', ru: 'Имя' }
  const refusalOf = (change: (schema: FormNode, file: FormFile, parts: Record<string, FormNode>) => void) => {
    const file = structuredClone(files[code] as FormFile)
    const changedParts = structuredClone(parts)
    change(file.schema, file, changedParts)
    try {
      formsOf({ [partsPath]: JSON.stringify(changedParts), [formPath]: JSON.stringify(file) })
      return 'none'
    } catch (error) {
      return (error as Error).message
    }
  }
  const asking = (node: object) => (schema: FormNode) =>
    Object.assign(schema.properties ?? {}, { extra: { 'x-title': name, ...node } })
  const text = { type: 'string', maxLength: 9 }
  const at = 'schema.properties.extra'

  it.each<[string, Parameters<typeof refusalOf>[0], string]>([
    ['a text without maxLength', asking({ type: 'string' }), `${at}: it must have required property 'maxLength'`],
    [
      'a list without maxItems',
      asking({ type: 'array', items: text }),
      `${at}: it must have required property 'maxItems'`,
    ],
    ['a list of more than 100 items', asking({ type: 'array', items: text, maxItems: 101 }), '<= 100'],
    [
      'an object without additionalProperties',
      asking({ type: 'object', properties: { a: text } }),
      "'additionalProperties'",
    ],
    ['a period on a text that is no date', asking({ ...text, 'x-date': 'past' }), 'x-date requires the format date'],
    ['another period', asking({ ...text, 'x-date': 'soon' }), 'must be equal to one of the allowed values'],
    ['a floating-point number', asking({ type: 'number' }), 'it must be equal to one of the allowed values'],
    [
      'a reference to another document',
      asking({ $ref: 'https://example.az/x.json' }),
      `${at}.$ref: it must match pattern`,
    ],
    [
      'a reference to an unknown part',
      asking({ $ref: '#/$defs/nowhere' }),
      'schema.properties.extra: $ref must name a part of $defs',
    ],
    ['a pattern with a look-around', asking({ ...text, pattern: '^(?=a)a$' }), 'it must match format "linear-pattern"'],
    [
      'a pattern with a back reference',
      asking({ ...text, pattern: '^(a)\\1$' }),
      'it must match format "linear-pattern"',
    ],
    ['a pattern with a repeated group', asking({ ...text, pattern: '^(a{1,9}){1,9}$' }), 'it must match format'],
    [
      'a pattern that repeats more than 1000 times',
      asking({ ...text, pattern: `^${'a{0,100}'.repeat(11)}$` }),
      'it must match format',
    ],
    ['a pattern that does not compile', asking({ ...text, pattern: '^(a$' }), 'it must match format "linear-pattern"'],
    ['a pattern without an upper limit', asking({ ...text, pattern: '^a+$' }), 'it must match format "linear-pattern"'],
    [
      'a misspelled keyword',
      asking({ ...text, minlength: 1 }),
      `${at}: it must NOT have additional properties: minlength`,
    ],
    ['an unknown format', asking({ ...text, format: 'voens' }), `${at}.format: it must be equal to one of`],
    ['an unknown registry', asking({ ...text, 'x-registry': 'people.name' }), `${at}.x-registry: it must match`],
    ['a title in two languages', asking({ ...text, 'x-title': { az: 'a', en: 'b' } }), "required property 'ru'"],
    [
      'a field without a title',
      asking({ ...text, 'x-title': undefined }),
      'schema.properties.extra: x-title is required',
    ],
    ['an option without a title', asking({ type: 'string', oneOf: [{ const: 'A' }] }), "required property 'x-title'"],
    [
      'a field name with a slash',
      asking({ type: 'object', properties: { 'a/b': text }, additionalProperties: false }),
      '.extra.properties: it must match pattern',
    ],
    [
      'a required field that it does not have',
      (schema) => schema.required?.push('nobody'),
      'schema: each name must be one of its properties; got "nobody"',
    ],
    ['a subject that it does not ask', (schema) => Object.assign(schema, { 'x-subject': 'me' }), 'x-subject must be'],
    [
      'a name of the applicant without x-identity',
      ({ properties }) => delete properties?.applicant?.properties?.surname?.['x-identity'],
      'schema.properties.applicant.properties.surname: x-identity is required here, such as "surname"',
    ],
    [
      'a FİN of a part that can be about the applicant without x-identity',
      ({ properties }) => {
        const { fin } = properties?.spouse?.properties ?? {}
        delete fin?.['x-identity']
        Object.assign(properties?.spouse ?? {}, { 'x-applicant': [{ at: '/ceremony', in: [true] }] })
      },
      'schema.properties.spouse.properties.fin: x-identity is required here, such as "fin"',
    ],
    ['an unknown fact', asking({ ...text, 'x-identity': 'shoeSize' }), `${at}.x-identity: it must be equal to one of`],
    [
      'a fact of another type',
      asking({ ...text, 'x-identity': 'hasFin' }),
      `${at}: x-identity "hasFin" does not fit a field of type string`,
    ],
    [
      'an x-applicant with a field that it does not ask',
      ({ properties }) =>
        Object.assign(properties?.spouse ?? {}, { 'x-applicant': [{ at: '/declarant', in: ['MOTHER'] }] }),
      'schema.properties.spouse: x-applicant must name fields outside lists; got "/declarant"',
    ],
    [
      'an x-spouse without the marriage of the applicant',
      ({ properties }) =>
        Object.assign(properties?.spouse ?? {}, { 'x-spouse': [{ at: '/applicant/hasFin', in: [true] }] }),
      'schema.properties.spouse: x-spouse requires a field with the x-registry civilStatus.marriage',
    ],
    [
      'a confirmation by a field that it does not ask',
      ({ properties }) => Object.assign(properties?.spouse ?? {}, { 'x-confirms': ['me'] }),
      'schema.properties.spouse: x-confirms must name properties that are texts; got "me"',
    ],
    [
      'a confirmation by a boolean field',
      ({ properties }) => Object.assign(properties?.spouse ?? {}, { 'x-confirms': ['fin', 'hasFin'] }),
      'schema.properties.spouse: x-confirms must name properties that are texts; got "hasFin"',
    ],
    [
      'a conditional part that is not false in else',
      ({ properties }) =>
        Object.assign(properties?.spouse?.allOf?.[0]?.else ?? {}, { properties: { passport: false } }),
      'schema.properties.spouse: what `then` requires must be false in `else`',
    ],
    [
      'answers larger than a request may be',
      asking({ type: 'array', maxItems: 100, items: { type: 'string', maxLength: 8000 } }),
      'schema: answers may have at most 131072 characters; these could have',
    ],
    [
      'a part that contains itself',
      (schema, _, parts) => {
        asking({ $ref: '#/$defs/loop' })(schema)
        parts.loop = { type: 'array', items: { $ref: '#/$defs/loop' }, maxItems: 1 }
      },
      'a part must not contain itself; #/$defs/loop does',
    ],
    ['a field outside the layout', asking(text), 'sections: list each field once; /extra is listed 0 times'],
    [
      'a field that appears twice in the layout',
      (_, { ui }) => ui.sections[0]?.fields.push('/office'),
      'sections: list each field once; /office is listed 2 times',
    ],
    [
      'an unknown field in the layout',
      (_, { ui }) => ui.sections[0]?.fields.push('/nowhere'),
      'sections: each place must be one of the schema',
    ],
    [
      'a conditional field that the layout shows within its parent',
      (_, { ui }) => Object.assign(ui.sections[1] ?? {}, { fields: ['/spouse'] }),
      'sections: list a field that is not always shown by itself; /spouse/fin is within /spouse',
    ],
  ])('refuses %s with its place', (_, change, refusal) => {
    const message = refusalOf(change)
    expect(message).toContain(refusal)
    expect(message).toMatch(/^catalogue\/forms\/ED-MARRIAGE\.form\.json: /)
  })
})

describe('compileForm', () => {
  const title = { az: 'a', en: 'a', ru: 'a' }
  const closed = (properties: Record<string, FormNode>, more: FormNode = {}): FormNode => ({
    type: 'object',
    additionalProperties: false,
    properties,
    ...more,
  })
  const root = (properties: Record<string, FormNode>, more: FormNode = {}) =>
    closed(properties, { $schema: 'https://json-schema.org/draft/2020-12/schema', ...more })
  const part = (name: string): FormNode => ({ $ref: `#/$defs/${name}`, 'x-title': title })
  const leaf: FormNode = { type: 'boolean', 'x-title': title }
  const names = [...'abcdefghijklmnopqrstuvwxyz'].flatMap((a) => [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'].map((b) => a + b))

  /** Each part holds two of the next. */
  const doubling = (depth: number) =>
    root(
      { x: part('aA') },
      {
        $defs: Object.fromEntries(
          names.slice(0, depth).map((name, n) => {
            const next = n === depth - 1 ? leaf : part(names[n + 1] as string)
            return [name, closed({ p: next, q: next })]
          }),
        ),
      },
    )

  it.each([
    ['that has forty equal alternatives', '(?:a|a)'.repeat(40)],
    ['that has sixty optional letters', `${'a?'.repeat(60)}${'a'.repeat(60)}b`],
    ['that repeats one letter up to a hundred times, ten times', 'a{0,100}'.repeat(10)],
  ])('compiles a pattern %s so that a check takes linear time', (_, pattern) => {
    const form = root({ x: { type: 'string', maxLength: 200, pattern: `^${pattern}$`, 'x-title': title } })
    expect(faultsIn(compileForm(form), { x: `${'a'.repeat(150)}c` })).toMatchObject([{ at: '/x', keyword: 'pattern' }])
  })

  it('tells past from future by the given day, also in a list of a part', () => {
    const dates = { type: 'object', additionalProperties: false } as const
    const date = (kind: 'past' | 'future'): FormNode => ({ $ref: '#/$defs/date', 'x-date': kind, 'x-title': title })
    const item: FormNode = { ...dates, properties: { since: date('past'), until: date('future') } }
    const form = root(
      { all: { type: 'array', maxItems: 3, items: { $ref: '#/$defs/item' }, 'x-title': title } },
      { $defs: { item, date: { type: 'string', maxLength: 10, format: 'date' } } },
    )
    const validate = compileForm(form)
    const between = (since: string, until = since) => ({ all: [{ since, until }] })
    const faultsOf = (answers: object, today?: string) =>
      faultsIn(validate, answers, today).map(({ at, keyword }) => `${at} ${keyword}`)
    const today = '2026-11-25'
    expect(faultsOf(between(today), today)).toEqual([])
    expect(faultsOf(between('2026-11-26'), today)).toEqual(['/all/0/since x-date'])
    expect(faultsOf(between('2026-11-24'), today)).toEqual(['/all/0/until x-date'])
    expect(faultsOf(between('2026-11-31'), today)).toEqual(['/all/0/since format', '/all/0/until format'])
    expect(faultsOf(between('2026-11-26', '2026-11-24'))).toEqual([])
  })

  it('finds one fault in a list that no form allows, and none in its items', () => {
    const item: FormNode = {
      type: 'object',
      properties: { name: leaf },
      required: ['name'],
      additionalProperties: false,
    }
    const form = compileForm(root({ all: { type: 'array', maxItems: 3, items: item, 'x-title': title } }))
    const faultsOf = (many: number) => faultsIn(form, { all: Array.from({ length: many }, () => ({})) })
    expect(faultsOf(4)).toHaveLength(5)
    expect(faultsOf(101)).toEqual([{ at: '/all', keyword: 'maxItems', params: { limit: 100 } }])
  })

  it('treats the same characters as spaces as JavaScript does', () => {
    const written = (pattern: string): FormNode => ({ type: 'string', maxLength: 9, pattern, 'x-title': title })
    const validate = compileForm(root({ some: written('\\S'), none: written('^[^\\s]$'), all: written('^\\s$') }))
    const isSpace = (code: number) => /\s/.test(String.fromCharCode(code))
    const isHalf = (code: number) => code >= 0xd800 && code < 0xe000
    const codes = Array.from({ length: 0xfffe }, (_, n) => n + 1).filter(
      (code) => !isHalf(code) && (long || code < 0x100 || code % 64 === 0 || [code - 1, code, code + 1].some(isSpace)),
    )
    const differ = codes.filter((code) => {
      const sign = String.fromCharCode(code)
      const faults = faultsIn(validate, { some: sign, none: sign, all: sign }).map(({ at }) => at)
      return faults.join() !== (isSpace(code) ? '/some,/none' : '/all')
    })
    expect(differ).toEqual([])
  })

  it('accepts parts that double eight times', () => {
    expect(() => compileForm(doubling(8))).not.toThrow()
    expect(fieldsOf(doubling(8))).toHaveLength(2 + 510)
  })

  const text = (pattern: string): FormNode => ({ type: 'string', maxLength: 9, pattern, 'x-title': title })
  const classes = '[\\p{L}\\p{N}\\p{S}]'
  const list: FormNode = { type: 'array', maxItems: 2, uniqueItems: true, items: { type: 'boolean' }, 'x-title': title }
  const options = Array.from({ length: 100 }, (_, n) => ({ const: `c${n}`, 'x-title': title }))
  // It takes 30 to 60 ms on a quiet machine; the limit leaves room for a busy one.
  describe.runIf(long)('the largest allowed form', () => {
    it.each<[string, (n: number) => FormNode]>([
      ['booleans', () => leaf],
      ['lists', () => list],
      ['references', () => part('big')],
      ['options', () => ({ type: 'string', oneOf: options, 'x-title': title })],
      ['patterns', (n) => text(`^${classes}${n}$`)],
      ['patterns that repeat', (n) => text(`^${classes}{0,90}${n}$`)],
      ['objects', () => closed({ a: leaf }, { 'x-title': title })],
    ])('of %s compiles in less than 250 ms', (_, fieldOf) => {
      const formOf = (count: number) =>
        root(Object.fromEntries(Array.from({ length: count }, (_, n) => [`p${n}`, fieldOf(n)])), {
          $defs: { big: closed(Object.fromEntries(names.slice(0, 20).map((name) => [name, text('^[a-z]$')]))) },
        })
      const fits = (count: number) => stepsOf(formOf(count)) <= maxSteps && fieldsOf(formOf(1)).length * count < 2000
      let largest = 1
      while (fits(largest + 1)) largest++
      const form = formOf(largest)
      const times = Array.from({ length: 5 }, () => {
        const begun = performance.now()
        compileForm(form)
        return performance.now() - begun
      })
      expect(Math.min(...times)).toBeLessThan(250)
    })
  })

  it('accepts twice as much as the largest shipped form costs', () => {
    const shipped = formsOf({
      [partsPath]: JSON.stringify(parts),
      ...Object.fromEntries(
        Object.entries(files).map(([code, file]) => [`catalogue/forms/${code}.form.json`, JSON.stringify(file)]),
      ),
    })
    const steps = [...shipped.values()].map(({ schema }) => stepsOf(schema))
    expect(Math.max(...steps)).toBeLessThan(maxSteps / 2)
  })

  const many = Array.from({ length: 400 }, (_, n) => `p${n}`)
  const boolean = { const: true }
  it.each<[string, FormNode, RegExp]>([
    ['parts that double 40 times', doubling(40), /2000 places at most/],
    [
      'parts that nest more than 50 deep',
      root(Object.fromEntries(many.slice(0, 10).map((name) => [name, part('aA')])), {
        $defs: Object.fromEntries(names.slice(0, 100).map((name, n) => [name, part(names[n + 1] ?? 'aA')])),
      }),
      /^schema\.properties\.p0: parts may be nested at most 50 deep/,
    ],
    [
      'more than 100 conditions',
      root(Object.fromEntries(many.map((name) => [name, leaf])), {
        allOf: [
          {
            if: {
              properties: Object.fromEntries(many.slice(0, 200).map((name) => [name, boolean])),
              required: many.slice(0, 99),
            },
            else: { properties: Object.fromEntries(many.slice(200).map((name) => [name, false as const])) },
          },
        ],
      }),
      /100 conditions at most/,
    ],
    [
      'fields more than 50 deep',
      root({
        x: Array.from({ length: 60 }).reduce<FormNode>((inner) => closed({ a: inner }, { 'x-title': title }), leaf),
      }),
      /fields may be nested at most 50 deep/,
    ],
    ['a form of more than 3200 steps', root({}, { $defs: { a: text('a'.repeat(1600)) } }), /it may cost 3200 steps/],
    [
      'a reference to a property that every object inherits',
      root({ x: part('constructor') }, { $defs: { a: leaf } }),
      /a part of \$defs/,
    ],
  ])('refuses %s within a second', (_, schema, fault) => {
    const begun = performance.now()
    expect(() => compileForm(schema)).toThrow(fault)
    expect(performance.now() - begun).toBeLessThan(1000)
  })
})
