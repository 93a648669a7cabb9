import { sql } from 'drizzle-orm'
import type { Transaction } from '../platform/seeding.js'
import { compact } from './identifiers/reading.js'
import { legalDate } from './time.js'

/**
 * ISO 7064, MOD 37,36: the check character of digits and capitals. It detects each wrong character, and nearly all
 * transpositions.
 */
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'

export function checkCharacterOf(text: string): string {
  let product = 36
  for (const character of text) {
    const value = alphabet.indexOf(character)
    if (value < 0) throw new Error(`a number consists of digits and capitals; got "${character}"`)
    product = (((product + value) % 36 || 36) * 2) % 37
  }
  return alphabet[(37 - product) % 36] as string // between 0 and 35
}

/** A human-readable number: series, year, serial, and check character: "M26-0000123-K". */
export function numberOf(kind: string, year: number, serial: bigint | number): string {
  const [head, body] = [`${kind}${String(year).slice(-2)}`, String(serial).padStart(7, '0')]
  return `${head}-${body}-${checkCharacterOf(head + body)}`
}

/** The number of a serial that was drawn at that time. */
export const numberAt = (kind: string, at: Date, serial: string): string =>
  numberOf(kind, Number(legalDate(at).slice(0, 4)), BigInt(serial))

/** The next serials of sequences: those of all in one statement. A serial may stay unused. */
export async function nextSerials<Sequence extends string>(
  reading: Pick<Transaction, 'execute'>,
  sequences: readonly Sequence[],
  count: number,
): Promise<Record<Sequence, string>[]> {
  const drawn = sequences.map((sequence) => sql`nextval(${sequence}) as ${sql.identifier(sequence)}`)
  return await reading.execute<Record<Sequence, string>>(
    sql`select ${sql.join(drawn, sql`, `)} from generate_series(1, ${count}::int)`,
  )
}

/** The next numbers of a sequence. A number may stay unused. */
export async function nextNumbers(
  reading: Pick<Transaction, 'execute'>,
  sequence: string,
  { kind, at, count = 1 }: { kind: string; at: Date; count?: number },
): Promise<[string, ...string[]]> {
  const serials = await nextSerials(reading, [sequence], count)
  // The casts: one for each row, each with that column.
  return serials.map((drawn) => numberAt(kind, at, drawn[sequence] as string)) as [string, ...string[]]
}

/** Normalizes a typed number. Undefined if the check character is wrong. */
export function readNumber(text: string): string | undefined {
  const parts = /^([A-Z]{1,3}\d\d)(\d{7,12})([0-9A-Z])$/.exec(compact(text))
  if (!parts) return undefined
  const [, head = '', body = '', check] = parts
  return checkCharacterOf(head + body) === check ? `${head}-${body}-${check}` : undefined
}
