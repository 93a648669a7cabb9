import { sql } from 'drizzle-orm'
import { Field, InputType } from 'type-graphql'
import { agencies } from '../../agencies/agency.table.js'
import { type Asked, connection, descending, queries, type Row } from '../../engine/declare.js'
import { isOfCode } from '../../shared/isOfCode.js'
import { Appointment } from './appointment.resolver.js'
import { AppointmentState, appointments, OfficerRole } from './appointment.table.js'
import { official } from './offices.js'

@InputType({ description: 'Filters for appointments. All conditions must match.' })
class AppointmentFilter {
  @Field(() => String, { nullable: true, description: 'Code of the agency.' })
  agency?: string
  @Field(() => AppointmentState, { nullable: true, description: 'State of the appointment.' })
  state?: AppointmentState
  @Field(() => OfficerRole, { nullable: true, description: 'Role at the agency.' })
  role?: OfficerRole
}

export const appointmentQueries = queries({
  appointments: connection(Appointment, undefined, {
    allowedTo: official,
    order: descending(appointments.createdAt),
    filter: AppointmentFilter,
    conditions: {
      agency: ({ agencyId }: Row<typeof appointments>, code: Asked) => isOfCode(agencyId, agencies, 'agency', code),
      role: ({ roles }: Row<typeof appointments>, role: Asked) => sql`${role} = any(${roles})`,
    },
    description:
      'Appointments of officers, newest first. An officer sees their own. Reviewers and approvers also see ACTIVE ' +
      'reviewers and approvers of their agency, and an ADMIN sees all of the agency. Operators see those that were ' +
      'never active. Auditors see all.',
  }),
})
