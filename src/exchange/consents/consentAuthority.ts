import type { Acting } from '../../events/commandKeys.js'
import { Power } from '../../identity/mandates/mandate.table.js'
import { type Authority, findAuthorityOver } from '../../identity/mandates/powers.js'
import { findSealMandate } from '../../identity/parties/seal.js'

/**
 * The mandates under which a person consents for a party, locked until the transaction ends. Undefined if they may not. An adult, or
 * a minor with the power SIGN, consents for themselves. A minor or ward requires the power CONSENT, an organisation its seal. A
 * delegate or a power of attorney is not enough.
 */
export async function findAuthorityToConsent(acting: Acting, party: string): Promise<Authority | undefined> {
  // Only programs need a scope, and this command is for persons.
  const scope = 'registries:read'
  if (party === acting.context.caller.party) return await findAuthorityOver(acting, party, { power: Power.SIGN, scope })
  // Always both, so that a party of somebody else is indistinguishable from one that does not exist.
  const seal = await findSealMandate(acting, party)
  const over = await findAuthorityOver(acting, party, { power: Power.CONSENT, scope })
  return seal ? { party, mandates: [seal] } : over
}
