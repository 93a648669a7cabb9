import { InputType, registerEnumType } from 'type-graphql'
import { ascending, connection, queries } from '../../engine/declare.js'
import { badInput } from '../../engine/errors.js'
import { ofAgency } from '../../identity/officers/agencyArgument.js'
import { agenciesOf } from '../../identity/officers/offices.js'
import { hasScope, only } from '../../shared/context.js'
import { AnyFilingFilter, Filing, filingConditions } from '../filing.js'
import { FilingState, filings } from '../filing.table.js'

export enum AgencyFilingOrder {
  RECEIVED = 'RECEIVED',
  CHANGED = 'CHANGED',
}
registerEnumType(AgencyFilingOrder, {
  name: 'AgencyFilingOrder',
  description: 'Order of the filings of an agency.',
  valuesConfig: {
    RECEIVED: { description: 'By `receivedAt`, oldest first.' },
    CHANGED: { description: 'By `changedAt`, earliest first.' },
  },
})

@InputType({ description: 'Filters for filings of an agency. All conditions must match.' })
export class AgencyFilingFilter extends AnyFilingFilter {}

interface Args {
  filter?: AgencyFilingFilter | null
  orderBy?: AgencyFilingOrder | null
}
/** The states that filings on a page may have. */
function statesAmong({ filter, orderBy }: Args): FilingState[] {
  const { states, changedSince } = filter ?? {}
  // Otherwise PostgreSQL would have to read the whole list, or sort it.
  if (changedSince && orderBy !== AgencyFilingOrder.CHANGED)
    throw badInput('The filter `changedSince` requires `orderBy: CHANGED`.')
  return Object.values(FilingState).filter((state) => !states || states.includes(state))
}

const readsFilingsOfAgency = only(
  'readsFilingsOfAgency',
  'officers, and programs of agencies with the scope filings:handle',
  ['OFFICER', 'AGENCY_PROGRAM'],
  {},
  (caller) => agenciesOf(caller).length > 0 && (caller.kind === 'OFFICER' || hasScope(caller, 'filings:handle')),
)
export const agencyFilingQueries = queries({
  agencyFilings: connection(Filing, undefined, {
    allowedTo: readsFilingsOfAgency,
    owner: ofAgency(filings.agencyId),
    order: ascending(filings.receivedAt),
    filter: AgencyFilingFilter,
    // `statesAmong` reads the states.
    conditions: { ...filingConditions, states: () => undefined },
    orderBy: {
      type: AgencyFilingOrder,
      orders: { RECEIVED: ascending(filings.receivedAt), CHANGED: ascending(filings.changedAt) },
    },
    merged: { by: filings.state, values: statesAmong },
    description:
      'Filings with an agency, oldest first by default. The filter `changedSince` requires `orderBy: CHANGED`. Requires an ' +
      'officer of the agency, or its program with the scope `filings:handle`.',
  }),
})
