import type { Transaction } from '../shared/seeding.js'
import { events } from './event.table.js'

export interface Happened {
  domain: string
  /** Dotted, the noun first: `service.published`. */
  type: string
  subject: string
  partyId?: string
  agencyId?: string
  /** With effect at. */
  at: Date
  /** Who did it, by id. */
  actor: string
  ids?: Record<string, string>
}

/** In the transaction of what happened, after what it is about was locked: so an effect never stands before its cause. */
export async function record(tx: Transaction, happened: Happened[]): Promise<void> {
  if (happened.length > 0) await tx.insert(events).values(happened.map(({ ids = {}, ...event }) => ({ ...event, ids })))
}
