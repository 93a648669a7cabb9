import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MapperKind, mapSchema, printSchemaWithDirectives, pruneSchema } from '@graphql-tools/utils'
import {
  buildSchema as buildGraphQL,
  findBreakingChanges,
  findDangerousChanges,
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedDirective,
  isSpecifiedScalarType,
  lexicographicSortSchema,
} from 'graphql'
import { publicSchema } from './schema.js'

const header = '# The public contract of Pəncərə. Printed from the code by `npm run schema`, never edited by hand.\n\n'
const title = '# What changed in the contract\n\nWritten by `npm run release`, newest first.\n'

/** How a deprecation is written: a day after which it may go, and the way out. */
export const deprecationForm = /^Until (\d{4}-\d{2}-\d{2})\. Use .+/s

export function contractOf(schema: GraphQLSchema) {
  return `${header}${printSchemaWithDirectives(lexicographicSortSchema(schema))}\n`
}

/** The public schema as the code has it. The client is never asked, so it connects to nothing. */
export const schemaFromCode = () => publicSchema()

interface Element {
  description?: string | null
  deprecationReason?: string | null
}

function membersOf(type: GraphQLNamedType): [string, Element][] {
  if (isEnumType(type)) return type.getValues().map((value) => [`${type.name}.${value.name}`, value])
  if (isInputObjectType(type)) {
    return Object.values(type.getFields()).map((field) => [`${type.name}.${field.name}`, field])
  }
  if (!isObjectType(type) && !isInterfaceType(type)) return []
  return Object.values(type.getFields()).flatMap((field): [string, Element][] => [
    [`${type.name}.${field.name}`, field],
    ...field.args.map((arg): [string, Element] => [`${type.name}.${field.name}(${arg.name}:)`, arg]),
  ])
}

/** Everything in the schema that is ours to describe, by its coordinate. */
export function elementsOf(schema: GraphQLSchema): Map<string, Element> {
  const types = Object.values(schema.getTypeMap()).filter((t) => !isIntrospectionType(t) && !isSpecifiedScalarType(t))
  const directives = schema.getDirectives().filter((directive) => !isSpecifiedDirective(directive))
  return new Map([
    ...types.flatMap((type): [string, Element][] => [[type.name, type], ...membersOf(type)]),
    ...directives.flatMap((directive): [string, Element][] => [
      [`@${directive.name}`, directive],
      ...directive.args.map((arg): [string, Element] => [`@${directive.name}(${arg.name}:)`, arg]),
    ]),
  ])
}

/** What clients may still count on: the released contract without that whose announced day has passed. */
function promisedOf(released: GraphQLSchema, today: string) {
  const kept = (element: Element) => {
    const until = element.deprecationReason?.match(deprecationForm)?.[1]
    return until && until < today ? null : undefined
  }
  const without = mapSchema(released, {
    [MapperKind.ARGUMENT]: kept,
    [MapperKind.ENUM_VALUE]: kept,
    [MapperKind.FIELD]: kept,
  })
  return pruneSchema(without)
}

/** The changes that break a promise. Empty where the next contract may be released. */
export function brokenPromises(released: GraphQLSchema, next: GraphQLSchema, today: string) {
  return findBreakingChanges(promisedOf(released, today), next)
    .map(({ description }) => description)
    .filter((description) => !description.startsWith('Standard scalar')) // Where one is missed, a field is gone too.
}

/** The first of what is new says it all: a new type is not followed by its fields. */
const topmost = (coordinates: string[]) =>
  coordinates.filter((c) => !coordinates.some((other) => c.startsWith(`${other}.`) || c.startsWith(`${other}(`))).sort()

/** The dated section of the changelog, or nothing where nothing changed but words. */
export function changesBetween(released: GraphQLSchema, next: GraphQLSchema, today: string) {
  const before = elementsOf(released)
  const after = elementsOf(next)
  const deprecated = [...after].filter(
    ([coordinate, { deprecationReason }]) =>
      deprecationReason && deprecationReason !== before.get(coordinate)?.deprecationReason,
  )
  const lines = [
    ...topmost([...after.keys()].filter((c) => !before.has(c))).map((c) => `- Added: \`${c}\``),
    ...deprecated.map(([c, { deprecationReason }]) => `- Deprecated: \`${c}\`. ${deprecationReason}`),
    ...topmost([...before.keys()].filter((c) => !after.has(c))).map((c) => `- Removed: \`${c}\``),
    ...findDangerousChanges(released, next).map(({ description }) => `- Take care: ${description}`),
  ]
  return lines.length ? `## ${today}\n\n${lines.join('\n')}\n` : ''
}

export const withSection = (changelog: string, section: string) =>
  section ? `${title}\n${section}${changelog.slice(title.length)}` : changelog

/** The released contract and its changelog do not exist before the first release. */
const filesIn = (folder: string) => ({
  contract: join(folder, 'schema.graphql'),
  released: join(folder, 'docs/released.graphql'),
  changelog: join(folder, 'docs/schema-changelog.md'),
})
const root = fileURLToPath(new URL('..', import.meta.url))

/** Makes schema.graphql the contract that clients may rely on. Throws if it breaks the contract before it. */
export function release(today: string, folder = root) {
  const files = filesIn(folder)
  const contract = readFileSync(files.contract, 'utf8')
  const next = buildGraphQL(contract)
  const released = existsSync(files.released) ? buildGraphQL(readFileSync(files.released, 'utf8')) : undefined
  const broken = released ? brokenPromises(released, next, today) : []
  if (broken.length) {
    const way = 'Add, deprecate (`Until YYYY-MM-DD. Use …`), and remove once that day has passed.'
    throw new Error(`schema.graphql must keep what was released; it does not:\n${broken.join('\n')}\n${way}`)
  }
  const section = released ? changesBetween(released, next, today) : `## ${today}\n\n- The first contract.\n`
  const changelog = existsSync(files.changelog) ? readFileSync(files.changelog, 'utf8') : title
  writeFileSync(files.changelog, withSection(changelog, section))
  writeFileSync(files.released, contract)
  return section || 'Nothing changed but words.'
}

function run(command: string | undefined) {
  if (command === 'release') return release(new Date().toISOString().slice(0, 10))
  if (command !== 'schema') throw new Error(`What to do must be schema or release; it was ${command}.`)
  writeFileSync(filesIn(root).contract, contractOf(schemaFromCode()))
  return 'schema.graphql is what the code says.'
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    process.stdout.write(`${run(process.argv[2])}\n`)
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    process.exitCode = 1
  }
}
