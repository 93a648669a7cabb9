// How the other servers verify tokens: by the same rules as this server. ISSUERS and KEYRING as for the server.
import { createLocalJWKSet, jwtVerify } from 'jose'
import { identities } from '../dist/identity/parties/identity.table.js'
import { keyringFrom } from '../dist/platform/keyring.js'
import { hashesOf } from '../dist/platform/personal.js'

const [{ issuer, audience, jwks }] = JSON.parse(process.env.ISSUERS)
const keys = createLocalJWKSet(jwks)
const keyring = keyringFrom(process.env.KEYRING, 'KEYRING')
const requiredClaims = ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti']

/** The hash of the account that a header `Authorization` names, and when its token ends. */
export async function verified(authorization) {
  const token = authorization.replace(/^Bearer +/, '')
  const { payload } = await jwtVerify(token, keys, { issuer, audience, typ: 'at+jwt', requiredClaims })
  const [subject] = hashesOf(keyring, identities.subjectIndex, JSON.stringify([payload.iss, payload.sub]))
  return { subject, until: payload.exp * 1000 }
}

const known = new Map()
/** The same, verified once until the token ends. */
export async function remembered(authorization) {
  const found = known.get(authorization)
  if (found && found.until > Date.now()) return found
  const caller = await verified(authorization)
  known.set(authorization, caller)
  return caller
}
