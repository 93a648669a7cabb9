import type { Domain } from '../engine/engine.js'
import { AccessActorResolver } from './accessLog/access.js'
import { accessLogQueries } from './accessLog/accessLog.js'
import { purposeQueries } from './accessLog/purpose.js'
import { consentQueries } from './consents/consent.js'
import { giveConsent } from './consents/giveConsent.js'
import { legalGroundQueries } from './consents/legalGround.js'
import { withdrawConsent } from './consents/withdrawConsent.js'
import { ConnectedRegistriesResolver } from './registries/connectedRegistry.js'
import { type ApplyingIn, looksOfOfficer, officerRecords } from './registries/officerRecords.resolver.js'
import {
  CompanyRecordsResolver,
  PersonRecordsResolver,
  RecordsOfPartyResolver,
  RecordsOfViewerResolver,
  vehiclesOfCaller,
} from './registries/records.resolver.js'

/** Who applies in an officer's application, the domain of applications says. */
export const exchangeDomainOf = (applyingIn: ApplyingIn): Domain => ({
  name: 'exchange',
  queries: [purposeQueries, legalGroundQueries, consentQueries, accessLogQueries],
  resolvers: [
    PersonRecordsResolver,
    CompanyRecordsResolver,
    RecordsOfPartyResolver,
    RecordsOfViewerResolver,
    officerRecords(applyingIn),
    ConnectedRegistriesResolver,
    AccessActorResolver,
  ],
  commands: [giveConsent, withdrawConsent],
  rates: {
    'Query.personRecords': looksOfOfficer,
    'Query.companyRecords': looksOfOfficer,
    'PersonRecords.traffic': vehiclesOfCaller,
    'CompanyRecords.traffic': vehiclesOfCaller,
  },
})
