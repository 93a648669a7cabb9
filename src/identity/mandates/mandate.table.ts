import { sql } from 'drizzle-orm'
import { check, index, pgEnum, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { identifiers } from '../parties/identifier.table.js'
import { parties } from '../parties/party.table.js'

export enum MandateKind {
  /** According to the register of legal entities. */
  HEAD = 'HEAD',
  /** Has all powers, like the head. */
  SEAL_HOLDER = 'SEAL_HOLDER',
  DELEGATE = 'DELEGATE',
  EMPLOYEE = 'EMPLOYEE',
  /** Certified by a notary. */
  POWER_OF_ATTORNEY = 'POWER_OF_ATTORNEY',
  PARENT = 'PARENT',
  GUARDIAN = 'GUARDIAN',
  /** Lets a minor aged 14 to 17 act alone. The minor is both principal and holder. */
  CONSENT = 'CONSENT',
}

export enum Power {
  VIEW = 'VIEW',
  FILE = 'FILE',
  PAY = 'PAY',
  SIGN = 'SIGN',
  /** Lets the holder decide what a minor may do alone, and consent to registry queries for a minor or a ward. */
  CONSENT = 'CONSENT',
}

export enum MandateSource {
  REGISTER = 'REGISTER',
  GRANT = 'GRANT',
}

/** Reason for a revocation. No free text, because it could contain personal data. */
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

/** Authority of one party to act for another. Only its revocation changes. Events keep its ID. */
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
    // The identifier that named the holder. Null if a register did.
    holderIdentifierId: uuid('holder_identifier_id').references(() => identifiers.id),
    kind: mandateKind('kind').notNull(),
    powers: power('powers').array().notNull(),
    // Codes. Null if all.
    services: text('services').array(),
    validFrom: timestamp('valid_from', { withTimezone: true }).notNull(),
    // Exclusive. Null if valid until revoked.
    validTo: timestamp('valid_to', { withTimezone: true }),
    source: mandateSource('source').notNull(),
    // The party that granted it, and its mandate. Null if it comes from a register.
    grantedBy: uuid('granted_by').references(() => parties.id),
    grantedUnder: uuid('granted_under'),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
    revokedAt: timestamp('revoked_at', { withTimezone: true }),
    // The ID of the caller.
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
