import { createServer, type Server } from 'node:net'

// People choose ports below this range; systems assign those above to outgoing connections.
const [first, last] = [20_000, 32_700]
const maxTries = 1000
const range = last - first
// Ports are opened seconds after they are chosen. Processes that start meanwhile must not choose the same, so each goes
// on from a place of its own: neighbours are 3,970 ports apart.
let next = (process.pid * 3_970) % range

/** Free ports of this machine that no system assigns by chance, excluding `others`. */
export async function freePorts(count: number, others: readonly number[] = []): Promise<number[]> {
  const held = new Map<number, Server>()
  for (let tries = 0; held.size < count; tries++) {
    if (tries === maxTries) throw new Error(`${count} ports must be free on this machine; ${held.size} were found`)
    const port = first + (next++ % range)
    const server = others.includes(port) ? undefined : await hold(port)
    if (server) held.set(port, server)
  }
  await Promise.all([...held.values()].map((server) => new Promise((settle) => server.close(settle))))
  return [...held.keys()]
}

export async function isFree(port: number): Promise<boolean> {
  const server = await hold(port)
  if (server) await new Promise((settle) => server.close(settle))
  return server !== undefined
}

const hold = (port: number) =>
  new Promise<Server | undefined>((settle, reject) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' || error.code === 'EACCES' ? settle(undefined) : reject(error),
    )
    server.listen(port, '127.0.0.1', () => settle(server))
  })
