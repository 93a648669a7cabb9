import { ascending, many, queries } from '../engine/declare.js'
import type { Domain } from '../engine/engine.js'
import { officer } from '../identity/officers/offices.js'
import { Assurance } from '../shared/assurance.table.js'
import { anyone, asSurelyAsEver, callerKinds, hasScope, only, operator, person, signedIn } from '../shared/context.js'
import { AccessActorResolver } from './accessLog/access.js'
import { accessLogQueries, accessLogRules } from './accessLog/accessLog.js'
import { Purpose } from './accessLog/purpose.js'
import { purposes } from './accessLog/purpose.table.js'
import { consentQueries } from './consents/consent.js'
import { giveConsent } from './consents/giveConsent.js'
import { legalGroundQueries } from './consents/legalGround.js'
import { withdrawConsent } from './consents/withdrawConsent.js'
import { ConnectedRegistriesResolver } from './registries/connectedRegistry.js'
import { type ApplyingIn, caseOfficer, looksOfOfficer, officerRecords } from './registries/officerRecords.resolver.js'
import {
  CompanyRecordsResolver,
  PersonRecordsResolver,
  RecordsOfPartyResolver,
  RecordsOfViewerResolver,
  vehiclesOfCaller,
} from './registries/records.resolver.js'

const exchangeQueries = queries({
  purposes: many(Purpose, undefined, {
    atMost: 100,
    order: ascending(purposes.code),
    description: 'All that somebody may be asked about for, by their codes.',
  }),
})

/** Whom a registry may be asked about, and by which law, each look-up asks. */
const registriesRead = only(
  'registriesRead',
  'persons, officers, and programs with the scope registries:read',
  ['PERSON', 'PROGRAM', 'OFFICER'],
  { assurance: Assurance.SUBSTANTIAL },
  (caller) => hasScope(caller, 'registries:read'),
)

/** Programs need the scope; who may look at which is told by the noun. */
const consentsRead = only(
  'consentsRead',
  'who is signed in, and programs with the scope registries:read',
  callerKinds.filter((kind) => kind !== 'NOBODY'),
  asSurelyAsEver,
  (caller) => hasScope(caller, 'registries:read'),
)

const answers = ['Population', 'Company', 'Traffic', 'Property', 'SocialInsurance', 'Border', 'Tax']
/** Seen by whoever may ask for what they are in. */
const inAnswers = [
  ...answers.flatMap((name) => [`${name}Answer`, `${name}Record`]),
  'Provenance',
  'Unavailable',
  'RegisteredAddress',
  'FamilyMember',
  'CompanyOfficial',
  'TrafficFine',
  'PropertyTitle',
  'Encumbrance',
  'Employment',
  'Pension',
  'BorderCrossing',
  'BorderRestriction',
  'TaxDebt',
  'ConnectedRegistry',
  'RegistryFailure',
]

/** Who applies in an officer's application, the domain of applications says. */
export const exchangeDomainOf = (applyingIn: ApplyingIn): Domain => ({
  name: 'exchange',
  queries: [exchangeQueries, legalGroundQueries, consentQueries, accessLogQueries],
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
  access: {
    Query: {
      purposes: anyone,
      legalGrounds: anyone,
      consents: signedIn,
      personRecords: caseOfficer,
      companyRecords: caseOfficer,
      registries: operator,
      ...accessLogRules.roots,
    },
    Mutation: { giveConsent: person, withdrawConsent: person },
    Purpose: anyone,
    LegalGround: anyone,
    Consent: consentsRead,
    AccessLogEntry: accessLogRules.entry,
    AccessActor: anyone,
    AccessProgram: anyone,
    PersonRecords: { '*': registriesRead, border: officer() },
    CompanyRecords: registriesRead,
    ...Object.fromEntries(inAnswers.map((name) => [name, anyone])),
  },
  rates: {
    'Query.personRecords': looksOfOfficer,
    'Query.companyRecords': looksOfOfficer,
    'PersonRecords.traffic': vehiclesOfCaller,
    'CompanyRecords.traffic': vehiclesOfCaller,
  },
})
