// A server in the bench's own process, with keys, without limits, and with signed-in people.
import { configFrom } from '../dist/config.js'
import { keyringFrom } from '../dist/platform/keyring.js'
import { createServer } from '../dist/server.js'
import { issuer, keyringText } from './signIn.js'

export { headersOf } from './signIn.js'
export const keyring = keyringFrom(keyringText, 'bench')

export function serverOn(database, parts = {}) {
  const config = configFrom({ LOG_LEVEL: 'silent', ISSUERS: JSON.stringify([issuer]) })
  const room = { points: 10_000_000, seconds: 60 }
  const rates = {
    requests: room,
    refusedSecrets: room,
    commands: room,
    lookUps: room,
    lookUpsOfOne: room,
    lookUpsInAll: room,
  }
  return createServer({ config, database, keyring, rates, ...parts })
}
