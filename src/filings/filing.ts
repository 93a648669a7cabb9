import { and, eq, gte, sql } from 'drizzle-orm'
import { Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql'
import { Agency } from '../agencies/agency.js'
import { Service } from '../catalogue/services/service.js'
import { services } from '../catalogue/services/service.table.js'
import { ServiceVersion } from '../catalogue/services/serviceVersion.js'
import { IssuedDocument } from '../documents/issued/issuedDocument.js'
import { DocumentKind, issuedDocuments } from '../documents/issued/issuedDocument.table.js'
import { AllowedTo } from '../engine/allowedTo.js'
import {
  type Asked,
  ascending,
  asked,
  connection,
  descending,
  everyone,
  fields,
  find,
  has,
  leaf,
  many,
  one,
  queries,
  type Row,
  Stored,
} from '../engine/declare.js'
import { Node } from '../engine/node.js'
import { isForCaller } from '../identity/mandates/powers.js'
import { handledByCaller } from '../identity/officers/offices.js'
import { Party } from '../identity/parties/party.resolver.js'
import { ofParty } from '../identity/parties/partyArgument.js'
import { Charge } from '../payments/charges/charge.js'
import { charges } from '../payments/charges/charge.table.js'
import { type Caller, type Context, callerKinds, hasScope, only } from '../shared/context.js'
import { isOfCode } from '../shared/isOfCode.js'
import { DateTime } from '../shared/scalars.js'
import { viewerCanOf } from '../shared/viewerCan.js'
import { FilingAction, isLeasedBy } from './filing.rules.js'
import { FilingState, filings } from './filing.table.js'

registerEnumType(FilingState, {
  name: 'FilingState',
  description: 'State of a filing.',
  valuesConfig: {
    RECEIVED: { description: 'Received with a receipt. The agency has not acknowledged it yet.' },
    ACCEPTED: { description: 'Accepted by the agency, or at once by the rule of the service.' },
    REJECTED: { description: 'Rejected by the agency: see `faults`. File again under another external number.' },
    SUPERSEDED: { description: 'Replaced by an accepted correction.' },
    WITHDRAWN: { description: 'Withdrawn by the filer.' },
  },
})

registerEnumType(FilingAction, {
  name: 'FilingAction',
  description: 'Action on a filing.',
  valuesConfig: {
    REPLACE: { description: 'Correct it: `submitFiling` with `replacesNumber`.' },
    WITHDRAW: { description: 'Withdraw it: `withdrawFiling`.' },
    ACKNOWLEDGE: { description: 'Accept it as its agency: `acknowledgeFiling`.' },
    REJECT: { description: 'Reject it as its agency: `rejectFiling`.' },
  },
})

type FilingRow = Row<typeof filings>
/** Whoever files with a program can look at what it filed. */
const mayList = (caller: Caller) => hasScope(caller, 'filings:read') || hasScope(caller, 'filings:write')
const readsFilings = asked(({ caller }: Context) => mayList(caller))
const handlesFilings = asked(({ caller }: Context) => hasScope(caller, 'filings:handle'))
const isTheirs = ({ partyId, serviceCode }: FilingRow, variant: string | undefined) =>
  isForCaller(partyId, variant, serviceCode, ['VIEW', 'FILE'])

const programsFilings = 'signed-in callers, and programs with the scope filings:read, filings:write or filings:handle'
const filingsRead = only(
  'filingsRead',
  programsFilings,
  callerKinds.filter((kind) => kind !== 'ANONYMOUS'),
  {},
  (caller) => (caller.kind === 'AGENCY_PROGRAM' ? hasScope(caller, 'filings:handle') : mayList(caller)),
)
const ownFilingsRead = only(
  'ownFilingsRead',
  'signed-in callers, and programs with the scope filings:read or filings:write',
  callerKinds.filter((kind) => kind !== 'ANONYMOUS' && kind !== 'AGENCY_PROGRAM'),
  {},
  mayList,
)

@AllowedTo(filingsRead)
@Stored(filings, {
  PERSON: isTheirs,
  PROGRAM: (row: FilingRow, variant) => and(sql`${readsFilings}::boolean`, isTheirs(row, variant)),
  OFFICER: ({ agencyId }) => handledByCaller(agencyId),
  AGENCY_PROGRAM: ({ agencyId }: FilingRow) => and(sql`${handlesFilings}::boolean`, handledByCaller(agencyId)),
  AUDITOR: everyone,
})
@ObjectType({
  implements: Node,
  simpleResolvers: true,
  description:
    'Report of a party to an agency, such as a tax return. Its content never changes: a correction is another filing. Visible ' +
    'to the party, and to holders of the power VIEW or FILE over it in that service. Programs require the scope `filings:read` ' +
    'or `filings:write`. Officers of the agency, its programs with the scope `filings:handle`, and auditors see it too.',
})
export class Filing extends Node {
  @Field(() => String, { description: 'Number with a check character, such as B26-0000123-K.' })
  number!: string
  @Field(() => FilingState, { description: 'State of the filing.' })
  state!: FilingState
  @Field(() => String, {
    nullable: true,
    description: 'Period of the filing: 2026-10, 2026-Q3 or 2026. Null if the service has no periods.',
  })
  period!: string | null
  @Field(() => String, { description: 'Number that the filer gave it. Unique for each party.' })
  externalNumber!: string
  @Field(() => Int, { description: 'Version number, which each change of the filing increases.' })
  revision!: number
  @Field(() => DateTime, { description: 'When it was received.' })
  receivedAt!: Date
  @Field(() => DateTime, { nullable: true, description: 'When it was accepted or rejected. Null until then.' })
  acknowledgedAt!: Date | null
  @Field(() => DateTime, { nullable: true, description: 'When it was superseded or withdrawn. Null otherwise.' })
  endedAt!: Date | null
  @Field(() => DateTime, { description: 'When its last change was recorded.' })
  changedAt!: Date
  @Field(() => String, {
    nullable: true,
    description: 'Number that the agency gave it with the acknowledgement. Null if there is none.',
  })
  agencyNumber!: string | null
}

type Leased = Pick<typeof filings.$inferSelect, 'state' | 'leasedBy' | 'leaseId' | 'leasedUntil'>
const lease = [filings.state, filings.leasedBy, filings.leaseId, filings.leasedUntil]
const isHeld = (row: Leased, { caller, now }: Context) => isLeasedBy(row, caller.id, now())

fields(Filing, {
  leaseId: leaf(
    () => ID,
    lease,
    (row: Leased, context: Context) => (isHeld(row, context) ? row.leaseId : null),
    {
      nullable: true,
      description:
        'Lease under which the caller collected it, for `acknowledgeFiling`. Null for others, and once it ended.',
    },
  ),
  leasedUntil: leaf(
    () => DateTime,
    lease,
    (row: Leased, context: Context) => (isHeld(row, context) ? row.leasedUntil : null),
    { nullable: true, description: 'End of that lease. Null if `leaseId` is null.' },
  ),
  service: one(Service, filings.serviceId, { description: 'Service under which it was filed.' }),
  version: one(ServiceVersion, filings.versionId, {
    description: 'Version of the service that was in force at the receipt. The content belongs to its form.',
  }),
  agency: one(Agency, filings.agencyId, { description: 'Agency that receives it.' }),
  party: one(Party, filings.partyId, {
    description: 'Party that reports. Null if the caller may not see the party: its agency sees the `filer`.',
  }),
  replaces: one(Filing, filings.replacesId, {
    nullable: true,
    description: 'Accepted filing that this one corrects. Null if it is not a correction.',
  }),
  replacedBy: has(Filing, filings.replacesId, {
    where: ({ state, acknowledgedAt }: FilingRow) =>
      sql`(${state} = 'RECEIVED' or ${state} <> 'REJECTED' and ${acknowledgedAt} is not null)`,
    order: descending(filings.receivedAt),
    description: 'Correction of this filing: accepted, or waiting for the agency. Null if there is none.',
  }),
  receipt: has(IssuedDocument, issuedDocuments.subjectId, {
    where: ({ kind }) => eq(kind, DocumentKind.FILING_RECEIPT),
    order: descending(issuedDocuments.issuedAt),
    description: 'Signed receipt of the filing. Null if the caller may not see it.',
  }),
  charges: many(Charge, charges.subjectId, {
    order: ascending(charges.raisedAt),
    atMost: 20,
    cut: true,
    nullable: true,
    description: 'Charges that the agency raised for it. Contains only charges that the caller may see.',
  }),
})

export const FilingViewerCan = viewerCanOf('Filing', FilingAction)

@InputType()
export abstract class AnyFilingFilter {
  @Field(() => String, { nullable: true, description: 'Only filings of the service with this code.' })
  service?: string | null
  @Field(() => String, {
    nullable: true,
    description: 'Only filings for this period, such as 2026-10, 2026-Q3 or 2026.',
  })
  period?: string | null
  @Field(() => [FilingState], { nullable: true, description: 'Only filings in one of these states.' })
  states?: FilingState[] | null
  @Field(() => DateTime, { nullable: true, description: 'Only filings that changed at or after this moment.' })
  changedSince?: Date | null
}
@InputType({ description: 'Filters for filings of a party. All conditions must match.' })
export class FilingFilter extends AnyFilingFilter {
  @Field(() => String, { nullable: true, description: 'Only the filing with this number of the filer.' })
  externalNumber?: string | null
}
export const filingConditions = {
  service: ({ serviceId }: FilingRow, code: Asked) => isOfCode(serviceId, services, 'service', code),
  period: ({ period }: FilingRow, asked: Asked) => eq(period, asked),
  // As text, because the driver does not know the type.
  states: ({ state }: FilingRow, all: Asked) => sql`${state} = any(${all}::text[]::filing_state[])`,
  externalNumber: ({ externalNumber }: FilingRow, number: Asked) => eq(externalNumber, number),
  changedSince: ({ changedAt }: FilingRow, moment: Asked) => gte(changedAt, moment),
}

export enum FilingOrder {
  RECEIVED = 'RECEIVED',
  CHANGED = 'CHANGED',
}
registerEnumType(FilingOrder, {
  name: 'FilingOrder',
  description: 'Order of the filings of a party.',
  valuesConfig: {
    RECEIVED: { description: 'By `receivedAt`, newest first.' },
    CHANGED: { description: 'By `changedAt`, earliest first.' },
  },
})

export const filingQueries = queries({
  filing: find(Filing, filings.number, {
    allowedTo: filingsRead,
    argument: 'Number with its check character, as printed.',
    description: 'Filing with this number. Null if the caller sees no such filing.',
  }),
  filings: connection(Filing, undefined, {
    allowedTo: ownFilingsRead,
    owner: ofParty(filings.partyId),
    order: descending(filings.receivedAt),
    filter: FilingFilter,
    conditions: filingConditions,
    orderBy: {
      type: FilingOrder,
      orders: { RECEIVED: descending(filings.receivedAt), CHANGED: ascending(filings.changedAt) },
    },
    description:
      'Filings of a party, newest first by default. Programs require the scope `filings:read` or `filings:write`.',
  }),
})
