import type { KeyObject, X509Certificate } from 'node:crypto'

/** Whose documents a signing key is on: the platform's receipts, or an agency's decisions, by its code. */
export type KeyOwner = { receipts: true } | { agency: string }

/** A key that documents are signed with, as everybody may know it. */
export interface PublishedKey {
  /** Unique among all; stands as `kid` in what it signed. */
  id: string
  owner: KeyOwner
  /** Its own certificate first, then that of each issuer. */
  chain: readonly [X509Certificate, ...X509Certificate[]]
}
/** The same with its private key. */
export interface SigningKey extends PublishedKey {
  key: KeyObject
}

/** What the state signs with. */
export interface SigningKeys {
  /** Whether what it signs says that it is of a sandbox. */
  readonly isSandbox: boolean
  /** Whether each signing key is made when it is first needed, so that none is ever missing. */
  readonly areMadeOnDemand: boolean
  /** The current signing key of that owner. Throws where this process holds no key of it. */
  current(owner: KeyOwner): Promise<SigningKey>
  /** The public parts of all: of each owner the current one before the retired. */
  published(): Promise<readonly PublishedKey[]>
}

/** Of a server that issues nothing. */
export const withoutSigningKeys: SigningKeys = {
  isSandbox: true,
  areMadeOnDemand: false,
  current: async () => {
    throw new Error('a signing key is required to sign with; this process was given none')
  },
  published: async () => [],
}
