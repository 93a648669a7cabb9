import type { Mistake } from '../engine/userError.js'
import { missing } from '../shared/mistakes.js'
import { longest, refusalsOfText } from '../shared/texts.rules.js'

/** Of a text in one language, as whoever wrote it writes. */
export const upToProse = `At most ${longest.prose} characters.`

/** A text that must be there, and say something. */
export const refusalsOfProse = (field: string, text: string | null | undefined): Mistake[] =>
  text == null ? [missing('text.missing', [field], required)] : refusalsOfText([field], text, longest.prose)

const required = { az: 'Mətn verilməlidir.', en: 'A text is required.', ru: 'Нужен текст.' }
