import { eq } from 'drizzle-orm'
import { afterAll } from 'vitest'
import { configFrom } from '../../src/config.js'
import type { FileStore } from '../../src/documents/fileStore.js'
import { type Scanner, scannerOf } from '../../src/documents/scanner.js'
import { scanUpload } from '../../src/documents/scanUpload.js'
import { uploads } from '../../src/documents/upload.table.js'
import { parseNodeId } from '../../src/engine/nodeId.js'
import { events } from '../../src/events/event.table.js'
import type { Work } from '../../src/events/job.js'
import type { Rates } from '../../src/shared/rates.js'
import { withoutSeals } from '../../src/shared/seals.js'
import type { Ask } from './api.js'
import { cloneDatabase } from './database.js'
import { filesOfTest, pdfOf, sha256Of } from './files.js'
import { createServer, keyringOfFile } from './server.js'
import { as } from './tokens.js'

export type Headers = Record<string, string>
export const keyOf = (id: string) => parseNodeId(id)?.key as string // of what a test has made

let count = 0
/** An API that takes files, and what looks through them. Call it at the top of the file. */
export async function uploading(
  environment: Record<string, string> = {},
  { files = filesOfTest(), rates }: { files?: FileStore; rates?: Rates } = {},
) {
  const database = await cloneDatabase()
  const { db } = database
  let now = new Date()
  const config = configFrom({ LOG_LEVEL: 'silent', ...environment })
  const app = await createServer({ config, database, files, now: () => now, ...(rates && { rates }) })
  afterAll(() => app.close())

  const ask: Ask = async (query, { language = 'en', variables = {}, headers = {} } = {}) => {
    const told = { accept: 'application/graphql-response+json', 'accept-language': language, ...headers }
    return (await app.inject({ method: 'POST', url: '/graphql', headers: told, payload: { query, variables } })).json()
  }
  async function announce(bytes: Buffer, input: object = {}, headers?: Headers) {
    const given = { idempotencyKey: `a-key-of-this-test-${++count}`, name: 'a file.pdf', size: bytes.length }
    const variables = { input: { ...given, sha256: sha256Of(bytes), ...input } }
    const { data, errors } = await ask(
      `mutation ($input: CreateUploadInput!) { createUpload(input: $input) {
        upload { id name size sha256 state putAddress downloadAddress expiresAt } replayed
        userErrors { code reason field message params { name value } } } }`,
      { variables, headers: headers ?? (await as('citizen')) },
    )
    const { upload, replayed, userErrors = [] } = data?.createUpload ?? {}
    const reasons: string[] = userErrors.map(({ reason }: { reason: string }) => reason)
    return { upload, replayed, userErrors, reasons, code: errors?.[0]?.extensions.code, errors }
  }
  const put = (url: string, payload: Buffer, headers: Headers = {}) =>
    app.inject({ method: 'PUT', url, payload, headers: { 'accept-language': 'en', ...headers } })
  const rowOf = async (id: string) => {
    const [row] = await db
      .select()
      .from(uploads)
      .where(eq(uploads.id, keyOf(id)))
    if (!row) throw new Error(`there is no upload ${id}`)
    return row
  }
  const eventsOf = async (id: string) => {
    const rows = await db
      .select()
      .from(events)
      .where(eq(events.subject, keyOf(id)))
      .orderBy(events.id)
    return rows.map(({ type }) => type)
  }
  /** As the API sees it. */
  const seen = async (id: string, headers?: Headers, language?: string) => {
    const query =
      'query ($id: ID!) { node(id: $id) { ... on Upload { name state mediaType refusedFor refusal putAddress downloadAddress } } }'
    const asking = { variables: { id }, headers: headers ?? (await as('citizen')), ...(language && { language }) }
    const { data, errors } = await ask(query, asking)
    return { ...data?.node, code: errors?.[0]?.extensions.code, isThere: data?.node !== null }
  }
  const said: { what: any; message: string }[] = []
  const keep = (what: object, message: string) => said.push({ what, message })
  const work: Work = {
    database,
    keyring: keyringOfFile,
    seals: withoutSeals,
    now: () => now,
    log: { info: keep, error: keep },
  }
  const scan = (id: string, scanner: Scanner = scannerOf(undefined), store = files) =>
    scanUpload({ files: store, scanner }).run({ subject: keyOf(id) } as never, work) // all that it looks at

  /** Announced, sent and looked through. */
  async function uploaded(bytes = pdfOf(), input: object = {}, headers?: Headers): Promise<string> {
    const { upload, errors, userErrors } = await announce(bytes, input, headers)
    if (!upload) throw new Error(`it was not announced: ${JSON.stringify({ errors, userErrors })}`)
    const { statusCode, body } = await put(upload.putAddress, bytes)
    if (statusCode !== 200) throw new Error(`it was not taken: ${statusCode} ${body}`)
    await scan(upload.id)
    return upload.id
  }
  const hours = (many: number) => {
    now = new Date(now.getTime() + many * 3_600_000)
  }
  return { app, database, files, ask, announce, put, rowOf, eventsOf, seen, scan, uploaded, hours, work, said }
}
