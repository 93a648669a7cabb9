import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { afterAll, describe, expect, it } from 'vitest'
import { configFrom } from '../src/config.js'
import { cloneDatabase } from './support/database.js'
import { asOperator, createServer } from './support/server.js'

const database = await cloneDatabase()
const lines: { msg?: string; [more: string]: unknown }[] = []
const config = configFrom({ LOG_LEVEL: 'trace', CORS_ORIGINS: 'https://portal.example' })
const app = await createServer({ config, database, log: { write: (line) => lines.push(JSON.parse(line)) } })
await app.listen({ host: '127.0.0.1', port: 0 })
afterAll(() => app.close())

const query = '{ agency(code: "DVX") { code } }'
const post = (headers: Record<string, string> = {}, payload: object | string = { query }) =>
  app.inject({ method: 'POST', url: '/graphql', headers, payload })

describe('The Authorization header', () => {
  it('is optional, and accepted with a valid token', async () => {
    for (const headers of [{}, asOperator])
      expect((await post(headers)).json()).toEqual({ data: { agency: { code: 'DVX' } } })
  })

  it.each([
    ['an unknown token', 'Bearer wrong-and-not-to-be-logged', 'program.unknown_token'],
    ['another scheme', 'Basic wrong-and-not-to-be-logged', 'authorization.malformed'],
    ['an empty token', 'Bearer', 'authorization.malformed'],
  ])('is refused with %s, and not taken for an anonymous request', async (_what, authorization, reason) => {
    lines.length = 0
    for (const response of [
      await post({ authorization }),
      await app.inject({ url: `/graphql?${new URLSearchParams({ query })}`, headers: { authorization } }),
    ]) {
      expect([response.statusCode, response.headers['www-authenticate'], response.json()]).toEqual([
        401,
        'Bearer error="invalid_token"',
        {
          errors: [{ message: expect.stringMatching(/token/), extensions: { code: 'UNAUTHENTICATED', reason } }],
        },
      ])
    }
    expect(lines.filter(({ msg }) => msg === 'a token was refused')).toMatchObject([{ reason }, { reason }])
    expect(JSON.stringify(lines)).not.toContain('not-to-be-logged')
  })

  it('is refused with an invalid token before the body is read', async () => {
    const headers = { authorization: 'Bearer wrong', 'content-type': 'application/json' }
    expect((await post(headers, '{"query": "{')).statusCode).toBe(401)
  })

  it('is ignored for the explorer page', async () => {
    const headers = { accept: 'text/html', authorization: 'Bearer wrong' }
    expect((await app.inject({ url: '/graphql', headers })).headers['content-type']).toContain('text/html')
    expect((await post(headers)).statusCode).toBe(401)
  })

  it('is allowed from configured origins, with WWW-Authenticate in the response', async () => {
    const headers = {
      origin: 'https://portal.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    }
    const preflight = await app.inject({ method: 'OPTIONS', url: '/graphql', headers })
    expect(preflight.headers['access-control-allow-headers']).toBe('authorization,content-type')
    const { statusCode, headers: told } = await post({ origin: headers.origin, authorization: 'Bearer wrong' })
    expect([statusCode, told['access-control-allow-origin']]).toEqual([401, headers.origin])
    expect(told['access-control-expose-headers']).toContain('WWW-Authenticate')
  })
})

describe('service', () => {
  it('is null for the operator too while it is a draft', async () => {
    const drafted =
      '{ service(code: "DVX-RETURN") { code } agency(code: "DVX") { services(first: 50) { nodes { code } } } }'
    const codesFor = async (headers: Record<string, string>) => (await post(headers, { query: drafted })).json().data
    expect((await codesFor(asOperator)).service).toEqual({ code: 'DVX-RETURN' })
    await database.client`update services set status = 'DRAFT' where code = 'DVX-RETURN'`
    const seen = await codesFor(asOperator)
    expect([seen.service, JSON.stringify(seen).includes('DVX-RETURN'), seen]).toEqual([null, false, await codesFor({})])
  })
})

describe('Two Authorization headers', () => {
  async function send(...headers: string[]) {
    const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
    let answer = ''
    socket.on('data', (chunk) => {
      answer += chunk
    })
    const body = JSON.stringify({ query })
    const lines = ['Host: x', 'Content-Type: application/json', `Content-Length: ${body.length}`, 'Connection: close']
    socket.write(`POST /graphql HTTP/1.1\r\n${[...lines, ...headers].join('\r\n')}\r\n\r\n${body}`)
    await once(socket, 'close')
    return answer
  }
  const right = `Authorization: ${asOperator.authorization}`

  it('are refused, whichever is valid and whatever their case', async () => {
    expect(await send(right)).toMatch(/^HTTP\/1.1 200 /)
    for (const headers of [
      [right, 'Authorization: Bearer wrong'],
      [right, 'aUTHORIZATION: Bearer wrong'],
      [right, right],
      [right, 'Authorization:'],
    ])
      expect(await send(...headers)).toMatch(/^HTTP\/1.1 401 .*authorization\.repeated/s)
  })

  it('are refused when one is hidden in a folded line', async () =>
    expect(await send('Authorization:', ` ${asOperator.authorization}`)).toMatch(/^HTTP\/1.1 4/))
})
