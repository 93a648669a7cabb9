import type { Domain } from '../events/domain.js'
import { accessLogQueries } from './accessLog/accessLog.js'
import { AccessActorResolver } from './accessLog/accessLogEntry.js'
import { agencyAccessLogQueries } from './accessLog/agencyAccessLog.js'
import { auditAccessLogQueries } from './accessLog/auditAccessLog.js'
import { purposeQueries } from './accessLog/purpose.js'
import { consentQueries } from './consents/consent.js'
import { giveConsent } from './consents/giveConsent.js'
import { legalGroundQueries } from './consents/legalGround.js'
import { withdrawConsent } from './consents/withdrawConsent.js'
import { companyRecordsOf } from './registries/companyRecords.js'
import { ConnectedRegistriesResolver } from './registries/connectedRegistry.js'
import { type ApplyingIn, looksOfOfficer } from './registries/officerRecords.js'
import { personRecordsOf } from './registries/personRecords.js'
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
  queries: [
    purposeQueries,
    legalGroundQueries,
    consentQueries,
    accessLogQueries,
    agencyAccessLogQueries,
    auditAccessLogQueries,
  ],
  resolvers: [
    PersonRecordsResolver,
    CompanyRecordsResolver,
    RecordsOfPartyResolver,
    RecordsOfViewerResolver,
    personRecordsOf(applyingIn),
    companyRecordsOf(applyingIn),
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
