import { inflateSync } from 'node:zlib'
import { maxIn, type RefusalReason } from './upload.reasons.js'

// Readers find an object wherever the file says it is, even inside another. So this searches all bytes, and all that object streams
// unpack to, for names: whatever is active in a PDF has a name. An attacker controls every byte, so what cannot be parsed is refused,
// and nothing costs more than a few passes.

/** Names that make a PDF run code, reach outside or embed files. Unlikely to occur in random bytes. */
const active = [
  'JavaScript',
  'Launch',
  'EmbeddedFile',
  'EmbeddedFiles',
  'FileAttachment',
  'RichMedia',
  'Rendition',
  'ImportData',
  'OnInstantiate',
  'XFA',
  'GoToR', // to another file, also on a network path
  'GoToE',
  'SubmitForm',
  'Movie',
  '3DD', // which every 3D annotation must have
]
/** Bytes that the object streams of a file may unpack to. */
const maxUnpacked = 64 * 1024 * 1024

export function inspectPdf(bytes: Buffer): RefusalReason | undefined {
  const raw = bytes.toString('latin1')
  const text = withPlainNames(raw)
  if (!text.includes('startxref') || !text.includes('%%EOF')) return 'upload.unreadable'
  if (holdsName(text, 'Encrypt')) return 'upload.encrypted'
  const unpacked = unpackedObjects(raw, bytes)
  if (!unpacked) return 'upload.unreadable'
  const texts = [text, ...unpacked.objects.map(withPlainNames)]
  if (active.some((name) => texts.some((text) => holdsName(text, name)))) return 'upload.active'
  if (texts.some(holds3d) || unpacked.callsOut || opensAddress(texts, unpacked.objects)) return 'upload.active'
  const pages = texts.reduce((count, text) => count + pagesIn(text), 0)
  if (pages === 0) return 'upload.unreadable'
  return pages > maxIn.pages ? 'upload.too_many_pages' : undefined
}

/** A name may escape any character as # and two digits. Works byte by byte, because a small file can contain twenty million. */
function withPlainNames(text: string): string {
  if (!text.includes('#')) return text
  const bytes = Buffer.from(text, 'latin1')
  let length = 0
  for (let at = 0; at < bytes.length; at++) {
    const written = bytes[at] === 0x23 ? 16 * digitOf(bytes[at + 1]) + digitOf(bytes[at + 2]) : Number.NaN
    if (!Number.isNaN(written)) at += 2
    bytes[length++] = Number.isNaN(written) ? (bytes[at] as number) : written // within its length
  }
  return bytes.toString('latin1', 0, length)
}

/** The value of a hexadecimal digit, or NaN. */
function digitOf(byte = 0): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const small = byte | 0x20
  return small >= 0x61 && small <= 0x66 ? small - 0x57 : Number.NaN
}

const regular = /[^\0\t\n\f\r ()<>[\]{}/%]/
function holdsName(text: string, name: string): boolean {
  const written = `/${name}`
  for (let at = text.indexOf(written); at >= 0; at = text.indexOf(written, at + 1))
    if (!regular.test(text.charAt(at + written.length))) return true
  return false
}

const holds3d = (text: string) => valuesOf(text, 'Subtype').some((at) => text.startsWith('/3D', at))

/** The positions where the values of a key begin. */
function valuesOf(text: string, key: string): number[] {
  const found: number[] = []
  const written = `/${key}`
  for (let at = text.indexOf(written); at >= 0; at = text.indexOf(written, at + 1))
    if (!regular.test(text.charAt(at + written.length))) found.push(afterSpace(text, at + written.length))
  return found
}

/** A document has one, and one more for each revision. Each costs a pass. */
const maxOpened = 8

/** Whether a URL may be opened without a click, when the document opens or on another event. */
function opensAddress(texts: readonly string[], packed: readonly string[]): boolean {
  // A mere link requires a click.
  if (!texts.some((text) => holdsName(text, 'URI'))) return false
  const opened = texts.flatMap((text) => valuesOf(text, 'OpenAction').map((at) => ({ text, at })))
  return (
    opened.length > maxOpened ||
    opened.some(({ text, at }) => !onlyShowsPage(texts, packed, text, at)) ||
    texts.some((text) => valuesOf(text, 'AA').some((at) => text.startsWith('<<', at) || /\d/.test(text.charAt(at))))
  )
}

/** Whether the value only goes to a page of the document, directly or by a reference that can be resolved. */
function onlyShowsPage(texts: readonly string[], packed: readonly string[], text: string, at: number): boolean {
  if (text[at] === '[') return true
  if (text.startsWith('<<', at)) {
    const { dictionary } = dictionaryAt(text, at)
    return holdsName(dictionary, 'GoTo') && !holdsName(dictionary, 'Next') && !holdsName(dictionary, 'URI')
  }
  const [, number, generation] = /^(\d{1,10})[\0\s]+(\d{1,5})[\0\s]+R/.exec(text.slice(at, at + 40)) ?? []
  if (number === undefined || packed.some((objects) => numbersIn(objects).includes(number))) return false
  const definition = new RegExp(`(?<!\\d)${number}[\\0\\s]+${generation}[\\0\\s]+obj`, 'g')
  const places = texts.flatMap((text) =>
    [...text.matchAll(definition)].map(({ 0: { length }, index }) => ({ text, at: afterSpace(text, index + length) })),
  )
  const isReference = ({ text, at }: (typeof places)[number]) => /\d/.test(text.charAt(at))
  return (
    places.length > 0 &&
    places.every((place) => !isReference(place) && onlyShowsPage(texts, packed, place.text, place.at))
  )
}

/** The object numbers at the beginning of an object stream, each before its offset. */
const numbersIn = (objects: string): string[] =>
  (/^[\d\s]*/.exec(objects)?.[0] ?? '').split(/\s+/).filter((_, at) => at % 2 === 0)

const pagesIn = (text: string) => text.match(/\/Type\s{0,20}\/Page(?![A-Za-z])/g)?.length ?? 0

interface Unpacked {
  objects: string[]
  /** A stream takes its bytes from another file or an address. */
  callsOut: boolean
}
/** The contents of object streams. Undefined if one cannot be unpacked, or uses an unusual encoding. */
function unpackedObjects(text: string, bytes: Buffer): Unpacked | undefined {
  const unpacked: Unpacked = { objects: [], callsOut: false }
  let left = maxUnpacked
  // In a normal file, each object occurs once, and compressed data belong to one object.
  let toRead = 4 * text.length + 1_000_000
  let toUnpack = text.length
  for (let at = text.indexOf('obj'); at >= 0; at = text.indexOf('obj', at + 3)) {
    const { dictionary, end } = dictionaryAt(text, at + 3)
    const behind = afterSpace(text, end)
    toRead -= behind - at
    if (toRead < 0) return undefined
    const begins = beginningOfData(text, behind)
    if (begins === undefined) continue
    if (holdsName(topLevelOf(dictionary), 'F')) unpacked.callsOut = true
    if (!mayHoldObjects(dictionary)) continue
    if (!holdsName(dictionary, 'Filter')) continue // it is searched uncompressed
    const found = isPackedAsUsual(dictionary) && inflated(bytes.subarray(begins), left)
    if (!found) return undefined
    left -= found.objects.length
    toUnpack -= found.packedLength
    if (toUnpack < 0) return undefined
    unpacked.objects.push(found.objects.toString('latin1'))
  }
  return unpacked
}

/** A dictionary without those inside it. */
function topLevelOf(dictionary: string): string {
  let depth = 0
  return dictionary
    .split(/(<<|>>)/)
    .filter((part) => {
      if (part === '<<') depth++
      else if (part === '>>') depth--
      return depth === 1
    })
    .join('')
}

/** Some readers ignore its type, but each must know where its first object begins. */
const mayHoldObjects = (dictionary: string) => holdsName(dictionary, 'ObjStm') || holdsName(dictionary, 'First')

/** One filter, named once: of two, some readers use the first and others the last. */
const isPackedAsUsual = (dictionary: string) =>
  dictionary.split('/Filter').length === 2 &&
  /\/Filter\s{0,20}(?:\/FlateDecode(?![A-Za-z])|\[\s{0,20}\/FlateDecode\s{0,20}\])/.test(dictionary) &&
  !holdsName(dictionary, 'DecodeParms') &&
  !holdsName(dictionary, 'DP')

/** The dictionary at a position, without the contents of its strings, and its end. */
function dictionaryAt(text: string, from: number): { dictionary: string; end: number } {
  let at = afterSpace(text, from)
  if (!text.startsWith('<<', at)) return { dictionary: '', end: at }
  const parts: string[] = []
  let depth = 0
  for (let kept = at; at < text.length; ) {
    const sign = text[at]
    const next = text[at + 1]
    if (sign === '(' || sign === '%' || (sign === '<' && next !== '<')) {
      parts.push(text.slice(kept, at))
      at = sign === '(' ? afterString(text, at) : after(text, sign === '%' ? /[\r\n]/g : />/g, at + 1)
      kept = at
    } else if (sign === '<' || (sign === '>' && next === '>')) {
      depth += sign === '<' ? 1 : -1
      at += 2
      if (depth === 0) {
        parts.push(text.slice(kept, at))
        break
      }
    } else at++
  }
  return { dictionary: withPlainNames(parts.join(' ')), end: at }
}

function afterSpace(text: string, from: number): number {
  let at = from
  for (;;) {
    at = after(text, /[^\0\t\n\f\r ]/g, at, 0)
    if (text[at] !== '%') return at
    at = after(text, /[\r\n]/g, at)
  }
}

function after(text: string, sign: RegExp, from: number, beyond = 1): number {
  sign.lastIndex = from
  const found = sign.exec(text)
  return found ? found.index + beyond : text.length
}

/** Balanced or escaped parentheses belong to the string. */
function afterString(text: string, from: number): number {
  let depth = 0
  for (let at = from; at < text.length; at++) {
    const sign = text[at]
    if (sign === '\\') at++
    else if (sign === '(') depth++
    else if (sign === ')' && --depth === 0) return at + 1
  }
  return text.length
}

/** The position after the keyword and its line end. Undefined if no data follow. */
function beginningOfData(text: string, at: number): number | undefined {
  if (!text.startsWith('stream', at)) return undefined
  const behind = at + 'stream'.length
  return behind + (text.startsWith('\r\n', behind) ? 2 : /[\r\n]/.test(text.charAt(behind)) ? 1 : 0)
}

function inflated(bytes: Buffer, most: number): { objects: Buffer; packedLength: number } | undefined {
  try {
    // The cast: with `info` it returns both, which the types lack.
    const { buffer, engine } = inflateSync(bytes, { maxOutputLength: Math.max(1, most), info: true }) as unknown as Info
    return { objects: buffer, packedLength: engine.bytesWritten }
  } catch {
    return undefined // malformed or too large
  }
}
interface Info {
  buffer: Buffer
  engine: { bytesWritten: number }
}
