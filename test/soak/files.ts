import { randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Timings } from '../../src/platform/timings.js'
import { type Api, ask } from '../faults/driver/clients.js'
import { pdfOf, sha256Of } from '../support/files.js'
import { dataOf, keepDoing } from './keepDoing.js'

/** What must have happened by that moment. */
interface Later {
  at: number
  check(): Promise<void>
}

/** Announces files, sends most of them, and fetches what was sent. URLs and announcements must expire in time. */
export function keepSending(api: Api, { uploadUrlLifetime, downloadUrlLifetime }: Timings) {
  let later: Later[] = []
  const expires = (url: string, method: 'GET' | 'PUT', lifetime: number) =>
    later.push({ at: Date.now() + lifetime + 2_000, check: () => refuses(url, method) })
  return keepDoing('files', api, 300, async () => {
    const bytes = pdfOf({ objects: [`3 0 obj\n(${randomBytes(Math.random() * 100_000).toString('hex')})\nendobj`] })
    const { id, uploadUrl, expiresAt } = await announce(api, bytes)
    if (Math.random() < 0.2) {
      expires(uploadUrl, 'PUT', uploadUrlLifetime)
      later.push({ at: Date.parse(expiresAt) + 20_000, check: () => isExpired(api, id) })
    } else {
      await sent(uploadUrl, bytes)
      const url = await downloadUrlOf(api, id)
      const fetched = Buffer.from(await (await request(url)).arrayBuffer())
      if (!fetched.equals(bytes)) throw new Error(`${url} must return the ${bytes.length} bytes that were sent`)
      expires(url, 'GET', downloadUrlLifetime)
    }
    const due = later.filter(({ at }) => at <= Date.now())
    later = later.filter((one) => !due.includes(one))
    for (const { check } of due) await check()
  })
}

const request = (url: string, init: RequestInit = {}) => fetch(url, { ...init, signal: AbortSignal.timeout(20_000) })

async function announce(api: Api, bytes: Buffer) {
  const input = { idempotencyKey: randomUUID(), name: 'a file.pdf', size: bytes.length, sha256: sha256Of(bytes) }
  const { createUpload } = dataOf(
    await ask(
      api,
      `mutation ($input: CreateUploadInput!) { createUpload(input: $input) {
        upload { id uploadUrl expiresAt } userErrors { reason } } }`,
      { input },
      'citizen',
    ),
  )
  if (!createUpload.upload) throw new Error(JSON.stringify(createUpload.userErrors))
  return createUpload.upload as { id: string; uploadUrl: string; expiresAt: string }
}

async function sent(url: string, bytes: Buffer): Promise<void> {
  const answer = await request(url, { method: 'PUT', body: new Uint8Array(bytes) })
  if (answer.status !== 200) throw new Error(`a file must be received; ${answer.status} ${await answer.text()}`)
}

async function stateOf(api: Api, id: string) {
  const query = 'query ($id: ID!) { node(id: $id) { ... on Upload { state refusedFor downloadUrl } } }'
  return dataOf(await ask(api, query, { id }, 'citizen')).node
}

async function downloadUrlOf(api: Api, id: string): Promise<string> {
  for (const late = Date.now() + 30_000; ; await sleep(100)) {
    const node = await stateOf(api, id)
    if (node.state === 'CLEAN') return node.downloadUrl
    if (node.state !== 'SCANNING' || Date.now() > late) throw new Error(`a file must be clean; ${JSON.stringify(node)}`)
  }
}

async function refuses(url: string, method: 'GET' | 'PUT'): Promise<void> {
  const answer = await request(url, { method })
  const text = await answer.text()
  if (answer.status !== 403 || !text.includes('address.expired'))
    throw new Error(`${method} ${url} must have expired; ${answer.status} ${text.slice(0, 200)}`)
}

async function isExpired(api: Api, id: string): Promise<void> {
  const node = await stateOf(api, id)
  if (node.refusedFor !== 'upload.expired') throw new Error(`an unsent file must expire; ${JSON.stringify(node)}`)
}
