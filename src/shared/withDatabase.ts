import type { Config } from '../config.js'
import { type Database, migrateDatabase, openDatabase } from './database.js'
import { startEmbeddedPostgres } from './embeddedPostgres.js'

export interface ReachedDatabase extends Database {
  /** Settles, with a line that says so, when the embedded server has gone without being asked to. */
  lost: Promise<string>
}

/** The database that the configuration names, migrated. */
export async function reachDatabase(config: Config, { join = false } = {}): Promise<ReachedDatabase> {
  const server = config.databaseUrl
    ? { url: config.databaseUrl, lost: new Promise<string>(() => {}), stop: async () => {} }
    : await startEmbeddedPostgres(config.dataDir, {
        join,
        // Beside the pool: migrations, the seed, whoever looks in with psql.
        settings: { max_connections: config.databaseConnections + 20 },
      })
  try {
    await migrateDatabase(server.url)
    const database = await openDatabase(server.url, {
      connections: config.databaseConnections,
      statementTimeout: config.requestTimeout,
    })
    const close = async () => {
      await database.close()
      await server.stop()
    }
    return { ...database, lost: server.lost, close }
  } catch (error) {
    await server.stop()
    throw error
  }
}

/** For a command of its own, as the seed, whether or not a server is running on that database. */
export async function withDatabase<T>(config: Config, act: (database: Database) => Promise<T>): Promise<T> {
  const database = await reachDatabase(config, { join: true })
  try {
    return await act(database)
  } finally {
    await database.close()
  }
}
