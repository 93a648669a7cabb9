import type { Domain } from '../events/domain.js'
import { catalogueEvents } from './events.js'
import { publishService } from './publishing/publishService.js'
import { resumeService } from './publishing/resumeService.js'
import { retireService } from './publishing/retireService.js'
import { suspendService } from './publishing/suspendService.js'
import { SearchServicesResolver } from './search/searchServices.js'
import { SuggestServicesResolver } from './search/suggestServices.js'
import { catalogueChangeQueries } from './services/catalogueChange.js'
import { lifeEventQueries } from './services/lifeEvent.js'
import { ProcessResolver } from './services/process.js'
import { serviceQueries } from './services/service.js'
import { servicesQueries } from './services/services.js'
import { TariffsResolver } from './tariffs/tariffs.js'

export const catalogueDomain: Domain = {
  name: 'catalogue',
  events: catalogueEvents,
  queries: [servicesQueries, serviceQueries, lifeEventQueries, catalogueChangeQueries],
  resolvers: [SearchServicesResolver, SuggestServicesResolver, ProcessResolver, TariffsResolver],
  commands: [publishService, suspendService, retireService],
  jobs: () => [resumeService],
}
