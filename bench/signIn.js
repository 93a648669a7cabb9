// The keyring of the benches, and an issuer that signs their people in.
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { freshKeyring, textOf } from '../dist/platform/keyring.js'

export const keyringText = process.env.BENCH_KEYRING ?? textOf(freshKeyring())

const { publicKey, privateKey } = await generateKeyPair('ES256')
export const issuer = {
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
  const claims = {
    sub,
    fin,
    subject_type: kind,
    name: 'Bench Test',
    acr: 'high',
    auth_time: now,
    client_id: 'b',
    jti: sub,
  }
  const token = await new SignJWT({ iss: issuer.issuer, aud: issuer.audience, ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'bench', typ: 'at+jwt' })
    .setIssuedAt(now)
    .setExpirationTime(now + 3600)
    .sign(privateKey)
  return { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
}
