import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { type Config, configFrom } from './config.js'
import { linesOf, seed } from './seed.js'
import { createServer } from './server.js'
import { causeOf, reasonOf } from './shared/database.js'
import { keyringIn } from './shared/keyringFile.js'
import { reachDatabase } from './shared/withDatabase.js'

// Heard from the beginning, for a start cut short would leave PostgreSQL behind; on(), for npm passes Ctrl-C on a second time.
const stopAsked = new Promise<void>((settle) => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => settle())
})

async function main(): Promise<void> {
  const config = configFrom()
  const database = await reachDatabase(config)
  database.lost.then(fail)
  try {
    const seeded = await seed(database)
    const server = await createServer({ config, database, keyring: keyringIn(config.dataDir) })
    for (const line of linesOf(seeded)) server.log.info(line)
    process.on('unhandledRejection', (error) =>
      server.log.error({ stack: causeOf(error).stack }, 'unhandled rejection'),
    )
    await listen(server, config)
    await stopAsked
    await close(server, config)
  } finally {
    await database.close()
  }
}

async function listen(server: FastifyInstance, { host, port }: Config): Promise<void> {
  try {
    await server.listen({ host, port })
  } catch (error) {
    throw new Error(`HOST and PORT must name an address that is free; ${(error as Error).message}`)
  }
  const shown = ['0.0.0.0', '::'].includes(host) ? 'localhost' : host.includes(':') ? `[${host}]` : host
  process.stdout.write(`Pəncərə is open: http://${shown}:${(server.server.address() as AddressInfo).port}/graphql\n`)
}

/** What is under way is answered, unless its client takes longer to ask than any answer may. */
async function close(server: FastifyInstance, { requestTimeout }: Config): Promise<void> {
  // A connection that carried the last answer is kept open for a next question otherwise.
  const closeIdle = setInterval(() => server.server.closeIdleConnections(), 50)
  await Promise.race([server.close(), sleep(requestTimeout + 1000)])
  clearInterval(closeIdle)
}

/** One line for whoever starts the server, and no stack. */
function fail(error: unknown): never {
  process.stderr.write(`pencere: ${reasonOf(error)}\n`)
  process.exit(1)
}

// A promise of the driver's that nobody keeps would end the process without a word.
process.once('beforeExit', () => fail(new Error('the start came to nothing: there was nothing left to wait for')))
main().then(() => process.exit(0), fail)
