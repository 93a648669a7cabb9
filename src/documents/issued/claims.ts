import type { Words } from '../../shared/words.js'
import type { DocumentKind } from './issuedDocument.table.js'

/** What was paid, to which agency and budget. */
export interface PaidClaims {
  /** Who runs the portal through which it was paid. */
  operator: Words
  /** Where it was paid. */
  servicePoint: 'ONLINE'
  /** The number of the payment, of which the charge may be a part. */
  payment: string
  method: 'CARD' | 'INSTANT'
  /** When the bank took the money. As by `toISOString`. */
  at: string
  /** What the charge is for, by the number that its agency gave it. */
  about?: { type: 'APPLICATION' | 'FINE' | 'FILING' | 'OTHER'; number: string }
  lines: readonly PaidLine[]
  /** In units of the currency, with all its decimal places: "12.50". */
  total: string
  currency: string
}
export interface PaidLine {
  /** A kind of fee. */
  kind?: string
  name: Words
  /** As the total. */
  amount: string
  budgetClassification?: string
  budgetLevel?: string
  budgetOrganisation?: string
}

/** The content of a document about its subject. */
export interface ClaimsContent {
  /** The number of the application, the filing, or the charge that was paid. */
  subject: string
  /** For a payment receipt. */
  paid?: PaidClaims
  service?: { code: string; name: Words }
  /** For a filing: the number of the service's version. */
  version?: number
  /** For a filing: as 2026-10, 2026-Q3 or 2026. */
  period?: string
  /** The filer's own number of a filing. */
  externalNumber?: string
  /** For a filing: the VÖEN of the party that reports. */
  voen?: string
  /** Number of the filing that a correction replaces. */
  replaces?: string
  /** ID of the batch in which a filing was received. */
  batch?: string
  /** The name of the holder, as printed. Defaults to the recorded name of the party. */
  holder?: string
  /** Who acted for the holder, as printed. */
  actedBy?: string
  /** IDs of the mandates acted under. */
  mandates?: readonly string[]
  /** SHA-256 of the canonical answers, or of the canonical content of a filing, in hex. */
  receivedSha256?: string
  /** SHA-256 of each attached file, in order, in hex. */
  attachmentsSha256?: readonly string[]
  /** Names of the persons who signed, as printed. */
  signedBy?: readonly string[]
  /** SHA-256 of each signature (a detached JWS) as received, in the same order, in hex. */
  signaturesSha256?: readonly string[]
  /** A legal date. */
  dueOn?: string
  outcome?: 'APPROVED' | 'REFUSED' | 'DISCONTINUED'
  /** When the decision took effect, if that was before it was issued (deemed approval). As by `toISOString`. */
  effectiveAt?: string
  /** Reasoning of the decision, or what is granted. In all languages in a deemed decision. */
  reasoning?: Words | string
  norm?: Words | string
  /** The grounds of a refusal. Their norms are in `norm` too. */
  grounds?: readonly { code: string; text: Words; norm: Words }[]
  /** Name of the agency that decides on an appeal. */
  appealTo?: Words
  /** As by `toISOString`. */
  appealUntil?: string
  /** Until when the person may object to what nobody applied for. As by `toISOString`. */
  objectionUntil?: string
  /** Until when the approval is to be paid. The result is issued once it is. As by `toISOString`. */
  payBy?: string
  /** Name of the officer who decided. */
  officer?: string
  /** Name of the program of the agency that decided, or of the one that filed. */
  program?: string
}

/** The signed content of a document. */
export interface Claims extends ClaimsContent {
  number: string
  kind: DocumentKind
  /** As by `toISOString`. */
  issuedAt: string
  /** ID of the party to which it was issued. */
  party: string
  /** Code of the agency that decided, or that handles the application. */
  agency?: string
  /** ID of the caller: `person:<party>`, `officer:<party>`, or `deadline`. */
  actor: string
  /** Its number in a series without gaps, for what the worker signs. */
  series?: { name: string; number: number }
  /** Always present in a sandbox. */
  sandbox?: true
}
