import { sql } from 'drizzle-orm'
import { bigint, index, jsonb, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { describeTable } from '../platform/describeTable.js'

/**
 * What happened. Append-only: a writer locks the event's subject and inserts in its own transaction; the sequencer then
 * assigns the position. Readers use the position only.
 */
export const events = pgTable(
  'events',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    // Dense, from 1. Null until the sequencer has seen the event.
    position: bigint('position', { mode: 'bigint' }).unique(),
    // The domain that records it.
    domain: text('domain').notNull(),
    type: text('type').notNull(),
    subject: uuid('subject').notNull(),
    partyId: uuid('party_id'),
    agencyId: uuid('agency_id'),
    // The code of the service, as named by mandates. Null if there is none.
    serviceCode: text('service_code'),
    at: timestamp('at', { withTimezone: true }).notNull(),
    // The actor: ids, never names.
    actor: text('actor').notNull(),
    ids: jsonb('ids').$type<Record<string, string>>().notNull(),
  },
  ({ id, position, domain, type, subject, partyId }) => [
    index('events_without_position').on(id).where(sql`${position} is null`),
    // For the feed of a party.
    index('events_of_party').on(partyId, position).where(sql`${partyId} is not null and ${position} is not null`),
    // For the feed of catalogue changes.
    index('events_of_catalogue').on(position).where(sql`${domain} in ('agencies', 'catalogue')`),
    // For verifying that an account moved legitimately.
    index('events_of_moved_accounts').on(subject).where(sql`${type} = 'identity.moved'`),
  ],
)

describeTable(events, {
  retention: {
    class: 'PERMANENT',
    reason:
      'A new consumer of the feed reads it from the beginning. An event has ids only, and the id of a forgotten party leads nowhere.',
  },
  appendOnly: { updates: ['position'], guard: 'keep_event' },
  // The database assigns the id, and the sequencer the position.
  server: { insert: { except: ['id', 'position'] } },
})
