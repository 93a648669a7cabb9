import type { Config } from '../config.js'
import type { PersonaProgram } from './personas.js'
import { programSecret } from './programSecret.js'

export function refuseUnknownPort(variable: string, port: number): void {
  if (port === 0) throw new Error(`${variable} must be the port of the server, as its start has printed it; it is 0`)
}

/** An access token of a program. Client credentials (RFC 6749), for all its scopes. */
export async function programToken(program: PersonaProgram, config: Pick<Config, 'dataDir' | 'port'>): Promise<string> {
  refuseUnknownPort('PORT', config.port)
  const address = `http://localhost:${config.port}/oauth/token`
  const basic = Buffer.from(`${program.id}:${programSecret(config, program)}`).toString('base64')
  const response = await fetch(address, {
    method: 'POST',
    headers: { authorization: `Basic ${basic}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
    signal: AbortSignal.timeout(10_000),
  }).catch((error) => {
    throw new Error(`a program gets its token from the API, which must run; ${address} does not answer`, {
      cause: error,
    })
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${address} must give a token; it answered ${response.status}: ${text}`)
  return JSON.parse(text).access_token
}
