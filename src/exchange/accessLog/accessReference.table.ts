import { sql } from 'drizzle-orm'
import { bigint, check, index, pgEnum, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { bytes } from '../../platform/bytes.js'
import { describeTable } from '../../platform/describeTable.js'

/** What a row of the log refers to by an id. */
export enum ReferenceKind {
  PURPOSE = 'PURPOSE',
  GROUND = 'GROUND',
  REGISTRY = 'REGISTRY',
  AGENCY = 'AGENCY',
  PROGRAM = 'PROGRAM',
  MANDATE = 'MANDATE',
  /** An account at an issuer, of a party in the row. */
  ACCOUNT = 'ACCOUNT',
  /** An identifier of a party in the row. */
  IDENTIFIER = 'IDENTIFIER',
}
export const referenceKind = pgEnum('reference_kind', ReferenceKind)

/** What ids in the log meant when they were first covered: part of what that checkpoint is over. */
export const accessReferences = pgTable(
  'access_references',
  {
    refId: uuid('ref_id').notNull(),
    checkpointNumber: bigint('checkpoint_number', { mode: 'bigint' }).notNull(),
    kind: referenceKind('kind').notNull(),
    // The code, the party, or of a mandate the principal and the holder.
    value: text('value').notNull(),
    // Over the blind index of an account or an identifier, under the key of the party: noise once it is forgotten.
    mark: bytes('mark'),
  },
  ({ refId, checkpointNumber, mark }) => [
    primaryKey({ columns: [refId, checkpointNumber] }),
    index().on(checkpointNumber, refId),
    check('access_references_mark_check', sql`octet_length(${mark}) = 32`),
  ],
)

describeTable(accessReferences, {
  retention: {
    class: 'PERMANENT',
    reason: 'Shows what the ids in the access log meant, and that this never changed, as long as the log is kept.',
  },
  appendOnly: true,
})
