import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  getNamedType,
  isLeafType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
} from 'graphql'
import { afterAll, describe, expect, it } from 'vitest'
import { configFrom } from '../../src/config.js'
import { costOf } from '../../src/engine/cost.js'
import { limits } from '../../src/engine/limits.js'
import { publicSchema } from '../../src/schema.js'
import { cloneDatabase } from '../support/database.js'
import { long } from '../support/long.js'
import { createServer } from '../support/server.js'

const database = await cloneDatabase()
const schema = publicSchema()
const app = await createServer({ config: configFrom({ LOG_LEVEL: 'silent' }), database })
afterAll(() => app.close())

/** Asked twice: first Apollo answers, then one statement, whose text has more white space. */
async function ask(query: string) {
  const first = await askOnce(query)
  database.statements.length = 0
  const { length, ...second } = await askOnce(query)
  expect(second, query).toEqual({ ...first, length: undefined })
  return { ...second, length }
}
async function askOnce(query: string) {
  const headers = { accept: 'application/graphql-response+json' }
  const response = await app.inject({ method: 'POST', url: '/graphql', headers, payload: { query } })
  return { status: response.statusCode, length: response.payload.length, ...response.json() }
}

const times = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => text(index)).join(' ')

describe('costOf', () => {
  const seed = Math.floor(Math.random() * 1e6)
  it(`counts no fewer leaves than a hostile operation returns (seed ${seed})`, async () => {
    const random = randomOf(seed)
    const met = { served: 0, refused: 0 }
    for (let round = 0; round < (long ? 2_000 : 20); round++) {
      const query = hostile(random)
      const { leaves, fields, relations, depth, nodes } = costIn(parse(query))
      const tooMuch =
        leaves > limits.leaves ||
        fields > limits.fields ||
        relations > limits.relations ||
        depth > limits.depth ||
        nodes > limits.nodes
      const { status, data, length, errors = [] } = await ask(query)
      if (tooMuch) expect([status, errors[0].extensions.code], query).toEqual([400, 'TOO_COSTLY'])
      else if (status === 200) {
        expect(database.statements[0], query).toContain(' as "r"') // names of the client are in the one statement alone
        expect(leavesIn(data), query).toBeLessThanOrEqual(leaves)
        expect(length, query).toBeLessThan(limits.answer * 1.1)
      } else expect(errors[0].extensions.limit, query).toMatch(/^(aliases|answer)$/)
      met[status === 200 ? 'served' : 'refused']++
    }
    expect(Math.min(met.served, met.refused)).toBeGreaterThan(0)
  })
})

/** Aliases multiply through fragments: 30 forms of each service, and 30 schemas of each form. */
const multiplied = (
  first: number,
) => `{services(first:${first}){nodes{currentVersion{${times(30, (i) => `f${i}:form{...G}`)}}}}}
  fragment G on Form{${times(30, (i) => `s${i}:schema`)}}`

describe('An operation that multiplies its answer', () => {
  it('is refused before it runs when aliases in fragments repeat a large value', async () => {
    database.statements.length = 0
    expect(await ask(multiplied(100))).toMatchObject({
      status: 400,
      errors: [{ extensions: { code: 'TOO_COSTLY', limit: 'leaves', allowed: 100_000, found: 4_500_000 } }],
    })
    expect(database.statements).toEqual([])
  })

  it('is answered while it is small', async () => {
    const { status, data } = await ask(multiplied(1))
    expect([status, Object.keys(data.services.nodes[0].currentVersion)]).toMatchObject([200, { length: 30 }])
  })

  it('gets a null field when PostgreSQL would send more than an answer may hold', async () => {
    await database.client`update agencies set source = repeat('x', ${limits.answer}) where code = 'DIN'`
    const { data, errors } = await ask('{ agency(code: "DIN") { source } lifeEvents { code } }')
    expect([data.agency, data.lifeEvents.length > 0]).toEqual([null, true])
    expect(errors).toMatchObject([{ path: ['agency'], extensions: { code: 'TOO_COSTLY', limit: 'answer' } }])
  })

  it('gets an error in place of an answer that would be too long', async () => {
    await database.client`update agencies set source = repeat('x', ${limits.answer / 10}) where code = 'DIN'`
    const repeated = `{ agency(code: "DIN") { ${times(11, (i) => `s${i}: source`)} } }`
    const { status, data, errors, length } = await ask(repeated)
    expect([status, data, length < 300]).toEqual([400, undefined, true])
    expect(errors).toMatchObject([{ extensions: { code: 'TOO_COSTLY', limit: 'answer', allowed: limits.answer } }])
  })
})

function costIn(document: DocumentNode) {
  const of = <T>(kind: Kind) => document.definitions.filter((definition) => definition.kind === kind) as T[]
  const fragments = Object.fromEntries(
    of<FragmentDefinitionNode>(Kind.FRAGMENT_DEFINITION).map((fragment) => [fragment.name.value, fragment]),
  )
  const [operation] = of<OperationDefinitionNode>(Kind.OPERATION_DEFINITION)
  return costOf({ schema, fragments, variables: {} }, schema.getQueryType()!, operation!, limits.fields)
}

function leavesIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1
  return Object.values(value).reduce((sum: number, inner) => sum + leavesIn(inner), 0)
}

type Random = (below: number) => number
function randomOf(seed: number): Random {
  let state = seed
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return Math.floor((state / 2 ** 31) * below)
  }
}

/** Nests, aliases and fragments over the real schema: each level is a fragment that names its fields several times. */
function hostile(random: Random): string {
  const fragments: string[] = []
  const fragmentOn = (type: GraphQLObjectType, levels: number): string => {
    const name = `F${fragments.push('') - 1}`
    const fields = Object.values(type.getFields())
    const leaves = fields.filter(({ args, type }) => args.length === 0 && isLeafType(getNamedType(type)))
    const ways = fields.filter(({ type }) => isObjectType(getNamedType(type)))
    const selected = [`k: ${leaves[random(leaves.length)]?.name ?? '__typename'}`]
    for (let at = 0; at < 1 + random(8); at++) {
      const way = ways[random(ways.length)]
      const leaf = leaves[random(leaves.length)]
      if (levels > 0 && way && random(2) === 0) {
        const target = getNamedType(way.type) as GraphQLObjectType
        const size = way.args.some(({ name }) => name === 'first') ? `(first: ${1 + random(100)})` : ''
        if (way.args.length === 0 || size)
          selected.push(`a${at}: ${way.name}${size} { ...${fragmentOn(target, levels - 1)} }`)
      } else if (leaf) selected.push(`a${at}: ${leaf.name}`)
    }
    fragments[Number(name.slice(1))] = `fragment ${name} on ${type.name} { ${selected.join(' ')} }`
    return name
  }
  const root = ['services', 'agencies'][random(2)] as string
  const connection = getNamedType(schema.getQueryType()!.getFields()[root]!.type) as GraphQLObjectType
  const node = getNamedType(connection.getFields().nodes!.type) as GraphQLObjectType
  const query = `{ r: ${root}(first: ${1 + random(100)}) { nodes { ...${fragmentOn(node, 4)} } } }`
  return [query, ...fragments].join(' ')
}
