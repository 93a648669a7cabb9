import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { canonical } from '../../events/canonical.js'
import type { Key } from '../../platform/keyring.js'
import type { accessCheckpoints } from './accessCheckpoint.table.js'

export type Checkpoint = typeof accessCheckpoints.$inferSelect
/** The part of a checkpoint that is hashed together with the digests. */
type Head = Omit<Checkpoint, 'hash' | 'signature'>

/** The predecessor of the first checkpoint. */
export const noCheckpoint = { number: 0n, lastPosition: 0n, hash: Buffer.alloc(32) }

/** Hashes the head of a checkpoint, then the digests of its rows in order, then those of its references. */
export function hashing({ previous, ...head }: Head) {
  const hash = createHash('sha256').update(canonical({ ...head, previous: previous.toString('hex') }))
  return {
    add: (digest: Buffer) => void hash.update(digest),
    end: () => hash.digest(),
  }
}

export function signed(head: Head, digests: readonly Buffer[], key: Key): Checkpoint {
  const hash = hashing(head)
  for (const digest of digests) hash.add(digest)
  const whole = { ...head, hash: hash.end() }
  return { ...whole, signature: sign(null, messageOf(whole), privateKeyOf(key)) }
}

export const isSignedBy = (checkpoint: Checkpoint, key: KeyObject): boolean =>
  verify(null, messageOf(checkpoint), key, checkpoint.signature)
export const publicKeyOf = (key: Key): KeyObject => createPublicKey(privateKeyOf(key))

/** The prefix makes the signature invalid for any other purpose. */
const messageOf = ({ hash }: Pick<Checkpoint, 'hash'>) =>
  Buffer.concat([Buffer.from('pencere access checkpoint '), hash])

/** The PKCS #8 prefix of an Ed25519 key, before its seed. */
const beforeSeed = Buffer.from('302e020100300506032b657004220420', 'hex')
const privateKeyOf = ({ secret }: Key): KeyObject =>
  createPrivateKey({ key: Buffer.concat([beforeSeed, secret]), format: 'der', type: 'pkcs8' })

/** One line of the copy outside the database. Deterministic. */
export const lineOf = (checkpoint: Checkpoint): string =>
  JSON.stringify({
    number: `${checkpoint.number}`,
    firstPosition: `${checkpoint.firstPosition}`,
    lastPosition: `${checkpoint.lastPosition}`,
    createdAt: checkpoint.createdAt.toISOString(),
    previous: checkpoint.previous.toString('hex'),
    hash: checkpoint.hash.toString('hex'),
    keyId: checkpoint.keyId,
    signature: checkpoint.signature.toString('base64'),
  })

/** Longer than any line. */
export const longestLine = 1000

/** The number of the checkpoint in a line. Undefined if the line is none. */
export function numberIn(line: string): bigint | undefined {
  const [, number] = /^\{"number":"([1-9]\d{0,18})",.*\}$/.exec(line) ?? []
  return number === undefined ? undefined : BigInt(number)
}
