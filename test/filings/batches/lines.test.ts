import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { batchLimits } from '../../../src/filings/batches/filingBatch.rules.js'
import { chunksOf, linesIn, type RawLine } from '../../../src/filings/batches/lines.js'

const small = { ...batchLimits, bytesOfLine: 20 }

async function* inPieces(bytes: Buffer, length: number) {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}
async function linesOf(file: string | Buffer, { piece = 3, limits = small } = {}) {
  const lines: (string | undefined)[] = []
  for await (const some of linesIn(inPieces(Buffer.from(file), piece), limits))
    lines.push(...some.map((line) => line?.toString()))
  return lines
}
async function* several(...all: RawLine[][]) {
  yield* all
}

describe('linesIn', () => {
  it.each<[string, string | Buffer, (string | undefined)[]]>([
    ['lines', 'a\nbc\n', ['a', 'bc']],
    ['a last line without an end', 'a\nbc', ['a', 'bc']],
    ['CRLF', 'a\r\nbc\r\n', ['a', 'bc']],
    ['a byte order mark before the first line alone', '\ufeffa\n\ufeffb\n', ['a', '\ufeffb']],
    ['an empty line', 'a\n\n\r\nb\n', ['a', '', '', 'b']],
    ['a line that is too long', `a\n${'x'.repeat(21)}\nb\n`, ['a', undefined, 'b']],
    ['a last line that is too long', `a\n${'x'.repeat(21)}`, ['a', undefined]],
    ['the longest line', `${'x'.repeat(20)}\n`, ['x'.repeat(20)]],
    ['gzip', gzipSync('a\nbc\n'), ['a', 'bc']],
    ['two gzip members', Buffer.concat([gzipSync('a\nb'), gzipSync('c\n')]), ['a', 'bc']],
    ['an empty gzip', gzipSync(''), []],
  ])('reads %s, in pieces of any length', async (_what, file, lines) => {
    for (const piece of [3, 7, 1_000]) expect(await linesOf(file, { piece })).toEqual(lines)
  })

  it.each([
    ['a file of too many lines', 'a\n'.repeat(4), { lines: 3 }, 'filing_batch.too_many_lines'],
    ['a bomb of gzip', gzipSync(Buffer.alloc(1_000_000)), { bytes: 100_000 }, 'filing_batch.unpacks_too_large'],
    ['a gzip that is cut off', gzipSync('a line of the file').subarray(0, -6), {}, 'filing_batch.damaged'],
    ['a gzip with a changed byte', changed(gzipSync('a\nb\n'.repeat(9))), {}, 'filing_batch.damaged'],
  ])('stops %s', async (_what, file, limits, reason) => {
    await expect(linesOf(file, { piece: 64, limits: { ...batchLimits, ...limits } })).rejects.toMatchObject({ reason })
  })
})

function changed(bytes: Buffer): Buffer {
  const place = bytes.length - 7 // in the checksum
  bytes[place] = (bytes[place] as number) ^ 1
  return bytes
}

describe('chunksOf', () => {
  const lines = (many: number, length = 1) => Array.from({ length: many }, () => Buffer.alloc(length))
  it.each<[string, RawLine[][], number, [number, number][]]>([
    [
      '500 lines at once',
      [lines(400), lines(700)],
      0,
      [
        [0, 500],
        [500, 500],
        [1000, 100],
      ],
    ],
    [
      'the lines after those that are done',
      [lines(400), lines(700)],
      450,
      [
        [450, 500],
        [950, 150],
      ],
    ],
    [
      'fewer lines if they are long',
      [lines(20, 250_000)],
      0,
      [
        [0, 17],
        [17, 3],
      ],
    ],
    ['nothing of a file that is done', [lines(3)], 3, []],
  ])('gives %s', async (_what, read, skip, expected) => {
    const chunks: [number, number][] = []
    for await (const { before, lines } of chunksOf(several(...read), skip)) chunks.push([before, lines.length])
    expect(chunks).toEqual(expected)
  })
})
