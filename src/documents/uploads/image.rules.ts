import { maxIn, type RefusalReason } from './upload.reasons.js'

// Reads only the headers of images: a few bytes can decompress to more memory than a machine has.

export function inspectPng(bytes: Buffer): RefusalReason | undefined {
  // The signature, then chunks: length, type, data, checksum. The first has the size, the last marks the end.
  const isHead = bytes.length >= 33 && bytes.readUInt32BE(8) === 13 && bytes.toString('latin1', 12, 16) === 'IHDR'
  if (!isHead) return 'upload.unreadable'
  for (let at = 8; at + 12 <= bytes.length; at += 12 + bytes.readUInt32BE(at))
    if (bytes.toString('latin1', at + 4, at + 8) === 'IEND')
      return refusalOfSize(bytes.readUInt32BE(16), bytes.readUInt32BE(20))
  return 'upload.unreadable'
}

export function inspectJpeg(bytes: Buffer): RefusalReason | undefined {
  // Segments: FF, marker, length including itself, data. The frame header comes before the first scan.
  let at = 2
  while (at + 9 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] as number // within the buffer, as checked above
    if (marker === 0xff) at++
    else if (isFrame(marker)) return refusalOfSize(bytes.readUInt16BE(at + 7), bytes.readUInt16BE(at + 5))
    else if (marker === startOfScan || marker === endOfImage) break
    else at += 2 + Math.max(2, bytes.readUInt16BE(at + 2))
  }
  return 'upload.unreadable'
}
const [startOfScan, endOfImage] = [0xda, 0xd9]
/** SOF0 to SOF15, except for the tables among them: DHT, JPG, DAC. */
const isFrame = (marker: number) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)

const refusalOfSize = (width: number, height: number): RefusalReason | undefined =>
  width === 0 || height === 0
    ? 'upload.unreadable'
    : width * height > maxIn.pixels
      ? 'upload.too_many_pixels'
      : undefined
