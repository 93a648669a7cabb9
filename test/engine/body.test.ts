import { afterAll, describe, expect, it } from 'vitest'
import { configFrom } from '../../src/config.js'
import { limits } from '../../src/engine/limits.js'
import { cloneDatabase } from '../support/database.js'
import { createServer } from '../support/server.js'

const app = await createServer({ config: configFrom({ LOG_LEVEL: 'silent' }), database: await cloneDatabase() })
afterAll(() => app.close())

describe('POST /graphql', () => {
  const send = async (payload: string) => {
    const response = await app.inject({
      method: 'POST',
      url: '/graphql',
      payload,
      headers: { 'content-type': 'application/json' },
    })
    return [response.statusCode, response.json()]
  }

  it('refuses a body with too many bytes', async () => {
    const body = (bytes: number) =>
      JSON.stringify({ query: '{ __typename }', more: '' }).replace('""', `"${'.'.repeat(bytes - 36)}"`)
    expect(body(limits.body)).toHaveLength(limits.body)
    expect(await send(body(limits.body))).toMatchObject([200, { data: {} }])
    expect(await send(body(limits.body + 1))).toMatchObject([
      413,
      { errors: [{ extensions: { code: 'TOO_COSTLY', limit: 'body', allowed: limits.body } }] },
    ])
  })

  it.each([
    '{"query": ',
    '[',
    '"text"',
    'null',
    '{}',
    '{"query": {"kind": "Document"}}',
    `${'['.repeat(1e5)}${']'.repeat(1e5)}`,
  ])('answers the body %.60s with BAD_REQUEST', async (payload) =>
    expect(await send(payload)).toMatchObject([400, { errors: [{ extensions: { code: 'BAD_REQUEST' } }] }]),
  )
})
