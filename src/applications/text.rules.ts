import type { UserError } from '../engine/userError.js'
import { longest, refusalsOfText } from '../shared/texts.rules.js'
import { missing } from '../shared/userErrors.js'

export const upToProse = `At most ${longest.prose} characters.`

/** Requires a text that is not blank. */
export const refusalsOfProse = (field: string, text: string | null | undefined): UserError[] =>
  text == null ? [missing('text.missing', [field])] : refusalsOfText([field], text, longest.prose)
