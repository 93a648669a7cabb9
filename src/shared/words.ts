import { sql } from 'drizzle-orm'
import { customType, jsonb } from 'drizzle-orm/pg-core'
import Negotiator from 'negotiator'

export type Language = 'az' | 'en' | 'ru'

const languages: Language[] = ['az', 'en', 'ru']

/** The preferred supported language of an `Accept-Language` header. Defaults to Azerbaijani. */
export const languageOf = (accept: string | undefined): Language =>
  (accept && (new Negotiator({ headers: { 'accept-language': accept } }).language(languages) as Language)) || 'az'

/** Text for people. The Azerbaijani text is authoritative, the others are translations. */
export type Words = { az: string } & Partial<Record<Language, string>>

/** In each language, in Azerbaijani where there is no translation. */
export const inAll = ({ az, en = az, ru = az }: Words): Required<Words> => ({ az, en, ru })

export const words = (name: string) => jsonb(name).$type<Words>()

// ə, ğ, ı and ş have their own alphabetical positions, so each language has its own collation.
const text = (language: Language) =>
  customType<{ data: string }>({ dataType: () => `text COLLATE "${language}-x-icu"` })(`name_${language}`).notNull()

/** A name, and the sort keys of a page in each language. */
export const named = () => ({
  name: words('name').notNull(),
  nameAz: text('az').generatedAlwaysAs(sql`name->>'az'`),
  nameEn: text('en').generatedAlwaysAs(sql`coalesce(name->>'en', name->>'az')`),
  nameRu: text('ru').generatedAlwaysAs(sql`coalesce(name->>'ru', name->>'az')`),
})
