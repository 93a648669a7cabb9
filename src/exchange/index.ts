import type { Domain } from '../events/domain.js'
import { accessLogQueries } from './accessLog/accessLog.js'
import type { AccessLogConfig } from './accessLog/accessLog.settings.js'
import { AccessActorResolver } from './accessLog/accessLogEntry.js'
import { addCheckpoint, mostInCheckpoint } from './accessLog/addCheckpoint.js'
import { agencyAccessLogQueries } from './accessLog/agencyAccessLog.js'
import { auditAccessLogQueries } from './accessLog/auditAccessLog.js'
import { copyCheckpoints, mostCopied } from './accessLog/copyCheckpoints.js'
import { purposeQueries } from './accessLog/purpose.js'
import { consentQueries } from './consents/consent.js'
import { giveConsent } from './consents/giveConsent.js'
import { legalGroundQueries } from './consents/legalGround.js'
import { withdrawConsent } from './consents/withdrawConsent.js'
import { ConnectedRegistriesResolver } from './registries/connectedRegistry.js'
import {
  CompanyRecordsResolver,
  PersonRecordsResolver,
  RecordsOfPartyResolver,
  RecordsOfViewerResolver,
} from './registries/records.resolver.js'

export const exchangeDomain: Domain<AccessLogConfig> = {
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
    ConnectedRegistriesResolver,
    AccessActorResolver,
  ],
  commands: [giveConsent, withdrawConsent],
  recurring: ({ accessLogDir }) => [
    {
      name: 'access log',
      interval: 'accessLogInterval',
      run: async (work) => (await addCheckpoint(work)) === mostInCheckpoint,
    },
    // Separate: if the folder is not writable, the checkpoints go on.
    {
      name: 'copy of the access log',
      interval: 'accessLogInterval',
      run: async (work) => (await copyCheckpoints(work, accessLogDir)) === mostCopied,
    },
  ],
}
