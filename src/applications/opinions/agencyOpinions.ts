import { lt, sql } from 'drizzle-orm'
import { Field, InputType } from 'type-graphql'
import { services } from '../../catalogue/services/service.table.js'
import { type Asked, ascending, asked, connection, queries } from '../../engine/declare.js'
import { ofAgency } from '../../identity/officers/agencyArgument.js'
import { caseOfficer } from '../../identity/officers/offices.js'
import type { Context } from '../../shared/context.js'
import { isOfCode } from '../../shared/isOfCode.js'
import { ApplicationOpinion, type OpinionRow } from './opinion.js'
import { OpinionState, opinions } from './opinion.table.js'

@InputType({ description: 'Filters for opinions that an agency was asked for. All conditions must match.' })
export class AgencyOpinionFilter {
  @Field(() => [OpinionState], { nullable: true, description: 'Only opinions in one of these states.' })
  states?: OpinionState[] | null
  @Field(() => Boolean, {
    nullable: true,
    description: 'True: only REQUESTED opinions whose time is over. False has no effect.',
  })
  overdue?: boolean | null
  @Field(() => String, { nullable: true, description: 'Only opinions on applications for the service with this code.' })
  service?: string | null
}

const momentNow = asked(({ now }: Context) => now().toISOString())

interface Args {
  filter?: AgencyOpinionFilter | null
}
const statesAmong = ({ filter }: Args): OpinionState[] =>
  Object.values(OpinionState).filter(
    (state) =>
      (!filter?.states || filter.states.includes(state)) && (!filter?.overdue || state === OpinionState.REQUESTED),
  )

export const agencyOpinionQueries = queries({
  agencyOpinions: connection(ApplicationOpinion, undefined, {
    allowedTo: caseOfficer,
    owner: ofAgency(opinions.agencyId),
    order: ascending(opinions.dueAt),
    filter: AgencyOpinionFilter,
    conditions: {
      // `statesAmong` reads it.
      states: () => undefined,
      overdue: ({ dueAt }: OpinionRow, _overdue: Asked, isTrue: boolean) =>
        isTrue ? lt(dueAt, sql`${momentNow}::timestamptz`) : undefined,
      service: ({ serviceId }: OpinionRow, code: Asked) => isOfCode(serviceId, services, 'service', code),
    },
    merged: { by: opinions.state, values: statesAmong },
    description:
      'Opinions that other agencies requested of an agency, by their due date, earliest first. Requires the role ' +
      'REVIEWER or APPROVER at the agency.',
  }),
})
