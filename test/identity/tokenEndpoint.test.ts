import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { eq } from 'drizzle-orm'
import { exportSPKI, importJWK } from 'jose'
import { afterAll, describe, expect, it } from 'vitest'
import { configFrom } from '../../src/config.js'
import { clients } from '../../src/identity/client.table.js'
import { oauthPayloads } from '../../src/identity/oauthPayload.table.js'
import { forgetParty } from '../../src/identity/party.js'
import { digestOf } from '../../src/identity/secret.js'
import { connect } from '../../src/shared/database.js'
import { cloneDatabase } from '../support/database.js'
import { asserted, assertionOf, basic, keyOf, programIn } from '../support/programs.js'
import { createServer } from '../support/server.js'

const database = await cloneDatabase()
const { db } = database
const lines: { msg?: string; [more: string]: unknown }[] = []
const config = configFrom({ LOG_LEVEL: 'trace', PUBLIC_URL: 'https://api.example' })
const log = { write: (line: string) => lines.push(JSON.parse(line)) }
const app = await createServer({ config, database, log })
afterAll(() => app.close())
const portOf = async () => {
  if (!app.server.listening) await app.listen({ host: '127.0.0.1', port: 0 })
  return (app.server.address() as AddressInfo).port
}

interface Asking {
  headers?: Record<string, string>
  server?: typeof app
  from?: string
}
const grant = { grant_type: 'client_credentials' }
async function post(form: Record<string, string> | string, { headers = {}, server = app, from }: Asking = {}) {
  const response = await server.inject({
    ...{ method: 'POST', url: '/oauth/token', ...(from && { remoteAddress: from }) },
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    payload: typeof form === 'string' ? form : new URLSearchParams(form).toString(),
  })
  return { status: response.statusCode, headers: response.headers, body: response.json() }
}
type Program = Awaited<ReturnType<typeof programIn>>
const bySecret = ({ id, secret }: Program, form = {}, asking: Asking = {}) =>
  post({ ...grant, client_id: id, client_secret: secret, ...form }, asking)
const byKey = (assertion: string, form = {}, asking: Asking = {}) =>
  post({ ...grant, ...asserted(assertion), ...form }, asking)

const used = async (token: string, asking: { from?: string } = {}) => {
  const response = await app.inject({
    ...{ method: 'POST', url: '/graphql', payload: { query: '{ __typename }' } },
    ...(asking.from && { remoteAddress: asking.from }),
    headers: { authorization: `Bearer ${token}` },
  })
  return [response.statusCode, response.json().errors?.[0].extensions.reason]
}
const given = (scope: string) => ({
  ...{ access_token: expect.stringMatching(/^[\w-]{43}$/), expires_in: 600, token_type: 'Bearer', scope },
})
const refusedProgram = { error: 'invalid_client', error_description: 'client authentication failed' }
const all = 'catalogue:read applications:read'

describe('A program is given a token', () => {
  it('for its secret in the header or in the form, and is believed by it', async () => {
    const { id, secret } = await programIn(database)
    for (const answer of [await bySecret({ id, secret }), await post(grant, { headers: basic(id, secret) })]) {
      expect([answer.status, answer.body]).toEqual([200, given(all)])
      expect(answer.headers).toMatchObject({
        ...{ 'cache-control': 'no-store', 'content-type': 'application/json; charset=utf-8' },
        'x-content-type-options': 'nosniff',
      })
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin')
      expect(await used(answer.body.access_token)).toEqual([200, undefined])
    }
  })

  it.each(['ES256', 'ES384', 'PS256', 'EdDSA'])('for an assertion that it has signed by %s', async (alg) => {
    const { jwk, privateKey } = await keyOf(alg)
    const { id } = await programIn(database, { jwks: { keys: [jwk] } })
    for (const aud of ['https://api.example', 'https://api.example/oauth/token', ['https://api.example']]) {
      const { status, body } = await byKey(await assertionOf(id, privateKey, { aud }, { alg, kid: alg }))
      expect([status, body]).toEqual([200, given(all)])
      expect(await used(body.access_token)).toEqual([200, undefined])
    }
  })

  it('by any of its keys, with or without a key id', async () => {
    const keys = [await keyOf('ES256', 'old'), await keyOf('ES256', 'new'), await keyOf('PS256', 'other')]
    const { id } = await programIn(database, { jwks: { keys: keys.map(({ jwk }) => jwk) } })
    const answers = [
      ...keys.slice(0, 2).map(({ privateKey, jwk }) => assertionOf(id, privateKey, {}, { kid: jwk.kid })),
      assertionOf(id, keys[1]!.privateKey),
    ]
    for (const assertion of answers) expect((await byKey(await assertion)).status).toBe(200)
  })

  it('with the scopes that it asks for, and no wider', async () => {
    const program = await programIn(database)
    expect((await bySecret(program, { scope: 'applications:read' })).body).toEqual(given('applications:read'))
    for (const scope of ['filings:write', `${all} filings:write`, 'nothing', 'openid']) {
      const { status, body } = await bySecret(program, { scope })
      expect([status, body.error]).toEqual([400, 'invalid_scope'])
    }
  })

  it('whose value no table holds', async () => {
    const { body } = await bySecret(await programIn(database))
    const [row] = await db
      .select()
      .from(oauthPayloads)
      .where(eq(oauthPayloads.idHash, digestOf(body.access_token)))
    expect(row).toMatchObject({ model: 'ClientCredentials', payload: { scope: all } })
    const dump = await db.select().from(oauthPayloads)
    expect(JSON.stringify(dump)).not.toContain(body.access_token)
    const left = (row?.expiresAt.getTime() ?? 0) - Date.now()
    expect([left > 590_000, left <= 600_000]).toEqual([true, true])
  })

  it('and when it was last used is known to the minute', async () => {
    const program = await programIn(database)
    const lastUsed = async () => (await db.select().from(clients).where(eq(clients.id, program.id)))[0]?.lastUsedAt
    expect(await lastUsed()).toBe(null)
    await bySecret(program)
    const first = await lastUsed()
    expect(Math.abs(Date.now() - (first?.getTime() ?? 0))).toBeLessThan(5000)
    await bySecret(program)
    expect(await lastUsed()).toEqual(first)
    await db
      .update(clients)
      .set({ lastUsedAt: new Date(Date.now() - 61_000) })
      .where(eq(clients.id, program.id))
    await bySecret(program)
    expect(Date.now() - ((await lastUsed())?.getTime() ?? 0)).toBeLessThan(5000)
  })
})

describe('Two secrets', () => {
  it('are good for as long as the older is kept', async () => {
    const former = 'pcs_the-one-before'
    const kept = { formerSecretHash: digestOf(former), formerSecretUntil: new Date(Date.now() + 60_000) }
    const program = await programIn(database, kept)
    for (const secret of [program.secret, former]) expect((await bySecret({ ...program, secret })).status).toBe(200)
    await db.update(clients).set({ formerSecretUntil: new Date() }).where(eq(clients.id, program.id))
    expect((await bySecret({ ...program, secret: former })).body).toEqual(refusedProgram)
    expect((await bySecret(program)).status).toBe(200)
  })
})

describe('One answer, and a reason in the log, is for a program that', async () => {
  const program = await programIn(database)
  const over = await programIn(database, { expiresAt: new Date(Date.now() - 1000) })
  const revoked = await programIn(database, { revokedAt: new Date(), revokedBy: 'person:test' })
  const bound = await programIn(database, { networks: ['203.0.113.0/24', '2001:db8::/32'] })
  const { jwk, privateKey } = await keyOf('ES256')
  const signing = await programIn(database, { jwks: { keys: [jwk] } })

  it.each<[what: string, ask: () => ReturnType<typeof post>, reason: string]>([
    ['has a wrong secret', () => bySecret({ ...program, secret: 'wrong' }), 'invalid secret provided'],
    ['nobody knows', () => bySecret({ ...program, id: randomUUID() }), 'client not found'],
    ['has no id of ours', () => bySecret({ ...program, id: "1' or '1'='1" }), 'client not found'],
    ['was revoked', () => bySecret(revoked), 'program.revoked'],
    ['has expired', () => bySecret(over), 'program.revoked'],
    ['comes from elsewhere', () => bySecret(bound, {}, { from: '198.51.100.1' }), 'program.wrong_network'],
    ['signs, and sends a secret', () => bySecret({ id: signing.id, secret: 'any' }), 'the provided authentication'],
    ['has a secret, and signs', async () => byKey(await assertionOf(program.id, privateKey)), 'the provided auth'],
    ['shows nothing', () => post({ ...grant, client_id: program.id }), 'the provided authentication mechanism'],
  ])('%s', async (_what, ask, reason) => {
    lines.length = 0
    const { status, body } = await ask()
    expect([status, body]).toEqual([401, refusedProgram])
    const [line] = lines.filter(({ msg }) => msg === 'a program was refused')
    expect(line?.reason).toEqual(expect.stringContaining(reason))
  })

  it('and is bound to networks, within which it is given one', async () => {
    for (const from of ['203.0.113.7', '::ffff:203.0.113.7', '2001:db8:7::1']) {
      const { status, body } = await bySecret(bound, {}, { from })
      expect([status, await used(body.access_token, { from })]).toEqual([200, [200, undefined]])
      expect(await used(body.access_token, { from: '198.51.100.1' })).toEqual([401, 'program.wrong_network'])
    }
  })
})

describe('An assertion is refused', async () => {
  const { jwk, privateKey } = await keyOf('ES256')
  const { id } = await programIn(database, { jwks: { keys: [jwk] } })
  const other = await keyOf('ES256')
  const neighbour = await programIn(database, { jwks: { keys: [other.jwk] } })
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
    ['not valid yet', () => assertionOf(id, privateKey, { nbf: now() + 30 }), 'jwt not active yet'],
    ['of tomorrow', () => assertionOf(id, privateKey, { iat: now() + 30 }), 'assertion.not_yet_valid'],
    ['that lives too long', () => assertionOf(id, privateKey, { exp: now() + 310 }), 'assertion.lives_too_long'],
    [
      'that has lived too long',
      () => assertionOf(id, privateKey, { iat: now() - 300, exp: now() + 60 }),
      'assertion.lives_too_long',
    ],
    ['without an expiry', () => assertionOf(id, privateKey, { exp: undefined }), 'expiration must be specified'],
    ['without a jti', () => assertionOf(id, privateKey, { jti: undefined }), 'unique jti'],
    ['unsigned', () => `${unsigned(usual())}.`, 'alg mismatch'],
    [
      'with our public key for a secret',
      () => assertionOf(id, new TextEncoder().encode(publicPem), {}, { alg: 'HS256' }),
      'alg mismatch',
    ],
    ['of another key', () => assertionOf(id, other.privateKey), 'signature verification failed'],
    ['of a key that it has not', () => assertionOf(id, privateKey, {}, { kid: 'none' }), 'no applicable key'],
    ['of another program', () => assertionOf(id, other.privateKey, { iss: neighbour.id }), 'iss (JWT issuer) must be'],
    ['for another program', () => assertionOf(neighbour.id, privateKey), 'signature verification failed'],
  ])('%s', async (_what, make, reason) => {
    lines.length = 0
    const { status, body } = await byKey(await make())
    expect([status, body]).toEqual([401, refusedProgram])
    const [line] = lines.filter(({ msg }) => msg === 'a program was refused')
    expect(line?.reason).toEqual(expect.stringContaining(reason))
  })

  it('that was meant for a server elsewhere, whatever the header Host says', async () => {
    const aud = 'http://other.example/oauth/token'
    const { status, body } = await byKey(
      await assertionOf(id, privateKey, { aud }),
      {},
      { headers: { host: 'other.example' } },
    )
    expect([status, body]).toEqual([401, refusedProgram])
  })

  it('that comes a second time, through another process too', async () => {
    const second = await createServer({ config, database, log })
    const assertion = await assertionOf(id, privateKey)
    expect((await byKey(assertion)).status).toBe(200)
    for (const server of [app, second]) expect((await byKey(assertion, {}, { server })).body).toEqual(refusedProgram)
    await second.close()
  })

  it('of those that come at once, all but one', async () => {
    const assertion = await assertionOf(id, privateKey)
    const answers = await Promise.all(Array.from({ length: 8 }, () => byKey(assertion)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(401)])
  })

  it('and of two programs each has its own jti', async () => {
    const jti = randomUUID()
    expect((await byKey(await assertionOf(id, privateKey, { jti }))).status).toBe(200)
    expect((await byKey(await assertionOf(neighbour.id, other.privateKey, { jti }))).status).toBe(200)
  })
})

it('A proxy that passes on what is no address is within no network', async () => {
  const server = await createServer({ config: { ...config, trustProxy: ['127.0.0.1'] }, database, log })
  const bound = await programIn(database, { networks: ['203.0.113.0/24'] })
  const through = async (value: string) =>
    (await bySecret(bound, {}, { server, headers: { 'x-forwarded-for': value } })).status
  expect([await through('203.0.113.7'), await through('unknown'), await through('')]).toEqual([200, 401, 401])
  await server.close()
})

describe('A token', () => {
  it('is no more, and none is given, once its organisation is forgotten', async () => {
    const program = await programIn(database)
    const { body } = await bySecret(program)
    const [row] = await db.select().from(clients).where(eq(clients.id, program.id))
    await db.transaction((tx) => forgetParty(tx, row?.partyId ?? '', new Date()))
    expect(await used(body.access_token)).toEqual([401, 'program.revoked'])
    expect((await bySecret(program)).body).toEqual(refusedProgram)
  })

  it('is no more once its program is revoked, or has expired', async () => {
    for (const set of [{ revokedAt: new Date(), revokedBy: 'person:test' }, { expiresAt: new Date() }]) {
      const program = await programIn(database)
      const { body } = await bySecret(program)
      expect(await used(body.access_token)).toEqual([200, undefined])
      await db.update(clients).set(set).where(eq(clients.id, program.id))
      expect(await used(body.access_token)).toEqual([401, 'program.revoked'])
    }
  })

  it('is unknown after its ten minutes, and its row goes with a later one', async () => {
    const program = await programIn(database)
    const { body } = await bySecret(program)
    const row = eq(oauthPayloads.idHash, digestOf(body.access_token))
    await db.update(oauthPayloads).set({ expiresAt: new Date() }).where(row)
    expect(await used(body.access_token)).toEqual([401, 'program.unknown_token'])
    await bySecret(program)
    expect(await db.$count(oauthPayloads, row)).toBe(0)
  })

  it('by its hash alone is none', async () => {
    const { body } = await bySecret(await programIn(database))
    expect(await used(digestOf(body.access_token))).toEqual([401, 'program.unknown_token'])
  })
})

describe('A request that is none', async () => {
  const program = await programIn(database)
  const form = `grant_type=client_credentials&client_id=${program.id}&client_secret=${program.secret}`

  it.each<[what: string, ask: () => ReturnType<typeof post>, status: number, error: string]>([
    ['a body that is huge', () => post(`${form}&x=${'x'.repeat(16_384)}`), 413, 'invalid_request'],
    ['JSON', () => post('{}', { headers: { 'content-type': 'application/json' } }), 415, 'invalid_request'],
    ['text', () => post(form, { headers: { 'content-type': 'text/plain' } }), 415, 'invalid_request'],
    ['another grant', () => bySecret(program, { grant_type: 'password' }), 400, 'unsupported_grant_type'],
    [
      'a grant for persons',
      () => bySecret(program, { grant_type: 'authorization_code' }),
      400,
      'unsupported_grant_type',
    ],
    ['no grant', () => bySecret(program, { grant_type: '' }), 400, 'invalid_request'],
    ['nothing', () => post(''), 400, 'invalid_request'],
    ['a secret twice', () => post(`${form}&client_secret=x`), 400, 'invalid_request'],
    [
      'two ways at once',
      () => bySecret(program, {}, { headers: basic(program.id, program.secret) }),
      400,
      'invalid_request',
    ],
    ['a token as who asks', () => post(grant, { headers: { authorization: 'Bearer x' } }), 400, 'invalid_request'],
    ['half a header', () => post(grant, { headers: { authorization: 'Basic !' } }), 400, 'invalid_request'],
    ['no JWT', () => byKey('x'), 400, 'invalid_request'],
  ])('is told so in OAuth’s own form: %s', async (_what, ask, status, error) => {
    const answer = await ask()
    expect([answer.status, answer.body]).toEqual([status, { error, error_description: expect.any(String) }])
    expect(answer.headers).toMatchObject({
      ...{ 'cache-control': 'no-store', 'content-type': 'application/json; charset=utf-8' },
    })
  })

  it('has two headers Authorization, whichever is right', async () => {
    const port = await portOf()
    const send = (...all: string[]) =>
      new Promise<number | undefined>((settle, fail) => {
        const headers = { 'content-type': 'application/x-www-form-urlencoded', authorization: all }
        // The type of this one header knows no list.
        const options = { port, host: '127.0.0.1', method: 'POST', path: '/oauth/token', headers: headers as never }
        httpRequest(options, (response) => settle(response.resume().statusCode))
          .on('error', fail)
          .end('grant_type=client_credentials')
      })
    const right = basic(program.id, program.secret).authorization
    const answers = [
      await send(right),
      await send(right, right),
      await send(right, 'Basic x'),
      await send('Basic x', right),
    ]
    expect(answers).toEqual([200, 400, 400, 400])
  })

  it.each(['GET', 'PUT', 'DELETE'] as const)('is a %s', async (method) => {
    const response = await app.inject({ method, url: `/oauth/token?${form}`, headers: { accept: 'text/html' } })
    expect([response.statusCode, response.headers.allow, response.json().error]).toEqual([
      405,
      'POST',
      'invalid_request',
    ])
  })

  it('shows no page to a browser, and lets no page of another site read', async () => {
    const headers = { accept: 'text/html', origin: 'https://other.example' }
    const { status, headers: told, body } = await bySecret({ ...program, secret: 'wrong' }, {}, { headers })
    expect([status, body, told['access-control-allow-origin']]).toEqual([401, refusedProgram, undefined])
    const open = await createServer({ config: { ...config, corsOrigins: ['https://portal.example'] }, database, log })
    const allowed = async (origin: string) =>
      (await bySecret(program, {}, { headers: { origin }, server: open })).headers['access-control-allow-origin']
    expect([await allowed('https://portal.example'), await allowed('https://other.example')]).toEqual([
      ...['https://portal.example', undefined],
    ])
    await open.close()
  })

  it('asks for what else the library could do', async () => {
    for (const url of [
      '/auth',
      '/jwks',
      '/me',
      '/reg',
      '/oauth/authorize',
      '/.well-known/openid-configuration',
      '/session/end',
    ])
      expect((await app.inject({ url })).statusCode).toBe(404)
  })
})

it('What the endpoint is, is told where clients look for it, and nothing that is not so', async () => {
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

it('Secrets may be wrong so often from one address; then none of the program is tried from there', async () => {
  const room = { points: 1_000_000, seconds: 60 }
  const rates = { requests: { points: 9, seconds: 60 }, refusedSecrets: { points: 2, seconds: 60 }, commands: room }
  const server = await createServer({ config, database, log, rates })
  const [program, other] = [await programIn(database), await programIn(database)]
  const from = '198.51.100.7'
  const wrong = () => bySecret({ ...program, secret: 'wrong' }, {}, { server, from })
  const right = (of: Program, where = from) => bySecret(of, {}, { server, from: where })
  expect([(await wrong()).status, (await wrong()).status]).toEqual([401, 401])
  for (const { status, body, headers } of [await wrong(), await right(program)]) {
    expect([status, body.error, Number(headers['retry-after']) > 50]).toEqual([429, 'temporarily_unavailable', true])
  }
  for (const answer of [right(other), right(program, '198.51.100.8')]) expect((await answer).status).toBe(200)
  const statuses = []
  for (let i = 0; i < 5; i++) statuses.push((await right(other)).status)
  expect(statuses).toEqual([200, 200, 200, 200, 429])
  const { body, headers } = await right(other)
  expect([body.error, Number(headers['retry-after']) > 50]).toEqual(['temporarily_unavailable', true])
  await server.close()
})

it('Nothing of a secret, an assertion or a token stands in the log', async () => {
  const { jwk, privateKey } = await keyOf('ES256')
  const [program, signing] = [await programIn(database), await programIn(database, { jwks: { keys: [jwk] } })]
  lines.length = 0
  const assertion = await assertionOf(signing.id, privateKey)
  const { body } = await bySecret(program)
  await post(grant, { headers: basic(program.id, `${program.secret}-wrong`) })
  await byKey(assertion)
  await byKey(assertion)
  await used(body.access_token)
  await bySecret(program, { scope: program.secret })
  const told = JSON.stringify(lines)
  expect(lines.length).toBeGreaterThan(5)
  for (const secret of [program.secret, body.access_token, assertion, basic(program.id, program.secret).authorization])
    expect(told).not.toContain(secret)
})

it('A database that does not answer is told as such, and logged', async () => {
  const program = await programIn(database)
  await bySecret(program)
  const gone = connect('postgres://nobody@127.0.0.1:1/none', { max: 1 })
  const server = await createServer({ config, database: { ...database, client: gone }, log })
  lines.length = 0
  const { status, body } = await bySecret(program, {}, { server })
  expect([status, body.error]).toEqual([503, 'temporarily_unavailable'])
  expect(lines.some(({ msg }) => msg === 'a token was not given')).toBe(true)
  await server.close()
  await gone.end()
})

it('What docs/programs.md shows is what a program sends: by curl, and by a few lines of JavaScript', async () => {
  const [port, run] = [await portOf(), promisify(execFile)]
  const shown = readFileSync('docs/programs.md', 'utf8')
  const block = (language: string, word: string) =>
    [...shown.matchAll(/```(\w+)\n(.*?)```/gs)].find(([, of, text]) => of === language && text?.includes(word))?.[2] ??
    ''
  mkdirSync('node_modules/.cache', { recursive: true })
  const folder = mkdtempSync('node_modules/.cache/programs-') // where jose is found
  const options = { cwd: folder, env: { PATH: process.env.PATH } }
  const told = await run('sh', ['-c', block('sh', 'generateKeyPair').replace('npm install jose', '')], options)
  const { keys } = JSON.parse(told.stdout)
  expect(statSync(`${folder}/private.json`).mode & 0o777).toBe(0o600)
  const [signing, program] = [await programIn(database, { jwks: { keys } }), await programIn(database)]

  writeFileSync(
    `${folder}/token.mjs`,
    block('js', 'SignJWT').replaceAll('metadata.token_endpoint', "API + '/oauth/token'"),
  )
  const env = { ...options.env, API: `http://127.0.0.1:${port}`, CLIENT_ID: signing.id, KEY_FILE: 'private.json' }
  const bySignature = await run('node', ['token.mjs'], { ...options, env })
  expect(bySignature.stdout).toMatch(/access_token: '[\w-]{43}'/)

  const curl = block('sh', 'curl').replace('https://api.example', `http://127.0.0.1:${port}`)
  const secrets = { ...options.env, CLIENT_ID: program.id, CLIENT_SECRET: program.secret }
  const bySecret = await run('sh', ['-c', curl], { ...options, env: secrets })
  expect(JSON.parse(bySecret.stdout)).toEqual(given(all))
  rmSync(folder, { recursive: true })
})

it('A form that is sent in pieces, or whose sender goes away, holds nobody up', async () => {
  const [port, program] = [await portOf(), await programIn(database)]
  const form = `grant_type=client_credentials&client_id=${program.id}&client_secret=${program.secret}`
  const ask = (body: string[], leave = false) =>
    new Promise<number | undefined>((settle) => {
      const headers = { 'content-type': 'application/x-www-form-urlencoded', connection: 'close' }
      const request = httpRequest(
        { port, host: '127.0.0.1', method: 'POST', path: '/oauth/token', headers },
        (response) => {
          response.resume().on('end', () => settle(response.statusCode))
        },
      )
      request.on('error', () => settle(undefined))
      for (const piece of body) request.write(piece)
      if (leave) request.destroy()
      else request.end()
    })
  expect(await ask(['x='.padEnd(10_000, 'x'), 'x'.repeat(10_000)])).toBe(413)
  for (let i = 0; i < 5; i++) await ask([form.slice(0, 30)], true)
  expect(await ask([form.slice(0, 30), form.slice(30)])).toBe(200)
})
