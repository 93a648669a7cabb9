import { and, arrayContains, asc, eq, inArray, isNull, notExists } from 'drizzle-orm'
import { refusal } from '../../engine/errors.js'
import type { Acting } from '../../events/commandKeys.js'
import { Assurance } from '../../shared/assurance.table.js'
import { stepUp, unknownCaller } from '../../shared/context.js'
import { MandateKind, mandates } from '../mandates/mandate.table.js'
import { actsAlone, fullPowers } from '../mandates/powers.rules.js'
import { capacitiesOf, isInForce } from './capacity.repository.js'
import { parties } from './party.table.js'

/**
 * The mandate of the head or SEAL_HOLDER of an organisation, locked until the transaction ends. Mandates through a firm do not
 * count. Throws FORBIDDEN, also for an unknown party, then STEP_UP_REQUIRED below assurance HIGH.
 */
export async function getSealMandate(
  acting: Acting,
  party: string,
  { headAlone = false } = {},
): Promise<{ mandate: string }> {
  const { caller } = acting.context
  if (caller.kind === 'ANONYMOUS') throw unknownCaller()
  const mandate = await findSealMandate(acting, party, { headAlone })
  if (!mandate) throw sealRequired(headAlone)
  requireHighAssurance(acting)
  return { mandate }
}

/** Like `getSealMandate`, but returns undefined instead of throwing. */
export async function findSealMandate(
  acting: Acting,
  party: string,
  { headAlone = false } = {},
): Promise<string | undefined> {
  const { caller, now, today } = acting.context
  if (caller.kind !== 'PERSON') return undefined
  const capacity = (await capacitiesOf(acting, [caller.party]))(caller.party)
  if (!actsAlone(capacity, today)) return undefined
  const forgotten = acting.tx
    .select({ id: parties.id })
    .from(parties)
    .where(and(inArray(parties.id, [party, caller.party]), isNull(parties.key)))
  const [held] = await acting.tx
    .select({ mandate: mandates.id })
    .from(mandates)
    .where(
      and(
        eq(mandates.principalId, party),
        eq(mandates.holderId, caller.party),
        inArray(mandates.kind, [MandateKind.HEAD, headAlone ? MandateKind.HEAD : MandateKind.SEAL_HOLDER]), // one statement for both
        // Requires all powers for all services: a seal holder can grant any of them.
        and(isNull(mandates.services), arrayContains(mandates.powers, fullPowers)),
        isInForce(now()),
        notExists(forgotten),
      ),
    )
    .orderBy(asc(mandates.id))
    .limit(1)
    .for('share')
  return held?.mandate
}

/** Throws STEP_UP_REQUIRED below assurance HIGH. */
export function requireHighAssurance({ context: { caller } }: Acting): void {
  const isSure = stepUp({ assurance: Assurance.HIGH }, caller, new Date())
  if (isSure !== true) throw isSure
}

const sealRequired = (headAlone: boolean) =>
  refusal(
    'FORBIDDEN',
    headAlone
      ? 'Only the head of the organisation, aged 18 or over, may do this.'
      : 'Only the head or a SEAL_HOLDER of the organisation, aged 18 or over, may do this.',
  )
