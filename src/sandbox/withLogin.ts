import { type AddressInfo, createServer } from 'node:net'
import type { Config } from '../config.js'
import { sandboxIssuer } from './issuer.js'

/** The configuration with the login of its own, whose port is known before anything starts. */
export async function withLogin(config: Config): Promise<Config> {
  const sandboxPort = config.sandboxPort || (await freePort())
  return { ...config, sandboxPort, issuers: [sandboxIssuer({ sandboxPort })] }
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((settle, reject) => {
    probe.once('error', reject).listen(0, '127.0.0.1', settle)
  })
  const { port } = probe.address() as AddressInfo
  await new Promise((settle) => probe.close(settle))
  return port
}
