/** Why a signature is not believed, whoever it is said to be of. */
export type Disbelief =
  /** It is no such signature as is taken here. */
  | 'unreadable'
  | 'algorithm'
  /** Nobody who is believed vouches for its certificate, or not for this. */
  | 'untrusted'
  /** Its certificate does not hold now. */
  | 'expired'
  | 'revoked'
  /** What its certificate calls its holder is nothing that anybody is known by here. */
  | 'wrong_person'
  /** Whether it is good cannot be found out now. */
  | 'cannot_be_checked'

export interface Disbelieved {
  refused: Disbelief
  /** What of it, as a word for programs. */
  why: string
}

/** A signature whose certificate is believed, at the moment of asking. What it is over is yet to be seen. */
export interface Believed {
  /** SHA-256 of the certificate, in hex. */
  certificate: string
  /** By what the certificate knows whose it is: of a person, of an organisation, or of who signs for one; never neither. */
  fin: string | null
  voen: string | null
  /** Whether it was made over these bytes. */
  isOver(payload: string): Promise<boolean>
  /** With what it is over, so that it can be verified by itself. */
  withPayload(payload: string): string
}

/** Who is believed when they say whose signature it is. */
export interface Trust {
  /** Of a detached JWS. It rejects for nothing that is in it, and waits for others: never within a transaction. */
  check(signature: string): Promise<Believed | Disbelieved>
}

/** Of an installation that believes nobody. */
export const withoutTrust: Trust = { check: async () => ({ refused: 'cannot_be_checked', why: 'no_trust_list' }) }
