import { eq, gte, isNotNull, lt, ne, sql } from 'drizzle-orm'
import { Field, ID, InputType, registerEnumType } from 'type-graphql'
import { services } from '../../catalogue/services/service.table.js'
import {
  Asked,
  ascending,
  ascendingWhereKnown,
  ascendingWithin,
  asked,
  connection,
  queries,
  type Row,
} from '../../engine/declare.js'
import { badInput } from '../../engine/errors.js'
import { keyIn } from '../../engine/node.js'
import { ownParty } from '../../identity/mandates/powers.js'
import { ofAgency } from '../../identity/officers/agencyArgument.js'
import { appointments } from '../../identity/officers/appointment.table.js'
import { handledByCaller } from '../../identity/officers/offices.js'
import { type Context, hasScope, only } from '../../shared/context.js'
import { isOfCode } from '../../shared/isOfCode.js'
import { readNumber } from '../../shared/number.js'
import { DateTime } from '../../shared/scalars.js'
import { Application } from '../application.js'
import {
  ApplicationPhase,
  ApplicationState,
  applications,
  isUnassigned,
  phases as phaseOf,
} from '../application.table.js'
import { running } from '../transition.rules.js'

export enum QueueOrder {
  SUBMITTED = 'SUBMITTED',
  DUE = 'DUE',
  CHANGED = 'CHANGED',
}
registerEnumType(QueueOrder, {
  name: 'AgencyApplicationOrder',
  description: 'Order of the applications to an agency.',
  valuesConfig: {
    SUBMITTED: { description: 'By submission, oldest first.' },
    DUE: {
      description: 'By end of term, earliest first. Leaves out applications without a term, and those that are CLOSED.',
    },
    CHANGED: { description: 'By `changedAt`, earliest first.' },
  },
})

@InputType({ description: 'Filters for applications to an agency. All conditions must match.' })
export class AgencyApplicationFilter {
  @Field(() => [ApplicationState], { nullable: true, description: 'Only applications in one of these states.' })
  states?: ApplicationState[] | null
  @Field(() => [ApplicationPhase], { nullable: true, description: 'Only applications in one of these phases.' })
  phases?: ApplicationPhase[] | null
  @Field(() => String, { nullable: true, description: 'Only applications for the service with this code.' })
  service?: string | null
  @Field(() => ID, {
    nullable: true,
    description: 'Only applications assigned to the officer with this appointment, from `appointments`.',
  })
  appointmentId?: string | null
  @Field(() => Boolean, {
    nullable: true,
    description: 'True: only applications assigned to the caller. False has no effect.',
  })
  mine?: boolean | null
  @Field(() => Boolean, {
    nullable: true,
    description: 'True: only applications that are assigned to nobody and not CLOSED. False has no effect.',
  })
  unassigned?: boolean | null
  @Field(() => Boolean, {
    nullable: true,
    description: 'True: only applications with an open proposal of a decision. False has no effect.',
  })
  proposed?: boolean | null
  @Field(() => Boolean, {
    nullable: true,
    description:
      'True: only applications whose term is over and not paused, without a decision. False has no effect. Requires ' +
      '`orderBy: DUE`.',
  })
  overdue?: boolean | null
  @Field(() => DateTime, {
    nullable: true,
    description: 'Only applications whose term ends before this moment. Requires `orderBy: DUE`.',
  })
  dueBefore?: Date | null
  @Field(() => DateTime, {
    nullable: true,
    description: 'Only applications that changed at or after this moment. Requires `orderBy: CHANGED`.',
  })
  changedSince?: Date | null
  @Field(() => String, { nullable: true, description: 'Only the application with this number, in any spelling.' })
  number?: string | null
}

type ApplicationRow = Row<typeof applications>
/** Changes the value of a filter before it is compared. */
const read = (value: Asked, change: (given: string) => unknown) => new Asked((run) => change(value.read(run) as string)) // as the filter has it
const conditions = {
  // `statesAmong` reads these two.
  states: () => undefined,
  phases: () => undefined,
  service: ({ serviceId }: ApplicationRow, code: Asked) => isOfCode(serviceId, services, 'service', code),
  // Compares with the agencies of the caller, not of each row: otherwise PostgreSQL repeats the look-up for every row.
  appointmentId: ({ officerId }: ApplicationRow, id: Asked) =>
    sql`${officerId} = (
      select ${appointments.partyId} from ${appointments}
      where ${appointments.id} = ${read(id, (given) => keyIn(given, 'Appointment'))}::uuid and ${handledByCaller(appointments.agencyId)})`,
  mine: ({ officerId }: ApplicationRow, _mine: Asked, isTrue: boolean) =>
    isTrue ? eq(officerId, sql`${ownParty}::uuid`) : undefined,
  unassigned: (row: ApplicationRow, _unassigned: Asked, isTrue: boolean) => (isTrue ? isUnassigned(row) : undefined),
  proposed: ({ proposalId }: ApplicationRow, _proposed: Asked, isTrue: boolean) =>
    isTrue ? isNotNull(proposalId) : undefined,
  overdue: ({ dueAt }: ApplicationRow, _overdue: Asked, isTrue: boolean) =>
    isTrue ? lt(dueAt, sql`${momentNow}::timestamptz`) : undefined,
  dueBefore: ({ dueAt }: ApplicationRow, moment: Asked) => lt(dueAt, moment),
  changedSince: ({ changedAt }: ApplicationRow, moment: Asked) => gte(changedAt, moment),
  number: ({ number }: ApplicationRow, typed: Asked) =>
    eq(
      number,
      read(typed, (given) => readNumber(given) ?? ''),
    ),
}
const momentNow = asked(({ now }: Context) => now().toISOString())

interface Args {
  filter?: AgencyApplicationFilter | null
  orderBy?: QueueOrder | null
}
/** The states that applications on a page may have. */
function statesAmong({ filter, orderBy }: Args): ApplicationState[] {
  const { states, phases, unassigned, overdue, dueBefore, changedSince } = filter ?? {}
  // Otherwise PostgreSQL would have to read the whole list, or sort it.
  if ((overdue || dueBefore) && orderBy !== QueueOrder.DUE)
    throw badInput('The filters `overdue` and `dueBefore` require `orderBy: DUE`.')
  if (changedSince && orderBy !== QueueOrder.CHANGED)
    throw badInput('The filter `changedSince` requires `orderBy: CHANGED`.')
  const isOpen = unassigned || orderBy === QueueOrder.DUE
  return Object.values(ApplicationState).filter(
    (state) =>
      state !== ApplicationState.AWAITING_PAYMENT && // nothing reaches the agency before
      (!states || states.includes(state)) &&
      (!phases || phases.includes(phaseOf[state])) &&
      (!overdue || running.includes(state)) &&
      (!isOpen || phaseOf[state] !== ApplicationPhase.CLOSED),
  )
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
        DUE: ascendingWhereKnown(applications.dueAt, ({ phase }) => ne(phase, ApplicationPhase.CLOSED)),
        CHANGED: ascending(applications.changedAt),
      },
    },
    merged: { by: applications.state, values: statesAmong },
    description:
      'Submitted applications to an agency, oldest first by default. Requires an officer of the agency, or its program ' +
      'with the scope `cases:read`. The content of each is visible to the program, to the assigned officer, or after ' +
      '`openApplication`.',
  }),
})
