import { Field, InputType } from 'type-graphql'
import { agencies } from '../../agencies/agency.table.js'
import { type Asked, connection, descending, queries, type Row } from '../../engine/declare.js'
import { isOfCode } from '../../shared/isOfCode.js'
import { Appointment } from './appointment.resolver.js'
import { AppointmentState, appointments } from './appointment.table.js'
import { official } from './offices.js'

@InputType({ description: 'Which appointments. All that is given must fit.' })
class AppointmentFilter {
  @Field(() => String, { nullable: true, description: 'The code of an agency.' })
  agency?: string
  @Field(() => AppointmentState, { nullable: true, description: 'Where they stand.' })
  state?: AppointmentState
}

export const appointmentQueries = queries({
  appointments: connection(Appointment, undefined, {
    allowedTo: official,
    order: descending(appointments.createdAt),
    filter: AppointmentFilter,
    conditions: {
      agency: ({ agencyId }: Row<typeof appointments>, code: Asked) => isOfCode(agencyId, agencies, 'agency', code),
    },
    description:
      'Appointments of officers, the newest first: of an officer their own, and those of the agencies that they are ADMIN of; ' +
      'of the operator those that were never in force; of an auditor all.',
  }),
})
