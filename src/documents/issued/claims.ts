import type { Words } from '../../shared/words.js'
import type { DocumentKind } from './issuedDocument.table.js'

/** What a document says of what it is about. What is left out it does not say. */
export interface Said {
  /** The number of what it is about: of an application. */
  subject: string
  service?: { code: string; name: Words }
  /** Whose it is, as the world calls them. Where nothing is said, as they were told to us. */
  holder?: string
  /** Who acted, as the world calls them, where that is another. */
  actedBy?: string
  /** The ids of the mandates under which they acted. */
  mandates?: readonly string[]
  /** Of the answers that were received, in their canonical form: in hex. */
  receivedSha256?: string
  /** Of the files that came with them, in their order: in hex. */
  attachmentsSha256?: readonly string[]
  /** Of the applicant's signature as it came, a detached JWS: in hex. */
  signatureSha256?: string
  /** A legal date. */
  dueOn?: string
  outcome?: 'APPROVED' | 'REFUSED' | 'DISCONTINUED'
  /** With effect at, where the law decided before anybody issued it: a moment, as `toISOString` writes it. */
  effectiveAt?: string
  /** Why, or what is granted. */
  reasoning?: string
  norm?: string
  appealTo?: string
  /** A moment, as `toISOString` writes it. */
  appealUntil?: string
  /** The officer who decided, by name. */
  officer?: string
}

/** All that a document says, and that its signature is over. */
export interface Claims extends Said {
  number: string
  kind: DocumentKind
  /** As `toISOString` writes it. */
  issuedAt: string
  /** The id of the party whose it is. */
  party: string
  /** The code of the agency that decided, or that what was received is for. */
  agency?: string
  /** By the id of a caller: `person:<party>`, `officer:<party>`, or `deadline`. */
  actor: string
  /** Never missing where it is of a sandbox. */
  sandbox?: true
}
