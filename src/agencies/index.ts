import type { Domain } from '../events/domain.js'
import { agencyQueries } from './agency.js'
import { agencyEvents } from './events.js'
import { registerAgency } from './registerAgency.js'

export const agenciesDomain: Domain = {
  name: 'agencies',
  events: agencyEvents,
  queries: [agencyQueries],
  commands: [registerAgency],
}
