import DataLoader from 'dataloader'
import {
  buildSchema,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  isAbstractType,
  isObjectType,
  isScalarType,
  printSchema,
} from 'graphql'
import type { Sql } from 'postgres'

/** A row as the driver gives it: columns by their own names, moments as text. */
export type Row = Record<string, any>
export type Resolvers = Record<string, Record<string, GraphQLFieldResolver<any, any>>>

/** The same types from their text, and resolvers by hand: nothing of the engine is in it but its scalars. */
export function baselineSchema(of: GraphQLSchema, resolvers: Resolvers): GraphQLSchema {
  const schema = buildSchema(printSchema(of))
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__')) continue
    const same = of.getType(type.name)
    if (isScalarType(type) && isScalarType(same)) {
      const { serialize, parseValue, parseLiteral } = same
      Object.assign(type, { serialize, parseValue, parseLiteral })
    }
    if (isAbstractType(type)) type.resolveType = ({ __typename }) => __typename
    if (isObjectType(type))
      for (const field of Object.values(type.getFields()))
        field.resolve = resolvers[type.name]?.[field.name] ?? ((row) => row[snake(field.name)] ?? row[field.name])
  }
  return schema
}
const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

const requests = new WeakMap<object, Map<string, DataLoader<string, Row[]>>>()
/** Whole rows by a column, `where key = any($1)`; what one request has read, it reads no more. */
export const rowsBy =
  (client: Sql) =>
  (context: object, table: string, column: string, key: string | null): Promise<Row[]> | Row[] => {
    if (key === null) return []
    const loaders = requests.get(context) ?? new Map<string, DataLoader<string, Row[]>>()
    requests.set(context, loaders)
    const name = `${table}.${column}`
    const loader =
      loaders.get(name) ??
      new DataLoader<string, Row[]>(async (keys) => {
        const rows: Row[] = await client.unsafe(`select * from ${table} where ${column}::text = any($1)`, [[...keys]])
        for (const row of rows) row.__table = table
        return keys.map((key) => rows.filter((row) => row[column] === key))
      })
    loaders.set(name, loader)
    return loader.load(key)
  }

/** 16 bytes of a UUID after the type's name. */
export const nodeId = (type: string, { id }: Row) =>
  Buffer.from(Buffer.from(type).toString('hex') + id.replaceAll('-', ''), 'hex').toString('base64url')
export function parsedId(id: string): { type: string; key: string } | undefined {
  const bytes = Buffer.from(id, 'base64url')
  if (bytes.toString('base64url') !== id || bytes.length < 17) return undefined
  const key = bytes
    .toString('hex')
    .slice(-32)
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
  return { type: bytes.toString('latin1').slice(0, -16), key }
}
/** `{A,NULL,"B C"}`, where the driver does not know the type; where it does, it leaves NULL as it is. */
export const arrayOf = (value: string | string[] | null) =>
  (typeof value === 'string' ? value.slice(1, -1).split(',').filter(Boolean) : value)?.map((text) =>
    text === 'NULL' ? null : text.replaceAll('"', ''),
  ) ?? null
export const inLanguage = (words: any, language: string): string | null => words && (words[language] ?? words.az)
