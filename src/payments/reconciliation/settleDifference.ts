import { and, eq, inArray, isNull } from 'drizzle-orm'
import { Field, ID, InputType } from 'type-graphql'
import { command, made, refused } from '../../engine/command.js'
import { keyIn } from '../../engine/node.js'
import type { UserError } from '../../engine/userError.js'
import type { Acting } from '../../events/commandKeys.js'
import { record } from '../../events/record.js'
import { OfficerRole } from '../../identity/officers/appointment.table.js'
import { agenciesOf } from '../../identity/officers/offices.js'
import { Assurance } from '../../shared/assurance.table.js'
import { only, ownPartyOf } from '../../shared/context.js'
import { longest, userErrorsInText } from '../../shared/texts.rules.js'
import { holdFinance } from '../charges/finance.js'
import { Reconciliation } from './reconciliation.js'
import { ReconciliationState, reconciliations } from './reconciliation.table.js'

@InputType({ description: 'Input of `settleDifference`.' })
export class SettleDifferenceInput {
  @Field(() => ID, { description: 'ID of the difference, from `reconciliations`.' })
  differenceId!: string
  @Field(() => String, {
    description: `How it was resolved. Kept for ever, so name no person. At most ${longest.prose} characters.`,
  })
  reason!: string
}

const financeOrOperator = only(
  'financeOrOperator',
  'officers with the role FINANCE, and the operator',
  ['OFFICER', 'OPERATOR'],
  { assurance: Assurance.HIGH },
  (caller) => caller.kind === 'OPERATOR' || agenciesOf(caller, OfficerRole.FINANCE).length > 0,
)

export const settleDifference = command({
  name: 'settleDifference',
  description:
    'Settles a difference with a reason. It moves no money: correct the cause first. Requires an officer of the agency ' +
    'with the role FINANCE; or the operator, for a difference of no agency or several. Both require assurance HIGH. ' +
    'Returns NOT_FOUND if the caller sees no such difference, MISSING without a reason, and NOT_ALLOWED_NOW if it is ' +
    'settled.',
  allowedTo: financeOrOperator,
  input: SettleDifferenceInput,
  key: 'optional',
  creates: false,
  made: { difference: { type: Reconciliation, description: 'Difference after the change.' } },
  async act({ differenceId, reason }: SettleDifferenceInput, acting: Acting) {
    const { tx, context } = acting
    const { caller } = context
    const { id, agencyId, state } = reconciliations
    const isTheirs =
      caller.kind === 'OPERATOR' ? isNull(agencyId) : inArray(agencyId, agenciesOf(caller, OfficerRole.FINANCE))
    const [found] = await tx
      .select()
      .from(reconciliations)
      .where(and(eq(id, keyIn(differenceId, 'Reconciliation')), isTheirs))
      .for('update')
    const under = found?.agencyId ? await holdFinance(acting, found.agencyId) : undefined
    if (!found || (found.agencyId && !under)) return refused([unknownDifference])
    const userErrors = userErrorsInText(['reason'], reason, longest.prose)
    if (userErrors.length > 0) return refused(userErrors)
    if (found.state !== ReconciliationState.OPEN) return refused([settled])
    const settledAt = context.now()
    await tx
      .update(reconciliations)
      .set({ state: ReconciliationState.SETTLED, settledAt, settledBy: ownPartyOf(caller), reason })
      .where(and(eq(id, found.id), eq(state, ReconciliationState.OPEN)))
    await record(tx, [
      {
        domain: 'payments',
        type: 'difference.settled',
        subject: found.id,
        ...(found.agencyId && { agencyId: found.agencyId }),
        at: settledAt,
        actor: caller.id,
        ids: { ...(found.paymentId && { payment: found.paymentId }), ...(under && { under }) },
      },
    ])
    return made({ difference: found.id })
  },
})

const unknownDifference: UserError = { code: 'NOT_FOUND', reason: 'difference.unknown', field: ['differenceId'] }
const settled: UserError = { code: 'NOT_ALLOWED_NOW', reason: 'difference.settled', field: ['differenceId'] }
