import type { Domain } from '../engine/engine.js'
import { agencyQueries } from './agency.js'
import { registerAgency } from './registerAgency.js'

export const agenciesDomain: Domain = {
  name: 'agencies',
  queries: [agencyQueries],
  commands: [registerAgency],
}
