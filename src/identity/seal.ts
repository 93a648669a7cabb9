import { and, asc, eq, gt, inArray, isNull, lte, or } from 'drizzle-orm'
import { refusal } from '../engine/errors.js'
import type { Acting } from '../events/commandKeys.js'
import { Assurance } from '../shared/assurance.table.js'
import { stepUp } from '../shared/context.js'
import { MandateKind, mandates } from './mandate.table.js'

const withSeal = [MandateKind.HEAD, MandateKind.SEAL_HOLDER]

/**
 * The mandate by which a person holds the seal of an organisation, themselves and not through a firm, which it is until
 * the command's transaction ends. Refuses with FORBIDDEN, a party that is not there as one that is another's; then with
 * STEP_UP_REQUIRED whoever is not known surely.
 */
export async function holdsSealOf({ tx, context }: Acting, party: string): Promise<{ mandate: string }> {
  const { caller, now } = context
  if (caller.kind === 'NOBODY')
    throw refusal('UNAUTHENTICATED', 'It must be known who does this: send `Authorization: Bearer <token>`.')
  if (caller.kind !== 'PERSON' || !caller.party) throw sealRequired()
  const at = now()
  const isInForce = and(
    isNull(mandates.revokedAt),
    lte(mandates.validFrom, at),
    or(isNull(mandates.validTo), gt(mandates.validTo, at)),
  )
  const [held] = await tx
    .select({ mandate: mandates.id })
    .from(mandates)
    .where(
      and(
        eq(mandates.principalId, party),
        eq(mandates.holderId, caller.party),
        inArray(mandates.kind, withSeal),
        isInForce,
      ),
    )
    .orderBy(asc(mandates.id))
    .limit(1)
    .for('share')
  if (!held) throw sealRequired()
  const isSure = stepUp({ assurance: Assurance.HIGH }, caller, new Date())
  if (isSure !== true) throw isSure
  return held
}

const sealRequired = () =>
  refusal('FORBIDDEN', 'This takes the seal of the organisation, held by its head or beside them.')
