import { randomUUID } from 'node:crypto'
import { DrizzleQueryError } from 'drizzle-orm'
import { GraphQLError, type GraphQLFormattedError } from 'graphql'

/** All that `extensions.code` can be. */
export type ErrorCode =
  | 'GRAPHQL_PARSE_FAILED'
  | 'GRAPHQL_VALIDATION_FAILED'
  | 'BAD_REQUEST'
  | 'BAD_USER_INPUT'
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'STEP_UP_REQUIRED'
  | 'TIMEOUT'
  | 'TOO_COSTLY'
  | 'RATE_LIMITED'
  | 'SERVICE_UNAVAILABLE'
  | 'INTERNAL_SERVER_ERROR'

export const refusal = (code: ErrorCode, message: string, extensions: Record<string, unknown> = {}) =>
  new GraphQLError(message, { extensions: { code, ...extensions } })
export const badInput = (message: string) => refusal('BAD_USER_INPUT', message)
export const timedOut = () => refusal('TIMEOUT', 'This took too long and was stopped. Ask for less at once.')

const unreachable = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOENT', 'ENOTFOUND', 'EAI_AGAIN'])
const overloaded = new Set(['53300', '57P01', '57P02', '57P03'])
/** What a client may know of an error that the database gave; anything else comes back as it is, to be masked. */
export function translated(error: unknown): unknown {
  const { code } = rootOf(error) as { code?: unknown }
  if (typeof code !== 'string') return error
  if (code === '57014') return timedOut()
  if (unreachable.has(code) || overloaded.has(code) || code.startsWith('08') || code.startsWith('CONNECT'))
    return refusal('SERVICE_UNAVAILABLE', 'The database does not answer. Try again in a moment.')
  // Data exceptions: a cursor that was forged, a text that holds a NUL, a number out of range.
  if (code.startsWith('22')) return badInput('A value in the arguments cannot be read.')
  return error
}
const rootOf = (error: unknown): object =>
  error instanceof DrizzleQueryError && error.cause ? error.cause : ((error ?? {}) as object)

/** Lets through what was meant for the client and masks the rest under an id that stands in the log. */
export const formatted =
  (log: { error(what: object, message: string): void }) =>
  (told: GraphQLFormattedError, error: unknown): GraphQLFormattedError => {
    const code = told.extensions?.code
    if (code === 'OPERATION_RESOLUTION_FAILURE')
      return { ...told, extensions: { ...told.extensions, code: 'BAD_REQUEST' } }
    if (code !== undefined && code !== 'INTERNAL_SERVER_ERROR') return told
    const cause = error instanceof GraphQLError ? (error.originalError ?? error) : error
    const known = translated(cause)
    if (known !== cause && known instanceof GraphQLError)
      return { ...told, message: known.message, extensions: known.extensions }
    // graphql refuses a variable that is null where an argument may not be, and gives it no code.
    if (cause instanceof GraphQLError && cause.nodes?.length && /^Argument /.test(cause.message))
      return { ...told, extensions: { code: 'BAD_USER_INPUT' } }
    const id = randomUUID()
    log.error({ errorId: id, path: told.path, error: loggable(cause) }, 'unexpected error')
    return {
      ...told,
      message: `Something went wrong here. It stands in the log as ${id}.`,
      extensions: { code: 'INTERNAL_SERVER_ERROR', id },
    }
  }

/** An error without what its text may hold of a person: drizzle and PostgreSQL put values into theirs. */
export function loggable(error: unknown): object {
  const root = rootOf(error)
  if (!(root instanceof Error)) return { name: typeof error }
  if (root.name !== 'PostgresError') return { name: root.name, message: root.message, stack: root.stack }
  const { code, severity_local, routine, table_name, constraint_name } = root as unknown as Record<string, unknown>
  const message = /^2[23]/.test(String(code)) ? undefined : root.message // what was wrong with a value, or a row
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
