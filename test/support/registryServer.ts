import { createHash, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import type { TlsOptions } from 'node:tls'
import { onTestFinished } from 'vitest'
import type { Connection, ExchangeSettings, SecurityServer } from '../../src/exchange/registries/exchange.settings.js'

/** What a registry's server does instead of answering. */
export type Trouble =
  | 'wrong id'
  | 'name twice'
  | 'garbled hash'
  | 'half a body'
  | 'endless body'
  | 'silence'
  | 'headers alone'
  | 'reset'
  | 'huge header'
  | 'no HTTP'
  /** A fault of X-Road itself, by its type. */
  | { fault: string }
  /** A complete answer with these parts changed. */
  | { status?: number; headers?: Record<string, string>; body?: string | Buffer }

export interface Received {
  method: string
  /** With its query. */
  url: string
  headers: IncomingMessage['headers']
  body: string
  /** Settles when its connection has ended. */
  ended: Promise<void>
}
export interface RegistryServer {
  url: string
  /** In order of arrival. */
  received: Received[]
  connections(): number
  /** One trouble lasts; a list applies to one question each, after which the server answers again. */
  be(trouble: Trouble | undefined | (Trouble | undefined)[]): void
}
interface Serving {
  /** The record that it answers with. Null if it has none. */
  holds?: (request: Received) => unknown
  tls?: TlsOptions
}

export const clientOfTest = 'AZ-TEST/GOV/1000/PENCERE'
export const systemOfTest = 'AZ-TEST/GOV/2000/REGISTRY'

/** A security server with a registry behind it, on this machine, until the test ends. */
export async function registryServer({ holds = () => ({ held: true }), tls }: Serving = {}): Promise<RegistryServer> {
  const received: Received[] = []
  const sockets = new Map<Socket, Promise<void>>()
  let made = 0
  let troubles: (Trouble | undefined)[] = []
  let lasting: Trouble | undefined
  const listener: RequestListener = async (request, response) => {
    const { method = '', url = '', headers, socket } = request
    const ended = sockets.get(socket) ?? Promise.resolve()
    const one = { method, url, headers, ended, body: await text(request) }
    received.push(one)
    answer(one, response, troubles.length > 0 ? troubles.shift() : lasting, await holds(one))
  }
  const server = tls ? createSecureServer(tls, listener) : createServer(listener)
  server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => {
    made++
    const ended = new Promise<void>((settle) => socket.once('close', () => settle()))
    sockets.set(socket, ended)
    ended.then(() => sockets.delete(socket))
    socket.on('error', () => {}) // the client reports it
  })
  // The server closes no idle connection by itself.
  server.keepAliveTimeout = 60_000
  await new Promise<void>((settle) => server.listen(0, '127.0.0.1', settle))
  onTestFinished(() => {
    for (const socket of sockets.keys()) socket.destroy()
    server.close()
  })
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    connections: () => made,
    be(trouble) {
      troubles = Array.isArray(trouble) ? [...trouble] : []
      lasting = Array.isArray(trouble) ? undefined : trouble
    },
  }
}

/** The headers by which an answer names its question. */
function namesFor({ url, headers }: Received): Record<string, string> {
  const [, , ...parts] = url.split('?')[0]!.split('/')
  return {
    'x-road-id': String(headers['x-road-id']),
    'x-road-client': String(headers['x-road-client']),
    'x-road-service': parts.slice(0, 5).join('/'),
    'x-road-request-id': randomUUID(),
    'x-road-request-hash': createHash('sha512').update(url).digest('base64'),
  }
}
const json = { 'content-type': 'application/json;charset=utf-8' }

function answer(request: Received, response: ServerResponse, trouble: Trouble | undefined, held: unknown): void {
  const names = namesFor(request)
  const body =
    held === null
      ? JSON.stringify({ type: 'NotHeld', message: 'There is none.', detail: 'none' })
      : JSON.stringify(held)
  const send = (headers: Record<string, string | string[]>, status = held === null ? 404 : 200) =>
    response.writeHead(status, headers).end(body)
  if (trouble === undefined) return void send({ ...json, ...names })
  if (typeof trouble === 'object') return void instead(trouble, response, names, body)
  const troubled: Record<Extract<Trouble, string>, () => void> = {
    'wrong id': () => send({ ...json, ...names, 'x-road-id': randomUUID() }),
    'name twice': () => send({ ...json, ...names, 'x-road-id': [names['x-road-id']!, names['x-road-id']!] }),
    'garbled hash': () => send({ ...json, ...names, 'x-road-request-hash': 'a hash' }),
    'half a body': () => {
      response.writeHead(200, { ...json, ...names, 'content-length': String(body.length * 2) }).write(body)
      setImmediate(() => response.destroy())
    },
    'endless body': () => {
      response.writeHead(200, { ...json, ...names })
      const more = () => {
        while (!response.destroyed && response.write(' '.repeat(65_536)));
      }
      response.on('drain', more)
      more()
    },
    silence: () => {},
    'headers alone': () => void response.writeHead(200, { ...json, ...names }).write('{'),
    reset: () => response.socket?.resetAndDestroy(),
    'huge header': () => send({ ...json, ...names, 'x-huge': 'x'.repeat(100_000) }),
    'no HTTP': () => response.socket?.end('SSH-2.0-OpenSSH_9.6\r\n'),
  }
  troubled[trouble]()
}

function instead(
  trouble: Extract<Trouble, object>,
  response: ServerResponse,
  names: Record<string, string>,
  held: string,
): void {
  if ('fault' in trouble) {
    const { fault } = trouble
    const body = { type: fault, message: 'Of the person TEST001 nothing is known.', detail: randomUUID() }
    response.writeHead(500, { ...json, 'x-road-error': fault }).end(JSON.stringify(body))
    return
  }
  const { status = 200, headers = {}, body = held } = trouble
  response.writeHead(status, { ...json, ...names, ...headers }).end(body)
}

/** Settings of an exchange with these servers, by the code of their registry. */
export function exchangeOf(
  servers: Record<string, { url: string }>,
  more: Partial<Omit<Connection, 'securityServer'>> & Pick<SecurityServer, 'tls'> = {},
): ExchangeSettings {
  const { tls, ...connection } = more
  const registries = Object.entries(servers).map(([code, { url }]) => [
    code,
    {
      system: systemOfTest,
      timeLimit: 3_000,
      connections: 20,
      waiting: 200,
      ...connection,
      securityServer: { url, ...(tls && { tls }) },
    },
  ])
  return { client: clientOfTest, registries: Object.fromEntries(registries) }
}
