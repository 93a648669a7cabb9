import { connection, find, queries } from '../engine/declare.js'
import type { Domain } from '../engine/engine.js'
import { anyone, operator } from '../shared/context.js'
import { inOrderOfNames } from '../shared/named.js'
import { Agency } from './agency.js'
import { agencies } from './agency.table.js'
import { registerAgency } from './registerAgency.js'

const agencyQueries = queries({
  agencies: connection(Agency, undefined, {
    ...inOrderOfNames(agencies, 'AgencyOrder', 'agencies'),
    description: 'The agencies, in pages; by their name in Azerbaijani where no order is asked for.',
  }),
  agency: find(Agency, agencies.code, {
    argument: 'Its code, such as DVX.',
    description: 'One agency by its code; null when there is none.',
  }),
})

export const agenciesDomain: Domain = {
  name: 'agencies',
  queries: [agencyQueries],
  commands: [registerAgency],
  access: {
    Query: { agencies: anyone, agency: anyone },
    Mutation: { registerAgency: operator },
    Agency: anyone,
    Registry: anyone,
  },
}
