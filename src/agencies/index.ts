import type { Domain } from '../events/domain.js'
import { agencyQueries } from './agency.js'
import { registerAgency } from './registerAgency.js'

export const agenciesDomain: Domain = {
  name: 'agencies',
  queries: [agencyQueries],
  commands: [registerAgency],
}
