import { execFile, spawnSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { tokenReader } from '../../src/identity/accessToken.js'
import { sandboxIssuer } from '../../src/sandbox/issuer.js'
import { loginKeyOf } from '../../src/sandbox/loginKey.js'
import { personasOf } from '../../src/sandbox/personas.js'
import { personaToken } from '../../src/sandbox/personaToken.js'
import { openLogin } from '../support/login.js'
import { frontendOf } from '../support/signIn.js'

const { config, address, errors } = await openLogin()
const personas = personasOf()

beforeEach(() => {
  vi.spyOn(console, 'warn')
  vi.spyOn(console, 'info')
})
afterEach(() => {
  expect([console.warn, console.info].flatMap((said) => vi.mocked(said).mock.calls)).toEqual([])
  expect(errors).toEqual([])
  vi.restoreAllMocks()
})

test('somebody who signs in gets an access token that the API believes, of an hour at most', async () => {
  const { access_token: token, expires_in: seconds } = await frontendOf(address).signIn('foreigner')
  expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'ES256', typ: 'at+jwt', kid: loginKeyOf(config).kid })
  expect(seconds).toBe(3600)
  const signIn = await tokenReader([sandboxIssuer(config)])(token)
  expect(signIn).toMatchObject({
    ...{ subject: 'foreigner', kind: 'FOREIGNER', assurance: 'LOW' },
    identifiers: [{ type: 'DOCUMENT', value: 'UTO:TEST0004' }],
    ...{ name: 'Foreigner Test', birthDate: '1980-04-04', signedInAt: expect.any(Date) },
  })
})

test.each(personas)('a token of $name that was made without signing in says the same', async (persona) => {
  const { access_token: token } = await frontendOf(address).signIn(persona.name)
  const made = decodeJwt(await personaToken(config, persona))
  const times = { iat: expect.any(Number), exp: expect.any(Number), auth_time: expect.any(Number) }
  expect(decodeJwt(token)).toEqual({ ...made, ...times, jti: expect.any(String) })
})

test('a frontend reads who that is from the ID token', async () => {
  const { id_token: token } = await frontendOf(address).signIn('minor')
  const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL('/jwks', address)), {
    ...{ issuer: address, audience: 'sandbox' },
  })
  expect(payload).toMatchObject({ sub: 'minor', name: 'Yetkinlik Yaşına Çatmayan Sınaq', fin: 'TEST003' })
})

test('who signs in is asked each time', async () => {
  const frontend = frontendOf(address)
  await frontend.signIn('citizen')
  expect(decodeJwt((await frontend.signIn('officer')).access_token).sub).toBe('officer')
  const { to } = await frontend.begin({ prompt: 'none' })
  expect(new URL(to).searchParams.get('error')).toBe('login_required')
})

test('who does not want to is sent back without a code', async () => {
  const back = await frontendOf(address).choose({ cancel: 'yes' })
  expect(Object.fromEntries(back.searchParams)).toMatchObject({
    error: 'access_denied',
    state: 'a-state',
    iss: address,
  })
})

test.each(['http://localhost:3000/cb', 'http://127.0.0.1:5173/', 'http://[::1]:8080/a/b?c=d'])(
  'a frontend at %s is sent back to',
  async (redirectUri) => {
    const back = await frontendOf(address, redirectUri).choose({ persona: 'citizen' })
    expect(back.href.startsWith(redirectUri)).toBe(true)
    expect(back.searchParams.get('code')).toBeTruthy()
  },
)

test.each([
  'https://evil.example/',
  'http://localhost.evil.example/',
  'http://a@localhost/',
  'http://localhost/#a',
  'app:/x',
])('nobody is sent to %s, but told why', async (redirectUri) => {
  const { status, to, text } = await frontendOf(address, redirectUri).begin()
  expect([status, to]).toEqual([400, ''])
  expect(text).toContain('invalid_redirect_uri')
})

test.each([
  ['no challenge', { code_challenge: '', code_challenge_method: '' }],
  ['a challenge that is its verifier', { code_challenge_method: 'plain' }],
])('a sign-in with %s is refused', async (_, more) => {
  const { to } = await frontendOf(address).begin(more)
  expect(new URL(to).searchParams.get('error')).toBe('invalid_request')
})

test('a code is good once, and for who can show the verifier', async () => {
  const frontend = frontendOf(address)
  const code = async () => (await frontend.choose({ persona: 'citizen' })).searchParams.get('code') ?? ''
  const refused = await frontend.exchange(await code(), { code_verifier: 'x'.repeat(43) })
  expect([refused.status, await refused.json()]).toMatchObject([400, { error: 'invalid_grant' }])
  const used = await code()
  expect((await frontend.exchange(used)).status).toBe(200)
  expect((await frontend.exchange(used)).status).toBe(400)
})

test('a page on this machine may fetch the token, one of elsewhere may not', async () => {
  const frontend = frontendOf(address)
  const code = async () => (await frontend.choose({ persona: 'citizen' })).searchParams.get('code') ?? ''
  const allowed = await frontend.exchange(await code(), {}, { origin: 'http://localhost:3000' })
  expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([200, 'http://localhost:3000'])
  const refused = await frontend.exchange(await code(), {}, { origin: 'https://evil.example' })
  expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([400, null])
})

test('the page lists all personas with what they are and how surely that is known, and no script', async () => {
  const frontend = frontendOf(address, 'http://127.0.0.1:5173/')
  const { headers, text } = await frontend.visit((await frontend.begin()).to)
  for (const { name, is, assurance } of personas)
    expect(text).toContain(
      `value="${name}"><strong>${is.en}</strong> <code>${name}</code> <small>Assurance: ${assurance} (`,
    )
  expect(text).toContain('SANDBOX')
  expect(text).toContain('Then you go back to <strong>http://127.0.0.1:5173</strong>')
  expect(text).not.toContain('<script')
  expect(headers.get('content-security-policy')).toMatch(
    /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self' http:\/\/127\.0\.0\.1:5173; frame-ancestors 'none'; base-uri 'none'$/,
  )
  expect(headers.get('cache-control')).toBe('no-store')
})

test.each([
  ['az', 'Kim kimi daxil olursunuz?'],
  ['ru', 'Кто входит?'],
  ['de', 'Kim kimi daxil olursunuz?'],
])('the page is in the language of the browser (%s)', async (language, heading) => {
  const frontend = frontendOf(address)
  const { headers, text } = await frontend.visit((await frontend.begin()).to, { language })
  expect(text).toContain(`<h1>${heading}</h1>`)
  expect(text).toContain(`<html lang="${headers.get('content-language')}">`)
})

test.each([
  ['nobody', {}],
  ['somebody who is no persona', { persona: 'president' }],
  ['more than a form has', { persona: 'citizen', more: 'x'.repeat(2000) }],
])('a form that names %s is refused', async (_, form) => {
  const frontend = frontendOf(address)
  const { status } = await frontend.visit((await frontend.begin()).to, { form })
  expect(status).toBe(400)
})

test('a sign-in of another browser is not gone on with', async () => {
  const { to } = await frontendOf(address).begin()
  const { status, text } = await frontendOf(address).visit(to)
  expect(status).toBe(400)
  expect(text).toContain('begun in another browser')
})

test('it answers to its own name alone', async () => {
  const { request } = await import('node:http')
  const statusFor = (host: string) =>
    new Promise((settle) => request(address, { headers: { host } }, ({ statusCode }) => settle(statusCode)).end())
  const port = new URL(address).port
  expect(await statusFor(`localhost:${port}`)).toBe(200)
  expect(await statusFor(`127.0.0.1:${port}`)).toBe(200)
  expect(await statusFor('evil.example')).toBe(421)
})

test('its key is made once, for its owner alone, and only half of it is published', async () => {
  const key = loginKeyOf(config)
  expect(loginKeyOf(config)).toEqual(key)
  expect(statSync(join(config.dataDir, 'login-key.json')).mode & 0o777).toBe(0o600)
  const { d, ...published } = key
  expect(await (await fetch(new URL('/jwks', address))).json()).toEqual({ keys: [published] })
})

const tools = ['bash', 'curl', 'openssl']
const hasTools = tools.every((tool) => spawnSync(tool, ['--version']).error === undefined)
test.skipIf(!hasTools)('what docs/signing-in.md does with curl gives a token', async () => {
  const [, script = ''] = /```sh\n(login=[\s\S]*?)```/.exec(readFileSync('docs/signing-in.md', 'utf8')) ?? []
  const asked = script.replace('http://localhost:4001', address)
  const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', asked])
  expect(decodeJwt(JSON.parse(stdout).access_token)).toMatchObject({ iss: address, sub: 'citizen' })
})
