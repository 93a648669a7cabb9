import { Readable } from 'node:stream'
import type { S3Client } from '@aws-sdk/client-s3'
import { type FileStore, NoRoom } from './fileStore.js'
import type { S3Settings } from './files.settings.js'

type Sdk = typeof import('@aws-sdk/client-s3')

/** Milliseconds. The request timeout ends with the headers of a response, and `socketTimeout` bounds silence after them. */
const timeouts = {
  connectionTimeout: 5_000,
  requestTimeout: 60_000,
  throwOnRequestTimeout: true,
  socketTimeout: 60_000,
}
const attempts = 3

/** Stores files in a bucket of S3 or a compatible server. The library is loaded on first use. */
export function s3Files(
  settings: S3Settings,
  mode: string,
  { socketTimeout }: Pick<typeof timeouts, 'socketTimeout'> = timeouts,
): FileStore {
  const { bucket: Bucket, accessKeyId, secretAccessKey, ...where } = settings
  let opened: Promise<{ sdk: Sdk; client: S3Client }> | undefined
  const s3 = () => {
    opened ??= import('@aws-sdk/client-s3').then((sdk) => {
      const client = new sdk.S3Client({
        ...where,
        credentials: { accessKeyId, secretAccessKey },
        maxAttempts: attempts,
        requestHandler: { ...timeouts, socketTimeout },
        // The encryption detects changes, and not all servers support these checksums.
        requestChecksumCalculation: 'WHEN_REQUIRED',
        responseChecksumValidation: 'WHEN_REQUIRED',
      })
      nameFailingCalls(client)
      return { sdk, client }
    })
    return opened
  }
  const at = (name: string) => ({ Bucket, Key: `${mode}/${name}` })
  return {
    async put(name, chunks) {
      const [{ client }, { Upload }] = await Promise.all([s3(), import('@aws-sdk/lib-storage')])
      // One part of 5 MiB at a time, to bound the memory.
      const upload = new Upload({ client, params: { ...at(name), Body: Readable.from(chunks) }, queueSize: 1 })
      await upload.done().catch((error) => {
        throw isFull(error) ? new NoRoom(error) : error
      })
    },
    async get(name) {
      const { sdk, client } = await s3()
      try {
        const { Body } = await client.send(new sdk.GetObjectCommand(at(name)))
        return Body as Readable // in Node
      } catch (error) {
        if (error instanceof sdk.NoSuchKey) return undefined
        throw error
      }
    },
    async remove(name) {
      const { sdk, client } = await s3()
      await client.send(new sdk.DeleteObjectCommand(at(name)))
    },
    async *list(folder, before) {
      const { sdk, client } = await s3()
      const pages = sdk.paginateListObjectsV2({ client }, { Bucket, Prefix: `${mode}/${folder}/` })
      for await (const { Contents = [] } of pages)
        for (const { Key = '', LastModified } of Contents)
          if (LastModified && LastModified < before) yield Key.slice(mode.length + 1)
    },
    async removeUnfinished(before) {
      const { sdk, client } = await s3()
      // The first thousand. The rest follows in the next sweep.
      const { Uploads = [] } = await client.send(new sdk.ListMultipartUploadsCommand({ Bucket, Prefix: `${mode}/` }))
      for (const { Key, UploadId, Initiated } of Uploads)
        if (Initiated && Initiated < before)
          await client.send(new sdk.AbortMultipartUploadCommand({ Bucket, Key, UploadId }))
    },
    async check() {
      const { sdk, client } = await s3()
      await client.send(new sdk.ListObjectsV2Command({ Bucket, Prefix: `${mode}/`, MaxKeys: 1 }))
    },
    close: () => void opened?.then(({ client }) => client.destroy()),
  }
}

/** Errors of S3 do not name the call, and not every server supports all. */
function nameFailingCalls({ middlewareStack }: S3Client): void {
  middlewareStack.add(
    (next, { commandName }) =>
      (request) =>
        next(request).catch((error) => {
          error.message = `${commandName}: ${error.message}`
          throw error
        }),
    { step: 'initialize', name: 'nameFailingCalls' },
  )
}

/** Amazon's buckets are never full. Other servers report it by one of these codes. */
function isFull(error: { name?: string; $metadata?: { httpStatusCode?: number } }): boolean {
  return error.$metadata?.httpStatusCode === 507 || /QuotaExceeded|StorageFull/.test(error.name ?? '')
}
