import type { Domain } from '../events/domain.js'
import { accessLogQueries } from './accessLog/accessLog.js'
import type { AccessLogConfig } from './accessLog/accessLog.settings.js'
import { AccessActorResolver } from './accessLog/accessLogEntry.js'
import { agencyAccessLogQueries } from './accessLog/agencyAccessLog.js'
import { auditAccessLogQueries } from './accessLog/auditAccessLog.js'
import { keepAccessLog } from './accessLog/keepAccessLog.js'
import { purposeQueries } from './accessLog/purpose.js'
import { consentQueries } from './consents/consent.js'
import { giveConsent } from './consents/giveConsent.js'
import { legalGroundQueries } from './consents/legalGround.js'
import { withdrawConsent } from './consents/withdrawConsent.js'
import { exchangeEvents } from './events.js'
import { ConnectedRegistriesResolver } from './registries/connectedRegistry.js'
import {
  CompanyRecordsOfBothResolver,
  CompanyRecordsResolver,
  PersonRecordsOfBothResolver,
  PersonRecordsResolver,
  RecordsOfPartyResolver,
  RecordsOfViewerResolver,
} from './registries/records.resolver.js'

export const exchangeDomain: Domain<AccessLogConfig> = {
  name: 'exchange',
  events: exchangeEvents,
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
    PersonRecordsOfBothResolver,
    CompanyRecordsResolver,
    CompanyRecordsOfBothResolver,
    RecordsOfPartyResolver,
    RecordsOfViewerResolver,
    ConnectedRegistriesResolver,
    AccessActorResolver,
  ],
  commands: [giveConsent, withdrawConsent],
  recurring: ({ accessLogDir }) => keepAccessLog(accessLogDir),
}
