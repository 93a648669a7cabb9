import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { type Issuer, issuersFrom } from '../../src/identity/issuer.js'
import { acrOf, claimsOf, personasOf } from '../../src/sandbox/personas.js'
import { Assurance } from '../../src/shared/assurance.table.js'

const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
export const kid = 'of-the-test'
export const signingKey = privateKey
export const verifyingKey = publicKey

const acr = Object.fromEntries(Object.values(Assurance).map((assurance) => [acrOf(assurance), assurance]))
/** As ISSUERS tells of it: one issuer for everybody, whose keys are known without asking. */
export const issuerOfTest = {
  ...{ issuer: 'https://login.example', audience: 'urn:pencere:test', signInAt: 'https://login.example/' },
  jwks: { keys: [{ ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' }] },
  subjects: ['CITIZEN', 'FOREIGNER', 'STATELESS', 'OFFICER', 'OPERATOR', 'AUDITOR'],
  ...{ acr, highestAssurance: 'HIGH' },
}
export const issuersOfTest: Issuer[] = issuersFrom(JSON.stringify([issuerOfTest]))

let tokens = 0
/** A token of a persona, with other claims or another header where a test wants them. */
export async function tokenOf(persona: string, claims: JWTPayload = {}, header: object = {}): Promise<string> {
  const known = personasOf().find(({ name }) => name === persona)
  if (!known) throw new Error(`there is no persona ${persona}`)
  const now = Math.floor(Date.now() / 1000)
  const told = { iss: issuerOfTest.issuer, aud: issuerOfTest.audience, client_id: 'a-test', jti: `${++tokens}` }
  return await new SignJWT({ ...told, iat: now, exp: now + 3600, auth_time: now, ...claimsOf(known), ...claims })
    .setProtectedHeader({ alg: 'ES256', kid, typ: 'at+jwt', ...header })
    .sign(privateKey)
}

export const as = async (persona: string, claims?: JWTPayload) => ({
  authorization: `Bearer ${await tokenOf(persona, claims)}`,
})
