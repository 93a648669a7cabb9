import { and, or, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import { Field, ObjectType, registerEnumType } from 'type-graphql'
import { Agency } from '../../agencies/agency.js'
import { Service } from '../../catalogue/services/service.js'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { asked, everyone, fields, leaf, one, type Row, Stored } from '../../engine/declare.js'
import { Node } from '../../engine/node.js'
import { isForCallerAmong } from '../../identity/mandates/powers.js'
import { handledByCaller, reviewedByCaller } from '../../identity/officers/offices.js'
import { type Context, hasScope } from '../../shared/context.js'
import { DateTime, LegalDate } from '../../shared/scalars.js'
import { applications } from '../application.table.js'
import { applicationParties } from '../applicationParty.table.js'
import { OpinionState, opinions } from './opinion.table.js'

registerEnumType(OpinionState, {
  name: 'ApplicationOpinionState',
  description: 'State of an opinion that an agency asked of another.',
  valuesConfig: {
    REQUESTED: { description: 'The other agency was asked and has not answered.' },
    GIVEN: { description: 'The other agency has given its opinion.' },
    WITHDRAWN: {
      description: 'No longer needed: the officer withdrew the request, or the application left the review.',
    },
  },
})

export type OpinionRow = Row<typeof opinions>
const readsApplications = asked(({ caller }: Context) => hasScope(caller, 'applications:read'))
const readsCases = asked(({ caller }: Context) => hasScope(caller, 'cases:read'))
const its = alias(applications, 'its')
/** The agency that handles the case now may have received it after the opinion was asked. */
const isOfCase = ({ applicationId }: OpinionRow) =>
  sql`exists (select from ${applications} ${its} where ${its.id} = ${applicationId} and ${handledByCaller(its.agencyId)})`
const theirs = alias(applicationParties, 'theirs')
const itsParties = { from: sql`${applicationParties} ${theirs}`, key: theirs.applicationId, party: theirs.partyId }
const isTheirs = ({ applicationId, serviceCode }: OpinionRow, variant: string | undefined) =>
  isForCallerAmong(itsParties, { id: applicationId, serviceCode }, variant)

@AllowedTo(anyone)
@Stored(opinions, {
  PERSON: isTheirs,
  PROGRAM: (row: OpinionRow, variant) => and(sql`${readsApplications}::boolean`, isTheirs(row, variant)),
  OFFICER: (row: OpinionRow) => or(reviewedByCaller(row.agencyId), isOfCase(row)),
  AGENCY_PROGRAM: (row: OpinionRow) => and(sql`${readsCases}::boolean`, isOfCase(row)),
  AUDITOR: everyone,
})
@ObjectType({
  implements: Node,
  simpleResolvers: true,
  description:
    'Opinion that the agency of an application asks of another agency. Visible to whoever sees the application, and to ' +
    'officers of the asked agency with the role REVIEWER or APPROVER, who do not see the application. Its texts have ' +
    'rules of their own.',
})
export class ApplicationOpinion extends Node {
  @Field(() => String, { description: 'Number of the application.' })
  applicationNumber!: string
  @Field(() => OpinionState, { description: 'State of the opinion.' })
  state!: OpinionState
  @Field(() => DateTime, { description: 'When the opinion was requested.' })
  askedAt!: Date
  @Field(() => LegalDate, { description: 'Last day to give the opinion.' })
  dueOn!: string
  @Field(() => DateTime, { description: 'Moment when the time for the opinion ends.' })
  dueAt!: Date
  @Field(() => DateTime, {
    nullable: true,
    description: 'When the opinion was given, or the request was withdrawn. Null until then.',
  })
  endedAt!: Date | null
}
fields(ApplicationOpinion, {
  service: one(Service, opinions.serviceId, { description: 'Service that the application is for.' }),
  agency: one(Agency, opinions.agencyId, { description: 'Agency whose opinion is requested.' }),
  askingAgency: one(Agency, opinions.askingAgencyId, { description: 'Agency that requested the opinion.' }),
  isOverdue: leaf(
    () => Boolean,
    [opinions.state, opinions.dueAt],
    ({ state, dueAt }: typeof opinions.$inferSelect, { now }: Context) =>
      state === OpinionState.REQUESTED && dueAt < now(),
    {
      nullable: false,
      description: 'True if the opinion is REQUESTED and its time is over. It can still be given.',
    },
  ),
})
