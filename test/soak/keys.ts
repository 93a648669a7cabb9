import { execFile } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type KeyringAsText, parseKeyring, purposes, textOf } from '../../src/platform/keyring.js'
import type { Watched } from '../faults/driver/drive.js'
import type { Excuses } from './excuses.js'

/** Rotates every key of the keyring as docs/configuration.md says, and the login's key with them. */
export async function rotateKeys(watched: Watched, { whileAway }: Excuses): Promise<void> {
  const { dataDir, restart } = watched
  const path = join(dataDir, 'keyring.json')
  const before = keyringIn(path)
  for (const purpose of purposes) await command(dataDir, 'keys', 'rotate', purpose)
  await whileAway(() => restart(() => forgetLogin(watched)))
  for (const { id } of before.wrapping) {
    await expectSaid(`wrapping ${id}: used no more`, command(dataDir, 'keys', 'rewrap'))
    await expectSaid('may be taken out of the keyring', command(dataDir, 'keys', 'forget', 'wrapping', id))
  }
  const rotated = keyringIn(path)
  writeFileSync(path, textOf({ ...rotated, wrapping: rotated.wrapping.slice(0, 1) }))
}

/** The login begins again with another key, while the API knows the key before. */
export const rotateLoginKey = (watched: Watched, { whileAway }: Excuses): Promise<void> =>
  whileAway(async () => {
    forgetLogin(watched)
    watched.endSandbox()
  })

export const verifyLog = ({ dataDir }: Watched) => command(dataDir, 'verify-log')

function forgetLogin({ dataDir, forgetTokens }: Watched): void {
  rmSync(join(dataDir, 'login-key.json'))
  forgetTokens()
}

const keyringIn = (path: string): KeyringAsText => parseKeyring(readFileSync(path, 'utf8'), path)

/** Throws what it has written if it fails. */
async function command(dataDir: string, script: string, ...given: string[]): Promise<string> {
  // `forget` waits for all that is being written.
  const env = { PATH: process.env.PATH, DATA_DIR: dataDir, LOCK_TIMEOUT_MS: '60000' }
  const { stdout } = await promisify(execFile)('npm', ['run', '--silent', script, '--', ...given], { env })
  return stdout
}

async function expectSaid(line: string, saying: Promise<string>): Promise<void> {
  const said = await saying
  if (!said.includes(line)) throw new Error(`the command must say "${line}"; it said ${said}`)
}
