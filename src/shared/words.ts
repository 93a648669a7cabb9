import { sql } from 'drizzle-orm'
import { customType, jsonb } from 'drizzle-orm/pg-core'
import Negotiator from 'negotiator'

export type Language = 'az' | 'en' | 'ru'

const languages: Language[] = ['az', 'en', 'ru']

/** The language of ours that an `Accept-Language` header likes best; Azerbaijani where it names none. */
export const languageOf = (accept: string | undefined): Language =>
  (accept && (new Negotiator({ headers: { 'accept-language': accept } }).language(languages) as Language)) || 'az'

/** A text for people. Azerbaijani is the text in law, the others are its translations. */
export type Words = { az: string } & Partial<Record<Language, string>>

/** In each language, in Azerbaijani where there is no translation. */
export const inAll = ({ az, en = az, ru = az }: Words): Required<Words> => ({ az, en, ru })

export const words = (name: string) => jsonb(name).$type<Words>()

// ə, ğ, ı and ş have their own places in the alphabet, so each language is ordered by its own collation.
const text = (language: Language) =>
  customType<{ data: string }>({ dataType: () => `text COLLATE "${language}-x-icu"` })(`name_${language}`).notNull()

/** A name, and what a page is ordered by in each language. */
export const named = () => ({
  name: words('name').notNull(),
  nameAz: text('az').generatedAlwaysAs(sql`name->>'az'`),
  nameEn: text('en').generatedAlwaysAs(sql`coalesce(name->>'en', name->>'az')`),
  nameRu: text('ru').generatedAlwaysAs(sql`coalesce(name->>'ru', name->>'az')`),
})
