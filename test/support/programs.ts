import { randomBytes, randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { exportJWK, generateKeyPair, type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose'
import { v7 } from 'uuid'
import { agencies } from '../../src/agencies/agency.table.js'
import { makeParty } from '../../src/identity/parties/party.js'
import { PartyKind } from '../../src/identity/parties/party.table.js'
import { oauthPayloads } from '../../src/identity/programs/oauthPayload.table.js'
import { programs } from '../../src/identity/programs/program.table.js'
import { digestOf } from '../../src/identity/programs/secret.js'
import type { Database } from '../../src/platform/database.js'
import type { ProgramScope } from '../../src/shared/context.js'
import { keyringOfFile } from './server.js'

type Row = typeof programs.$inferInsert
/** Inserts a program, of a new organisation unless one is named. */
export async function programIn({ db }: Database, more: Partial<Row> = {}): Promise<{ id: string; secret: string }> {
  const [id, secret, createdAt] = [v7(), `pcs_${randomBytes(32).toString('base64url')}`, new Date()]
  await db.transaction(async (tx) => {
    const partyId = more.agencyId
      ? null
      : (more.partyId ?? (await makeParty(tx, keyringOfFile, PartyKind.LEGAL_ENTITY, createdAt)).party)
    const secretHash = more.jwks ? null : digestOf(secret)
    const scopes = ['catalogue:read', 'applications:read']
    const expiresAt = new Date(Date.now() + 86_400_000)
    const row = {
      id,
      partyId,
      name: 'A program',
      scopes,
      secretHash,
      registeredBy: 'person:test',
      createdAt,
      expiresAt,
    }
    await tx.insert(programs).values({ ...row, ...more })
  })
  return { id, secret }
}

/** Headers of a request by a program, of a new organisation unless one or an agency is named. */
export async function asProgram(
  database: Database,
  { party, agency, scopes = ['catalogue:read'] }: { party?: string; agency?: string; scopes?: ProgramScope[] } = {},
): Promise<{ authorization: string }> {
  const [owner] = agency ? await database.db.select().from(agencies).where(eq(agencies.code, agency)) : []
  const expiresAt = new Date('2100-01-01T00:00:00Z')
  const { id } = await programIn(database, {
    scopes,
    expiresAt,
    ...(party && { partyId: party }),
    ...(owner && { agencyId: owner.id }),
  })
  const token = `token-of-${id}`
  const payload = { clientId: id, scope: scopes.join(' ') }
  await database.db
    .insert(oauthPayloads)
    .values({ model: 'ClientCredentials', idHash: digestOf(token), payload, expiresAt })
  return { authorization: `Bearer ${token}` }
}

// A key pair of RSA takes long to make, so each worker makes one.
const rsa = new Map<string, ReturnType<typeof generateKeyPair>>()
function keyPairOf(alg: string) {
  if (!alg.startsWith('PS')) return generateKeyPair(alg, { extractable: true })
  const pair = rsa.get(alg) ?? generateKeyPair(alg, { extractable: true })
  rsa.set(alg, pair)
  return pair
}
export async function makeKey(alg: string, kid = alg) {
  const { publicKey, privateKey } = await keyPairOf(alg)
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid } }
}

type Key = Parameters<SignJWT['sign']>[0]
/** An assertion that authenticates a program. `claims` and `header` override its defaults. */
export const assertionOf = (
  client: string,
  key: Key,
  claims: JWTPayload = {},
  header: Partial<JWTHeaderParameters> = {},
): Promise<string> => {
  const now = Math.floor(Date.now() / 1000)
  const usual = { iss: client, sub: client, aud: 'https://api.example', jti: randomUUID(), iat: now, exp: now + 60 }
  return new SignJWT({ ...usual, ...claims }).setProtectedHeader({ alg: 'ES256', ...header }).sign(key)
}

export const asserted = (assertion: string) => ({
  client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  client_assertion: assertion,
})
export const basic = (id: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
})
