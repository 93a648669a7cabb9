import { FailureReason, type Message } from '../../shared/exchange.js'

/** A message that X-Road cannot carry. The error repeats nothing of it, because it may contain personal data. */
export class Unsendable extends Error {}

/** The protocol advises against more, and servers refuse it. */
const longestPath = 2_000
const longestHeader = 255

/**
 * The path of a service. Each part stays one part: a slash is encoded. `.` and `..` are refused, because they lead to another path
 * even if encoded.
 */
export function pathOf(system: string, { service, path, query = {} }: Pick<Message, 'service' | 'path' | 'query'>) {
  const parts = ['r1', ...system.split('/'), service, ...path].map(encoded)
  const pairs = Object.entries(query).map(([name, value]) => `${escaped(name)}=${escaped(value)}`)
  const whole = `/${parts.join('/')}${pairs.length > 0 ? `?${pairs.join('&')}` : ''}`
  if (whole.length > longestPath) throw new Unsendable(`a path of at most ${longestPath} characters is required`)
  return whole
}

function encoded(part: string): string {
  if (/^\.{0,2}$/.test(part)) throw new Unsendable('a part of a path must not be empty, nor lead to another path')
  return escaped(part)
}

/** The identifier of a system or service, each part percent-encoded. */
export const identifierOf = (parts: readonly string[]): string => parts.map(encoded).join('/')

function escaped(text: string): string {
  try {
    return encodeURIComponent(text)
  } catch {
    throw new Unsendable('a text must be of whole characters')
  }
}

/** All headers except the message ID, which is different for each attempt. */
export function headersOf(
  client: string,
  message: Pick<Message, 'userId' | 'issue' | 'representedParty' | 'body'>,
): Record<string, string> {
  const { userId, issue, representedParty, body } = message
  return {
    accept: 'application/json',
    ...(body === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' }),
    'x-road-client': identifierOf(client.split('/')),
    'x-road-userid': headerOf(userId),
    ...(issue === undefined ? {} : { 'x-road-issue': headerOf(issue) }),
    ...(representedParty === undefined ? {} : { 'x-road-represented-party': partyOf(representedParty) }),
  }
}

/** Percent-encodes all but printable ASCII. Refuses control characters, which could end the line. */
function headerOf(text: string): string {
  if (text === '' || /\p{Cc}/u.test(text))
    throw new Unsendable('a header must not be empty, nor hold control characters')
  const value = text.replace(/[^!-$&-~]+/gu, escaped)
  if (value.length > longestHeader) throw new Unsendable(`a header of at most ${longestHeader} characters is required`)
  return value
}

/** CLASS/CODE, or a code alone. */
function partyOf(text: string): string {
  const parts = text.split('/')
  if (parts.length > 2) throw new Unsendable('a represented party must be CLASS/CODE')
  const value = identifierOf(parts)
  if (value.length > longestHeader) throw new Unsendable(`a header of at most ${longestHeader} characters is required`)
  return value
}

export interface Asked {
  client: string
  /** Including its system. */
  service: string
  messageId: string
}
export interface Answered {
  status: number
  headers: Record<string, string | string[] | undefined>
}
type Headers = Answered['headers']

/** Why there is no answer. Contains no personal data. */
export interface Failure {
  failed: FailureReason
  /** Type of the fault, for the log. */
  type: string
  /** Seconds after which the registry allows a retry. */
  retryAfter?: number
}
/** A response before its body is read: a record, no record, or a failure. */
export type Verdict = { holds: boolean; requestHash: string | null } | Failure

/** An answer must name its question, even if there is no record. */
export function verdictOn({ status, headers }: Answered, asked: Asked): Verdict {
  const fault = headers['x-road-error']
  if (fault !== undefined) return failureOf(fault)
  if (status >= 500 || status === 429 || status === 408) return unable(status, headers)
  if (status >= 400 && status !== 404) return { failed: FailureReason.REFUSED, type: `status ${status}` }
  const misnamed = misnamedIn(headers, asked)
  if (misnamed) return { failed: FailureReason.INVALID_ANSWER, type: misnamed }
  const requestHash = requestHashIn(headers)
  if (requestHash === undefined) return { failed: FailureReason.INVALID_ANSWER, type: 'x-road-request-hash' }
  if (status === 404) return { holds: false, requestHash }
  // A redirect would lead to an address that is not configured.
  if (status < 200 || status >= 300) return { failed: FailureReason.INVALID_ANSWER, type: `status ${status}` }
  return isPlainJson(headers)
    ? { holds: true, requestHash }
    : { failed: FailureReason.INVALID_ANSWER, type: 'content-type' }
}

function unable(status: number, { 'retry-after': after }: Headers): Failure {
  const isSeconds = typeof after === 'string' && /^\d{1,6}$/.test(after)
  // An overloaded registry gets a pause even if it names none.
  const pause = isSeconds ? Number(after) : status === 429 ? 1 : undefined
  return {
    failed: FailureReason.DOWN,
    type: `status ${status}`,
    ...(pause === undefined ? {} : { retryAfter: Math.min(pause, longestPause) }),
  }
}
/** Seconds. */
const longestPause = 3_600

const isPlainJson = ({ 'content-type': type, 'content-encoding': encoding = 'identity' }: Headers) =>
  typeof type === 'string' && /^application\/([\w.-]+\+)?json *(;|$)/i.test(type) && encoding === 'identity'

/** The header that does not match the question. Undefined if all match. */
function misnamedIn(headers: Headers, { client, service, messageId }: Asked): string | undefined {
  const named = { 'x-road-id': messageId, 'x-road-client': client, 'x-road-service': service }
  return Object.entries(named).find(([name, value]) => decoded(headers[name]) !== value)?.[0]
}

/** Security servers return identifiers encoded or not, depending on the version. */
function decoded(value: string | string[] | undefined): string | undefined {
  if (typeof value !== 'string') return undefined // missing or repeated
  try {
    return value.split('/').map(decodeURIComponent).join('/')
  } catch {
    return undefined
  }
}

/** Null if missing, undefined if malformed. */
function requestHashIn({ 'x-road-request-hash': value }: Headers): string | null | undefined {
  if (value === undefined) return null
  return typeof value === 'string' && /^[A-Za-z0-9+/]{1,200}={0,2}$/.test(value) ? value : undefined
}

/** A fault of X-Road itself. The body may contain personal data and is not read. */
function failureOf(header: string | string[]): Failure {
  // `Server.ServerProxy.AccessDenied` until 7.7, `server.serverproxy.access_denied` since 7.8.
  const type = String(header).toLowerCase().replaceAll('_', '')
  if (!/^[a-z0-9.]{1,100}$/.test(type)) return { failed: FailureReason.DOWN, type: 'x-road' }
  const words = type.split('.')
  const isOurs = words[0] === 'client' || words.some((word) => refusals.has(word))
  return { failed: isOurs ? FailureReason.REFUSED : FailureReason.DOWN, type: `x-road ${type}` }
}
/** Faults of configuration, for which a retry does not help. */
const refusals = new Set([
  'accessdenied',
  'unknownmember',
  'unknownservice',
  'invalidclientidentifier',
  'sslauthenticationfailed',
  'invalidsecurityserver',
  'servicetype',
  'invalidservicetype',
  'invalidhttpmethod',
  'invalidprotocolversion',
  'clientproxyversionnotsupported',
])

/** The failure of a connection, by its error code. */
export function brokenBy(error: unknown): Failure {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown } // anything may be thrown
  const type = String(code ?? name ?? 'unknown')
  return { failed: reasonOf(type), type }
}
function reasonOf(code: string): FailureReason {
  if (slow.has(code)) return FailureReason.TIMED_OUT
  if (garbled.has(code) || code.startsWith('HPE_')) return FailureReason.INVALID_ANSWER
  // The server rejects our certificate during the handshake.
  return /^ERR_SSL_.*ALERT/.test(code) ? FailureReason.REFUSED : FailureReason.DOWN
}
const slow = new Set(['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT'])
const garbled = new Set(['UND_ERR_RES_EXCEEDED_MAX_SIZE', 'UND_ERR_HEADERS_OVERFLOW', 'HTTPParserError'])
