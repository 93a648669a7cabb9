// Measures the database's cost of a search with 1,000 and 10,000 services: `npm run bench -- search`. PostgreSQL's own
// times (explain analyze), and round trips; medians. Also times a constant piece of work, to compare machines.
import { openDatabase } from '../dist/platform/database.js'
import { growCatalogue } from './catalogue.js'
import { startDatabase } from './database.js'
import { serverOn } from './serving.js'
import { median, numberIn, usually } from './settings.js'

const sizes = usually([1_000, 10_000], [100, 200])
const rounds = numberIn('ROUNDS', 15, 1)
const page =
  '(first: 20) { edges { cursor node { field highlight { text matched } service { code name } } } pageInfo { hasNextPage } }'
const facets = 'totalCount facets { agencies { count } lifeEvents { count } audiences { count } directions { count } }'
const searches = [
  ['one word', 'pasport'],
  ['with a typing error', 'pasprot'],
  ['two words, folded', 'sexsiyyet vesiqesi'],
  ['in Russian', 'справка о судимости'],
  ['in English', 'birth certificate'],
  ['by what people call it', 'prava'],
  ['by an agency', 'gömrük komitəsi'],
  ['in a place', 'Gəncə şəhərində nikah'],
  ['a frequent word', 'qeydiyyat'],
  ['a word of every agency', 'dövlət'],
  ['a word of every service', 'nümayəndə vasitəsilə'],
  ['frequent words alone', 'dövlət xidməti elektron qeydiyyatı'],
  ['a long sentence', 'mən xarici pasportumu itirmişəm və təkrar almaq üçün hansı sənədlər lazımdır'],
  ['nonsense', 'qwertyuiop'],
].flatMap(([what, text]) => [[what, text, page]])
searches.push([
  'the same, every service and its facets',
  'nümayəndə vasitəsilə',
  page.replace('{ edges', `{ ${facets} edges`),
])
searches.push(['the same, free ones', 'nümayəndə vasitəsilə', page.replace('(first', '(filter: { free: true }, first')])

const database = await startDatabase()
const sent = []
const served = await openDatabase(database.url, {
  connections: 1,
  statementTimeout: 10_000,
  debug: (_connection, text, parameters) => sent.push({ text, parameters }),
})
const app = await serverOn(served)
const ask = async (query, text) => {
  const response = await app.inject({ method: 'POST', url: '/graphql', payload: { query, variables: { text } } })
  const { data, errors } = response.json()
  if (errors) throw new Error(JSON.stringify(errors))
  return data
}

/** The statements of a search with their parameters; the engine makes those that fetch the services. */
async function statementsOf(query, text) {
  sent.length = 0
  await ask(query, text)
  return sent.filter(({ text }) => /search_(words|texts)/.test(text))
}
async function measure(query, text) {
  for (let at = 0; at < 4; at++) await ask(query, text)
  const statements = await statementsOf(query, text)
  const executed = []
  const waited = []
  for (let at = 0; at < rounds; at++) {
    let sum = 0
    for (const { text, parameters } of statements) {
      const [
        {
          'QUERY PLAN': [plan],
        },
      ] = await served.client.unsafe(`explain (analyze, timing off, format json) ${text}`, parameters)
      sum += plan['Execution Time']
    }
    executed.push(sum)
    const start = performance.now()
    for (const { text, parameters } of statements) await served.client.unsafe(text, parameters, { prepare: true })
    waited.push(performance.now() - start)
  }
  return { executed: median(executed), waited: median(waited) }
}

const rows = searches.flatMap(([what, text, rest]) => [
  { what, text, query: `query ($text: String!) { searchServices${rest.replace('(', '(text: $text, ')} }`, figures: [] },
])
for (const typed of ['p', 'pas', 'sexsiyyet ves'])
  rows.push({
    what: `suggestServices`,
    text: typed,
    query: 'query ($text: String!) { suggestServices(text: $text, first: 10) { text service { code } } }',
    figures: [],
  })
try {
  for (const size of sizes) {
    await growCatalogue(database.sql, size)
    for (const row of rows) {
      const hits = row.query.includes('suggestServices')
        ? (await ask(row.query, row.text)).suggestServices.length
        : (await ask('query ($text: String!) { searchServices(text: $text, first: 1) { totalCount } }', row.text))
            .searchServices.totalCount
      row.figures.push({ hits, ...(await measure(row.query, row.text)) })
    }
  }
  const table = rows.map(({ what, text, figures }) => [
    what,
    text.length > 30 ? `${text.slice(0, 29)}…` : text,
    ...figures.flatMap(({ hits, executed, waited }) => [hits, executed.toFixed(1), waited.toFixed(1)]),
    `× ${(figures[1].executed / figures[0].executed).toFixed(1)}`,
  ])
  const executions = []
  for (let at = 0; at < rounds; at++) {
    const explained = await database.sql`
      explain (analyze, timing off, format json) select sum(hashtext(at::text)) from generate_series(1, 100000) at`
    executions.push(explained[0]['QUERY PLAN'][0]['Execution Time'])
  }
  console.log(`100,000 numbers written and hashed: ${median(executions).toFixed(1)} ms`)
  console.log(
    `PostgreSQL ${database.version}; ${rounds} rounds; hits, ms of execution, ms of round trips; with ${sizes.join(' and ')} services`,
  )
  console.log(
    '| search | text | hits | ms | round trips | hits | ms | round trips | growth |\n|---|---|---|---|---|---|---|---|---|',
  )
  for (const row of table) console.log(`| ${row.join(' | ')} |`)
} finally {
  await app.close()
  await served.close()
  await database.stop()
}
