import { existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { seed } from '../../src/seed.js'
import { connect, migrateDatabase, openDatabase } from '../../src/shared/database.js'
import { startEmbeddedPostgres } from '../../src/shared/embeddedPostgres.js'
import { templateDatabase, withDatabaseName } from './database.js'

declare module 'vitest' {
  export interface ProvidedContext {
    databaseServer: string
  }
}

/** One PostgreSQL for the run, with a template database that each test file clones. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = process.env.TEST_DATABASE_URL
    ? { url: process.env.TEST_DATABASE_URL, stop: async () => {} }
    : await temporaryServer()
  try {
    await makeTemplate(server.url)
  } catch (error) {
    await server.stop()
    throw error
  }
  project.provide('databaseServer', server.url)
  return server.stop
}

async function makeTemplate(server: string): Promise<void> {
  const maintenance = connect(server, { max: 1 })
  await maintenance`drop database if exists ${maintenance(templateDatabase)}`
  await maintenance`create database ${maintenance(templateDatabase)}`
  await maintenance.end()
  const url = withDatabaseName(server, templateDatabase)
  await migrateDatabase(url)
  const database = await openDatabase(url, { connections: 1, statementTimeout: 10_000 })
  try {
    await seed(database)
  } finally {
    await database.close()
  }
}

/** In memory where there is room: each clone of the template is some hundred files, and making those takes a tenth there. */
function roomyFolder(): string {
  const memory = '/dev/shm'
  const room = 2 ** 30
  if (!existsSync(memory)) return tmpdir()
  const { bavail, bsize } = statfsSync(memory)
  return bavail * bsize > room ? memory : tmpdir()
}

async function temporaryServer() {
  const folder = mkdtempSync(join(roomyFolder(), 'pencere-test-'))
  const server = await startEmbeddedPostgres(folder, {
    // Nobody needs these rows after a loss of power.
    settings: { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off', max_connections: 200 },
  })
  const stop = async () => {
    await server.stop()
    rmSync(folder, { recursive: true })
  }
  return { url: server.url, stop }
}
