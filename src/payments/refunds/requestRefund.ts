import { and, eq, gte, isNull, lte, or } from 'drizzle-orm'
import { Field, ID, InputType } from 'type-graphql'
import { v7 } from 'uuid'
import { command, made, refused } from '../../engine/command.js'
import { keyIn } from '../../engine/node.js'
import type { UserError } from '../../engine/userError.js'
import type { Acting } from '../../events/commandKeys.js'
import { record } from '../../events/record.js'
import { Power } from '../../identity/mandates/mandate.table.js'
import { findAuthorityOver } from '../../identity/mandates/powers.js'
import { refuseOwnCase } from '../../identity/officers/ownCase.js'
import { keysToEncrypt } from '../../identity/parties/party.js'
import { encrypt } from '../../platform/personal.js'
import { Assurance } from '../../shared/assurance.table.js'
import { actsForParties, hasScope, only, ownPartyOf } from '../../shared/context.js'
import { Decimal, minorOf } from '../../shared/money.js'
import { nextNumbers } from '../../shared/number.js'
import { longest, userErrorsInText } from '../../shared/texts.rules.js'
import { legalDate } from '../../shared/time.js'
import { invalid, unknownCode } from '../../shared/userErrors.js'
import { handlesCharges, holdFinance } from '../charges/finance.js'
import { lockPayment } from '../checkout/payment.repository.js'
import { payments } from '../checkout/payment.table.js'
import { rulesOn } from '../rules/paymentRule.js'
import { PaymentRule } from '../rules/paymentRule.table.js'
import { Refund } from './refund.js'
import { beginRequest, endsOf, findClaimed, type Refund as RefundRow } from './refund.repository.js'
import { claimRefusals, lastDayToClaim, permits } from './refund.rules.js'
import { RefundKind, RefundState, refunds } from './refund.table.js'
import { refundGrounds } from './refundGround.table.js'
import { subjectOfRefund } from './refundUnapplied.js'

@InputType({ description: 'Input of `requestRefund`.' })
export class RequestRefundInput {
  @Field(() => ID, { description: 'ID of the payment.' })
  paymentId!: string
  @Field(() => ID, { description: 'ID of the charge that the payment paid.' })
  chargeId!: string
  @Field(() => Decimal, {
    nullable: true,
    description: 'Amount in units of the currency of the payment: "12.50". Defaults to all that is left.',
  })
  amount?: string | null
  @Field(() => Decimal, {
    description:
      'Amount that the caller believes is left to refund. Returns CONFLICT with the amount if it is another.',
  })
  expectedRefundable!: string
  @Field(() => String, { description: 'Code of the legal ground, from `refundGrounds`.' })
  groundCode!: string
  @Field(() => String, { description: `What happened, for the agency. At most ${longest.prose} characters.` })
  reason!: string
}

const mayAsk = only(
  'refundRequester',
  'persons, programs with the scope payments:write, and officers with the role FINANCE',
  ['PERSON', 'PROGRAM', 'OFFICER'],
  ({ kind }) => (kind === 'OFFICER' ? { assurance: Assurance.HIGH } : {}),
  (caller) => (caller.kind === 'OFFICER' ? handlesCharges(caller).length > 0 : hasScope(caller, 'payments:write')),
)

export const requestRefund = command({
  name: 'requestRefund',
  description:
    'Requests that a charge of a payment is refunded, whole or in part. Two officers of the agency approve a large ' +
    'amount, one any other. Requires the payer, a holder of the power PAY over them, or an officer of the agency ' +
    'with the role FINANCE and assurance HIGH. A program requires the scope `payments:write`. Returns NOT_FOUND for an ' +
    'unknown payment, charge or ground. Returns CONFLICT if another amount is left. Returns INVALID for a ground that does ' +
    'not cover the charge, and for an amount above what is left. Returns NOT_ALLOWED_NOW if the payment did not succeed or ' +
    'is disputed, if nothing is left, and after the time to claim. Returns FORBIDDEN in an officer’s own case.',
  allowedTo: mayAsk,
  input: RequestRefundInput,
  key: 'required',
  creates: true,
  made: { refund: { type: Refund, description: 'Created request.' } },
  async act(input: RequestRefundInput, acting: Acting) {
    const { tx, context } = acting
    const { caller, keyring, today } = context
    const found = await findForCaller(acting, keyIn(input.paymentId, 'Payment'), keyIn(input.chargeId, 'Charge'))
    if (!found) return refused([unknownPayment])
    const { payment, charge, left, under } = found
    const now = context.now()
    const rules = await rulesOn(tx, today)
    const { currency, partyId, state } = payment
    const asked = input.amount == null ? null : minorOf(input.amount, currency)
    const lastDay = lastDayToClaim(legalDate(payment.capturedAt ?? now), rules.termOf(PaymentRule.REFUND_CLAIM_LIMIT))
    const expected = minorOf(input.expectedRefundable, currency)
    const ground = await findGround(tx, input.groundCode, today)
    const userErrors = [
      ...claimRefusals({ state, today, lastDay, left, currency, amount: asked, expected }),
      ...(ground ? [] : [unknownCode('refund.unknown_ground', ['groundCode'], input.groundCode)]),
      ...(ground && !permits(ground, charge) ? [invalid('refund.ground', ['groundCode'])] : []),
      ...userErrorsInText(['reason'], input.reason, longest.prose),
    ]
    if (userErrors.length > 0 || !ground) return refused(userErrors)
    const { dueAt, latestAt } = await endsOf(tx, now, {
      dueAt: rules.termOf(PaymentRule.REFUND_EXAMINATION),
      latestAt: rules.termOf(PaymentRule.REFUND_LEGAL_MAXIMUM),
    })
    const [number] = await nextNumbers(tx, 'refund_numbers', { kind: 'F', at: now })
    const row = {
      id: v7(),
      number,
      kind: RefundKind.REQUESTED,
      paymentId: payment.id,
      chargeId: charge.id,
      agencyId: charge.agencyId,
      partyId,
      serviceCode: charge.serviceCode,
      amount: asked ?? left,
      currency,
      state: RefundState.REQUESTED,
      groundId: ground.id,
      requestedBy: ownPartyOf(caller),
      requestedAt: now,
      dueAt,
      latestAt,
      changedAt: now,
    }
    // A payer who was forgotten has no key: nothing personal is kept of them.
    const key = (await keysToEncrypt(tx, keyring, [partyId])).get(partyId)
    // The cast: encrypt() returns the columns of that table.
    const written = key ? (encrypt(key, refunds, { ...row, reason: input.reason }) as typeof refunds.$inferInsert) : row
    const [refund] = (await tx.insert(refunds).values(written).returning()) as [RefundRow] // one for one
    await beginRequest(tx, refund, dueAt, latestAt)
    const subject = subjectOfRefund(refund)
    const ids = { ...subject.ids, ...under }
    await record(tx, [{ ...subject, ids, type: 'refund.requested', at: now, actor: caller.id }])
    return made({ refund: refund.id })
  },
})

/** The locked payment and its charge, if the caller may request a refund of it. Others look like unknown ones. */
async function findForCaller(acting: Acting, paymentId: string, chargeId: string) {
  const { tx, context } = acting
  const { caller } = context
  const [payer] = await tx.select({ id: payments.partyId }).from(payments).where(eq(payments.id, paymentId))
  const before = payer && (await findClaimed(tx, paymentId, chargeId))
  if (!before) return undefined
  const under = await authorityFor(acting, payer.id, before.charge)
  if (!under) return undefined
  const payment = await lockPayment(tx, paymentId)
  // Again: what is left may have changed until the lock.
  const claimed = payment && (await findClaimed(tx, paymentId, chargeId))
  if (!claimed) return undefined
  if (caller.kind === 'OFFICER')
    for (const party of [payment.partyId, claimed.charge.partyId]) if (party) await refuseOwnCase(acting, party)
  return { payment, under, ...claimed }
}

/** IDs for the event. Undefined if the caller has no authority. */
async function authorityFor(
  acting: Acting,
  payerId: string,
  { agencyId, serviceCode }: { agencyId: string; serviceCode: string | null },
): Promise<Record<string, string> | undefined> {
  if (!actsForParties(acting.context.caller)) {
    const office = await holdFinance(acting, agencyId)
    return office === undefined ? undefined : { under: office }
  }
  const wanted = { power: Power.PAY, scope: 'payments:write' as const, ...(serviceCode && { service: serviceCode }) }
  const authority = await findAuthorityOver(acting, payerId, wanted)
  return authority && (authority.mandates.length > 0 ? { mandates: authority.mandates.join(' ') } : {})
}

async function findGround(tx: Acting['tx'], code: string, today: string) {
  const { validFrom, validTo } = refundGrounds
  const isValid = and(lte(validFrom, today), or(isNull(validTo), gte(validTo, today)))
  const [ground] = await tx
    .select()
    .from(refundGrounds)
    .where(and(eq(refundGrounds.code, code), isValid))
  return ground
}

const unknownPayment: UserError = { code: 'NOT_FOUND', reason: 'refund.unknown_payment', field: ['paymentId'] }
