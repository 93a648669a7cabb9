import { renameSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config.js'
import { freshKey, freshKeyring, type Keyring, keyringFrom, type Purpose, parseKeyring, textOf } from './keyring.js'
import { readSecret, secretIn, writeSecret } from './secretFile.js'

const name = 'keyring.json'

/** A sandbox that was given no keys makes them itself, at its first start. */
export const keyringOf = ({ keyring, dataDir }: Config): Keyring =>
  keyring === undefined
    ? keyringFrom(
        secretIn(dataDir, name, () => textOf(freshKeyring())),
        join(dataDir, name),
      )
    : keyringFrom(keyring, 'KEYRING')

/** Puts a new key in front. Processes that run go on with the keys they began with. */
export function rotateIn(dataDir: string, purpose: Purpose): string {
  const path = join(dataDir, name)
  const keys = parseKeyring(readSecret(path), path)
  const key = freshKey(keys[purpose])
  const next = `${path}.next`
  try {
    writeSecret(next, textOf({ ...keys, [purpose]: [key, ...keys[purpose]] }), 'wx')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    throw new Error(`one rotation at a time: ${next} is of another, or of one that was killed and can be removed`)
  }
  renameSync(next, path)
  return key.id
}
