import { parseNodeId } from '../dist/engine/node.js'
import { personalOperations } from './personalOperations.js'
import { search } from './searchOperation.js'
import { agencyOf, answer, connection, isPublic, object, page, tariffs } from './sql.js'

/** PostGraphile returns the columns: minor units, and a text in all its languages. */
function feeOf({ name, amount, currency, due }) {
  const money = amount === null ? null : { amount: (Number(amount) / 100).toFixed(2), currency }
  return { name: name.az, money, due }
}
const tariffOf = ({ name, feesByTariffId }) => ({ name: name.az, fees: feesByTariffId.nodes.map(feeOf) })
const converted = ({ code, nameAz, agencyByAgencyId }) => ({
  code,
  name: nameAz,
  agency: { name: agencyByAgencyId.nameAz },
})

const publicService = (condition) =>
  object(`select s.code, s.name ->> 'az' as name, row_to_json(its_agency) as agency from services s ${agencyOf('s')}
    where s.${condition} and s.${isPublic}`)
const listed = {
  table: 'services',
  columns: 'id, name_az, code, name, agency_id',
  where: `status in ('ACTIVE', 'SUSPENDED')`,
  order: { by: 'name_az' },
  first: '$1::int',
}
const currentVersion = object(`select valid_from as "validFrom", ${tariffs('v.id')} as tariffs from service_versions v
  where service_id = page.id and valid_from <= (select today from today)
    and (valid_to is null or valid_to >= (select today from today)) and withdrawn_at is null
  order by number desc limit 1`)

/**
 * The measured operations: in GraphQL; for the hand-written server as one SQL statement with the same JSON, and its
 * parameters by the variables; for PostGraphile with a conversion of its answer. `by` says who asks, otherwise nobody.
 * `forUsual` is the same for the server as usually written.
 */
export const operations = {
  'catalogue page': {
    query: `query ($first: Int!) {
      services(first: $first) {
        nodes { code name agency { name } currentVersion { validFrom tariffs { name fees { name money { amount currency } due } } } }
        pageInfo { hasNextPage endCursor }
      }
    }`,
    variables: () => ({ first: 20 }),
    goal: { perSecond: 0.9, cpu: 2, ofPostgraphile: 2.5 },
    parameters: ({ first }) => [first],
    sql: `with ${page(listed)}, today as (select (now() at time zone 'Asia/Baku')::date as today)
      ${answer(
        'services',
        connection({
          ...listed,
          select: `page.code, page.name ->> 'az' as name, row_to_json(its_agency) as agency, ${currentVersion} as "currentVersion"`,
          joins: agencyOf('page'),
        }),
      )}`,
    forUsual: true,
    postgraphile: {
      query: `query ($first: Int!) {
        listedServices(first: $first) {
          nodes {
            code nameAz agencyByAgencyId { nameAz }
            version { validFrom tariffsByVersionId(orderBy: POSITION_ASC) { nodes {
              name feesByTariffId(orderBy: POSITION_ASC) { nodes { name amount currency due } } } } }
          }
          pageInfo { hasNextPage endCursor }
        }
      }`,
      made: ({ listedServices: { nodes, pageInfo } }, { services }) => ({
        services: {
          nodes: nodes.map(({ version, ...service }) => ({
            ...converted(service),
            currentVersion: { validFrom: version.validFrom, tariffs: version.tariffsByVersionId.nodes.map(tariffOf) },
          })),
          // Its cursors have another form.
          pageInfo: { ...pageInfo, endCursor: pageInfo.endCursor && services.pageInfo.endCursor },
        },
      }),
    },
  },
  'service by code': {
    query: 'query ($code: String!) { service(code: $code) { code name agency { name } } }',
    variables: () => ({ code: 'DIN-ID-ISSUE' }),
    parameters: ({ code }) => [code],
    sql: answer('service', publicService('code = $1')),
    forUsual: true,
    postgraphile: {
      query: 'query ($code: String!) { publishedService(code: $code) { code nameAz agencyByAgencyId { nameAz } } }',
      made: ({ publishedService }) => ({ service: converted(publishedService) }),
    },
  },
  node: {
    query: 'query ($id: ID!) { node(id: $id) { ... on Service { code name agency { name } } } }',
    variables: ({ service }) => ({ id: service }),
    goal: { perSecond: 0.7, cpu: 2.5, ofPostgraphile: 1.5 },
    parameters: ({ id }) => [parseNodeId(id).key],
    sql: answer('node', publicService('id = $1')),
    forUsual: true,
    postgraphile: {
      query: 'query ($id: ID!) { node(id: $id) { ... on Service { code nameAz agencyByAgencyId { nameAz } } } }',
      variables: ({ id }) => ({ id: Buffer.from(JSON.stringify(['Service', parseNodeId(id).key])).toString('base64') }),
      made: ({ node }) => ({ node: converted(node) }),
    },
  },
  search,
  ...personalOperations,
}
