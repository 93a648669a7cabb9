import { compact } from './identifiers/reading.js'

/** ISO 7064, MOD 37,36: the check character of digits and capitals. It finds each wrong character, and nearly all that changed places. */
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'

export function checkCharacterOf(text: string): string {
  let product = 36
  for (const character of text) {
    const value = alphabet.indexOf(character)
    if (value < 0) throw new Error(`digits and capitals are required; "${character}" came`)
    product = (((product + value) % 36 || 36) * 2) % 37
  }
  return alphabet[(37 - product) % 36] as string // of 0 to 35
}

/** A number for people: what it numbers, the year, a serial, and the check character: "M26-0000123-K". */
export function numberOf(kind: string, year: number, serial: bigint | number): string {
  const [head, body] = [`${kind}${String(year).slice(-2)}`, String(serial).padStart(7, '0')]
  return `${head}-${body}-${checkCharacterOf(head + body)}`
}

/** As it is kept, whatever it was typed like; undefined where the check character is wrong. */
export function readNumber(text: string): string | undefined {
  const parts = /^([A-Z]{1,3}\d\d)(\d{7,12})([0-9A-Z])$/.exec(compact(text))
  if (!parts) return undefined
  const [, head = '', body = '', check] = parts
  return checkCharacterOf(head + body) === check ? `${head}-${body}-${check}` : undefined
}
