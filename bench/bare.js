// The baseline: node:http passes through the JSON of one SQL statement. DATABASE_URL and PORT as for the server.
import { createServer } from 'node:http'
import postgres from 'postgres'
import { operations } from './operations.js'

const sql = postgres(process.env.DATABASE_URL, {
  max: 10,
  onnotice() {},
  connection: { plan_cache_mode: 'force_generic_plan' },
})
createServer(async (request, response) => {
  for await (const _ of request); // the body is read, as a server must
  const operation = operations[decodeURIComponent(request.url.slice(1))]
  if (!operation) return response.writeHead(404).end()
  const [row] = await sql.unsafe(operation.sql, operation.parameters, { prepare: true })
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' })
  response.end(row.json)
}).listen(Number(process.env.PORT), '127.0.0.1')
