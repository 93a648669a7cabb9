import { sql } from 'drizzle-orm'
import { bigint, check, index, pgEnum, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { bytes } from '../../platform/bytes.js'
import { describeTable } from '../../platform/describeTable.js'

/** Kind of object to which a row of the log refers by ID. */
export enum ReferenceKind {
  PURPOSE = 'PURPOSE',
  GROUND = 'GROUND',
  REGISTRY = 'REGISTRY',
  AGENCY = 'AGENCY',
  PROGRAM = 'PROGRAM',
  MANDATE = 'MANDATE',
  /** An account at an issuer that belongs to a party of the row. */
  ACCOUNT = 'ACCOUNT',
  /** An identifier of a party of the row. */
  IDENTIFIER = 'IDENTIFIER',
}
export const referenceKind = pgEnum('reference_kind', ReferenceKind)

/** What the IDs in the log meant when a checkpoint first covered them. Part of what that checkpoint signs. */
export const accessReferences = pgTable(
  'access_references',
  {
    refId: uuid('ref_id').notNull(),
    checkpointNumber: bigint('checkpoint_number', { mode: 'bigint' }).notNull(),
    kind: referenceKind('kind').notNull(),
    // The code or the party; for a mandate its principal and holder.
    value: text('value').notNull(),
    // A keyed hash of the blind index of an account or identifier, under the party's key. Meaningless once the party's data is erased.
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
