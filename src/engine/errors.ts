import { randomUUID } from 'node:crypto'
import { DrizzleQueryError } from 'drizzle-orm'
import type { GraphQLFormattedError } from 'graphql'
// The supervisor needs nothing else of graphql.
import { GraphQLError } from 'graphql/error/GraphQLError.js'

/** All values of `extensions.code`. docs/errors.md describes each. */
export const errorCodes = [
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_REQUEST',
  'BAD_USER_INPUT',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'STEP_UP_REQUIRED',
  'TIMEOUT',
  'TOO_COSTLY',
  'RATE_LIMITED',
  'SERVICE_UNAVAILABLE',
  'INTERNAL_SERVER_ERROR',
] as const
export type ErrorCode = (typeof errorCodes)[number]

export const refusal = (code: ErrorCode, message: string, extensions: Record<string, unknown> = {}, cause?: Error) =>
  new GraphQLError(message, { extensions: { code, ...extensions }, originalError: cause })
export const badInput = (message: string) => refusal('BAD_USER_INPUT', message)
export const timedOut = () => refusal('TIMEOUT', 'The request took too long and was stopped. Request less at once.')

const unreachable = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
])
/** PostgreSQL: serialization failure, deadlock, lock timeout. */
const contended = new Set(['40001', '40P01', '55P03'])
/** PostgreSQL: no connection, no room, shutting down or starting. postgres.js: CONNECTION_CLOSED and similar. */
const unable = /^(08|53|57P|CONNECT)/
/** What a client may learn of a database error. Returns any other error unchanged, to be masked. */
export function translated(error: unknown): unknown {
  const root = rootOf(error) as Error & { code?: unknown }
  const { code } = root
  if (typeof code !== 'string') return error
  if (code === '57014') return timedOut()
  if (contended.has(code))
    return refusal('SERVICE_UNAVAILABLE', 'Another request is changing the same data. Try again in a moment.', {}, root)
  if (unreachable.has(code) || unable.test(code))
    return refusal('SERVICE_UNAVAILABLE', 'The database does not answer. Try again in a moment.', {}, root)
  if (code === unknownCode) return badInput(root.message)
  // Data exceptions: a forged cursor, a text with a NUL, a number out of range.
  if (code.startsWith('22'))
    return badInput(
      'An argument has an invalid value: a wrong cursor, a number out of range, or a text with a NUL character.',
    )
  return error
}
/** `unknown_code` in the database: a filter names a code without a row; the message names it. */
const unknownCode = '22C01'
const rootOf = (error: unknown): object => {
  // Without a cause it only contains its statement.
  const root = error instanceof DrizzleQueryError ? error.cause : error
  return typeof root === 'object' && root !== null ? root : {}
}

interface Log {
  error(what: object, message: string): void
}
/** Passes on errors meant for the client, and masks the rest under an id that the log repeats. */
export const formatted =
  (log: Log) =>
  (error: GraphQLFormattedError, thrown: unknown): GraphQLFormattedError => {
    const cause = causeOf(thrown)
    const known = clientErrorOf(error) ?? translatedFor(error, cause)
    if (!known) return masked(log, error, cause)
    if (known.extensions?.code === 'SERVICE_UNAVAILABLE')
      log.error({ path: error.path, error: loggable(cause) }, known.message)
    return known
  }

const causeOf = (error: unknown): unknown =>
  error instanceof GraphQLError && error.originalError ? causeOf(error.originalError) : error
const withCode = (error: GraphQLFormattedError, code: ErrorCode, more: object = {}): GraphQLFormattedError => ({
  ...error,
  extensions: { ...error.extensions, code, ...more },
})
const closed = new Set<unknown>(errorCodes)
/** Apollo's codes that become BAD_REQUEST. */
const badRequestCodes = new Set<unknown>([
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
])
/** An error meant for the client, with our code. Undefined for any other. */
function clientErrorOf(error: GraphQLFormattedError): GraphQLFormattedError | undefined {
  const code = error.extensions?.code
  if (error.extensions?.limit !== undefined) return withCode(error, 'TOO_COSTLY') // Apollo gives another code to errors of a validation rule
  if (badRequestCodes.has(code)) return withCode(error, 'BAD_REQUEST')
  if (code === 'INTERNAL_SERVER_ERROR' || !closed.has(code)) return undefined
  return tooLong(error) ?? { ...error, message: error.message.slice(0, longestMessage) }
}
/** graphql repeats a wrong value whole for each of its parts. */
const longestMessage = 1000
/** Replaces graphql's text for an aborted request. */
function tooLong(error: GraphQLFormattedError): GraphQLFormattedError | undefined {
  if (error.message === 'Validation aborted.')
    return withCode(
      { ...error, message: 'The same fields are selected too many times. Select each field once.' },
      'TOO_COSTLY',
    )
  const [, allowed, unit] = /^Syntax Error: .* more tha[nt] (\d+) (tokens|UTF-16)/.exec(error.message) ?? []
  if (!unit) return undefined
  const [limit, what] = unit === 'tokens' ? ['tokens', 'tokens'] : ['document', 'characters']
  const message = `Too many ${what} in the document. At most ${allowed} are allowed. Request less at once.`
  return withCode({ ...error, message }, 'TOO_COSTLY', { limit, allowed: Number(allowed) })
}
/** Errors of clients to which graphql gives no code: a null in a variable, too many invalid variables. */
const uncoded = [/^Argument "/, /^Too many errors processing variables/]
function translatedFor(error: GraphQLFormattedError, cause: unknown): GraphQLFormattedError | undefined {
  const known = translated(cause)
  if (known !== cause && known instanceof GraphQLError)
    return { ...error, message: known.message, extensions: known.extensions }
  if (cause instanceof GraphQLError && uncoded.some((saying) => saying.test(cause.message)))
    return { ...error, extensions: { code: 'BAD_USER_INPUT' } }
  return undefined
}
function masked(log: Log, error: GraphQLFormattedError, cause: unknown): GraphQLFormattedError {
  const id = randomUUID()
  log.error({ errorId: id, path: error.path, error: loggable(cause) }, 'unexpected error')
  return {
    ...error,
    message: `An unexpected error occurred. Report it with the id ${id}.`,
    extensions: { code: 'INTERNAL_SERVER_ERROR', id },
  }
}

/** Unhandled rejections anywhere in the process. */
export const unhandledTo = (log: Log) => (error: unknown) =>
  log.error({ error: loggable(error) }, 'unhandled rejection')

/** An error without personal data: drizzle and PostgreSQL put values into their messages. */
export function loggable(error: unknown): object {
  const root = rootOf(error)
  if (!(root instanceof Error)) return { name: typeof error }
  if (root.name !== 'PostgresError') return { name: root.name, message: root.message, stack: root.stack }
  const { code, severity_local, routine, table_name, constraint_name } = root as unknown as Record<string, unknown>
  const message = /^2[23]/.test(String(code)) ? undefined : root.message // these classes of errors quote values or rows
  const where = root.stack?.split('\n').filter((line) => line.startsWith('    at '))
  return {
    name: root.name,
    code,
    message,
    severity: severity_local,
    routine,
    table: table_name,
    constraint: constraint_name,
    where,
  }
}
