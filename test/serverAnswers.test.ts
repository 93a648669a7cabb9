import { afterAll, describe, expect, it } from 'vitest'
import { configFrom } from '../src/config.js'
import { cloneDatabase } from './support/database.js'
import { asOperator, createServer } from './support/server.js'

const database = await cloneDatabase()
const app = await createServer({ config: configFrom({ LOG_LEVEL: 'silent' }), database })
afterAll(() => app.close())

type Headers = Record<string, string>
interface Sent {
  method: 'GET' | 'POST' | 'HEAD' | 'PUT'
  url: string
  headers: Headers
  payload?: object | string
}

const operations = `
  query A($n: Int = 2) { services(first: $n) { nodes { id code name names { az ru } } totalCount } agency(code: "DVX") { name } }
  query B { lifeEvents { code name } none: agency(code: "none") { name } __typename }`
let documents = 0
/** A document that the server has not seen. */
const unseen = () => `${operations} # ${++documents}`

const post = (more: object = {}, headers: Headers = {}) => {
  return (query: string): Sent => ({
    method: 'POST',
    url: '/graphql',
    headers,
    payload: { query, operationName: 'A', ...more },
  })
}
const get = (more: [name: string, value: string][] = [['operationName', 'A']], headers: Headers = {}) => {
  return (query: string): Sent => ({
    method: 'GET',
    url: `/graphql?${new URLSearchParams([['query', query], ...more])}`,
    headers,
  })
}
const others = (sent: (query: string) => Sent, changes: Partial<Sent>) => (query: string) => ({
  ...sent(query),
  ...changes,
})

async function answerTo(sent: Sent) {
  database.statements.length = 0
  const { statusCode, headers, body } = await app.inject(sent)
  const { 'content-length': _, etag, date, ...compared } = headers // of the white space, and of the time
  const statements = database.statements.filter((text) => text.includes('row_to_json'))
  const isJson = String(compared['content-type']).includes('json') && body !== ''
  return {
    answer: {
      statusCode,
      headers: compared,
      cached: etag !== undefined,
      body: isJson ? JSON.stringify(JSON.parse(body)) : body,
    },
    statements: statements.length,
  }
}

/** What Apollo answers first, and what is answered when the document is known. */
async function twice(sent: (query: string) => Sent) {
  const query = unseen()
  const first = await answerTo(sent(query))
  await app.inject(post()(query))
  return { first, second: await answerTo(sent(query)) }
}

const json = 'application/json'
const graphql = 'application/graphql-response+json'

describe('An answer in one statement', () => {
  it.each([
    ['a POST', post()],
    ['a POST with a variable', post({ variables: { n: 1 } })],
    ['a POST with variables of null', post({ variables: null })],
    ['a POST with an unused variable', post({ variables: { other: { x: [1] } } })],
    ['a POST with extensions of null', post({ extensions: null })],
    ['a POST with another key', post({ id: 7, doc: 'x' })],
    ['the other operation', post({ operationName: 'B' })],
    ['a token', post({}, asOperator)],
    ['a GET', get()],
    [
      'a GET with a variable',
      get([
        ['operationName', 'A'],
        ['variables', '{"n":1}'],
      ]),
    ],
    ['a GET of the other operation', get([['operationName', 'B']])],
    [
      'a GET with another parameter',
      get([
        ['operationName', 'A'],
        ['id', '7'],
      ]),
    ],
    ...[
      '',
      '*/*',
      json,
      graphql,
      'APPLICATION/JSON',
      'application/*',
      `${json}, text/plain, */*`,
      `image/png, */*;q=0.1`,
      `${json}; charset=utf-8`,
      `${graphql}; charset=utf-8`,
      `${graphql};q=0.1, ${json}`,
      `${json}, ${graphql}`,
      `${json};q=0.5, ${graphql}`,
      `${json};q=0.5, ${json};callbackSpec=1.0`,
    ].map((accept): [string, ReturnType<typeof post>] => [`Accept: ${accept}`, post({}, { accept })]),
    ...['az', 'en', 'ru', 'en-GB, ru;q=0.5', 'xx', '*'].map((language): [string, ReturnType<typeof post>] => [
      `Accept-Language: ${language}`,
      get(undefined, { 'accept-language': language }),
    ]),
  ])('equals that of Apollo for %s', async (_what, sent) => {
    const { first, second } = await twice(sent)
    expect(second.answer).toEqual(first.answer)
    expect([first.answer.statusCode, first.statements, second.statements]).toEqual([200, 2, 1])
  })
})

describe('A request with a known document', () => {
  const variables = (value: string) =>
    get([
      ['operationName', 'A'],
      ['variables', value],
    ])
  const extensions = (value: string) =>
    get([
      ['operationName', 'A'],
      ['extensions', value],
    ])

  it.each([
    ['no operation name', post({ operationName: undefined })],
    ['an operation name of null', post({ operationName: null })],
    ['an empty operation name', post({ operationName: '' })],
    ['an unknown operation name', post({ operationName: 'C' })],
    ['an operation name that is a number', post({ operationName: 7 })],
    ['a list of variables', post({ variables: [] })],
    ['a text of variables', post({ variables: '{"n":1}' })],
    ['a number of variables', post({ variables: 7 })],
    ['a variable of the wrong type', post({ variables: { n: 'x' } })],
    ['a variable out of range', post({ variables: { n: 101 } })],
    ['extensions', post({ extensions: { x: 1 } })],
    ['a persisted query', post({ extensions: { persistedQuery: { version: 1, sha256Hash: 'x' } } })],
    ['a text of extensions', post({ extensions: 'x' })],
    ['a batch', (query: string) => ({ ...post()(query), payload: [{ query }] })],
    ['a GET without an operation name', get([])],
    ['a GET with an empty operation name', get([['operationName', '']])],
    [
      'a GET with two operation names',
      get([
        ['operationName', 'A'],
        ['operationName', 'B'],
      ]),
    ],
    ...['', 'null', '[]', '7', '"x"', '{', '{"n":"x"}'].map((value): [string, ReturnType<typeof get>] => [
      `a GET with the variables ${value}`,
      variables(value),
    ]),
    [
      'a GET with variables twice',
      get([
        ['operationName', 'A'],
        ['variables', '{"n":1}'],
        ['variables', '{"n":2}'],
      ]),
    ],
    ...['', 'null', '{}', '[]', '{'].map((value): [string, ReturnType<typeof get>] => [
      `a GET with the extensions ${value}`,
      extensions(value),
    ]),
    [
      'a GET with the document twice',
      (query: string) =>
        get([
          ['operationName', 'A'],
          ['query', query],
        ])(query),
    ],
    ['a GET with a body', get(undefined, { 'content-type': json })],
    ['a HEAD', others(get(), { method: 'HEAD' })],
    ['a PUT', others(post(), { method: 'PUT' })],
    [
      'a POST with the document in the address',
      (query: string) => ({ ...get()(query), method: 'POST' as const, payload: {} }),
    ],
    ['a body of another type', others(post(), { headers: { 'content-type': 'text/plain' }, payload: 'x' })],
    ['a body with a charset', post({}, { 'content-type': `${json}; charset=utf-8` })],
    ['a refused token', post({}, { authorization: 'Bearer wrong' })],
    ...['text/plain', `${json};q=0`, 'multipart/mixed'].map((accept): [string, ReturnType<typeof post>] => [
      `Accept: ${accept}`,
      post({}, { accept }),
    ]),
  ])('is answered as a new one with %s', async (_what, sent) => {
    const { first, second } = await twice(sent)
    expect(second.answer).toEqual(first.answer)
  })
})
