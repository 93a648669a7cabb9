import { randomBytes } from 'node:crypto'
import { type SQL, sql } from 'drizzle-orm'
import { type Bytes, bytesIn, textOf } from './bytes.js'
import type { Decode } from './statement.js'

// What PostgreSQL cannot compute, it leaves open in its text: a row tells what it is computed from, and a placeholder
// stands for each value. No value of a client can be taken for one, because nobody knows the mark.
const mark = randomBytes(16).toString('base64url')
/** The name under which the row of a place comes first in its object. */
const nameOfRow = (place: number) => `${mark}${place}`
/** Comes after the row, so that its end is found without reading it. */
const nameOfEnd = `${mark}!`
const end = `,"${nameOfEnd}":null,`
const misfit = `${mark}?`

/** Stands for a value that the schema does not allow, such as a null: graphql must answer the whole operation. */
export const misfitJson = sql.raw(`'"${misfit}"'::json`)
export const misfitText = sql.raw(`'${misfit}'`)

export const placeholderText = (place: number, field: number): SQL => sql.raw(`'${mark}${place}.${field}'`)
export const rowColumns = (place: number, row: SQL): [name: string, value: SQL][] => [
  [nameOfRow(place), sql`(${row})`],
  [nameOfEnd, sql`null`],
]

export const hasPlaceholders = (text: Bytes): boolean => text.includes(mark)

/** A text taken apart at its placeholders. */
export interface OpenText {
  pieces: (Bytes | Placeholder)[]
  /** The rows of each place, in the order of the text. */
  rows: any[][]
}
export interface Placeholder {
  place: number
  /** Which of the rows of its place. */
  row: number
  field: number
}

/** Undefined if the text has a value that does not fit the schema. */
export function taken(text: Bytes, decoders: readonly (Decode | undefined)[]): OpenText | undefined {
  const pieces: OpenText['pieces'] = []
  const rows: any[][] = decoders.map(() => [])
  let done = 0
  for (let found = text.indexOf(mark); found >= 0; found = text.indexOf(mark, done)) {
    pieces.push(text.slice(done, found - 1) as Bytes)
    const place = Number.parseInt(text.slice(found + mark.length, found + mark.length + 4), 10)
    if (Number.isNaN(place)) return undefined
    const after = found + mark.length + String(place).length
    if (text[after] === '.') {
      const closing = text.indexOf('"', after)
      pieces.push({ place, row: Math.max(0, rows[place]!.length - 1), field: Number(text.slice(after + 1, closing)) })
      done = closing + 1
    } else {
      const closing = text.indexOf(end, after)
      const row = JSON.parse(textOf(text.slice(after + 2, closing) as Bytes))
      rows[place]!.push(decoders[place]?.(row) ?? row)
      done = closing + end.length
    }
  }
  pieces.push(text.slice(done) as Bytes)
  return { pieces, rows }
}

export const filled = ({ pieces }: OpenText, valueAt: (placeholder: Placeholder) => unknown): Bytes =>
  pieces.map((piece) => (typeof piece === 'string' ? piece : bytesIn(JSON.stringify(valueAt(piece))))).join('') as Bytes

/** Where the rows of a place lie in the answer: found only to say where an error is. */
export function pathsOf(text: Bytes, place: number): (string | number)[][] {
  const paths: (string | number)[][] = []
  const walk = (value: unknown, path: (string | number)[]): void => {
    if (typeof value !== 'object' || value === null) return
    if (nameOfRow(place) in value) paths.push(path)
    for (const [name, inner] of Object.entries(value))
      if (!name.startsWith(mark)) walk(inner, [...path, Array.isArray(value) ? Number(name) : name])
  }
  walk(JSON.parse(textOf(text)).data, [])
  return paths
}
