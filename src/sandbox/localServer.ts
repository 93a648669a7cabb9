import type { IncomingMessage, Server } from 'node:http'

/** What a `Host` header may be. No other name may lead here, which prevents DNS rebinding. */
export const localHosts = (port: number): string[] => ['localhost', '127.0.0.1'].map((name) => `${name}:${port}`)

/** On this machine only. */
export const listen = (server: Server, port: number): Promise<void> =>
  new Promise((settle, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', settle)
  })

export const close = (server: Server): Promise<void> =>
  new Promise((settle) => {
    server.close(() => settle())
    server.closeAllConnections()
  })

export const longestBody = 65_536

/** Undefined if the body is longer than any request. Its rest stays unread. */
export const bodyOf = (request: IncomingMessage): Promise<Buffer | undefined> =>
  new Promise((settle, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    request.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length <= longestBody) return chunks.push(chunk)
      request.pause()
      settle(undefined)
    })
    request.once('end', () => settle(Buffer.concat(chunks)))
    request.once('error', reject)
  })
