import { and, arrayOverlaps, eq, isNull, or, sql } from 'drizzle-orm'
import { Ctx, Field, FieldResolver, ObjectType, Resolver, Root, registerEnumType } from 'type-graphql'
import { Agency } from '../../agencies/agency.js'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { Asked, everyone, fields, leaf, one, type Row, Stored } from '../../engine/declare.js'
import { loadFor } from '../../engine/fetch.js'
import { Node } from '../../engine/node.js'
import { statementOf } from '../../engine/statement.js'
import { type Context, seesPersonal } from '../../shared/context.js'
import { DateTime } from '../../shared/scalars.js'
import { ownParty } from '../mandates/powers.js'
import { knownOf } from '../parties/party.repository.js'
import { AppointmentState, appointments, EndReason, OfficerRole } from './appointment.table.js'
import { agenciesOf, caseOfficesOf, handledByCaller, reviewedByCaller } from './offices.js'

registerEnumType(AppointmentState, {
  name: 'AppointmentState',
  description: 'State of an appointment.',
  valuesConfig: {
    PROPOSED: { description: 'Proposed by an operator. Waits for a second operator to confirm it.' },
    CONFIRMED: { description: 'Confirmed. Waits for the person to accept it with the code in the agency’s letter.' },
    ACTIVE: { description: 'Active.' },
    ENDED: { description: 'Ended, or withdrawn before it became active.' },
  },
})
registerEnumType(EndReason, {
  name: 'EndReason',
  description: 'Reason for ending an appointment.',
  valuesConfig: {
    LEFT: { description: 'The officer left the agency.' },
    OTHER_DUTIES: { description: 'The officer has other duties at the agency.' },
    MISCONDUCT: { description: 'The officer was dismissed for misconduct.' },
    MISTAKE: { description: 'The appointment was a mistake: the wrong person was named, or the code was lost.' },
  },
})

type AppointmentRow = Row<typeof appointments>
/** What reviewers and approvers need to name a colleague who may get an application. */
const isColleague = ({ agencyId, state, roles }: AppointmentRow) =>
  and(
    reviewedByCaller(agencyId),
    eq(state, AppointmentState.ACTIVE),
    arrayOverlaps(roles, [OfficerRole.REVIEWER, OfficerRole.APPROVER]),
  )

@AllowedTo(anyone)
@Stored(appointments, {
  OFFICER: (row: AppointmentRow) =>
    or(eq(row.partyId, sql`${ownParty}::uuid`), handledByCaller(row.agencyId, OfficerRole.ADMIN), isColleague(row)),
  OPERATOR: ({ activeFrom }: AppointmentRow) => isNull(activeFrom),
  AUDITOR: everyone,
})
@ObjectType({
  implements: Node,
  simpleResolvers: true,
  description:
    'Mandate of an officer from an agency, with roles. Visible to the officer, the ADMIN of the agency and ' +
    'auditors. While it is ACTIVE with the role REVIEWER or APPROVER, also to reviewers and approvers of the agency. ' +
    'Operators see it until it becomes active.',
})
export class Appointment extends Node {
  @Field(() => [OfficerRole], { description: 'Roles at the agency.' })
  roles!: OfficerRole[]
  @Field(() => AppointmentState, { description: 'State of the appointment.' })
  state!: AppointmentState
  @Field(() => DateTime, { description: 'When the appointment was proposed, or made by an ADMIN.' })
  createdAt!: Date
  @Field(() => DateTime, { nullable: true, description: 'When the appointment became active. Null if it never did.' })
  activeFrom!: Date | null
  @Field(() => DateTime, { nullable: true, description: 'When the appointment ended. Null if it has not.' })
  endedAt!: Date | null
  @Field(() => EndReason, { nullable: true, description: 'Reason for ending it. Null if it has not ended.' })
  endReason!: EndReason | null
}

type Shown = typeof appointments.$inferSelect
const isOfTheirAdmin = ({ agencyId }: Pick<Shown, 'agencyId'>, { caller }: Context) =>
  agenciesOf(caller, OfficerRole.ADMIN).includes(agencyId)

fields(Appointment, {
  agency: one(Agency, appointments.agencyId, { description: 'Agency the officer works for.' }),
  replacing: leaf(
    () => EndReason,
    [appointments.replacing, appointments.agencyId, appointments.partyId],
    (row: Shown, context: Context) => {
      const { kind, party } = context.caller
      return kind !== 'OFFICER' || row.partyId === party || isOfTheirAdmin(row, context) ? row.replacing : null
    },
    {
      description:
        'Reason for replacing the current ADMIN of the agency. Null if this is its first ADMIN, and for colleagues ' +
        'without the role ADMIN.',
    },
  ),
})

@Resolver(() => Appointment)
export class AppointmentResolver {
  @AllowedTo(seesPersonal)
  @FieldResolver(() => String, {
    nullable: true,
    description:
      'Name of the officer. Null unless the caller is ADMIN, REVIEWER or APPROVER at the agency. Null until the person ' +
      'accepts, or first signs in as an officer after the appointment.',
  })
  async officerName(@Root() appointment: Shown, @Ctx() context: Context): Promise<string | null> {
    const isOfCaseOffice = caseOfficesOf(context.caller).some(({ agencyId }) => agencyId === appointment.agencyId)
    const isShown = isOfCaseOffice || isOfTheirAdmin(appointment, context)
    return isShown ? await loadFor(context, namesOf, appointment.id) : null
  }
}

const keys = new Asked((run) => run.keys)
/**
 * Appointments that were accepted, or whose party first signed in as an officer after they were made. Later sign-ins are
 * not recorded.
 */
const met = statementOf({
  sql: sql`(
    select coalesce(json_agg(json_build_object('id', appointed.id, 'party', appointed.party_id)), '[]')
    from appointments appointed
    where appointed.id = any(${keys}::uuid[])
      and (appointed.confirmed_by is not null and appointed.active_from is not null or exists(
        select from identities
        where party_id = appointed.party_id and kind = 'OFFICER' and identities.created_at > appointed.created_at)))`,
})

/** Null for all others: otherwise appointing a FİN would reveal whose it is, or that nobody has it. */
async function namesOf(ids: readonly string[], context: Context): Promise<(string | null | Error)[]> {
  const rows: { id: string; party: string }[] = await met(context.database.client, {
    context,
    variables: {},
    keys: ids,
  })
  const parties = rows.map(({ party }) => party)
  const known = await knownOf(parties, context)
  return ids.map((id) => {
    const loaded = known[rows.findIndex((row) => row.id === id)]
    return loaded instanceof Error ? loaded : (loaded?.name ?? null)
  })
}
