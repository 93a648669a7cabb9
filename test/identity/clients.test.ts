import { generateKeyPairSync } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { eq } from 'drizzle-orm'
import { v7 } from 'uuid'
import { afterAll, describe, expect, it } from 'vitest'
import { configFrom } from '../../src/config.js'
import { nodeIdOf } from '../../src/engine/nodeId.js'
import { events } from '../../src/events/event.table.js'
import { clients } from '../../src/identity/client.table.js'
import { MandateKind, mandates, Power } from '../../src/identity/mandate.table.js'
import { parties } from '../../src/identity/party.table.js'
import { appointed, asProgram } from '../support/appointed.js'
import { cloneDatabase } from '../support/database.js'
import { partiesIn, partyId } from '../support/parties.js'
import { asserted, assertionOf, keyOf, programIn } from '../support/programs.js'
import { createServer } from '../support/server.js'
import { as } from '../support/tokens.js'

const database = await cloneDatabase()
const { db } = database
let clock: Date | undefined
const lines: string[] = []
const app = await createServer({
  ...{ config: configFrom({ LOG_LEVEL: 'trace', PUBLIC_URL: 'https://api.example' }), database },
  ...{ now: () => clock ?? new Date(), log: { write: (line: string) => lines.push(line) } },
})
afterAll(() => app.close())

const { persona, firm, give } = partiesIn(database)
const company = await firm('Sınaq MMC', '0000000001')
const seal = await give(company, await persona('company-head'), {
  kind: MandateKind.HEAD,
  powers: Object.values(Power),
})
await give(company, await persona('company-delegate'), { powers: [Power.VIEW] })
const otherCompany = await firm('Başqa Sınaq MMC', '0000000002')
await give(otherCompany, await persona('other-company-head'), { kind: MandateKind.HEAD, powers: Object.values(Power) })
const head = await as('company-head')

type Headers = Record<string, string>
async function ask(query: string, variables: object, headers: Headers = head, language = 'en') {
  const response = await app.inject({
    ...{ method: 'POST', url: '/graphql', payload: { query, variables } },
    headers: { accept: 'application/graphql-response+json', 'accept-language': language, ...headers },
  })
  return response.json()
}
let keys = 0
const shown = `client { id clientId name scopes networks since expiresAt lastUsedAt formerSecretUntil revokedAt
  revokedBecause hasSecret keyIds party { id } }`
async function command(name: string, input: object, headers: Headers = head, language = 'en') {
  const type = `${name[0]?.toUpperCase()}${name.slice(1)}`
  const secret = name === 'revokeClient' ? '' : 'secret'
  const query = `mutation ($input: ${type}Input!) { ${name}(input: $input) {
    ${shown} ${secret} userErrors { code reason field message params { name value } } replayed } }`
  const { data, errors } = await ask(
    query,
    { input: { idempotencyKey: `a-key-of-a-test-${++keys}`, ...input } },
    headers,
    language,
  )
  return { ...data?.[name], codes: errors?.map(({ extensions }: any) => extensions.code) }
}
const inTime = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
const usual = {
  ...{ party: partyId(company), name: 'Accounting', scopes: ['CATALOGUE_READ', 'FILINGS_WRITE'] },
  expiresOn: inTime(100),
}
const register = (more: object = {}, headers = head, language = 'en') =>
  command('registerClient', { ...usual, ...more }, headers, language)

async function token(form: Record<string, string>): Promise<string | undefined> {
  const response = await app.inject({
    ...{ method: 'POST', url: '/oauth/token' },
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams({ grant_type: 'client_credentials', ...form }).toString(),
  })
  return response.json().access_token
}
const tokenFor = (client: { clientId: string }, secret: string) =>
  token({ client_id: client.clientId, client_secret: secret })
const bearing = (value: string | undefined) => ({ authorization: `Bearer ${value}` })
const eventsOf = async (clientId: string) =>
  (await db.select().from(events).where(eq(events.subject, clientId)).orderBy(events.id)).map(
    ({ type, partyId, ids }) => ({ type, partyId, ids }),
  )

describe('A program that is registered', () => {
  it('has a secret, for which it gets tokens, and acts for its organisation', async () => {
    const { client, secret, userErrors } = await register({ networks: ['127.0.0.0/8'] })
    expect(userErrors).toEqual([])
    expect(client).toMatchObject({
      ...{ name: 'Accounting', scopes: ['CATALOGUE_READ', 'FILINGS_WRITE'], networks: ['127.0.0.0/8'] },
      ...{ lastUsedAt: null, revokedAt: null, hasSecret: true, keyIds: [], party: { id: partyId(company) } },
    })
    expect(secret).toMatch(/^pcs_[\w-]{43}$/)
    const { data } = await ask(
      '{ viewer { kind party { id } program { clientId scopes } } }',
      {},
      bearing(await tokenFor(client, secret)),
    )
    expect(data.viewer).toMatchObject({
      kind: 'PROGRAM',
      party: { id: partyId(company) },
      program: { clientId: client.clientId },
    })
    const said = { type: 'client.registered', partyId: company, ids: { mandate: seal } }
    expect(await eventsOf(client.clientId)).toEqual([said])
  })

  it('has its secret told once, and kept nowhere', async () => {
    lines.length = 0
    const idempotencyKey = 'the-key-of-one-deed'
    const first = await register({ idempotencyKey })
    const again = await register({ idempotencyKey })
    expect([again.client.id, again.secret, again.replayed]).toEqual([first.client.id, null, true])
    const tables = await database.client`select tablename from pg_tables where schemaname = 'public'`
    for (const { tablename } of tables) {
      const [dump] = await database.client.unsafe(
        `select coalesce(string_agg(t::text, ''), '') as text from "${tablename}" t`,
      )
      expect(dump?.text).not.toContain(first.secret)
    }
    expect(lines.join()).not.toContain(first.secret)
  })

  it('or has keys of its own, and no secret', async () => {
    const [one, other] = [await keyOf('ES256', 'one'), await keyOf('PS256', 'other')]
    const publicKeys = {
      keys: [
        { ...one.jwk, x5u: 'https://other.example/', use: 'sig' },
        { ...other.jwk, alg: 'PS256' },
      ],
    }
    const { client, secret, userErrors } = await register({ publicKeys })
    expect([userErrors, secret, client.hasSecret, client.keyIds]).toEqual([[], null, false, ['one', 'other']])
    const [row] = await db.select().from(clients).where(eq(clients.id, client.clientId))
    expect([row?.secretHash, JSON.stringify(row?.jwks)]).toEqual([null, expect.not.stringContaining('example')])
    for (const { privateKey, jwk } of [one, other]) {
      const alg = jwk.kid === 'one' ? 'ES256' : 'PS256'
      const assertion = await assertionOf(client.clientId, privateKey, {}, { alg, kid: jwk.kid })
      expect(await token(asserted(assertion))).toEqual(expect.any(String))
    }
  })

  it('is good to the end of its last day in Baku', async () => {
    const { client, secret } = await register({ expiresOn: '2027-03-31' })
    expect(client.expiresAt).toBe('2027-03-31T20:00:00.000Z')
    const given = await tokenFor(client, secret)
    const status = async () => (await ask('{ __typename }', {}, bearing(given))).errors?.[0].extensions.reason
    clock = new Date('2027-03-31T19:59:59Z')
    expect([await status(), await tokenFor(client, secret)]).toEqual([undefined, expect.any(String)])
    clock = new Date('2027-03-31T20:00:00Z')
    expect([await status(), await tokenFor(client, secret)]).toEqual(['program.revoked', undefined])
    clock = undefined
  })
})

describe('A program is not registered', async () => {
  const { jwk } = await keyOf('ES256', 'one')
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const rsa = (modulusLength: number, publicExponent = 0x10001) => ({
    ...generateKeyPairSync('rsa', { modulusLength, publicExponent }).publicKey.export({ format: 'jwk' }),
    kid: 'rsa',
  })
  const withKeys = (...keys: unknown[]) => ({ publicKeys: { keys } })
  const first = ['publicKeys', 'keys', '0']
  it.each<[what: string, more: object, reason: string, field: string[]]>([
    ['without a name', { name: ' \t' }, 'client.name', ['name']],
    ['with a long name', { name: 'x'.repeat(101) }, 'client.name', ['name']],
    ['with a name that cannot be seen', { name: 'a\u202eb' }, 'client.name', ['name']],
    ['without a scope', { scopes: [] }, 'client.scopes', ['scopes']],
    ['with a network that is none', { networks: ['10.0.0.0/8', '10.0.0.0/33'] }, 'client.network', ['networks', '1']],
    ['with all there is for a network', { networks: ['::/0'] }, 'client.network', ['networks', '0']],
    ['with an empty list of networks', { networks: [] }, 'client.networks_count', ['networks']],
    ['with a last day that is past', { expiresOn: inTime(-2) }, 'client.expires_in_the_past', ['expiresOn']],
    ['for more than two years', { expiresOn: inTime(735) }, 'client.expires_too_late', ['expiresOn']],
    ['with no key in its set', withKeys(), 'client.keys_count', ['publicKeys', 'keys']],
    ['with something else for a set', { publicKeys: { keys: 'x' } }, 'client.keys_count', ['publicKeys', 'keys']],
    ['with six keys', withKeys(...Array(6).fill(jwk)), 'client.keys_count', ['publicKeys', 'keys']],
    [
      'with a private key',
      withKeys({ ...privateKey.export({ format: 'jwk' }), kid: 'x' }),
      'client.key_private',
      first,
    ],
    ['with a shared secret', withKeys({ kty: 'oct', k: 'c2VjcmV0', kid: 'x' }), 'client.key_private', first],
    ['with a key without an id', withKeys({ ...jwk, kid: undefined }), 'client.key_kid', first],
    ['with one id for two keys', withKeys(jwk, jwk), 'client.key_repeated', ['publicKeys', 'keys', '1']],
    ['with a key for encryption', withKeys({ ...jwk, use: 'enc' }), 'client.key_kind', first],
    ['with a key of another curve', withKeys({ ...jwk, crv: 'secp256k1' }), 'client.key_kind', first],
    ['with a key for RS256', withKeys({ ...rsa(2048), alg: 'RS256' }), 'client.key_kind', first],
    ['with a short key', withKeys(rsa(1024)), 'client.key_weak', first],
    ['with a key of a small exponent', withKeys(rsa(2048, 3)), 'client.key_weak', first],
    ['with a point on no curve', withKeys({ ...jwk, y: jwk.x }), 'client.key_unreadable', first],
    ['with half a key', withKeys({ kty: 'EC', crv: 'P-256', kid: 'x' }), 'client.key_unreadable', first],
    ['with no key at all', withKeys(null), 'client.key_unreadable', first],
  ])('%s', async (_what, more, reason, field) => {
    const { client, secret, userErrors } = await register(more)
    expect([client, secret, userErrors.map((error: any) => [error.reason, error.field])]).toEqual([
      null,
      null,
      [[reason, field]],
    ])
  })

  it('with a scope that there is not', async () => {
    const { errors } = await ask(
      'mutation ($input: RegisterClientInput!) { registerClient(input: $input) { replayed } }',
      {
        input: { ...usual, idempotencyKey: 'a-key-of-none', scopes: ['EVERYTHING'] },
      },
    )
    expect(errors[0].extensions.code).toBe('BAD_USER_INPUT')
  })

  it('and is told all that is to be mended at once, in the language of who asks', async () => {
    const wrong = { name: '', scopes: [], networks: ['x'], expiresOn: '2020-01-01', ...withKeys() }
    const told = async (language: string) => (await register(wrong, head, language)).userErrors
    expect((await told('en')).map(({ reason }: any) => reason)).toEqual([
      ...['client.name', 'client.scopes', 'client.network', 'client.expires_in_the_past', 'client.keys_count'],
    ])
    const names = [await told('az'), await told('en'), await told('ru')].map(([{ message }]) => message)
    expect(names).toEqual(['Proqramın adını yazın.', 'Give the program a name.', 'Укажите название программы.'])
  })

  it('beside twenty others, also where two come at once; those that are revoked do not count', async () => {
    const party = partyId(otherCompany)
    const otherHead = await as('other-company-head')
    for (let i = 0; i < 19; i++) await programIn(database, { partyId: otherCompany })
    await programIn(database, { partyId: otherCompany, revokedAt: new Date(), revokedBy: 'person:test' })
    await programIn(database, { partyId: otherCompany, expiresAt: new Date() })
    const both: ReturnType<typeof register>[] = []
    await db.transaction(async (tx) => {
      // Nobody is added to its programs meanwhile, so both have come before either has.
      await tx.select().from(parties).where(eq(parties.id, otherCompany)).for('update')
      both.push(register({ party }, otherHead), register({ party }, otherHead))
      await sleep(300)
    })
    const answers = await Promise.all(both)
    expect(answers.flatMap(({ userErrors }) => userErrors.map(({ code, reason }: any) => [code, reason]))).toEqual([
      ...[['NOT_ALLOWED_NOW', 'client.too_many']],
    ])
  })
})

describe('A secret that is rotated', () => {
  const rotate = (client: string, keepOldFor: number) => command('rotateClientSecret', { client, keepOldFor })

  it('stays good for as long as is said, and the one before it does not', async () => {
    const { client, secret: first } = await register()
    const good = async (...secrets: string[]) => {
      const tokens = await Promise.all(secrets.map((secret) => tokenFor(client, secret)))
      return tokens.map((given) => given !== undefined)
    }
    const start = new Date()
    clock = start
    const { secret: second, ...rotated } = await rotate(client.id, 3600)
    expect(rotated.client.formerSecretUntil).toBe(new Date(start.getTime() + 3_600_000).toISOString())
    expect(await good(first, second)).toEqual([true, true])
    const { secret: third } = await rotate(client.id, 3600)
    expect(await good(first, second, third)).toEqual([false, true, true])
    clock = new Date(start.getTime() + 3_600_000)
    expect(await good(first, second, third)).toEqual([false, false, true])
    const { secret: fourth, ...last } = await rotate(client.id, 0)
    expect([await good(third, fourth), last.client.formerSecretUntil]).toEqual([[false, true], null])
    clock = undefined
    const said = (type: string) => ({ type, partyId: company, ids: { mandate: seal } })
    expect(await eventsOf(client.clientId)).toEqual(
      ['client.registered', ...Array(3).fill('client.secret_rotated')].map(said),
    )
  })

  it('is told once, and one key is one rotation', async () => {
    const { client } = await register()
    const input = { client: client.id, keepOldFor: 0, idempotencyKey: 'one-rotation' }
    const first = await command('rotateClientSecret', input)
    const again = await command('rotateClientSecret', input)
    expect([again.secret, again.replayed, await tokenFor(client, first.secret)]).toEqual([
      null,
      true,
      expect.any(String),
    ])
  })

  it('is none of a program with keys, that is revoked or has expired, nor kept for long', async () => {
    const { jwk } = await keyOf('ES256')
    const signing = await programIn(database, { partyId: company, jwks: { keys: [jwk] } })
    const over = await programIn(database, { partyId: company, expiresAt: new Date() })
    const revoked = await programIn(database, { partyId: company, revokedAt: new Date(), revokedBy: 'person:test' })
    const fine = await programIn(database, { partyId: company })
    const reasons = async ({ id }: { id: string }, seconds = 0) =>
      (await rotate(nodeIdOf('Client', id), seconds)).userErrors.map(({ reason }: any) => reason)
    expect([await reasons(signing), await reasons(over), await reasons(revoked)]).toEqual([
      ...[['client.has_keys'], ['client.expired'], ['client.revoked']],
    ])
    for (const seconds of [-1, 604_801]) expect(await reasons(fine, seconds)).toEqual(['client.keep_old_for'])
    expect(await reasons(fine, 604_800)).toEqual([])
  })
})

describe('A program that is revoked', () => {
  it('may do nothing from the next request on, with tokens that are out as well', async () => {
    const { client, secret } = await register()
    const given = bearing(await tokenFor(client, secret))
    expect((await ask('{ viewer { kind } }', {}, given)).data).toEqual({ viewer: { kind: 'PROGRAM' } })
    const revoked = await command('revokeClient', { client: client.id, reason: 'COMPROMISED' })
    expect([revoked.userErrors, revoked.client.revokedBecause]).toEqual([[], 'COMPROMISED'])
    expect((await ask('{ viewer { kind } }', {}, given)).errors[0].extensions).toEqual({
      ...{ code: 'UNAUTHENTICATED', reason: 'program.revoked' },
    })
    expect(await tokenFor(client, secret)).toBeUndefined()
    const again = await command('revokeClient', { client: client.id, reason: 'OTHER' })
    expect(again.userErrors.map(({ code, reason }: any) => [code, reason])).toEqual([
      ['NOT_ALLOWED_NOW', 'client.revoked'],
    ])
    expect((await eventsOf(client.clientId)).map(({ type }) => type)).toEqual(['client.registered', 'client.revoked'])
  })
})

describe('The seal of the organisation is asked for', async () => {
  const { id } = await programIn(database, { partyId: company })
  await appointed(database, 'officer', 'DVX', ['ADMIN'])
  const client = nodeIdOf('Client', id)
  const commands: [name: string, input: object][] = [
    ['registerClient', usual],
    ['rotateClientSecret', { client, keepOldFor: 60 }],
    ['revokeClient', { client, reason: 'OTHER' }],
  ]
  const absent: Record<string, object> = {
    registerClient: { party: partyId(v7()) },
    rotateClientSecret: { client: nodeIdOf('Client', v7()) },
    revokeClient: { client: partyId(company) },
  }
  const codesFor = async (headers: Headers, more: Record<string, object> = {}) => {
    const answers = []
    for (const [name, input] of commands) answers.push(await command(name, { ...input, ...more[name] }, headers))
    return answers.map(({ codes }) => codes?.[0])
  }

  it.each(['company-delegate', 'other-company-head', 'citizen', 'officer', 'operator', 'auditor'])(
    'and %s has it not',
    async (who) => {
      const headers = await as(who)
      expect(await codesFor(headers)).toEqual(Array(3).fill('FORBIDDEN'))
      expect(await codesFor(headers, absent)).toEqual(Array(3).fill('FORBIDDEN'))
    },
  )

  it('nor has a program, nor nobody', async () => {
    expect(await codesFor(await asProgram(database))).toEqual(Array(3).fill('FORBIDDEN'))
    expect(await codesFor({})).toEqual(Array(3).fill('UNAUTHENTICATED'))
  })

  it('with a sign-in by a signature', async () => {
    const unsure = await as('company-head', { acr: 'urn:pencere:sandbox:substantial' })
    expect(await codesFor(unsure)).toEqual(Array(3).fill('STEP_UP_REQUIRED'))
    expect(await codesFor(unsure, absent)).toEqual(Array(3).fill('FORBIDDEN'))
  })

  it('and whoever has it no more does nothing more', async () => {
    const former = await give(company, await persona('foreigner'), {
      ...{ kind: MandateKind.SEAL_HOLDER, powers: Object.values(Power) },
    })
    const headers = await as('foreigner', { acr: 'urn:pencere:sandbox:high' })
    expect((await register({}, headers)).userErrors).toEqual([])
    await db.update(mandates).set({ revokedAt: new Date(), revokedBy: 'person:test' }).where(eq(mandates.id, former))
    expect((await register({}, headers)).codes).toEqual(['FORBIDDEN'])
    expect((await db.select().from(clients).where(eq(clients.id, id)))[0]?.revokedAt).toBe(null)
  })
})

describe('A program is seen', async () => {
  const { client, secret } = await register({ name: 'To be seen' })
  const { client: sibling } = await register({ name: 'Its sibling' })
  const list = 'query ($party: ID) { clients(party: $party, first: 100) { nodes { id } } }'
  const node = 'query ($id: ID!) { node(id: $id) { ... on Client { id party { id } } } }'
  const seen = async (headers: Headers, party: string | null = partyId(company)) => {
    const { data } = await ask(list, { party }, headers)
    const ids: string[] = data.clients.nodes.map(({ id }: any) => id)
    const nodes = []
    for (const { id } of [client, sibling]) nodes.push((await ask(node, { id }, headers)).data.node !== null)
    return { listed: [client, sibling].map(({ id }) => ids.includes(id)), nodes }
  }
  const all = { listed: [true, true], nodes: [true, true] }
  const none = { listed: [false, false], nodes: [false, false] }

  it('by whoever has the power VIEW over all of its organisation', async () => {
    for (const who of ['company-head', 'company-delegate']) expect(await seen(await as(who))).toEqual(all)
  })

  it('not by a delegate for some services, whose business programs are not', async () => {
    await give(company, await persona('stateless'), { powers: [Power.VIEW], services: ['DVX-RETURN'] })
    expect(await seen(await as('stateless'))).toEqual(none)
  })

  it.each(['other-company-head', 'citizen', 'officer', 'operator', 'auditor'])('not by %s', async (who) => {
    expect(await seen(await as(who))).toEqual(none)
    expect(await seen(await as(who), null)).toEqual(none)
  })

  it('by itself, and by no program beside it', async () => {
    const itself = bearing(await tokenFor(client, secret))
    for (const party of [partyId(company), null])
      expect(await seen(itself, party)).toEqual({ listed: [true, false], nodes: [true, false] })
    expect(await seen(await asProgram(database))).toEqual(none)
  })

  it('by nobody who is not known', async () => {
    const { data, errors } = await ask(list, { party: partyId(company) }, {})
    expect([data.clients, errors[0].extensions.code]).toEqual([null, 'UNAUTHENTICATED'])
  })

  it('with the minute in which it last got a token', async () => {
    const { data } = await ask('query ($id: ID!) { node(id: $id) { ... on Client { lastUsedAt } } }', { id: client.id })
    expect(Date.now() - Date.parse(data.node.lastUsedAt)).toBeLessThan(60_000)
  })
})
