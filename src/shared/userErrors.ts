import type { Reasoned } from '../engine/say.js'
import type { UserError } from '../engine/userError.js'

export const missing = (reason: string, field: readonly string[], params?: UserError['params']): UserError => ({
  code: 'MISSING',
  reason,
  field,
  ...(params && { params }),
})
export const invalid = (reason: string, field: readonly string[], params?: UserError['params']): UserError => ({
  code: 'INVALID',
  reason,
  field,
  ...(params && { params }),
})

/** A code that does not exist. */
export const unknownCode = (reason: string, field: readonly string[], code: string): UserError => ({
  code: 'NOT_FOUND',
  reason,
  field,
  params: { code: code.slice(0, 60) },
})

/** A text that is part of another. */
export const phrase = (reason: string, params?: Reasoned['params']): Reasoned => ({ reason, ...(params && { params }) })
