import { and, eq, isNull } from 'drizzle-orm'
import { Field, ID, InputType } from 'type-graphql'
import { NIL } from 'uuid'
import { command, made, refused } from '../../engine/command.js'
import { keyIn } from '../../engine/node.js'
import type { Acting } from '../../events/commandKeys.js'
import { requireHighAssurance } from '../../identity/parties/seal.js'
import { person } from '../../shared/context.js'
import { isOver, unknownConsent } from './consent.errors.js'
import { Consent } from './consent.js'
import { recordOfConsent } from './consent.repository.js'
import { consents } from './consent.table.js'
import { findAuthorityToConsent } from './consentAuthority.js'

@InputType({ description: 'Input of `withdrawConsent`.' })
export class WithdrawConsentInput {
  @Field(() => ID, { description: 'ID of the consent.' })
  consentId!: string
}

export const withdrawConsent = command({
  name: 'withdrawConsent',
  description:
    'Withdraws a consent at once. No registry is queried under it from then on. For the party itself, at any age and ' +
    'assurance, whoever gave the consent. Also for anybody who could give it now, with assurance HIGH. Returns ' +
    'STEP_UP_REQUIRED if their assurance is lower. A consent that was already withdrawn is returned unchanged. User ' +
    'errors are NOT_FOUND if there is no such consent for the caller, and NOT_ALLOWED_NOW if it has expired.',
  allowedTo: person,
  input: WithdrawConsentInput,
  key: 'optional',
  creates: false,
  made: { consent: { type: Consent, description: 'Withdrawn consent.' } },
  async act(input: WithdrawConsentInput, acting: Acting) {
    const { tx, context } = acting
    const [found] = await tx
      .select()
      .from(consents)
      .where(eq(consents.id, keyIn(input.consentId, 'Consent')))
    const under = await authorityToWithdraw(acting, found)
    if (!found || !under) return refused([unknownConsent])

    const [consent] = await tx.select().from(consents).where(eq(consents.id, found.id)).for('update')
    const [at, actor] = [context.now(), context.caller.id]
    if (consent?.withdrawnAt) return made({ consent: found.id })
    if (!consent || consent.validTo <= at) return refused([isOver])
    await tx
      .update(consents)
      .set({ withdrawnAt: at, withdrawnBy: actor })
      .where(and(eq(consents.id, found.id), isNull(consents.withdrawnAt)))
    await recordOfConsent(tx, found, { type: 'consent.withdrawn', at, actor, under })
    return made({ consent: found.id })
  },
})

type Row = typeof consents.$inferSelect

/** The mandates under which the caller may withdraw; empty for their own consent. Undefined if they may not, or if it does not exist. */
async function authorityToWithdraw(acting: Acting, found: Row | undefined): Promise<readonly string[] | undefined> {
  const { partyId = NIL } = found ?? {}
  if (partyId === acting.context.caller.party) return []
  const authority = await findAuthorityToConsent(acting, partyId)
  if (authority) requireHighAssurance(acting)
  return authority?.mandates
}
