/** What is signed. The type keeps a signature for one purpose from being accepted for another. */
export type SignatureType = 'pencere-application+jose' | 'pencere-filing+jose'

/** Why a signature is not trusted. */
export type Disbelief =
  /** The signature is not in an accepted format. */
  | 'unreadable'
  | 'algorithm'
  /** No trusted authority issued its certificate, or not for this use. */
  | 'untrusted'
  /** Its certificate is not valid now. */
  | 'expired'
  | 'revoked'
  /** Its certificate's holder has no identifier that is used here. */
  | 'wrong_person'
  /** Its validity cannot be determined now. */
  | 'cannot_be_checked'

export interface Disbelieved {
  refused: Disbelief
  /** The detail, as a word for programs. */
  why: string
}

/** A signature with a trusted certificate, at the time of the check. Its content is still to be verified. */
export interface Believed {
  /** SHA-256 of the certificate, in hex. */
  certificate: string
  /** Identifiers in the certificate: of a person, an organisation, or a person signing for one; at least one. */
  fin: string | null
  voen: string | null
  /** Whether it signs these bytes. */
  isOver(payload: string): Promise<boolean>
  /** Includes its content, so that it can be verified alone. */
  withPayload(payload: string): string
}

/** The trusted certificate authorities. */
export interface Trust {
  /**
   * Checks a detached JWS of that type. Never rejects because of its content. Calls other systems, so never use it inside
   * a transaction.
   */
  check(signature: string, type: SignatureType): Promise<Believed | Disbelieved>
}

/** For an installation that trusts nobody. */
export const withoutTrust: Trust = { check: async () => ({ refused: 'cannot_be_checked', why: 'no_trust_list' }) }
