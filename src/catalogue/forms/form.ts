import type { PgColumn } from 'drizzle-orm/pg-core'
import { GraphQLJSONObject } from 'graphql-scalars'
import { Field, ObjectType } from 'type-graphql'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { fields, leaf, propertyOf, Stored, whoSeesItsParent } from '../../engine/declare.js'
import { Confidence, source } from '../../shared/confidence.js'
import type { Context } from '../../shared/context.js'
import type { Language, Words } from '../../shared/words.js'
import type { FormNode } from './form.fields.js'
import { withReadOnly } from './form.persons.js'
import { forms } from './form.table.js'

@AllowedTo(anyone)
@Stored(forms, whoSeesItsParent)
@ObjectType({ simpleResolvers: true, description: 'Form of an application: its questions and their layout.' })
export class Form {
  @Field(() => Confidence, { description: 'Confidence in the form as a whole.' })
  confidence!: Confidence
  @Field(() => String, { nullable: true, description: source })
  source!: string | null
}

const spoken = 'Texts are in the language of `Accept-Language` (az, en, ru).'
fields(Form, {
  schema: inTheirWords(
    forms.schema,
    `JSON Schema (draft 2020-12, without remote references) for the answers. ${spoken} ` +
      'Extensions: `x-registry` names the registry field that fills an answer ("population.birthDate"), `x-subject` its ' +
      'subject, `x-identity` the fact about this subject that it states, `x-confirms` who must confirm it, `x-date` ' +
      'whether it must be past or future, and `x-currency` the currency of an amount. `readOnly` marks answers that sign-in and registries fill in. See docs/forms.md.',
    (schema) => withReadOnly(schema as FormNode), // the type of the column
  ),
  ui: inTheirWords(
    forms.ui,
    'Layout: `sections` in order, each with `fields`. A field has the path of its answer (`at`), a `widget` where the schema ' +
      `leaves a choice, and \`shownWhen\`: show the field only if all of these conditions hold. ${spoken}`,
  ),
})

/** A schema or layout in one language. */
export function inTheirWords(
  column: PgColumn,
  description: string,
  shown = (value: unknown) => value,
  { nullable = false } = {},
) {
  const property = propertyOf(column)
  return leaf(
    () => GraphQLJSONObject,
    [column],
    (row, { language }: Context) => translated(shown(row[property]), language),
    { description, nullable, isSameForAll: true },
  )
}

/** Replaces `x-title` and `x-help` by `title` and `description` in one language. */
function translated(value: unknown, language: Language): unknown {
  if (Array.isArray(value)) return value.map((item) => translated(item, language))
  if (typeof value !== 'object' || value === null) return value
  if (isWords(value)) return value[language] ?? value.az
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [standard[name] ?? name, translated(inner, language)]),
  )
}
const standard: Record<string, string> = { 'x-title': 'title', 'x-help': 'description' }
const isWords = (value: object): value is Words => 'az' in value && typeof value.az === 'string'
