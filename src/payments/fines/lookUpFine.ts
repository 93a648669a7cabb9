import { and, eq, gte, inArray, isNull, lte, or } from 'drizzle-orm'
import { registries } from '../../agencies/registry.table.js'
import { rateLimited, tooMany } from '../../engine/rates.js'
import { purposes } from '../../exchange/accessLog/purpose.table.js'
import { legalGrounds } from '../../exchange/consents/legalGround.table.js'
import type { Answer } from '../../exchange/registries/answer.js'
import { askForFine, finesRegistry, type ProtocolFine } from '../../exchange/registries/trafficProtocol.js'
import { RefusalReason } from '../../exchange/registries/unavailable.js'
import type { Context } from '../../shared/context.js'
import type { Evidence } from '../../shared/exchange.js'
import type { Words } from '../../shared/words.js'
import { ChargeState, ChargeSubject, charges } from '../charges/charge.table.js'
import type { FineInput } from './fine.js'
import { referenceOf } from './fine.rules.js'
import { addUnknownFine, findUnknownFine } from './unknownFines.js'

export interface LookedUp extends Answer<ProtocolFine> {
  /** The agency to which fines are paid. */
  agencyId: string
  /** The state of the fine's charge, unless it has none or an ended one. */
  charged: ChargeState | null
}

/**
 * Asks the registry for a fine. Undefined if this installation has no such registry. An unknown number and a wrong second factor
 * take the same way, so that neither the answer nor its time tells them apart.
 */
export async function lookUpFine(input: FineInput, context: Context): Promise<LookedUp | undefined> {
  const { series, number, voen, document } = input
  const reference = referenceOf(input)
  const retryAfter = await context.meter.lookUp('fine', voen || document ? reference : undefined)
  if (retryAfter) throw rateLimited(tooMany.lookUps, retryAfter)
  const basis = await findBasis(reference, context)
  if (!basis) return undefined
  const none = { ...basis, record: null, provenance: null, staleAsOf: null, unavailable: null }
  const registry = { id: basis.registryId, agencyId: basis.agencyId }
  if (!basis.legalBasis)
    return { ...none, unavailable: { ...registry, reason: RefusalReason.NOT_PERMITTED, retryAt: null } }
  const { legalBasis } = basis
  const answered = ({ service, messageId, requestHash }: Evidence, at: Date) => ({
    ...registry,
    service,
    messageId,
    requestHash,
    fetchedAt: at,
    staleAsOf: null,
    legalBasis,
  })
  const { exchange, caller, timings } = context
  const secondFactor = { ...(voen && { voen }), ...(document && { document }) }
  const asked = JSON.stringify([series, number, voen, document])
  const unknown = findUnknownFine(exchange, asked, context.now().getTime() - timings.unknownFinesFreshFor)
  if (unknown) return { ...none, provenance: answered(unknown, unknown.at) }
  const sender = { userId: caller.id, deadline: context.deadline }
  const reply = await askForFine(exchange, { series, number }, secondFactor, sender)
  const at = context.now()
  if ('failed' in reply) return { ...none, unavailable: { ...registry, reason: reply.failed, retryAt: reply.retryAt } }
  if (!reply.answer) addUnknownFine(exchange, asked, { ...reply, at })
  return { ...none, record: reply.answer, provenance: answered(reply, at) }
}

interface Basis {
  registryId: string
  agencyId: string
  /** Null if no law permits the query. */
  legalBasis: Words | null
  charged: ChargeState | null
}
async function findBasis(reference: string, { database: { db }, today }: Context): Promise<Basis | undefined> {
  const [found] = await db
    .select({
      registryId: registries.id,
      agencyId: registries.agencyId,
      legalBasis: legalGrounds.basis,
      charged: charges.state,
    })
    .from(registries)
    .leftJoin(purposes, eq(purposes.code, 'PAYMENT'))
    .leftJoin(
      legalGrounds,
      and(
        eq(legalGrounds.registryId, registries.id),
        eq(legalGrounds.purposeId, purposes.id),
        isNull(legalGrounds.agencyId),
        lte(legalGrounds.validFrom, today),
        or(isNull(legalGrounds.validTo), gte(legalGrounds.validTo, today)),
      ),
    )
    .leftJoin(
      charges,
      and(
        eq(charges.agencyId, registries.agencyId),
        eq(charges.subjectType, ChargeSubject.FINE),
        eq(charges.reference, reference),
        inArray(charges.state, [ChargeState.OPEN, ChargeState.PAID]),
      ),
    )
    .where(eq(registries.code, finesRegistry))
  return found
}
