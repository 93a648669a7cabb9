import { afterAll } from 'vitest'
import { configFrom } from '../../src/config.js'
import type { TestDatabase } from './database.js'
import { asOperator, createServer } from './server.js'

export interface Answer {
  // What a test asks for, it knows the shape of.
  data: any
  errors?: { message: string; path?: (string | number)[]; extensions: { code: string; [more: string]: unknown } }[]
}
export interface Asking {
  language?: string
  variables?: Record<string, unknown>
  operationName?: string
  /** Asked as the operator. */
  operator?: boolean
  headers?: Record<string, string>
  /** The address that the request comes from. */
  remoteAddress?: string
}
export type Ask = (query: string, asking?: Asking) => Promise<Answer>

type App = Awaited<ReturnType<typeof createServer>>

/** The API over a test's database; its clock and its keys can be set. */
export async function apiOf(
  database: TestDatabase,
  parts: Partial<Parameters<typeof createServer>[0]> = {},
): Promise<Ask> {
  const app = await createServer({ config: configFrom({ LOG_LEVEL: 'silent' }), database, ...parts })
  afterAll(() => app.close())
  return askOf(app)
}

/** Asks a server that the test has started itself. */
export const askOf =
  (app: App): Ask =>
  async (
    query,
    { language = 'az', variables = {}, operationName, operator = false, headers: more = {}, remoteAddress } = {},
  ) => {
    const headers = {
      accept: 'application/graphql-response+json',
      'accept-language': language,
      ...(operator ? asOperator : {}),
      ...more,
    }
    const payload = { query, variables, operationName }
    return (await app.inject({ method: 'POST', url: '/graphql', headers, remoteAddress, payload })).json()
  }
