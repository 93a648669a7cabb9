import { eq, lt, sql } from 'drizzle-orm'
import { Field, ID, InputType, registerEnumType } from 'type-graphql'
import { NIL } from 'uuid'
import { services } from '../../catalogue/services/service.table.js'
import {
  Asked,
  ascendingWhereKnown,
  ascendingWithin,
  connection,
  type Owner,
  queries,
  type Row,
} from '../../engine/declare.js'
import { parseNodeId } from '../../engine/node.js'
import { appointments, type OfficerRole } from '../../identity/officers/appointment.table.js'
import { handledByCaller, officer } from '../../identity/officers/offices.js'
import type { Context } from '../../shared/context.js'
import { isOfCode } from '../../shared/isOfCode.js'
import { readNumber } from '../../shared/number.js'
import { DateTime } from '../../shared/scalars.js'
import { ApplicationState } from '../application.enums.js'
import { Application } from '../application.js'
import { applications } from '../application.table.js'

export enum QueueOrder {
  SUBMITTED = 'SUBMITTED',
  DUE = 'DUE',
}
registerEnumType(QueueOrder, {
  name: 'AgencyApplicationOrder',
  description: 'How the applications to an agency are ordered.',
  valuesConfig: {
    SUBMITTED: { description: 'What came first is first.' },
    DUE: { description: 'What is due first is first; what has no term is left out.' },
  },
})

@InputType({ description: 'Which applications to an agency. All that is given must fit.' })
export class AgencyApplicationFilter {
  @Field(() => ApplicationState, { nullable: true, description: 'Those in that state.' })
  state?: ApplicationState | null
  @Field(() => String, { nullable: true, description: 'Those for the service of that code.' })
  service?: string | null
  @Field(() => ID, { nullable: true, description: 'Those that are assigned to the officer of that appointment.' })
  appointmentId?: string | null
  @Field(() => DateTime, { nullable: true, description: 'Those that are due before then.' })
  dueBefore?: Date | null
  @Field(() => String, { nullable: true, description: 'The one with that number, however it is typed.' })
  number?: string | null
}

type ApplicationRow = Row<typeof applications>
/** The value that was asked for, read before it is compared. */
const read = (value: Asked, change: (given: string) => unknown) => new Asked((run) => change(value.read(run) as string)) // as the filter has it
const appointmentKey = (id: string) => {
  const parsed = parseNodeId(id)
  return parsed?.type === 'Appointment' ? parsed.key : NIL
}
const conditions = {
  service: ({ serviceId }: ApplicationRow, code: Asked) => isOfCode(serviceId, services, 'service', code),
  // Not the agency of each row, for which it would be looked up again: that is one of the caller's already.
  appointmentId: ({ officerId }: ApplicationRow, id: Asked) =>
    sql`${officerId} = (
      select ${appointments.partyId} from ${appointments}
      where ${appointments.id} = ${read(id, appointmentKey)}::uuid and ${handledByCaller(appointments.agencyId)})`,
  dueBefore: ({ dueAt }: ApplicationRow, moment: Asked) => lt(dueAt, moment),
  number: ({ number }: ApplicationRow, typed: Asked) =>
    eq(
      number,
      read(typed, (given) => readNumber(given) ?? ''),
    ),
}

/** An agency of the caller's by its code, the one that they have where none is named; all others are as if they were not. */
export const ofAgency = (column: Owner['column'], role?: OfficerRole): Owner => ({
  argument: 'agency',
  type: () => String,
  column,
  description: 'The code of an agency of which the caller is an officer; null where they are so of one alone.',
  keyOf: (code, { caller }: Context) => {
    const theirs = caller.offices.filter(({ roles }) => role === undefined || roles.includes(role))
    const [office, ...others] = code == null ? theirs : theirs.filter(({ agency }) => agency === code)
    return office && others.length === 0 ? office.agencyId : NIL
  },
})

export const agencyApplicationQueries = queries({
  agencyApplications: connection(Application, undefined, {
    allowedTo: officer(),
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
      'The applications to an agency that were sent, for its officers: what came first is first, where no order is asked for. ' +
      'What each says is for whoever has it, or opens it.',
  }),
})
