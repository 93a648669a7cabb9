import { randomBytes } from 'node:crypto'
import { v7 } from 'uuid'
import { describe, expect, it } from 'vitest'
import { decryptFile, encryptFile, FileChanged } from '../../src/platform/encryptedFile.js'
import { long } from '../support/long.js'

const key = { party: v7(), secret: randomBytes(32) }
const place = { table: 'uploads', column: 'file', row: v7() }
const piece = 65_536
const [head, encryptedPiece] = [33, piece + 16]

/** As a network cuts it. */
async function* cut(bytes: Buffer, length = 10_007) {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}
async function whole(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = []
  for await (const chunk of chunks) all.push(chunk)
  return Buffer.concat(all)
}
const encrypt = (bytes: Buffer, length?: number) => whole(encryptFile(cut(bytes, length), key, place))
const open = (encrypted: Buffer, length?: number, at = place, by = key) =>
  whole(decryptFile(cut(encrypted, length), by, at))

describe('encryptFile and decryptFile', () => {
  it.each([0, 1, piece - 1, piece, piece + 1, 3 * piece, 200_000])(
    'return a file of %d bytes unchanged',
    async (size) => {
      const bytes = randomBytes(size)
      for (const length of long ? [size || 1, 1000, 70_000] : [9_000]) {
        const encrypted = await encrypt(bytes, length)
        expect(encrypted.length).toBe(head + size + 16 * Math.max(1, Math.ceil(size / piece)))
        expect((await open(encrypted, length)).equals(bytes)).toBe(true)
      }
    },
  )

  it('encrypt the same file differently each time, and unreadably', async () => {
    const bytes = Buffer.alloc(piece, 'a word that would be seen ')
    const [one, other] = [await encrypt(bytes), await encrypt(bytes)]
    expect(one.subarray(head).equals(other.subarray(head))).toBe(false)
    expect(one.includes('a word')).toBe(false)
  })

  const bytes = randomBytes(3 * piece + 5)
  const pieces = (encrypted: Buffer) =>
    [0, 1, 2, 3].map((at) => encrypted.subarray(head + at * encryptedPiece, head + (at + 1) * encryptedPiece))
  const changes: Record<string, (encrypted: Buffer) => Buffer> = {
    'a changed bit': (encrypted) => {
      encrypted[head + 100]! ^= 1
      return encrypted
    },
    'a changed salt': (encrypted) => {
      encrypted[5]! ^= 1
      return encrypted
    },
    'another version': (encrypted) => {
      encrypted[0] = 2
      return encrypted
    },
    'a missing end': (encrypted) => encrypted.subarray(0, -3),
    'a missing last piece': (encrypted) => encrypted.subarray(0, head + 3 * encryptedPiece),
    'no pieces': (encrypted) => encrypted.subarray(0, head),
    'a part of its header alone': (encrypted) => encrypted.subarray(0, 20),
    'no bytes': () => Buffer.alloc(0),
    'added bytes': (encrypted) => Buffer.concat([encrypted, Buffer.alloc(40)]),
    'its last piece twice': (encrypted) => Buffer.concat([encrypted, pieces(encrypted)[3]!]),
    'two exchanged pieces': (encrypted) => {
      const [first, second, third, last] = pieces(encrypted) as [Buffer, Buffer, Buffer, Buffer]
      return Buffer.concat([encrypted.subarray(0, head), second, first, third, last])
    },
    'a missing piece': (encrypted) => {
      const [first, , third, last] = pieces(encrypted) as [Buffer, Buffer, Buffer, Buffer]
      return Buffer.concat([encrypted.subarray(0, head), first, third, last])
    },
  }
  it.each(Object.entries(changes))('refuse a file with %s', async (_how, change) => {
    await expect(open(change(await encrypt(bytes)))).rejects.toThrow(FileChanged)
  })

  it('refuse a file in another place or of another party', async () => {
    const encrypted = await encrypt(bytes)
    for (const other of [{ row: v7() }, { column: 'quarantine' }, { table: 'other' }])
      await expect(open(encrypted, undefined, { ...place, ...other })).rejects.toThrow(FileChanged)
    await expect(open(encrypted, undefined, place, { ...key, secret: randomBytes(32) })).rejects.toThrow(FileChanged)
  })

  it('close the source when the reader leaves and when the file is refused', async () => {
    let closed = 0
    async function* source(change = (encrypted: Buffer) => encrypted) {
      try {
        yield* cut(change(await encrypt(bytes)))
      } finally {
        closed++
      }
    }
    for await (const _chunk of decryptFile(source(), key, place)) break
    expect(closed).toBe(1)
    for (const how of ['another version', 'a changed bit'])
      await expect(whole(decryptFile(source(changes[how]), key, place))).rejects.toThrow(FileChanged)
    expect(closed).toBe(3)
  })
})
