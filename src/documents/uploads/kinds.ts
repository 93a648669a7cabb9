import { inspectJpeg, inspectPng } from './image.rules.js'
import { inspectPdf } from './pdf.rules.js'
import type { RefusalReason } from './upload.reasons.js'

interface Kind {
  mediaType: string
  /** File extensions. The first is the default. */
  endings: readonly [string, ...string[]]
  /** The first bytes of such a file. */
  begins: Buffer
  /** The reason to refuse a file of this kind. */
  inspect(bytes: Buffer): RefusalReason | undefined
}

/** The accepted kinds. The bytes decide the kind, not the name. */
const kinds: readonly Kind[] = [
  { mediaType: 'application/pdf', endings: ['.pdf'], begins: Buffer.from('%PDF-'), inspect: inspectPdf },
  {
    mediaType: 'image/jpeg',
    endings: ['.jpg', '.jpeg'],
    begins: Buffer.from('ffd8ff', 'hex'),
    inspect: inspectJpeg,
  },
  {
    mediaType: 'image/png',
    endings: ['.png'],
    begins: Buffer.from('89504e470d0a1a0a', 'hex'),
    inspect: inspectPng,
  },
]

/** The kind of a file, or the reason for refusal. */
export function inspected(bytes: Buffer): { mediaType: string } | { refused: RefusalReason } {
  const kind = kinds.find(({ begins }) => bytes.subarray(0, begins.length).equals(begins))
  if (!kind) return { refused: 'upload.kind_not_taken' }
  const refused = kind.inspect(bytes)
  return refused ? { refused } : { mediaType: kind.mediaType }
}

export const endingsOf = (mediaType: string): Kind['endings'] => {
  const kind = kinds.find((kind) => kind.mediaType === mediaType)
  if (!kind) throw new Error(`a file that is kept must be of a kind that is taken; ${mediaType} is none`)
  return kind.endings
}
