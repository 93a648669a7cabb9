import { setTimeout as wait } from 'node:timers/promises'
import type { TypedDocumentString } from './generated/graphql.js'

/** A problem that may be gone after that many seconds. */
class Temporary extends Error {
  constructor(
    message: string,
    readonly seconds: number,
  ) {
    super(message)
  }
}
const temporary = ['RATE_LIMITED', 'SERVICE_UNAVAILABLE', 'TIMEOUT']
const attempts = 8

/** Asks the API as a program. Repeats what may succeed later: the API knows a filing by its external number. */
export function clientOf(api: string, clientId: string, secret: string) {
  const credentials = `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`
  let token = { value: '', until: 0 }

  async function send(path: string, authorization: string, body: URLSearchParams | string) {
    const headers = { authorization, ...(typeof body === 'string' && { 'content-type': 'application/json' }) }
    const response = await fetch(api + path, { method: 'POST', headers, body, signal: AbortSignal.timeout(30_000) })
    if (response.status !== 429 && response.status < 500) return await response.json()
    throw new Temporary(`${path} answered ${response.status}`, Number(response.headers.get('retry-after') ?? 2))
  }

  async function ask(query: string, variables: unknown) {
    if (Date.now() > token.until) {
      const answer = await send('/oauth/token', credentials, new URLSearchParams({ grant_type: 'client_credentials' }))
      if (!answer.access_token) throw new Error(`no token: ${JSON.stringify(answer)}`)
      token = { value: answer.access_token, until: Date.now() + (answer.expires_in - 30) * 1000 }
    }
    const { data, errors } = await send('/graphql', `Bearer ${token.value}`, JSON.stringify({ query, variables }))
    if (!errors) return data
    const [{ message, extensions }] = errors
    if (temporary.includes(extensions.code)) throw new Temporary(message, extensions.retryAfter ?? 2)
    throw new Error(`${extensions.code}: ${message}`)
  }

  return async <Result, Variables>(
    query: TypedDocumentString<Result, Variables>,
    variables: Variables,
  ): Promise<Result> => {
    for (let attempt = 1; ; attempt++)
      try {
        return await ask(query.toString(), variables)
      } catch (error) {
        // fetch throws a TypeError if the network fails, and a DOMException after the timeout.
        const mayPass = error instanceof Temporary || error instanceof TypeError || error instanceof DOMException
        if (attempt === attempts || !mayPass) throw error
        await wait((error instanceof Temporary ? error.seconds : 2 ** attempt / 4) * 1000)
      }
  }
}
