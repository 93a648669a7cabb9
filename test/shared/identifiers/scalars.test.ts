import { ApolloServer } from '@apollo/server'
import { GraphQLObjectType, type GraphQLScalarType, GraphQLSchema } from 'graphql'
import { afterAll, describe, expect, it } from 'vitest'
import { DocumentNumber, Fin, ProtocolNumber, ProtocolSeries, Voen } from '../../../src/shared/identifiers/scalars.js'

const echo = (type: GraphQLScalarType) => ({
  type,
  args: { it: { type } },
  resolve: (_: unknown, { it }: { it?: string }) => it,
})
const fields = {
  fin: echo(Fin),
  voen: echo(Voen),
  series: echo(ProtocolSeries),
  number: echo(ProtocolNumber),
  document: echo(DocumentNumber),
}
const server = new ApolloServer({
  schema: new GraphQLSchema({ query: new GraphQLObjectType({ name: 'Query', fields }) }),
})
afterAll(() => server.stop())

const ask = async (field: string, type: string, it: unknown) => {
  const { body } = await server.executeOperation({
    query: `query($it: ${type}) { it: ${field}(it: $it) }`,
    variables: { it },
  })
  if (body.kind !== 'single') throw new Error('one answer is required')
  return body.singleResult
}

describe('Scalar of an identifier', () => {
  it.each([
    ['fin', 'Fin', '94f mddd', '94FMDDD'],
    ['voen', 'Voen', '300293922', '0300293922'],
    ['series', 'ProtocolSeries', ' aa', 'AA'],
    ['number', 'ProtocolNumber', '000-1234 5', '00012345'],
    ['document', 'DocumentNumber', 'aa 01', 'AA01'],
  ])('gives the resolver the canonical form: %s', async (field, type, typed, kept) => {
    expect(await ask(field, type, typed)).toMatchObject({ data: { it: kept } })
  })

  it('returns BAD_USER_INPUT with the correction and a reason for an invalid variable', async () => {
    expect((await ask('fin', 'Fin', '94FMDDO')).errors).toMatchObject([
      {
        message: expect.stringContaining('Character 7 of the FİN cannot be “O”; type “0” (zero) instead.'),
        extensions: { code: 'BAD_USER_INPUT', reason: 'fin.character' },
      },
    ])
  })

  it('refuses a number, which loses a leading 0', async () => {
    expect((await ask('voen', 'Voen', 300293922)).errors).toMatchObject([
      {
        message: expect.stringContaining('Voen must be a string, because a number loses its leading 0; got number.'),
        extensions: { code: 'BAD_USER_INPUT' },
      },
    ])
  })

  it('returns GRAPHQL_VALIDATION_FAILED with the same message for an invalid literal', async () => {
    const { body } = await server.executeOperation({ query: '{ fin(it: "94FMDDO") }' })
    expect(body).toMatchObject({
      singleResult: {
        errors: [
          {
            message: 'Character 7 of the FİN cannot be “O”; type “0” (zero) instead.',
            extensions: { code: 'GRAPHQL_VALIDATION_FAILED', reason: 'fin.character' },
          },
        ],
      },
    })
  })
})
