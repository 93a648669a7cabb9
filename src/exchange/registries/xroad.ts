import { type Evidence, FailureReason, type Message } from '../../shared/exchange.js'
import type { RequestPool } from './pool.js'
import { type Asked, brokenBy, type Failure, headersOf, pathOf, verdictOn } from './xroad.rules.js'

/** A question, or a change with its key in the path. */
export type Sent = Omit<Message, 'method'> & { method: Message['method'] | 'PUT' }

/** A message, ready to be sent, also repeatedly. */
export interface Prepared {
  method: Sent['method']
  path: string
  headers: Record<string, string>
  body?: string
  client: string
  /** INSTANCE/CLASS/MEMBER/SUBSYSTEM/SERVICE. */
  service: string
}

/** Throws Unsendable. */
export const prepared = (client: string, system: string, message: Sent): Prepared => ({
  method: message.method,
  path: pathOf(system, message),
  headers: headersOf(client, message),
  ...(message.body === undefined ? {} : { body: JSON.stringify(message.body) }),
  client,
  service: `${system}/${message.service}`,
})

/** X-Road's evidence of an answer, for the log. */
type Proof = Pick<Evidence, 'messageId' | 'requestHash'> & { requestId: string | null }
export type Outcome<Answer> = ({ answer: Answer | null } & Proof) | Failure

interface Sending<Answer> {
  messageId: string
  signal: AbortSignal
  read: (body: unknown) => Answer | null
}
/** Sends one message and reads the response. `signal` ends both and closes the connection. */
export async function send<Answer>(
  through: RequestPool,
  message: Prepared,
  { messageId, signal, read }: Sending<Answer>,
): Promise<Outcome<Answer>> {
  const { method, path, headers, body, client, service } = message
  const asked: Asked = { client, service, messageId }
  try {
    const request = { method, path, body, signal, headers: { ...headers, 'x-road-id': messageId } }
    // While a connection is being made, undici does not react to the signal.
    const response = await Promise.race([through.request(request), abortOf(signal)])
    const bytes = await response.body.arrayBuffer()
    const answered = { status: response.statusCode, headers: response.headers }
    const verdict = verdictOn(answered, asked)
    if ('failed' in verdict) return verdict
    const { holds, requestHash } = verdict
    const { 'x-road-request-id': id } = response.headers
    const evidence = { messageId, requestHash, requestId: typeof id === 'string' ? id.slice(0, 100) : null }
    return holds ? { ...readFrom(bytes, read), ...evidence } : { answer: null, ...evidence }
  } catch (error) {
    if (error instanceof Unreadable) return { failed: FailureReason.INVALID_ANSWER, type: error.message }
    return signal.aborted ? { failed: FailureReason.TIMED_OUT, type: 'time limit' } : brokenBy(error)
  }
}

const abortOf = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })

/** Has no cause: that could repeat a part of the answer. */
class Unreadable extends Error {}

function readFrom<Answer>(bytes: ArrayBuffer, read: (body: unknown) => Answer | null): { answer: Answer | null } {
  let body: unknown
  try {
    body = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw new Unreadable('not JSON')
  }
  try {
    return { answer: read(body) }
  } catch {
    throw new Unreadable('not of the form that was wanted')
  }
}
