import type { UserError } from '../engine/userError.js'
import type { LocalizedInput } from './language.js'
import { invalid, missing } from './userErrors.js'

/** So many characters at most. A name stands in indexes, whose rows are short. */
export const longest = { name: 500, prose: 4000, reference: 500 }
/** The same for whoever reads the schema. */
export const upTo = {
  name: `At most ${longest.name} characters in each language.`,
  prose: `At most ${longest.prose} characters in each language.`,
  reference: `At most ${longest.reference} characters.`,
}

/** Neither half of a character, which is none in UTF-8, nor U+0000, which PostgreSQL keeps in no text. */
const halfOrNone = /\p{Surrogate}|\0/u
export const isWhole = (text: string) => !halfOrNone.test(text)

const nothingSaid = {
  az: 'Mətn verilməlidir; boşluqlar mətn deyil.',
  en: 'A text is required; blanks are none.',
  ru: 'Нужен текст; пробелы — не текст.',
}
type Missing = Pick<UserError, 'reason' | 'message'>
const said: Missing = { reason: 'text.missing', message: nothingSaid }

/** Where a text is given it says something, is no longer than it may be, and made of whole characters. */
export function refusalsOfText(
  field: readonly string[],
  text: string | null | undefined,
  most: number,
  { reason, message }: Missing = said,
): UserError[] {
  if (text == null) return []
  if (!isWhole(text)) return [invalid('text.broken', field, broken)]
  if (text.trim() === '') return [missing(reason, field, message)]
  return text.length > most ? [invalid('text.too_long', field, tooLong(most, text.length), { most })] : []
}

/** The same in each language. */
export const refusalsOfWords = (
  field: readonly string[],
  words: LocalizedInput | null | undefined,
  most: number,
): UserError[] =>
  words ? (['az', 'en', 'ru'] as const).flatMap((name) => refusalsOfText([...field, name], words[name], most)) : []

const broken = {
  az: 'Mətndə yarımçıq simvol və ya U+0000 var.',
  en: 'The text holds half of a character, or U+0000.',
  ru: 'В тексте есть половина символа или U+0000.',
}
const tooLong = (most: number, came: number) => ({
  az: `Ən çoxu ${most} işarə ola bilər; ${came} verilib.`,
  en: `There may be ${most} characters at most; ${came} came.`,
  ru: `Допускается не более ${most} знаков; указано ${came}.`,
})
