import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterAll } from 'vitest'
import { configFrom } from '../../../src/config.js'
import type { Work } from '../../../src/events/job.js'
import { type BatchTools, runBatch } from '../../../src/filings/batches/runBatch.js'
import { MandateKind, Power } from '../../../src/identity/mandates/mandate.table.js'
import { usualTimings } from '../../../src/platform/timings.js'
import { unconnected } from '../../../src/shared/exchange.js'
import type { Trust } from '../../../src/shared/trust.js'
import { askOf } from '../../support/api.js'
import { cloneDatabase } from '../../support/database.js'
import { filesOfTest } from '../../support/files.js'
import { partiesIn } from '../../support/parties.js'
import { asProgram } from '../../support/programs.js'
import { createServer, keyringOfFile as keyring } from '../../support/server.js'
import { testSigningKeys } from '../../support/signingKeys.js'

/** VÖENs of organisations of the sandbox. */
export const voens = { firm: '9900000421', client: '9900000141', other: '9900000271' }
const service = 'ESMN-CONTRACT'
const [content] = JSON.parse(readFileSync(`src/catalogue/forms/${service}.form.json`, 'utf8')).examples.valid

/** A line that can be filed. */
export const lineOf = (externalNumber: string, more: object = {}) => ({
  serviceCode: service,
  partyVoen: voens.client,
  externalNumber,
  content,
  signature: `by ${voens.firm}`,
  ...more,
})
export const linesOf = (many: number, more?: object, name = 'N-') =>
  Array.from({ length: many }, (_, place) => lineOf(`${name}${place + 1}`, more))
export const ndjson = (lines: readonly unknown[]) =>
  Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))

/** The same with lines so long that 17 of them are a chunk. */
export const padded = (lines: readonly unknown[]) =>
  Buffer.from(lines.map((line) => `${JSON.stringify(line)}${' '.repeat(250_000)}\n`).join(''))

/** Trusts a signature that says whose it is, over anything: what a certificate proves is tested elsewhere. */
const trust: Trust = {
  check: async (signature) =>
    signature.startsWith('by ')
      ? {
          certificate: 'a test',
          fin: null,
          voen: signature.slice('by '.length),
          isOver: async () => true,
          withPayload: (payload) => `${signature} over ${payload}`,
        }
      : { refused: 'unreadable', why: 'form' },
}

let count = 0
/** An API that takes batches of an accounting firm with two clients, and the worker that files them. */
export async function batching() {
  const [database, files, signingKeys] = [await cloneDatabase(), filesOfTest(), testSigningKeys()]
  const config = configFrom({ LOG_LEVEL: 'silent' })
  let clock = new Date()
  const now = () => clock
  const app = await createServer({ config, database, files, signingKeys, trust, now })
  afterAll(() => app.close())
  const parties = partiesIn(database)
  const firm = await parties.firm('Sınaq Mühasibat MMC', voens.firm)
  const client = await parties.firm('Sınaq MMC', voens.client)
  const other = await parties.firm('Başqa Sınaq MMC', voens.other)
  const given = { kind: MandateKind.DELEGATE, powers: [Power.VIEW, Power.FILE, Power.SIGN] }
  const mandates = { client: await parties.give(client, firm, given), other: await parties.give(other, firm, given) }
  const program = await asProgram(database, { party: firm, scopes: ['filings:write', 'filings:read'] })

  const ask = async (query: string, variables: object = {}, headers: Record<string, string> = program) =>
    askOf(app)(query, { variables: { ...variables }, headers, language: 'en' })
  async function create(bytes: Buffer, input: object = {}, headers?: Record<string, string>) {
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const { data, errors } = await ask(
      `mutation ($input: CreateFilingBatchInput!) { createFilingBatch(input: $input) {
        batch { id state uploadUrl size sha256 } replayed userErrors { code reason } } }`,
      { input: { idempotencyKey: `batch-of-this-test-${++count}`, size: bytes.length, sha256, ...input } },
      headers,
    )
    return { ...data?.createFilingBatch, codes: errors?.map(({ extensions: { code } }) => code) }
  }
  const put = (url: string, payload: Buffer) =>
    app.inject({ method: 'PUT', url, payload, headers: { 'accept-language': 'en' } })
  /** Announces a file and sends it. Gives the id of the batch. */
  async function send(bytes: Buffer, input: object = {}): Promise<string> {
    const { batch, codes, userErrors } = await create(bytes, input)
    if (!batch) throw new Error(`createFilingBatch failed: ${JSON.stringify({ codes, userErrors })}`)
    const { statusCode, body } = await put(batch.uploadUrl, bytes)
    if (statusCode !== 200) throw new Error(`the file was refused: ${statusCode} ${body}`)
    return batch.id
  }
  const work: Work & BatchTools = {
    database,
    keyring,
    signingKeys,
    files,
    trust,
    exchange: unconnected,
    timings: usualTimings,
    now,
    log: { info() {}, error() {} },
  }
  /** One round of the worker. */
  const round = (timings: Partial<typeof usualTimings> = {}, other = trust) =>
    runBatch({ ...work, trust: other, timings: { ...usualTimings, ...timings } })
  const runAll = async () => {
    while (await round());
  }
  const seen = async (id: string) => {
    const { data, errors } = await ask(
      `query ($id: ID!) { filingBatch(id: $id) {
        state lines done filed repeated refused linesPerSecond remainingSeconds stoppedFor explanation uploadUrl resultsUrl
        results(first: 20) { nodes { line externalNumber outcome
          filing { number party { id } receipt { number } } userErrors { code reason field message } } } } }`,
      { id },
    )
    if (errors) throw new Error(JSON.stringify(errors))
    return data.filingBatch
  }
  const cancel = async (batchId: string, headers?: Record<string, string>) => {
    const { data, errors } = await ask(
      'mutation ($input: CancelFilingBatchInput!) { cancelFilingBatch(input: $input) { batch { state } userErrors { reason } } }',
      { input: { batchId } },
      headers,
    )
    return { ...data?.cancelFilingBatch, codes: errors?.map(({ extensions: { code } }) => code) }
  }
  const hours = (many: number) => {
    clock = new Date(clock.getTime() + many * 3_600_000)
  }
  const parts = { app, database, files, firm, client, other, mandates, program, work }
  return { ...parts, ask, create, put, send, round, runAll, seen, cancel, hours, parties }
}
