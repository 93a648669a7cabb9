import { index, pgEnum, pgTable, text, timestamp, unique, uuid } from 'drizzle-orm/pg-core'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { blindIndex } from '../../platform/personal.js'
import { parties } from './party.table.js'

/** Kind of account. */
export enum SubjectKind {
  CITIZEN = 'CITIZEN',
  FOREIGNER = 'FOREIGNER',
  STATELESS = 'STATELESS',
  OFFICER = 'OFFICER',
  OPERATOR = 'OPERATOR',
  AUDITOR = 'AUDITOR',
}

export const subjectKind = pgEnum('subject_kind', SubjectKind)

/** An account at an issuer, and its party, which is found at the first sign-in and stays. */
export const identities = pgTable(
  'identities',
  {
    id: id(),
    partyId: uuid('party_id')
      .notNull()
      .references(() => parties.id),
    issuer: text('issuer').notNull(),
    kind: subjectKind('kind').notNull(),
    // Of issuer and subject (`iss`, `sub`).
    subjectIndex: blindIndex('subject_index'),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
  },
  ({ partyId, subjectIndex }) => [unique().on(subjectIndex), index().on(partyId)],
)

describeTable(identities, {
  retention: {
    class: 'WITH_ITS_SUBJECT',
    reason: 'An account belongs to its party. Forgetting the party leaves nothing to find it by.',
  },
  server: { delete: false },
})
