import { z } from 'zod'
import type { Message } from '../../shared/exchange.js'

/** Whom a registry is asked about, as the world calls them. */
export interface Subject {
  fin?: string
  voen?: string
  /** The issuing country and the number of a document, "UTO:X0000000". */
  document?: string
}

/** How one registry is asked, and what it says. */
export interface Lookup<Held extends object = object> {
  /** Its code in the catalogue of agencies. */
  registry: string
  /** The code of its service at the exchange. */
  service: string
  /** Of its record, all that a ground of law may allow or leave out. */
  fields: readonly string[]
  /** Milliseconds that an answer is shown again without asking; 0: it is not kept. */
  freshFor: number
  /** How many subjects one message may ask about. */
  mostAtOnce: number
  /** By what it knows them; undefined where it knows nobody of that kind. */
  keyOf(subject: Subject): string | undefined
  messageFor(keys: readonly string[], narrowed: Narrowed): Pick<Message, 'method' | 'path' | 'query' | 'body'>
  /** By key what is held; throws where that is no answer to what was asked. One record that is none spoils no other. */
  read(body: unknown, keys: readonly string[]): Map<string, Held | typeof unreadable>
}
/** A part of what a registry holds of them. Such an answer is not kept. */
export interface Narrowed {
  vehicle?: string
}

/** In the place of a record that is not as the registry's records are. */
export const unreadable = Symbol('unreadable')

type Shape = Record<string, z.ZodType>
interface Declared<Of extends Shape> {
  registry: string
  service: string
  freshFor: number
  /** Of a record. What the registry says beyond it is passed over. It is kept as it was read: a part added later may be null. */
  record: Of
  keyOf(subject: Subject): string | undefined
}

/** For a registry that answers about many at once: a list of records, each with the identifier that was asked. */
export function askedTogether<Of extends Shape>({
  by,
  list,
  ...declared
}: Declared<Of> & {
  /** The identifier, as a record names it; a message has it in the plural. */
  by: string
  list: string
}): Lookup<z.output<z.ZodObject<Of>>> {
  const { record: shape, ...known } = declared
  const record = z.object(shape)
  const answer = z.object({ [list]: z.array(z.looseObject({ [by]: z.string() })).max(mostAtOnce) })
  return {
    ...known,
    mostAtOnce,
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
const mostAtOnce = 100

/** For a registry that answers about one: a record, with the identifier that was asked as its `subject`. */
export function askedSingly<Of extends Shape>({
  pathOf,
  ...declared
}: Declared<Of> & { pathOf(key: string): string[] }): Lookup<z.output<z.ZodObject<Of>>> {
  const { record: shape, ...known } = declared
  const record = z.object(shape)
  const answer = z.looseObject({ subject: z.string() })
  return {
    ...known,
    mostAtOnce: 1,
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

export const mostInRecord = 1000
/** A value that the registry may add to at any time: what is not known here is OTHER. */
export const kindOf = <Kind extends string>(kinds: Record<string, Kind> & { OTHER: Kind }) =>
  z.string().transform((text): Kind => Object.values(kinds).find((kind) => kind === text) ?? kinds.OTHER)
export const some = <Item extends z.ZodType>(item: Item) => z.array(item).max(mostInRecord)
export const text = z.string().max(500)
export const amount = z.string().regex(/^\d{1,12}(\.\d{1,4})?$/)
export const currency = z.string().regex(/^[A-Z]{3}$/)
export const day = z.iso.date()
export const minute = 60_000
export const hour = 60 * minute
