import { join } from 'node:path'
import {
  filled,
  freshKey,
  freshKeyring,
  type Keyring,
  keyringFrom,
  type Purpose,
  parseKeyring,
  textOf,
} from './keyring.js'
import type { KeyringConfig } from './keyring.settings.js'
import type { ProcessConfig } from './process.settings.js'
import { changeSecret, secretIn } from './secretFile.js'

const name = 'keyring.json'

/** A sandbox without configured keys makes them at its first start, and those of a new purpose at the next. */
export function keyringOf({ keyring, dataDir }: KeyringConfig & Pick<ProcessConfig, 'dataDir'>): Keyring {
  if (keyring !== undefined) return keyringFrom(keyring, 'KEYRING')
  const path = join(dataDir, name)
  const text = secretIn(dataDir, name, () => textOf(freshKeyring()))
  const whole = filled(text, path) === undefined ? text : changeSecret(path, (now) => filled(now, path) ?? now)
  return keyringFrom(whole, path)
}

/** Puts a new key in front. Running processes keep the keys they started with. */
export function rotateIn(dataDir: string, purpose: Purpose): string {
  const path = join(dataDir, name)
  const text = changeSecret(path, (now) => {
    const keys = parseKeyring(now, path)
    return textOf({ ...keys, [purpose]: [freshKey(keys[purpose]), ...keys[purpose]] })
  })
  return keyringFrom(text, path).current(purpose).id
}
