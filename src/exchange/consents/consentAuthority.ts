import type { Acting } from '../../events/commandKeys.js'
import { Power } from '../../identity/mandates/mandate.table.js'
import { type Authority, findAuthorityOver } from '../../identity/mandates/powers.js'
import { findSealOf } from '../../identity/parties/seal.js'

/**
 * Under which mandates a person consents for a party, until the transaction ends; undefined for who may not. One's own data
 * are one's own to sign for: of full age, or as a minor whom a parent or guardian lets sign. For a minor or a ward it takes the
 * power CONSENT, for an organisation its seal. A power of attorney and a delegate do not go so far.
 */
export async function findAuthorityToConsent(acting: Acting, party: string): Promise<Authority | undefined> {
  // The scope is asked of programs, and this is for persons.
  const scope = 'registries:read'
  if (party === acting.context.caller.party) return await findAuthorityOver(acting, party, { power: Power.SIGN, scope })
  // Both, whatever is found: what is another's is told from what never was by nothing.
  const seal = await findSealOf(acting, party)
  const over = await findAuthorityOver(acting, party, { power: Power.CONSENT, scope })
  return seal ? { party, mandates: [seal] } : over
}
