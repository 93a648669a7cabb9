import type { Database } from '../platform/database.js'
import type { Keyring } from '../platform/keyring.js'
import type { SigningKeys } from '../shared/signingKeys.js'

/** What a job may use. */
export interface Work {
  database: Database
  keyring: Keyring
  /** What documents are signed with, those of agencies too. */
  signingKeys: SigningKeys
  now(): Date
  log: { info(what: object, message: string): void; error(what: object, message: string): void }
}

/** An event as jobs and readers get it. */
export interface EventRow {
  id: string
  position: string
  domain: string
  type: string
  subject: string
  partyId: string | null
  agencyId: string | null
  at: Date
  actor: string
  ids: Record<string, string>
}

/** Work that follows from events. May run twice, at any time after: it looks at what is, and not at what was. */
export interface Job {
  /** Unique. Stays, for jobs wait under it. */
  name: string
  /** The types of events that it follows from. */
  on: readonly string[]
  run(event: EventRow, work: Work): Promise<void>
}
