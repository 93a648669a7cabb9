import { z } from 'zod'
import { settings, wholeNumber } from '../../platform/settings.js'
import { type UploadLimits, uploadLimits } from '../../shared/uploadLimits.js'

/** The address of clamd. */
export interface ClamdAddress {
  host: string
  port: number
}
interface UploadConfig {
  /** The scanner of uploads. Undefined: the sandbox's own. */
  clamd: ClamdAddress | undefined
  uploads: UploadLimits
}

/** Undefined if it is not `host:port`. */
function clamdFrom(text: string): ClamdAddress | undefined {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:[\]\s/]+)):(\d{1,5})$/.exec(text) ?? []
  const host = bracketed ?? plain
  return host && Number(port) > 0 && Number(port) < 65_536 ? { host, port: Number(port) } : undefined
}

export const uploadSettings = settings(
  {
    CLAMD: {
      meaning: 'Address of the clamd that scans [uploads](uploads.md)',
      default: 'a sandbox detects the EICAR file',
      example: 'clamd.example.org:3310',
      value: z
        .string()
        .refine((text) => clamdFrom(text) !== undefined, { error: 'a host and a port such as clamd.example.org:3310' })
        .transform(clamdFrom)
        .optional(),
      // A file that nobody scanned is never reported as clean.
      isRequired: true,
      exception: 'use another scanner',
    },
    UPLOAD_BYTES: {
      meaning:
        'Maximum size of one uploaded file, 1000 to 100000000. A worker has up to four of them in memory; a PDF takes ' +
        'about three times its size',
      default: `\`${uploadLimits.bytes}\``,
      example: '10000000',
      value: wholeNumber(1_000, 100_000_000).default(uploadLimits.bytes),
    },
    UPLOAD_BYTES_A_DAY: {
      meaning: 'Maximum bytes announced for one party in 24 hours, 1000 to 999999999',
      default: `\`${uploadLimits.bytesADay}\``,
      example: '100000000',
      value: wholeNumber(1_000, 999_999_999).default(uploadLimits.bytesADay),
    },
    UPLOAD_HOURS: {
      meaning: 'Hours within which an announced file must be sent, 1 to 8760',
      default: `\`${uploadLimits.hours}\``,
      example: '48',
      value: wholeNumber(1, 8_760).default(uploadLimits.hours),
    },
  },
  (read): UploadConfig => ({
    clamd: read.CLAMD,
    uploads: { bytes: read.UPLOAD_BYTES, bytesADay: read.UPLOAD_BYTES_A_DAY, hours: read.UPLOAD_HOURS },
  }),
)
