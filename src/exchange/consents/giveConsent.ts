import { sql } from 'drizzle-orm'
import { Field, ID, InputType } from 'type-graphql'
import { v7 } from 'uuid'
import { command, made, refused } from '../../engine/command.js'
import { refusal } from '../../engine/errors.js'
import type { Acting } from '../../events/commandKeys.js'
import { capacitiesOf } from '../../identity/parties/capacity.repository.js'
import { partyOrSelf } from '../../identity/parties/partyArgument.js'
import { requireHighAssurance } from '../../identity/parties/seal.js'
import { ownPartyOf, person } from '../../shared/context.js'
import { DateTime } from '../../shared/scalars.js'
import { legalDate } from '../../shared/time.js'
import { Consent } from './consent.js'
import { findInForce, findWanted, recordOfConsent } from './consent.repository.js'
import {
  isThere,
  userErrorsBeside,
  userErrorsInAge,
  userErrorsInConsent,
  userErrorsInGrounds,
  type Wanted,
} from './consent.rules.js'
import { consents } from './consent.table.js'
import { findAuthorityToConsent } from './consentAuthority.js'

@InputType({ description: 'Input of `giveConsent`.' })
export class GiveConsentInput {
  @Field(() => ID, {
    nullable: true,
    description: 'ID of the party for whom the caller consents. Defaults to the caller.',
  })
  partyId?: string | null
  @Field(() => String, { description: 'Code of the agency whose officers may query the registries.' })
  agencyCode!: string
  @Field(() => String, { description: 'Code of the purpose.' })
  purposeCode!: string
  @Field(() => [String], { description: 'Codes of the registries that may be queried, 1 to 20.' })
  registryCodes!: string[]
  @Field(() => DateTime, {
    nullable: true,
    description: 'Start of validity, today at the earliest. An earlier time today counts as now. Defaults to now.',
  })
  validFrom?: Date | null
  @Field(() => DateTime, {
    description: 'End of validity, at most five years ahead. For a minor, at most until they come of age.',
  })
  validTo!: Date
}

export const giveConsent = command({
  name: 'giveConsent',
  description:
    'Lets an agency’s officers query registries about a party, where the law requires the party’s consent ' +
    '(`legalGrounds` with `consentRequired`). For adults and for minors with the power SIGN, for themselves; for ' +
    'holders of the power CONSENT over a minor or a ward; and for the head and SEAL_HOLDERs of an organisation. Requires ' +
    'assurance HIGH. Returns FORBIDDEN if the caller may not consent for the party, and STEP_UP_REQUIRED if the ' +
    'assurance is lower. User errors are MISSING or INVALID for a wrong field, and NOT_FOUND for an unknown code. ' +
    'NOT_ALLOWED_NOW means that a consent for the same already exists, or that the party has too many.',
  allowedTo: person,
  input: GiveConsentInput,
  key: 'required',
  creates: true,
  made: { consent: { type: Consent, description: 'New consent.' } },
  async act(input: GiveConsentInput, acting: Acting) {
    const { tx, context } = acting
    const party = partyOrSelf(input.partyId) ?? ownPartyOf(context.caller)
    const authority = await findAuthorityToConsent(acting, party)
    if (!authority) throw notForThem()
    requireHighAssurance(acting)
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`consents of ${party}`}, 0))`)
    const now = context.now() // after the lock, so that times follow the order of commits

    const wanted = wantedOf(input, now)
    const { birthDate } = (await capacitiesOf(acting, [party]))(party)
    const userErrors = [...userErrorsInConsent(wanted, now), ...userErrorsInAge(birthDate, wanted, context.today)]
    // Checked first, to bound what is asked of the database.
    if (userErrors.length > 0) return refused(userErrors)
    const found = await findWanted(tx, wanted)
    const unlawful = userErrorsInGrounds(wanted, found)
    if (unlawful.length > 0 || !isThere(found)) return refused(unlawful)
    const taken = userErrorsBeside(wanted, found, await findInForce(tx, party, now))
    if (taken.length > 0) return refused(taken)

    const { agencyId, purposeId } = found
    const { registries, validFrom, validTo } = wanted
    const [id, under] = [v7(), authority.mandates]
    const actor = context.caller.id
    await tx.insert(consents).values({
      id,
      partyId: party,
      agencyId,
      purposeId,
      registries: [...registries],
      validFrom,
      validTo,
      createdAt: now,
      givenBy: actor,
      givenUnder: [...under],
    })
    await recordOfConsent(tx, { id, partyId: party, agencyId }, { type: 'consent.given', at: now, actor, under })
    return made({ consent: id })
  },
})

function wantedOf({ agencyCode, purposeCode, registryCodes, validFrom, validTo }: GiveConsentInput, now: Date): Wanted {
  const from = validFrom ?? now
  // A consent cannot begin before it is given.
  const isToday = legalDate(from) === legalDate(now)
  return {
    agency: agencyCode,
    purpose: purposeCode,
    registries: [...new Set(registryCodes)],
    validFrom: isToday && from < now ? now : from,
    validTo,
  }
}

const notForThem = () =>
  refusal(
    'FORBIDDEN',
    'To consent for a party, you must be that adult, have the power CONSENT over that minor or ward, or be the head or a ' +
      'SEAL_HOLDER of that organisation.',
    { reason: 'consent.not_yours' },
  )
