import { nodeIdOf } from '../../src/engine/node.js'
import type { rowsOf } from './seen.js'
import type { World } from './world.js'

export interface Entry {
  query: string
  variables?: Record<string, unknown>[]
  /** Who asks in `npm run test:wide`. In `npm run test:long` all personas do. */
  by: string[]
  /** Why one statement cannot answer it. */
  leftToApollo?: string
}

const persons = ['citizen', 'stateless', 'company-head']
const parties = [...persons, 'other-citizen', 'filing-program', 'reader-program']
const officials = ['officer', 'senior-officer', 'auditor']
const pageInfo = 'pageInfo { hasNextPage hasPreviousPage startCursor endCursor }'

const card = `id number state phase origin revision createdAt changedAt expiresAt submittedAt dueOn dueAt
  service { code name agency { code name parent { name } } } agency { code name names { az en ru } }`
const history = 'timeline(first: 3) { nodes { type at by fromState toState dueOn dueReason } }'
const decided = 'decisions { outcome at deemed byProgram appealTo appealUntil document { id number kind issuedAt } }'
const documents = 'documents { id number kind issuedAt keyId agency { code } party { id kind } pdfSize seriesNumber }'
const case_ = `${card}
  applicant { id kind name birthDate identifiers { type value } }
  version { number validFrom assurance tariffs { name fees { money { amount currency } name } } process { appealDays waiting { value unit } } }
  content { answers sources { at origin registry messageId fetchedAt declaredAt registryValue acceptedAt acceptedFor } applicant { name identifiers { type value } } earlier { answers until } }
  validationErrors { code reason field message params { name value } }
  officer { isCaller name }
  attachments { attachedAt upload { id name size sha256 state refusal downloadUrl }
    requiredDocument { code name } file { name size mediaType } downloadUrl }
  opinions { id state question text officerName isOverdue dueOn dueAt endedAt askedAt applicationNumber agency { code } askingAgency { name } }
  appeals { filedAt text decision { outcome reasoning norm } }
  decisions { outcome reasoning norm grounds { code text norm } downloadUrl document { number code signature pdfSha256 downloadUrl } }
  viewerCan { action allowed reason message }
  notes(first: 3) { nodes { kind at text outcome groundCodes norm officerName files { downloadUrl } } totalCount }
  timeline(last: 10) { edges { cursor node { type text person by at decision { outcome reasoning } files { file { name } downloadUrl } } } ${pageInfo} totalCount totalCountIsExact }`
const mandate = `id kind powers services validFrom validTo createdAt revokedAt revokedFor
  principal { id kind } holder { id kind } holderNamed { type value }`
const access = `id at kind outcome fields application messageId partyId position releaseAt party { id } agency { code }
  registry { code name } purpose { code name } ground { code } by { kind actorId officerName party { id } program { name } }`
const charge = `id number state subjectType reference serviceCode due revision raisedAt payBy paidAt endedAt changedAt
  money { amount currency } lines { kind name names { az en ru } money { amount currency } budget { classification } } agency { code } party { id kind }`
const payment = `id number state method revision createdAt expiresAt capturedAt endedAt checkoutUrl money { amount currency }
  items { chargeNumber applied money { amount currency } } viewerCan { action allowed reason message }`
const receipt = 'receipts { id number kind issuedAt agency { code } party { id } }'
const refund = `id number kind state revision requestedAt dueAt latestAt decidedAt endedAt isOverdue money { amount currency }
  agency { code } ground { code } payment { id number state } charge { id number state }`
const difference = `id kind state provider subject day foundAt settledAt reason agency { code }
  ours { amount currency } bank { amount currency }`
const filing = `id number state period externalNumber revision receivedAt acknowledgedAt endedAt changedAt agencyNumber leaseId leasedUntil
  service { code } version { number } agency { code name } party { id kind } replaces { number state } replacedBy { number state }
  receipt { number kind issuedAt party { id } } charges { number state money { amount } } viewerCan { action allowed reason message }`
const filed = `${filing} content faults { path message messages { az en ru } }`
const batch = `id state revision size sha256 createdAt expiresAt receivedAt startedAt endedAt changedAt lines done filed repeated refused
  stoppedFor explanation linesPerSecond remainingSeconds party { id }`
const results = `results(first: 5) { nodes { line externalNumber outcome userErrors { code message } filing { number state } } totalCount }
  wrong: results(last: 5, filter: { outcome: REFUSED }) { nodes { line } ${pageInfo} totalCount }`
const upload =
  'id name size sha256 state mediaType createdAt expiresAt receivedAt refusedFor refusal party { id } uploadUrl'

/** Operations as frontends and programs send them, about the rows of the world. */
export function corpusOf(
  world: World,
  rows: Awaited<ReturnType<typeof rowsOf>>,
  cursors: string[],
): Record<string, Entry> {
  const ids = (type: Exclude<keyof typeof rows, 'issued' | 'together' | 'paid'>) =>
    rows[type].map(({ id }) => nodeIdOf(type, id))
  const partyId = (persona: string) => nodeIdOf('Party', world.partyOf(persona))
  const ofParties = ['minor', 'filing-program', 'reader-program'].map((persona) => ({ party: partyId(persona) }))
  const numbers = rows.Application.map(({ number }) => ({ number }))
  const node = (type: Parameters<typeof ids>[0], fields: string, by: string[]): Entry => ({
    query: `query Node($id: ID!) { node(id: $id) { __typename id ... on ${type} { ${fields} } ... on Agency { website } } }`,
    variables: ids(type)
      .slice(-12)
      .map((id) => ({ id })),
    by,
  })
  return {
    'the cabinet': {
      query: `query Cabinet($first: Int!) { viewer { kind party { id name } }
        applications(first: $first) { nodes { ${card} ${history} ${decided} ${documents}
          viewerCan { action allowed reason message } } ${pageInfo} totalCount } }`,
      variables: [{ first: 20 }, { first: 1 }],
      by: ['nobody', ...parties, 'officer'],
    },
    'the cabinet without anything computed': {
      query: `{ applications(first: 20) { nodes { ${card} ${history} ${decided} ${documents} } ${pageInfo} } }`,
      by: parties,
    },
    "another party's cabinet": {
      query: `query ($party: ID, $service: String) { applications(party: $party, filter: { service: $service }, last: 5) {
        nodes { ${card} ${history} ${decided} } totalCount } }`,
      variables: [...ofParties, { service: 'DVX-RETURN' }, { party: ofParties[2]?.party, service: 'DVX-BENEFICIAL' }],
      by: [...parties, 'company-delegate', 'auditor'],
    },
    'a case with all that it has': {
      query: `query Case($number: String!) { application(number: $number) { ${case_} } }`,
      variables: numbers.slice(-7),
      by: ['citizen', 'company-head', 'minor', 'officer', 'senior-officer'],
    },
    'applications page by page': {
      query: `query ($first: Int, $last: Int, $after: String, $before: String) {
        applications(first: $first, last: $last, after: $after, before: $before) {
          edges { cursor node { number } } nodes { id } ${pageInfo} totalCount } }`,
      variables: [
        { first: 1 },
        { last: 1 },
        ...cursors.flatMap((cursor) => [
          { first: 1, after: cursor },
          { last: 1, before: cursor },
          { first: 5, after: cursor, before: cursors[0] },
        ]),
        { last: 1, after: null, before: null },
      ],
      by: ['citizen', 'reader-program'],
    },
    'fragments, aliases and conditions': {
      query: `query Q($with: Boolean!, $without: Boolean = true) {
        drafts: applications(first: 5, filter: { states: [DRAFT] }) { ...Page }
        sent: applications(first: 5, filter: { states: [SUBMITTED] }) { __typename ...Page nodes { submittedAt @skip(if: $without) } } }
        fragment Page on ApplicationConnection { list: nodes { ...Card at: createdAt } count: totalCount }
        fragment Card on Application { __typename no: number ...on Application { timeline(first: 1) @include(if: $with) { nodes { by } } } }`,
      variables: [{ with: true }, { with: false, without: false }],
      by: [...persons, 'filing-program'],
    },
    'documents, uploads and mandates of a party': {
      query: `query ($party: ID) {
        documents(party: $party, first: 10) { nodes { id number kind issuedAt series agency { name } party { id name } } ${pageInfo} totalCount }
        uploads(party: $party, first: 10) { nodes { ${upload} } totalCount }
        given: mandatesGiven(party: $party, first: 10) { nodes { ${mandate} } }
        held: mandatesHeld(party: $party, last: 10) { edges { cursor node { ${mandate} } } totalCount } }`,
      variables: [{}, ...ofParties],
      by: persons,
    },
    'documents of a program': {
      query: `{ documents(first: 10) { nodes { id number kind code signature pdfSha256 downloadUrl } } }`,
      by: ['filing-program', 'citizen', 'company-head'],
    },
    'uploads of a program': { query: `{ uploads(first: 10) { nodes { ${upload} } totalCount } }`, by: parties },
    mandates: {
      query: `{ mandatesGiven(first: 10) { nodes { ${mandate} } } viewer { mandates(first: 9) { nodes { kind powers partyId } } } }`,
      by: parties,
    },
    consents: {
      query: `query ($party: ID) { consents(party: $party, first: 10) { nodes { id state registries validFrom validTo withdrawnAt
        partyId party { id } agency { code } purpose { code name } } totalCount } }`,
      variables: [{}, ...ofParties],
      by: [...parties, 'officer', 'auditor'],
    },
    'the access log': {
      query: `query ($party: ID) { accessLog(party: $party, first: 20) { nodes { ${access} } ${pageInfo} totalCount } }`,
      variables: [{}, ...ofParties],
      by: [...persons, 'foreigner', 'filing-program', 'officer'],
    },
    'the access log of an agency': {
      query: `query ($filter: AgencyAccessLogFilter) { agencyAccessLog(first: 20, filter: $filter) { nodes { ${access} } totalCount } }`,
      variables: [{}, { filter: { kind: 'CALL', purpose: 'APPLICATION' } }, { filter: { kind: null } }],
      by: officials,
    },
    'the whole access log': {
      query: `query ($filter: AuditAccessLogFilter) { auditAccessLog(last: 20, filter: $filter) { nodes { ${access} } ${pageInfo} totalCount } }`,
      variables: [{}, { filter: { agency: 'DVX', outcome: 'SHOWN' } }],
      by: ['citizen', 'operator', 'auditor'],
    },
    programs: {
      query: `{ programs(first: 10) { nodes { id clientId name scopes networks keyIds hasSecret createdAt expiresAt revokedAt revokedBecause
        formerSecretUntil party { id } } totalCount } }`,
      by: parties,
    },
    "an agency's applications": {
      query: `query Queue($filter: AgencyApplicationFilter) { agencyApplications(first: 20, filter: $filter) {
        nodes { ${card} officer { isCaller name } viewerCan { action allowed reason } ${history} ${decided} } ${pageInfo} totalCount } }`,
      variables: [
        {},
        {
          filter: {
            states: ['IN_REVIEW', 'REGISTERED'],
            phases: ['WAITING_FOR_AGENCY'],
            mine: true,
            unassigned: false,
          },
        },
        { filter: { service: 'DVX-RETURN', number: null } },
      ],
      by: ['citizen', ...officials, 'other-officer'],
    },
    "an agency's queue by due date": {
      query: `{ agencyApplications(last: 5, orderBy: DUE) { edges { cursor node { number dueAt applicant { id } } } ${pageInfo} } }`,
      by: officials,
    },
    'charges of a party': {
      query: `query ($party: ID, $filter: ChargeFilter) { charges(party: $party, filter: $filter, first: 10) {
        nodes { ${charge} reason viewerCan { action allowed reason message } } ${pageInfo} totalCount } }`,
      variables: [
        {},
        ...ofParties,
        { filter: { states: ['PAID'], subjectType: 'OTHER', overdue: false } },
        { filter: { service: 'DVX-RETURN', overdue: true, changedSince: '2026-01-01T00:00:00Z' } },
      ],
      by: [...parties, 'company-delegate', 'officer', 'auditor'],
    },
    'charges of an agency': {
      query: `query ($filter: ChargeFilter, $orderBy: AgencyChargeOrder) { agencyCharges(last: 5, filter: $filter, orderBy: $orderBy) {
        nodes { ${charge} viewerCan { action allowed reason } } ${pageInfo} totalCount } }`,
      variables: [
        {},
        { filter: { states: ['OPEN', 'PAID'], service: 'DVX-RETURN' } },
        { filter: { overdue: true }, orderBy: 'DUE' },
        { filter: { changedSince: '2026-01-01T00:00:00Z' }, orderBy: 'CHANGED' },
      ],
      by: ['citizen', 'finance-officer', ...officials],
    },
    'a charge by its number': {
      query: `query ($number: String!) { charge(number: $number) { ${charge} code } }`,
      variables: rows.Charge.map(({ number }) => ({ number })),
      by: ['nobody', ...persons, 'finance-officer', 'filing-program'],
    },
    'payments of a party': {
      query: `query ($party: ID) { payments(party: $party, first: 10) { nodes { ${payment} } ${pageInfo} totalCount } }`,
      variables: [{}, ...ofParties],
      by: [...parties, 'finance-officer', 'auditor'],
    },
    'a payment by its number': {
      query: `query ($number: String!) { payment(number: $number) { ${payment} } }`,
      variables: rows.Payment.map(({ number }) => ({ number })),
      by: ['nobody', 'citizen', 'finance-officer', 'filing-program'],
    },
    'a payment by its id': node('Payment', payment, ['nobody', ...persons, 'finance-officer', 'auditor']),
    'payments for charges': {
      query:
        'query ($party: ID) { charges(party: $party, first: 5) { nodes { number payments { applied payment { number } } } } }',
      variables: [{}, ...ofParties],
      by: [...persons, 'auditor'],
    },
    'a charge by its id': node('Charge', charge, [...persons, 'finance-officer', 'auditor']),
    'receipts of charges': {
      query: `query ($party: ID) { charges(party: $party, first: 5) { nodes { number ${receipt} } } }`,
      variables: [{}, ...ofParties],
      by: [...parties, 'auditor'],
    },
    'refunds of a party': {
      query: `query ($party: ID) { refunds(party: $party, first: 10) { nodes { ${refund} reason rejection
        viewerCan { action allowed reason message } } ${pageInfo} totalCount } }`,
      variables: [{}, ...ofParties],
      by: [...parties, 'company-delegate', 'finance-officer', 'auditor'],
    },
    'refunds under payments and charges': {
      query: `query ($party: ID) { payments(party: $party, first: 5) { nodes { number refunds { ${refund} } } }
        charges(party: $party, first: 5) { nodes { refunded { amount } payments { payment { number refunds { number state } } } } } }`,
      variables: [{}, ...ofParties],
      by: persons,
    },
    'refunds of an agency': {
      query: `query ($filter: AgencyRefundFilter) { agencyRefunds(first: 10, filter: $filter) {
        nodes { ${refund} } ${pageInfo} totalCount } }`,
      variables: [{}, { filter: { states: ['APPROVED'], kind: 'AUTOMATIC' } }, { filter: { overdue: true } }],
      by: ['citizen', 'finance-officer', ...officials],
    },
    'a refund by its id': node('Refund', refund, [...persons, 'finance-officer', 'auditor']),
    'differences of an agency': {
      query: `query ($filter: ReconciliationFilter) { reconciliations(first: 10, filter: $filter) {
        nodes { ${difference} } ${pageInfo} totalCount } }`,
      variables: [{}, { filter: { state: 'SETTLED', kind: 'STATUS' } }, { filter: { from: '2026-12-01' } }],
      by: ['citizen', 'finance-officer', 'operator', ...officials],
    },
    'a difference by its id': node('Reconciliation', difference, ['citizen', 'finance-officer', 'operator', 'auditor']),
    'transfers from an agency': {
      query:
        '{ agencyTransfers(first: 10) { nodes { kind at reason from { code } to { code } application { number state phase dueOn } } totalCount } }',
      by: officials,
    },
    'opinions that an agency was asked for': {
      query: `query ($filter: AgencyOpinionFilter) { agencyOpinions(first: 10, filter: $filter) { nodes { id applicationNumber state question text
        officerName isOverdue service { code } askingAgency { code } agency { code } } ${pageInfo} totalCount } }`,
      variables: [
        {},
        { filter: { states: ['GIVEN'], overdue: false } },
        { filter: { overdue: true, service: 'DIN-ADDRESS-REG' } },
      ],
      by: ['citizen', 'other-officer', ...officials],
    },
    'openings of an agency': {
      query:
        '{ agencyOpenings(first: 10) { nodes { at until reason officerName application { number service { name } } } totalCount } }',
      by: officials,
    },
    appointments: {
      query: `query ($filter: AppointmentFilter) { appointments(first: 20, filter: $filter) { nodes { id state roles agency { code }
        officerName createdAt activeFrom endedAt endReason replacing } totalCount } }`,
      variables: [{}, { filter: { agency: 'DVX', state: 'ACTIVE' } }, { filter: { agency: 'DVX', role: 'APPROVER' } }],
      by: ['citizen', ...officials, 'operator'],
    },
    'a page of the catalogue beside personal lists': {
      query: `query ($code: String!) {
        services(first: 5, filter: { audience: CITIZEN }) { nodes { code name description agency { name parent { code } } lifeEvent { name }
          currentVersion { number tariffs { name fees { money { amount currency } } terms { value unit } } requiredDocuments { code name } } } totalCount }
        service(code: $code) { name names { az en ru } currentVersion { form { schema } } versions { number validFrom } }
        agency(code: "DVX") { name services(last: 2) { nodes { code } } }
        lifeEvents { code name } purposes { code name }
        legalGrounds(first: 3) { nodes { code agency { code } registry { code } purpose { code } fields validFrom } }
        applications(first: 2) { nodes { number } } mandatesHeld(first: 2) { nodes { kind } } viewer { kind assurance agencies { roles } } }`,
      variables: [{ code: 'DIN-ADDRESS-REG' }, { code: 'NONE' }],
      by: ['citizen', 'company-head'],
    },
    'the catalogue beside who asks': {
      query: `{ viewer { kind assurance party { name } program { clientId scopes } agencies { agency { code } roles } }
        services(first: 2) { nodes { name } } catalogueChanges(first: 2) { nodes { kind at service { code } } }
        calculateDeadline(term: 5, unit: WORKING_DAY, receivedAt: "2026-03-02T08:00:00Z") { dueOn dueAt skipped { date name } } }`,
      by: ['nobody', ...parties, ...officials, 'operator', 'pension-program'],
    },
    'filings of a party': {
      query: `query ($party: ID, $filter: FilingFilter, $orderBy: FilingOrder) {
        filings(party: $party, filter: $filter, orderBy: $orderBy, first: 10) { nodes { ${filing} } ${pageInfo} totalCount } }`,
      variables: [
        {},
        ...ofParties,
        {
          ...ofParties[2],
          orderBy: 'CHANGED',
          filter: { changedSince: '2026-01-01T00:00:00Z', service: 'DVX-RETURN' },
        },
        { ...ofParties[1], filter: { states: ['ACCEPTED', 'RECEIVED'], period: '2026-08' } },
        { ...ofParties[1], filter: { externalNumber: 'F-2' } },
      ],
      by: [...parties, 'company-delegate', 'officer', 'auditor', 'tax-program'],
    },
    'filings of an agency': {
      query: `query ($filter: AgencyFilingFilter, $orderBy: AgencyFilingOrder) {
        agencyFilings(first: 10, filter: $filter, orderBy: $orderBy) { nodes { ${filing} } ${pageInfo} totalCount } }`,
      variables: [
        {},
        { filter: { states: ['RECEIVED', 'REJECTED'], service: 'DVX-CHANGES' } },
        { filter: { changedSince: '2026-01-01T00:00:00Z', period: '2026-08' }, orderBy: 'CHANGED' },
      ],
      by: ['citizen', 'tax-program', 'other-officer', 'finance-officer', ...officials],
    },
    'a filing by its number': {
      query: `query ($number: String!) { filing(number: $number) { ${filed} } }`,
      variables: rows.Filing.map(({ number }) => ({ number })),
      by: ['nobody', ...parties, 'officer', 'tax-program', 'auditor'],
    },
    'a filing by its id': node('Filing', filed, [...parties, 'officer', 'tax-program', 'pension-program']),
    'batches of a party': {
      query: `query ($party: ID) { filingBatches(party: $party, first: 5) { nodes { ${batch} } ${pageInfo} totalCount } }`,
      variables: [{}, ...ofParties],
      by: [...parties, 'officer', 'tax-program'],
    },
    'a batch by its id': node('FilingBatch', `${batch} program { name } uploadUrl resultsUrl ${results}`, [
      ...parties,
      'officer',
    ]),
    'an application by its id': node(
      'Application',
      `${card} ${history} content { answers } viewerCan { action allowed }`,
      ['nobody', ...parties, ...officials, 'other-officer', 'pension-program'],
    ),
    'a party by its id': node('Party', 'kind name status birthDate identifiers { type value }', [
      ...parties,
      'officer',
    ]),
    'a mandate by its id': node('Mandate', mandate, persons),
    'a program by its id': node('Program', 'name scopes lastUsedAt party { id }', [
      'company-head',
      'filing-program',
      'pension-program',
    ]),
    'an appointment by its id': node('Appointment', 'roles state officerName agency { name }', officials),
    'a consent by its id': node('Consent', 'state party { id name } purpose { name }', [...persons, ...officials]),
    'an access by its id': node('AccessLogEntry', access, [...persons, ...officials]),
    'a document by its id': node('IssuedDocument', 'number kind party { name } code', [...parties, 'officer']),
    'an upload by its id': node('Upload', upload, parties),
    'ids that are none': {
      query:
        'query ($id: ID!) { node(id: $id) { id ... on Application { number } } applications(first: 1) { totalCount } }',
      variables: [{ id: 'none' }, { id: nodeIdOf('Application', '00000000-0000-7000-8000-000000000000') }],
      by: ['citizen', 'officer'],
    },
    'a page that is not allowed': {
      query: '{ applications(first: 0) { nodes { id } } mandatesHeld(first: 1) { totalCount } }',
      by: ['citizen'],
      leftToApollo: 'it refuses the arguments of one field and answers the other',
    },
    'what happened to a party': {
      query: `query ($party: ID) { changes(party: $party, first: 20) {
        nodes { cursor type version at serviceCode subjectId subjectType isGone references { name id } } pageInfo { endCursor hasNextPage } } }`,
      variables: [{}, { party: world.spare.party }],
      by: ['nobody', ...parties, 'officer'],
      leftToApollo: 'a statement of its own reads it',
    },
    'ids of all types at once': {
      query: `query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Application { number } ... on Mandate { kind powers } } }`,
      variables: [
        { ids: [...ids('Application').slice(0, 5), ...ids('Mandate').slice(0, 5), ...ids('Upload').slice(0, 5)] },
      ],
      by: [...persons, 'officer'],
      leftToApollo: 'each id has a type of its own, and no other root field is stored',
    },
    'who asks': {
      query:
        '{ viewer { kind party { id } mandates(first: 5) { nodes { powers services party { name } } totalCount } companies(first: 5) { nodes { name } } } }',
      by: parties,
      leftToApollo: 'nothing in it is stored',
    },
    'the schema beside rows': {
      query: '{ __type(name: "Application") { name } applications(first: 1) { totalCount } }',
      by: ['citizen'],
      leftToApollo: 'it describes the schema',
    },
  }
}
