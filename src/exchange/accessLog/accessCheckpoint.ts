import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { canonical } from '../../events/canonical.js'
import type { Key } from '../../platform/keyring.js'
import type { accessCheckpoints } from './accessCheckpoint.table.js'

export type Checkpoint = typeof accessCheckpoints.$inferSelect
/** What is over the digests of its rows, and of what was recorded with it. */
type Head = Omit<Checkpoint, 'hash' | 'signature'>

/** Stands before the first checkpoint. */
export const noCheckpoint = { number: 0n, lastPosition: 0n, hash: Buffer.alloc(32) }

/** Over all that a checkpoint says, then the digests of its rows in their order, then those of what was recorded with it. */
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

/** Begins with words of its own: what this key signs is good for nothing else. */
const messageOf = ({ hash }: Pick<Checkpoint, 'hash'>) =>
  Buffer.concat([Buffer.from('pencere access checkpoint '), hash])

/** PKCS #8 of an Ed25519 key, up to its seed. */
const beforeSeed = Buffer.from('302e020100300506032b657004220420', 'hex')
const privateKeyOf = ({ secret }: Key): KeyObject =>
  createPrivateKey({ key: Buffer.concat([beforeSeed, secret]), format: 'der', type: 'pkcs8' })

/** As it stands outside of the database, always by the same letters. */
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

/** No line is as long, whatever the key is called. */
export const longestLine = 1000

/** The number of the checkpoint that a line tells of; undefined of what is none. */
export function numberIn(line: string): bigint | undefined {
  const [, number] = /^\{"number":"([1-9]\d{0,18})",.*\}$/.exec(line) ?? []
  return number === undefined ? undefined : BigInt(number)
}
