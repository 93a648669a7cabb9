import { and, eq, gt, isNull, or, sql } from 'drizzle-orm'
import { Field, ID, InputType } from 'type-graphql'
import { command, made, refused } from '../../engine/command.js'
import type { UserError } from '../../engine/userError.js'
import type { Acting } from '../../events/commandKeys.js'
import type { Transaction } from '../../platform/seeding.js'
import { ownPartyOf, person } from '../../shared/context.js'
import { readFin } from '../../shared/identifiers/fin.js'
import { readVoen } from '../../shared/identifiers/voen.js'
import { DateTime } from '../../shared/scalars.js'
import { capacitiesOf } from '../parties/capacity.repository.js'
import { IdentifierType } from '../parties/identifier.table.js'
import { type Identifier, partyNamedByOther } from '../parties/identifiers.js'
import { PartyKind } from '../parties/party.table.js'
import { partyNamed } from '../parties/partyArgument.js'
import { holdsSealOf, refuseUnlessSure } from '../parties/seal.js'
import { Mandate } from './mandate.js'
import {
  type NamedHolder,
  refusalsBeside,
  refusalsOfAge,
  refusalsOfHolder,
  refusalsToGrant,
  type Wanted,
} from './mandate.rules.js'
import { MandateKind, MandateSource, mandates, Power } from './mandate.table.js'
import { authorityOver } from './powers.js'
import { insertMandate } from './recordMandate.js'

@InputType({ description: 'As whom the holder is known: one of both.' })
export class MandateHolderInput {
  @Field(() => String, { nullable: true, description: 'The FİN of a person.' })
  fin?: string | null
  @Field(() => String, { nullable: true, description: 'The VÖEN of an organisation.' })
  voen?: string | null
}

@InputType({ description: 'Who may act for whom, in what, and until when.' })
export class GrantMandateInput {
  @Field(() => ID, {
    description: 'For whom the holder is to act: the id of an organisation, and for a CONSENT that of the minor.',
  })
  partyId!: string
  @Field(() => MandateHolderInput, {
    nullable: true,
    description:
      'Who is to act. Whether anybody has that identifier is not told. None for a CONSENT, which the minor holds.',
  })
  holder?: MandateHolderInput | null
  @Field(() => MandateKind, {
    description: 'SEAL_HOLDER, DELEGATE, EMPLOYEE or CONSENT; the others come from registers.',
  })
  kind!: MandateKind
  @Field(() => [Power], {
    description:
      'What the holder may do. Nobody is given CONSENT, and by a CONSENT nobody VIEW; a SEAL_HOLDER has the other four.',
  })
  powers!: Power[]
  @Field(() => [String], {
    nullable: true,
    description:
      'The codes of the services it is for; null: for all, as it must be for a SEAL_HOLDER. Whether there is such a service ' +
      'is not looked at.',
  })
  services?: string[] | null
  @Field(() => DateTime, { nullable: true, description: 'From when on it holds; null: from now on.' })
  validFrom?: Date | null
  @Field(() => DateTime, {
    nullable: true,
    description:
      'From when on it holds no more, at most five years ahead; a DELEGATE must have it. Null: when it is revoked.',
  })
  validTo?: Date | null
}

export const grantMandate = command({
  name: 'grantMandate',
  description:
    'Lets somebody act for an organisation, or a minor of 14 to 18 alone. For who holds the seal of the organisation ' +
    '(for a SEAL_HOLDER its head alone), and for who has the power CONSENT over the minor; with assurance HIGH. Whoever ' +
    'is named need not have signed in yet: the mandate waits for them.',
  allowedTo: person,
  input: GrantMandateInput,
  key: 'required',
  creates: true,
  made: { mandate: { type: Mandate, description: 'The mandate.' } },
  async act(input: GrantMandateInput, acting: Acting) {
    const { tx, context } = acting
    const { caller } = context
    const principal = partyNamed(input.partyId)
    const under = await authorityToGrant(acting, principal, input.kind)
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`mandates of ${principal}`}, 0))`)
    const now = context.now() // of two at once, the later one's is later
    const named = namedIn(input)
    const wanted = wantedOf(input, now)

    const { holder, userErrors } = await holderOf(acting, principal, wanted.kind, named)
    const granter = ownPartyOf(caller)
    const unfit = [...userErrors, ...refusalsToGrant(wanted, now)]
    if (unfit.length > 0 || !holder) return refused(unfit)
    // Not told beside the others: whoever tries identifiers, one after another, is to leave a mandate for each.
    const beside = { principal, granter, holder: holder.party }
    const taken = refusalsBeside(wanted, await standingOf(tx, principal, now), beside)
    if (taken.length > 0) return refused(taken)

    const row = {
      ...wanted,
      powers: [...wanted.powers],
      services: wanted.services && [...wanted.services],
      principalId: principal,
      holderId: holder.party,
      source: MandateSource.GRANT,
      createdAt: now,
      holderIdentifierId: holder.identifier,
      grantedBy: granter,
      grantedUnder: under[0] ?? null,
    }
    return made({ mandate: await insertMandate(tx, row, { type: 'mandate.granted', actor: caller.id, under }) })
  },
})

/** The mandates under which it is granted. Of a party that is not there, or is another's, it is refused alike. */
async function authorityToGrant(acting: Acting, principal: string, kind: MandateKind): Promise<readonly string[]> {
  if (kind !== MandateKind.CONSENT) {
    const headAlone = kind === MandateKind.SEAL_HOLDER
    return [(await holdsSealOf(acting, principal, { headAlone })).mandate]
  }
  // The scope is asked of programs, and this is for persons.
  const { mandates } = await authorityOver(acting, principal, { power: Power.CONSENT, scope: 'mandates:read' })
  refuseUnlessSure(acting)
  return mandates
}

interface Holder {
  party: string
  /** As whom they were named. */
  identifier: string | null
}
/** Who is to hold it, made where nobody has that identifier yet; none where it is not named as it must be. */
async function holderOf(
  acting: Acting,
  principal: string,
  kind: MandateKind,
  named: NamedHolder,
): Promise<{ holder?: Holder; userErrors: UserError[] }> {
  const { tx, context } = acting
  const userErrors = refusalsOfHolder(kind, named)
  if (kind === MandateKind.CONSENT) {
    const { birthDate } = (await capacitiesOf(acting, [principal]))(principal)
    const ofAge = refusalsOfAge(birthDate, context.today)
    return { holder: { party: principal, identifier: null }, userErrors: [...ofAge, ...userErrors] }
  }
  if (userErrors.length > 0) return { userErrors }
  const given = { ...identifierOf(named), createdAt: context.now() }
  return { holder: await partyNamedByOther(tx, context.keyring, given), userErrors }
}

const namedIn = ({ holder }: GrantMandateInput): NamedHolder => ({
  fin: holder?.fin == null ? undefined : readFin(holder.fin),
  voen: holder?.voen == null ? undefined : readVoen(holder.voen),
})

/** Of what was found to name one holder. */
function identifierOf({ fin, voen }: NamedHolder): { kind: PartyKind; identifier: Identifier } {
  if (fin && 'value' in fin)
    return { kind: PartyKind.NATURAL_PERSON, identifier: { type: IdentifierType.FIN, value: fin.value } }
  if (voen && 'value' in voen)
    return { kind: PartyKind.LEGAL_ENTITY, identifier: { type: IdentifierType.VOEN, value: voen.value } }
  throw new Error('a holder without a fault is required to have an identifier; this one has none')
}

const wantedOf = ({ kind, powers, services, validFrom, validTo }: GrantMandateInput, now: Date): Wanted => ({
  kind,
  powers: [...new Set(powers)],
  services: services ? [...new Set(services)] : null,
  validFrom: validFrom ?? now,
  validTo: validTo ?? null,
})

async function standingOf(tx: Transaction, principal: string, now: Date) {
  const { principalId, revokedAt, validTo } = mandates
  return await tx
    .select()
    .from(mandates)
    .where(and(eq(principalId, principal), isNull(revokedAt), or(isNull(validTo), gt(validTo, now))))
}
