import { createServer } from 'node:http'
import type { FastifyBaseLogger } from 'fastify'
import { close, listen, localHosts } from './localServer.js'

interface Parts {
  dataDir: string
  port: number
  log: Pick<FastifyBaseLogger, 'error'>
}

/** Publishes the revocation list of a sandbox's authority, on this machine only. */
export async function startAuthority({ dataDir, port, log }: Parts): Promise<{ stop(): Promise<void> }> {
  const hosts = localHosts(port)
  const server = createServer((request, response) => {
    const answer = (status: number, text: string) =>
      response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`)
    if (!hosts.includes(request.headers.host ?? '')) return answer(421, 'This is the authority of a sandbox.')
    if (request.method !== 'GET' || request.url !== '/authority.crl')
      return answer(404, 'Only GET /authority.crl is here.')
    revokedIn(dataDir).then(
      (list) => response.writeHead(200, { 'content-type': 'application/pkix-crl' }).end(list),
      (error: Error) => {
        log.error({ stack: error.stack }, 'unexpected error of the authority')
        answer(500, 'The authority cannot be read.')
      },
    )
  })
  await listen(server, port).catch(({ message }: Error) => {
    throw new Error(`the authority of a sandbox must have a port that is free; ${message}`)
  })
  return { stop: () => close(server) }
}

/** Loaded on the first request, and reads the revoked certificates anew. */
async function revokedIn(dataDir: string): Promise<Buffer> {
  const { authorityOf } = await import('./authority.js')
  return await (await authorityOf(dataDir)).revoked()
}
