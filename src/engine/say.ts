/** Texts for people: by language, then by reason. `{name}` stands for the parameter of that name. */
export type Messages = Readonly<Record<string, Readonly<Record<string, string>>>>

/** What has a text in `Messages`. */
export interface Reasoned {
  /** Dotted, the noun first: `service.retired`. */
  reason: string
  params?: Readonly<Record<string, Param>>
}
/** One value; a text that differs by language is given in each, or by its reason. */
type Item = string | number | bigint | Reasoned | Readonly<Record<string, string>>
/** A list is read as "a, b or c". */
export type Param = Item | readonly Item[]

/** Says in that language what the reason means. */
export function say({ reason, params = {} }: Reasoned, messages: Messages, language: string): string {
  const text = messages[language]?.[reason]
  if (text === undefined) throw new Error(`every reason must have a text in ${language}; ${reason} has none`)
  return text.replace(/\{(\w+)\}/g, (_, name) => {
    const value = params[name]
    if (value === undefined) throw new Error(`${reason} requires the parameter ${name}`)
    return isList(value)
      ? new Intl.ListFormat(localeOf(language), { type: 'disjunction' }).format(itemsOf(value, messages, language))
      : textOf(value, messages, language)
  })
}

/** American English would put a comma before "or". */
const localeOf = (language: string) => (language === 'en' ? 'en-GB' : language)

/** A parameter for those who make their own messages: the items of a list are separated by ", ". */
export const paramText = (value: Param, messages: Messages, language: string): string =>
  isList(value) ? itemsOf(value, messages, language).join(', ') : textOf(value, messages, language)

const isList = (value: Param): value is readonly Item[] => Array.isArray(value)
const itemsOf = (items: readonly Item[], messages: Messages, language: string) =>
  items.map((item) => textOf(item, messages, language))

function textOf(item: Item, messages: Messages, language: string): string {
  if (typeof item !== 'object') return String(item)
  if (isReasoned(item)) return say(item, messages, language)
  const text = item[language]
  if (text === undefined) throw new Error(`a text by language must have one in ${language}`)
  return text
}
const isReasoned = (item: object): item is Reasoned => 'reason' in item
