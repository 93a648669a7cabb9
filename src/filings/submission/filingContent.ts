import 'reflect-metadata'
import { readFileSync } from 'node:fs'
import { GraphQLJSONObject } from 'graphql-scalars'
import { Field, InputType } from 'type-graphql'
import { z } from 'zod'
import type { FormNode } from '../../catalogue/forms/form.fields.js'
import { Content } from '../../engine/limits.js'
import { OneOf } from '../../engine/oneOf.js'
import { parseDataFile } from '../../platform/dataFile.js'
import { asJson } from './toFile.js'
import { inputOf } from './typedContent.js'

interface GivenContent {
  content: Record<string, unknown>
  /** The field that it came by. */
  contentAs: string
}

@OneOf()
@Content()
@InputType({
  description:
    'Content of a filing by the form of its service, as JSON or typed. Both are the same content. A form that was ' +
    'published after this schema has no typed field. Provide exactly one field.',
})
export class FilingContentInput {
  @Field(() => GraphQLJSONObject, { nullable: true, description: 'Content as JSON, for any form.' })
  json?: Record<string, unknown> | null
}

/** The seed checks these files whole. */
const servicesFile = z.object({
  services: z.array(
    z.object({
      code: z.string(),
      version: z.object({ filing: z.object({ typedAs: z.string().nullable() }).optional() }),
    }),
  ),
})
const formFile = z.object({ schema: z.custom<FormNode>() })

function read<Schema extends z.ZodType>(path: string, schema: Schema): z.output<Schema> {
  const text = readFileSync(new URL(`../../../src/${path}`, import.meta.url), 'utf8')
  return parseDataFile(path, text, schema)
}

/** The services whose shipped form has a typed input, by its field. */
export const typedServices = new Map(
  read('catalogue/services/services.data.json', servicesFile).services.flatMap(({ code, version }) =>
    version.filing?.typedAs ? [[version.filing.typedAs, code] as const] : [],
  ),
)
const parts = read('catalogue/forms/parts.json', z.record(z.string(), z.custom<FormNode>()))
for (const [field, code] of typedServices) {
  const { schema } = read(`catalogue/forms/${code}.form.json`, formFile)
  const name = `${field[0]?.toUpperCase()}${field.slice(1)}`
  const type = inputOf(name, `Content of a filing for the service ${code}.`, { schema, parts })
  const description = `Content for ${code}, if its version in force has this form.`
  Field(() => type, { nullable: true, description })(FilingContentInput.prototype, field)
}

/** What is absent or null in typed content is absent from the content. */
export function givenContent(input: FilingContentInput): GivenContent {
  const [[field, content] = []] = Object.entries(input).filter(([, value]) => value !== null && value !== undefined)
  if (field === undefined) throw new Error('the content must have one field; GraphQL has checked it') // by @oneOf
  return { content: field === asJson ? content : withoutNulls(content), contentAs: field }
}

function withoutNulls(given: object): Record<string, unknown> {
  const present = Object.entries(given).filter(([, value]) => value !== null && value !== undefined)
  return Object.fromEntries(present.map(([name, value]) => [name, plain(value)]))
}
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  return typeof value === 'object' && value !== null ? withoutNulls(value) : value
}
