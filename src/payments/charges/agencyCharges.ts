import { eq } from 'drizzle-orm'
import { registerEnumType } from 'type-graphql'
import { ascending, ascendingWhereKnown, connection, queries } from '../../engine/declare.js'
import { badInput } from '../../engine/errors.js'
import { ofAgency } from '../../identity/officers/agencyArgument.js'
import { OfficerRole } from '../../identity/officers/appointment.table.js'
import { agenciesOf } from '../../identity/officers/offices.js'
import { hasScope, only } from '../../shared/context.js'
import { Charge, ChargeFilter, chargeConditions } from './charge.js'
import { ChargeState, charges } from './charge.table.js'

export enum AgencyChargeOrder {
  RAISED = 'RAISED',
  CHANGED = 'CHANGED',
  DUE = 'DUE',
}
registerEnumType(AgencyChargeOrder, {
  name: 'AgencyChargeOrder',
  description: 'Order of the charges of an agency.',
  valuesConfig: {
    RAISED: { description: 'By `raisedAt`, oldest first.' },
    CHANGED: { description: 'By `changedAt`, earliest first.' },
    DUE: { description: 'By `payBy`, earliest first. Leaves out charges without it, and those that are not OPEN.' },
  },
})

interface Args {
  filter?: ChargeFilter | null
  orderBy?: AgencyChargeOrder | null
}
/** The states that charges on a page may have. */
function statesAmong({ filter, orderBy }: Args): ChargeState[] {
  const { states, changedSince, overdue } = filter ?? {}
  // Otherwise PostgreSQL would have to read the whole list, or sort it.
  if (overdue && orderBy !== AgencyChargeOrder.DUE) throw badInput('The filter `overdue` requires `orderBy: DUE`.')
  if (changedSince && orderBy !== AgencyChargeOrder.CHANGED)
    throw badInput('The filter `changedSince` requires `orderBy: CHANGED`.')
  return Object.values(ChargeState).filter(
    (state) => (!states || states.includes(state)) && (orderBy !== AgencyChargeOrder.DUE || state === ChargeState.OPEN),
  )
}

const readsChargesOfAgency = only(
  'readsChargesOfAgency',
  'officers with the role FINANCE, and programs of agencies with the scope charges:read',
  ['OFFICER', 'AGENCY_PROGRAM'],
  {},
  (caller) =>
    caller.kind === 'AGENCY_PROGRAM'
      ? hasScope(caller, 'charges:read')
      : agenciesOf(caller, OfficerRole.FINANCE).length > 0,
)
export const agencyChargeQueries = queries({
  agencyCharges: connection(Charge, undefined, {
    allowedTo: readsChargesOfAgency,
    owner: ofAgency(charges.agencyId),
    order: ascending(charges.raisedAt),
    filter: ChargeFilter,
    // `statesAmong` reads the states.
    conditions: { ...chargeConditions, states: () => undefined },
    orderBy: {
      type: AgencyChargeOrder,
      orders: {
        RAISED: ascending(charges.raisedAt),
        CHANGED: ascending(charges.changedAt),
        DUE: ascendingWhereKnown(charges.payBy, ({ state }) => eq(state, ChargeState.OPEN)),
      },
    },
    merged: { by: charges.state, values: statesAmong },
    description:
      'Charges of an agency, oldest first by default. The filter `changedSince` requires `orderBy: CHANGED`, and `overdue` ' +
      'requires `orderBy: DUE`. Requires an officer of the agency with the role FINANCE, or its program with the scope ' +
      '`charges:read`.',
  }),
})
