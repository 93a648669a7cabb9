import { z } from 'zod'

// The settings of the file store and the malware scanner.

const isAddress = (text: string) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)

const s3 = z.strictObject(
  {
    endpoint: z.string().refine(isAddress, { error: 'an address with http or https' }).optional(),
    region: z.string().min(1),
    bucket: z.string().min(3).max(63),
    accessKeyId: z.string().min(1),
    secretAccessKey: z.string().min(1),
    /** Whether the bucket is in the path of the URL instead of the host. Most servers other than Amazon's need this. */
    forcePathStyle: z.boolean().default(false),
  },
  { error: 'endpoint, region, bucket, accessKeyId, secretAccessKey and forcePathStyle, and nothing else' },
)
export type S3Settings = z.output<typeof s3>

/** Throws one line that says what is wrong, without repeating the setting. */
export function s3From(text: string): S3Settings {
  const { data, error } = s3.safeParse(jsonOf(text))
  if (data) return data
  const [{ path, message } = { path: [], message: '' }] = error.issues
  const at = path.length > 0 ? ` at ${path.join('.')}` : ''
  throw new Error(`FILES_S3 must be as described in docs/uploads.md${at}: ${message}; it is not`)
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Error('FILES_S3 must be JSON, as described in docs/uploads.md; it is not')
  }
}

/** The address of clamd. */
export interface ClamdAddress {
  host: string
  port: number
}
/** Undefined if it is not `host:port`. */
export function clamdFrom(text: string): ClamdAddress | undefined {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:[\]\s/]+)):(\d{1,5})$/.exec(text) ?? []
  const host = bracketed ?? plain
  return host && Number(port) > 0 && Number(port) < 65_536 ? { host, port: Number(port) } : undefined
}
