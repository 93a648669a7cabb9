import type { KeyObject, X509Certificate } from 'node:crypto'

/** The documents a key signs: receipts of the platform, or decisions of an agency, by its code. */
export type KeyOwner = { receipts: true } | { agency: string }

/** The public part of a signing key. */
export interface PublishedKey {
  /** Unique; the `kid` of what it signed. */
  id: string
  owner: KeyOwner
  /** Its own certificate first, then that of each issuer. */
  chain: readonly [X509Certificate, ...X509Certificate[]]
}
/** A signing key with its private key. */
export interface SigningKey extends PublishedKey {
  key: KeyObject
}

/** What the state signs with. */
export interface SigningKeys {
  /** Whether documents are marked as those of a sandbox. */
  readonly isSandbox: boolean
  /** Whether each key is created on first use, so that none is ever missing. */
  readonly areMadeOnDemand: boolean
  /** The owner's current key. Throws if this process does not have it. */
  current(owner: KeyOwner): Promise<SigningKey>
  /** The public parts of all keys, each owner's current one before the retired. */
  published(): Promise<readonly PublishedKey[]>
}

/** For a server that issues nothing. */
export const withoutSigningKeys: SigningKeys = {
  isSandbox: true,
  areMadeOnDemand: false,
  current: async () => {
    throw new Error('a signing key is required for signing; this process has none')
  },
  published: async () => [],
}
