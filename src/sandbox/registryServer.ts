import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'
import type { FinePayments } from './finePayments.js'
import { bodyOf, close, listen, localHosts, longestBody } from './localServer.js'
import { addressOf, type RegistryCode, type RegistryPorts, registryCodes } from './registries.js'
import { type Records, registriesFrom, textOfRegistries } from './registriesFile.js'
import { faultReply, type Garbling, garblings, type Reply, replyTo } from './registryMessage.js'
import type { Trouble } from './registryTrouble.js'

interface Parts {
  ports: RegistryPorts
  /** Called for each request. */
  troubleOf(code: RegistryCode): Trouble
  finePayments: FinePayments
  log: Pick<FastifyBaseLogger, 'error' | 'info'>
  now?: () => Date
  /** Milliseconds that a slow registry takes. */
  slowness?: number
}

/** A security server and its system in one, for each registry, on this machine only. */
export async function startRegistries(parts: Parts): Promise<{ stop(): Promise<void> }> {
  const records = registriesFrom(textOfRegistries())
  const servers = registryCodes.map((code) => ({ code, server: serverOf(code, records, parts) }))
  const stop = async () => void (await Promise.all(servers.map(({ server }) => close(server))))
  // Each ends by itself before all are closed.
  const listening = await Promise.allSettled(servers.map(({ code, server }) => listen(server, parts.ports[code])))
  const failed = listening.find((one) => one.status === 'rejected')
  if (failed) {
    await stop()
    throw new Error(`the registries of a sandbox must have ports that are free; ${failed.reason.message}`)
  }
  parts.log.info(
    { registries: Object.fromEntries(registryCodes.map((code) => [code, addressOf(parts.ports[code])])) },
    'the registries of the sandbox are open',
  )
  return { stop }
}

function serverOf(code: RegistryCode, records: Records, parts: Parts): Server {
  const { ports, troubleOf, finePayments, log, now = () => new Date(), slowness = 30_000 } = parts
  const hosts = localHosts(ports[code])
  let garbled = 0
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    if (!hosts.includes(request.headers.host ?? '')) return send(response, strangeHost)
    const trouble = troubleOf(code)
    if (trouble === 'down') return void request.socket.resetAndDestroy()
    const body = await bodyOf(request)
    if (!body) return send(response, tooLong)
    if (trouble === 'slow') await sleep(slowness, undefined, { ref: false })
    if (trouble === 'failing') return send(response, outOfOrder())
    const garbling: Garbling | undefined = trouble === 'garbled' ? garblings[garbled++ % garblings.length] : undefined
    send(response, replyTo(request, body, { code, records, finePayments, now: now(), garbling }))
  }
  return createServer((request, response) => {
    serve(request, response).catch((error: Error) => {
      if (request.socket.destroyed) return // the caller has gone
      log.error({ registry: code, stack: error.stack }, 'unexpected error of a registry')
      send(response, faultReply(500, 'server.serverproxy.internal_error', 'the log of the sandbox says why'))
    })
  })
}

const send = (response: ServerResponse, { status, headers, body }: Reply) =>
  void response.writeHead(status, { ...headers, 'content-length': body.length }).end(body)

const strangeHost: Reply = {
  status: 421,
  headers: { 'content-type': 'text/plain;charset=utf-8' },
  body: Buffer.from('This is a registry of a sandbox, and answers to no other name than localhost.\n'),
}
const outOfOrder = () =>
  faultReply(500, 'server.serverproxy.service_failed', 'the system behind this security server does not answer')

const refusedBody = faultReply(413, 'client.bad_request', `the body must be of ${longestBody} bytes at most`)
// The rest of the body stays unread.
const tooLong: Reply = { ...refusedBody, headers: { ...refusedBody.headers, connection: 'close' } }
