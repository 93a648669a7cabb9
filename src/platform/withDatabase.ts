import { type Database, type DatabaseOptions, migrateDatabase, openDatabase } from './database.js'
import type { DatabaseConfig } from './database.settings.js'
import { startEmbeddedPostgres } from './embeddedPostgres.js'
import { admitKeyring } from './installation.js'
import type { KeyringConfig } from './keyring.settings.js'
import { keyringOf } from './keyringFile.js'
import type { ProcessConfig } from './process.settings.js'
import type { Timings } from './timings.js'

export interface ReachedDatabase extends Database {
  /** Resolves with a line of explanation when the embedded server ends unexpectedly. */
  lost: Promise<string>
}

/** The parts of the configuration that a database requires. */
type Config = DatabaseConfig & KeyringConfig & Pick<ProcessConfig, 'mode' | 'dataDir'> & { timings: Timings }

/** The configured database, migrated. Refuses another mode or other keys. */
export async function reachDatabase(config: Config, { join = false } = {}): Promise<ReachedDatabase> {
  const server = config.databaseUrl
    ? { url: config.databaseUrl, lost: new Promise<string>(() => {}), stop: async () => {} }
    : await startEmbeddedPostgres(config.dataDir, {
        join,
        // Beside the pools of API and worker: migrations, the seed, and psql.
        settings: { max_connections: 2 * config.databaseConnections + 20 },
      })
  try {
    const keyring = keyringOf(config)
    const migrator = config.migratorDatabaseUrl
    const { mode, lockTimeout } = config
    await migrateDatabase(migrator ?? server.url, { mode, lockTimeout, ...(migrator && { serverUrl: server.url }) })
    const database = await openDatabase(server.url, optionsOf(config))
    await admitKeyring(database, keyring).catch(async (error) => {
      await database.close()
      throw error
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

export const optionsOf = ({ databaseConnections, requestTimeout, lockTimeout, timings }: Config): DatabaseOptions => ({
  connections: databaseConnections,
  statementTimeout: requestTimeout,
  lockTimeout,
  connectionLifetime: timings.connectionLifetime,
})

/** For commands like the seed, whether or not a server is running on that database. */
export async function withDatabase<T>(config: Config, act: (database: Database) => Promise<T>): Promise<T> {
  const database = await reachDatabase(config, { join: true })
  try {
    return await act(database)
  } finally {
    await database.close()
  }
}
