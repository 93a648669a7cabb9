import { randomUUID } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { eq } from 'drizzle-orm'
import { exportSPKI, importJWK } from 'jose'
import { afterAll, describe, expect, it } from 'vitest'
import { configFrom } from '../../src/config.js'
import { forgetParty } from '../../src/identity/parties/party.js'
import { oauthPayloads } from '../../src/identity/programs/oauthPayload.table.js'
import { programs } from '../../src/identity/programs/program.table.js'
import { digestOf } from '../../src/identity/programs/secret.js'
import { connect } from '../../src/platform/database.js'
import { rates as usual } from '../../src/platform/rates.js'
import { cloneDatabase, silentDatabase } from '../support/database.js'
import { long } from '../support/long.js'
import { asserted, assertionOf, basic, makeKey, programIn } from '../support/programs.js'
import { createServer } from '../support/server.js'

const database = await cloneDatabase()
const { db } = database
const lines: { msg?: string; [more: string]: unknown }[] = []
const config = configFrom({ LOG_LEVEL: 'trace', PUBLIC_URL: 'https://api.example' })
const log = { write: (line: string) => lines.push(JSON.parse(line)) }
const app = await createServer({ config, database, log })
await app.listen({ host: '127.0.0.1', port: 0 })
const { port } = app.server.address() as AddressInfo
/** Another process, behind a proxy, which a portal of another origin may call. */
const otherConfig = { ...config, corsOrigins: ['https://portal.example'], trustProxy: ['127.0.0.1'] }
const other = await createServer({ config: otherConfig, database, log })
afterAll(async () => {
  await other.close()
  await app.close()
})

interface Asking {
  headers?: Record<string, string>
  server?: typeof app
  from?: string
}
const grant = { grant_type: 'client_credentials' }
async function post(form: Record<string, string> | string, { headers = {}, server = app, from }: Asking = {}) {
  const response = await server.inject({
    method: 'POST',
    url: '/oauth/token',
    ...(from && { remoteAddress: from }),
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    payload: typeof form === 'string' ? form : new URLSearchParams(form).toString(),
  })
  return { status: response.statusCode, headers: response.headers, body: response.json() }
}
type Program = Awaited<ReturnType<typeof programIn>>
const bySecret = ({ id, secret }: Program, form = {}, asking: Asking = {}) =>
  post({ ...grant, client_id: id, client_secret: secret, ...form }, asking)
const byKey = (assertion: string, asking: Asking = {}) => post({ ...grant, ...asserted(assertion) }, asking)
const sendForm = (headers: Record<string, string | string[]>, settle: (status: number | undefined) => void) =>
  httpRequest(
    {
      port,
      host: '127.0.0.1',
      method: 'POST',
      path: '/oauth/token',
      headers: { 'content-type': 'application/x-www-form-urlencoded', connection: 'close', ...headers },
    },
    (response) => response.resume().on('end', () => settle(response.statusCode)),
  )

const used = async (token: string, { from, query = '{ __typename }' }: { from?: string; query?: string } = {}) => {
  const response = await app.inject({
    method: 'POST',
    url: '/graphql',
    payload: { query },
    ...(from && { remoteAddress: from }),
    headers: { authorization: `Bearer ${token}` },
  })
  const { data, errors } = response.json()
  return { status: response.statusCode, reason: errors?.[0].extensions.reason, data }
}
const refusedFor = (reason: string) => ({ status: 401, reason })
const given = (scope: string) => ({
  access_token: expect.stringMatching(/^[\w-]{43}$/),
  expires_in: 600,
  token_type: 'Bearer',
  scope,
})
const all = 'catalogue:read applications:read'
const refusedProgram = { error: 'invalid_client', error_description: 'client authentication failed' }
/** One answer to whoever is not believed; the log alone says why. */
async function expectRefused(answer: ReturnType<typeof post>, reason: string) {
  lines.length = 0
  const { status, body } = await answer
  expect([status, body]).toEqual([401, refusedProgram])
  const [line] = lines.filter(({ msg }) => msg === 'a program was refused')
  expect(line?.reason).toEqual(expect.stringContaining(reason))
}

describe('POST /oauth/token', () => {
  it('gives a token for a secret in the header or in the form', async () => {
    const { id, secret } = await programIn(database)
    for (const answer of [await bySecret({ id, secret }), await post(grant, { headers: basic(id, secret) })]) {
      expect([answer.status, answer.body]).toEqual([200, given(all)])
      expect(answer.headers).toMatchObject({
        'cache-control': 'no-store',
        'content-type': 'application/json; charset=utf-8',
        'x-content-type-options': 'nosniff',
      })
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin')
      expect(await used(answer.body.access_token)).toMatchObject({ status: 200 })
    }
  })

  it.each(long ? ['ES256', 'ES384', 'PS256', 'EdDSA'] : ['ES256', 'PS256'])(
    'gives a token for an assertion signed by %s',
    async (alg) => {
      const { jwk, privateKey } = await makeKey(alg)
      const { id } = await programIn(database, { jwks: { keys: [jwk] } })
      const { status, body } = await byKey(await assertionOf(id, privateKey, {}, { alg, kid: alg }))
      expect([status, body]).toEqual([200, given(all)])
      expect(await used(body.access_token)).toMatchObject({ status: 200 })
    },
  )

  it('accepts assertions for the API or for its token endpoint', async () => {
    const { jwk, privateKey } = await makeKey('ES256')
    const { id } = await programIn(database, { jwks: { keys: [jwk] } })
    for (const aud of ['https://api.example/oauth/token', ['https://api.example']])
      expect((await byKey(await assertionOf(id, privateKey, { aud }))).status).toBe(200)
  })

  it('accepts assertions by any key of the program, with or without a kid', async () => {
    const [former, current, third] = [
      await makeKey('ES256', 'former'),
      await makeKey('ES256', 'current'),
      await makeKey('ES384', 'third'),
    ]
    const { id } = await programIn(database, { jwks: { keys: [former.jwk, current.jwk, third.jwk] } })
    const assertions = [
      assertionOf(id, former.privateKey, {}, { kid: 'former' }),
      assertionOf(id, current.privateKey, {}, { kid: 'current' }),
      assertionOf(id, current.privateKey),
    ]
    for (const assertion of assertions) expect((await byKey(await assertion)).status).toBe(200)
  })

  it('gives a token with the requested scopes, which has no other scope of its program', async () => {
    const { status, body } = await bySecret(await programIn(database), { scope: 'applications:read' })
    expect([status, body]).toEqual([200, given('applications:read')])
    const { data } = await used(body.access_token, { query: '{ viewer { program { scopes } } }' })
    expect(data.viewer.program.scopes).toEqual(['APPLICATIONS_READ'])
  })

  it('refuses scopes that the program does not have', async () => {
    const program = await programIn(database)
    for (const scope of ['filings:write', `${all} filings:write`, 'nothing', 'openid']) {
      const { status, body } = await bySecret(program, { scope })
      expect([status, body.error]).toEqual([400, 'invalid_scope'])
    }
  })

  it('stores the hash of a token, for ten minutes', async () => {
    const { body } = await bySecret(await programIn(database))
    const rows = await db.select().from(oauthPayloads)
    expect(JSON.stringify(rows)).not.toContain(body.access_token)
    const row = rows.find(({ idHash }) => idHash === digestOf(body.access_token))
    expect(row).toMatchObject({ model: 'ClientCredentials', payload: { scope: all } })
    const left = (row?.expiresAt.getTime() ?? 0) - Date.now()
    expect([left > 590_000, left <= 600_000]).toEqual([true, true])
  })

  it('updates `lastUsedAt` of the program once a minute', async () => {
    const program = await programIn(database)
    const isIt = eq(programs.id, program.id)
    const lastUsed = async () => (await db.select().from(programs).where(isIt))[0]?.lastUsedAt
    await bySecret(program)
    const first = await lastUsed()
    expect(Math.abs(Date.now() - (first?.getTime() ?? 0))).toBeLessThan(5000)
    await bySecret(program)
    expect(await lastUsed()).toEqual(first)
    await db
      .update(programs)
      .set({ lastUsedAt: new Date(Date.now() - 61_000) })
      .where(isIt)
    await bySecret(program)
    expect(Date.now() - ((await lastUsed())?.getTime() ?? 0)).toBeLessThan(5000)
  })

  it('gives a program that is bound to networks a token that works within them alone', async () => {
    const bound = await programIn(database, { networks: ['203.0.113.0/24', '2001:db8::/32'] })
    for (const from of ['203.0.113.7', '::ffff:203.0.113.7', '2001:db8:7::1']) {
      const { status, body } = await bySecret(bound, {}, { from })
      expect([status, (await used(body.access_token, { from })).status]).toEqual([200, 200])
      expect(await used(body.access_token, { from: '198.51.100.1' })).toMatchObject(refusedFor('program.wrong_network'))
    }
    await expectRefused(bySecret(bound, {}, { from: '198.51.100.1' }), 'program.wrong_network')
  })

  it('finds no network for an address from a proxy that is none', async () => {
    const bound = await programIn(database, { networks: ['203.0.113.0/24'] })
    const through = async (address: string) =>
      (await bySecret(bound, {}, { server: other, headers: { 'x-forwarded-for': address } })).status
    expect([await through('203.0.113.7'), await through('unknown'), await through('')]).toEqual([200, 401, 401])
  })

  it('counts wrong secrets of a program by address, and then tries none of it from there', async () => {
    const room = { points: 1_000_000, seconds: 60 }
    const rates = {
      ...usual,
      requests: { points: 9, seconds: 60 },
      refusedSecrets: { points: 2, seconds: 60 },
      commands: room,
    }
    const server = await createServer({ config, database, log, rates })
    const [program, neighbour] = [await programIn(database), await programIn(database)]
    const from = '198.51.100.7'
    const wrong = () => bySecret({ ...program, secret: 'wrong' }, {}, { server, from })
    const right = (of: Program, where = from) => bySecret(of, {}, { server, from: where })
    expect([(await wrong()).status, (await wrong()).status]).toEqual([401, 401])
    for (const { status, body, headers } of [await wrong(), await right(program)])
      expect([status, body.error, Number(headers['retry-after']) > 50]).toEqual([429, 'temporarily_unavailable', true])
    for (const answer of [right(neighbour), right(program, '198.51.100.8')]) expect((await answer).status).toBe(200)
    // The limit of all requests from one address.
    const statuses = []
    for (let i = 0; i < 5; i++) statuses.push((await right(neighbour)).status)
    expect(statuses).toEqual([200, 200, 200, 200, 429])
    const { body, headers } = await right(neighbour)
    expect([body.error, Number(headers['retry-after']) > 50]).toEqual(['temporarily_unavailable', true])
    await server.close()
  })

  it('logs nothing of a secret, an assertion or a token', async () => {
    const { jwk, privateKey } = await makeKey('ES256')
    const [program, signing] = [await programIn(database), await programIn(database, { jwks: { keys: [jwk] } })]
    lines.length = 0
    const assertion = await assertionOf(signing.id, privateKey)
    const { body } = await bySecret(program)
    await post(grant, { headers: basic(program.id, `${program.secret}-wrong`) })
    await byKey(assertion)
    await byKey(assertion)
    await used(body.access_token)
    await bySecret(program, { scope: program.secret })
    expect(lines.length).toBeGreaterThan(5)
    const { authorization } = basic(program.id, program.secret)
    for (const secret of [program.secret, body.access_token, assertion, authorization])
      expect(JSON.stringify(lines)).not.toContain(secret)
  })

  it('answers 503 while the database does not answer, and logs it', async () => {
    const program = await programIn(database)
    const gone = connect('postgres://nobody@127.0.0.1:1/none', { max: 1 })
    const server = await createServer({ config, database: { ...database, client: gone }, log })
    lines.length = 0
    const { status, body } = await bySecret(program, {}, { server })
    expect([status, body.error]).toEqual([503, 'temporarily_unavailable'])
    expect(lines.some(({ msg }) => msg === 'could not issue a token')).toBe(true)
    await server.close()
    await gone.end()
  })

  it('answers 503 in time if the database hangs', async () => {
    const program = await programIn(database)
    const impatient = { ...config, requestTimeout: 100 }
    const server = await createServer({
      config: impatient,
      database: { ...database, ...(await silentDatabase()) },
      log,
    })
    const { status, body } = await bySecret(program, {}, { server })
    expect([status, body.error]).toEqual([503, 'temporarily_unavailable'])
    await server.close()
  })

  it('accepts a form in pieces, also after senders that went away in the middle of theirs', async () => {
    const program = await programIn(database)
    const form = `grant_type=client_credentials&client_id=${program.id}&client_secret=${program.secret}`
    const ask = (body: string[], leave = false) =>
      new Promise<number | undefined>((settle) => {
        const request = sendForm({}, settle).on('error', () => settle(undefined))
        for (const piece of body) request.write(piece)
        if (leave) request.destroy()
        else request.end()
      })
    expect(await ask(['x='.padEnd(10_000, 'x'), 'x'.repeat(10_000)])).toBe(413)
    for (let i = 0; i < 5; i++) await ask([form.slice(0, 30)], true)
    expect(await ask([form.slice(0, 30), form.slice(30)])).toBe(200)
  })
})

describe('POST /oauth/token', async () => {
  const program = await programIn(database)
  const expired = await programIn(database, { expiresAt: new Date(Date.now() - 1000) })
  const revoked = await programIn(database, { revokedAt: new Date(), revokedBy: 'person:test' })
  const { jwk, privateKey } = await makeKey('ES256')
  const signing = await programIn(database, { jwks: { keys: [jwk] } })

  it.each<[what: string, ask: () => ReturnType<typeof post>, reason: string]>([
    ['a wrong secret', () => bySecret({ ...program, secret: 'wrong' }), 'invalid secret provided'],
    ['an unknown program', () => bySecret({ ...program, id: randomUUID() }), 'client not found'],
    ['an id that is no UUID', () => bySecret({ ...program, id: "1' or '1'='1" }), 'client not found'],
    ['a revoked program', () => bySecret(revoked), 'program.revoked'],
    ['an expired program', () => bySecret(expired), 'program.revoked'],
    ['a secret of a program with keys', () => bySecret({ id: signing.id, secret: 'any' }), 'the provided auth'],
    [
      'an assertion of a program with a secret',
      async () => byKey(await assertionOf(program.id, privateKey)),
      'the provided authentication',
    ],
    ['neither a secret nor an assertion', () => post({ ...grant, client_id: program.id }), 'the provided auth'],
  ])('refuses %s with one answer, and logs why', (_what, ask, reason) => expectRefused(ask(), reason))
})

describe('POST /oauth/token', async () => {
  const { jwk, privateKey } = await makeKey('ES256')
  const { id } = await programIn(database, { jwks: { keys: [jwk] } })
  const theirs = await makeKey('ES256')
  const neighbour = await programIn(database, { jwks: { keys: [theirs.jwk] } })
  const publicPem = await exportSPKI((await importJWK(jwk, 'ES256')) as CryptoKey)
  const now = () => Math.floor(Date.now() / 1000)
  const unsigned = (claims: object) =>
    [{ alg: 'none' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  const usual = () => ({ iss: id, sub: id, aud: 'https://api.example', jti: randomUUID(), exp: now() + 60 })

  it.each<[what: string, make: () => Promise<string> | string, reason: string]>([
    ['for another audience', () => assertionOf(id, privateKey, { aud: 'https://other.example' }), 'audience'],
    [
      'for another audience beside ours',
      () => assertionOf(id, privateKey, { aud: ['https://api.example', 'https://other.example'] }),
      'assertion.wrong_audience',
    ],
    ['that has expired', () => assertionOf(id, privateKey, { iat: now() - 90, exp: now() - 30 }), 'jwt expired'],
    ['that is not valid yet', () => assertionOf(id, privateKey, { nbf: now() + 30 }), 'jwt not active yet'],
    ['issued in the future', () => assertionOf(id, privateKey, { iat: now() + 30 }), 'assertion.not_yet_valid'],
    ['that expires too late', () => assertionOf(id, privateKey, { exp: now() + 310 }), 'assertion.lives_too_long'],
    [
      'issued too long before it expires',
      () => assertionOf(id, privateKey, { iat: now() - 300, exp: now() + 60 }),
      'assertion.lives_too_long',
    ],
    ['without exp', () => assertionOf(id, privateKey, { exp: undefined }), 'expiration must be specified'],
    ['without jti', () => assertionOf(id, privateKey, { jti: undefined }), 'unique jti'],
    ['without a signature', () => `${unsigned(usual())}.`, 'alg mismatch'],
    [
      'signed with the public key as a shared secret',
      () => assertionOf(id, new TextEncoder().encode(publicPem), {}, { alg: 'HS256' }),
      'alg mismatch',
    ],
    ['signed by an unknown key', () => assertionOf(id, theirs.privateKey), 'signature verification failed'],
    ['with an unknown kid', () => assertionOf(id, privateKey, {}, { kid: 'none' }), 'no applicable key'],
    [
      'that another program issued',
      () => assertionOf(id, theirs.privateKey, { iss: neighbour.id }),
      'iss (JWT issuer) must be',
    ],
    ['in the name of another program', () => assertionOf(neighbour.id, privateKey), 'signature verification failed'],
  ])('refuses an assertion %s', async (_what, make, reason) => expectRefused(byKey(await make()), reason))

  it('refuses an assertion for another server, whatever the header Host says', async () => {
    const assertion = await assertionOf(id, privateKey, { aud: 'http://other.example/oauth/token' })
    expect((await byKey(assertion, { headers: { host: 'other.example' } })).body).toEqual(refusedProgram)
  })

  it('refuses an assertion that was used before, also at another process', async () => {
    const assertion = await assertionOf(id, privateKey)
    expect((await byKey(assertion)).status).toBe(200)
    for (const server of [app, other]) expect((await byKey(assertion, { server })).body).toEqual(refusedProgram)
  })

  it('accepts one of several requests at once with the same assertion', async () => {
    const assertion = await assertionOf(id, privateKey)
    const answers = await Promise.all(Array.from({ length: 4 }, () => byKey(assertion)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401])
  })

  it('accepts the same jti from two programs', async () => {
    const jti = randomUUID()
    expect((await byKey(await assertionOf(id, privateKey, { jti }))).status).toBe(200)
    expect((await byKey(await assertionOf(neighbour.id, theirs.privateKey, { jti }))).status).toBe(200)
  })
})

describe('POST /oauth/token', async () => {
  const program = await programIn(database)
  const form = `grant_type=client_credentials&client_id=${program.id}&client_secret=${program.secret}`
  const oauthError = (error: string) => ({ error, error_description: expect.any(String) })

  it.each<[what: string, ask: () => ReturnType<typeof post>, status: number, error: string]>([
    ['a body that is too long', () => post(`${form}&x=${'x'.repeat(16_384)}`), 413, 'invalid_request'],
    ['JSON', () => post('{}', { headers: { 'content-type': 'application/json' } }), 415, 'invalid_request'],
    ['text', () => post(form, { headers: { 'content-type': 'text/plain' } }), 415, 'invalid_request'],
    ['an unknown grant', () => bySecret(program, { grant_type: 'password' }), 400, 'unsupported_grant_type'],
    [
      'a grant for persons',
      () => bySecret(program, { grant_type: 'authorization_code' }),
      400,
      'unsupported_grant_type',
    ],
    ['no grant', () => bySecret(program, { grant_type: '' }), 400, 'invalid_request'],
    ['an empty body', () => post(''), 400, 'invalid_request'],
    ['a repeated secret', () => post(`${form}&client_secret=x`), 400, 'invalid_request'],
    [
      'a secret in the form and in the header',
      () => bySecret(program, {}, { headers: basic(program.id, program.secret) }),
      400,
      'invalid_request',
    ],
    ['a token in the header', () => post(grant, { headers: { authorization: 'Bearer x' } }), 400, 'invalid_request'],
    ['an incomplete header', () => post(grant, { headers: { authorization: 'Basic !' } }), 400, 'invalid_request'],
    ['an assertion that is no JWT', () => byKey('x'), 400, 'invalid_request'],
  ])('answers %s with an error of OAuth', async (_what, ask, status, error) => {
    const answer = await ask()
    expect([answer.status, answer.body]).toEqual([status, oauthError(error)])
    expect(answer.headers).toMatchObject({
      'cache-control': 'no-store',
      'content-type': 'application/json; charset=utf-8',
    })
  })

  it('refuses two headers Authorization, whichever of them is right', async () => {
    const send = (...authorization: string[]) =>
      new Promise<number | undefined>((settle, fail) =>
        sendForm({ authorization }, settle).on('error', fail).end('grant_type=client_credentials'),
      )
    const right = basic(program.id, program.secret).authorization
    const sent = [[right], [right, right], [right, 'Basic x'], ['Basic x', right]]
    expect(await Promise.all(sent.map((headers) => send(...headers)))).toEqual([200, 400, 400, 400])
  })

  it.each(['GET', 'PUT', 'DELETE'] as const)('does not serve the method %s', async (method) => {
    const response = await app.inject({ method, url: `/oauth/token?${form}`, headers: { accept: 'text/html' } })
    expect([response.statusCode, response.headers.allow]).toEqual([405, 'POST'])
    expect(response.json()).toEqual(oauthError('invalid_request'))
  })

  it('sends no page to a browser, and lets only the configured origins read its answers', async () => {
    const headers = { accept: 'text/html', origin: 'https://other.example' }
    const refused = await bySecret({ ...program, secret: 'wrong' }, {}, { headers })
    expect([refused.status, refused.body]).toEqual([401, refusedProgram])
    expect(refused.headers).not.toHaveProperty('access-control-allow-origin')
    const allowed = async (origin: string) =>
      (await bySecret(program, {}, { headers: { origin }, server: other })).headers['access-control-allow-origin']
    expect([await allowed('https://portal.example'), await allowed('https://other.example')]).toEqual([
      'https://portal.example',
      undefined,
    ])
  })
})

describe('A token of a program', () => {
  it('is refused, and no other is given, once its organisation was forgotten', async () => {
    const program = await programIn(database)
    const { body } = await bySecret(program)
    const [row] = await db.select().from(programs).where(eq(programs.id, program.id))
    await db.transaction((tx) => forgetParty(tx, row?.partyId ?? '', new Date()))
    expect(await used(body.access_token)).toMatchObject(refusedFor('program.revoked'))
    expect((await bySecret(program)).body).toEqual(refusedProgram)
  })

  it('is unknown once it has expired, and deleted when a later one is given', async () => {
    const program = await programIn(database)
    const { body } = await bySecret(program)
    const row = eq(oauthPayloads.idHash, digestOf(body.access_token))
    await db.update(oauthPayloads).set({ expiresAt: new Date() }).where(row)
    expect(await used(body.access_token)).toMatchObject(refusedFor('program.unknown_token'))
    await bySecret(program)
    expect(await db.$count(oauthPayloads, row)).toBe(0)
  })

  it('is not its hash', async () => {
    const { body } = await bySecret(await programIn(database))
    expect(await used(digestOf(body.access_token))).toMatchObject(refusedFor('program.unknown_token'))
  })
})

describe('The OAuth server', () => {
  it('serves metadata that say what it does', async () => {
    const response = await app.inject({ url: '/.well-known/oauth-authorization-server' })
    expect(response.json()).toEqual({
      issuer: 'https://api.example',
      token_endpoint: 'https://api.example/oauth/token',
      grant_types_supported: ['client_credentials'],
      scopes_supported: expect.arrayContaining(['catalogue:read', 'filings:write']),
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
      token_endpoint_auth_signing_alg_values_supported: expect.not.arrayContaining(['HS256', 'none', 'RS256']),
    })
  })

  it.each(['/auth', '/jwks', '/me', '/reg', '/oauth/authorize', '/.well-known/openid-configuration', '/session/end'])(
    'does not serve %s',
    async (url) => {
      expect((await app.inject({ url })).statusCode).toBe(404)
    },
  )
})
