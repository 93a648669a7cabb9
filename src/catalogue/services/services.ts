import { Agency } from '../../agencies/agency.js'
import { anyone } from '../../engine/allowedTo.js'
import { connection, fields, queries } from '../../engine/declare.js'
import { LifeEvent } from './lifeEvent.js'
import { Service } from './service.js'
import { listing } from './service.listing.js'
import { services } from './service.table.js'

fields(Agency, {
  services: connection(Service, services.agencyId, {
    ...listing,
    description: 'Services that the agency itself provides.',
  }),
})
fields(LifeEvent, {
  services: connection(Service, services.lifeEventId, { ...listing, description: 'Services for this life event.' }),
})
export const servicesQueries = queries({
  services: connection(Service, undefined, {
    allowedTo: anyone,
    ...listing,
    description: 'Lists the services of all agencies, without retired ones. Ordered by Azerbaijani name by default.',
  }),
})
