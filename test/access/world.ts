import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eq, inArray } from 'drizzle-orm'
import { afterAll } from 'vitest'
import { oauthPayloads } from '../../src/identity/oauthPayload.table.js'
import { digestOf } from '../../src/identity/program.js'
import { personasOf, programsOf } from '../../src/sandbox/personas.js'
import { seedPersonas } from '../../src/sandbox/seedPersonas.js'
import { type Answer, apiOf } from '../support/api.js'
import { cloneDatabase } from '../support/database.js'
import { keyringOfTest } from '../support/keyring.js'
import { as } from '../support/tokens.js'

export type World = Awaited<ReturnType<typeof openWorld>>

const keyring = keyringOfTest()
const database = await cloneDatabase()
const ask = await apiOf(database, { keyring })

/** The sandbox's personas, each somebody already. */
export async function openWorld() {
  const dataDir = mkdtempSync(join(tmpdir(), 'pencere-access-'))
  afterAll(() => rmSync(dataDir, { recursive: true }))
  await seedPersonas(database, keyring, { dataDir })
  const headers = new Map<string, Record<string, string>>([['nobody', {}]])
  for (const { name } of personasOf()) headers.set(name, await as(name))
  for (const { name, id, scopes } of programsOf()) headers.set(name, await asProgram(id, scopes))
  const askAs = (persona: string, { query, variables }: { query: string; variables: object }): Promise<Answer> =>
    ask(query, { variables: { ...variables }, language: 'en', headers: headers.get(persona) })
  return { personas: [...headers.keys()], askAs, database, told: (_field: string): object => ({}) }
}

/** As the token endpoint gives one. */
async function asProgram(clientId: string, scopes: readonly string[]): Promise<Record<string, string>> {
  const token = randomBytes(32).toString('base64url')
  const payload = { clientId, scope: scopes.join(' ') }
  const expiresAt = new Date(Date.now() + 600_000)
  await database.db.insert(oauthPayloads).values({ model: 'ClientCredentials', idHash: digestOf(token), payload, expiresAt })
  return { authorization: `Bearer ${token}` }
}
