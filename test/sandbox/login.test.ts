import { execFile, spawnSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { tokenReader } from '../../src/identity/signIn/accessToken.js'
import { sandboxIssuer } from '../../src/sandbox/issuer.js'
import { loginKeyOf } from '../../src/sandbox/loginKey.js'
import { personasOf } from '../../src/sandbox/personas.js'
import { personaToken } from '../../src/sandbox/personaToken.js'
import { openLogin } from '../support/login.js'
import { long } from '../support/long.js'
import { frontendOf } from '../support/signIn.js'

const { config, address, errors } = await openLogin()
const personas = personasOf()

beforeEach(() => {
  vi.spyOn(console, 'warn')
  vi.spyOn(console, 'info')
})
afterEach(() => {
  expect([console.warn, console.info].flatMap((log) => vi.mocked(log).mock.calls)).toEqual([])
  expect(errors).toEqual([])
  vi.restoreAllMocks()
})

const codeOf = async (frontend: ReturnType<typeof frontendOf>) =>
  (await frontend.choose({ persona: 'citizen' })).searchParams.get('code') ?? ''

describe('Sign-in at the sandbox login', () => {
  it('gives an access token for an hour that the API accepts', async () => {
    const { access_token: token, expires_in: seconds } = await frontendOf(address).signIn('foreigner')
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'ES256', typ: 'at+jwt', kid: loginKeyOf(config).kid })
    expect(seconds).toBe(3600)
    const signIn = await tokenReader([sandboxIssuer(config)])(token)
    expect(signIn).toMatchObject({
      subject: 'foreigner',
      kind: 'FOREIGNER',
      assurance: 'LOW',
      identifiers: [{ type: 'DOCUMENT', value: 'UTO:TEST0004' }],
      name: 'Foreigner Test',
      birthDate: '1980-04-04',
      signedInAt: expect.any(Date),
    })
  })

  const sample = ['citizen', 'foreigner', 'officer']
  it.each(personas.filter(({ name }) => long || sample.includes(name)))(
    'gives $name the claims of personaToken',
    async (persona) => {
      const { access_token: token } = await frontendOf(address).signIn(persona.name)
      const claims = decodeJwt(await personaToken(config, persona))
      const times = { iat: expect.any(Number), exp: expect.any(Number), auth_time: expect.any(Number) }
      expect(decodeJwt(token)).toEqual({ ...claims, ...times, jti: expect.any(String) })
    },
  )

  it('gives an ID token for the frontend', async () => {
    const { id_token: token } = await frontendOf(address).signIn('minor')
    const keys = createRemoteJWKSet(new URL('/jwks', address))
    const { payload } = await jwtVerify(token, keys, { issuer: address, audience: 'sandbox' })
    expect(payload).toMatchObject({ sub: 'minor', name: 'Yetkinlik Yaşına Çatmayan Sınaq', fin: 'TEST003' })
  })

  it('asks each time who signs in', async () => {
    const frontend = frontendOf(address)
    await frontend.signIn('citizen')
    expect(decodeJwt((await frontend.signIn('officer')).access_token).sub).toBe('officer')
    const { to } = await frontend.begin({ prompt: 'none' })
    expect(new URL(to).searchParams.get('error')).toBe('login_required')
  })

  it('sends back a person who cancels without a code', async () => {
    const back = await frontendOf(address).choose({ cancel: 'yes' })
    expect(Object.fromEntries(back.searchParams)).toMatchObject({
      error: 'access_denied',
      state: 'a-state',
      iss: address,
    })
  })

  it.each(['http://localhost:3000/cb', 'http://127.0.0.1:5173/', 'http://[::1]:8080/a/b?c=d'])(
    'sends back to a frontend at %s',
    async (redirectUri) => {
      const back = await frontendOf(address, redirectUri).choose({ persona: 'citizen' })
      expect(back.href.startsWith(redirectUri)).toBe(true)
      expect(back.searchParams.get('code')).toBeTruthy()
    },
  )

  it.each([
    'https://evil.example/',
    'http://localhost.evil.example/',
    'http://a@localhost/',
    'http://localhost/#a',
    'app:/x',
  ])('sends nobody to %s and says why', async (redirectUri) => {
    const { status, to, text } = await frontendOf(address, redirectUri).begin()
    expect([status, to]).toEqual([400, ''])
    expect(text).toContain('invalid_redirect_uri')
  })

  it.each([
    ['without a challenge', { code_challenge: '', code_challenge_method: '' }],
    ['with a challenge that is its verifier', { code_challenge_method: 'plain' }],
  ])('rejects a request %s', async (_, changes) => {
    const { to } = await frontendOf(address).begin(changes)
    expect(new URL(to).searchParams.get('error')).toBe('invalid_request')
  })

  it('exchanges a code once, and only for its verifier', async () => {
    const frontend = frontendOf(address)
    const refused = await frontend.exchange(await codeOf(frontend), { code_verifier: 'x'.repeat(43) })
    expect([refused.status, await refused.json()]).toMatchObject([400, { error: 'invalid_grant' }])
    const used = await codeOf(frontend)
    expect((await frontend.exchange(used)).status).toBe(200)
    expect((await frontend.exchange(used)).status).toBe(400)
  })

  it('lets only pages on this machine fetch a token', async () => {
    const frontend = frontendOf(address)
    const exchangeFrom = async (origin: string) => {
      const { status, headers } = await frontend.exchange(await codeOf(frontend), {}, { origin })
      return [status, headers.get('access-control-allow-origin')]
    }
    expect(await exchangeFrom('http://localhost:3000')).toEqual([200, 'http://localhost:3000'])
    expect(await exchangeFrom('https://evil.example')).toEqual([400, null])
  })

  it.each([
    ['nobody', {}],
    ['an unknown persona', { persona: 'president' }],
    ['too much', { persona: 'citizen', more: 'x'.repeat(2000) }],
  ])('rejects a form that names %s', async (_, form) => {
    const frontend = frontendOf(address)
    const { status } = await frontend.visit((await frontend.begin()).to, { form })
    expect(status).toBe(400)
  })

  it('does not continue in another browser', async () => {
    const { to } = await frontendOf(address).begin()
    const { status, text } = await frontendOf(address).visit(to)
    expect(status).toBe(400)
    expect(text).toContain('begun in another browser')
  })

  const tools = ['bash', 'curl', 'openssl']
  const hasTools = tools.every((tool) => spawnSync(tool, ['--version']).error === undefined)
  it.skipIf(!hasTools)('gives a token by the commands in docs/signing-in.md', async () => {
    const [, script = ''] = /```sh\n(login=[\s\S]*?)```/.exec(readFileSync('docs/signing-in.md', 'utf8')) ?? []
    const local = script.replace('http://localhost:4001', address)
    const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', local])
    expect(decodeJwt(JSON.parse(stdout).access_token)).toMatchObject({ iss: address, sub: 'citizen' })
  })
})

describe('Page of the sandbox login', () => {
  it('lists all personas with their assurance, and has no script', async () => {
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

  it('lists officers by agency', async () => {
    const frontend = frontendOf(address)
    const { text } = await frontend.visit((await frontend.begin()).to)
    const listed = [...text.matchAll(/<h3>(\w+)<\/h3>|value="([a-z-]+)"/g)].map(([, agency, name]) => agency ?? name)
    const from = listed.indexOf('DVX')
    expect(listed.slice(from, from + 8)).toEqual([
      'DVX',
      'officer',
      'senior-officer',
      'finance-officer',
      'second-finance-officer',
      'DMX',
      'other-officer',
      'migration-head',
    ])
    expect(listed.indexOf('other-citizen')).toBeLessThan(from)
    expect(text.indexOf('<h2>Operation and oversight</h2>')).toBeLessThan(text.indexOf('value="operator"'))
  })

  it.each([
    ['az', 'Kim kimi daxil olursunuz?'],
    ['ru', 'Кто входит?'],
    ['de', 'Kim kimi daxil olursunuz?'],
  ])('is in a language of the API for a browser in %s', async (language, heading) => {
    const frontend = frontendOf(address)
    const { headers, text } = await frontend.visit((await frontend.begin()).to, { language })
    expect(text).toContain(`<h1>${heading}</h1>`)
    expect(text).toContain(`<html lang="${headers.get('content-language')}">`)
  })

  it('is served only under the names of this machine', async () => {
    const statusFor = (host: string) =>
      new Promise((settle) => request(address, { headers: { host } }, ({ statusCode }) => settle(statusCode)).end())
    const port = new URL(address).port
    expect(await statusFor(`localhost:${port}`)).toBe(200)
    expect(await statusFor(`127.0.0.1:${port}`)).toBe(200)
    expect(await statusFor('evil.example')).toBe(421)
  })
})

describe('loginKeyOf', () => {
  it('makes one key that only its owner can read, and publishes its public half', async () => {
    const key = loginKeyOf(config)
    expect(loginKeyOf(config)).toEqual(key)
    expect(statSync(join(config.dataDir, 'login-key.json')).mode & 0o777).toBe(0o600)
    const { d, ...published } = key
    expect(await (await fetch(new URL('/jwks', address))).json()).toEqual({ keys: [published] })
  })
})
