import { randomUUID } from 'node:crypto'
import type { FastifyBaseLogger } from 'fastify'
import { type Exchange, FailureReason, type Reply } from '../../shared/exchange.js'
import type { Connection } from './exchange.settings.js'
import { observation } from './health.js'
import { type Pauses, policiesOf } from './policies.js'
import { poolTo } from './pool.js'
import { type Outcome, type Prepared, prepared, type Sent, send } from './xroad.js'
import { type Failure, Unsendable } from './xroad.rules.js'

/** Largest answer and headers, in bytes. */
const longestAnswer = 1_048_576
const longestHeaders = 16_384

export interface Surroundings {
  now?: () => Date
  log: Pick<FastifyBaseLogger, 'debug' | 'info' | 'warn' | 'error'>
  pauses?: Pauses
}
interface Way {
  /** Our client identifier. */
  client: string
  connection: Connection
}
type Read<Answer> = (body: unknown) => Answer | null

/** The connection to one registry. */
export function lineTo(
  registry: string,
  { client, connection }: Way,
  { now = () => new Date(), log, pauses }: Surroundings,
): Exchange {
  const { system, timeLimit } = connection
  const pool = poolOf(connection)
  const seen = observation()
  const notice = {
    leftAlone: () => log.warn({ registry }, 'a registry failed too often, and is left alone for a while'),
    isBack: () => log.info({ registry }, 'a registry answers again'),
  }
  const policies = policiesOf(connection, notice, pauses)

  /** Each message has its own ID, which is passed to `sent` before sending. */
  async function outcomeOf<Answer>(message: Sent, read: Read<Answer>, sent: (messageId: string) => void) {
    const ready = prepared(client, system, message)
    const milliseconds = Math.min(timeLimit, message.deadline - Date.now())
    return await policies.run(milliseconds, async (signal) => {
      const messageId = randomUUID()
      sent(messageId)
      return await observed(ready, messageId, signal, read)
    })
  }

  async function observed<Answer>(ready: Prepared, messageId: string, signal: AbortSignal, read: Read<Answer>) {
    const began = performance.now()
    const outcome = await send(pool, ready, { messageId, signal, read })
    if ('failed' in outcome) seen.failed(now(), outcome.failed)
    else seen.answered(now(), performance.now() - began)
    return outcome
  }

  function failureOf(error: unknown): Failure {
    if (error instanceof Unsendable) return { failed: FailureReason.REFUSED, type: error.message }
    // Omits the error message, which may repeat the question.
    const { name, stack } = error as Error // nothing else is thrown here
    const where = stack?.split('\n').filter((line) => line.startsWith('    at '))
    log.error({ registry, error: { name, where } }, 'unexpected error')
    return { failed: FailureReason.DOWN, type: name }
  }

  /** Logs once for each question; at debug level if nothing was sent, because there may be a thousand of those. */
  function failure({ failed, type, retryAfter = 0 }: Failure, messageId: string | null) {
    const isNews = messageId !== null || failed === FailureReason.REFUSED
    log[isNews ? 'warn' : 'debug']({ registry, reason: failed, type, messageId }, 'a registry did not answer')
    const pause = Math.max(retryAfter * 1000, policies.pause())
    return { failed, retryAt: pause > 0 ? new Date(now().getTime() + pause) : null, messageId }
  }

  async function replyTo<Answer>(message: Sent, read: Read<Answer>): Promise<Reply<Answer>> {
    let messageId: string | null = null
    const outcome: Outcome<Answer> = await outcomeOf(message, read, (id) => {
      messageId = id
    }).catch(failureOf)
    if ('failed' in outcome) return failure(outcome, messageId)
    const { requestId, ...answered } = outcome
    log.debug({ registry, messageId: answered.messageId, requestId }, 'a registry answered')
    return { ...answered, service: `${system}/${message.service}` }
  }

  return {
    ask: (_registry, message, read) => replyTo(message, read),
    tell: (_registry, { key, path, ...change }, read) =>
      replyTo({ ...change, method: 'PUT', path: [...path, key] }, read),
    healthOf: () => seen.health(policies.state()),
    close: () => pool.destroy(),
  }
}

function poolOf({ securityServer: { url, tls }, timeLimit, connections }: Connection) {
  return poolTo(url, {
    connections,
    // X-Road's own client has no limit. The limit of the whole question is shorter.
    headersTimeout: timeLimit,
    bodyTimeout: timeLimit,
    maxResponseSize: longestAnswer,
    maxHeaderSize: longestHeaders,
    connect: {
      timeout: timeLimit,
      ...(tls && { cert: tls.certificate, key: tls.key, ca: tls.authority }),
      rejectUnauthorized: true, // even if the environment disables it
    },
  })
}
