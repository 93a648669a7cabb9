import { renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config.js'
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
import { readSecret, secretIn, writeSecret } from './secretFile.js'

const name = 'keyring.json'

/** A sandbox that was given no keys makes them itself: all at its first start, those of a later purpose at the next. */
export function keyringOf({ keyring, dataDir }: Config): Keyring {
  if (keyring !== undefined) return keyringFrom(keyring, 'KEYRING')
  const path = join(dataDir, name)
  const text = secretIn(dataDir, name, () => textOf(freshKeyring()))
  const whole = filled(text, path) === undefined ? text : changeIn(path, (now) => filled(now, path) ?? now)
  return keyringFrom(whole, path)
}

/** Puts a new key in front. Processes that run go on with the keys they began with. */
export function rotateIn(dataDir: string, purpose: Purpose): string {
  const path = join(dataDir, name)
  const text = changeIn(path, (now) => {
    const keys = parseKeyring(now, path)
    return textOf({ ...keys, [purpose]: [freshKey(keys[purpose]), ...keys[purpose]] })
  })
  return keyringFrom(text, path).current(purpose).id
}

/** One at a time: what is changed is read only when nobody else can change it, so no key is lost. */
function changeIn(path: string, change: (text: string) => string): string {
  const next = `${path}.next`
  take(next)
  try {
    const text = change(readSecret(path))
    writeSecret(next, text)
    renameSync(next, path)
    return text
  } catch (error) {
    rmSync(next, { force: true })
    throw error
  }
}

/** Milliseconds. */
const patience = 1_000
const pause = 10

function take(next: string): void {
  for (let waited = 0; ; waited += pause)
    try {
      writeSecret(next, '', 'wx')
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      if (waited >= patience)
        throw new Error(`one rotation at a time: ${next} is of another, or of one that was killed and can be removed`)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pause)
    }
}
