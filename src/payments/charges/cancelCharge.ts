import { eq } from 'drizzle-orm'
import { Field, ID, InputType, Int } from 'type-graphql'
import { command, made, refused } from '../../engine/command.js'
import { keyIn } from '../../engine/node.js'
import type { UserError } from '../../engine/userError.js'
import type { Acting } from '../../events/commandKeys.js'
import { refuseOwnCase } from '../../identity/officers/ownCase.js'
import { keysToEncrypt } from '../../identity/parties/party.js'
import { encrypt } from '../../platform/personal.js'
import { longest, userErrorsInText } from '../../shared/texts.rules.js'
import { Charge } from './charge.js'
import { endCharges } from './charge.repository.js'
import { ChargeAction, refusalOf } from './charge.rules.js'
import { ChargeState, charges } from './charge.table.js'
import { financeOrProgram, holdFinance } from './finance.js'

@InputType({ description: 'Input of `cancelCharge`.' })
export class CancelChargeInput {
  @Field(() => ID, { description: 'ID of the charge.' })
  chargeId!: string
  @Field(() => Int, {
    description: '`revision` that the caller saw. Returns CONFLICT if the charge has changed since.',
  })
  revision!: number
  @Field(() => String, { description: `Reason, which the party reads. At most ${longest.prose} characters.` })
  reason!: string
}

export const cancelCharge = command({
  name: 'cancelCharge',
  description:
    'Cancels an open charge that the agency raised with `raiseCharge`. A payment that is under way is refunded by itself once it ' +
    'arrives. Requires an officer of the agency with the role FINANCE and assurance HIGH, or its program with the scope ' +
    '`charges:raise`. Returns NOT_FOUND if the caller handles no such charge. Returns MISSING or INVALID for a wrong reason. ' +
    'Returns NOT_ALLOWED_NOW if the charge is not OPEN, or belongs to an application or a fine. Returns FORBIDDEN in the ' +
    'caller’s own case.',
  allowedTo: financeOrProgram,
  input: CancelChargeInput,
  key: 'optional',
  creates: false,
  made: { charge: { type: Charge, description: 'Charge after the change.' } },
  async act({ chargeId, revision, reason }: CancelChargeInput, acting: Acting) {
    const { tx, context } = acting
    const at = context.now()
    const isMeant = eq(charges.id, keyIn(chargeId, 'Charge'))
    const [charge] = await tx.select().from(charges).where(isMeant).for('update')
    const under = charge && (await holdFinance(acting, charge.agencyId))
    if (!charge || !under) return refused([unknown])
    if (charge.partyId) await refuseOwnCase(acting, charge.partyId)
    if (charge.revision !== revision) return refused([changedSince(charge.revision)])
    const refusal = refusalOf(ChargeAction.CANCEL, charge, { mayPay: false, isFinance: true }, at)
    if (refusal) return refused([{ code: 'NOT_ALLOWED_NOW', reason: refusal }])
    const wrong = userErrorsInText(['reason'], reason, longest.prose)
    if (wrong.length > 0) return refused(wrong)
    const { id, partyId } = charge
    const key = partyId && (await keysToEncrypt(tx, context.keyring, [partyId])).get(partyId)
    // Nobody can read what is written to a party that was forgotten.
    const written = key && partyId ? encrypt(key, charges, { id, partyId, reason }) : {}
    const ended = { at, actor: context.caller.id, state: ChargeState.CANCELLED, ids: { under }, ...written } as const
    await endCharges(tx, isMeant, ended)
    return made({ charge: id })
  },
})

const unknown: UserError = { code: 'NOT_FOUND', reason: 'charge.unknown', field: ['chargeId'] }
const changedSince = (revision: number): UserError => ({
  code: 'CONFLICT',
  reason: 'charge.changed',
  field: ['revision'],
  params: { revision },
})
