import { sql } from 'drizzle-orm'
import { customType, jsonb } from 'drizzle-orm/pg-core'

export type Language = 'az' | 'en' | 'ru'

/** A text for people. Azerbaijani is the text in law, the others are its translations. */
export type Words = { az: string } & Partial<Record<Language, string>>

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
