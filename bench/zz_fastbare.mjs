import fastify from 'fastify'
import { randomUUID } from 'node:crypto'
import postgres from 'postgres'
import { operations } from './operations.js'
const sql = postgres(process.env.DATABASE_URL, { max: 10, onnotice() {}, connection: { plan_cache_mode: 'force_generic_plan', random_page_cost: 1.1 } })
const app = fastify({ genReqId: () => randomUUID(), requestTimeout: 60000, http: { headersTimeout: 30000 }, forceCloseConnections: 'idle', logger: { level: 'silent' } })
app.removeAllContentTypeParsers()
app.addContentTypeParser('application/json', (request, payload, done) => {
  const chunks = []
  payload.on('data', (c) => chunks.push(c))
  payload.on('end', () => { let b; try { b = JSON.parse(chunks.length === 1 ? chunks[0].toString() : Buffer.concat(chunks).toString()) } catch (e) { return done(e) } done(null, b) })
})
const operation = operations.node
app.get('/', (r, reply) => reply.send('x'))
app.post('/graphql', (request, reply) => {
  reply.hijack()
  const response = reply.raw
  sql.unsafe(operation.sql, operation.parameters(request.body.variables), { prepare: true }).then((rows) => {
    response.writeHead(200, ['content-type', 'application/json; charset=utf-8'])
    response.end(rows[0].json)
  })
})
app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' })
