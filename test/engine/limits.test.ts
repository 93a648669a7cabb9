import { readFileSync } from 'node:fs'
import { getIntrospectionQuery } from 'graphql'
import { afterAll, describe, expect, it } from 'vitest'
import { configFrom } from '../../src/config.js'
import { limits } from '../../src/engine/limits.js'
import { cloneDatabase } from '../support/database.js'
import { createServer } from '../support/server.js'

const database = await cloneDatabase()
const app = await createServer({ config: configFrom({ LOG_LEVEL: 'silent' }), database })

afterAll(() => app.close())
/** Asked twice: first Apollo answers, then one statement where the operation fits. */
async function ask(query: unknown, variables?: object) {
  const first = await askOnce(query, variables)
  expect(await askOnce(query, variables)).toEqual(first)
  return first
}
async function askOnce(query: unknown, variables?: object) {
  const headers = { accept: 'application/graphql-response+json' }
  const response = await app.inject({ method: 'POST', url: '/graphql', headers, payload: { query, variables } })
  const { data, errors = [] } = response.json()
  return { status: response.statusCode, data, errors }
}
const times = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => text(i)).join(' ')
const refused = (limit: keyof typeof limits, found?: number) => ({
  status: 400,
  data: undefined,
  errors: [
    {
      message: expect.stringMatching(
        new RegExp(`${found === undefined ? '' : `: ${found}`}\\. At most ${limits[limit]} .*are allowed\\.`),
      ),
      extensions: { code: 'TOO_COSTLY', limit, allowed: limits[limit], ...(found === undefined ? {} : { found }) },
    },
  ],
})
/** A page in a page in a page: by their sizes. */
const pages = ([size, ...below]: unknown[]): string =>
  size === undefined ? 'code' : `services(first: ${size}) { nodes { lifeEvent { ${pages(below)} } } }`

describe('A document', () => {
  it('is refused for too many characters before it is parsed', async () => {
    const most = '{ __typename } #'.padEnd(limits.document, '.')
    expect(await ask(most)).toMatchObject({ status: 200, errors: [] })
    expect(await ask(`${most}.`)).toMatchObject(refused('document'))
  })

  it('is refused for too many tokens', async () => {
    expect(await ask(`{ ${times(limits.tokens - 2, () => 'a')} }`)).not.toMatchObject(refused('tokens'))
    expect(await ask(`{ ${times(limits.tokens - 1, () => 'a')} }`)).toMatchObject(refused('tokens'))
  })

  it('is refused for too many aliases, those of __typename included', async () => {
    const aliased = (count: number) => `{ lifeEvents { ${times(count, (i) => `a${i}: __typename`)} } }`
    expect(await ask(aliased(limits.aliases))).toMatchObject({ status: 200, errors: [] })
    expect(await ask(aliased(limits.aliases + 1))).toMatchObject(refused('aliases', limits.aliases + 1))
  })

  it('is refused for too many fields of object types', async () => {
    const service = 'agency { code } lifeEvent { code } currentVersion { number } names { az } descriptions { az }'
    const asked = (more: string) =>
      `{ ${times(20, (i) => `a${i}: service(code: "C${i}") { ${service} ${i === 0 ? more : ''} }`)} }`
    expect(await ask(asked(''))).toMatchObject({ status: 200, errors: [] })
    expect(await ask(asked('versions { number }'))).toMatchObject(refused('relations', limits.relations + 1))
  })

  it('may repeat a field, unless the repetitions are too many to compare', async () => {
    expect(await ask(`{ ${times(100, () => 'lifeEvents { code }')} }`)).toMatchObject({ status: 200, errors: [] })
    const { status, errors } = await ask(`{ ${times(900, () => 'lifeEvents { code }')} }`)
    expect([status, errors[0]]).toMatchObject([400, { message: expect.stringContaining('Select each field once.') }])
    expect(errors[0].extensions).toEqual({ code: 'TOO_COSTLY' })
  })

  it('gets a bounded list of validation errors', async () => {
    const { errors } = await ask(`{ ${times(200, (i) => `gone${i}`)} }`)
    expect(errors).toHaveLength(limits.validationErrors + 1)
    expect(errors.at(-1)).toMatchObject({
      message: expect.stringContaining('error limit reached'),
      extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
    })
  })

  it('is refused when its fragments form a cycle or nest too deep', async () => {
    expect(await ask('{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }')).toMatchObject({
      status: 400,
    })
    expect(await ask(`${'{ a '.repeat(1900)}${'} '.repeat(1900)}`)).toMatchObject({ status: 400 })
  })
})

describe('An operation', () => {
  it('is refused for too many levels, those in fragments included', async () => {
    const deep = (end: string) => {
      const below = pages([1, 1, 1, 1]).replace('code', end)
      return `{ service(code: "x") { ...A } } fragment A on Service { lifeEvent { ${below} } }`
    }
    expect(await ask(deep('code'))).toMatchObject({ status: 200, errors: [] })
    expect(await ask(deep('names { az }'))).toMatchObject(refused('depth', limits.depth + 1))
  })

  it('is refused for too many root fields', async () => {
    const roots = (count: number) => `{ ${times(count, (i) => `a${i}: service(code: "x") { code }`)} }`
    expect(await ask(roots(limits.rootFields))).toMatchObject({ status: 200, errors: [] })
    expect(await ask(roots(limits.rootFields + 1))).toMatchObject(refused('rootFields', limits.rootFields + 1))
  })

  it('is refused for too many fields after its fragments are expanded', async () => {
    const doubled = (depth: number) =>
      `{ lifeEvents { ...F0 } } ${times(depth, (i) => {
        const aliased = times(19, (j) => `a${i}_${j}: services(first: 1) { nodes { lifeEvent { ...F${i + 1} } } }`)
        return `fragment F${i} on LifeEvent { ${aliased} }`
      })} fragment F${depth} on LifeEvent { code }`
    expect(await ask(doubled(3))).toMatchObject({
      status: 400,
      errors: [{ extensions: { code: 'TOO_COSTLY', limit: 'fields', allowed: limits.fields } }],
    })
  })

  it('is refused when it is a subscription', async () =>
    expect(await ask('subscription { services }')).toMatchObject({
      status: 400,
      errors: [{ extensions: { code: 'BAD_REQUEST' }, message: expect.stringContaining('Subscriptions') }],
    }))

  it('is refused in a batch', async () => {
    const payload = [{ query: '{ __typename }' }, { query: '{ __typename }' }]
    const response = await app.inject({ method: 'POST', url: '/graphql', payload })
    expect([response.statusCode, response.json()]).toMatchObject([
      400,
      { errors: [{ extensions: { code: 'BAD_REQUEST' } }] },
    ])
  })
})

describe('The limit of nodes', () => {
  const most = limits.nodes

  const ids = (count: number) => Array.from({ length: count }, () => 'none')
  it.each<[string, string, few: unknown, many: unknown]>([
    ['first', `query($size: Int!) { services(first: $size) { nodes { lifeEvent { ${pages([100, 100])} } } } }`, 1, 100],
    ['last', `query($size: Int!) { services(last: $size) { nodes { lifeEvent { ${pages([100, 100])} } } } }`, 1, 100],
    [
      'ids',
      `query($size: [ID!]!) { nodes(ids: $size) { ... on LifeEvent { ${pages([100, 100])} } } }`,
      ids(1),
      ids(100),
    ],
    [
      'first, whatever was wrong before',
      `query($size: Int) { services(first: $size) { nodes { lifeEvent { ${pages([100, 100])} } } } }`,
      -1,
      100,
    ],
  ])('is applied to each request with a document: %s', async (_what, query, few, many) => {
    expect(await askOnce(query, { size: few })).not.toMatchObject(refused('nodes'))
    expect(await askOnce(query, { size: many })).toMatchObject(refused('nodes'))
    expect(await askOnce(query, { size: few })).not.toMatchObject(refused('nodes'))
  })

  it('is applied after a request whose wrong argument hid the size', async () => {
    const query = `query($text: String = "x", $size: Int!) {
      searchServices(text: $text, first: $size) { nodes { service { lifeEvent { ${pages([100, 100])} } } } } }`
    expect(await askOnce(query, { text: null, size: 100 })).not.toMatchObject(refused('nodes'))
    expect(await askOnce(query, { text: 'x', size: 100 })).toMatchObject(refused('nodes'))
  })
  it.each<[string, string, object | undefined, found: number]>([
    ['a page', `{ services(first: ${most + 1}) { nodes { code } } }`, undefined, most + 1],
    ['pages in pages', `{ service(code: "x") { lifeEvent { ${pages([100, 100, 100])} } } }`, undefined, 1_010_100],
    ['pages from their end', `{ services(last: ${most + 1}) { totalCount } }`, undefined, most + 1],
    [
      'pages below a plain list',
      '{ lifeEvents { services(first: 100) { nodes { currentVersion { tariffs { name } } agency { services(first: 100) { totalCount } } } } } }',
      undefined,
      1_310_100,
    ],
    [
      'plain lists in a circle',
      `{ agency(code: "DIN") { ${'children { parent { '.repeat(3)} code ${'} } '.repeat(3)} } }`,
      undefined,
      27_930,
    ],
    [
      'sizes in variables',
      `query($n: Int) { services(first: $n) { nodes { lifeEvent { ${pages(['$n', '$n'])} } } } }`,
      { n: 100 },
      1_010_100,
    ],
    [
      'their defaults',
      `query($n: Int = 100) { services(first: $n) { nodes { lifeEvent { ${pages(['$n', '$n'])} } } } }`,
      {},
      1_010_100,
    ],
    [
      'fragments',
      `{ services(first: 100) { ...P } } fragment P on ServiceConnection { edges { node { agency { services(first: 100) { nodes { lifeEvent { services(first: 2) { totalCount } } } } } } } }`,
      undefined,
      30_100,
    ],
    [
      'nodes and edges both',
      '{ services(first: 100) { nodes { agency { services(first: 100) { nodes { lifeEvent { services(first: 1) { totalCount } } } } } } edges { node { agency { services(first: 100) { totalCount nodes { lifeEvent { services(first: 1) { totalCount } } } } } } } } }',
      undefined,
      40_100,
    ],
    [
      'ids',
      '{ nodes(ids: ["a", "b"]) { ... on Agency { services(first: 20000) { totalCount } } ... on Service { id } } }',
      undefined,
      40_002,
    ],
  ])('counts %s', async (_what, query, variables, found) => {
    expect(await ask(query, variables)).toMatchObject(refused('nodes', found))
  })

  it('counts merged fields once', async () => {
    const merged = `{ services(first: 100) { nodes { code } } services(first: 100) { nodes { agency { services(first: 100) { nodes { code } } } } } ...A } fragment A on Query { services(first: 100) { nodes { agency { services(first: 100) { nodes { code } } } } } }`
    expect(await ask(merged)).toMatchObject({ status: 200, errors: [] })
  })

  it('ignores skipped fields', async () => {
    const query = `query($no: Boolean!) { __typename services(first: ${most + 1}) @skip(if: $no) { nodes { code } } again: services(first: ${most + 1}) @include(if: false) { nodes { code } } }`
    expect(await ask(query, { no: true })).toMatchObject({ status: 200, data: { __typename: 'Query' } })
    expect(await ask(query, { no: false })).toMatchObject(refused('nodes', most + 1))
  })

  it('is not evaded by a variable that makes counting fail', async () => {
    const query = `query($off: Boolean = true) { services(first: ${most + 1}) { nodes { code } } service(code: "x") { code @skip(if: $off) } }`
    expect(await ask(query, { off: null })).toMatchObject({
      status: 400,
      data: undefined,
      errors: [{ extensions: { code: 'BAD_USER_INPUT' } }],
    })
  })
})

describe('Variables', () => {
  const query = 'query($ids: [ID!]!) { nodes(ids: $ids) { id } }'

  it('are refused for a list that is too long', async () => {
    expect(await ask(query, { ids: Array(limits.listItems).fill('x') })).toMatchObject({ status: 200 })
    expect(await ask(query, { ids: Array(limits.listItems + 1).fill('x') })).toMatchObject(
      refused('listItems', limits.listItems + 1),
    )
  })

  it('are refused for nesting too deep, used or not', async () => {
    const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)])
    expect(await ask('{ __typename }', { deep: nested(limits.variablesDepth) })).toMatchObject({ status: 200 })
    expect(await ask('{ __typename }', { deep: nested(limits.variablesDepth + 1) })).toMatchObject(
      refused('variablesDepth', limits.variablesDepth + 1),
    )
  })

  it('may contain JSON with long lists, to a limited depth', async () => {
    const asking = 'query($answers: JSONObject) { tariffs(service: "x", answers: $answers) { __typename } }'
    const nested = (levels: number): object => (levels === 1 ? {} : { in: nested(levels - 1) })
    const long = { list: Array(limits.listItems + 1).fill('x') }
    for (const answers of [long, nested(limits.variablesDepth + 1)])
      expect(await ask(asking, { answers })).toMatchObject({ status: 200, data: { tariffs: null } })
    expect(await ask(asking, { answers: nested(limits.contentDepth + 1) })).toMatchObject(
      refused('contentDepth', limits.contentDepth + 1),
    )
    expect(await ask(asking, { others: long })).toMatchObject(refused('listItems', limits.listItems + 1))
  })

  it('get a bounded list of short errors', async () => {
    const filter = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`gone${i}`, 'x'.repeat(100)]))
    const listing = 'query($filter: ServiceFilter) { services(first: 1, filter: $filter) { totalCount } }'
    const { status, errors } = await ask(listing, { filter })
    expect([status, errors.length]).toEqual([400, limits.coercionErrors + 1])
    expect(errors.at(-1).message).toContain('error limit reached')
    for (const { message, extensions } of errors)
      expect([extensions.code, message.length <= 1000]).toEqual(['BAD_USER_INPUT', true])
  })
})

describe('Introspection', () => {
  const whole = getIntrospectionQuery({
    descriptions: true,
    specifiedByUrl: true,
    directiveIsRepeatable: true,
    schemaDescription: true,
    inputValueDeprecation: true,
    oneOf: true,
  })

  it('passes all limits with the standard query', async () => {
    const { status, data, errors } = await ask(whole)
    expect([status, errors, data.__schema.types.length > 30]).toEqual([200, [], true])
  })

  it('is refused for lists nested too deep and for repetition', async () => {
    const deep = '{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }'
    expect(await ask(deep)).toMatchObject({
      status: 400,
      errors: [{ message: 'Maximum introspection depth exceeded' }, {}],
    })
    const wide = '{ __schema { types { fields { name } again: fields { name } } } }'
    expect(await ask(wide)).toMatchObject(refused('introspectionAliases', 1))
    expect(await ask('{ again: __schema { types { name } } }')).toMatchObject(refused('introspectionAliases', 1))
  })
})

describe('A large but honest operation', () => {
  it('passes with fifty fields and a full page in a page', async () => {
    const { status, data, errors } = await ask(`{
      services(first: 50) {
        totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } nodes {
          id code name names { az en ru } description descriptions { az en ru } audiences direction status confidence source lifeEvent { id code name names { az en ru } }
          agency { id code name names { az en ru } type website services(first: 100) { nodes { code name } } }
          currentVersion {
            number interaction automation assurance signers delegable result validFrom validTo note
            tariffs { name fees { name due confidence } terms { purpose value unit } }
          }
        }
      }
    }`)
    expect([status, errors, data?.services.nodes.length === 50]).toEqual([200, [], true])
  })
})

describe('docs/limits.md', () => {
  it('lists each limit and its value', () => {
    const docs = readFileSync(new URL('../../docs/limits.md', import.meta.url), 'utf8')
    const documented = [...docs.matchAll(/^\| `(\w+)` \| ([\d,]+) \|/gm)].map(([, name, value]) => [
      name,
      Number(value?.replaceAll(',', '')),
    ])
    expect(Object.fromEntries(documented)).toEqual(limits)
  })
})
