import { sql } from 'drizzle-orm'
import { Field, ID, InputType } from 'type-graphql'
import { v7 } from 'uuid'
import { command, made, refused } from '../../engine/command.js'
import { refusal } from '../../engine/errors.js'
import type { Acting } from '../../events/commandKeys.js'
import { capacitiesOf } from '../../identity/parties/capacity.repository.js'
import { partyOrSelf } from '../../identity/parties/partyArgument.js'
import { refuseUnlessSure } from '../../identity/parties/seal.js'
import { ownPartyOf, person } from '../../shared/context.js'
import { DateTime } from '../../shared/scalars.js'
import { legalDate } from '../../shared/time.js'
import { Consent } from './consent.js'
import { findWanted, recordOfConsent, standingOf } from './consent.repository.js'
import {
  isThere,
  refusalsBeside,
  refusalsOfAge,
  refusalsOfLaw,
  refusalsToConsent,
  type Wanted,
} from './consent.rules.js'
import { consents } from './consent.table.js'
import { findAuthorityToConsent } from './consentAuthority.js'

@InputType({ description: 'Who may ask which registries about whom, for what, and until when.' })
export class GiveConsentInput {
  @Field(() => ID, {
    nullable: true,
    description: 'Who may be asked about: the id of a party for whom the caller may consent. Null: oneself.',
  })
  partyId?: string | null
  @Field(() => String, { description: 'The code of the agency whose officers may ask.' })
  agency!: string
  @Field(() => String, { description: 'The code of the purpose.' })
  purpose!: string
  @Field(() => [String], { description: 'The codes of the registries that may be asked, 1 to 20.' })
  registries!: string[]
  @Field(() => DateTime, {
    nullable: true,
    description: 'From when on it holds, today at the earliest and not before it is given; null: from now on.',
  })
  validFrom?: Date | null
  @Field(() => DateTime, {
    description: 'From when on it holds no more, at most five years ahead, and for a minor not beyond their full age.',
  })
  validTo!: Date
}

export const giveConsent = command({
  name: 'giveConsent',
  description:
    'Lets an agency ask registries where the law wants the consent of the subject for it (`legalGrounds` with ' +
    '`consentRequired`). For persons of full age for themselves, for minors whom a parent or guardian lets sign, for who has the ' +
    'power CONSENT over a minor or a ward, and for who holds the seal of an organisation; with assurance HIGH, as the ' +
    'signature of a written consent. At most one stands for the same at a time.',
  allowedTo: person,
  input: GiveConsentInput,
  key: 'required',
  creates: true,
  made: { consent: { type: Consent, description: 'The consent.' } },
  async act(input: GiveConsentInput, acting: Acting) {
    const { tx, context } = acting
    const party = partyOrSelf(input.partyId) ?? ownPartyOf(context.caller)
    const authority = await findAuthorityToConsent(acting, party)
    if (!authority) throw notForThem()
    refuseUnlessSure(acting)
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`consents of ${party}`}, 0))`)
    const now = context.now() // of two at once, the later one's is later

    const wanted = wantedOf(input, now)
    const { birthDate } = (await capacitiesOf(acting, [party]))(party)
    const unfit = [...refusalsToConsent(wanted, now), ...refusalsOfAge(birthDate, wanted, context.today)]
    // What is asked of the database is bounded.
    if (unfit.length > 0) return refused(unfit)
    const found = await findWanted(tx, wanted)
    const unlawful = refusalsOfLaw(wanted, found)
    if (unlawful.length > 0 || !isThere(found)) return refused(unlawful)
    const taken = refusalsBeside(wanted, found, await standingOf(tx, party, now))
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

function wantedOf({ agency, purpose, registries, validFrom, validTo }: GiveConsentInput, now: Date): Wanted {
  const from = validFrom ?? now
  // What was asked this morning was asked without it.
  const isToday = legalDate(from) === legalDate(now)
  return {
    agency,
    purpose,
    registries: [...new Set(registries)],
    validFrom: isToday && from < now ? now : from,
    validTo,
  }
}

const notForThem = () =>
  refusal(
    'FORBIDDEN',
    'To consent for this party takes to be of full age and it oneself, the power CONSENT over a minor or a ward, or the seal ' +
      'of an organisation.',
    { reason: 'consent.not_yours' },
  )
