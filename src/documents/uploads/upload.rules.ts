import type { UserError } from '../../engine/userError.js'
import type { UploadLimits } from '../../shared/uploadLimits.js'
import {
  longName,
  noBytes,
  noName,
  strangeHash,
  strangeName,
  tooLarge,
  tooManyWaiting,
  tooMuchToday,
} from './upload.errors.js'
import type { uploads } from './upload.table.js'

/** Normalizes a name, so that a letter with a diacritic is one character. */
export const nameAsKept = (name: string): string => name.normalize('NFC').trim()

const longestName = 200
/** Path separators, control characters, invisible and direction-changing characters, and lone surrogates. */
const strange = /[/\\\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u

interface Announced {
  name: string
  size: number
  sha256: string
}
/** Errors of the announced file itself. */
export function userErrorsInUpload({ name, size, sha256 }: Announced, limits: UploadLimits): UserError[] {
  const length = [...name].length
  return [
    ...(length === 0 ? [noName] : []),
    ...(length > longestName ? [longName(longestName, length)] : []),
    ...(strange.test(name) || /^\.+$/.test(name) ? [strangeName] : []),
    ...(size < 1 ? [noBytes] : []),
    ...(size > limits.bytes ? [tooLarge(limits.bytes, size)] : []),
    ...(/^[0-9a-f]{64}$/i.test(sha256) ? [] : [strangeHash]),
  ]
}

const maxWaiting = 20
/** Errors that depend on the other uploads of the party. */
export function userErrorsBeside(
  { size }: Pick<Announced, 'size'>,
  { waiting, bytes }: { waiting: number; bytes: number },
  limits: UploadLimits,
): UserError[] {
  return [
    ...(waiting >= maxWaiting ? [tooManyWaiting(maxWaiting)] : []),
    ...(bytes + size > limits.bytesADay ? [tooMuchToday(limits.bytesADay)] : []),
  ]
}

/** An upload as the subject of events and deadlines. What an officer sends for a case concerns no party. */
export const subjectOfUpload = ({
  id: subject,
  partyId,
  subjectId,
}: Pick<typeof uploads.$inferSelect, 'id' | 'partyId' | 'subjectId'>) => ({
  domain: 'documents',
  subject,
  ...(subjectId === null && { partyId }),
})
