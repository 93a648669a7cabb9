import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { Keyring, purposes } from './keyring.js'

const key = z.strictObject({
  id: z.string().regex(/^[\w-]{1,40}$/),
  secret: z.base64().transform((text) => Buffer.from(text, 'base64')),
})
const keyringInFile = z.record(z.enum(purposes), z.tuple([key], key))

/** A sandbox makes its keys itself, at its first start. */
export function keyringIn(dataDir: string): Keyring {
  const path = join(dataDir, 'keyring.json')
  mkdirSync(dataDir, { recursive: true, mode: 0o711 })
  const fresh = `${path}.new-${process.pid}`
  const made = purposes.map((purpose) => [purpose, [{ id: 'first', secret: randomBytes(32).toString('base64') }]])
  writeFileSync(fresh, `${JSON.stringify(Object.fromEntries(made), null, 2)}\n`, { mode: 0o600, flush: true })
  try {
    linkSync(fresh, path) // where another start was quicker, its keys are the keys
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(fresh)
  }
  return new Keyring(keyringInFile.parse(JSON.parse(readFileSync(path, 'utf8'))))
}
