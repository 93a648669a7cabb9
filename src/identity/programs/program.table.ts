import { sql } from 'drizzle-orm'
import { check, index, jsonb, pgEnum, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { agencies } from '../../agencies/agency.table.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { parties } from '../parties/party.table.js'

/** A closed list, because free text would name people. */
export enum ProgramRevocation {
  COMPROMISED = 'COMPROMISED',
  REPLACED = 'REPLACED',
  NO_LONGER_USED = 'NO_LONGER_USED',
  OTHER = 'OTHER',
}

export const programRevocation = pgEnum('program_revocation', ProgramRevocation)

/** A program of an organisation or an agency. Its id is its `client_id`. */
export const programs = pgTable(
  'programs',
  {
    id: id(),
    // Its organisation, or its agency.
    partyId: uuid('party_id').references(() => parties.id),
    agencyId: uuid('agency_id').references(() => agencies.id),
    // Given by its owner.
    name: text('name').notNull(),
    scopes: text('scopes').array().notNull(),
    // Networks it may connect from. Null: any.
    networks: text('networks').array(),
    // SHA-256 of its secret, which is random and long. Null if it signs with its own key.
    secretHash: text('secret_hash'),
    // The previous secret, and when it expires.
    formerSecretHash: text('former_secret_hash'),
    formerSecretUntil: timestamp('former_secret_until', { withTimezone: true }),
    // Its public keys (RFC 7517), for `private_key_jwt`.
    jwks: jsonb('jwks').$type<{ keys: (object & { kid: string })[] }>(),
    // Who registered it, by id, and under which mandate or appointment.
    registeredBy: text('registered_by').notNull(),
    registeredUnder: uuid('registered_under'),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
    expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
    lastUsedAt: timestamp('last_used_at', { withTimezone: true }),
    revokedAt: timestamp('revoked_at', { withTimezone: true }),
    revokedBy: text('revoked_by'),
    // Null if not revoked.
    revokedBecause: programRevocation('revoked_because'),
  },
  ({
    partyId,
    agencyId,
    createdAt,
    id,
    scopes,
    secretHash,
    jwks,
    formerSecretHash,
    formerSecretUntil,
    revokedAt,
    revokedBy,
  }) => [
    index().on(partyId),
    index().on(agencyId, createdAt, id),
    check('programs_owner_check', sql`(${partyId} is null) <> (${agencyId} is null)`),
    check('programs_scopes_check', sql`cardinality(${scopes}) > 0`),
    check('programs_secret_or_key_check', sql`(${secretHash} is null) <> (${jwks} is null)`),
    check('programs_former_secret_check', sql`(${formerSecretHash} is null) = (${formerSecretUntil} is null)`),
    check('programs_revoked_check', sql`(${revokedAt} is null) = (${revokedBy} is null)`),
  ],
)

describeTable(programs, {
  retention: {
    class: 'PERMANENT',
    reason: 'Records of what a program did name the program, as long as they are kept.',
  },
  server: { delete: false },
})
