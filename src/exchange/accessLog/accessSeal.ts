import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { canonical } from '../../events/canonical.js'
import type { Key } from '../../platform/keyring.js'
import type { accessSeals } from './accessSeal.table.js'

export type Seal = typeof accessSeals.$inferSelect
/** What is over the digests of its rows, and of what was recorded with it. */
type Head = Omit<Seal, 'hash' | 'signature'>

/** Stands before the first seal. */
export const noSeal = { number: 0n, lastPosition: 0n, hash: Buffer.alloc(32) }

/** Over all that a seal says, then the digests of its rows in their order, then those of what was recorded with it. */
export function hashing({ previous, ...head }: Head) {
  const hash = createHash('sha256').update(canonical({ ...head, previous: previous.toString('hex') }))
  return {
    add: (digest: Buffer) => void hash.update(digest),
    end: () => hash.digest(),
  }
}

export function signed(head: Head, digests: readonly Buffer[], key: Key): Seal {
  const hash = hashing(head)
  for (const digest of digests) hash.add(digest)
  const whole = { ...head, hash: hash.end() }
  return { ...whole, signature: sign(null, messageOf(whole), privateKeyOf(key)) }
}

export const isSignedBy = (seal: Seal, key: KeyObject): boolean => verify(null, messageOf(seal), key, seal.signature)
export const publicKeyOf = (key: Key): KeyObject => createPublicKey(privateKeyOf(key))

/** Begins with words of its own: what this key signs is good for nothing else. */
const messageOf = ({ hash }: Pick<Seal, 'hash'>) => Buffer.concat([Buffer.from('pencere access seal '), hash])

/** PKCS #8 of an Ed25519 key, up to its seed. */
const beforeSeed = Buffer.from('302e020100300506032b657004220420', 'hex')
const privateKeyOf = ({ secret }: Key): KeyObject =>
  createPrivateKey({ key: Buffer.concat([beforeSeed, secret]), format: 'der', type: 'pkcs8' })

/** As it stands outside of the database, always by the same letters. */
export const lineOf = (seal: Seal): string =>
  JSON.stringify({
    number: `${seal.number}`,
    firstPosition: `${seal.firstPosition}`,
    lastPosition: `${seal.lastPosition}`,
    sealedAt: seal.sealedAt.toISOString(),
    previous: seal.previous.toString('hex'),
    hash: seal.hash.toString('hex'),
    keyId: seal.keyId,
    signature: seal.signature.toString('base64'),
  })

/** No line is as long, whatever the key is called. */
export const longestLine = 1000

/** The number of the seal that a line tells of; undefined of what is none. */
export function numberIn(line: string): bigint | undefined {
  const [, number] = /^\{"number":"([1-9]\d{0,18})",.*\}$/.exec(line) ?? []
  return number === undefined ? undefined : BigInt(number)
}
