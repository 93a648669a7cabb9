import { eq, lt, sql } from 'drizzle-orm'
import { Field, ID, InputType, registerEnumType } from 'type-graphql'
import { services } from '../../catalogue/services/service.table.js'
import { Asked, ascendingWhereKnown, ascendingWithin, connection, queries, type Row } from '../../engine/declare.js'
import { keyIn } from '../../engine/node.js'
import { ofAgency } from '../../identity/officers/agencyArgument.js'
import { appointments } from '../../identity/officers/appointment.table.js'
import { handledByCaller } from '../../identity/officers/offices.js'
import { hasScope, only } from '../../shared/context.js'
import { isOfCode } from '../../shared/isOfCode.js'
import { readNumber } from '../../shared/number.js'
import { DateTime } from '../../shared/scalars.js'
import { Application } from '../application.js'
import { ApplicationPhase, ApplicationState, applications } from '../application.table.js'

export enum QueueOrder {
  SUBMITTED = 'SUBMITTED',
  DUE = 'DUE',
}
registerEnumType(QueueOrder, {
  name: 'AgencyApplicationOrder',
  description: 'Order of the applications to an agency.',
  valuesConfig: {
    SUBMITTED: { description: 'By submission, oldest first.' },
    DUE: { description: 'By end of term, earliest first. Leaves out applications without a term.' },
  },
})

@InputType({ description: 'Filters for applications to an agency. All conditions must match.' })
export class AgencyApplicationFilter {
  @Field(() => ApplicationState, { nullable: true, description: 'Only applications in this state.' })
  state?: ApplicationState | null
  @Field(() => ApplicationPhase, { nullable: true, description: 'Only applications in this phase.' })
  phase?: ApplicationPhase | null
  @Field(() => String, { nullable: true, description: 'Only applications for the service with this code.' })
  service?: string | null
  @Field(() => ID, { nullable: true, description: 'Only applications assigned to the officer with this appointment.' })
  appointmentId?: string | null
  @Field(() => DateTime, { nullable: true, description: 'Only applications whose term ends before this moment.' })
  dueBefore?: Date | null
  @Field(() => String, { nullable: true, description: 'Only the application with this number, in any spelling.' })
  number?: string | null
}

type ApplicationRow = Row<typeof applications>
/** Changes the value of a filter before it is compared. */
const read = (value: Asked, change: (given: string) => unknown) => new Asked((run) => change(value.read(run) as string)) // as the filter has it
const conditions = {
  service: ({ serviceId }: ApplicationRow, code: Asked) => isOfCode(serviceId, services, 'service', code),
  // Compares with the agencies of the caller, not of each row: otherwise PostgreSQL repeats the look-up for every row.
  appointmentId: ({ officerId }: ApplicationRow, id: Asked) =>
    sql`${officerId} = (
      select ${appointments.partyId} from ${appointments}
      where ${appointments.id} = ${read(id, (given) => keyIn(given, 'Appointment'))}::uuid and ${handledByCaller(appointments.agencyId)})`,
  dueBefore: ({ dueAt }: ApplicationRow, moment: Asked) => lt(dueAt, moment),
  number: ({ number }: ApplicationRow, typed: Asked) =>
    eq(
      number,
      read(typed, (given) => readNumber(given) ?? ''),
    ),
}

const readsCases = only(
  'readsCases',
  'officers of an agency, and its programs with the scope cases:read',
  ['OFFICER', 'AGENCY_PROGRAM'],
  {},
  (caller) => caller.offices.length > 0 && hasScope(caller, 'cases:read'),
)
export const agencyApplicationQueries = queries({
  agencyApplications: connection(Application, undefined, {
    allowedTo: readsCases,
    owner: ofAgency(applications.agencyId),
    order: ascendingWithin(applications.submittedAt),
    filter: AgencyApplicationFilter,
    conditions,
    orderBy: {
      type: QueueOrder,
      orders: {
        SUBMITTED: ascendingWithin(applications.submittedAt),
        DUE: ascendingWhereKnown(applications.dueAt),
      },
    },
    description:
      'Submitted applications to an agency, oldest first by default. Requires an officer of the agency, or its program ' +
      'with the scope `cases:read`. The content of each is visible to the program, to the assigned officer, or after ' +
      '`openApplication`.',
  }),
})
