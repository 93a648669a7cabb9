import { lt, sql } from 'drizzle-orm'
import { Field, InputType } from 'type-graphql'
import { type Asked, ascending, asked, connection, queries } from '../../engine/declare.js'
import { ofAgency } from '../../identity/officers/agencyArgument.js'
import { OfficerRole } from '../../identity/officers/appointment.table.js'
import { officer } from '../../identity/officers/offices.js'
import type { Context } from '../../shared/context.js'
import { Refund, type RefundRow } from './refund.js'
import { RefundKind, RefundState, refunds } from './refund.table.js'

@InputType({ description: 'Filters for refunds of an agency. All conditions must match.' })
export class AgencyRefundFilter {
  @Field(() => [RefundState], { nullable: true, description: 'Only refunds in one of these states.' })
  states?: RefundState[] | null
  @Field(() => RefundKind, { nullable: true, description: 'Only refunds of this kind.' })
  kind?: RefundKind | null
  @Field(() => Boolean, {
    nullable: true,
    description: 'True: only refunds whose present step is overdue. False has no effect.',
  })
  overdue?: boolean | null
}

const momentNow = asked(({ now }: Context) => now().toISOString())
const underWay: readonly RefundState[] = [RefundState.REQUESTED, RefundState.APPROVED, RefundState.SENT]
const statesAmong = ({ filter }: { filter?: AgencyRefundFilter | null }): RefundState[] =>
  Object.values(RefundState).filter(
    (state) => (!filter?.states || filter.states.includes(state)) && (!filter?.overdue || underWay.includes(state)),
  )

export const agencyRefundQueries = queries({
  agencyRefunds: connection(Refund, undefined, {
    allowedTo: officer(OfficerRole.FINANCE),
    owner: ofAgency(refunds.agencyId, OfficerRole.FINANCE),
    order: ascending(refunds.requestedAt),
    filter: AgencyRefundFilter,
    conditions: {
      // `statesAmong` reads it.
      states: () => undefined,
      kind: ({ kind }: RefundRow, value: Asked) => sql`${kind} = ${value}::text::refund_kind`,
      overdue: ({ dueAt }: RefundRow, _overdue: Asked, isTrue: boolean) =>
        isTrue ? lt(dueAt, sql`${momentNow}::timestamptz`) : undefined,
    },
    merged: { by: refunds.state, values: statesAmong },
    description:
      'Refunds of charges of an agency, by their request, earliest first. Requires the role FINANCE at the agency.',
  }),
})
