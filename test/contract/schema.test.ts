import { readFileSync } from 'node:fs'
import {
  buildSchema,
  getNamedType,
  isInputObjectType,
  isNonNullType,
  isObjectType,
  parse,
  specifiedRules,
  validate,
} from 'graphql'
import { describe, expect, it } from 'vitest'
import { brokenPromises, contractOf, deprecationForm, elementsOf, schemaFromCode } from '../../src/contract.js'
import { readExamples } from '../../src/explorer/examples.js'
import { relayFaults } from './relayFaults.js'

const contract = readFileSync('schema.graphql', 'utf8')
const schema = buildSchema(contract)
const elements = [...elementsOf(schema)]

describe('the contract', () => {
  it('is what the code says; `npm run schema` makes it so', () => {
    expect(contract).toBe(contractOf(schemaFromCode()))
  })

  it('keeps what was released', () => {
    const released = buildSchema(readFileSync('docs/released.graphql', 'utf8'))
    expect(brokenPromises(released, schema, new Date().toISOString().slice(0, 10))).toEqual([])
  })

  it('describes everything in it', () => {
    expect(elements.length).toBeGreaterThan(100)
    expect(elements.filter(([, { description }]) => !description?.trim()).map(([coordinate]) => coordinate)).toEqual([])
  })

  it('deprecates with a day and a way out', () => {
    const reasons = elements.flatMap(([, { deprecationReason }]) => deprecationReason ?? [])
    expect(reasons.filter((reason) => !deprecationForm.test(reason))).toEqual([])
  })

  it('lets every root field fail alone: each may be null', () => {
    const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]
    const fields = roots.flatMap((root) => Object.values(root?.getFields() ?? {}))
    expect(fields.length).toBeGreaterThan(5)
    expect(fields.filter(({ type }) => isNonNullType(type)).map(({ name }) => name)).toEqual([])
  })

  it('has one form for all mutations: an input with its key, and a payload that tells of mistakes and repeats', () => {
    const mutations = Object.values(schema.getMutationType()?.getFields() ?? {})
    expect(mutations.length).toBeGreaterThan(3)
    for (const { name, args, type } of mutations) {
      const [input, payload] = [getNamedType(args[0]?.type), getNamedType(type)]
      if (!isInputObjectType(input) || !isObjectType(payload)) throw new Error(`${name} has no input, or no payload`)
      expect([args.length, `${input.getFields().idempotencyKey?.type}`]).toEqual([
        1,
        expect.stringMatching(/^IdempotencyKey!?$/),
      ])
      const { userErrors, replayed, ...made } = payload.getFields()
      expect(`${userErrors?.type} ${replayed?.type}`).toBe('[UserError!]! Boolean!')
      expect(Object.values(made).filter(({ type }) => isNonNullType(type))).toEqual([])
    }
  })

  it("passes Relay's rules", () => {
    expect(
      relayFaults(schema, ['ServiceHit', 'CatalogueChange', 'ActingFor', 'TimelineEntry', 'ApplicationOpening']),
    ).toEqual([])
  })
})

describe('an example of the explorer', async () => {
  it.each(await readExamples())('is valid: $name', ({ query }) => {
    expect(validate(schema, parse(query), specifiedRules)).toEqual([])
  })
})
