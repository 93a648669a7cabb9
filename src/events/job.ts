import { unmetered } from '../engine/rates.js'
import type { Database } from '../platform/database.js'
import type { Keyring } from '../platform/keyring.js'
import { Assurance } from '../shared/assurance.table.js'
import { type Context, contextOf } from '../shared/context.js'
import type { Exchange } from '../shared/exchange.js'
import type { SigningKeys } from '../shared/signingKeys.js'

/** What a job may use. */
export interface Work {
  database: Database
  keyring: Keyring
  /** All keys that sign documents, including those of agencies. */
  signingKeys: SigningKeys
  exchange: Exchange
  now(): Date
  log: { info(what: object, message: string): void; error(what: object, message: string): void }
}

/** Prefix of the names of every worker's connections. */
export const workerConnections = 'pencere-jobs-'

/** An event as jobs and readers receive it. */
export interface EventRow {
  id: string
  position: string
  domain: string
  type: string
  subject: string
  partyId: string | null
  agencyId: string | null
  serviceCode: string | null
  at: Date
  actor: string
  ids: Record<string, string>
}

/** Work that follows from events. May run twice, at any later time: it checks the present state. */
export interface Job {
  /** Unique. Never rename it, because queued jobs refer to it. */
  name: string
  /** The event types that enqueue it. */
  on: readonly string[]
  /** Takes seconds, as a PDF does. Long jobs have runners of their own, so that short ones never wait behind them. */
  isLong?: boolean
  run(event: EventRow, work: Work): Promise<void>
}

/** Milliseconds in which registries must answer a job. A job that fails is repeated later. */
const timeout = 30_000

/** A context in which a job queries registries: the caller is the installation itself. The actor is the job's, as in events. */
export const contextOfJob = (actor: string, work: Work): Context =>
  contextOf({
    ...work,
    caller: { kind: 'SYSTEM', id: actor, assurance: Assurance.NONE, offices: [] },
    language: 'az',
    meter: unmetered,
    timeout,
  })
