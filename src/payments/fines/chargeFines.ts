import { and, eq, inArray, or } from 'drizzle-orm'
import type { Acting } from '../../events/commandKeys.js'
import { type Charge, endCharges, type NewCharge, raiseCharges } from '../charges/charge.repository.js'
import { ChargeState, ChargeSubject, charges } from '../charges/charge.table.js'

/**
 * The charges of fines, by reference. Raises those that nobody has raised before: two payers at once share one. A charge of
 * another amount is cancelled, because the registry has changed it.
 */
export async function chargeFines(
  { tx, context }: Acting,
  wanted: readonly NewCharge[],
): Promise<ReadonlyMap<string, Charge>> {
  if (wanted.length === 0) return new Map()
  // In one order, so that two transactions never wait for each other.
  const inOrder = [...wanted].sort((one, other) => ((one.reference ?? '') < (other.reference ?? '') ? -1 : 1))
  const recorded = { at: context.now(), actor: context.caller.id }
  const areTheirs = and(
    eq(charges.subjectType, ChargeSubject.FINE),
    inArray(charges.state, [ChargeState.OPEN, ChargeState.PAID]),
    or(
      ...wanted.map(({ agencyId, reference }) =>
        and(eq(charges.agencyId, agencyId), eq(charges.reference, reference ?? '')),
      ),
    ),
  )
  const known = await tx.select().from(charges).where(areTheirs)
  const outdated = known.filter((charge) => charge.state === ChargeState.OPEN && !wanted.some(isSameAs(charge)))
  const areOutdated = inArray(
    charges.id,
    outdated.map(({ id }) => id),
  )
  if (outdated.length > 0) await endCharges(tx, areOutdated, { ...recorded, state: ChargeState.CANCELLED })
  if (outdated.length > 0 || known.length < wanted.length) await raiseCharges(tx, context.keyring, inOrder, recorded)
  const all = await tx.select().from(charges).where(areTheirs)
  return new Map(all.map((charge) => [charge.reference ?? '', charge]))
}

const isSameAs =
  ({ reference, amount, currency }: Charge) =>
  (wanted: NewCharge) =>
    wanted.reference === reference && wanted.currency === currency && wanted.lines[0]?.amount === amount
