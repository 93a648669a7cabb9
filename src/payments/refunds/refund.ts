import { and, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import { Field, Int, ObjectType, registerEnumType } from 'type-graphql'
import { Agency } from '../../agencies/agency.js'
import { AllowedTo } from '../../engine/allowedTo.js'
import {
  ascending,
  asked,
  connection,
  descending,
  everyone,
  fields,
  leaf,
  many,
  one,
  queries,
  type Row,
  Stored,
} from '../../engine/declare.js'
import { Node } from '../../engine/node.js'
import { isForCaller } from '../../identity/mandates/powers.js'
import { OfficerRole } from '../../identity/officers/appointment.table.js'
import { handledByCaller } from '../../identity/officers/offices.js'
import { ofParty } from '../../identity/parties/partyArgument.js'
import { type Context, hasScope } from '../../shared/context.js'
import { moneyIn } from '../../shared/money.js'
import { DateTime } from '../../shared/scalars.js'
import { viewerCanOf } from '../../shared/viewerCan.js'
import { Charge } from '../charges/charge.js'
import { Payment } from '../checkout/payment.js'
import { transfers } from '../ledger/transfer.table.js'
import { paymentsRead } from '../paymentsRead.js'
import { RefundAction } from './refund.rules.js'
import { RefundKind, RefundState, refunds } from './refund.table.js'
import { RefundGround } from './refundGround.js'

registerEnumType(RefundKind, {
  name: 'RefundKind',
  description: 'Why there is a refund.',
  valuesConfig: {
    AUTOMATIC: { description: 'The charge was paid already or had ended, so the money returns without a request.' },
    REQUESTED: { description: 'Somebody requested it, and the agency decides.' },
  },
})
registerEnumType(RefundState, {
  name: 'RefundState',
  description: 'State of a refund.',
  valuesConfig: {
    REQUESTED: { description: 'The agency examines the request.' },
    APPROVED: { description: 'The bank will be asked to return the money.' },
    SENT: { description: 'The bank was asked, and has not returned the money yet.' },
    COMPLETED: { description: 'The bank has returned the money.' },
    REJECTED: { description: 'The agency has rejected the request.' },
    FAILED: { description: 'The bank refused. The agency settles the difference; the amount can be requested again.' },
  },
})
registerEnumType(RefundAction, {
  name: 'RefundAction',
  description: 'Action on a refund.',
  valuesConfig: {
    APPROVE: { description: 'Approve it: `approveRefund`.' },
    REJECT: { description: 'Reject it: `rejectRefund`.' },
  },
})

export type RefundRow = Row<typeof refunds>
const readsPayments = asked(({ caller }: Context) => hasScope(caller, 'payments:read'))
const isTheirs = ({ partyId, serviceCode }: RefundRow, variant: string | undefined) =>
  isForCaller(partyId, variant, serviceCode, ['VIEW', 'PAY'])

@AllowedTo(paymentsRead)
@Stored(refunds, {
  PERSON: isTheirs,
  PROGRAM: (row: RefundRow, variant) => and(sql`${readsPayments}::boolean`, isTheirs(row, variant)),
  OFFICER: ({ agencyId }) => handledByCaller(agencyId, OfficerRole.FINANCE),
  AUDITOR: everyone,
})
@ObjectType({
  implements: Node,
  simpleResolvers: true,
  description:
    'Money that returns to the payer of a charge. Visible to the payer, and to holders of the power VIEW or PAY over them ' +
    'in that service. Programs require the scope `payments:read`. Officers of the agency with the role FINANCE and ' +
    'auditors see it too.',
})
export class Refund extends Node {
  @Field(() => String, { description: 'Number with a check character, such as F26-0000123-K.' })
  number!: string
  @Field(() => RefundKind, { description: 'Why there is a refund.' })
  kind!: RefundKind
  @Field(() => RefundState, { description: 'State of the refund.' })
  state!: RefundState
  @Field(() => Int, { description: 'Version number, which each change of the refund increases.' })
  revision!: number
  @Field(() => DateTime, { description: 'When it was requested. For AUTOMATIC: when the payment arrived.' })
  requestedAt!: Date
  @Field(() => DateTime, {
    nullable: true,
    description:
      'End of the present step: the examination, the second approval, or the return of the money. Null for AUTOMATIC.',
  })
  dueAt!: Date | null
  @Field(() => DateTime, {
    nullable: true,
    description: 'End of the longest time that the law allows until the money returns. Null for AUTOMATIC.',
  })
  latestAt!: Date | null
  @Field(() => DateTime, { nullable: true, description: 'When it was approved or rejected. Null until then.' })
  decidedAt!: Date | null
  @Field(() => DateTime, {
    nullable: true,
    description: 'When the bank returned the money or refused, or the agency rejected the request. Null until then.',
  })
  endedAt!: Date | null
}

const underWay: readonly RefundState[] = [RefundState.REQUESTED, RefundState.APPROVED, RefundState.SENT]
fields(Refund, {
  money: moneyIn(refunds, 'Amount of the refund.'),
  payment: one(Payment, refunds.paymentId, {
    description: 'Payment that is refunded. Null if the caller may not see the payment.',
  }),
  charge: one(Charge, refunds.chargeId, {
    description: 'Charge whose payment is refunded. Null if the caller may not see the charge.',
  }),
  agency: one(Agency, refunds.agencyId, { description: 'Agency that was paid, or would have been.' }),
  ground: one(RefundGround, refunds.groundId, { description: 'Legal ground. Null for AUTOMATIC.' }),
  isOverdue: leaf(
    () => Boolean,
    [refunds.state, refunds.dueAt],
    ({ state, dueAt }: typeof refunds.$inferSelect, { now }: Context) =>
      underWay.includes(state) && dueAt !== null && dueAt < now(),
    {
      nullable: false,
      description: 'True if the time for the present step is over. It must still be done.',
    },
  ),
})

fields(Payment, {
  refunds: many(Refund, refunds.paymentId, {
    order: ascending(refunds.requestedAt),
    atMost: 20,
    cut: true,
    nullable: true,
    description:
      'Refunds of the payment, earliest first, at most 20. Those that the caller may not see are left out. Returns UNAUTHENTICATED ' +
      'without a token: a payer who did not sign in sees them on the page of the outcome.',
  }),
})

export const RefundViewerCan = viewerCanOf('Refund', RefundAction)

const paid = alias(refunds, 'paid_back')
/** What banks have returned of payments that paid a charge, in minor units, as text. Others never paid it. */
export const refundedSql = ({ id }: Row) =>
  sql`(select coalesce(sum(${paid.amount}), 0)::text from ${refunds} ${paid} where ${paid.chargeId} = ${id}
    and ${paid.kind} = 'REQUESTED' and ${paid.state} = 'COMPLETED' and exists (
      select from ${transfers} where ${transfers.paymentId} = ${paid.paymentId} and ${transfers.chargeId} = ${id}
        and ${transfers.kind} = 'APPLY'))`

export const refundQueries = queries({
  refunds: connection(Refund, undefined, {
    allowedTo: paymentsRead,
    owner: ofParty(refunds.partyId),
    order: descending(refunds.requestedAt),
    description: 'Refunds to a party, newest first. Programs require the scope `payments:read`.',
  }),
})
