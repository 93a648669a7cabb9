import { v7 } from 'uuid'
import { record } from '../../events/record.js'
import type { Transaction } from '../../platform/seeding.js'
import { MandateSource, mandates } from './mandate.table.js'

type Row = typeof mandates.$inferInsert
type RegisteredMandate = Pick<
  Row,
  'principalId' | 'holderId' | 'kind' | 'powers' | 'services' | 'validFrom' | 'validTo' | 'createdAt'
>

/**
 * Records a mandate from a register: the head of an organisation, a power of attorney, a parent or guardian. Returns its ID.
 * Trusts the register that the parties exist, that kind and powers fit, and when it ends. Ages are checked when somebody acts.
 * @later No register reports mandates yet.
 */
export async function recordMandate(tx: Transaction, mandate: RegisteredMandate, register: string): Promise<string> {
  return await insertMandate(
    tx,
    { ...mandate, source: MandateSource.REGISTER },
    { type: 'mandate.recorded', actor: register },
  )
}

interface MandateEvent {
  type: 'mandate.granted' | 'mandate.recorded'
  /** The ID of the caller. */
  actor: string
  /** The mandates acted under, from the party on. */
  under?: readonly string[]
}
/** Inserts a mandate with its event. */
export async function insertMandate(tx: Transaction, row: Omit<Row, 'id'>, event: MandateEvent): Promise<string> {
  const id = v7()
  await tx.insert(mandates).values({ ...row, id })
  await recordOfMandate(tx, { id, ...row }, { ...event, at: row.createdAt })
  return id
}

/** Records an event of a mandate, with the IDs of all parties involved. */
export async function recordOfMandate(
  tx: Transaction,
  { id, principalId, holderId }: Pick<typeof mandates.$inferSelect, 'id' | 'principalId' | 'holderId'>,
  { type, at, actor, under = [] }: { type: string; at: Date; actor: string; under?: readonly string[] },
): Promise<void> {
  const [first, second] = under
  const ids = { holder: holderId, ...(first && { under: first }), ...(second && { through: second }) }
  await record(tx, [{ domain: 'identity', type, subject: id, partyId: principalId, at, actor, ids }])
}
