import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { needsOf } from '../../src/applications/needs.rules.js'
import type { FormNode } from '../../src/catalogue/forms/form.fields.js'

const named = (...names: string[]): FormNode => ({
  type: 'object',
  properties: Object.fromEntries(names.map((name, at) => [`q${at}`, { type: 'string', 'x-registry': name }])),
})

describe('needsOf', () => {
  it.each([
    ['nothing for a service without form and documents', undefined, [], {}],
    ['the fields that the form names, once each', named('tax.debts', 'tax.debts'), [], { AVIS: ['debts'] }],
    ['the whole field of a path below it', named('population.address.street'), [], { POPULATION: ['address'] }],
    ['nothing for a path that no record has', named('population.fin'), [], {}],
    ['the whole record that replaces a document', named('tax.debts'), ['AVIS'], { AVIS: null }],
    ['nothing from a registry without a look-up', undefined, ['LEGALACTS'], {}],
  ])('is %s', (_, form, documents, registries) => {
    expect(needsOf('DIN-ADDRESS-REG', form, documents)).toEqual({ service: 'DIN-ADDRESS-REG', registries })
  })
})
