import { sql } from 'drizzle-orm'
import { check, index, pgEnum, pgTable, text, timestamp, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { agencies } from '../../agencies/agency.table.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { parties } from '../parties/party.table.js'

export enum OfficerRole {
  REVIEWER = 'REVIEWER',
  APPROVER = 'APPROVER',
  FINANCE = 'FINANCE',
  ADMIN = 'ADMIN',
}

export enum AppointmentState {
  /** Proposed by an operator, or made by the agency's ADMIN. */
  PROPOSED = 'PROPOSED',
  /** Confirmed by a second operator. */
  CONFIRMED = 'CONFIRMED',
  /** Accepted by the person. */
  ACTIVE = 'ACTIVE',
  ENDED = 'ENDED',
}

/** Why an appointment ended. No free text, because it could contain personal data. */
export enum EndReason {
  LEFT = 'LEFT',
  OTHER_DUTIES = 'OTHER_DUTIES',
  MISCONDUCT = 'MISCONDUCT',
  MISTAKE = 'MISTAKE',
}

export const officerRole = pgEnum('officer_role', OfficerRole)
export const appointmentState = pgEnum('appointment_state', AppointmentState)
export const endReason = pgEnum('end_reason', EndReason)

/** A mandate from an agency: its officer and their roles. */
export const appointments = pgTable(
  'appointments',
  {
    id: id(),
    agencyId: uuid('agency_id')
      .notNull()
      .references(() => agencies.id),
    partyId: uuid('party_id')
      .notNull()
      .references(() => parties.id),
    roles: officerRole('roles').array().notNull(),
    state: appointmentState('state').notNull(),
    // The IDs of the callers.
    proposedBy: text('proposed_by').notNull(),
    confirmedBy: text('confirmed_by'),
    endedBy: text('ended_by'),
    // A hash of the code in the agency's letter. Null if none is needed, or it was used.
    codeHash: text('code_hash'),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
    activeFrom: timestamp('active_from', { withTimezone: true }),
    endedAt: timestamp('ended_at', { withTimezone: true }),
    endReason: endReason('end_reason'),
    // Why a proposal replaces the current ADMIN. Null if the agency has none.
    replacing: endReason('replacing'),
  },
  ({ id, agencyId, partyId, roles, state, createdAt, activeFrom, endedAt, proposedBy, confirmedBy }) => [
    index().on(partyId),
    index().on(agencyId, createdAt, id),
    index().on(createdAt, id),
    // For the operator's list, which has few of all rows.
    index('appointments_never_active').on(createdAt, id).where(sql`${activeFrom} is null`),
    uniqueIndex('appointments_one_in_force').on(agencyId, partyId).where(sql`${state} = 'ACTIVE'`),
    // May exist beside an active one, whose roles it takes over when accepted.
    uniqueIndex('appointments_one_open').on(agencyId, partyId).where(sql`${state} in ('PROPOSED', 'CONFIRMED')`),
    check('appointments_roles_check', sql`cardinality(${roles}) > 0`),
    check('appointments_active_check', sql`${state} <> 'ACTIVE' or ${activeFrom} is not null`),
    check('appointments_ended_check', sql`(${state} = 'ENDED') = (${endedAt} is not null)`),
    check('appointments_two_persons_check', sql`${proposedBy} <> ${confirmedBy}`),
  ],
)

describeTable(appointments, {
  retention: {
    class: 'PERMANENT',
    reason: 'Shows who could decide for an agency at a given time, as long as its decisions are kept.',
  },
  server: { delete: false },
})
