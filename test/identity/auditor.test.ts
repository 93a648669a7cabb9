import { type GraphQLInputType, isEnumType, isInputObjectType, isListType, isNonNullType } from 'graphql'
import { expect, it } from 'vitest'
import { schemaFromCode } from '../../src/contract.js'
import { nodeIdOf } from '../../src/engine/nodeId.js'
import { apiOf } from '../support/api.js'
import { cloneDatabase } from '../support/database.js'
import { as } from '../support/tokens.js'

const ask = await apiOf(await cloneDatabase())
const mutations = Object.values(schemaFromCode().getMutationType()?.getFields() ?? {})

const scalars: Record<string, unknown> = {
  ...{ String: 'text', ID: nodeIdOf('Party', '01a20000-0000-7000-8000-000000000000'), Int: 1, Boolean: true },
  ...{ IdempotencyKey: 'a-key-of-the-auditor', DateTime: '2027-01-01T00:00:00Z', Date: '2027-01-01', Decimal: '1.00' },
  ...{ Currency: 'AZN', Fin: 'TEST001', Voen: '9900000141', JSONObject: {} },
}
/** Something that the type takes: only the guard can refuse it. */
function valueFor(type: GraphQLInputType): unknown {
  if (isNonNullType(type)) return valueFor(type.ofType)
  if (isListType(type)) return [valueFor(type.ofType)]
  if (isEnumType(type)) return type.getValues()[0]?.name
  if (isInputObjectType(type)) {
    const required = Object.values(type.getFields()).filter(({ type }) => isNonNullType(type))
    return Object.fromEntries(required.map(({ name, type }) => [name, valueFor(type)]))
  }
  if (!(type.name in scalars)) throw new Error(`give a value of the scalar ${type.name} here`)
  return scalars[type.name]
}

it.each(mutations.map(({ name, args }) => [name, args[0]?.type] as const))(
  'an auditor changes nothing by %s',
  async (name, type) => {
    const { data, errors } = await ask(`mutation ($input: ${type}) { ${name}(input: $input) { replayed } }`, {
      variables: { input: valueFor(type as GraphQLInputType) },
      headers: await as('auditor'),
    })
    expect([data?.[name], errors?.map(({ extensions: { code } }) => code)]).toEqual([null, ['FORBIDDEN']])
  },
)
