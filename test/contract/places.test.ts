import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import {
  buildSchema,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isObjectType,
} from 'graphql'
import { describe, expect, it } from 'vitest'
import { typedServices } from '../../src/filings/submission/filingContent.js'
import { publicSchema } from '../../src/schema.js'

// CONTRIBUTING.md, "Find your way", has the rule.

interface Source {
  path: string
  text: string
}
const sources: Source[] = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => ({ path: join('src', path), text: readFileSync(join('src', path), 'utf8') }))

const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, name = '']) => name)
/** TypeScript 7 has no JavaScript API, so declarations are read as text, as Biome lays them out. */
const declaredIn = ({ text }: Source) => ({
  types: [
    ...text
      .split('\n\n')
      .filter((part) => /@(Object|Input)Type\(/.test(part))
      .flatMap((part) => [...all(part, /ObjectType\('(\w+)'/g), ...all(part, /\bclass (\w+)/g)]),
    ...all(text, /registerEnumType\(\w+, \{\n? *name: '(\w+)'/g),
    ...all(text, /export const ([A-Z]\w+) = \w+Of\(/g),
    ...all(text, /\binOrderOfNames\(\w+, '(\w+)'/g),
  ],
  queries: [
    ...text
      .split(/\n(?=export )/)
      .flatMap((part) => (/ queries\(\{/.test(part) ? all(part, /^ {2}(\w+): \w+\(/gm) : [])),
    ...text
      .split(/@Query\(/)
      .slice(1)
      .flatMap((part) => all(part, /^ +(?:async )?(\w+)\(/gm).slice(0, 1)),
  ],
  mutations: all(text, /ommand\(\{\n {2}name: '(\w+)'/g),
})

const madeByEngine = /(Connection|Edge|Payload|PageInfo)$/
/** Inputs of typed content are made of the forms. */
const madeOfForms = new RegExp(`^(${[...typedServices.keys()].join('|')})`, 'i')
const typesOf = (schema: GraphQLSchema) =>
  Object.values(schema.getTypeMap()).filter(
    ({ name }) => !name.startsWith('__') && ![madeByEngine, madeOfForms].some((made) => made.test(name)),
  )

/** What has a field of each type, or takes it: queries and mutations by their names. What shows a type goes before what takes it. */
function usersOf(schema: GraphQLSchema): (type: string) => string[] {
  const [shown, taken] = [new Map<string, Set<string>>(), new Map<string, Set<string>>()]
  const add = (users: Map<string, Set<string>>, type: GraphQLNamedType, by: string) => {
    const name = type.name.replace(/(Connection|Edge)$/, '')
    if (name !== by) users.set(name, (users.get(name) ?? new Set()).add(by))
  }
  const roots = [schema.getQueryType(), schema.getMutationType()]
  for (const type of Object.values(schema.getTypeMap())) {
    const owner = type.name.replace(/(Connection|Edge)$/, '')
    if (isInputObjectType(type))
      for (const field of Object.values(type.getFields())) add(taken, getNamedType(field.type), owner)
    if (isObjectType(type))
      for (const field of Object.values(type.getFields())) {
        const by = roots.includes(type) ? field.name : owner
        add(shown, getNamedType(field.type), by)
        for (const argument of field.args) add(taken, getNamedType(argument.type), by)
      }
  }
  return (type) => [...(shown.get(type) ?? taken.get(type) ?? [])]
}

/** Made from the files of forms. */
const isOfForm = (name: string) => [...typedServices.keys()].some((field) => startSmall(name).startsWith(field))

const stemOf = (path: string) => basename(path).split('.')[0] as string
const startSmall = (name: string) => `${name[0]?.toLowerCase()}${name.slice(1)}`
/** A file named for it, or for how its name begins: `application.ts` has ApplicationState. */
const isNamedFor = (path: string, name: string) =>
  [name, withoutDomain(path, name)].some((short) => new RegExp(`^${stemOf(path)}(?![a-z])`).test(startSmall(short)))
/** In `applications` the file of ApplicationDecision is `decision.ts`. */
function withoutDomain(path: string, name: string): string {
  const noun = path.split('/')[1]?.replace(/s$/, '') ?? ''
  return startSmall(name).startsWith(noun) ? name.slice(noun.length) : name
}

function faults(schema: GraphQLSchema, sources: Source[]): string[] {
  const users = usersOf(schema)
  /** A type that one other alone uses may be in the file of that one. */
  const isAtHome = (path: string, name: string, before: string[] = []): boolean => {
    const [user, ...others] = users(name)
    if (isNamedFor(path, name)) return true
    return (
      user !== undefined && others.length === 0 && !before.includes(user) && isAtHome(path, user, [...before, name])
    )
  }
  const declared = sources.map((source) => ({ path: source.path, ...declaredIn(source) }))
  const check = (kind: 'types' | 'queries' | 'mutations', name: string, fits: (path: string) => boolean) => {
    const [place, ...others] = declared.filter((file) => file[kind].includes(name))
    if (!place) return [`${name} is declared nowhere`]
    if (others.length > 0) return [`${name} is declared in several files`]
    return fits(place.path) ? [] : [`${name} is declared in ${place.path}`]
  }
  const mutations = Object.keys(schema.getMutationType()?.getFields() ?? {})
  const inputsOfCommands = mutations.map((name) => `${name[0]?.toUpperCase()}${name.slice(1)}Input`)
  return [
    ...typesOf(schema)
      .filter((type) => isObjectType(type) || isInputObjectType(type) || isEnumType(type))
      .filter((type) => type !== schema.getQueryType() && type !== schema.getMutationType())
      .filter(({ name }) => !isOfForm(name))
      // A command without an input of its own has one made for it.
      .filter(({ name }) => !inputsOfCommands.includes(name) || declared.some(({ types }) => types.includes(name)))
      .flatMap(({ name }) => check('types', name, (path) => isAtHome(path, name))),
    ...Object.values(schema.getQueryType()?.getFields() ?? {}).flatMap(({ name, type }) => {
      const noun = startSmall(getNamedType(type).name.replace(/Connection$/, ''))
      return check('queries', name, (path) => [name, noun].includes(stemOf(path)))
    }),
    ...mutations.flatMap((name) => check('mutations', name, (path) => path.endsWith(`/${name}.ts`))),
  ]
}

describe('A declaration of the schema', () => {
  it('is in a file that is named for it', () => expect(faults(publicSchema(), sources)).toEqual([]))

  const type = (name: string) => `@ObjectType()\nexport class ${name} {\n}\n`
  const shelf = {
    path: 'src/shelves/shelf.ts',
    text: `${type('Shelf')}\nexport const q = queries({\n  shelf: find(),\n})`,
  }
  const books = 'type Query { shelf: Shelf } type Shelf { book: Book } type Book { code: String }'
  it.each<[string, string, Source[], string[]]>([
    [
      'allows a part in the file of its only user',
      books,
      [{ path: shelf.path, text: `${shelf.text}\n\n${type('Book')}` }],
      [],
    ],
    [
      'refuses a type in the file of another',
      books,
      [shelf, { path: 'src/shelves/reader.ts', text: type('Book') }],
      ['Book is declared in src/shelves/reader.ts'],
    ],
    [
      'refuses a part of several in the file of one',
      `${books} extend type Query { books: [Book] }`,
      [
        { path: shelf.path, text: `${shelf.text}\n\n${type('Book')}` },
        { path: 'src/shelves/books.ts', text: 'export const q = queries({\n  books: many(),\n})' },
      ],
      ['Book is declared in src/shelves/shelf.ts'],
    ],
    [
      'refuses a query in index.ts',
      'type Query { shelf: Shelf } type Shelf { code: String }',
      [
        { path: shelf.path, text: type('Shelf') },
        { path: 'src/shelves/index.ts', text: 'export const q = queries({\n  shelf: find(),\n})' },
      ],
      ['shelf is declared in src/shelves/index.ts'],
    ],
    [
      'refuses a mutation in the file of another',
      'type Query { shelf: Shelf } type Shelf { code: String } type Mutation { sell: Int }',
      [shelf, { path: 'src/shelves/buy.ts', text: "export const sell = command({\n  name: 'sell',\n})" }],
      ['sell is declared in src/shelves/buy.ts'],
    ],
    ['reports what it cannot find', books, [shelf], ['Book is declared nowhere']],
  ])('%s', (_what, sdl, from, told) => expect(faults(buildSchema(sdl), from)).toEqual(told))
})
