import { sql } from 'drizzle-orm'
import { check, index, pgEnum, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { identifiers } from '../parties/identifier.table.js'
import { parties } from '../parties/party.table.js'

export enum MandateKind {
  /** Of the organisation, by the register of legal entities. */
  HEAD = 'HEAD',
  /** Holds the seal beside the head. */
  SEAL_HOLDER = 'SEAL_HOLDER',
  DELEGATE = 'DELEGATE',
  EMPLOYEE = 'EMPLOYEE',
  /** By a notary. */
  POWER_OF_ATTORNEY = 'POWER_OF_ATTORNEY',
  PARENT = 'PARENT',
  GUARDIAN = 'GUARDIAN',
  /** What a minor of 14 to 18 may do alone, by whoever has the power CONSENT. Principal and holder are the minor. */
  CONSENT = 'CONSENT',
}

export enum Power {
  VIEW = 'VIEW',
  FILE = 'FILE',
  PAY = 'PAY',
  SIGN = 'SIGN',
  /** To say what a minor of 14 to 18 may do, and to consent for a minor or a ward to what agencies ask. */
  CONSENT = 'CONSENT',
}

export enum MandateSource {
  REGISTER = 'REGISTER',
  GRANT = 'GRANT',
}

/** Why one was revoked: no more of it is kept than that. */
export enum RevocationReason {
  NO_LONGER_NEEDED = 'NO_LONGER_NEEDED',
  LEFT = 'LEFT',
  MISTAKE = 'MISTAKE',
  MISUSE = 'MISUSE',
}

export const mandateKind = pgEnum('mandate_kind', MandateKind)
export const power = pgEnum('power', Power)
export const mandateSource = pgEnum('mandate_source', MandateSource)
export const revocationReason = pgEnum('revocation_reason', RevocationReason)

/** Who may act for whom, in what, and until when. Only its revocation changes; what was done under it keeps its id. */
export const mandates = pgTable(
  'mandates',
  {
    id: id(),
    principalId: uuid('principal_id')
      .notNull()
      .references(() => parties.id),
    holderId: uuid('holder_id')
      .notNull()
      .references(() => parties.id),
    // As whom the holder was named by who granted it; null where a register named them.
    holderIdentifierId: uuid('holder_identifier_id').references(() => identifiers.id),
    kind: mandateKind('kind').notNull(),
    powers: power('powers').array().notNull(),
    // By their codes; null: all.
    services: text('services').array(),
    validFrom: timestamp('valid_from', { withTimezone: true }).notNull(),
    // Not at this moment any more; null: until it is revoked.
    validTo: timestamp('valid_to', { withTimezone: true }),
    source: mandateSource('source').notNull(),
    // The party that granted it, and under which mandate; null where a register says it.
    grantedBy: uuid('granted_by').references(() => parties.id),
    grantedUnder: uuid('granted_under'),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
    revokedAt: timestamp('revoked_at', { withTimezone: true }),
    // Who revoked it, by id.
    revokedBy: text('revoked_by'),
    revokedFor: revocationReason('revoked_for'),
  },
  ({ principalId, holderId, powers, validFrom, validTo, source, grantedBy, revokedAt, revokedBy }) => [
    index().on(principalId),
    index().on(holderId),
    check('mandates_powers_check', sql`cardinality(${powers}) > 0`),
    check('mandates_validity_check', sql`${validTo} > ${validFrom}`),
    check('mandates_granted_check', sql`(${source} = 'GRANT') = (${grantedBy} is not null)`),
    check('mandates_revoked_check', sql`(${revokedAt} is null) = (${revokedBy} is null)`),
  ],
)

describeTable(mandates, {
  retention: {
    class: 'PERMANENT',
    reason: 'Records of what was done for another party name the mandate, even after it was revoked.',
  },
  server: { delete: false },
})
