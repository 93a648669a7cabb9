import { sql } from 'drizzle-orm'
import {
  type AnyPgColumn,
  check,
  index,
  integer,
  pgEnum,
  pgSequence,
  pgTable,
  text,
  timestamp,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { agencies } from '../agencies/agency.table.js'
import { services } from '../catalogue/services/service.table.js'
import { serviceVersions } from '../catalogue/services/serviceVersion.table.js'
import { parties } from '../identity/parties/party.table.js'
import { bytes } from '../platform/bytes.js'
import { describeTable } from '../platform/describeTable.js'
import { id } from '../platform/id.js'
import { personal } from '../platform/personal.js'
import type { Words } from '../shared/words.js'

export enum FilingState {
  /** Waits for the agency. */
  RECEIVED = 'RECEIVED',
  ACCEPTED = 'ACCEPTED',
  REJECTED = 'REJECTED',
  /** Another filing that was accepted replaced it. */
  SUPERSEDED = 'SUPERSEDED',
  WITHDRAWN = 'WITHDRAWN',
}
export const filingState = pgEnum('filing_state', FilingState)
/** For the numbers that people see. May have gaps. */
export const filingNumbers = pgSequence('filing_numbers')

/** Why an agency rejects a filing: a place in the content, and what is wrong there. */
export interface FilingFault {
  /** A JSON pointer into the content, such as "/lines/0/amount". Empty for the filing as a whole. */
  path: string
  message: Words
}

/** A report of a business to an agency, made by program. The content never changes; a correction is another filing. */
export const filings = pgTable(
  'filings',
  {
    id: id(),
    number: text('number').notNull().unique(),
    partyId: uuid('party_id')
      .notNull()
      .references(() => parties.id),
    agencyId: uuid('agency_id')
      .notNull()
      .references(() => agencies.id),
    serviceId: uuid('service_id')
      .notNull()
      .references(() => services.id),
    // The code of the service, because mandates name services by code.
    serviceCode: text('service_code').notNull(),
    versionId: uuid('version_id')
      .notNull()
      .references(() => serviceVersions.id),
    // As 2026-10, 2026-Q3 or 2026. Null if the service has no periods.
    period: text('period'),
    // The filer's own number: the key, unique for each party.
    externalNumber: text('external_number').notNull(),
    // An HMAC of what was filed under that number, and its key, so that a repeat is recognised.
    digest: bytes('digest').notNull(),
    digestKey: text('digest_key').notNull(),
    state: filingState('state').notNull(),
    revision: integer('revision').notNull().default(1),
    // The period while this is the one live filing for it, where the service allows only one. Null otherwise.
    livePeriod: text('live_period'),
    // The accepted filing that this one corrects.
    replacesId: uuid('replaces_id').references((): AnyPgColumn => filings.id),
    content: personal<Record<string, unknown>>('content').notNull(),
    // A compact JWS with its payload. Null if the service requires no signature, and if the signature is over a whole batch.
    signature: personal('signature'),
    // The party whose certificate it is. Null if nobody signed.
    signerId: uuid('signer_id').references(() => parties.id),
    // Who filed it, and under which mandates.
    createdBy: text('created_by').notNull(),
    mandateIds: uuid('mandate_ids').array().notNull(),
    // The batch and its line. Null if it was filed alone.
    batchId: uuid('batch_id'),
    receivedAt: timestamp('received_at', { withTimezone: true }).notNull(),
    // When it was accepted or rejected.
    acknowledgedAt: timestamp('acknowledged_at', { withTimezone: true }),
    // When it was superseded or withdrawn.
    endedAt: timestamp('ended_at', { withTimezone: true }),
    changedAt: timestamp('changed_at', { withTimezone: true }).notNull(),
    // The agency's own number of it, given with the acknowledgement.
    agencyNumber: text('agency_number'),
    faults: personal<FilingFault[]>('faults'),
    // Who collected it (a caller's id), under which lease, and until when.
    leasedBy: text('leased_by'),
    leaseId: uuid('lease_id'),
    leasedUntil: timestamp('leased_until', { withTimezone: true }),
  },
  ({
    id,
    partyId,
    agencyId,
    serviceId,
    state,
    livePeriod,
    externalNumber,
    replacesId,
    receivedAt,
    changedAt,
    ...more
  }) => [
    unique().on(partyId, externalNumber),
    uniqueIndex('filings_live_period').on(partyId, serviceId, livePeriod).where(sql`${livePeriod} is not null`),
    // One correction at a time.
    uniqueIndex('filings_live_correction')
      .on(replacesId)
      .where(sql`${replacesId} is not null and ${state} in ('RECEIVED', 'ACCEPTED')`),
    index().on(replacesId, receivedAt, id).where(sql`${replacesId} is not null`),
    index().on(partyId, receivedAt, id),
    index('filings_of_party_changed').on(partyId, changedAt, id),
    // What an agency collects, in order, and what is collected now.
    index('filings_to_collect').on(agencyId, receivedAt, id).where(sql`${state} = 'RECEIVED'`),
    index('filings_leased')
      .on(agencyId, more.leasedUntil)
      .where(sql`${state} = 'RECEIVED' and ${more.leasedUntil} is not null`),
    // The list of an agency, state by state and merged.
    index('filings_received').on(agencyId, state, receivedAt, id, serviceId),
    index('filings_changed').on(agencyId, state, changedAt, id, serviceId),
    check(
      'filings_acknowledged_check',
      sql`${state} not in ('ACCEPTED', 'REJECTED') or ${more.acknowledgedAt} is not null`,
    ),
    check('filings_ended_check', sql`(${state} in ('SUPERSEDED', 'WITHDRAWN')) = (${more.endedAt} is not null)`),
    check(
      'filings_live_check',
      sql`${livePeriod} is null or (${state} in ('RECEIVED', 'ACCEPTED') and ${livePeriod} = ${more.period})`,
    ),
    check(
      'filings_lease_check',
      sql`(${more.leaseId} is null) = (${more.leasedUntil} is null) and (${more.leaseId} is null) = (${more.leasedBy} is null)`,
    ),
    check('filings_faults_check', sql`(${state} = 'REJECTED') = (${more.faults} is not null)`),
  ],
)

describeTable(filings, {
  retention: {
    class: 'PERMANENT',
    reason:
      'A filing and its outcome are a file of the agency. The content becomes unreadable with the key of the party.',
  },
  server: { delete: false },
})
