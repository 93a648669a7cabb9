import { Readable } from 'node:stream'
import { eq, sql } from 'drizzle-orm'
import type { FastifyInstance } from 'fastify'
import { acceptFiles, idAt, inTime, type Route, refuseUnfit, routesOf, unkept } from '../../documents/files/endpoint.js'
import type { FileStore } from '../../documents/files/fileStore.js'
import { mandateEnded, unknownFile } from '../../documents/uploads/file.refusals.js'
import { bytesOf, seats } from '../../documents/uploads/sending.js'
import { nodeIdOf } from '../../engine/node.js'
import { keysOf } from '../../identity/parties/party.js'
import { programs } from '../../identity/programs/program.table.js'
import { endedBy } from '../../identity/programs/programCaller.js'
import type { Database } from '../../platform/database.js'
import type { DatabaseConfig } from '../../platform/database.settings.js'
import type { Keyring } from '../../platform/keyring.js'
import type { openRates } from '../../platform/rates.js'
import { resultsOf } from './batchResults.js'
import { filingBatches } from './filingBatch.table.js'
import { answerWithoutBytes, receiveBatch } from './receiveBatch.js'

export interface BatchServing {
  config: Pick<DatabaseConfig, 'requestTimeout'>
  database: Database
  keyring: Keyring
  files: FileStore
  now: () => Date
  counters: ReturnType<typeof openRates>
}

/** Endpoints that receive the files of batches and serve their results, by signed URL. Register them in a separate scope. */
export const batchEndpoints = (parts: BatchServing) => async (app: FastifyInstance) => {
  acceptFiles(app)
  const routes = routesOf(parts)
  const seated = seats()

  app.put<Route>('/filing-batches/:id', routes.put, async (request, reply) => {
    const found = await inTime(parts, () => findBatch(idAt('filing-batches', request, parts).key, parts))
    const { batch } = found
    if (found.hasProgramEnded) throw mandateEnded()
    const state =
      answerWithoutBytes(batch, parts.now()) ??
      (await seated(batch.partyId, async () => {
        refuseUnfit(request, batch)
        return await receiveBatch(parts, found, bytesOf(request.raw))
      }))
    return reply.headers(unkept).send({ id: nodeIdOf('FilingBatch', batch.id), state })
  })

  app.get<Route>('/filing-results/:id', routes.get, async (request, reply) => {
    const found = await inTime(parts, () => findBatch(idAt('filing-results', request, parts).key, parts))
    const headers = {
      ...unkept,
      'content-type': 'application/x-ndjson; charset=utf-8',
      'content-disposition': 'attachment; filename="results.ndjson"',
    }
    return reply.headers(headers).send(Readable.from(resultsOf(found, parts), { objectMode: false }))
  })
}

/** A batch, unless the data of its organisation was erased. */
async function findBatch(id: string, { database, keyring, now }: BatchServing) {
  const hasProgramEnded = sql<boolean>`${sql.raw(endedBy(`'${now().toISOString()}'::timestamptz`))}`
  const [found] = await database.db
    .select({ batch: filingBatches, hasProgramEnded })
    .from(filingBatches)
    .innerJoin(programs, eq(programs.id, filingBatches.programId))
    .where(eq(filingBatches.id, id))
  const key = found && (await keysOf(database, keyring, [found.batch.partyId])).get(found.batch.partyId)
  if (!found || !key) throw unknownFile()
  return { ...found, key }
}
