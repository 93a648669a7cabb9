// The baseline: node:http passes through the JSON of one SQL statement. DATABASE_URL, ISSUERS, KEYRING and PORT as for
// the server.
import { createServer } from 'node:http'
import postgres from 'postgres'
import { remembered } from './callers.js'
import { operations } from './operations.js'

const sql = postgres(process.env.DATABASE_URL, {
  max: 10,
  onnotice() {},
  connection: { plan_cache_mode: 'force_generic_plan', random_page_cost: 1.1 },
})

async function bodyOf(request) {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  return JSON.parse(Buffer.concat(chunks).toString())
}

createServer(async (request, response) => {
  const operation = operations[decodeURIComponent(request.url.slice(1))]
  if (!operation) return response.writeHead(404).end()
  try {
    const caller = operation.by && (await remembered(request.headers.authorization ?? ''))
    const rows = await sql.unsafe(operation.sql, operation.parameters(await bodyOf(request), caller), { prepare: true })
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' })
    response.end(operation.answer ? operation.answer(rows) : rows[0].json)
  } catch (error) {
    response.writeHead(500).end(error.message)
  }
}).listen(Number(process.env.PORT), '127.0.0.1')
