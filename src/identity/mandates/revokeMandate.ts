import { and, eq, isNull } from 'drizzle-orm'
import { Field, ID, InputType } from 'type-graphql'
import { NIL } from 'uuid'
import { command, made, refused } from '../../engine/command.js'
import { keyIn } from '../../engine/node.js'
import type { Acting } from '../../events/commandKeys.js'
import { person } from '../../shared/context.js'
import { findSealMandate, requireHighAssurance } from '../parties/seal.js'
import { isOver, keptByRegister, unknownMandate } from './mandate.errors.js'
import { Mandate } from './mandate.js'
import { MandateKind, mandates, Power, RevocationReason } from './mandate.table.js'
import { findAuthorityOver } from './powers.js'
import { recordOfMandate } from './recordMandate.js'

@InputType({ description: 'Input of `revokeMandate`.' })
export class RevokeMandateInput {
  @Field(() => ID, { description: 'ID of the mandate.' })
  mandateId!: string
  @Field(() => RevocationReason, { description: 'Reason for the revocation.' })
  reason!: RevocationReason
}

export const revokeMandate = command({
  name: 'revokeMandate',
  description:
    'Revokes a mandate with immediate effect. The holder may revoke it, and a person who gave the power of ' +
    'attorney. The head and SEAL_HOLDERs of the principal or the holder may, with assurance HIGH. Only the head revokes a ' +
    'SEAL_HOLDER. A CONSENT may be revoked by its giver and by callers with the power CONSENT over the ' +
    'minor. Returns NOT_FOUND if the mandate does not exist or the caller may not revoke it. Returns ' +
    'NOT_ALLOWED_NOW if a register keeps the mandate, or it has ended.',
  allowedTo: person,
  input: RevokeMandateInput,
  key: 'optional',
  creates: false,
  made: { mandate: { type: Mandate, description: 'Mandate after the change.' } },
  async act(input: RevokeMandateInput, acting: Acting) {
    const { tx, context } = acting
    const [found] = await tx
      .select()
      .from(mandates)
      .where(eq(mandates.id, keyIn(input.mandateId, 'Mandate')))
    const under = await authorityToRevoke(acting, found)
    if (!found || !under) return refused([unknownMandate])
    if (fromRegister.includes(found.kind)) return refused([keptByRegister])

    // Waits for commands that act under it now.
    const [mandate] = await tx.select().from(mandates).where(eq(mandates.id, found.id)).for('update')
    const at = context.now()
    if (!mandate || mandate.revokedAt || (mandate.validTo && mandate.validTo <= at)) return refused([isOver])
    await tx
      .update(mandates)
      .set({ revokedAt: at, revokedBy: context.caller.id, revokedFor: input.reason })
      .where(and(eq(mandates.id, found.id), isNull(mandates.revokedAt)))
    await recordOfMandate(tx, found, { type: 'mandate.revoked', at, actor: context.caller.id, under })
    return made({ mandate: found.id })
  },
})

const fromRegister = [MandateKind.HEAD, MandateKind.PARENT, MandateKind.GUARDIAN]
type Row = typeof mandates.$inferSelect

/**
 * The mandates under which the caller may revoke this one. Empty for their own mandate. Undefined if they may not. Runs the same
 * statements if the mandate does not exist.
 */
async function authorityToRevoke(acting: Acting, found: Row | undefined): Promise<readonly string[] | undefined> {
  const { party } = acting.context.caller
  const { kind, principalId = NIL, holderId = NIL, grantedBy } = found ?? {}
  const headAlone = kind === MandateKind.SEAL_HOLDER
  const sealOfPrincipal = await findSealMandate(acting, principalId, { headAlone })
  const sealOfHolder = await findSealMandate(acting, holderId)
  const consent = await findAuthorityOver(acting, principalId, { power: Power.CONSENT, scope: 'mandates:read' })

  const isGivers =
    (kind === MandateKind.POWER_OF_ATTORNEY && principalId === party) ||
    (kind === MandateKind.CONSENT && grantedBy === party)
  if (holderId === party || isGivers) return []
  if (kind === MandateKind.CONSENT && consent) return consent.mandates
  const seal = sealOfPrincipal ?? sealOfHolder
  if (!seal) return undefined
  requireHighAssurance(acting)
  return [seal]
}
