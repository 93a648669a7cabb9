import type { UserError } from '../engine/userError.js'
import { longest, refusalsOfText } from '../shared/texts.rules.js'
import { missing } from '../shared/userErrors.js'

/** Of a text in one language, as whoever wrote it writes. */
export const upToProse = `At most ${longest.prose} characters.`

/** A text that must be there, and say something. */
export const refusalsOfProse = (field: string, text: string | null | undefined): UserError[] =>
  text == null ? [missing('text.missing', [field])] : refusalsOfText([field], text, longest.prose)
