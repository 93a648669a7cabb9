import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { configFrom } from '../../src/config.js'
import { loginAt, sandboxIssuer } from '../../src/sandbox/issuer.js'
import { startLogin } from '../../src/sandbox/login.js'
import { withPorts } from '../../src/sandbox/standIns.js'

/** The login of a sandbox, for the tests of one file. */
export async function openLogin() {
  const dataDir = mkdtempSync(join(tmpdir(), 'pencere-login-'))
  const found = await withPorts(configFrom({ PORT: '0', DATA_DIR: dataDir, LOG_LEVEL: 'silent' }))
  const config = { ...found, issuers: [sandboxIssuer(found)] }
  const errors: unknown[] = []
  const { stop } = await startLogin({ config, log: { error: (...said: unknown[]) => void errors.push(said) } as never })
  afterAll(async () => {
    await stop()
    rmSync(dataDir, { recursive: true })
  })
  return { config, address: loginAt(config), errors }
}
