import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { dialect } from '../../src/catalogue/form.dialect.js'
import { type Condition, type Field, type FormNode, fieldsOf, largestOf } from '../../src/catalogue/form.fields.js'
import { compileForm, faultsIn } from '../../src/catalogue/form.rules.js'
import { formsOf } from '../../src/catalogue/formFiles.js'
import { type DataFiles, dataFiles } from '../support/dataFiles.js'

type Answers = Record<string, unknown>
type FormFile = DataFiles['forms'][string]

const { parts, forms: files } = dataFiles()
const partsPath = 'catalogue/forms/parts.json'
const made = (code: string, file: FormFile, shared = parts) => {
  const texts = { [partsPath]: JSON.stringify(shared), [`catalogue/forms/${code}.form.json`]: JSON.stringify(file) }
  const form = formsOf(texts).get(code)
  if (!form) throw new Error(`a form of ${code} is required`)
  return form
}
const fileOf = (code: string): FormFile => structuredClone(files[code] as FormFile)
const forms = Object.entries(files).map(([code, file]) => {
  const { schema, ui } = made(code, file)
  return { code, schema, ui, validate: compileForm(schema), fields: fieldsOf(schema), ...file.examples }
})

const isObject = (value: unknown): value is Answers =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
/** RFC 7396. */
function patched(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch
  const merged = Object.entries(patch).map(([name, value]) => [
    name,
    patched(isObject(target) ? target[name] : undefined, value),
  ])
  const all = Object.entries({ ...(isObject(target) ? target : {}), ...Object.fromEntries(merged) })
  return Object.fromEntries(all.filter(([name]) => patch[name] !== null))
}

/** Every value in answers, with its path and the path of its field. */
function* placesIn(value: unknown, at = '', of = ''): Generator<{ at: string; of: string; value: unknown }> {
  yield { at, of, value }
  if (Array.isArray(value))
    for (const [index, item] of value.entries()) yield* placesIn(item, `${at}/${index}`, `${of}/*`)
  if (isObject(value))
    for (const [name, inner] of Object.entries(value)) yield* placesIn(inner, `${at}/${name}`, `${of}/${name}`)
}
const valueAt = (answers: unknown, at: string) =>
  at
    .split('/')
    .slice(1)
    .reduce<unknown>((value, step) => (value as Answers | undefined)?.[step], answers)
/** The same answers with another value at a place, or without it. */
function having(answers: Answers, at: string, value: unknown): Answers {
  const copy = structuredClone(answers)
  const name = at.slice(at.lastIndexOf('/') + 1)
  const parent = valueAt(copy, at.slice(0, at.lastIndexOf('/'))) as Answers
  if (value === undefined) delete parent[name]
  else parent[name] = value
  return copy
}
const keywordsAt = (validate: (typeof forms)[number]['validate'], answers: unknown, at: string) =>
  faultsIn(validate, answers)
    .filter((fault) => fault.at === at)
    .map(({ keyword }) => keyword)

it('There are forms of services of twelve kinds', () => {
  expect(forms.map(({ code }) => code).sort()).toEqual([
    ...['DGK-DECLARATION', 'DIN-ADDRESS-REG', 'DIN-ID-ISSUE', 'DMX-TRP', 'DSK-REPORT', 'DVX-BENEFICIAL', 'DVX-RETURN'],
    ...['ED-BIRTH', 'ED-MARRIAGE', 'ESMN-CONTRACT', 'GOV-APPEAL', 'IN-LICENSE'],
  ])
})

it('The dialect is JSON Schema itself', () => {
  expect(new Ajv2020({ strict: false }).validateSchema(dialect)).toBe(true)
})

describe.each(forms)('the form of $code', ({ schema, ui, validate, fields, valid, invalid }) => {
  const fieldAt = (at: string) => fields.find((field) => field.at === at) as Field

  it('takes its valid examples, as any validator of JSON Schema does', () => {
    const plain = new Ajv2020({ strict: false, validateFormats: false }).compile(schema)
    for (const answers of valid) {
      expect(faultsIn(validate, answers)).toEqual([])
      expect(plain(answers)).toBe(true)
    }
  })

  it.each(invalid)('finds $keyword at $at', ({ patch, at, keyword }) => {
    expect(keywordsAt(validate, patched(valid[0], patch), at)).toContain(keyword)
  })

  it('finds what is too long, of another type or unknown, wherever it stands', () => {
    for (const answers of valid)
      for (const { at, of, value } of placesIn(answers)) {
        if (at === '') continue
        const { node } = fieldAt(of)
        const wrongs: [unknown, string][] = [[{ other: 1 }, isObject(value) ? 'additionalProperties' : 'type']]
        if (node.type === 'string') wrongs.push(['9'.repeat(9000), node.oneOf ? 'oneOf' : 'maxLength'], [5, 'type'])
        if (node.type === 'integer') wrongs.push([1e9, 'maximum'], [-1e9, 'minimum'], [0.5, 'type'])
        for (const [wrong, keyword] of wrongs) {
          const place = keyword === 'additionalProperties' ? `${at}/other` : at
          expect([of, keywordsAt(validate, having(answers, at, wrong), place)]).toEqual([
            of,
            expect.arrayContaining([keyword]),
          ])
        }
      }
  })

  const holds = (conditions: Condition[], answers: Answers, at: string) =>
    conditions.every((condition) => {
      // The same item of the list that the field is in.
      const steps = at.split('/')
      const place = condition.at.split('/').map((step, index) => (step === '*' ? steps[index] : step))
      return condition.in.includes(valueAt(answers, place.join('/')) as string)
    })
  const shown = (ui as { sections: { fields: { at: string; shownWhen?: Condition[] }[] }[] }).sections.flatMap(
    (section) => section.fields,
  )

  it('shows in its layout just what the schema takes', () => {
    for (const answers of valid)
      for (const { at: parent, of, value } of placesIn(answers)) {
        if (!isObject(value)) continue
        for (const name of Object.keys(fieldAt(of).node.properties ?? {})) {
          const at = `${parent}/${name}`
          const place = `${of}/${name}`
          // Of an object whose fields stand by themselves, what all of these hang on.
          const entries = shown.filter((entry) => entry.at === place || entry.at.startsWith(`${place}/`))
          const hidden = entries.some(({ shownWhen = [] }) =>
            shownWhen.some((condition) => !condition.at.startsWith(`${place}/`) && !holds([condition], answers, at)),
          )
          const refused = keywordsAt(validate, having(answers, at, 'x'), at).includes('false schema')
          expect([at, hidden]).toEqual([at, refused])
          if (hidden) expect(name in value).toBe(false)
        }
      }
  })

  it('lays out each field once', () => {
    for (const { at } of fields.filter(({ leaf }) => leaf))
      expect([at, shown.filter((entry) => at === entry.at || at.startsWith(`${entry.at}/`)).length]).toEqual([at, 1])
    for (const { at } of shown) expect(fieldAt(at)).toBeDefined()
  })

  it('wants what it requires', () => {
    for (const answers of valid)
      for (const { at: parent, of, value } of placesIn(answers)) {
        if (!isObject(value)) continue
        for (const name of fieldAt(of).node.required ?? [])
          expect(keywordsAt(validate, having(answers, `${parent}/${name}`, undefined), `${parent}/${name}`)).toEqual([
            'required',
          ])
      }
  })

  it('is bounded wherever one could write', () => {
    const nodes = [...placesIn(schema)].map(({ value }) => value).filter(isObject) as FormNode[]
    for (const node of nodes) {
      if (node.type === 'string') expect(node.oneOf ?? node.maxLength).toBeDefined()
      if (node.type === 'array') expect(node.maxItems).toBeLessThanOrEqual(100)
      if (node.type === 'object') expect(node.additionalProperties).toBe(false)
      if (node.$ref) expect(node.$ref).toMatch(/^#\/\$defs\//)
      if (typeof node.pattern === 'string') {
        expect(node.pattern).not.toMatch(/\(\?|\\[1-9k]|(?<!\\)[*+]|,\}/) // what RE2 has not, and what has no end
        expect(() => new RegExp(node.pattern as string, 'u')).not.toThrow()
      }
    }
    expect(largestOf(schema)).toBeLessThan(128 * 1024)
  })
})

describe('what is no form', () => {
  const name = { az: 'Ad', en: 'Name', ru: 'Имя' }
  const refusalOf = (change: (schema: FormNode, file: FormFile, parts: Record<string, FormNode>) => void) => {
    const file = fileOf('ED-MARRIAGE')
    const shared = structuredClone(parts)
    change(file.schema, file, shared)
    try {
      made('ED-MARRIAGE', file, shared)
      return 'none'
    } catch (error) {
      return (error as Error).message
    }
  }
  const asking = (node: object) => (schema: FormNode) =>
    Object.assign(schema.properties ?? {}, { extra: { 'x-title': name, ...node } })
  const text = { type: 'string', maxLength: 9 }
  const at = 'schema/properties/extra'

  it.each<[string, Parameters<typeof refusalOf>[0], string]>([
    ['a text without an end', asking({ type: 'string' }), `${at}: it must have required property 'maxLength'`],
    [
      'a list without an end',
      asking({ type: 'array', items: text }),
      `${at}: it must have required property 'maxItems'`,
    ],
    ['a list longer than a request may carry', asking({ type: 'array', items: text, maxItems: 101 }), '<= 100'],
    ['an object open to all', asking({ type: 'object', properties: { a: text } }), "'additionalProperties'"],
    ['a number that may lose digits', asking({ type: 'number' }), 'it must be equal to one of the allowed values'],
    ['a schema from elsewhere', asking({ $ref: 'https://example.az/x.json' }), `${at}/$ref: it must match pattern`],
    ['a part that is not there', asking({ $ref: '#/$defs/nowhere' }), '/extra: a part of $defs is required'],
    ['a look-around', asking({ ...text, pattern: '^(?=a)a$' }), 'it must match format "linear-pattern"'],
    ['a back reference', asking({ ...text, pattern: '^(a)\\1$' }), 'it must match format "linear-pattern"'],
    ['a pattern that tries twice', asking({ ...text, pattern: '^(a{1,9}){1,9}$' }), 'it must match format'],
    [
      'a pattern that counts too far',
      asking({ ...text, pattern: `^${'a{0,100}'.repeat(11)}$` }),
      'it must match format',
    ],
    ['a pattern that is none', asking({ ...text, pattern: '^(a$' }), 'it must match format "linear-pattern"'],
    ['a pattern without an end', asking({ ...text, pattern: '^a+$' }), 'it must match format "linear-pattern"'],
    [
      'a misspelled keyword',
      asking({ ...text, minlength: 1 }),
      `${at}: it must NOT have additional properties: minlength`,
    ],
    ['a format that nobody checks', asking({ ...text, format: 'voens' }), `${at}/format: it must be equal to one of`],
    [
      'a registry that is not there',
      asking({ ...text, 'x-registry': 'people.name' }),
      `${at}/x-registry: it must match`,
    ],
    ['a text in two languages', asking({ ...text, 'x-title': { az: 'a', en: 'b' } }), "required property 'ru'"],
    ['a field without a name', asking({ ...text, 'x-title': undefined }), 'schema/extra: x-title is required'],
    ['an option without a name', asking({ type: 'string', oneOf: [{ const: 'A' }] }), "required property 'x-title'"],
    [
      'a name that is a path',
      asking({ type: 'object', properties: { 'a/b': text }, additionalProperties: false }),
      '/extra/properties: it must match pattern',
    ],
    [
      'a name that is asked nowhere',
      (schema) => schema.required?.push('nobody'),
      'schema: each name must be one of its properties; came "nobody"',
    ],
    ['a subject that is asked nowhere', (schema) => Object.assign(schema, { 'x-subject': 'me' }), 'x-subject must be'],
    [
      'who confirms it by what is asked nowhere',
      ({ properties }) => Object.assign(properties?.spouse ?? {}, { 'x-confirms': ['me'] }),
      'schema/spouse: x-confirms must be texts of its properties; came "me"',
    ],
    [
      'who confirms it by yes or no',
      ({ properties }) => Object.assign(properties?.spouse ?? {}, { 'x-confirms': ['fin', 'hasFin'] }),
      'schema/spouse: x-confirms must be texts of its properties; came "hasFin"',
    ],
    [
      'a part that is required, and not shown',
      ({ properties }) =>
        Object.assign(properties?.spouse?.allOf?.[0]?.else ?? {}, { properties: { passport: false } }),
      'schema/spouse: what is required when something holds must be false in its else',
    ],
    [
      'answers that no request can carry',
      asking({ type: 'array', maxItems: 100, items: { type: 'string', maxLength: 8000 } }),
      'schema: answers may have 131072 characters at most; these could have',
    ],
    [
      'a part within itself',
      (schema, _, parts) => {
        asking({ $ref: '#/$defs/loop' })(schema)
        parts.loop = { type: 'array', items: { $ref: '#/$defs/loop' }, maxItems: 1 }
      },
      '#/$defs/loop stands within itself',
    ],
    ['a field without a place', asking(text), 'ui: each field stands in it once; /extra does 0 times'],
    [
      'a field with two places',
      (_, { ui }) => ui.sections[0]?.fields.push('/office'),
      'ui: each field stands in it once; /office does 2 times',
    ],
    ['a place without a field', (_, { ui }) => ui.sections[0]?.fields.push('/nowhere'), 'ui: a place of the schema'],
    [
      'a field that is shown when it is not asked',
      (_, { ui }) => Object.assign(ui.sections[1] ?? {}, { fields: ['/spouse'] }),
      'ui: what is not always shown stands by itself; /spouse/fin is within /spouse',
    ],
  ])('%s', (_, change, refusal) => {
    expect(refusalOf(change)).toContain(refusal)
    expect(refusalOf(change)).toMatch(/^catalogue\/forms\/ED-MARRIAGE\.form\.json: /)
  })
})

describe('a form that says little and means much', () => {
  const title = { az: 'a', en: 'a', ru: 'a' }
  const closed = (properties: Record<string, FormNode>, more: FormNode = {}): FormNode => ({
    ...{ type: 'object', additionalProperties: false, properties, ...more },
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
    ['that tries each of two ways forty times', '(?:a|a)'.repeat(40)],
    ['that leaves out any of sixty', `${'a?'.repeat(60)}${'a'.repeat(60)}b`],
    ['that counts one thing ten times', 'a{0,100}'.repeat(10)],
  ])('is checked in time that grows with the answer alone, by a pattern %s', (_, pattern) => {
    const form = root({ x: { type: 'string', maxLength: 200, pattern: `^${pattern}$`, 'x-title': title } })
    expect(faultsIn(compileForm(form), { x: `${'a'.repeat(150)}c` })).toMatchObject([{ at: '/x', keyword: 'pattern' }])
  })

  it('takes for a space what JavaScript does', () => {
    const written = (pattern: string): FormNode => ({ type: 'string', maxLength: 9, pattern, 'x-title': title })
    const validate = compileForm(root({ some: written('\\S'), none: written('^[^\\s]$'), all: written('^\\s$') }))
    for (let code = 1; code < 0xffff; code++) {
      if (code >= 0xd800 && code < 0xe000) continue // a half of a letter
      const sign = String.fromCharCode(code)
      const faults = faultsIn(validate, { some: sign, none: sign, all: sign }).map(({ at }) => at)
      expect(faults, code.toString(16)).toEqual(/\s/.test(sign) ? ['/some', '/none'] : ['/all'])
    }
  })

  it('is compiled where it ends soon', () => {
    expect(() => compileForm(doubling(8))).not.toThrow()
    expect(fieldsOf(doubling(8))).toHaveLength(2 + 510)
  })

  const many = Array.from({ length: 400 }, (_, n) => `p${n}`)
  const boolean = { const: true }
  it.each<[string, FormNode, RegExp]>([
    ['which doubles 40 times', doubling(40), /2000 places at most/],
    [
      'whose parts lead to parts, and on',
      root(Object.fromEntries(many.map((name) => [name, part('aA')])), {
        $defs: Object.fromEntries(names.map((name, n) => [name, part(names[n + 1] ?? 'aA')])),
      }),
      /^\/p0: parts may stand within parts 50 deep/,
    ],
    [
      'in which all hangs on all',
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
      'which refers to what every object has',
      root({ x: part('constructor') }, { $defs: { a: leaf } }),
      /a part of \$defs/,
    ],
  ])('%s, is refused before it is walked', (_, schema, fault) => {
    const begun = performance.now()
    expect(() => compileForm(schema)).toThrow(fault)
    expect(performance.now() - begun).toBeLessThan(1000)
  })
})
