import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { type Issuer, issuersFrom } from '../../src/identity/signIn/issuer.js'
import { acrOf, claimsOf } from '../../src/sandbox/personas.js'
import { Assurance } from '../../src/shared/assurance.table.js'
import { personaOf } from './personas.js'

const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
export const kid = 'test-key'
export const signingKey = privateKey
export const verifyingKey = publicKey

const acr = Object.fromEntries(Object.values(Assurance).map((assurance) => [acrOf(assurance), assurance]))
/** An entry of ISSUERS that may sign in everybody. Its keys are given, so that no test fetches them. */
export const issuerOfTest = {
  issuer: 'https://login.example',
  audience: 'urn:pencere:test',
  signInAt: 'https://login.example/',
  jwks: { keys: [{ ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' }] },
  subjects: ['CITIZEN', 'FOREIGNER', 'STATELESS', 'OFFICER', 'OPERATOR', 'AUDITOR'],
  acr,
  highestAssurance: 'HIGH',
}
export const issuersOfTest: Issuer[] = issuersFrom(JSON.stringify([issuerOfTest]))

let tokens = 0
/** An access token of a persona. `claims` and `header` override its defaults; undefined removes one. */
export async function tokenOf(persona: string, claims: JWTPayload = {}, header: object = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  const issued = { iss: issuerOfTest.issuer, aud: issuerOfTest.audience, client_id: 'a-test', jti: `${++tokens}` }
  const times = { iat: now, exp: now + 3600, auth_time: now }
  return await new SignJWT({ ...issued, ...times, ...claimsOf(personaOf(persona)), ...claims })
    .setProtectedHeader({ alg: 'ES256', kid, typ: 'at+jwt', ...header })
    .sign(privateKey)
}

const bearing = async (token: Promise<string>) => ({ authorization: `Bearer ${await token}` })
const usual = new Map<string, { headers: ReturnType<typeof bearing>; at: number }>()
/** Headers of a request by a persona. Those without claims of their own are signed once a minute. */
export function as(persona: string, claims?: JWTPayload): ReturnType<typeof bearing> {
  if (claims) return bearing(tokenOf(persona, claims))
  const found = usual.get(persona)
  if (found && Math.abs(Date.now() - found.at) < 60_000) return found.headers
  const headers = bearing(tokenOf(persona))
  usual.set(persona, { headers, at: Date.now() })
  return headers
}
