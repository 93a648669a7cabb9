import type { UserError } from '../engine/userError.js'
import { longest, userErrorsInText } from '../shared/texts.rules.js'
import { missing } from '../shared/userErrors.js'

export const upToProse = `At most ${longest.prose} characters.`

/** Requires a text that is not blank. */
export const userErrorsInProse = (field: string, text: string | null | undefined): UserError[] =>
  text == null ? [missing('text.missing', [field])] : userErrorsInText([field], text, longest.prose)
