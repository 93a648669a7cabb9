import { noBytes, strangeHash, tooLarge, tooManyWaiting, tooMuchToday } from '../../documents/uploads/upload.errors.js'
import type { UserError } from '../../engine/userError.js'
import type { filingBatches } from './filingBatch.table.js'

/** Limits of batches. Those of the file count before and after it is unpacked. */
export const batchLimits = {
  bytes: 536_870_912,
  lines: 100_000,
  bytesOfLine: 262_144,
  /** Batches of an organisation that wait for their file. */
  waiting: 20,
  bytesADay: 4_294_967_296,
  hoursToSend: 24,
}
export type BatchLimits = typeof batchLimits

/** Errors of the announced file itself. */
export function userErrorsInBatch({ size, sha256 }: { size: number; sha256: string }): UserError[] {
  const { bytes } = batchLimits
  return [
    ...(size < 1 ? [noBytes] : []),
    ...(size > bytes ? [tooLarge(bytes, size)] : []),
    ...(/^[0-9a-f]{64}$/i.test(sha256) ? [] : [strangeHash]),
  ]
}

/** Errors that depend on the other batches of the organisation. */
export function userErrorsBeside(size: number, { waiting, bytes }: { waiting: number; bytes: number }): UserError[] {
  return [
    ...(waiting >= batchLimits.waiting ? [tooManyWaiting(batchLimits.waiting)] : []),
    ...(bytes + size > batchLimits.bytesADay ? [tooMuchToday(batchLimits.bytesADay)] : []),
  ]
}

/** Why a batch stops before its end, as stored in `stopped_for`. A stored reason is never renamed. */
export const stopReasons = [
  'filing_batch.too_many_lines',
  'filing_batch.unpacks_too_large',
  'filing_batch.damaged',
  'filing_batch.certificate_ended',
  'filing_batch.program_ended',
  'filing_batch.mandate_ended',
  'filing_batch.forgotten',
] as const
export type StopReason = (typeof stopReasons)[number]
/** Parameters of some messages. */
export const stopParams = { most: batchLimits.lines, megabytes: batchLimits.bytes / 1_048_576 }

/** Stops the batch that is being worked on. */
export class Stopped extends Error {
  constructor(readonly reason: StopReason) {
    super(reason)
  }
}

type Progress = Pick<typeof filingBatches.$inferSelect, 'lines' | 'done' | 'startedAt' | 'endedAt'>
/** Lines handled per second since the start. Null before the first lines are handled. */
export function speedOf({ done, startedAt, endedAt }: Progress, now: Date): number | null {
  if (!startedAt || done === 0) return null
  const seconds = ((endedAt ?? now).getTime() - startedAt.getTime()) / 1000
  return done / Math.max(seconds, 0.001)
}
/** Seconds until the last line is handled, at the speed so far. Null if it cannot be known. */
export function secondsLeft(progress: Progress, now: Date): number | null {
  const speed = speedOf(progress, now)
  if (speed === null || progress.lines === null || progress.endedAt) return null
  return (progress.lines - progress.done) / speed
}
