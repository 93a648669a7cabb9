import { createHash, createHmac, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll } from 'vitest'

export const credentials = { accessKeyId: 'TESTACCESSKEY', secretAccessKey: 'a secret of the test' }
export const bucket = 'test-bucket'

interface Stored {
  bytes: Buffer
  at: Date
}
interface Multipart {
  key: string
  parts: Map<number, Buffer>
  at: Date
}
type Failure = { status: number; code: string }

const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()
const escaped = (text: string) =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)

/** An S3 server with the requests that files need. It refuses a request that the credentials do not sign. */
export async function s3Server() {
  const objects = new Map<string, Stored>()
  const multiparts = new Map<string, Multipart>()
  const asked: string[] = []
  let failure: Failure | undefined
  let unknownCall: string | undefined
  let stalls = false

  const server = createServer(async (request, response) => {
    const bytes = await bodyOf(request).catch(() => undefined)
    if (!bytes) return
    const url = new URL(request.url ?? '', 'http://s3')
    const call = `${request.method} ${[...url.searchParams.keys()].filter((name) => name !== 'x-id').join()}`
    asked.push(call)
    const unknown = call === unknownCall ? { status: 501, code: 'NotImplemented' } : undefined
    const fault = failure ?? unknown ?? faultOfSignature(request, url, bytes)
    if (fault) return fail(response, fault)
    answer(request, url, bytes, response)
  })
  await new Promise<void>((begun) => server.listen(0, '127.0.0.1', begun))
  afterAll(() => server.close())

  function answer({ method, headers }: IncomingMessage, url: URL, bytes: Buffer, response: ServerResponse): unknown {
    const { searchParams: query } = url
    const key = decodeURIComponent(url.pathname.slice(bucket.length + 2))
    const multipart = multiparts.get(query.get('uploadId') ?? '')
    const ok = (body: string | Buffer = '', more: Record<string, string> = {}) =>
      response.writeHead(200, more).end(body)
    if (!url.pathname.startsWith(`/${bucket}`)) return fail(response, { status: 404, code: 'NoSuchBucket' })
    if (method === 'POST' && query.has('uploads')) {
      const id = randomUUID()
      multiparts.set(id, { key, parts: new Map(), at: new Date() })
      return ok(
        `<InitiateMultipartUploadResult><Bucket>${bucket}</Bucket><Key>${key}</Key><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
      )
    }
    if (query.has('uploadId') && !multipart) return fail(response, { status: 404, code: 'NoSuchUpload' })
    if (method === 'PUT' && multipart) {
      multipart.parts.set(Number(query.get('partNumber')), bytes)
      return ok('', { etag: `"${createHash('md5').update(bytes).digest('hex')}"` })
    }
    if (method === 'POST' && multipart) {
      const parts = [...multipart.parts].sort(([a], [b]) => a - b).map(([, part]) => part)
      objects.set(multipart.key, { bytes: Buffer.concat(parts), at: new Date() })
      multiparts.delete(query.get('uploadId') as string) // it was found by that
      return ok(`<CompleteMultipartUploadResult><Key>${key}</Key><ETag>"x"</ETag></CompleteMultipartUploadResult>`)
    }
    if (method === 'DELETE') {
      if (multipart) multiparts.delete(query.get('uploadId') as string)
      else objects.delete(key)
      return response.writeHead(204).end()
    }
    if (method === 'PUT') {
      if (headers['content-length'] === undefined) return fail(response, { status: 411, code: 'MissingContentLength' })
      objects.set(key, { bytes, at: new Date() })
      return ok('', { etag: '"x"' })
    }
    if (query.has('list-type')) return ok(list(query))
    if (query.has('uploads')) {
      const items = [...multiparts].map(
        ([id, { key, at }]) =>
          `<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiated>${at.toISOString()}</Initiated></Upload>`,
      )
      return ok(`<ListMultipartUploadsResult><Bucket>${bucket}</Bucket>${items.join('')}</ListMultipartUploadsResult>`)
    }
    const found = objects.get(key)
    if (!found) return fail(response, { status: 404, code: 'NoSuchKey' })
    const described = { 'content-length': String(found.bytes.length), etag: '"x"' }
    if (stalls) return response.writeHead(200, described).write(found.bytes.subarray(0, -1))
    ok(found.bytes, described)
  }

  /** Two keys a page, so that a reader must ask for the next page. */
  function list(query: URLSearchParams): string {
    const prefix = query.get('prefix') ?? ''
    const after = query.get('continuation-token') ?? ''
    const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort()
    const page = keys.slice(0, 2)
    const items = page.map(
      (key) =>
        `<Contents><Key>${key}</Key><LastModified>${objects.get(key)?.at.toISOString()}</LastModified><Size>1</Size></Contents>`,
    )
    const isCut = keys.length > page.length
    const next = isCut ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : ''
    return `<ListBucketResult><Name>${bucket}</Name><IsTruncated>${isCut}</IsTruncated>${items.join('')}${next}</ListBucketResult>`
  }

  const { port } = server.address() as AddressInfo
  return {
    multiparts,
    asked,
    /** Makes all objects as old as they can be. */
    age: () => {
      for (const object of objects.values()) object.at = new Date(0)
    },
    settings: {
      endpoint: `http://127.0.0.1:${port}`,
      region: 'test-1',
      bucket,
      forcePathStyle: true,
      ...credentials,
    },
    failWith: (next: Failure | undefined) => {
      failure = next
    },
    /** Whether it keeps back the last byte of each object. */
    stall: (next: boolean) => {
      stalls = next
    },
    /** As `asked` has it: `GET uploads`. */
    doNotKnow: (call: string | undefined) => {
      unknownCall = call
    },
  }
}

const fail = (response: ServerResponse, { status, code }: Failure) =>
  void response
    .writeHead(status, { 'content-type': 'application/xml' })
    .end(`<Error><Code>${code}</Code><Message>${code}</Message></Error>`)

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece)
  return Buffer.concat(pieces)
}

/** Checks AWS signature version 4. */
function faultOfSignature({ method, headers }: IncomingMessage, url: URL, bytes: Buffer): Failure | undefined {
  const [, scope = '', names = '', signature] =
    /^AWS4-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      headers.authorization ?? '',
    ) ?? []
  const [id, day = '', region = '', service = '', end = ''] = scope.split('/')
  if (id !== credentials.accessKeyId) return { status: 403, code: 'InvalidAccessKeyId' }
  const digest = createHash('sha256').update(bytes).digest('hex')
  if (headers['x-amz-content-sha256'] !== digest) return { status: 400, code: 'XAmzContentSHA256Mismatch' }
  const query = [...url.searchParams].map(([name, value]) => `${escaped(name)}=${escaped(value)}`).sort()
  const signed = names.split(';').map((name) => `${name}:${headers[name]}\n`)
  const canonical = [method, url.pathname, query.join('&'), signed.join(''), names, digest].join('\n')
  const scoped = ['AWS4-HMAC-SHA256', headers['x-amz-date'], [day, region, service, end].join('/')]
  const text = [...scoped, createHash('sha256').update(canonical).digest('hex')].join('\n')
  const key = [region, service, end].reduce(hmac, hmac(`AWS4${credentials.secretAccessKey}`, day))
  return hmac(key, text).toString('hex') === signature ? undefined : { status: 403, code: 'SignatureDoesNotMatch' }
}
