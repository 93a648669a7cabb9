import { and, eq, gte, lt, sql } from 'drizzle-orm'
import { Field, InputType, Int, ObjectType, registerEnumType } from 'type-graphql'
import { Agency } from '../../agencies/agency.js'
import { FeeDue } from '../../catalogue/tariffs/fee.table.js'
import { IssuedDocument } from '../../documents/issued/issuedDocument.js'
import { issuedDocuments } from '../../documents/issued/issuedDocument.table.js'
import { AllowedTo } from '../../engine/allowedTo.js'
import {
  type Asked,
  ascending,
  asked,
  connection,
  descending,
  everyone,
  fields,
  find,
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
import { Party } from '../../identity/parties/party.resolver.js'
import { ofParty } from '../../identity/parties/partyArgument.js'
import { type Context, hasScope, signedInWithEither } from '../../shared/context.js'
import { moneyIn } from '../../shared/money.js'
import { DateTime } from '../../shared/scalars.js'
import { viewerCanOf } from '../../shared/viewerCan.js'
import { paymentsRead } from '../paymentsRead.js'
import { ChargeAction } from './charge.rules.js'
import { ChargeState, ChargeSubject, charges } from './charge.table.js'
import { ChargeLine } from './chargeLine.js'
import { chargeLines } from './chargeLine.table.js'

registerEnumType(ChargeState, {
  name: 'ChargeState',
  description: 'State of a charge.',
  valuesConfig: {
    OPEN: { description: 'Not paid. Also after the bank took a payment back.' },
    PAID: { description: 'Paid whole.' },
    CANCELLED: { description: 'Not owed any more. What is paid for it afterwards is refunded.' },
    EXPIRED: {
      description: 'Not paid in time, so what it was for has ended. What is paid for it afterwards is refunded.',
    },
  },
})
registerEnumType(ChargeSubject, {
  name: 'ChargeSubject',
  description: 'What a charge is for.',
  valuesConfig: {
    APPLICATION: { description: 'An application, by its tariff or the assessment of the agency.' },
    FINE: { description: 'A traffic fine.' },
    FILING: { description: 'A filing that the agency acknowledged.' },
    OTHER: { description: 'Something else that the agency charges, under a reference of its own.' },
  },
})
registerEnumType(ChargeAction, {
  name: 'ChargeAction',
  description: 'Action on a charge.',
  valuesConfig: {
    PAY: { description: 'Pay it: `startPayment`.' },
    CANCEL: { description: 'Cancel it: `cancelCharge`.' },
  },
})

type ChargeRow = Row<typeof charges>
const readsOwnCharges = asked(({ caller }: Context) => hasScope(caller, 'payments:read'))
const readsOfAgency = asked(({ caller }: Context) => hasScope(caller, 'charges:read'))
const isTheirs = ({ partyId, serviceCode }: ChargeRow, variant: string | undefined) =>
  isForCaller(partyId, variant, serviceCode, ['VIEW', 'PAY'])

const chargesRead = signedInWithEither('payments:read', 'charges:read')

@AllowedTo(chargesRead)
@Stored(charges, {
  PERSON: isTheirs,
  PROGRAM: (row: ChargeRow, variant) => and(sql`${readsOwnCharges}::boolean`, isTheirs(row, variant)),
  OFFICER: ({ agencyId }) => handledByCaller(agencyId, OfficerRole.FINANCE),
  AGENCY_PROGRAM: ({ agencyId }: ChargeRow) => and(sql`${readsOfAgency}::boolean`, handledByCaller(agencyId)),
  AUDITOR: everyone,
})
@ObjectType({
  implements: Node,
  simpleResolvers: true,
  description:
    'What a party owes an agency. It is paid whole. Visible to the party, and to holders of the power VIEW or PAY over it ' +
    'in that service. Programs require the scope `payments:read`. Officers of the agency with the role FINANCE, its programs ' +
    'with the scope `charges:read`, and auditors see it too.',
})
export class Charge extends Node {
  @Field(() => String, { description: 'Number with a check character, such as C26-0000123-K.' })
  number!: string
  @Field(() => ChargeState, { description: 'State of the charge.' })
  state!: ChargeState
  @Field(() => ChargeSubject, { description: 'What it is for.' })
  subjectType!: ChargeSubject
  @Field(() => String, {
    nullable: true,
    description: 'Number of what is charged: of the application, of the protocol of a fine, or of the agency’s own.',
  })
  reference!: string | null
  @Field(() => String, { nullable: true, description: 'Code of the service. Null if it belongs to none.' })
  serviceCode!: string | null
  @Field(() => FeeDue, {
    nullable: true,
    description: 'Stage of the application at which it is due. Null for other charges.',
  })
  due!: FeeDue | null
  @Field(() => Int, { description: 'Version number, which each change of the charge increases.' })
  revision!: number
  @Field(() => DateTime, { description: 'When it was raised.' })
  raisedAt!: Date
  @Field(() => DateTime, {
    nullable: true,
    description:
      'Last moment to pay. An application ends then; another charge becomes overdue, and stays payable. Null if there is none.',
  })
  payBy!: Date | null
  @Field(() => DateTime, {
    nullable: true,
    description: 'Moment of the payment, as the bank reports it. Null unless PAID.',
  })
  paidAt!: Date | null
  @Field(() => DateTime, { nullable: true, description: 'When it was cancelled or expired. Null otherwise.' })
  endedAt!: Date | null
  @Field(() => DateTime, { description: 'When its last change was recorded, which may be later than it takes effect.' })
  changedAt!: Date
}

fields(Charge, {
  money: moneyIn(charges, 'Amount to pay: the sum of the lines.'),
  lines: many(ChargeLine, chargeLines.chargeId, {
    order: ascending(chargeLines.position),
    atMost: 50,
    description: 'Lines of the charge.',
  }),
  receipts: many(IssuedDocument, issuedDocuments.subjectId, {
    order: descending(issuedDocuments.issuedAt),
    atMost: 20,
    cut: true,
    nullable: true,
    description:
      'Receipts of its payments, newest first: more than one if the bank took a payment back. Contains only receipts that ' +
      'the caller may see.',
  }),
  agency: one(Agency, charges.agencyId, { description: 'Agency to which it is owed.' }),
  party: one(Party, charges.partyId, {
    description: 'Party that owes it. Null if the caller may not see the party, and for a fine.',
  }),
})

export const ChargeViewerCan = viewerCanOf('Charge', ChargeAction)

@InputType({ description: 'Filters for charges. All conditions must match.' })
export class ChargeFilter {
  @Field(() => [ChargeState], { nullable: true, description: 'Only charges in one of these states.' })
  states?: ChargeState[] | null
  @Field(() => ChargeSubject, { nullable: true, description: 'Only charges for this.' })
  subjectType?: ChargeSubject | null
  @Field(() => String, { nullable: true, description: 'Only charges of the service with this code.' })
  service?: string | null
  @Field(() => DateTime, { nullable: true, description: 'Only charges that changed at or after this moment.' })
  changedSince?: Date | null
  @Field(() => Boolean, {
    nullable: true,
    description: 'True: only OPEN charges whose `payBy` is over. False has no effect.',
  })
  overdue?: boolean | null
}
const momentNow = asked(({ now }: Context) => now().toISOString())
export const chargeConditions = {
  // As text, because the driver does not know the type.
  states: ({ state }: ChargeRow, all: Asked) => sql`${state} = any(${all}::text[]::charge_state[])`,
  subjectType: ({ subjectType }: ChargeRow, type: Asked) => sql`${subjectType} = ${type}::text::charge_subject`,
  service: ({ serviceCode }: ChargeRow, code: Asked) => eq(serviceCode, code),
  changedSince: ({ changedAt }: ChargeRow, moment: Asked) => gte(changedAt, moment),
  overdue: ({ payBy, state }: ChargeRow, _overdue: Asked, isTrue: boolean) =>
    isTrue ? and(eq(state, ChargeState.OPEN), lt(payBy, sql`${momentNow}::timestamptz`)) : undefined,
}

export const chargeQueries = queries({
  charge: find(Charge, charges.number, {
    allowedTo: chargesRead,
    argument: 'Number with its check character, as printed.',
    description: 'Charge with this number. Null if the caller sees no such charge.',
  }),
  charges: connection(Charge, undefined, {
    allowedTo: paymentsRead,
    owner: ofParty(charges.partyId),
    order: descending(charges.raisedAt),
    filter: ChargeFilter,
    conditions: chargeConditions,
    description: 'Charges of a party, newest first. Programs require the scope `payments:read`.',
  }),
})
