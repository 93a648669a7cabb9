import { readFileSync } from 'node:fs'
import { type GraphQLSchema, graphql, printType } from 'graphql'
import { GraphQLJSONObject } from 'graphql-scalars'
import { Arg, buildSchemaSync, Query, Resolver } from 'type-graphql'
import { describe, expect, it } from 'vitest'
import type { FormNode } from '../../src/catalogue/forms/form.fields.js'
import { FilingContentInput, givenContent, typedServices } from '../../src/filings/submission/filingContent.js'
import { inputOf } from '../../src/filings/submission/typedContent.js'

function schemaOf(type: new () => object, answer: (input: object) => unknown): GraphQLSchema {
  class Echo {
    echo(input: object) {
      return answer(input)
    }
  }
  Resolver()(Echo)
  Query(() => GraphQLJSONObject)(Echo.prototype, 'echo', {})
  Arg('content', () => type)(Echo.prototype, 'echo', 0)
  return buildSchemaSync({ resolvers: [Echo], validate: false })
}

const schema = schemaOf(FilingContentInput, (input) => givenContent(input as FilingContentInput))
async function given(content: object) {
  const source = 'query ($content: FilingContentInput!) { echo(content: $content) }'
  const { data, errors } = await graphql({ schema, source, variableValues: { content } })
  return errors?.[0]?.message ?? data?.echo
}
const examplesOf = (code: string): Record<string, unknown>[] =>
  JSON.parse(readFileSync(`src/catalogue/forms/${code}.form.json`, 'utf8')).examples.valid

describe('FilingContentInput', () => {
  it.each([...typedServices])(
    'takes the examples of the form as %s and leaves them as they are',
    async (typedAs, code) => {
      for (const content of examplesOf(code))
        expect(await given({ [typedAs]: content })).toEqual({ content, contentAs: typedAs })
    },
  )

  it('takes the same content as JSON', async () => {
    const [content] = examplesOf('DVX-RETURN')
    expect(await given({ json: content })).toEqual({ content, contentAs: 'json' })
  })

  it('leaves out what is null in typed content, at every depth', async () => {
    const [, content] = examplesOf('DVX-RETURN') as [unknown, { result: object }]
    const withNulls = { ...content, result: { ...content.result, surplus: null, account: null } }
    expect(await given({ vatReturn2026: withNulls })).toEqual({ content, contentAs: 'vatReturn2026' })
    const nothing = { kind: 'REGULAR', active: false }
    expect(await given({ vatReturn2026: { ...nothing, turnover: null } })).toEqual({
      content: nothing,
      contentAs: 'vatReturn2026',
    })
  })

  it('keeps null in JSON, for the form to check', async () => {
    expect(await given({ json: { tax: null } })).toEqual({ content: { tax: null }, contentAs: 'json' })
  })

  it.each([
    ['a missing field', { active: undefined }, /"active" of required type "Boolean!"/],
    [
      'a number for an amount',
      { result: { outcome: 'PAYABLE', amount: 250.5 } },
      /String cannot represent a non string value/,
    ],
    ['an unknown choice', { kind: 'SECOND' }, /"SECOND" does not exist in "VatReturn2026Kind"/],
    ['an unknown field', { colour: 'red' }, /"colour" is not defined by type "VatReturn2026Input"/],
  ])('refuses %s in typed content before anything runs', async (_what, change, message) => {
    const [content] = examplesOf('DVX-RETURN')
    expect(await given({ vatReturn2026: { ...content, ...change } })).toMatch(message)
  })
})

describe('inputOf', () => {
  const title = (en: string): FormNode => ({ 'x-title': { az: en, en, ru: en } })
  const choice = (...values: string[]): FormNode => ({
    type: 'string',
    oneOf: values.map((value) => ({ const: value, ...title(value) })),
  })
  const object = (properties: Record<string, FormNode>, more: FormNode = {}): FormNode => ({
    type: 'object',
    properties,
    additionalProperties: false,
    ...more,
  })
  const typesOf = (name: string, root: FormNode, parts: Record<string, FormNode> = {}) => {
    const type = inputOf(name, 'A form.', { schema: root, parts })
    const types = Object.values(schemaOf(type, () => ({})).getTypeMap()).filter((type) => type.name.startsWith(name))
    return types.map((type) => printType(type)).join('\n')
  }

  it('makes types that say what the form says', () => {
    const line = object({ amount: { type: 'string', 'x-currency': 'AZN', examples: ['25.50'], ...title('Amount') } })
    const root = object(
      {
        kind: { ...choice('ORIGINAL', 'FINAL'), ...title('Kind of return') },
        rate: { ...choice('18', '0'), ...title('Rate') },
        month: { type: 'integer', minimum: 1, maximum: 12 },
        paidOn: { type: 'string', format: 'date', ...title('Paid on') },
        lines: { type: 'array', maxItems: 9, items: line, ...title('Lines') },
        home: { $ref: '#/$defs/homeAddress' },
      },
      {
        required: ['kind', 'lines'],
        allOf: [{ if: { properties: {}, required: [] }, else: { properties: { paidOn: false } } }],
      },
    )
    const printed = typesOf('Sample2026', root, {
      homeAddress: object({ street: { type: 'string', ...title('Street') } }),
    })
    expect(printed).toMatchInlineSnapshot(`
      """"A form."""
      input Sample2026Input {
        """Kind of return."""
        kind: Sample2026Kind!

        """Rate."""
        rate: String

        """Month."""
        month: Int

        """
        Paid on. A date such as 2026-03-31. Other fields decide whether it is required, optional or not allowed.
        """
        paidOn: String

        """Lines. At most 9."""
        lines: [Sample2026LinesInput!]!

        """Home."""
        home: Sample2026HomeAddressInput
      }
      """Kind of return."""
      enum Sample2026Kind {
        """ORIGINAL."""
        ORIGINAL

        """FINAL."""
        FINAL
      }
      """Lines."""
      input Sample2026LinesInput {
        """Amount. An amount in AZN. Example: 25.50."""
        amount: String
      }
      """Home address."""
      input Sample2026HomeAddressInput {
        """Street."""
        street: String
      }"
    `)
  })

  it.each([
    [
      'a number that GraphQL cannot express',
      object({ sum: { type: 'integer', minimum: 0, maximum: 2 ** 40 } }),
      /32 bits/,
    ],
    ['an unknown part', object({ sum: { $ref: '#/$defs/sum' } }), /got #\/\$defs\/sum/],
    [
      'two types of one name',
      object({ a: object({ bC: object({}) }), aB: object({ c: object({}) }) }),
      /got SampleABC twice/,
    ],
  ])('refuses a form with %s', (_what, root, message) => {
    expect(() => inputOf('Sample', 'A form.', { schema: root, parts: {} })).toThrow(message)
  })
})
