import { eq, isNull, or, sql } from 'drizzle-orm'
import { Ctx, Field, FieldResolver, ObjectType, Resolver, Root, registerEnumType } from 'type-graphql'
import { Agency } from '../../agencies/agency.js'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { Asked, everyone, fields, one, type Row, Stored } from '../../engine/declare.js'
import { loadFor } from '../../engine/fetch.js'
import { Node } from '../../engine/node.js'
import { statementOf } from '../../engine/statement.js'
import { type Context, seesPersonal } from '../../shared/context.js'
import { DateTime } from '../../shared/scalars.js'
import { ownParty } from '../mandates/powers.js'
import { knownOf } from '../parties/party.repository.js'
import { AppointmentState, appointments, EndReason, OfficerRole } from './appointment.table.js'
import { agenciesOf, handledByCaller } from './offices.js'

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

@AllowedTo(anyone)
@Stored(appointments, {
  OFFICER: ({ partyId, agencyId }: AppointmentRow) =>
    or(eq(partyId, sql`${ownParty}::uuid`), handledByCaller(agencyId, OfficerRole.ADMIN)),
  OPERATOR: ({ activeFrom }: AppointmentRow) => isNull(activeFrom),
  AUDITOR: everyone,
})
@ObjectType({
  implements: Node,
  simpleResolvers: true,
  description:
    'Mandate of an officer from an agency, with roles. Visible to the officer, the ADMIN of the agency and ' +
    'auditors. Operators see it until it becomes active.',
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
  @Field(() => EndReason, {
    nullable: true,
    description: 'Reason for replacing the current ADMIN of the agency. Null if this is its first ADMIN.',
  })
  replacing!: EndReason | null
}

fields(Appointment, { agency: one(Agency, appointments.agencyId, { description: 'Agency the officer works for.' }) })

type Shown = typeof appointments.$inferSelect

@Resolver(() => Appointment)
export class AppointmentResolver {
  @AllowedTo(seesPersonal)
  @FieldResolver(() => String, {
    nullable: true,
    description:
      'Name of the officer. Null unless the caller is the ADMIN of the agency. Null until the person accepts, ' +
      'or first signs in as an officer after the appointment.',
  })
  async officerName(@Root() { id, agencyId }: Shown, @Ctx() context: Context): Promise<string | null> {
    const isTheirAdmin = agenciesOf(context.caller, OfficerRole.ADMIN).includes(agencyId)
    return isTheirAdmin ? await loadFor(context, namesOf, id) : null
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
