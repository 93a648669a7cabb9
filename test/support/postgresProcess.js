// The embedded PostgreSQL of a DATA_DIR and a process that owns it, as a server does, but nothing else of a server.
import { startEmbeddedPostgres } from '../../dist/platform/embeddedPostgres.js'

try {
  const server = await startEmbeddedPostgres(process.env.DATA_DIR)
  process.once('SIGTERM', () => server.stop())
  console.log(`open: ${server.url}`)
} catch (error) {
  console.error(`pencere: ${error.message}`)
  process.exitCode = 1
}
