import { and, eq, inArray } from 'drizzle-orm'
import { Field, InputType } from 'type-graphql'
import { services } from '../../catalogue/services/service.table.js'
import { command, made, refused } from '../../engine/command.js'
import type { UserError } from '../../engine/userError.js'
import type { Acting } from '../../events/commandKeys.js'
import { agencyNamed } from '../../identity/officers/agencyArgument.js'
import { refuseOwnCase } from '../../identity/officers/ownCase.js'
import { IdentifierType } from '../../identity/parties/identifier.table.js'
import { partyNamedByOther } from '../../identity/parties/identifiers.js'
import { PartyKind } from '../../identity/parties/party.table.js'
import { Fin, Voen } from '../../shared/identifiers/scalars.js'
import { Currency } from '../../shared/money.js'
import { DateTime } from '../../shared/scalars.js'
import { invalid, unknownCode } from '../../shared/userErrors.js'
import { Charge } from './charge.js'
import { raiseCharge as raise } from './charge.repository.js'
import { mostInReference, mostLines, userErrorsInCharge } from './charge.rules.js'
import { ChargeState, ChargeSubject, charges } from './charge.table.js'
import { ChargeLineInput, linesOf } from './chargeLine.js'
import { financeOrProgram, handlesCharges, holdFinance } from './finance.js'

@InputType({ description: 'Input of `raiseCharge`. Provide exactly one of `fin` and `voen`.' })
export class RaiseChargeInput {
  @Field(() => String, {
    nullable: true,
    description: 'Code of the agency. Defaults to the only agency whose charges the caller handles.',
  })
  agencyCode?: string | null
  @Field(() => Fin, { nullable: true, description: 'FİN of the person who owes it.' })
  fin?: string | null
  @Field(() => Voen, { nullable: true, description: 'VÖEN of the organisation that owes it.' })
  voen?: string | null
  @Field(() => String, {
    description: `The agency’s own number of what is charged, unique among its charges that are not cancelled. At most ${mostInReference} characters.`,
  })
  reference!: string
  @Field(() => String, {
    nullable: true,
    description: 'Code of a service of the agency. Mandates for that service then cover the charge.',
  })
  serviceCode?: string | null
  @Field(() => Currency, { description: 'Currency of the amounts: AZN or USD.' })
  currency!: string
  @Field(() => DateTime, {
    nullable: true,
    description: 'Last moment to pay, in the future. Afterwards the charge is overdue, and stays payable.',
  })
  payBy?: Date | null
  @Field(() => [ChargeLineInput], { description: `What is charged: 1 to ${mostLines} lines.` })
  lines!: ChargeLineInput[]
}

export const raiseCharge = command({
  name: 'raiseCharge',
  description:
    'Raises a charge of an agency on a person or an organisation, who need not have signed in before. Requires an officer of the ' +
    'agency with the role FINANCE and assurance HIGH, or its program with the scope `charges:raise`. Returns MISSING and ' +
    'INVALID for wrong input. Returns NOT_FOUND for an agency whose charges the caller does not handle, and for a service of ' +
    'another agency. Returns CONFLICT with the number of the first charge if the reference was used. Returns FORBIDDEN in the ' +
    'caller’s own case.',
  allowedTo: financeOrProgram,
  input: RaiseChargeInput,
  key: 'required',
  creates: true,
  made: { charge: { type: Charge, description: 'Charge that was raised.' } },
  async act(input: RaiseChargeInput, acting: Acting) {
    const { tx, context } = acting
    const { caller, keyring } = context
    const at = context.now()
    const { serviceCode = null, reference, currency, payBy = null } = input
    const agency = agencyNamed(caller, handlesCharges(caller), input.agencyCode, 'charge.agency')
    const wrong = [
      ...('userError' in agency ? [agency.userError] : []),
      ...(Boolean(input.fin) === Boolean(input.voen) ? [noParty] : []),
      ...userErrorsInCharge(input, at),
    ]
    if (wrong.length > 0 || 'userError' in agency) return refused(wrong)
    const { agencyId } = agency
    const under = await holdFinance(acting, agencyId)
    if (!under) return refused([unknownCode('agency.unknown', ['agencyCode'], agency.code)])
    if (serviceCode !== null && !(await hasService(acting, agencyId, serviceCode)))
      return refused([unknownCode('service.unknown', ['serviceCode'], serviceCode)])
    const partyId = await partyOf(acting, input, at)
    const lines = linesOf(input.lines, currency)
    const wanted = {
      agencyId,
      partyId,
      subjectType: ChargeSubject.OTHER,
      reference,
      serviceCode,
      currency,
      payBy,
      lines,
    }
    const raised = await raise(tx, keyring, wanted, { at, actor: caller.id, ids: { under } })
    return raised ? made({ charge: raised.id }) : refused([await repeated(acting, agencyId, reference)])
  },
})

async function hasService({ tx }: Acting, agencyId: string, code: string): Promise<boolean> {
  const isIts = and(eq(services.code, code), eq(services.agencyId, agencyId))
  return (await tx.select({ id: services.id }).from(services).where(isIts)).length > 0
}

/** Who owes it. Throws FORBIDDEN in the officer's own case. */
async function partyOf(acting: Acting, { fin, voen }: RaiseChargeInput, createdAt: Date): Promise<string> {
  const named = fin
    ? { kind: PartyKind.NATURAL_PERSON, identifier: { type: IdentifierType.FIN, value: fin } }
    : { kind: PartyKind.LEGAL_ENTITY, identifier: { type: IdentifierType.VOEN, value: voen as string } } // one of both
  const { party } = await partyNamedByOther(acting.tx, acting.context.keyring, { ...named, createdAt })
  await refuseOwnCase(acting, party)
  return party
}

/** Names the charge that has the reference. */
async function repeated({ tx }: Acting, agencyId: string, reference: string): Promise<UserError> {
  const isLive = inArray(charges.state, [ChargeState.OPEN, ChargeState.PAID])
  const isIts = and(eq(charges.agencyId, agencyId), eq(charges.subjectType, ChargeSubject.OTHER))
  const [first] = await tx
    .select({ number: charges.number })
    .from(charges)
    .where(and(isIts, isLive, eq(charges.reference, reference)))
  // It may have been cancelled since.
  return { code: 'CONFLICT', reason: 'charge.repeated', field: ['reference'], params: { number: first?.number ?? '' } }
}

const noParty = invalid('charge.party', ['fin'])
