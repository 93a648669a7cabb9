import type { PgColumn } from 'drizzle-orm/pg-core'
import { Field, InputType, ObjectType } from 'type-graphql'
import { AllowedTo, anyone } from '../engine/allowedTo.js'
import { type Leaf, leaf, propertyOf } from '../engine/declare.js'
import type { Context } from './context.js'
import type { Language, Words } from './words.js'

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'A text for people in all its languages.' })
export class LocalizedText {
  @Field(() => String, { description: 'In Azerbaijani: the text that counts.' })
  az!: string
  @Field(() => String, { nullable: true, description: 'In English, a translation.' })
  en!: string | null
  @Field(() => String, { nullable: true, description: 'In Russian, a translation.' })
  ru!: string | null
}

@InputType({ description: 'A text for people, in all three languages.' })
export class LocalizedInput {
  @Field(() => String, { description: 'In Azerbaijani: the text that counts.' })
  az!: string
  @Field(() => String, { description: 'In English, a translation.' })
  en!: string
  @Field(() => String, { description: 'In Russian, a translation.' })
  ru!: string
}

/** A text in the caller's language, otherwise in Azerbaijani. */
export const inTheirLanguage = (column: PgColumn, description: string): Leaf => {
  const property = propertyOf(column)
  const told = { description: `${description} In the language of \`Accept-Language\` (az, en, ru).` }
  return leaf(
    () => String,
    [column],
    (row, { language }: Context) => wordsIn(row[property], language),
    told,
  )
}
export const wordsIn = (words: Words | null, language: Language) => words && (words[language] ?? words.az)

/** The same text in all its languages. */
export const inAllLanguages = (column: PgColumn, description: string): Leaf => {
  const property = propertyOf(column)
  return leaf(
    () => LocalizedText,
    [column],
    (row) => row[property],
    { description },
  )
}
