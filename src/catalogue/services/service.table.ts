import { index, jsonb, pgEnum, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { agencies } from '../../agencies/agency.table.js'
import { confidence } from '../../platform/confidence.table.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { named, words } from '../../shared/words.js'
import { lifeEvents } from './lifeEvent.table.js'

export enum Audience {
  CITIZEN = 'CITIZEN',
  LEGAL_ENTITY = 'LEGAL_ENTITY',
  SOLE_ENTREPRENEUR = 'SOLE_ENTREPRENEUR',
  FOREIGNER = 'FOREIGNER',
  STATELESS = 'STATELESS',
}

export enum Direction {
  G2C = 'G2C',
  G2B = 'G2B',
  B2G = 'B2G',
}

export enum ServiceStatus {
  DRAFT = 'DRAFT',
  UNDER_OPINION = 'UNDER_OPINION',
  REGISTERED = 'REGISTERED',
  INTEGRATED = 'INTEGRATED',
  ACTIVE = 'ACTIVE',
  SUSPENDED = 'SUSPENDED',
  RETIRED = 'RETIRED',
}

export const audience = pgEnum('audience', Audience)
export const direction = pgEnum('direction', Direction)
export const serviceStatus = pgEnum('service_status', ServiceStatus)

/** The lasting part of a service. What changes over time is in its versions. */
export const services = pgTable(
  'services',
  {
    id: id(),
    code: text('code').notNull().unique(),
    agencyId: uuid('agency_id')
      .notNull()
      .references(() => agencies.id),
    lifeEventId: uuid('life_event_id')
      .notNull()
      .references(() => lifeEvents.id),
    ...named(),
    description: words('description'),
    descriptionConfidence: confidence('description_confidence'),
    // What people type who look for the service: words and phrases, with commas.
    searchWords: words('search_words'),
    audiences: audience('audiences').array().notNull(),
    direction: direction('direction').notNull(),
    status: serviceStatus('status').notNull(),
    // Why it is suspended or retired.
    statusNote: words('status_note'),
    suspendedUntil: timestamp('suspended_until', { withTimezone: true }),
    confidence: confidence('confidence').notNull(),
    source: text('source'),
    seeded: jsonb('seeded'),
  },
  ({ id, code, agencyId, lifeEventId, status, nameAz, nameEn, nameRu }) => [
    index().on(agencyId, nameAz, id),
    index().on(lifeEventId, nameAz, id),
    index().on(nameAz, id),
    index().on(nameEn, id),
    index().on(nameRu, id),
    // Covers what a search reads of a service, for an index-only scan.
    index('services_search').on(id, agencyId, lifeEventId, status, code),
  ],
)

describeTable(services, {
  retention: {
    class: 'PERMANENT',
    reason: 'The catalogue is kept completely: a retired service still shows what it was.',
  },
})
