import { and, eq, inArray, type SQL, sql } from 'drizzle-orm'
import { v7 } from 'uuid'
import { type Happened, record } from '../../events/record.js'
import { keysToEncrypt } from '../../identity/parties/party.js'
import type { Keyring } from '../../platform/keyring.js'
import { encrypt, indexed } from '../../platform/personal.js'
import type { Transaction } from '../../platform/seeding.js'
import { newCode, readCode } from '../../shared/code.js'
import { nextNumbers } from '../../shared/number.js'
import { waiting } from '../checkout/payment.rules.js'
import { payments } from '../checkout/payment.table.js'
import { paymentItems } from '../checkout/paymentItem.table.js'
import { ChargeState, ChargeSubject, charges } from './charge.table.js'
import { chargeLines } from './chargeLine.table.js'

export type Charge = typeof charges.$inferSelect
type Insert = typeof charges.$inferInsert
type Unwritten = Omit<Insert, 'code' | 'codeIndex' | 'reason'> & { id: string }
export type NewLine = Omit<typeof chargeLines.$inferInsert, 'id' | 'chargeId' | 'position' | 'currency'>
export interface NewCharge
  extends Pick<Insert, 'agencyId' | 'subjectType' | 'currency'>,
    Partial<Pick<Insert, 'partyId' | 'subjectId' | 'reference' | 'serviceCode' | 'due' | 'payBy'>> {
  lines: readonly NewLine[]
}
/** When a change is recorded, and who made it. */
export interface Recorded {
  at: Date
  actor: string
  /** Further IDs for the event, such as the appointment under which an officer acts. */
  ids?: Record<string, string>
}

/**
 * Raises charges. Leaves out one whose reference an open or paid charge of the agency has, unless it is for an application or a filing. The
 * number of statements does not grow with the charges.
 */
export async function raiseCharges(
  tx: Transaction,
  keyring: Keyring,
  wanted: readonly NewCharge[],
  recorded: Recorded,
): Promise<Charge[]> {
  const { at } = recorded
  if (wanted.length === 0) return []
  const parties = wanted.flatMap(({ partyId }) => partyId ?? [])
  // A party that was forgotten has no code.
  const keys = parties.length > 0 ? await keysToEncrypt(tx, keyring, [...new Set(parties)]) : new Map()
  const numbers = await nextNumbers(tx, 'charge_numbers', { kind: 'C', at, count: wanted.length })
  const all = wanted.map(({ lines, ...charge }, place) => {
    const amount = lines.reduce((sum, line) => sum + line.amount, 0n)
    const number = numbers[place] as string // as many as charges
    const row: Unwritten = { id: v7(), number, ...charge, amount, state: ChargeState.OPEN, raisedAt: at, changedAt: at }
    return { id: row.id, row: withCode(keyring, keys, row), lines }
  })
  const raised = await tx
    .insert(charges)
    .values(all.map(({ row }) => row))
    .onConflictDoNothing({
      target: [charges.agencyId, charges.subjectType, charges.reference],
      where: sql`state in ('OPEN', 'PAID') and subject_type not in ('APPLICATION', 'FILING')`,
    })
    .returning()
  const isRaised = new Set(raised.map(({ id }) => id))
  const lines = all
    .filter(({ id }) => isRaised.has(id))
    .flatMap(({ id: chargeId, row: { currency }, lines }) =>
      lines.map((line, position) => ({ ...line, currency, chargeId, position })),
    )
  if (lines.length > 0) await tx.insert(chargeLines).values(lines)
  await record(
    tx,
    raised.map((charge) => happenedTo(charge, 'charge.raised', recorded)),
  )
  return raised
}

/** Raises one charge. Undefined if an open or paid charge of the agency has its reference. */
export const raiseCharge = async (
  tx: Transaction,
  keyring: Keyring,
  charge: NewCharge,
  recorded: Recorded,
): Promise<Charge | undefined> => (await raiseCharges(tx, keyring, [charge], recorded))[0]

function withCode(keyring: Keyring, keys: Awaited<ReturnType<typeof keysToEncrypt>>, row: Unwritten): Insert {
  const { partyId } = row
  const key = partyId ? keys.get(partyId) : undefined
  if (!key || !partyId) return row
  const code = newCode()
  const written = { ...row, partyId, code, codeIndex: indexed(keyring, charges.codeIndex, readCode(code)) }
  // The cast: encrypt() returns the columns of that table.
  return encrypt(key, charges, written) as Insert
}

/** The event of a charge. `about` is what is charged for. */
export const happenedTo = (
  {
    id,
    partyId,
    agencyId,
    subjectId,
    serviceCode,
  }: Pick<Charge, 'id' | 'partyId' | 'agencyId' | 'subjectId' | 'serviceCode'>,
  type: string,
  { at, actor, ids = {} }: Recorded,
): Happened => ({
  domain: 'payments',
  type,
  subject: id,
  agencyId,
  at,
  actor,
  ...(partyId && { partyId }),
  ...(serviceCode && { serviceCode }),
  ids: subjectId ? { ...ids, about: subjectId } : ids,
})

/** Cancels the open charges of a subject. What is paid for them afterwards is refunded. */
export const cancelCharges = async (tx: Transaction, subjectId: string, recorded: Recorded): Promise<Charge[]> =>
  await endCharges(tx, eq(charges.subjectId, subjectId), { ...recorded, state: ChargeState.CANCELLED })

/** Ends the open charges of a subject that were not paid in time. */
export const expireCharges = async (tx: Transaction, subjectId: string, recorded: Recorded): Promise<Charge[]> =>
  await endCharges(tx, eq(charges.subjectId, subjectId), { ...recorded, state: ChargeState.EXPIRED })

interface Ended extends Recorded {
  state: ChargeState.CANCELLED | ChargeState.EXPIRED
  /** Why the agency cancelled it. */
  reason?: Charge['reason']
}
/** Ends those of the charges that are open. Locks them in the order of their IDs. */
export async function endCharges(
  tx: Transaction,
  areMeant: SQL,
  { state, reason = null, ...recorded }: Ended,
): Promise<Charge[]> {
  const { at } = recorded
  const areOpen = and(areMeant, eq(charges.state, ChargeState.OPEN))
  const locked = tx.select({ id: charges.id }).from(charges).where(areOpen).orderBy(charges.id).for('update')
  const ended = await tx
    .update(charges)
    .set({ state, reason, endedAt: at, changedAt: at, revision: sql`${charges.revision} + 1` })
    .where(inArray(charges.id, locked))
    .returning()
  await record(
    tx,
    ended.map((charge) => happenedTo(charge, `charge.${state.toLowerCase()}`, recorded)),
  )
  return ended
}

/**
 * Pays those of the charges that are open, each whole. Returns the IDs of what was paid: the amounts of the others are then
 * refunded. Lock the charges in order of their IDs before. `paidAt` is the moment of the payment, as the bank says it.
 */
export async function applyToCharges(
  tx: Transaction,
  items: readonly Pick<Charge, 'id' | 'amount'>[],
  paidAt: Date,
  recorded: Recorded,
): Promise<ReadonlySet<string>> {
  const given = JSON.stringify(items.map(({ id, amount }) => ({ id, amount: amount.toString() })))
  const paid = await tx
    .update(charges)
    .set({
      paid: sql`${charges.amount}`,
      state: ChargeState.PAID,
      paidAt,
      changedAt: recorded.at,
      revision: sql`${charges.revision} + 1`,
    })
    .where(
      and(
        eq(charges.state, ChargeState.OPEN),
        sql`(${charges.id}, ${charges.amount} - ${charges.paid}) in (
          select id, amount from jsonb_to_recordset(${given}::text::jsonb) as given(id uuid, amount bigint))`,
      ),
    )
    .returning()
  await record(
    tx,
    paid.map((charge) => happenedTo(charge, 'charge.paid', { ...recorded, at: paidAt })),
  )
  return new Set(paid.map(({ id }) => id))
}

/** Opens a paid charge again, because the bank took the money back. That of an application has no deadline then, and stays payable. */
export async function reopenCharge(tx: Transaction, chargeId: string, recorded: Recorded): Promise<boolean> {
  const [opened] = await tx
    .update(charges)
    .set({
      paid: 0n,
      state: ChargeState.OPEN,
      paidAt: null,
      payBy: sql`case ${charges.subjectType} when ${ChargeSubject.APPLICATION} then null else ${charges.payBy} end`,
      changedAt: recorded.at,
      revision: sql`${charges.revision} + 1`,
    })
    .where(and(eq(charges.id, chargeId), eq(charges.state, ChargeState.PAID)))
    .returning()
  if (opened) await record(tx, [happenedTo(opened, 'charge.reopened', recorded)])
  return opened !== undefined
}

/**
 * Locks the open charges of a subject, and returns when the last session of a payment under way for one of them ends. Undefined
 * if there is none. They may have been paid in time.
 */
export async function awaitedUntil(tx: Transaction, subjectId: string): Promise<Date | undefined> {
  const areOpen = and(eq(charges.subjectId, subjectId), eq(charges.state, ChargeState.OPEN))
  const open = await tx.select({ id: charges.id }).from(charges).where(areOpen).orderBy(charges.id).for('update')
  if (open.length === 0) return undefined
  const ids = open.map(({ id }) => id)
  const ends = await tx
    .select({ at: payments.expiresAt })
    .from(paymentItems)
    .innerJoin(payments, eq(payments.id, paymentItems.paymentId))
    .where(and(inArray(paymentItems.chargeId, ids), inArray(payments.state, [...waiting])))
  const last = Math.max(...ends.map(({ at }) => at.getTime()))
  return ends.length > 0 ? new Date(last) : undefined
}
