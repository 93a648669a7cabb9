import { and, sql } from 'drizzle-orm'
import { Field, Int, ObjectType, registerEnumType } from 'type-graphql'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import {
  ascending,
  asked,
  connection,
  descending,
  everyone,
  fields,
  find,
  leaf,
  many,
  one,
  queries,
  type Row,
  Stored,
} from '../../engine/declare.js'
import { Node } from '../../engine/node.js'
import { isWhollyForCaller } from '../../identity/mandates/powers.js'
import { OfficerRole } from '../../identity/officers/appointment.table.js'
import { handledByCaller } from '../../identity/officers/offices.js'
import { ofParty } from '../../identity/parties/partyArgument.js'
import { actsForParties, type Context, hasScope } from '../../shared/context.js'
import { messageIn } from '../../shared/messages.js'
import { moneyIn } from '../../shared/money.js'
import { DateTime } from '../../shared/scalars.js'
import { type ViewerCan, viewerCanOf } from '../../shared/viewerCan.js'
import { Charge } from '../charges/charge.js'
import { charges } from '../charges/charge.table.js'
import { paymentsRead } from '../paymentsRead.js'
import { payUrlOf } from './payAddress.js'
import { mostItems, PaymentAction, refusalToCancel, waiting } from './payment.rules.js'
import { PaymentMethod, PaymentState, payments } from './payment.table.js'
import { PaymentItem } from './paymentItem.js'
import { paymentItems } from './paymentItem.table.js'

registerEnumType(PaymentState, {
  name: 'PaymentState',
  description: 'State of a payment.',
  valuesConfig: {
    CREATED: { description: 'Started. The payer has not opened `checkoutUrl` yet.' },
    PENDING: { description: 'The bank waits for the payer.' },
    SUCCEEDED: { description: 'Paid.' },
    FAILED: { description: 'The bank declined. Start another payment.' },
    CANCELLED: { description: 'The payer cancelled. Start another payment.' },
    EXPIRED: { description: 'Not paid in time. Start another payment.' },
    LATE_SUCCESS: {
      description:
        'Paid, though the bank had reported a failure, cancellation or expiry. What can no longer be applied is refunded.',
    },
    REVERSED: { description: 'The bank took the money back. The charges are open again.' },
    DISPUTED: { description: 'Paid, but the payer disputes it at the bank.' },
  },
})
registerEnumType(PaymentMethod, {
  name: 'PaymentMethod',
  description: 'How a payment is made.',
  valuesConfig: {
    CARD: { description: 'By card, on the page of the bank.' },
    INSTANT: { description: 'By a request to the payer’s own bank, which the payer approves in its app. AZN only.' },
  },
})
registerEnumType(PaymentAction, {
  name: 'PaymentAction',
  description: 'Action on a payment.',
  valuesConfig: { CANCEL: { description: 'Cancel it before it is paid: `cancelPayment`.' } },
})

export const PaymentViewerCan = viewerCanOf('Payment', PaymentAction)

type PaymentRow = Row<typeof payments>
type Shown = typeof payments.$inferSelect
const readsPayments = asked(({ caller }: Context) => hasScope(caller, 'payments:read'))
const isTheirs = ({ partyId }: PaymentRow, variant: string | undefined) => isWhollyForCaller(partyId, variant)
const isPaidToCaller = ({ id }: PaymentRow) => sql`exists (
  select from ${paymentItems} join ${charges} on ${charges.id} = ${paymentItems.chargeId}
  where ${paymentItems.paymentId} = ${id} and ${handledByCaller(charges.agencyId, OfficerRole.FINANCE)})`

@AllowedTo(anyone)
@Stored(payments, {
  // The id is a secret of whoever started it. Signed-in callers would find it by its number.
  ANONYMOUS: ({ anonymous }: PaymentRow) => sql`${anonymous}`,
  PERSON: isTheirs,
  PROGRAM: (row: PaymentRow, variant) => and(sql`${readsPayments}::boolean`, isTheirs(row, variant)),
  OFFICER: isPaidToCaller,
  AUDITOR: everyone,
})
@ObjectType({
  implements: Node,
  simpleResolvers: true,
  description:
    'One attempt to pay charges. Visible to the payer, to holders of the power VIEW over the payer for all services, to its ' +
    'programs with the scope `payments:read`, to officers with the role FINANCE of an agency that is paid, and to auditors. A ' +
    'payment that was started without signing in is visible to callers without a token who know its id.',
})
export class Payment extends Node {
  @Field(() => String, { description: 'Number with a check character, such as P26-0000123-K.' })
  number!: string
  @Field(() => PaymentState, { description: 'State of the payment.' })
  state!: PaymentState
  @Field(() => PaymentMethod, { description: 'How it is paid.' })
  method!: PaymentMethod
  @Field(() => Int, { description: 'Version number, which each change of the payment increases.' })
  revision!: number
  @Field(() => DateTime, { description: 'When it was started.' })
  createdAt!: Date
  @Field(() => DateTime, { description: 'When the bank stops waiting for the payer.' })
  expiresAt!: Date
  @Field(() => DateTime, {
    nullable: true,
    description: 'Moment of the payment, as the bank reports it. Null if it was not paid.',
  })
  capturedAt!: Date | null
  @Field(() => DateTime, {
    nullable: true,
    description: 'When it failed, was cancelled or expired. Null if it did not.',
  })
  endedAt!: Date | null
}

const isPayer = (caller: Context['caller']) => caller.kind === 'ANONYMOUS' || actsForParties(caller)

fields(Payment, {
  money: moneyIn(payments, 'Amount to pay: the sum of its items.'),
  items: many(PaymentItem, paymentItems.paymentId, {
    order: ascending(paymentItems.position),
    atMost: mostItems,
    description: 'Charges that it pays. Officers see those of their agencies.',
  }),
  checkoutUrl: leaf(
    () => String,
    [payments.id, payments.state],
    ({ id, state }: Shown, context: Context) =>
      waiting.includes(state) && isPayer(context.caller) ? payUrlOf(context, id) : null,
    {
      nullable: true,
      description:
        'Where the payer pays. It needs no token, leads on to the bank, and afterwards shows the outcome. Null if the payment ' +
        'waits no more, and for officers and auditors.',
    },
  ),
  viewerCan: leaf(
    () => [PaymentViewerCan],
    [payments.state],
    ({ state }: Shown, { caller, language }: Context): ViewerCan<PaymentAction>[] => {
      const reason = isPayer(caller) ? refusalToCancel(state) : 'payment.not_payer'
      const message = reason ? () => messageIn(language, { reason }) : null
      return [{ action: PaymentAction.CANCEL, allowed: !reason, reason: reason ?? null, message }]
    },
    {
      nullable: false,
      description: 'What the caller may do now, and why not. A command can still return other errors.',
    },
  ),
})

// Here, because a payment knows its charges and not the reverse.
fields(PaymentItem, {
  payment: one(Payment, paymentItems.paymentId, {
    description: 'Payment. Null if the caller may not see it, because somebody else started it.',
  }),
})
fields(Charge, {
  payments: many(PaymentItem, paymentItems.chargeId, {
    order: descending(paymentItems.id),
    atMost: 5,
    cut: true,
    description: 'The last five payments that were started for it, newest first.',
  }),
})

export const paymentQueries = queries({
  payment: find(Payment, payments.number, {
    allowedTo: paymentsRead,
    argument: 'Number with its check character, as printed.',
    description:
      'Payment with this number. Null if the caller sees no such payment. Programs require the scope `payments:read`. A payer ' +
      'who did not sign in uses `node`.',
  }),
  payments: connection(Payment, undefined, {
    allowedTo: paymentsRead,
    owner: ofParty(payments.partyId),
    order: descending(payments.createdAt),
    description: 'Payments that a party started, newest first. Programs require the scope `payments:read`.',
  }),
})
