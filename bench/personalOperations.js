// What a person, a delegate and an officer ask. The hand-written statements find the caller by the hash of the account
// ($1) and contain the caller's scope.
import { parseNodeId } from '../dist/engine/node.js'
import { agencyOf, answer, connection, list, moment, object, page, pageInfo, serviceOf, shown, tariffs } from './sql.js'
import { viewerCanFacts, viewerCanOf } from './viewerCan.js'

const party = '(select party_id from identities where subject_index = $1)'
const applications = {
  table: 'applications',
  columns:
    'id, number, state, submitted_at, created_at, due_on, service_id, service_code, version_id, agency_id, party_id',
  order: { by: 'created_at', descending: true },
}
const ofParty = {
  ...applications,
  columns: `${applications.columns}, of`,
  from: `(select application_id, party_id as of, created_at as at from application_parties) own
    join applications on id = application_id`,
  by: 'order by at desc, application_id desc',
}
const own = { ...ofParty, where: `of = ${party}`, first: '$2::int' }
const ofPrincipal = {
  ...ofParty,
  where: 'of = $2::uuid and exists (select from way where services is null or service_code = any(services))',
  first: '$3::int',
}
const queued = {
  ...applications,
  where: `submitted_at is not null and agency_id = (
    select agency_id from appointments join agencies on agencies.id = agency_id
    where party_id = ${party} and state = 'ACTIVE' and agencies.code = $2)`,
  order: { by: 'submitted_at' },
  first: '$3::int',
}

const submittedAt = `${moment('page.submitted_at')} as "submittedAt"`
const coded = `code, name ->> 'az' as name`
const cabinetNode = {
  select: `page.number, page.state, ${submittedAt}, row_to_json(its_service) as service, row_to_json(its_agency) as agency,
    ${object(
      `select ${list(`select type, ${moment('t.at')} as at, to_state as "toState" from timeline_entries t
      where application_id = page.id order by t.at, t.id limit 3`)} as nodes`,
    )} as timeline,
    ${list(`select outcome, ${moment('d.at')} as at from decisions d
      where application_id = page.id order by d.at desc, d.id desc limit 20`)} as decisions,
    ${list(`select number, kind, ${moment('i.issued_at')} as "issuedAt" from issued_documents i
      join document_parties p on p.document_id = i.id
      where subject_id = page.id and p.party_id = page.of and i.service_code = page.service_code
      order by i.issued_at desc, i.id desc limit 50`)} as documents`,
  joins: `${agencyOf('page')} ${serviceOf('page')}`,
}

const fields = `number state submittedAt service { code name } agency { name }
  timeline(first: 3) { nodes { type at toState } }
  decisions { outcome at }
  documents { number kind issuedAt }`
const cabinet = (viewerCan = '') => `query ($first: Int!) {
  applications(first: $first) {
    nodes { ${fields} ${viewerCan} }
    pageInfo { hasNextPage endCursor }
  }
}`

const isoOf = (moment) => moment && new Date(moment).toISOString()

export const personalOperations = {
  cabinet: {
    by: 'person',
    query: cabinet(),
    variables: () => ({ first: 20 }),
    goal: { perSecond: 0.9, cpu: 2 },
    parameters: ({ first }, { subject }) => [subject, first],
    sql: `with ${page(own)} ${answer('applications', connection({ ...own, ...cabinetNode }))}`,
    forUsual: true,
    postgraphile: {
      query: `query ($first: Int!) {
        ownApplications(first: $first) {
          nodes {
            number state submittedAt serviceByServiceId { code nameAz } agencyByAgencyId { nameAz }
            timelineEntriesByApplicationId(first: 3, orderBy: AT_ASC) { nodes { type at toState } }
            decisionsByApplicationId(first: 20, orderBy: AT_DESC) { nodes { outcome at } }
            documents(first: 50) { nodes { number kind issuedAt } }
          }
          pageInfo { hasNextPage endCursor }
        }
      }`,
      made: ({ ownApplications: { nodes, pageInfo } }, { applications }) => ({
        applications: {
          nodes: nodes.map((one) => ({
            number: one.number,
            state: one.state,
            submittedAt: isoOf(one.submittedAt),
            service: { code: one.serviceByServiceId.code, name: one.serviceByServiceId.nameAz },
            agency: { name: one.agencyByAgencyId.nameAz },
            timeline: {
              nodes: one.timelineEntriesByApplicationId.nodes.map((entry) => ({ ...entry, at: isoOf(entry.at) })),
            },
            decisions: one.decisionsByApplicationId.nodes.map((decision) => ({ ...decision, at: isoOf(decision.at) })),
            documents: one.documents.nodes.map((issued) => ({ ...issued, issuedAt: isoOf(issued.issuedAt) })),
          })),
          // Its cursors have another form.
          pageInfo: { ...pageInfo, endCursor: pageInfo.endCursor && applications.pageInfo.endCursor },
        },
      }),
    },
  },
  'cabinet with viewerCan': {
    by: 'person',
    query: cabinet('viewerCan { action allowed reason }'),
    variables: () => ({ first: 20 }),
    parameters: ({ first }, { subject }) => [subject, first],
    sql: `with ${page(own)}
      ${shown({
        ...own,
        ...cabinetNode,
        select: `${object(`select ${cabinetNode.select}`)}::text as node, ${viewerCanFacts('page.id')},
          ${pageInfo(own)}::text as page`,
      })}`,
    answer(rows) {
      const nodes = rows.map((row) => `${row.node.slice(0, -1)},"viewerCan":${JSON.stringify(viewerCanOf(row))}}`)
      return `{"data":{"applications":{"nodes":[${nodes}],"pageInfo":${rows[0].page}}}}`
    },
  },
  '100 nested': {
    by: 'person',
    query: `query ($first: Int!) {
      applications(first: $first) {
        nodes {
          number state submittedAt
          service { code name agency { code name } }
          version { number validFrom tariffs { name fees { name money { amount currency } due } } }
          agency { code name }
        }
        pageInfo { hasNextPage endCursor }
      }
    }`,
    variables: () => ({ first: 100 }),
    goal: { perSecond: 0.95, cpu: 1.5 },
    parameters: ({ first }, { subject }) => [subject, first],
    sql: `with ${page(own)}
      ${answer(
        'applications',
        connection({
          ...own,
          select: `page.number, page.state, ${submittedAt}, row_to_json(its_service) as service, row_to_json(its_version) as version,
            row_to_json(its_agency) as agency`,
          joins: `
            ${agencyOf('page', coded)}
            ${serviceOf('page', { columns: ', row_to_json(its_agency) as agency', joins: agencyOf('s', coded) })}
            join lateral (
              select number, valid_from as "validFrom", ${tariffs('v.id')} as tariffs
              from service_versions v where id = page.version_id) its_version on true`,
        }),
      )}`,
  },
  'cabinet of a principal': {
    by: 'delegate',
    query: cabinet()
      .replace('($first: Int!)', '($party: ID!, $first: Int!)')
      .replace('(first: $first)', '(party: $party, first: $first)'),
    variables: ({ principal }) => ({ party: principal, first: 20 }),
    parameters: ({ party, first }, { subject }) => [subject, parseNodeId(party).key, first],
    sql: `with
      way as materialized (
        select services from powers_of(${party}, now(), 2) where principal_id = $2::uuid and 'VIEW' = any(powers)),
      ${page(ofPrincipal)}
      ${answer('applications', connection({ ...ofPrincipal, ...cabinetNode }))}`,
  },
  queue: {
    by: 'officer',
    query: `query ($agency: String!, $first: Int!) {
      agencyApplications(agency: $agency, first: $first) {
        nodes { number state submittedAt dueOn service { code name } }
        pageInfo { hasNextPage endCursor }
      }
    }`,
    variables: ({ agency }) => ({ agency, first: 50 }),
    parameters: ({ agency, first }, { subject }) => [subject, agency, first],
    sql: `with ${page(queued)}
      ${answer(
        'agencyApplications',
        connection({
          ...queued,
          select: `page.number, page.state, ${submittedAt}, page.due_on as "dueOn", row_to_json(its_service) as service`,
          joins: serviceOf('page'),
        }),
      )}`,
  },
}
