import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { associated, type PartyKey, type Place } from './personal.js'

// Layout: version, salt, then pieces of a fixed length, each encrypted separately and followed by its tag. The last
// piece may be shorter. A nonce counts and marks the last piece, so a moved, missing, truncated or added piece fails.
const version = 1
const saltLength = 32
const pieceLength = 65_536
const tagLength = 16

type Chunks = AsyncIterable<Buffer>

/** Uses a key of the file's own, derived from the party's: random nonces could collide in that many pieces. */
export async function* encryptFile(chunks: Chunks, { secret }: PartyKey, place: Place): AsyncGenerator<Buffer> {
  const salt = randomBytes(saltLength)
  const key = keyOf(secret, salt)
  yield Buffer.concat([Buffer.of(version), salt])
  for await (const { piece, nonce } of piecesOf(chunks, pieceLength)) {
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(associated(place))
    yield Buffer.concat([cipher.update(piece), cipher.final(), cipher.getAuthTag()])
  }
}

/**
 * Decrypts as the bytes arrive. Throws `FileChanged` if anything differs, possibly only at the end; the bytes before
 * that are correct but incomplete.
 */
export async function* decryptFile(chunks: Chunks, { secret }: PartyKey, place: Place): AsyncGenerator<Buffer> {
  const iterator = chunks[Symbol.asyncIterator]()
  try {
    const [head, rest] = await headOf(iterator, 1 + saltLength)
    if (head.length <= saltLength || head[0] !== version) throw new FileChanged(place)
    const key = keyOf(secret, head.subarray(1))
    for await (const { piece, nonce } of piecesOf(behind(rest, iterator), pieceLength + tagLength)) {
      if (piece.length < tagLength) throw new FileChanged(place)
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagLength })
      decipher.setAAD(associated(place)).setAuthTag(piece.subarray(-tagLength))
      yield decrypted(decipher, piece.subarray(0, -tagLength), place)
    }
  } finally {
    await iterator.return?.()
  }
}

export class FileChanged extends Error {
  constructor({ table, column, row }: Place) {
    super(
      `the file ${table}.${column} of ${row} cannot be decrypted: it was encrypted for another place or with another key`,
    )
  }
}

function decrypted(decipher: ReturnType<typeof createDecipheriv>, piece: Buffer, place: Place): Buffer {
  try {
    return Buffer.concat([decipher.update(piece), decipher.final()])
  } catch {
    throw new FileChanged(place)
  }
}

const keyOf = (secret: Buffer, salt: Buffer) => Buffer.from(hkdfSync('sha256', secret, salt, 'pencere file', 32))

/** All pieces have the full length except the last, which always exists: for an empty file it is empty. */
async function* piecesOf(chunks: Chunks, length: number): AsyncGenerator<{ piece: Buffer; nonce: Buffer }> {
  let count = 0
  const next = (piece: Buffer, isLast: boolean) => ({ piece, nonce: nonceOf(count++, isLast) })
  let rest = Buffer.alloc(0)
  for await (const chunk of chunks) {
    rest = Buffer.concat([rest, chunk])
    // A full piece at the end of the input may be the last.
    while (rest.length > length) {
      yield next(rest.subarray(0, length), false)
      rest = rest.subarray(length)
    }
  }
  yield next(rest, true)
}

function nonceOf(count: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12)
  nonce.writeUInt32BE(count, 7)
  nonce[11] = isLast ? 1 : 0
  return nonce
}

/** Returns that many bytes, or all there are, and the rest of the last chunk. */
async function headOf(iterator: AsyncIterator<Buffer>, length: number): Promise<[head: Buffer, rest: Buffer]> {
  let come = Buffer.alloc(0)
  while (come.length < length) {
    const { done, value } = await iterator.next()
    if (done) break
    come = Buffer.concat([come, value])
  }
  return [come.subarray(0, length), come.subarray(length)]
}

async function* behind(first: Buffer, iterator: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value
}
