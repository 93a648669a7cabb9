import type { ErrorCode } from '../../engine/errors.js'
import type { Reasoned } from '../../engine/say.js'
import { limits } from './upload.reasons.js'

/** A refusal to receive or serve a file. Its message is in the language of the client. */
export class FileRefused extends Error implements Reasoned {
  constructor(
    readonly status: number,
    readonly code: ErrorCode,
    readonly reason: string,
    readonly params: Reasoned['params'] = {},
    /** Seconds. */
    readonly retryAfter?: number,
  ) {
    super(reason)
  }
}

export const forged = () => new FileRefused(403, 'FORBIDDEN', 'address.not_ours')
export const expired = () => new FileRefused(403, 'FORBIDDEN', 'address.expired')
export const mandateEnded = () => new FileRefused(403, 'FORBIDDEN', 'upload.mandate_ended')
export const unknownFile = () => new FileRefused(404, 'BAD_REQUEST', 'upload.unknown')
export const over = (why: string) =>
  new FileRefused(409, 'BAD_REQUEST', 'upload.over', { why: { reason: why, params: limits } })
export const inParts = () => new FileRefused(400, 'BAD_REQUEST', 'upload.in_parts')
export const encoded = () => new FileRefused(415, 'BAD_REQUEST', 'upload.encoded')
export const otherSize = (announced: number, found: string) =>
  new FileRefused(422, 'BAD_USER_INPUT', 'upload.size_differs', { announced, found })
export const otherHash = () => new FileRefused(422, 'BAD_USER_INPUT', 'upload.hash_differs')
export const tooSlow = () => new FileRefused(408, 'TIMEOUT', 'upload.too_slow')
export const tooManyAtOnce = () => new FileRefused(429, 'RATE_LIMITED', 'upload.too_many_at_once', {}, 5)
/** A client that retries by itself, such as `curl --retry`, gets it. Status 202 would be saved as if it were the file. */
export const pdfNotReady = () => new FileRefused(503, 'SERVICE_UNAVAILABLE', 'document.not_printed', {}, 5)
export const noRoom = () => new FileRefused(507, 'SERVICE_UNAVAILABLE', 'upload.no_room')
