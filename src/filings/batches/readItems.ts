import { isUtf8 } from 'node:buffer'
import type { z } from 'zod'
import type { UserError } from '../../engine/userError.js'
import type { Trust } from '../../shared/trust.js'
import { invalid, missing } from '../../shared/userErrors.js'
import { type Prepared, prepared, toFile } from '../submission/toFile.js'
import { batchLimits } from './filingBatch.rules.js'
import type { Chunk, RawLine } from './lines.js'

/** A line that was read: a filing, or why there is none. */
export type Item = { toFile: Prepared } | { externalNumber?: unknown; userErrors: readonly UserError[] }
export interface Items {
  /** The number of lines before. */
  before: number
  items: readonly Item[]
}

/** Whether a certificate cannot be checked at present, as when a revocation list cannot be fetched. */
export const isUnknown = (certificate: Awaited<ReturnType<Trust['check']>>): boolean =>
  'refused' in certificate && certificate.why === 'revocations'

/** Reads the lines of a chunk. Unknown while one of their certificates cannot be checked. */
export async function readItems({ before, lines }: Chunk, trust: Trust): Promise<Items | 'unknown'> {
  const items = await Promise.all(lines.map((line) => readItem(line, trust)))
  const isWaiting = items.some(
    (item) => 'toFile' in item && item.toFile.signed && isUnknown(item.toFile.signed.certificate),
  )
  return isWaiting ? 'unknown' : { before, items }
}

async function readItem(line: RawLine, trust: Trust): Promise<Item> {
  const text = textOf(line)
  if (typeof text !== 'string') return { userErrors: [text] }
  const json = jsonOf(text)
  if (json === undefined) return { userErrors: [fault('filing_batch.line_not_json')] }
  if (!isObject(json)) return { userErrors: [fault('filing_batch.line_not_object')] }
  const { success, data, error } = toFile.safeParse(json)
  if (!success)
    return { externalNumber: json.externalNumber, userErrors: error.issues.map((issue) => faultOf(issue, json)) }
  // As it was sent: the copy has no key `__proto__`, which is then not refused.
  return { toFile: await prepared(trust, { ...data, content: json.content as Prepared['content'] }) }
}

function textOf(line: RawLine): string | UserError {
  if (!line) return fault('filing_batch.line_too_long', { kilobytes: batchLimits.bytesOfLine / 1024 })
  if (line.length === 0) return fault('filing_batch.line_empty')
  return isUtf8(line) ? line.toString() : fault('filing_batch.line_not_utf8')
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const fault = (reason: string, params?: UserError['params']): UserError => ({
  code: 'INVALID',
  reason,
  ...(params && { params }),
})

const known = Object.keys(toFile.shape)
function faultOf(issue: z.core.$ZodIssue, json: Record<string, unknown>): UserError {
  if (issue.code === 'unrecognized_keys')
    return fault('filing_batch.field_unknown', { name: (issue.keys[0] ?? '').slice(0, 60), known })
  const name = String(issue.path[0])
  return json[name] === undefined
    ? missing('filing_batch.field_missing', [name], { name })
    : invalid('filing_batch.field_wrong', [name], { name })
}
