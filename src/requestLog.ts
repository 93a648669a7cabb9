import { type FastifyReply, type FastifyRequest, LogController } from 'fastify'
import { nameOfOperation } from './engine/about.js'

/**
 * Logs one line for each request, instead of Fastify's two. docs/for-operators.md describes it. A request whose caller
 * aborts it never completes.
 */
export class RequestLog extends LogController {
  override incomingRequest() {}

  override requestCompleted(error: Error | null | undefined, request: FastifyRequest, reply: FastifyReply) {
    const ms = Math.round(reply.elapsedTime * 10) / 10
    const line = Object.assign(known(request), { status: reply.statusCode, ms })
    if (error) request.log.error(Object.assign(line, { error: error.message }), 'request failed')
    else request.log.info(line, 'request')
  }

  requestAborted(request: FastifyRequest) {
    request.log.info(known(request), 'request aborted')
  }
}

function known(request: FastifyRequest) {
  // Only GraphQL's routes identify a caller, and not those that they refuse.
  const { method, caller, about = {} }: Partial<FastifyRequest> = request
  return {
    method,
    path: pathOf(request),
    operation: nameOfOperation(about),
    points: about.points,
    by: about.by,
    caller: caller?.kind,
  }
}

/** Without an operation sent by GET and its variables, and without the signature of an address where somebody pays. */
export const pathOf = ({ url }: FastifyRequest): string =>
  (url.includes('?') ? url.slice(0, url.indexOf('?')) : url).replace(/^(\/pay\/[\w-]+)\.[\w-]*/, '$1')
