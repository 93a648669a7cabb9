import { Agency } from '../agencies/agency.js'
import { ascending, ascendingWithin, connection, fields, find, many, queries } from '../engine/declare.js'
import type { Domain } from '../engine/engine.js'
import { events } from '../events/event.table.js'
import { operatorOrAdmin } from '../identity/officers/offices.js'
import { anyone } from '../shared/context.js'
import { publishService } from './publishing/publishService.js'
import { retireService } from './publishing/retireService.js'
import { suspendService } from './publishing/suspendService.js'
import { SearchResolver } from './search/search.resolver.js'
import { CatalogueChange } from './services/catalogueChange.js'
import { LifeEvent } from './services/lifeEvent.js'
import { lifeEvents } from './services/lifeEvent.table.js'
import { listing } from './services/listing.js'
import { ProcessResolver } from './services/process.js'
import { Service } from './services/service.js'
import { services } from './services/service.table.js'

fields(Agency, {
  services: connection(Service, services.agencyId, { ...listing, description: 'The services that it gives itself.' }),
})
fields(LifeEvent, {
  services: connection(Service, services.lifeEventId, { ...listing, description: 'The services for this occasion.' }),
})
const catalogueQueries = queries({
  services: connection(Service, undefined, {
    ...listing,
    description: 'The services of all agencies, in pages; by their name in Azerbaijani where no order is asked for.',
  }),
  service: find(Service, services.code, {
    argument: 'Its code, such as DIN-ID-ISSUE.',
    description: 'One service by its code; null when there is none that is public.',
  }),
  lifeEvents: many(LifeEvent, undefined, {
    order: ascending(lifeEvents.position),
    atMost: 100,
    description: 'The occasions in life that services belong to.',
  }),
  catalogueChanges: connection(CatalogueChange, undefined, {
    order: ascendingWithin(events.position),
    description:
      'What happened to the catalogue, from its beginning, the oldest first: nothing ever appears before what was read. ' +
      'Keep the cursor of the last, and ask for what comes `after` it to hold a copy in step; see docs/events.md.',
  }),
})

export const catalogueDomain: Domain = {
  name: 'catalogue',
  queries: [catalogueQueries],
  resolvers: [SearchResolver, ProcessResolver],
  commands: [publishService, suspendService, retireService],
  access: {
    Mutation: { publishService: operatorOrAdmin, suspendService: operatorOrAdmin, retireService: operatorOrAdmin },
    Query: {
      services: anyone,
      service: anyone,
      lifeEvents: anyone,
      searchServices: anyone,
      suggest: anyone,
      catalogueChanges: anyone,
    },
    Service: anyone,
    ServiceVersion: anyone,
    LifeEvent: anyone,
    Fee: anyone,
    ProcessingTerm: anyone,
    ServiceStep: anyone,
    RequiredDocument: anyone,
    LegalBasis: anyone,
    Form: anyone,
    Process: anyone,
    Duration: anyone,
    CatalogueChange: anyone,
    ServiceHit: anyone,
    ServiceHitConnection: anyone,
    HighlightPart: anyone,
    Suggestion: anyone,
    SearchFacets: anyone,
    AgencyFacet: anyone,
    LifeEventFacet: anyone,
    AudienceFacet: anyone,
    DirectionFacet: anyone,
  },
}
