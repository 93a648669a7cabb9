import { sql } from 'drizzle-orm'
import { bigint, check, index, pgEnum, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { agencies } from '../../agencies/agency.table.js'
import { registries } from '../../agencies/registry.table.js'
import { parties } from '../../identity/parties/party.table.js'
import { programs } from '../../identity/programs/program.table.js'
import { bytes } from '../../platform/bytes.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { legalGrounds } from '../consents/legalGround.table.js'
import { purposes } from './purpose.table.js'

export enum AccessKind {
  CALL = 'CALL',
  STORED_ANSWER = 'STORED_ANSWER',
  CASE = 'CASE',
  FILE = 'FILE',
}
export enum AccessOutcome {
  SHOWN = 'SHOWN',
  NOT_FOUND = 'NOT_FOUND',
  NO_ANSWER = 'NO_ANSWER',
  REFUSED = 'REFUSED',
}
export const accessKind = pgEnum('access_kind', AccessKind)
export const accessOutcome = pgEnum('access_outcome', AccessOutcome)

/** The access log. A row never changes, except that a checkpoint sets its position once. */
export const accesses = pgTable(
  'accesses',
  {
    id: id(),
    // From 1 without gaps. Null until a checkpoint covers the row.
    position: bigint('position', { mode: 'bigint' }).unique(),
    at: timestamp('at', { withTimezone: true }).notNull(),
    kind: accessKind('kind').notNull(),
    // The party whose data was accessed.
    partyId: uuid('party_id')
      .notNull()
      .references(() => parties.id),
    // Who accessed it: the ID of the caller, its party and program, the agency of an officer, or the mandates.
    actor: text('actor').notNull(),
    actorPartyId: uuid('actor_party_id').references(() => parties.id),
    programId: uuid('program_id').references(() => programs.id),
    agencyId: uuid('agency_id').references(() => agencies.id),
    mandateIds: uuid('mandate_ids').array().notNull(),
    // What was accessed: fields of a registry's record. CASE and FILE have no registry; for a FILE, `fields` is its ID.
    registryId: uuid('registry_id').references(() => registries.id),
    fields: text('fields').array().notNull(),
    purposeId: uuid('purpose_id')
      .notNull()
      .references(() => purposes.id),
    groundId: uuid('ground_id').references(() => legalGrounds.id),
    // The number of the application or case.
    application: text('application'),
    // The message that was sent, or that brought the stored answer.
    messageId: text('message_id'),
    requestHash: text('request_hash'),
    outcome: accessOutcome('outcome').notNull(),
    // When the party may see the row. Depends on the purpose only: otherwise gaps in the log would reveal the outcome.
    releaseAt: timestamp('release_at', { withTimezone: true }).notNull(),
    // Over all columns above except the position. The salt keeps copies of the digest outside the database from being guessed.
    salt: bytes('salt').notNull(),
    digest: bytes('digest').notNull(),
  },
  ({ id, position, at, partyId, actor, agencyId, purposeId, salt, digest }) => [
    index('accesses_without_checkpoint').on(id).where(sql`${position} is null`),
    index().on(partyId, at, id),
    index().on(agencyId, at, id),
    // For auditors who filter by actor or by a rare purpose.
    index().on(actor, at, id),
    index().on(purposeId, at, id),
    index().on(at, id),
    check('accesses_salt_check', sql`octet_length(${salt}) = 16`),
    check('accesses_digest_check', sql`octet_length(${digest}) = 32`),
  ],
)

describeTable(accesses, {
  retention: {
    class: 'PERMANENT',
    reason: 'The person concerned and auditors can see who accessed whose data, as long as anything is kept.',
  },
  appendOnly: { updates: ['position'], guard: 'keep_access' },
  server: { insert: { except: ['position'] } },
})
