import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client'
import { relayStylePagination } from '@apollo/client/utilities'
import { Client, fetchExchange } from '@urql/core'
import { cacheExchange } from '@urql/exchange-graphcache'
import { relayPagination } from '@urql/exchange-graphcache/extras'
import { afterAll, describe, expect, it } from 'vitest'
import { configFrom } from '../../src/config.js'
import { apiOf } from '../support/api.js'
import { cloneDatabase } from '../support/database.js'
import { createServer } from '../support/server.js'
import { operations } from './operations.js'

const database = await cloneDatabase()
const ask = await apiOf(database)
const server = await createServer({ config: configFrom({ LOG_LEVEL: 'silent' }), database })
const uri = `${await server.listen({ host: '127.0.0.1', port: 0 })}/graphql`
afterAll(() => server.close())

const query = gql`
  query Page($after: String) {
    services(first: 30, after: $after, orderBy: CODE) {
      edges { cursor node { id code } }
      pageInfo { hasNextPage endCursor }
    }
  }`
interface Answer {
  services: { edges: { node: { code: string } }[]; pageInfo: { hasNextPage: boolean; endCursor: string } }
}
const codesOf = ({ services }: Answer) => services.edges.map(({ node }) => node.code)
const all = (await ask('{ services(first: 100, orderBy: CODE) { edges { node { code } } } }')).data as Answer

describe('Examples of the explorer', async () => {
  it.each(await operations(ask))('return data: $name', async ({ query, variables }) => {
    const { data, errors } = await ask(query, { variables })
    expect(errors).toBeUndefined()
    expect(Object.values(data)).not.toContain(null)
  })
})

describe('The pages of services', () => {
  it('are merged by Apollo Client with relayStylePagination', async () => {
    const typePolicies = { Query: { fields: { services: relayStylePagination(['orderBy']) } } }
    const client = new ApolloClient({ link: new HttpLink({ uri }), cache: new InMemoryCache({ typePolicies }) })
    const watched = client.watchQuery<Answer>({ query })
    const watching = watched.subscribe(() => {})
    const first = await client.query<Answer>({ query })
    let pages = 1
    for (let { pageInfo } = first.data!.services; pageInfo.hasNextPage; pages++) {
      const { data } = await watched.fetchMore({ variables: { after: pageInfo.endCursor } })
      pageInfo = data!.services.pageInfo
    }
    watching.unsubscribe()
    expect(pages).toBe(3)
    expect(codesOf(client.readQuery<Answer>({ query })!)).toEqual(codesOf(all))
  })

  it('are merged by urql with relayPagination', async () => {
    const cache = cacheExchange({ resolvers: { Query: { services: relayPagination() } } })
    const client = new Client({ url: uri, exchanges: [cache, fetchExchange], preferGetMethod: false })
    let after: string | null = null
    let gathered: Answer | undefined
    do {
      const { data, error }: { data?: Answer; error?: Error } = await client.query(query, { after }).toPromise()
      expect(error).toBeUndefined()
      gathered = data!
      after = gathered.services.pageInfo.hasNextPage ? gathered.services.pageInfo.endCursor : null
    } while (after)
    expect(codesOf(gathered)).toEqual(codesOf(all))
  })
})
