import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import {
  type Condition,
  type Field,
  type FormNode,
  fieldsOf,
  largestOf,
} from '../../src/catalogue/forms/form.fields.js'
import { compileForm, faultsIn } from '../../src/catalogue/forms/form.rules.js'
import { formsOf } from '../../src/catalogue/forms/formFiles.js'
import { type DataFiles, dataFiles } from '../support/dataFiles.js'
import { long } from '../support/long.js'

type Answers = Record<string, unknown>

const { parts, forms: files } = dataFiles()
const partsPath = 'catalogue/forms/parts.json'
const made = (code: string, file: DataFiles['forms'][string]) => {
  const texts = { [partsPath]: JSON.stringify(parts), [`catalogue/forms/${code}.form.json`]: JSON.stringify(file) }
  const form = formsOf(texts).get(code)
  if (!form) throw new Error(`a form of ${code} is required`)
  return form
}
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

it('The data files have forms of seventeen services', () => {
  expect(forms).toHaveLength(17)
})

describe.each(forms)('The form of $code', ({ schema, ui, validate, fields, valid, invalid }) => {
  const fieldAt = (at: string) => fields.find((field) => field.at === at) as Field

  it('accepts its valid examples', () => {
    for (const answers of valid) expect(faultsIn(validate, answers, '2026-11-25')).toEqual([])
  })

  it('says of each date whether it is past or future, unless it may be either', () => {
    const either = ['changedOn', 'startsOn', 'endsOn', 'probationEndsOn', 'endedOn']
    const dates = fields.filter(({ node }) => node.format === 'date' && !node['x-date'])
    expect(dates.filter(({ at }) => !either.includes(at.slice(at.lastIndexOf('/') + 1)))).toEqual([])
  })

  if (long)
    it('accepts its valid examples in any JSON Schema validator', () => {
      const plain = new Ajv2020({ strict: false, validateFormats: false }).compile(schema)
      expect(valid.filter((answers) => !plain(answers))).toEqual([])
    })

  it.each(invalid)('reports $keyword at $at', ({ patch, at, keyword }) => {
    expect(keywordsAt(validate, patched(valid[0], patch), at)).toContain(keyword)
  })

  it('reports what is too long, of another type or unknown at each place', () => {
    const missed: [string, string][] = []
    for (const answers of long ? valid : valid.slice(0, 1))
      for (const { at, of, value } of placesIn(answers)) {
        if (at === '') continue
        const { node } = fieldAt(of)
        const wrongs: [unknown, string][] = [[{ other: 1 }, isObject(value) ? 'additionalProperties' : 'type']]
        if (node.type === 'string') wrongs.push(['9'.repeat(9000), node.oneOf ? 'oneOf' : 'maxLength'], [5, 'type'])
        if (node.type === 'integer') wrongs.push([1e9, 'maximum'], [-1e9, 'minimum'], [0.5, 'type'])
        for (const [wrong, keyword] of wrongs) {
          const place = keyword === 'additionalProperties' ? `${at}/other` : at
          if (!keywordsAt(validate, having(answers, at, wrong), place).includes(keyword)) missed.push([at, keyword])
        }
      }
    expect(missed).toEqual([])
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

  it('shows exactly the fields that the schema accepts', () => {
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

  it('reports each missing required field', () => {
    for (const answers of valid)
      for (const { at: parent, of, value } of placesIn(answers)) {
        if (!isObject(value)) continue
        for (const name of fieldAt(of).node.required ?? []) {
          const at = `${parent}/${name}`
          expect([at, keywordsAt(validate, having(answers, at, undefined), at)]).toEqual([at, ['required']])
        }
      }
  })

  it('limits everything that people write', () => {
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
