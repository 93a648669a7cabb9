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
  description: 'Where an appointment stands.',
  valuesConfig: {
    PROPOSED: { description: 'Proposed by an operator; a second one has to confirm it.' },
    CONFIRMED: { description: 'Confirmed; it waits for the acceptance, with the code that the agency has by letter.' },
    ACTIVE: { description: 'In force.' },
    ENDED: { description: 'In force no more, or it never was.' },
  },
})
registerEnumType(EndReason, {
  name: 'EndReason',
  description: 'Why an appointment ended.',
  valuesConfig: {
    LEFT: { description: 'Left the agency.' },
    OTHER_DUTIES: { description: 'Has other duties at the agency.' },
    MISCONDUCT: { description: 'Was dismissed for what they did.' },
    MISTAKE: { description: 'Should not have been: somebody else was meant, or the code was lost.' },
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
    'A mandate from an agency: who is its officer, and what for. Seen by the officer, by the ADMIN of the agency, by ' +
    'auditors, and until it is in force by the operator.',
})
export class Appointment extends Node {
  @Field(() => [OfficerRole], { description: 'What for.' })
  roles!: OfficerRole[]
  @Field(() => AppointmentState, { description: 'Where it stands.' })
  state!: AppointmentState
  @Field(() => DateTime, { description: 'When it was proposed, or made by an ADMIN.' })
  createdAt!: Date
  @Field(() => DateTime, { nullable: true, description: 'From when it was in force; null where it never was.' })
  activeFrom!: Date | null
  @Field(() => DateTime, { nullable: true, description: 'When it ended; null where it has not.' })
  endedAt!: Date | null
  @Field(() => EndReason, { nullable: true, description: 'Why it ended; null where it has not.' })
  endReason!: EndReason | null
  @Field(() => EndReason, {
    nullable: true,
    description:
      'Of a proposal: why the ADMIN that the agency has can act no more; null where it is to have its first.',
  })
  replacing!: EndReason | null
}

fields(Appointment, { agency: one(Agency, appointments.agencyId, { description: 'For which agency.' }) })

type Shown = typeof appointments.$inferSelect

@Resolver(() => Appointment)
export class AppointmentResolver {
  @AllowedTo(seesPersonal)
  @FieldResolver(() => String, {
    nullable: true,
    description:
      "The officer's name, for the ADMIN of the agency alone; null for anybody else, and until that person has accepted the " +
      'appointment, or signed in as an officer for the first time, after it was made.',
  })
  async officerName(@Root() { id, agencyId }: Shown, @Ctx() context: Context): Promise<string | null> {
    const isTheirAdmin = agenciesOf(context.caller, OfficerRole.ADMIN).includes(agencyId)
    return isTheirAdmin ? await loadFor(context, namesOf, id) : null
  }
}

const keys = new Asked((run) => run.keys)
/** Whoever accepted it, or came as an officer for the first time since it was made. When they came again stands nowhere. */
const met = statementOf({
  sql: sql`(
    select coalesce(json_agg(json_build_object('id', appointed.id, 'party', appointed.party_id)), '[]')
    from appointments appointed
    where appointed.id = any(${keys}::uuid[])
      and (appointed.confirmed_by is not null and appointed.active_from is not null or exists(
        select from identities
        where party_id = appointed.party_id and kind = 'OFFICER' and identities.created_at > appointed.created_at)))`,
})

/** Of no other: whoever appoints a FİN would learn whose it is, or that nobody has it. */
async function namesOf(ids: readonly string[], context: Context): Promise<(string | null | Error)[]> {
  const rows: { id: string; party: string }[] = await met(context.database.client, {
    context,
    variables: {},
    keys: ids,
  })
  const parties = rows.map(({ party }) => party)
  const known = await knownOf(parties, context)
  return ids.map((id) => {
    const told = known[rows.findIndex((row) => row.id === id)]
    return told instanceof Error ? told : (told?.name ?? null)
  })
}
