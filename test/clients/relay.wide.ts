import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readExamples } from '../../src/explorer/examples.js'
import { long } from '../support/long.js'
import { complaintsOf } from './complaints.js'

const folder = mkdtempSync(join(tmpdir(), 'pencere-relay-'))
afterAll(() => rmSync(folder, { recursive: true }))

const tagged = (text: string) =>
  `import { graphql } from 'relay-runtime'\nexport const operation = graphql\`${text}\`\n`
/** Relay requires an operation to be named after its file. */
const operation = (name: string, query: string) => tagged(query.replace(/^query \w+/m, `query ${name}Query`))
/** Relay requires a growing page to be a refetchable fragment. */
const page = tagged(`
  fragment ServiceList_query on Query
  @refetchable(queryName: "ServiceListPaginationQuery")
  @argumentDefinitions(count: { type: "Int", defaultValue: 20 }, cursor: { type: "String" }) {
    services(first: $count, after: $cursor) @connection(key: "ServiceList_services") {
      edges { node { id name agency { id name } } }
    }
  }`)
/** A node that is fetched again by its id. */
const thing = tagged(`
  fragment AgencyCard_agency on Agency @refetchable(queryName: "AgencyCardRefetchQuery") { name website }`)

function compile(name: string, sources: Record<string, string>): string {
  const into = join(folder, name)
  mkdirSync(join(into, 'src'), { recursive: true })
  copyFileSync('schema.graphql', join(into, 'schema.graphql'))
  const config = { src: './src', schema: './schema.graphql', language: 'typescript' }
  writeFileSync(join(into, 'relay.config.json'), JSON.stringify(config))
  for (const [file, text] of Object.entries(sources)) writeFileSync(join(into, 'src', `${file}.ts`), text)
  return complaintsOf('relay-compiler', ['relay.config.json'], into)
}

describe('relay-compiler', () => {
  it('compiles every example, a growing page and a refetchable node', async () => {
    const sources = (await readExamples()).map(({ name, query }) => [name, operation(name, query)])
    expect(compile('right', { ...Object.fromEntries(sources), ServiceList: page, AgencyCard: thing })).toBe('')
  }, 60_000)

  if (long)
    it('reports an unknown field', () => {
      const wrong = operation('Wrong', 'query Wrong { services(first: 1) { nodes { price } } }')
      expect(compile('wrong', { Wrong: wrong })).toContain('price')
    }, 60_000)
})
