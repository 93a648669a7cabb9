import type { UserError } from '../engine/userError.js'

type Message = UserError['message']

export const missing = (reason: string, field: readonly string[], message: Message): UserError => ({
  code: 'MISSING',
  reason,
  field,
  message,
})
export const invalid = (
  reason: string,
  field: readonly string[],
  message: Message,
  params?: UserError['params'],
): UserError => ({ code: 'INVALID', reason, field, message, ...(params && { params }) })

/** Of what is named by a code, and is not there. */
export const unknownCode = (noun: string, field: readonly string[], code: string): UserError => ({
  code: 'NOT_FOUND',
  reason: `${noun}.unknown`,
  field,
  message: {
    az: `Belə kod yoxdur: ${code.slice(0, 60)}.`,
    en: `There is no such code: ${code.slice(0, 60)}.`,
    ru: `Такого кода нет: ${code.slice(0, 60)}.`,
  },
  params: { code: code.slice(0, 60) },
})
