import type { Mistake } from '../engine/userError.js'

type Message = Mistake['message']

export const missing = (reason: string, field: readonly string[], message: Message): Mistake => ({
  code: 'MISSING',
  reason,
  field,
  message,
})
export const invalid = (
  reason: string,
  field: readonly string[],
  message: Message,
  params?: Mistake['params'],
): Mistake => ({ code: 'INVALID', reason, field, message, ...(params && { params }) })

/** Of what is named by a code, and is not there. */
export const unknownCode = (noun: string, field: readonly string[], code: string): Mistake => ({
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
