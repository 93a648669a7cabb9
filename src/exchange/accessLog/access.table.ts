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
  NOTHING_HELD = 'NOTHING_HELD',
  NOT_ANSWERED = 'NOT_ANSWERED',
  REFUSED = 'REFUSED',
}
export const accessKind = pgEnum('access_kind', AccessKind)
export const accessOutcome = pgEnum('access_outcome', AccessOutcome)

/** Who looked at whose data. Only added to; the place in the order is filled once, when the row has a checkpoint. */
export const accesses = pgTable(
  'accesses',
  {
    id: id(),
    // Dense, from 1. Null until it has a checkpoint.
    position: bigint('position', { mode: 'bigint' }).unique(),
    at: timestamp('at', { withTimezone: true }).notNull(),
    kind: accessKind('kind').notNull(),
    // Whose data.
    partyId: uuid('party_id')
      .notNull()
      .references(() => parties.id),
    // Who looked: their id, the party that is, and of a program which; for which agency, or under which mandates.
    actor: text('actor').notNull(),
    actorPartyId: uuid('actor_party_id').references(() => parties.id),
    programId: uuid('program_id').references(() => programs.id),
    agencyId: uuid('agency_id').references(() => agencies.id),
    mandateIds: uuid('mandate_ids').array().notNull(),
    // At what: the registry and the fields of its record. A file has no registry, and its id stands for the fields.
    registryId: uuid('registry_id').references(() => registries.id),
    fields: text('fields').array().notNull(),
    purposeId: uuid('purpose_id')
      .notNull()
      .references(() => purposes.id),
    groundId: uuid('ground_id').references(() => legalGrounds.id),
    // The number of the application or case it was for.
    application: text('application'),
    // Of the message that was sent, or by which the stored answer came.
    messageId: text('message_id'),
    requestHash: text('request_hash'),
    outcome: accessOutcome('outcome').notNull(),
    // When the subject may read of it. By the purpose alone, whatever came of it.
    releaseAt: timestamp('release_at', { withTimezone: true }).notNull(),
    // Over all of the above but the position; the salt keeps what stands outside from being guessed.
    salt: bytes('salt').notNull(),
    digest: bytes('digest').notNull(),
  },
  ({ id, position, at, partyId, actor, agencyId, purposeId, salt, digest }) => [
    index('accesses_without_checkpoint').on(id).where(sql`${position} is null`),
    index().on(partyId, at, id),
    index().on(agencyId, at, id),
    // What somebody looked at, and all looks for what is rare, as what is secret should be.
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
