/** A DER value: its tag and content. */
export interface Element {
  tag: number
  content: Buffer
  /** Including tag and length. */
  whole: Buffer
}

export const tags = { boolean: 0x01, integer: 0x02, bitString: 0x03, utcTime: 0x17, time: 0x18, sequence: 0x30 }

/** The sequence of values. Throws if it is not DER. */
export function* elementsIn(bytes: Buffer): Generator<Element, void, undefined> {
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at] as number // there is one
    if ((tag & 0x1f) === 0x1f) throw new Error('a DER tag must have one byte; this one is longer')
    const { length, start } = lengthAt(bytes, at + 1)
    const end = start + length
    if (end > bytes.length) throw new Error(`a DER value must have ${length} bytes; it has ${bytes.length - start}`)
    yield { tag, content: bytes.subarray(start, end), whole: bytes.subarray(at, end) }
    at = end
  }
}

/** In the fewest bytes, so that the encoding is unique. */
function lengthAt(bytes: Buffer, at: number): { length: number; start: number } {
  const first = bytes[at]
  if (first === undefined) throw new Error('a DER value must have a length; it ends before')
  if (first < 0x80) return { length: first, start: at + 1 }
  const count = first & 0x7f
  if (count < 1 || count > 4 || at + 1 + count > bytes.length)
    throw new Error(`a DER length must have 1 to 4 bytes; this one has ${count}, or is cut off`)
  const length = bytes.readUIntBE(at + 1, count)
  if (length < 0x80 || length < 2 ** (8 * (count - 1)))
    throw new Error('a DER length must have as few bytes as possible; this one has more')
  return { length, start: at + 1 + count }
}
