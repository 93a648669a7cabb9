import { afterAll } from 'vitest'
import { configFrom } from '../../src/config.js'
import { loginAt, sandboxIssuer } from '../../src/sandbox/issuer.js'
import { startLogin } from '../../src/sandbox/login.js'
import { withPorts } from '../../src/sandbox/standIns.js'
import { folderOfTest } from './folder.js'

/** The login of a sandbox. Call it at the top of the file. */
export async function openLogin() {
  const found = await withPorts(configFrom({ PORT: '0', DATA_DIR: folderOfTest(), LOG_LEVEL: 'silent' }))
  const config = { ...found, issuers: [sandboxIssuer(found)] }
  const errors: unknown[] = []
  const { stop } = await startLogin({ config, log: { error: (...said: unknown[]) => void errors.push(said) } as never })
  afterAll(stop)
  return { config, address: loginAt(config), errors }
}
