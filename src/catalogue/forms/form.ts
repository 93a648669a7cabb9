import type { PgColumn } from 'drizzle-orm/pg-core'
import { GraphQLJSONObject } from 'graphql-scalars'
import { Field, ObjectType } from 'type-graphql'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { fields, leaf, propertyOf, Stored, whoSeesItsParent } from '../../engine/declare.js'
import { Confidence, source } from '../../shared/confidence.js'
import type { Context } from '../../shared/context.js'
import type { Language, Words } from '../../shared/words.js'
import { forms } from './form.table.js'

@AllowedTo(anyone)
@Stored(forms, whoSeesItsParent)
@ObjectType({ simpleResolvers: true, description: 'Form of an application: its questions and their layout.' })
export class Form {
  @Field(() => Confidence, { description: 'Reliability of the form as a whole.' })
  confidence!: Confidence
  @Field(() => String, { nullable: true, description: source })
  source!: string | null
}

const spoken = 'Its texts are in the language of `Accept-Language` (az, en, ru).'
fields(Form, {
  schema: inTheirWords(
    forms.schema,
    `A JSON Schema (draft 2020-12, without remote references) that answers are checked against. ${spoken} ` +
      'Beside the standard it says where an answer comes from (`x-registry`: "population.birthDate", of whom: ' +
      '`x-subject`), who must confirm it (`x-confirms`) and in which currency an amount is (`x-currency`).',
  ),
  ui: inTheirWords(
    forms.ui,
    'How to lay it out: `sections` in their order, each with `fields`: where the answer stands (`at`), a `widget` where ' +
      `the schema leaves a choice, and \`shownWhen\`, all of which must hold or the field is not asked. ${spoken}`,
  ),
})

function inTheirWords(column: PgColumn, description: string) {
  const property = propertyOf(column)
  return leaf(
    () => GraphQLJSONObject,
    [column],
    (row, { language }: Context) => told(row[property], language),
    { description },
  )
}

/** `x-title` and `x-help` of all languages become the `title` and `description` of one. */
function told(value: unknown, language: Language): unknown {
  if (Array.isArray(value)) return value.map((item) => told(item, language))
  if (typeof value !== 'object' || value === null) return value
  if (isWords(value)) return value[language] ?? value.az
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [standard[name] ?? name, told(inner, language)]),
  )
}
const standard: Record<string, string> = { 'x-title': 'title', 'x-help': 'description' }
const isWords = (value: object): value is Words => 'az' in value && typeof value.az === 'string'
