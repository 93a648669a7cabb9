import { search } from './searchOperation.js'

/**
 * The measured operations: in GraphQL, as one hand-written SQL statement with the same JSON, and for PostGraphile with
 * a conversion of its answer.
 */
export const operations = {
  'catalogue page': {
    query: `query ($first: Int!) {
      services(first: $first) {
        nodes { code name agency { name } currentVersion { validFrom fees { variant money { amount currency } due } } }
        pageInfo { hasNextPage endCursor }
      }
    }`,
    variables: { first: 20 },
    parameters: [20],
    sql: `select json_build_object('data', json_build_object('services', json_build_object(
        'nodes', coalesce(json_agg(p.node order by p.at) filter (where p.at <= $1), '[]'),
        'pageInfo', json_build_object(
          'hasNextPage', count(*) > $1,
          'endCursor', (array_agg(p.cursor order by p.at desc) filter (where p.at <= $1))[1]))))::text as json
      from (
        select row_number() over () as at,
          translate(encode(convert_to(json_build_array('services.name_az'::text, s.name_az::text, s.id::text)::text,
            'UTF8'), 'base64'), E'\\n', '') as cursor,
          json_build_object('code', s.code, 'name', s.name ->> 'az',
            'agency', (select json_build_object('name', a.name ->> 'az') from agencies a where a.id = s.agency_id),
            'currentVersion', (select json_build_object('validFrom', v.valid_from, 'fees', (
                select coalesce(json_agg(json_build_object('variant', f.variant ->> 'az', 'money',
                  case when f.amount is not null then json_build_object('amount', (f.amount / 100.0)::numeric(20, 2)::text,
                    'currency', f.currency) end, 'due', f.due) order by f.position), '[]')
                from fees f where f.version_id = v.id))
              from service_versions v
              where v.service_id = s.id and v.valid_from <= current_date
                and (v.valid_to is null or v.valid_to >= current_date)
              order by v.number desc limit 1)) as node
        from (select * from services where status in ('ACTIVE', 'SUSPENDED')
          order by name_az, id limit $1 + 1) s
      ) p`,
    postgraphile: {
      query: `query ($first: Int!) {
        listedServices(first: $first) {
          nodes {
            code nameAz agencyByAgencyId { nameAz }
            version { validFrom feesByVersionId(orderBy: POSITION_ASC) { nodes { variant amount currency due } } }
          }
          pageInfo { hasNextPage endCursor }
        }
      }`,
      made: ({ listedServices: { nodes, pageInfo } }, { services }) => ({
        services: {
          nodes: nodes.map(({ code, nameAz, agencyByAgencyId, version }) => ({
            code,
            name: nameAz,
            agency: { name: agencyByAgencyId.nameAz },
            currentVersion: { validFrom: version.validFrom, fees: version.feesByVersionId.nodes.map(feeOf) },
          })),
          // Its cursors have another form.
          pageInfo: { ...pageInfo, endCursor: pageInfo.endCursor && services.pageInfo.endCursor },
        },
      }),
    },
  },
  'point look-up': {
    query: 'query ($code: String!) { service(code: $code) { code name agency { name } } }',
    variables: { code: 'DIN-ID-ISSUE' },
    parameters: ['DIN-ID-ISSUE'],
    sql: `select json_build_object('data', json_build_object('service', (
        select json_build_object('code', s.code, 'name', s.name ->> 'az',
          'agency', (select json_build_object('name', a.name ->> 'az') from agencies a where a.id = s.agency_id))
        from services s where s.code = $1 and s.status in ('ACTIVE', 'SUSPENDED', 'RETIRED'))))::text as json`,
    postgraphile: {
      query: 'query ($code: String!) { publishedService(code: $code) { code nameAz agencyByAgencyId { nameAz } } }',
      made: ({ publishedService: { code, nameAz, agencyByAgencyId } }) => ({
        service: { code, name: nameAz, agency: { name: agencyByAgencyId.nameAz } },
      }),
    },
  },
  search,
}

/** PostGraphile returns the columns: minor units, and a text in all its languages. */
function feeOf({ variant, amount, currency, due }) {
  const money = amount === null ? null : { amount: (Number(amount) / 100).toFixed(2), currency }
  return { variant: variant.az, money, due }
}
