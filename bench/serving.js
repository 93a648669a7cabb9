// A server in the bench's own process, with keys, without limits, and with signed-in people.
import { randomBytes } from 'node:crypto'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { configFrom } from '../dist/config.js'
import { Keyring, purposes } from '../dist/platform/keyring.js'
import { createServer } from '../dist/server.js'

export const keyring = new Keyring(
  Object.fromEntries(purposes.map((purpose) => [purpose, [{ id: 'bench', secret: randomBytes(32) }]])),
)

const { publicKey, privateKey } = await generateKeyPair('ES256')
const issuer = {
  issuer: 'https://login.example',
  audience: 'urn:bench',
  signInAt: 'https://login.example/',
  jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: 'bench', alg: 'ES256', use: 'sig' }] },
  subjects: ['CITIZEN', 'OFFICER'],
  acr: { high: 'HIGH' },
  highestAssurance: 'HIGH',
}

/** The headers of somebody who has just signed in. */
export async function headersOf({ sub, fin, kind = 'CITIZEN' }) {
  const now = Math.floor(Date.now() / 1000)
  const claims = { sub, fin, subject_type: kind, name: 'Bench', acr: 'high', auth_time: now, client_id: 'b', jti: sub }
  const token = await new SignJWT({ iss: issuer.issuer, aud: issuer.audience, ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'bench', typ: 'at+jwt' })
    .setIssuedAt(now)
    .setExpirationTime(now + 3600)
    .sign(privateKey)
  return { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
}

export function serverOn(database, parts = {}) {
  const config = configFrom({ LOG_LEVEL: 'silent', ISSUERS: JSON.stringify([issuer]) })
  const room = { points: 10_000_000, seconds: 60 }
  const rates = { requests: room, refusedSecrets: room, commands: room }
  return createServer({ config, database, keyring, rates, ...parts })
}
