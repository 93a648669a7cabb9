import { z } from 'zod'
import type { Message } from '../../shared/exchange.js'

/** The identifiers of the subject of a query. */
export interface Subject {
  fin?: string
  voen?: string
  /** Issuing country and number of a document, such as "UTO:X0000000". */
  document?: string
}

/** How to query one registry and read its answer. */
export interface Lookup<Held extends object = object> {
  /** Its code in the catalogue of agencies. */
  registry: string
  /** The code of its service at the exchange. */
  service: string
  /** The fields of its record. A legal ground may cover some of them. */
  fields: readonly string[]
  /** Milliseconds for which a stored answer is shown. 0 if answers are not stored. */
  freshFor: number
  /** Subjects per message. */
  maxAtOnce: number
  /** The identifier that the registry uses. Undefined if the subject has none. */
  keyOf(subject: Subject): string | undefined
  messageFor(keys: readonly string[], narrowed: Narrowed): Pick<Message, 'method' | 'path' | 'query' | 'body'>
  /** Records by key. Throws if the body does not answer the question. An unreadable record does not affect the others. */
  read(body: unknown, keys: readonly string[]): Map<string, Held | typeof unreadable>
}
/** A query for a part of the record. Its answer is not stored. */
export interface Narrowed {
  vehicle?: string
}

/** Stands for a record of the wrong form. */
export const unreadable = Symbol('unreadable')

type Shape = Record<string, z.ZodType>
interface Declared<Of extends Shape> {
  registry: string
  service: string
  freshFor: number
  /** The form of a record. Unknown fields are ignored. Records are stored as read, so a field added later may be missing. */
  record: Of
  keyOf(subject: Subject): string | undefined
}

/** For a registry that returns a list of records, each with the identifier in the query. */
export function askedTogether<Of extends Shape>({
  by,
  list,
  ...declared
}: Declared<Of> & {
  /** The name of the identifier in a record. The query uses its plural. */
  by: string
  list: string
}): Lookup<z.output<z.ZodObject<Of>>> {
  const { record: shape, ...known } = declared
  const record = z.object(shape)
  const answer = z.object({ [list]: z.array(z.looseObject({ [by]: z.string() })).max(maxAtOnce) })
  return {
    ...known,
    maxAtOnce,
    fields: Object.keys(shape),
    messageFor: (keys) => ({ method: 'POST', path: ['query'], body: { [`${by}s`]: keys } }),
    read(body, keys) {
      // The cast: the list was just parsed under that name.
      const rows = answer.parse(body)[list] as Record<string, unknown>[]
      const held = new Map(
        rows.map((row) => {
          const { success, data } = record.safeParse(row)
          return [row[by] as string, success ? data : unreadable] as const
        }),
      )
      if (held.size < rows.length) throw new Error(`${list} must name each ${by} once`)
      const strangers = [...held.keys()].filter((key) => !keys.includes(key))
      if (strangers.length > 0)
        throw new Error(`${list} must be those that were asked for; ${strangers.length} are not`)
      if (rows.length > 0 && [...held.values()].every((one) => one === unreadable))
        throw new Error(`${list} must be records of it; none is`)
      return held
    },
  }
}
const maxAtOnce = 100

/** For a registry that returns one record, whose `subject` is the identifier in the query. */
export function askedSingly<Of extends Shape>({
  pathOf,
  ...declared
}: Declared<Of> & { pathOf(key: string): string[] }): Lookup<z.output<z.ZodObject<Of>>> {
  const { record: shape, ...known } = declared
  const record = z.object(shape)
  const answer = z.looseObject({ subject: z.string() })
  return {
    ...known,
    maxAtOnce: 1,
    fields: Object.keys(shape),
    messageFor: ([key = ''], { vehicle }) => ({
      method: 'GET',
      path: pathOf(key),
      ...(vehicle !== undefined && { query: { vehicle } }),
    }),
    read(body, [key = '']) {
      if (answer.parse(body).subject !== key)
        throw new Error('the record must be of whom was asked for; it is of another')
      return new Map([[key, record.parse(body)]])
    },
  }
}

export const maxInRecord = 1000
/** The registry may add values at any time. Unknown ones become OTHER. */
export const kindOf = <Kind extends string>(kinds: Record<string, Kind> & { OTHER: Kind }) =>
  z.string().transform((text): Kind => Object.values(kinds).find((kind) => kind === text) ?? kinds.OTHER)
export const some = <Item extends z.ZodType>(item: Item) => z.array(item).max(maxInRecord)
export const text = z.string().max(500)
export const amount = z.string().regex(/^\d{1,12}(\.\d{1,4})?$/)
export const currency = z.string().regex(/^[A-Z]{3}$/)
export const day = z.iso.date()
export const minute = 60_000
export const hour = 60 * minute
