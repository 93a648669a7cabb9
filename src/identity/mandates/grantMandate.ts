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
import { getSealMandate, requireHighAssurance } from '../parties/seal.js'
import { Mandate } from './mandate.js'
import {
  type NamedHolder,
  userErrorsBeside,
  userErrorsInAge,
  userErrorsInGrant,
  userErrorsInHolder,
  type Wanted,
} from './mandate.rules.js'
import { MandateKind, MandateSource, mandates, Power } from './mandate.table.js'
import { authorityOver } from './powers.js'
import { insertMandate } from './recordMandate.js'

@InputType({ description: 'Identifies the holder. Provide exactly one of `fin` and `voen`.' })
export class MandateHolderInput {
  @Field(() => String, { nullable: true, description: 'FİN of a person.' })
  fin?: string | null
  @Field(() => String, { nullable: true, description: 'VÖEN of an organisation.' })
  voen?: string | null
}

@InputType({ description: 'Input of `grantMandate`.' })
export class GrantMandateInput {
  @Field(() => ID, {
    description: 'ID of the organisation the holder acts for. For a CONSENT, ID of the minor.',
  })
  partyId!: string
  @Field(() => MandateHolderInput, {
    nullable: true,
    description:
      'Party that receives the mandate. The response does not reveal whether anybody has that identifier. Omit ' +
      'it for a CONSENT: the minor is the holder.',
  })
  holder?: MandateHolderInput | null
  @Field(() => MandateKind, {
    description: 'Type of mandate: SEAL_HOLDER, DELEGATE, EMPLOYEE or CONSENT. Other types come from registers.',
  })
  kind!: MandateKind
  @Field(() => [Power], {
    description:
      'Powers to grant. CONSENT cannot be granted. A CONSENT mandate cannot grant VIEW. A SEAL_HOLDER receives ' +
      'all of VIEW, FILE, PAY and SIGN.',
  })
  powers!: Power[]
  @Field(() => [String], {
    nullable: true,
    description:
      'Codes of the services covered. Null covers all services, and is required for a SEAL_HOLDER. Codes are ' +
      'not checked against the catalogue.',
  })
  serviceCodes?: string[] | null
  @Field(() => DateTime, { nullable: true, description: 'When the mandate takes effect. Defaults to now.' })
  validFrom?: Date | null
  @Field(() => DateTime, {
    nullable: true,
    description:
      'When the mandate expires, at most five years ahead. Required for a DELEGATE. Null if it is valid until ' +
      'revoked.',
  })
  validTo?: Date | null
}

export const grantMandate = command({
  name: 'grantMandate',
  description:
    'Grants a mandate to act for an organisation, or lets a minor aged 14 to 17 act alone. Requires ' +
    'assurance HIGH. For an organisation, requires its head or a SEAL_HOLDER; for a minor, the power CONSENT. Only the head ' +
    'grants a SEAL_HOLDER. The holder need not have signed in before. Returns MISSING or INVALID for wrong ' +
    'input. Returns NOT_ALLOWED_NOW if the same mandate is in force, 200 mandates are in force, or the ' +
    'minor’s age does not allow it.',
  allowedTo: person,
  input: GrantMandateInput,
  key: 'required',
  creates: true,
  made: { mandate: { type: Mandate, description: 'Granted mandate.' } },
  async act(input: GrantMandateInput, acting: Acting) {
    const { tx, context } = acting
    const { caller } = context
    const principal = partyNamed(input.partyId)
    const under = await authorityToGrant(acting, principal, input.kind)
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`mandates of ${principal}`}, 0))`)
    const now = context.now() // after the lock, so that times follow the order of commits
    const named = namedIn(input)
    const wanted = wantedOf(input, now)

    const { holder, userErrors } = await holderOf(acting, principal, wanted.kind, named)
    const granter = ownPartyOf(caller)
    const all = [...userErrors, ...userErrorsInGrant(wanted, now)]
    if (all.length > 0 || !holder) return refused(all)
    // Returned alone: trying identifiers must leave a mandate for each.
    const beside = { principal, granter, holder: holder.party }
    const taken = userErrorsBeside(wanted, await findInForce(tx, principal, now), beside)
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

/** The mandates under which it is granted. Throws the same for an unknown party and another's. */
async function authorityToGrant(acting: Acting, principal: string, kind: MandateKind): Promise<readonly string[]> {
  if (kind !== MandateKind.CONSENT) {
    const headAlone = kind === MandateKind.SEAL_HOLDER
    return [(await getSealMandate(acting, principal, { headAlone })).mandate]
  }
  // Only programs need a scope, and this command is for persons.
  const { mandates } = await authorityOver(acting, principal, { power: Power.CONSENT, scope: 'mandates:read' })
  requireHighAssurance(acting)
  return mandates
}

interface Holder {
  party: string
  /** The identifier that named the holder. */
  identifier: string | null
}
/** Finds the holder, or creates a party with that identifier. Undefined if the input is invalid. */
async function holderOf(
  acting: Acting,
  principal: string,
  kind: MandateKind,
  named: NamedHolder,
): Promise<{ holder?: Holder; userErrors: UserError[] }> {
  const { tx, context } = acting
  const userErrors = userErrorsInHolder(kind, named)
  if (kind === MandateKind.CONSENT) {
    const { birthDate } = (await capacitiesOf(acting, [principal]))(principal)
    const ofAge = userErrorsInAge(birthDate, context.today)
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

/** The identifier of the holder. Requires exactly one. */
function identifierOf({ fin, voen }: NamedHolder): { kind: PartyKind; identifier: Identifier } {
  if (fin && 'value' in fin)
    return { kind: PartyKind.NATURAL_PERSON, identifier: { type: IdentifierType.FIN, value: fin.value } }
  if (voen && 'value' in voen)
    return { kind: PartyKind.LEGAL_ENTITY, identifier: { type: IdentifierType.VOEN, value: voen.value } }
  throw new Error('a holder without a fault is required to have an identifier; this one has none')
}

const wantedOf = ({ kind, powers, serviceCodes, validFrom, validTo }: GrantMandateInput, now: Date): Wanted => ({
  kind,
  powers: [...new Set(powers)],
  services: serviceCodes ? [...new Set(serviceCodes)] : null,
  validFrom: validFrom ?? now,
  validTo: validTo ?? null,
})

async function findInForce(tx: Transaction, principal: string, now: Date) {
  const { principalId, revokedAt, validTo } = mandates
  return await tx
    .select()
    .from(mandates)
    .where(and(eq(principalId, principal), isNull(revokedAt), or(isNull(validTo), gt(validTo, now))))
}
