import { existsSync, readFileSync } from 'node:fs'
import {
  buildSchema,
  type GraphQLObjectType,
  getNamedType,
  isInputObjectType,
  isNonNullType,
  isObjectType,
} from 'graphql'
import { describe, expect, it } from 'vitest'
import { brokenPromises, contractOf, deprecationForm, elementsOf, schemaFromCode } from '../../src/contract.js'
import { relayFaults } from './relayFaults.js'

const contract = readFileSync('schema.graphql', 'utf8')
const schema = buildSchema(contract)
const elements = [...elementsOf(schema)]

describe('schema.graphql', () => {
  it('is what `npm run schema` writes', () => {
    expect(contract).toBe(contractOf(schemaFromCode()))
  })

  it.skipIf(!existsSync('docs/released.graphql'))('keeps the promises of the released contract', () => {
    const released = buildSchema(readFileSync('docs/released.graphql', 'utf8'))
    expect(brokenPromises(released, schema, new Date().toISOString().slice(0, 10))).toEqual([])
  })

  it('describes each of its elements', () => {
    expect(elements.length).toBeGreaterThan(100)
    expect(elements.filter(([, { description }]) => !description?.trim()).map(([coordinate]) => coordinate)).toEqual([])
  })

  it('deprecates with a day and a replacement', () => {
    const reasons = elements.flatMap(([, { deprecationReason }]) => deprecationReason ?? [])
    expect(reasons.filter((reason) => !deprecationForm.test(reason))).toEqual([])
  })

  it('has nullable root fields only', () => {
    const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]
    const fields = roots.flatMap((root) => Object.values(root?.getFields() ?? {}))
    expect(fields.length).toBeGreaterThan(5)
    expect(fields.filter(({ type }) => isNonNullType(type)).map(({ name }) => name)).toEqual([])
  })

  /** The number of the filer is the key of a filing. */
  const withOwnKey: Record<string, string> = { submitFiling: 'undefined', submitFilings: 'undefined' }
  it('has mutations with one input and key, and a payload with userErrors and replayed', () => {
    const mutations = Object.values(schema.getMutationType()?.getFields() ?? {})
    expect(mutations.length).toBeGreaterThan(3)
    for (const { name, args, type } of mutations) {
      const [input, payload] = [getNamedType(args[0]?.type), getNamedType(type)]
      if (!isInputObjectType(input) || !isObjectType(payload)) throw new Error(`${name} has no input, or no payload`)
      const key = `${input.getFields().idempotencyKey?.type}`
      expect([name, args.length, key]).toEqual([
        name,
        1,
        withOwnKey[name] ?? expect.stringMatching(/^IdempotencyKey!?$/),
      ])
      const { userErrors, replayed, results, ...made } = payload.getFields()
      expect(`${userErrors?.type}`).toBe('[UserError!]!')
      const ofOne = results ? (getNamedType(results.type) as GraphQLObjectType).getFields() : { userErrors, replayed }
      expect(`${ofOne.userErrors?.type} ${ofOne.replayed?.type}`).toBe('[UserError!]! Boolean!')
      expect(Object.values(made).filter(({ type }) => isNonNullType(type))).toEqual([])
    }
  })

  it("follows Relay's rules for connections", () => {
    expect(
      relayFaults(schema, [
        'ServiceHit',
        'CatalogueChange',
        'ActingFor',
        'ApplicationTimelineEntry',
        'ApplicationOpening',
        'ApplicationTransfer',
        'ApplicationNote',
        'FilingBatchLine',
      ]),
    ).toEqual([])
  })
})
