import { Agency } from '../../agencies/agency.js'
import { anyone } from '../../engine/allowedTo.js'
import { connection, fields, queries } from '../../engine/declare.js'
import { LifeEvent } from './lifeEvent.js'
import { Service } from './service.js'
import { listing } from './service.listing.js'
import { services } from './service.table.js'

fields(Agency, {
  services: connection(Service, services.agencyId, { ...listing, description: 'The services that it gives itself.' }),
})
fields(LifeEvent, {
  services: connection(Service, services.lifeEventId, { ...listing, description: 'The services for this occasion.' }),
})
export const servicesQueries = queries({
  services: connection(Service, undefined, {
    allowedTo: anyone,
    ...listing,
    description: 'The services of all agencies, in pages; by their name in Azerbaijani where no order is asked for.',
  }),
})
