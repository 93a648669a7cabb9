// A search for the bench. Ranking is long SQL that changes often, and a copy would soon differ. So the other servers
// get the server's own two statements with their parameters.
import { openDatabase } from '../dist/platform/database.js'
import { agencyOf, answer, isPublic, list, object } from './sql.js'

const [candidates, hits] = JSON.parse(process.env.SEARCH_STATEMENTS ?? '[]')
const first = 20

export const search = {
  query: `query ($text: String!, $first: Int!) {
    searchServices(text: $text, first: $first) {
      nodes { field service { code name agency { name } } }
      pageInfo { hasNextPage }
    }
  }`,
  variables: () => ({ text: 'sexsiyyet vesiqesi', first }),
  parameters: () => hits.parameters,
  sql: `with found as materialized (select json::json -> 'rows' as rows from (${hits?.text}) answer)
    ${answer(
      'searchServices',
      object(`select
        ${list(`select hit ->> 'field' as field,
            ${object(`select s.code, s.name ->> 'az' as name, row_to_json(its_agency) as agency from services s ${agencyOf('s')}
              where s.id = (hit ->> 'id')::uuid and s.${isPublic}`)} as service
          from found, json_array_elements(found.rows) with ordinality as hits(hit, at) where at <= ${first} order by at`)} as nodes,
        ${object(`select json_array_length(rows) > ${first} as "hasNextPage" from found`)} as "pageInfo"`),
    )}`,
  forUsual: true,
}

/** The same as three calls from JavaScript: possible words, then hits; the caller loads their services. */
export async function findHits(client) {
  await client.unsafe(candidates.text, candidates.parameters)
  const [{ json }] = await client.unsafe(hits.text, hits.parameters)
  return JSON.parse(json).rows
}

/** The statements of the server for that search, for SEARCH_STATEMENTS. */
export async function searchStatements(url) {
  const { serverOn } = await import('./serving.js') // the other servers read this file too and do not need it
  const sent = []
  const debug = (_connection, text, parameters) => sent.push({ text, parameters })
  const database = await openDatabase(url, { connections: 1, statementTimeout: 10_000, debug })
  const { query } = search
  const variables = search.variables()
  try {
    const app = await serverOn(database)
    await app.inject({ method: 'POST', url: '/graphql', payload: { query, variables } })
    await app.close()
  } finally {
    await database.close()
  }
  const found = sent.filter(({ text }) => /search_(words|texts)/.test(text))
  if (found.length !== 2) throw new Error(`a search must be two statements; ${found.length} were sent`)
  return JSON.stringify(found)
}
