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
import { tableOfChanges } from './changes/changeTable.js'
import { variables } from './config.js'
import { eventTypes } from './domains.js'
import { publicSchema } from './schema.js'
import { tableOf, withTable } from './variableTable.js'

const header = '# The public contract of Pəncərə. Written by `npm run schema`; do not edit it by hand.\n\n'
const title = '# Changes of the contract\n\nWritten by `npm run release`, newest first.\n'

/** The form of a deprecation: the last day of support, and the replacement. */
export const deprecationForm = /^Until (\d{4}-\d{2}-\d{2})\. Use .+/s

export function contractOf(schema: GraphQLSchema) {
  return `${header}${printSchemaWithDirectives(lexicographicSortSchema(schema))}\n`
}

/** The public schema of the code. Connects to no database. */
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

/** Every element of the schema that has a description of ours, by its coordinate. */
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

/** The part of the released contract that is still supported: without elements whose date has passed. */
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

/** Changes that break the released contract. Empty if the next contract may be released. */
export function brokenPromises(released: GraphQLSchema, next: GraphQLSchema, today: string) {
  return findBreakingChanges(promisedOf(released, today), next)
    .map(({ description }) => description)
    .filter((description) => !description.startsWith('Standard scalar')) // a removed scalar is reported by its removed fields
}

/** Without the members of a listed type: a new type is not followed by its fields. */
const topmost = (coordinates: string[]) =>
  coordinates.filter((c) => !coordinates.some((other) => c.startsWith(`${other}.`) || c.startsWith(`${other}(`))).sort()

/** The dated section of the changelog. Empty if only descriptions changed. */
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
    ...findDangerousChanges(released, next).map(({ description }) => `- Dangerous: ${description}`),
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
  configuration: join(folder, 'docs/configuration.md'),
  changes: join(folder, 'docs/changes.md'),
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
    const way = 'Add fields, deprecate them (`Until YYYY-MM-DD. Use …`), and remove them after that date.'
    throw new Error(`schema.graphql must not break the released contract:\n${broken.join('\n')}\n${way}`)
  }
  const section = released ? changesBetween(released, next, today) : `## ${today}\n\n- The first contract.\n`
  const changelog = existsSync(files.changelog) ? readFileSync(files.changelog, 'utf8') : title
  writeFileSync(files.changelog, withSection(changelog, section))
  writeFileSync(files.released, contract)
  return section || 'Only descriptions changed.'
}

function run(command: string | undefined) {
  if (command === 'release') return release(new Date().toISOString().slice(0, 10))
  if (command !== 'schema') throw new Error(`The command must be schema or release; got ${command}.`)
  const { contract, configuration, changes } = filesIn(root)
  writeFileSync(contract, contractOf(schemaFromCode()))
  writeFileSync(configuration, withTable(readFileSync(configuration, 'utf8'), tableOf(variables)))
  writeFileSync(changes, withTable(readFileSync(changes, 'utf8'), tableOfChanges(eventTypes)))
  return 'schema.graphql, docs/configuration.md and docs/changes.md are up to date.'
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    process.stdout.write(`${run(process.argv[2])}\n`)
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    process.exitCode = 1
  }
}
