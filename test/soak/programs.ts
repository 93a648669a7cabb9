import { randomUUID } from 'node:crypto'
import type { Timings } from '../../src/platform/timings.js'
import { type Api, ask, askWith } from '../faults/driver/clients.js'
import { basic } from '../support/programs.js'
import { dataOf, keepDoing } from './keepDoing.js'

interface Token {
  value: string
  /** It is valid until this moment at least. */
  validUntil: number
  /** The moment at which it must be refused at the latest. */
  over: number
}

const persona = 'company-head'
const day = 86_400_000

/** A program that gets tokens and calls with them. Its secret changes now and then, and each token must expire in time. */
export function keepCalling(api: Api, { programTokenLifetime }: Timings) {
  const tokens: Token[] = []
  let program: { id: string; clientId: string } | undefined
  let secret: string | undefined
  let getsNextAt = 0
  return keepDoing('programs', api, 100, async () => {
    if (!program) {
      const registered = await register(api)
      program = registered.program
      secret = registered.secret
    }
    if (!secret || Math.random() < 0.01) {
      secret = undefined // if the answer is lost, so is the secret
      secret = await rotate(api, program.id)
    }
    if (Date.now() > getsNextAt) {
      tokens.unshift(await tokenFor(api, program.clientId, secret, programTokenLifetime))
      getsNextAt = Date.now() + programTokenLifetime / 2
    }
    const latest = tokens[0]!
    const answer = await askWith(api, latest.value, '{ viewer { program { clientId } } }')
    // On a slow machine the token may have expired on the way.
    if (Date.now() < latest.validUntil && dataOf(answer).viewer.program.clientId !== program.clientId)
      throw new Error(`it must know the program; ${JSON.stringify(answer)}`)
    const last = tokens.at(-1)!
    if (Date.now() < last.over) return
    tokens.pop()
    const [error] = (await askWith(api, last.value, '{ viewer { kind } }')).errors ?? []
    if (error?.extensions.code !== 'UNAUTHENTICATED') throw new Error(`a token must have expired; ${error?.message}`)
  })
}

async function register(api: Api): Promise<{ program: { id: string; clientId: string }; secret: string }> {
  const { viewer } = dataOf(await ask(api, '{ viewer { companies(first: 1) { nodes { id } } } }', {}, persona))
  const input = {
    idempotencyKey: randomUUID(),
    partyId: viewer.companies.nodes[0].id,
    name: 'A program',
    scopes: ['CATALOGUE_READ', 'APPLICATIONS_READ'],
    expiresOn: new Date(Date.now() + 30 * day).toISOString().slice(0, 10),
  }
  const query = `mutation ($input: RegisterProgramInput!) { registerProgram(input: $input) {
    program { id clientId } secret userErrors { reason } } }`
  return dataOf(await ask(api, query, { input }, persona)).registerProgram
}

async function rotate(api: Api, programId: string): Promise<string> {
  const input = { idempotencyKey: randomUUID(), programId, keepOldFor: 2 }
  const query = `mutation ($input: RotateProgramSecretInput!) { rotateProgramSecret(input: $input) {
    secret userErrors { reason } } }`
  return dataOf(await ask(api, query, { input }, persona)).rotateProgramSecret.secret
}

async function tokenFor(api: Api, clientId: string, secret: string, lifetime: number): Promise<Token> {
  const validUntil = Date.now() + lifetime
  const answer = await fetch(new URL('/oauth/token', api.address), {
    method: 'POST',
    headers: basic(clientId, secret),
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
    signal: AbortSignal.timeout(20_000),
  })
  const { access_token: value, expires_in: seconds } = (await answer.json()) as Record<string, any> // as OAuth says
  if (answer.status !== 200 || seconds * 1000 !== lifetime)
    throw new Error(`a program must get a token for ${lifetime} ms; ${answer.status}, ${seconds} s`)
  return { value, validUntil, over: Date.now() + lifetime + 2_000 }
}
