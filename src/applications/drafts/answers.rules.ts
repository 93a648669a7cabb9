import type { Fault } from '../../catalogue/forms/form.rules.js'
import type { UserError } from '../../engine/userError.js'
import { invalid } from '../../shared/userErrors.js'

type Message = UserError['message']
type Words = (params: Record<string, unknown>) => Message

const missing: Message = { az: 'Cavab verilməlidir.', en: 'An answer is required.', ru: 'Ответ обязателен.' }
const unknown: Message = {
  az: 'Forma burada heç nə soruşmur.',
  en: 'The form asks nothing here.',
  ru: 'Форма здесь ничего не спрашивает.',
}
const unfit: Message = {
  az: 'Cavab tələb olunan formada deyil.',
  en: 'The answer is not of the form that is asked for.',
  ru: 'Ответ не соответствует требуемой форме.',
}
const unconfirmed: Message = {
  az: 'Təsdiq edilməlidir.',
  en: 'This must be confirmed.',
  ru: 'Это нужно подтвердить.',
}
const formats: Record<string, Message> = {
  fin: { az: 'FİN yazılmalıdır.', en: 'A FİN is required.', ru: 'Укажите ФИН.' },
  voen: { az: 'VÖEN yazılmalıdır.', en: 'A VÖEN is required.', ru: 'Укажите ИНН (VÖEN).' },
  iban: { az: 'IBAN yazılmalıdır.', en: 'An IBAN is required.', ru: 'Укажите IBAN.' },
  phone: {
    az: 'Telefon nömrəsi beynəlxalq formada yazılmalıdır: +994125555555.',
    en: 'A telephone number in the international form is required: +994125555555.',
    ru: 'Укажите номер телефона в международной форме: +994125555555.',
  },
  'postal-index': {
    az: 'Poçt indeksi yazılmalıdır: AZ1000.',
    en: 'A postal index is required: AZ1000.',
    ru: 'Укажите почтовый индекс: AZ1000.',
  },
  email: {
    az: 'E-poçt ünvanı yazılmalıdır.',
    en: 'An e-mail address is required.',
    ru: 'Укажите адрес электронной почты.',
  },
  date: {
    az: 'Təqvimdə olan gün yazılmalıdır: 2026-03-19.',
    en: 'A day of the calendar is required: 2026-03-19.',
    ru: 'Укажите дату: 2026-03-19.',
  },
  country: {
    az: 'Ölkənin iki hərfi yazılmalıdır.',
    en: 'The two letters of a country are required.',
    ru: 'Укажите две буквы страны.',
  },
  currency: {
    az: 'Valyutanın üç hərfi yazılmalıdır.',
    en: 'The three letters of a currency are required.',
    ru: 'Укажите три буквы валюты.',
  },
}
const limit =
  (az: string, en: string, ru: string) =>
  (params: Record<string, unknown>): Message => {
    const most = String(params.limit)
    return { az: az.replace('#', most), en: en.replace('#', most), ru: ru.replace('#', most) }
  }
const byKeyword: Record<string, Words> = {
  required: () => missing,
  dependentRequired: () => missing,
  additionalProperties: () => unknown,
  'false schema': () => unknown,
  format: ({ format }) => formats[String(format)] ?? unfit,
  // Of what only has to say something.
  pattern: ({ pattern }) => (pattern === '\\S' ? missing : unfit),
  const: ({ allowedValue }) => (allowedValue === true ? unconfirmed : unfit),
  maxLength: limit('Ən çoxu # simvol.', 'At most # characters.', 'Не более # символов.'),
  minLength: limit('Ən azı # simvol.', 'At least # characters.', 'Не менее # символов.'),
  maximum: limit('Ən çoxu #.', 'At most #.', 'Не более #.'),
  minimum: limit('Ən azı #.', 'At least #.', 'Не менее #.'),
  maxItems: limit('Ən çoxu # ədəd.', 'At most # of them.', 'Не более #.'),
  minItems: limit('Ən azı # ədəd.', 'At least # of them.', 'Не менее #.'),
  uniqueItems: () => ({ az: 'Təkrar olmamalıdır.', en: 'Nothing may stand here twice.', ru: 'Повторы недопустимы.' }),
  oneOf: () => ({
    az: 'Təklif olunanlardan biri seçilməlidir.',
    en: 'One of those that are offered is required.',
    ru: 'Выберите один из предложенных вариантов.',
  }),
  enum: () => ({
    az: 'Təklif olunanlardan biri seçilməlidir.',
    en: 'One of those that are offered is required.',
    ru: 'Выберите один из предложенных вариантов.',
  }),
}

const isMissing = ({ keyword }: Fault) => keyword === 'required' || keyword === 'dependentRequired'
/** What is no answer to any question of the form. */
export const isUnknown = ({ keyword }: Fault) => keyword === 'additionalProperties'

/** So many are told at once: a form has no more places than a person can mend. */
const mostTold = 200

export function userErrorsOf(all: readonly Fault[]): UserError[] {
  const faults = withoutEchoes(all)
  const told = faults.slice(0, mostTold).map((fault): UserError => {
    const { at, keyword, params } = fault
    return {
      code: isMissing(fault) ? 'MISSING' : 'INVALID',
      reason: `answer.${isMissing(fault) ? 'missing' : (reasons[keyword] ?? 'unfit')}`,
      field: ['answers', ...pathOf(at)],
      message: byKeyword[keyword]?.(params) ?? unfit,
    }
  })
  return faults.length > mostTold ? [...told, manyMore(faults.length - mostTold)] : told
}
/** What is of no format is of no pattern either: the format says it in words. */
function withoutEchoes(faults: readonly Fault[]): readonly Fault[] {
  const formless = new Set(faults.filter(({ keyword }) => keyword === 'format').map(({ at }) => at))
  return faults.filter(({ at, keyword }) => keyword !== 'pattern' || !formless.has(at))
}
const reasons: Record<string, string> = {
  additionalProperties: 'unknown',
  'false schema': 'unknown',
  format: 'format',
  oneOf: 'option',
  enum: 'option',
  maxLength: 'too_long',
  minLength: 'too_short',
  maximum: 'too_much',
  minimum: 'too_little',
  maxItems: 'too_many',
  minItems: 'too_few',
  uniqueItems: 'twice',
}
const manyMore = (count: number): UserError => ({
  code: 'INVALID',
  reason: 'answer.many_more',
  field: ['answers'],
  message: {
    az: `Daha ${count} səhv var.`,
    en: `There are ${count} more faults.`,
    ru: `Есть ещё ошибки: ${count}.`,
  },
  params: { count: String(count) },
})

/** A JSON pointer as the way to a field. */
export const pathOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))

type Answers = Record<string, unknown>
const isObject = (value: unknown): value is Answers =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export function answerAt(answers: Answers, pointer: string): unknown {
  return pathOf(pointer).reduce<unknown>(
    (within, name) => (isObject(within) && Object.hasOwn(within, name) ? within[name] : undefined),
    answers,
  )
}

/** The answers with another at that place, or with none where it is undefined. They are copied as far as they differ. */
export function withAnswer(answers: Answers, [name, ...rest]: readonly string[], value: unknown): Answers {
  if (name === undefined) return answers
  const { [name]: before, ...others } = answers
  const within = Object.hasOwn(answers, name) ? before : undefined
  const anew = rest.length === 0 ? value : withAnswer(isObject(within) ? within : {}, rest, value)
  return anew === undefined ? others : { ...others, [name]: anew }
}

/** What is personal of nobody and cannot be an answer: what JSON does not hold, or a name that means more to JavaScript. */
function isPlainJson(value: unknown, depth = 0): boolean {
  if (depth > 50) return false
  if (value === null || ['string', 'boolean'].includes(typeof value)) return true
  if (typeof value === 'number') return Number.isFinite(value)
  if (Array.isArray(value)) return value.every((item) => isPlainJson(item, depth + 1))
  if (!isObject(value)) return false
  return Object.entries(value).every(([name, inner]) => name !== '__proto__' && isPlainJson(inner, depth + 1))
}

/** Characters, as JSON: as many as a form may have at most. */
const largest = 128 * 1024

/** What can be answers at all. */
export function refusalsOfSize(answers: unknown): UserError[] {
  if (!isPlainJson(answers)) return [notPlain]
  return JSON.stringify(answers).length > largest ? [tooLarge] : []
}
const notPlain = invalid('answers.not_plain', ['answers'], {
  az: 'Cavablar adi JSON olmalıdır, ən çoxu 50 səviyyə.',
  en: 'Answers are plain JSON, at most 50 levels deep.',
  ru: 'Ответы — обычный JSON, не глубже 50 уровней.',
})
const tooLarge = invalid('answers.too_large', ['answers'], {
  az: `Cavablar ən çoxu ${largest} simvoldur.`,
  en: `Answers have at most ${largest} characters.`,
  ru: `Ответы содержат не более ${largest} символов.`,
})
