import { afterAll, describe, expect, it } from 'vitest'
import { configFrom } from '../../src/config.js'
import { limits } from '../../src/engine/limits.js'
import { cloneDatabase } from '../support/database.js'
import { asOperator, createServer } from '../support/server.js'

const database = await cloneDatabase()
const app = await createServer({ config: configFrom({ LOG_LEVEL: 'silent' }), database })
afterAll(() => app.close())

const headers = { ...asOperator, accept: 'application/graphql-response+json' }
const send = async (query: string, method: 'GET' | 'POST' = 'POST') => {
  const asked = method === 'GET' ? { query: { query } } : { payload: { query } }
  const response = await app.inject({ method, url: '/graphql', headers, ...asked })
  return { status: response.statusCode, ...response.json() }
}
const reason = '{ az: "x", en: "x", ru: "x" }'
const suspends = (alias: string, selection = 'replayed') =>
  `${alias}: suspendService(input: { code: "DIN-ID-ISSUE", reason: ${reason}, idempotencyKey: "key-of-${alias}" }) { ${selection} }`
const suspended = async () =>
  (await database.client`select code from services where status = 'SUSPENDED'`).map(({ code }) => code)

describe('A command', () => {
  it('is refused over GET', async () => {
    const answer = await send(`mutation { ${suspends('by_get')} }`, 'GET')
    expect([answer.status, answer.data]).toEqual([405, undefined])
    expect(answer.errors).toMatchObject([{ extensions: { code: 'BAD_REQUEST' } }])
    expect(await suspended()).toEqual([])
  })

  it('counts as a root field, and too many run none', async () => {
    const many = (count: number) => Array.from({ length: count }, (_, i) => suspends(`a${i}`)).join(' ')
    expect(await send(`mutation { ${many(limits.rootFields + 1)} }`)).toMatchObject({
      status: 400,
      errors: [{ extensions: { code: 'TOO_COSTLY', limit: 'rootFields', found: 21 } }],
    })
    expect(await suspended()).toEqual([])
  })

  it('counts the relations and rows of its payload', async () => {
    const fees = Array.from({ length: 45 }, (_, i) => `a${i}: currentVersion { tariffs { fees { code } } }`).join(' ')
    expect(await send(`mutation { ${suspends('costly', `service { ${fees} }`)} }`)).toMatchObject({
      status: 400,
      errors: [{ extensions: { code: 'TOO_COSTLY', limit: 'relations' } }],
    })
    const pages =
      'agency { services(first: 100) { nodes { agency { services(first: 100) { nodes { agency { services(first: 100) { nodes { code } } } } } } } } }'
    expect(await send(`mutation { ${suspends('costly', `service { ${pages} }`)} }`)).toMatchObject({
      status: 400,
      errors: [{ extensions: { code: 'TOO_COSTLY', limit: 'nodes' } }],
    })
    expect(await suspended()).toEqual([])
  })

  it('runs within the limits', async () => {
    expect(await send(`mutation { ${suspends('done')} }`)).toMatchObject({ data: { done: { replayed: false } } })
    expect(await suspended()).toEqual(['DIN-ID-ISSUE'])
  })
})
