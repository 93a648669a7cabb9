import { sql } from 'drizzle-orm'
import { bigint, index, jsonb, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { describeTable } from '../platform/describeTable.js'

/**
 * What happened. Only added to: a writer inserts in its own transaction, after it has locked what the event is about; the
 * sequencer then gives the position. Who reads goes by the position and by nothing else.
 */
export const events = pgTable(
  'events',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    // Dense, from 1. Null until the sequencer has seen the event.
    position: bigint('position', { mode: 'bigint' }).unique(),
    // The domain that says it.
    domain: text('domain').notNull(),
    type: text('type').notNull(),
    subject: uuid('subject').notNull(),
    partyId: uuid('party_id'),
    agencyId: uuid('agency_id'),
    at: timestamp('at', { withTimezone: true }).notNull(),
    // Who did it: ids, never names.
    actor: text('actor').notNull(),
    ids: jsonb('ids').$type<Record<string, string>>().notNull(),
  },
  ({ id, position, domain, type, subject }) => [
    index('events_without_position').on(id).where(sql`${position} is null`),
    // What the feed of catalogue changes reads.
    index('events_of_catalogue').on(position).where(sql`${domain} in ('agencies', 'catalogue')`),
    // What says that an account was moved as it may be.
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
  // The database gives a new row its id, and the sequencer its position.
  server: { insert: { except: ['id', 'position'] } },
})
