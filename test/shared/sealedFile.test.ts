import { randomBytes } from 'node:crypto'
import { v7 } from 'uuid'
import { describe, expect, it } from 'vitest'
import { FileChanged, openedFile, sealedFile } from '../../src/platform/sealedFile.js'
import { long } from '../support/long.js'

const key = { party: v7(), secret: randomBytes(32) }
const place = { table: 'uploads', column: 'file', row: v7() }
const piece = 65_536
const [head, sealedPiece] = [33, piece + 16]

/** As a network cuts it. */
async function* cut(bytes: Buffer, length = 10_007) {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}
async function whole(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = []
  for await (const chunk of chunks) all.push(chunk)
  return Buffer.concat(all)
}
const seal = (bytes: Buffer, length?: number) => whole(sealedFile(cut(bytes, length), key, place))
const open = (sealed: Buffer, length?: number, at = place, by = key) => whole(openedFile(cut(sealed, length), by, at))

describe('sealedFile and openedFile', () => {
  it.each([0, 1, piece - 1, piece, piece + 1, 3 * piece, 200_000])(
    'return a file of %d bytes unchanged',
    async (size) => {
      const bytes = randomBytes(size)
      for (const length of long ? [size || 1, 1000, 70_000] : [9_000]) {
        const sealed = await seal(bytes, length)
        expect(sealed.length).toBe(head + size + 16 * Math.max(1, Math.ceil(size / piece)))
        expect((await open(sealed, length)).equals(bytes)).toBe(true)
      }
    },
  )

  it('seal the same file differently each time, and unreadably', async () => {
    const bytes = Buffer.alloc(piece, 'a word that would be seen ')
    const [one, other] = [await seal(bytes), await seal(bytes)]
    expect(one.subarray(head).equals(other.subarray(head))).toBe(false)
    expect(one.includes('a word')).toBe(false)
  })

  const bytes = randomBytes(3 * piece + 5)
  const pieces = (sealed: Buffer) =>
    [0, 1, 2, 3].map((at) => sealed.subarray(head + at * sealedPiece, head + (at + 1) * sealedPiece))
  const changes: Record<string, (sealed: Buffer) => Buffer> = {
    'a changed bit': (sealed) => {
      sealed[head + 100]! ^= 1
      return sealed
    },
    'a changed salt': (sealed) => {
      sealed[5]! ^= 1
      return sealed
    },
    'another version': (sealed) => {
      sealed[0] = 2
      return sealed
    },
    'a missing end': (sealed) => sealed.subarray(0, -3),
    'a missing last piece': (sealed) => sealed.subarray(0, head + 3 * sealedPiece),
    'no pieces': (sealed) => sealed.subarray(0, head),
    'a part of its header alone': (sealed) => sealed.subarray(0, 20),
    'no bytes': () => Buffer.alloc(0),
    'added bytes': (sealed) => Buffer.concat([sealed, Buffer.alloc(40)]),
    'its last piece twice': (sealed) => Buffer.concat([sealed, pieces(sealed)[3]!]),
    'two exchanged pieces': (sealed) => {
      const [first, second, third, last] = pieces(sealed) as [Buffer, Buffer, Buffer, Buffer]
      return Buffer.concat([sealed.subarray(0, head), second, first, third, last])
    },
    'a missing piece': (sealed) => {
      const [first, , third, last] = pieces(sealed) as [Buffer, Buffer, Buffer, Buffer]
      return Buffer.concat([sealed.subarray(0, head), first, third, last])
    },
  }
  it.each(Object.entries(changes))('refuse a file with %s', async (_how, change) => {
    await expect(open(change(await seal(bytes)))).rejects.toThrow(FileChanged)
  })

  it('refuse a file in another place or of another party', async () => {
    const sealed = await seal(bytes)
    for (const other of [{ row: v7() }, { column: 'quarantine' }, { table: 'other' }])
      await expect(open(sealed, undefined, { ...place, ...other })).rejects.toThrow(FileChanged)
    await expect(open(sealed, undefined, place, { ...key, secret: randomBytes(32) })).rejects.toThrow(FileChanged)
  })

  it('close the source when the reader leaves and when the file is refused', async () => {
    let closed = 0
    async function* source(change = (sealed: Buffer) => sealed) {
      try {
        yield* cut(change(await seal(bytes)))
      } finally {
        closed++
      }
    }
    for await (const _chunk of openedFile(source(), key, place)) break
    expect(closed).toBe(1)
    for (const how of ['another version', 'a changed bit'])
      await expect(whole(openedFile(source(changes[how]), key, place))).rejects.toThrow(FileChanged)
    expect(closed).toBe(3)
  })
})
