import { eq } from 'drizzle-orm'
import { v7 } from 'uuid'
import { afterAll } from 'vitest'
import { configFrom } from '../../src/config.js'
import { downloadUrlOf, signedUrl } from '../../src/documents/files/address.js'
import type { FileStore } from '../../src/documents/files/fileStore.js'
import { keptOf, quarantineOf } from '../../src/documents/files/places.js'
import { type Scanner, scannerOf } from '../../src/documents/uploads/scanner.js'
import { scanUpload } from '../../src/documents/uploads/scanUpload.js'
import { UploadState, uploads } from '../../src/documents/uploads/upload.table.js'
import { nodeIdOf } from '../../src/engine/node.js'
import { events } from '../../src/events/event.table.js'
import type { Work } from '../../src/events/job.js'
import { keyToEncrypt } from '../../src/identity/parties/party.js'
import { encryptFile } from '../../src/platform/encryptedFile.js'
import { encrypt } from '../../src/platform/personal.js'
import type { Rates } from '../../src/platform/rates.js'
import { usualTimings } from '../../src/platform/timings.js'
import { unconnected } from '../../src/shared/exchange.js'
import { withoutSigningKeys } from '../../src/shared/signingKeys.js'
import { type Ask, askOf } from './api.js'
import { cloneDatabase } from './database.js'
import { filesOfTest, pdfOf, sha256Of } from './files.js'
import { keyOf } from './keyOf.js'
import { partiesIn } from './parties.js'
import { createServer, keyringOfFile as keyring } from './server.js'
import { as } from './tokens.js'

const origin = 'http://localhost'

export { keyOf } from './keyOf.js'
export type Headers = Record<string, string>

let count = 0
/** An API that takes files, and the job that scans them. Call it at the top of the file. */
export async function uploading(
  environment: Record<string, string> = {},
  { files = filesOfTest(), rates }: { files?: FileStore; rates?: Rates } = {},
) {
  const database = await cloneDatabase()
  const { db } = database
  const parties = partiesIn(database)
  let now = new Date()
  const config = configFrom({ LOG_LEVEL: 'silent', ...environment })
  const app = await createServer({ config, database, files, now: () => now, ...(rates && { rates }) })
  afterAll(() => app.close())

  const askApp = askOf(app)
  const ask: Ask = (query, asking) => askApp(query, { language: 'en', ...asking })
  async function announce(bytes: Buffer, input: object = {}, headers?: Headers) {
    const given = { idempotencyKey: `a-key-of-this-test-${++count}`, name: 'a file.pdf', size: bytes.length }
    const variables = { input: { ...given, sha256: sha256Of(bytes), ...input } }
    const { data, errors } = await ask(
      `mutation ($input: CreateUploadInput!) { createUpload(input: $input) {
        upload { id name size sha256 state uploadUrl downloadUrl expiresAt } replayed
        userErrors { code reason field message params { name value } } } }`,
      { variables, headers: headers ?? (await as('citizen')) },
    )
    const { upload, replayed, userErrors = [] } = data?.createUpload ?? {}
    const reasons: string[] = userErrors.map(({ reason }: { reason: string }) => reason)
    return { upload, replayed, userErrors, reasons, code: errors?.[0]?.extensions.code, errors }
  }
  const put = (url: string, payload: Buffer, headers: Headers = {}) =>
    app.inject({ method: 'PUT', url, payload, headers: { 'accept-language': 'en', ...headers } })

  let citizen: Promise<string> | undefined
  /** An upload in a state, by default of the citizen, without the requests and events that would lead there. */
  async function insertUpload(
    state: keyof typeof UploadState,
    bytes = pdfOf(),
    { name = 'a file.pdf', mediaType = 'application/pdf', persona }: Inserted = {},
  ) {
    citizen ??= parties.persona('citizen')
    const partyId = persona ? await parties.persona(persona) : await citizen
    const day = new Date(now.getTime() + 86_400_000)
    const row = {
      id: v7(),
      partyId,
      name,
      size: bytes.length,
      sha256: Buffer.from(sha256Of(bytes), 'hex'),
      state: UploadState[state],
      mediaType: state === 'CLEAN' ? mediaType : null,
      createdBy: `person:${partyId}`,
      mandateIds: [],
      createdAt: now,
      expiresAt: day,
    }
    const key = await db.transaction(async (tx) => {
      const key = await keyToEncrypt(tx, keyring, partyId)
      await tx.insert(uploads).values(encrypt(key, uploads, row))
      return key
    })
    const { file, place } = state === 'CLEAN' ? keptOf(row.id) : quarantineOf(row.id)
    if (state === 'CLEAN' || state === 'SCANNING') await files.put(file, encryptFile(piecesOf(bytes), key, place))
    const id = nodeIdOf('Upload', row.id)
    return {
      id,
      key: row.id,
      partyId,
      uploadUrl: signedUrl({ keyring, origin }, 'uploads', id, new Date(now.getTime() + 3_600_000)),
      downloadUrl: downloadUrlOf({ keyring, origin, now: () => now, timings: usualTimings }, id),
    }
  }
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
  /** As the API shows it. */
  const seen = async (id: string, headers?: Headers, language?: string) => {
    const query =
      'query ($id: ID!) { node(id: $id) { ... on Upload { name state mediaType refusedFor refusal uploadUrl downloadUrl } } }'
    const asking = { variables: { id }, headers: headers ?? (await as('citizen')), ...(language && { language }) }
    const { data, errors } = await ask(query, asking)
    return { ...data?.node, code: errors?.[0]?.extensions.code, isThere: data?.node !== null }
  }
  const has = async (file: string) => {
    const found = await files.get(file)
    found?.destroy()
    return found !== undefined
  }
  const work: Work = {
    database,
    keyring,
    signingKeys: withoutSigningKeys,
    exchange: unconnected,
    now: () => now,
    log: { info() {}, error() {} },
  }
  const scan = (id: string, scanner: Scanner = scannerOf(undefined), store = files) =>
    scanUpload({ files: store, scanner }).run({ subject: keyOf(id) } as never, work) // it reads only the subject of an event

  /** Announced, sent and scanned. Gives its id. */
  async function uploaded(bytes = pdfOf(), input: object = {}, headers?: Headers): Promise<string> {
    const { upload, errors, userErrors } = await announce(bytes, input, headers)
    if (!upload) throw new Error(`createUpload failed: ${JSON.stringify({ errors, userErrors })}`)
    const { statusCode, body } = await put(upload.uploadUrl, bytes)
    if (statusCode !== 200) throw new Error(`the bytes were refused: ${statusCode} ${body}`)
    await scan(upload.id)
    return upload.id
  }
  const hours = (many: number) => {
    now = new Date(now.getTime() + many * 3_600_000)
  }
  return {
    app,
    database,
    parties,
    files,
    ask,
    announce,
    put,
    insertUpload,
    rowOf,
    eventsOf,
    seen,
    has,
    scan,
    uploaded,
    hours,
    work,
  }
}

interface Inserted {
  name?: string
  mediaType?: string
  persona?: string
}

export async function* piecesOf(bytes: Buffer) {
  yield bytes
}
