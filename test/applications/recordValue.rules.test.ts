import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { recordValue } from '../../src/applications/drafts/recordValue.rules.js'
import { registryPathOf } from '../../src/applications/needs.rules.js'
import { type FormNode, fieldsOf } from '../../src/catalogue/forms/form.fields.js'
import { compileForm, faultsIn } from '../../src/catalogue/forms/form.rules.js'
import { withParts } from '../../src/catalogue/forms/formFiles.js'
import { lookups } from '../../src/exchange/registries/lookups.js'
import { registriesFrom, textOfRegistries } from '../../src/sandbox/registriesFile.js'
import { dataFiles } from '../support/dataFiles.js'

/** The subjects of the sandbox that have something to fill in. A divorced woman marries, a married man has a child, a worker retires. */
const subjects: Record<string, string> = {
  population: 'TEST001',
  companies: '9900000141',
  property: 'TEST007',
  socialInsurance: '9900000141',
  border: 'AZE:MYITEST0020',
  'ED-MARRIAGE civilStatus': 'TEST002',
  'ED-BIRTH civilStatus': 'TEST001',
  'DSMF-PENSION socialInsurance': 'TEST036',
  'DSMF-BENEFIT socialInsurance': 'TEST002',
}
const held = registriesFrom(textOfRegistries())

/** The record of a subject as the look-up reads it. */
function recordOf(name: string, subject: string): object {
  const { registry, read } = lookups[name]!
  const entries = held[registry as keyof typeof held]
  const entry = entries.find((one) => Object.values(one).includes(subject))!
  const body = 'subject' in entry ? entry : 'fin' in entry ? { persons: [entry] } : { companies: [entry] }
  const record = read(body, [subject]).get(subject)
  if (typeof record !== 'object') throw new Error(`${name} must have a record of ${subject}`)
  return record
}

const { parts, forms } = dataFiles()
const places = Object.entries(forms).flatMap(([code, file]) => {
  const schema = withParts(file.schema, parts)
  const named = fieldsOf(schema).filter(({ node }) => node['x-registry'] !== undefined)
  const validate = named.length > 0 ? compileForm(schema) : undefined
  return named.map(({ at, node }) => ({ code, at, named: node['x-registry'], node, validate: validate! }))
})
/** Answers with that value alone. */
const having = (at: string, value: unknown) =>
  at
    .split('/')
    .slice(1)
    .reduceRight<unknown>((inner, part) => (part === '*' ? [inner] : { [part]: inner }), value)

describe('recordValue', () => {
  it.each(places)('fills $at of $code from $named', ({ code, at, node, validate }) => {
    const { name, path } = registryPathOf(node)!
    const record = recordOf(name, subjects[`${code} ${name}`] ?? subjects[name]!)
    const value = recordValue(node, record, path)
    expect(value).toBeDefined()
    const place = at.replaceAll('*', '0')
    const ofOthers = ['false schema', 'dependentRequired']
    const faults = faultsIn(validate, having(at, value)).filter(
      ({ at, keyword }) => (at === place || at.startsWith(`${place}/`)) && !ofOthers.includes(keyword),
    )
    expect(faults).toEqual([])
  })

  const address: FormNode = { type: 'object', properties: { unit: {}, postalIndex: {}, street: {} } }
  const sex: FormNode = { oneOf: [{ const: 'F' }, { const: 'M' }] }
  it.each<[string, FormNode, object, unknown]>([
    ['the item of a list with one', {}, { all: [{ it: 1 }] }, 1],
    ['nothing of a longer list', {}, { all: [{ it: 1 }, { it: 2 }] }, undefined],
    ['nothing of an empty list', {}, { all: [] }, undefined],
    ['nothing for null', {}, { all: { it: null } }, undefined],
    ['the letter of a sex', sex, { all: { it: 'FEMALE' } }, 'F'],
    ['the value itself that is no option', sex, { all: { it: 'OTHER' } }, 'OTHER'],
    ['the country code of two letters', { format: 'country' }, { all: { it: 'AZE' } }, 'AZ'],
    [
      'the names of an address in forms',
      address,
      { all: { it: { region: 'a', postalCode: 'b', flat: 'c' } } },
      { unit: 'a', postalIndex: 'b' },
    ],
    ['nothing for an address without known parts', address, { all: { it: { flat: 'c' } } }, undefined],
  ])('is %s', (_, node, record, value) => {
    expect(recordValue(node, record, ['all', 'it'])).toEqual(value)
  })
})
