import { join, resolve } from 'node:path'
import { z } from 'zod'
import { settings } from '../../platform/settings.js'

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
function s3From(text: string): S3Settings {
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

export interface FilesConfig {
  /** The folder of files too large for the database, unless a bucket is configured. Absolute. */
  filesDir: string
  filesS3: S3Settings | undefined
}

export const filesSettings = settings(
  {
    FILES_DIR: {
      meaning:
        'Folder of encrypted [files](uploads.md). Created if missing. API and workers on several machines must share it. ' +
        'Not used with `FILES_S3`',
      default: '`files` in `DATA_DIR`',
      example: '/var/lib/pencere/files',
      value: z.string().optional(),
    },
    FILES_S3: {
      meaning: 'An S3-compatible bucket to keep files in instead: JSON, see [uploads](uploads.md)',
      value: z.string().optional(),
      isSecret: true,
      exception: 'keep files in a bucket',
    },
  },
  ({ FILES_DIR, FILES_S3 }, { dataDir }): FilesConfig => ({
    filesDir: resolve(FILES_DIR ?? join(dataDir, 'files')),
    filesS3: FILES_S3 === undefined ? undefined : s3From(FILES_S3),
  }),
)
