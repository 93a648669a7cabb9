import { createHash, randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { type RegistryCode, registries, sandboxClient, systemOf } from './registries.js'
import { answers } from './registryAnswers.js'
import type { Parts as AnswerParts, Question } from './registryQuestion.js'

/** The lies of a lying registry, in turn. */
export const garblings = ['half', 'another', 'id'] as const
export type Garbling = (typeof garblings)[number]

export interface Reply {
  status: number
  headers: Record<string, string>
  body: Buffer
}
interface Parts extends Omit<AnswerParts, 'confused'> {
  code: RegistryCode
  garbling: Garbling | undefined
}

/** The X-Road Message Protocol for REST, with error types as named since X-Road 7.8. */
export function replyTo(request: IncomingMessage, body: Buffer, { code, garbling, ...parts }: Parts): Reply {
  const message = messageIn(request, body)
  if (typeof message === 'string') return faultReply(400, 'client.bad_request', message)
  const fault = faultOf(message, code)
  if (fault) return fault
  const answer = answers[code](message.question, { ...parts, confused: garbling === 'another' })
  const text = Buffer.from(JSON.stringify(answer.body))
  const id = message.id ?? randomUUID()
  return {
    status: answer.status,
    headers: {
      'content-type': 'application/json;charset=utf-8',
      'X-Road-Client': message.client,
      'X-Road-Service': message.service.join('/'),
      'X-Road-Id': garbling === 'id' ? randomUUID() : id,
      ...evidenceOf(request, body, message.id ? undefined : id),
    },
    body: garbling === 'half' ? text.subarray(0, text.length / 2) : text,
  }
}

/** Errors of X-Road itself, not of the system behind it. */
export function faultReply(status: number, type: string, message: string): Reply {
  return {
    status,
    headers: { 'content-type': 'application/json;charset=utf-8', 'X-Road-Error': type },
    body: Buffer.from(JSON.stringify({ type, message, detail: randomUUID() })),
  }
}

interface Message {
  client: string
  /** Instance, class, member, subsystem, service. */
  service: readonly string[]
  id: string | undefined
  question: Question
}

/** A returned text describes the error. */
function messageIn({ method = '', url = '', headers }: IncomingMessage, body: Buffer): Message | string {
  const [path = '', ...queries] = url.split('?')
  const [before, version, ...parts] = path.split('/')
  if (before !== '' || version !== 'r1' || parts.length < 5)
    return 'the path must be /r1/INSTANCE/CLASS/MEMBER/SUBSYSTEM/SERVICE/…'
  const decoded = decodedOf(parts)
  if (!decoded) return 'each part of the path must be percent-encoded UTF-8'
  const client = nameIn(headers['x-road-client'], 3, 4)
  if (!client) return 'the header X-Road-Client must be INSTANCE/CLASS/MEMBER/SUBSYSTEM'
  const represented = headers['x-road-represented-party']
  if (represented !== undefined && !nameIn(represented, 1, 2))
    return 'the header X-Road-Represented-Party must be CLASS/CODE or CODE'
  // The cast: Node only returns a list for set-cookie.
  const id = headers['x-road-id'] as string | undefined
  const query = new URLSearchParams(queries.join('?'))
  return {
    client,
    service: decoded.slice(0, 5),
    id: id || undefined,
    question: { method, path: decoded.slice(5), query, body },
  }
}

function decodedOf(parts: string[]): string[] | undefined {
  try {
    return parts.map(decodeURIComponent)
  } catch {
    return undefined // the answer says that the caller must correct it
  }
}

/** A header value with that many parts. */
function nameIn(header: string | string[] | undefined, least: number, most: number): string | undefined {
  const parts = `${header ?? ''}`.split('/')
  if (parts.length < least || parts.length > most || !parts.every((part) => /^[^\s,]+$/.test(part))) return undefined
  return decodedOf(parts)?.join('/')
}

function faultOf({ client, service }: Message, code: RegistryCode): Reply | undefined {
  const system = systemOf(code)
  const asked = service.join('/')
  if (service.slice(0, 4).join('/') !== system)
    return faultReply(500, 'server.clientproxy.unknown_member', `the system here must be ${system}; got ${asked}`)
  if (client !== sandboxClient)
    return faultReply(500, 'server.serverproxy.access_denied', `the client must be ${sandboxClient}; got ${client}`)
  if (service[4] !== registries[code].service)
    return faultReply(500, 'server.serverproxy.unknown_service', `the service must be ${registries[code].service}`)
  return undefined
}

/** Sender and receiver are not part of the message. */
const passing = new Set([
  'transfer-encoding',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'upgrade',
  'connection',
  'user-agent',
  'host',
  'content-length',
  'server',
  'expect',
  'x-road-request-id',
  'x-road-request-hash',
])

/**
 * The request's number, and its hash by X-Road: SHA-512 of its head. With a body, SHA-512 of that hash and the body's.
 * The head consists of method, address, the headers in order, and X-Road's additions.
 */
function evidenceOf({ method, url, rawHeaders }: IncomingMessage, body: Buffer, givenId: string | undefined) {
  const requestId = randomUUID()
  const headers: [string, string][] = []
  for (let at = 0; at < rawHeaders.length; at += 2) headers.push([rawHeaders[at] ?? '', rawHeaders[at + 1] ?? ''])
  const kept = headers.filter(([name]) => !passing.has(name.toLowerCase()))
  const added: [string, string][] = [
    ['x-road-request-id', requestId],
    ...(givenId ? [['x-road-id', givenId] as [string, string]] : []),
  ]
  const lines = [method, url, ...[...kept, ...added].map(([name, value]) => `${name}:${value}`)]
  const head = sha512(Buffer.from(lines.map((line) => `${line}\r\n`).join('')))
  const hash = body.length > 0 ? sha512(Buffer.concat([head, sha512(body)])) : head
  return { 'X-Road-Request-Id': requestId, 'X-Road-Request-Hash': hash.toString('base64') }
}

const sha512 = (bytes: Buffer) => createHash('sha512').update(bytes).digest()
