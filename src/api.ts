import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from './config.js'
import { createServer } from './server.js'

/** Resolves when the API serves requests. */
export async function startApi(parts: Parameters<typeof createServer>[0]) {
  const { config } = parts
  const server = await createServer(parts)
  const sockets = new Set<Socket>()
  server.server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await listen(server, config)
  return { port: (server.server.address() as AddressInfo).port, stop: () => close(server, sockets, config) }
}

type Server = Awaited<ReturnType<typeof createServer>>

async function listen(server: Server, { host, port }: Config): Promise<void> {
  try {
    await server.listen({ host, port })
  } catch (error) {
    throw new Error(`HOST and PORT must name an address that is free; ${(error as Error).message}`)
  }
}

/** Answers requests in progress, unless a client sends for longer than any answer may take. */
async function close(server: Server, sockets: Set<Socket>, { requestTimeout }: Config): Promise<void> {
  // Otherwise a connection stays open for another request after its last answer. Node counts one as idle only after a
  // request; browsers and balancers also open some ahead.
  const closeIdle = setInterval(() => {
    server.server.closeIdleConnections()
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy()
  }, 50)
  await Promise.race([server.close(), sleep(requestTimeout + 1000)])
  clearInterval(closeIdle)
}
