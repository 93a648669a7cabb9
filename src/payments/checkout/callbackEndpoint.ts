import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { failpoint } from '../../engine/failpoint.js'
import type { Database } from '../../platform/database.js'
import { callbackNonces } from './callbackNonce.table.js'
import { findPayment, recordOfPayment } from './payment.repository.js'
import type { Providers } from './provider.js'

export const callbackPath = '/payments/callbacks'
/** In bytes. A callback has about 150. */
const longestBody = 4_096

interface Parts {
  database: Database
  providers: Providers
  now: () => Date
}
interface Route {
  Params: { provider: string }
  Body: Buffer
}
const callback = z.object({ orderId: z.uuid() })

/**
 * Receives callbacks of banks. One that is signed only wakes `checkPayment`. Register it in its own scope: it needs the bytes of the
 * body.
 */
export const callbackEndpoint = (parts: Parts) => async (app: FastifyInstance) => {
  app.removeAllContentTypeParsers()
  const bytes = { parseAs: 'buffer', bodyLimit: longestBody } as const
  app.addContentTypeParser('*', bytes, (_request, body, done) => done(null, body))
  app.post<Route>(`${callbackPath}/:provider`, (request, reply) => receive(parts, request, reply))
}

async function receive({ database, providers, now }: Parts, request: FastifyRequest<Route>, reply: FastifyReply) {
  const { params, headers, method, url: path } = request
  const body = request.body ?? Buffer.alloc(0)
  const provider = providers.find(params.provider)
  const nonce = provider?.nonceOf(headers, { method, path, body })
  if (!provider || nonce === undefined) return reply.code(401).send()
  const { success, data } = callback.safeParse(jsonOf(body))
  if (!success) return reply.code(400).send()
  await database.db.transaction(async (tx) => {
    const at = now()
    const row = { provider: provider.code, nonce, receivedAt: at }
    const added = await tx.insert(callbackNonces).values(row).onConflictDoNothing().returning()
    // A repetition was recorded before, and is answered like the first.
    if (added.length === 0) return
    const payment = await findPayment(tx, data.orderId)
    // An unknown order is answered like a known one.
    if (payment?.provider === provider.code)
      await recordOfPayment(tx, payment, { type: 'payment.called_back', at, actor: `bank:${provider.code}` })
  })
  await failpoint('callback.recorded')
  return reply.code(204).send()
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    return undefined
  }
}
