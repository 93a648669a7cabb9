// PostGraphile 5 with its defaults on the same database, on a supported Node. DATABASE_URL, ISSUERS, KEYRING and PORT as
// for the server. Its functions find the caller by a setting of the transaction, as its documentation suggests.
import { createServer } from 'node:http'
import { postgraphile } from 'postgraphile'
import { makePgService } from 'postgraphile/adaptors/pg'
import { grafserv } from 'postgraphile/grafserv/node'
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber'
import { remembered } from './callers.js'

const server = createServer()
const instance = postgraphile({
  extends: [PostGraphileAmberPreset],
  pgServices: [
    makePgService({ connectionString: process.env.DATABASE_URL, schemas: ['public'], poolConfig: { max: 10 } }),
  ],
  grafserv: { graphqlPath: '/graphql', watch: false, graphiql: false },
  grafast: {
    async context({ node }) {
      const { authorization } = node?.req.headers ?? {}
      return authorization ? { pgSettings: { 'bench.subject': (await remembered(authorization)).subject } } : {}
    },
  },
})
await instance.createServ(grafserv).addTo(server)
server.listen(Number(process.env.PORT), '127.0.0.1')
