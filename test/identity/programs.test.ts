import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { v7 } from 'uuid'
import { afterAll, describe, expect, it } from 'vitest'
import { agencies } from '../../src/agencies/agency.table.js'
import { configFrom } from '../../src/config.js'
import { nodeIdOf } from '../../src/engine/node.js'
import { events } from '../../src/events/event.table.js'
import { MandateKind, Power } from '../../src/identity/mandates/mandate.table.js'
import { parties } from '../../src/identity/parties/party.table.js'
import {
  type Registering,
  userErrorsInRegistration,
  userErrorsInRotation,
} from '../../src/identity/programs/program.rules.js'
import { programs } from '../../src/identity/programs/program.table.js'
import { askOf } from '../support/api.js'
import { appointed } from '../support/appointed.js'
import { commanding } from '../support/commanding.js'
import { cloneDatabase, untilBlocked } from '../support/database.js'
import { everythingAsText } from '../support/everything.js'
import { partiesIn, partyId } from '../support/parties.js'
import { asProgram, asserted, assertionOf, makeKey, programIn } from '../support/programs.js'
import { createServer } from '../support/server.js'
import { as } from '../support/tokens.js'

const database = await cloneDatabase()
const { db } = database
let clock: Date | undefined
const lines: string[] = []
const app = await createServer({
  config: configFrom({ LOG_LEVEL: 'trace', PUBLIC_URL: 'https://api.example' }),
  database,
  now: () => clock ?? new Date(),
  log: { write: (line: string) => lines.push(line) },
})
afterAll(() => app.close())
const ask = askOf(app)
const send = commanding(ask)

const { persona, firm, give } = partiesIn(database)
const company = await firm('Sınaq MMC', '0000000001')
const seal = await give(company, await persona('company-head'), {
  kind: MandateKind.HEAD,
  powers: Object.values(Power),
})
await give(company, await persona('company-delegate'), { powers: [Power.VIEW] })
const ofCompany = { partyId: company }

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
const usual = {
  partyId: partyId(company),
  name: 'Accounting',
  scopes: ['CATALOGUE_READ', 'FILINGS_WRITE'],
  expiresOn: inDays(100),
}
const nodeIdOfProgram = (id: string) => nodeIdOf('Program', id)
const shown = 'program { id clientId expiresAt formerSecretUntil revokedBecause }'
const register = async (more: object = {}, selection = shown) =>
  await send(await as('company-head'), 'registerProgram', { ...usual, ...more }, `${selection} secret`)
const rotate = async (id: string, keepOldFor: number, more: object = {}) =>
  await send(
    await as('company-head'),
    'rotateProgramSecret',
    { programId: nodeIdOfProgram(id), keepOldFor, ...more },
    `${shown} secret`,
  )
const revoke = async (id: string, reason: string) =>
  await send(await as('company-head'), 'revokeProgram', { programId: nodeIdOfProgram(id), reason }, shown)

async function token(form: Record<string, string>): Promise<string | undefined> {
  const response = await app.inject({
    method: 'POST',
    url: '/oauth/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams({ grant_type: 'client_credentials', ...form }).toString(),
  })
  return response.json().access_token
}
const tokenFor = (id: string, secret: string) => token({ client_id: id, client_secret: secret })
const bearing = (value: string | undefined) => ({ authorization: `Bearer ${value}` })
const reasonOf = async (value: string | undefined) =>
  (await ask('{ __typename }', { headers: bearing(value) })).errors?.[0]?.extensions.reason
const agencyOf = async (code: string) =>
  (await db.select().from(agencies).where(eq(agencies.code, code)))[0]?.id as string // of the seed
const eventsOf = async (id: string) =>
  (await db.select().from(events).where(eq(events.subject, id)).orderBy(events.id)).map(({ type, partyId, ids }) => ({
    type,
    partyId,
    ids,
  }))
const bySeal = (type: string) => ({ type, partyId: company, ids: { mandate: seal } })

describe('registerProgram', () => {
  it('returns a secret, for which the program gets tokens that act for its organisation', async () => {
    const all = `program { id clientId name scopes networks lastUsedAt revokedAt hasSecret keyIds party { id } }`
    const { payload, reasons } = await register({ networks: ['127.0.0.0/8'] }, all)
    const { program, secret } = payload
    expect(reasons).toEqual([])
    expect(program).toMatchObject({
      name: 'Accounting',
      scopes: ['CATALOGUE_READ', 'FILINGS_WRITE'],
      networks: ['127.0.0.0/8'],
      lastUsedAt: null,
      revokedAt: null,
      hasSecret: true,
      keyIds: [],
      party: { id: partyId(company) },
    })
    expect(secret).toMatch(/^pcs_[\w-]{43}$/)
    const headers = bearing(await tokenFor(program.clientId, secret))
    const query = 'query ($id: ID!) { viewer { kind party { id } } node(id: $id) { ... on Program { lastUsedAt } } }'
    const { data } = await ask(query, { headers, variables: { id: program.id } })
    expect(data.viewer).toEqual({ kind: 'PROGRAM', party: { id: partyId(company) } })
    expect(Date.now() - Date.parse(data.node.lastUsedAt)).toBeLessThan(60_000)
    expect(await eventsOf(program.clientId)).toEqual([bySeal('program.registered')])
  })

  it('returns the secret once, and keeps it in no table and no log', async () => {
    lines.length = 0
    const idempotencyKey = 'the-key-of-one-program'
    const [first, again] = [await register({ idempotencyKey }), await register({ idempotencyKey })]
    expect(again.payload).toMatchObject({ program: { id: first.payload.program.id }, secret: null, replayed: true })
    expect(await everythingAsText(database.client)).not.toContain(first.payload.secret)
    expect(lines.join()).not.toContain(first.payload.secret)
  })

  it('registers public keys instead of a secret, and keeps of them what a key needs', async () => {
    const [one, other] = [await makeKey('ES256', 'one'), await makeKey('ES384', 'other')]
    const keys = [
      { ...one.jwk, x5u: 'https://other.example/', use: 'sig' },
      { ...other.jwk, alg: 'ES384' },
    ]
    const { payload } = await register({ publicKeys: { keys } }, 'program { clientId hasSecret keyIds }')
    expect(payload).toMatchObject({ program: { hasSecret: false, keyIds: ['one', 'other'] }, secret: null })
    const id = payload.program.clientId
    const [row] = await db.select().from(programs).where(eq(programs.id, id))
    expect([row?.secretHash, JSON.stringify(row?.jwks)]).toEqual([null, expect.not.stringContaining('example')])
    for (const [{ privateKey, jwk }, alg] of [
      [one, 'ES256'],
      [other, 'ES384'],
    ] as const)
      expect(await token(asserted(await assertionOf(id, privateKey, {}, { alg, kid: jwk.kid })))).toBeTypeOf('string')
  })

  it('lets the program and its tokens expire at the end of the last day in Baku', async () => {
    const { program, secret } = (await register({ expiresOn: '2027-03-31' })).payload
    expect(program.expiresAt).toBe('2027-03-31T20:00:00.000Z')
    const given = await tokenFor(program.clientId, secret)
    clock = new Date('2027-03-31T19:59:59Z')
    expect([await reasonOf(given), await tokenFor(program.clientId, secret)]).toEqual([undefined, expect.any(String)])
    clock = new Date('2027-03-31T20:00:00Z')
    expect([await reasonOf(given), await tokenFor(program.clientId, secret)]).toEqual(['program.revoked', undefined])
    clock = undefined
  })

  it('returns all errors at once, in the language of the caller', async () => {
    const wrong = { ...usual, name: '', scopes: [], networks: ['x'], expiresOn: '2020-01-01', publicKeys: { keys: [] } }
    const query = `mutation ($input: RegisterProgramInput!) {
      registerProgram(input: $input) { program { id } secret userErrors { reason field message } } }`
    const answered = async (language: string) => {
      const variables = { input: { ...wrong, idempotencyKey: 'a-key-of-errors' } }
      return (await ask(query, { headers: await as('company-head'), variables, language })).data.registerProgram
    }
    const { program, secret, userErrors } = await answered('en')
    expect([program, secret]).toEqual([null, null])
    expect(userErrors.map(({ reason, field }: { reason: string; field: string[] }) => [reason, ...field])).toEqual([
      ['program.name', 'name'],
      ['program.scopes', 'scopes'],
      ['program.network', 'networks', '0'],
      ['program.expires_in_the_past', 'expiresOn'],
      ['program.keys_count', 'publicKeys', 'keys'],
    ])
    const inAll = [await answered('az'), await answered('en'), await answered('ru')]
    expect(inAll.map(({ userErrors: [first] }) => first.message)).toEqual([
      'Proqramın adı 1–100 görünən işarədən ibarət olmalıdır.',
      'The name of the program must have 1 to 100 visible characters.',
      'Название программы должно содержать от 1 до 100 видимых знаков.',
    ])
  })

  it('registers at most 20 programs in force, also of two requests at once', async () => {
    const full = await firm('Dolu MMC', '0000000002')
    await give(full, await persona('company-head'), { kind: MandateKind.HEAD, powers: Object.values(Power) })
    const { id } = await programIn(database, { partyId: full })
    const [row] = await db.select().from(programs).where(eq(programs.id, id))
    const more = Array.from({ length: 20 }, () => ({ ...row!, id: v7() })) // inserted above
    Object.assign(more[0]!, { revokedAt: new Date(), revokedBy: 'person:test' })
    Object.assign(more[1]!, { expiresAt: new Date() })
    await db.insert(programs).values(more)
    const both: ReturnType<typeof register>[] = []
    await db.transaction(async (tx) => {
      // No program of it can be inserted meanwhile, so both requests are under way before either is done.
      await tx.select().from(parties).where(eq(parties.id, full)).for('update')
      both.push(register({ partyId: partyId(full) }), register({ partyId: partyId(full) }))
      await untilBlocked(database, 2)
    })
    expect((await Promise.all(both)).map(({ reasons }) => reasons).sort()).toEqual([[], ['program.too_many']])
  })
})

describe('A program of an agency', async () => {
  await appointed(database, 'senior-officer', 'DVX', ['ADMIN'])
  await appointed(database, 'officer', 'DVX', ['REVIEWER'])
  await appointed(database, 'other-officer', 'DMX', ['ADMIN'])
  await appointed(database, 'evisa-officer', 'DVX', ['ADMIN'])
  const ofAgency = { agencyCode: 'DVX', name: 'Assessment', scopes: ['CASES_READ'], expiresOn: inDays(100) }
  const registerBy = async (persona: string, more: object = {}) =>
    await send(await as(persona), 'registerProgram', { ...ofAgency, ...more }, `${shown} secret`)

  it('is registered by an ADMIN, acts for the agency, and is revoked by any ADMIN there', async () => {
    const { payload, reasons } = await registerBy('senior-officer')
    expect(reasons).toEqual([])
    const { program, secret } = payload
    const headers = bearing(await tokenFor(program.clientId, secret))
    const query = `{ viewer { kind party { id } agencies { agency { code } roles } program { scopes } }
      agencyPrograms(first: 10) { nodes { clientId agency { code } party { id } } } }`
    const { data } = await ask(query, { headers })
    expect(data).toEqual({
      viewer: {
        kind: 'AGENCY_PROGRAM',
        party: null,
        agencies: [{ agency: { code: 'DVX' }, roles: [] }],
        program: { scopes: ['CASES_READ'] },
      },
      agencyPrograms: { nodes: [{ clientId: program.clientId, agency: { code: 'DVX' }, party: null }] },
    })
    const change = { programId: program.id, keepOldFor: 0 }
    const other = await as('evisa-officer')
    expect((await send(other, 'rotateProgramSecret', change, 'secret')).payload.secret).toMatch(/^pcs_/)
    expect((await send(other, 'revokeProgram', { programId: program.id, reason: 'OTHER' }, shown)).reasons).toEqual([])
    expect((await ask(query, { headers })).errors?.[0]?.extensions.reason).toBe('program.revoked')
    const types = (await eventsOf(program.clientId)).map(({ type, partyId }) => [type, partyId])
    expect(types).toEqual(['registered', 'secret_rotated', 'revoked'].map((one) => [`program.${one}`, null]))
  })

  it.each([
    ['a reviewer of the agency', 'officer', {}],
    ['the ADMIN of another agency', 'other-officer', {}],
    ['an operator', 'operator', {}],
    ['the head of a company', 'company-head', {}],
    ['the ADMIN, of an unknown agency', 'senior-officer', { agencyCode: 'NONE' }],
    ['the ADMIN, of an organisation', 'senior-officer', { agencyCode: null, partyId: partyId(company) }],
  ])('is not registered by %s', async (_who, persona, more) => {
    expect((await registerBy(persona, more)).code).toBe('FORBIDDEN')
  })

  it.each([
    ['neither owner', { agencyCode: null }, 'program.owner'],
    ['two owners', { partyId: partyId(company) }, 'program.owner'],
    ['a scope for organisations', { scopes: ['APPLICATIONS_READ'] }, 'program.scope'],
  ])('is not registered with %s', async (_what, more, reason) => {
    expect((await registerBy('senior-officer', more)).reasons).toEqual([reason])
  })

  it('looks like an unknown one to everybody but an ADMIN of its agency', async () => {
    const { id } = await programIn(database, { agencyId: await agencyOf('DVX') })
    for (const persona of ['officer', 'other-officer', 'company-head']) {
      const codes = [nodeIdOfProgram(id), nodeIdOfProgram(v7())].map(
        async (programId) =>
          (await send(await as(persona), 'revokeProgram', { programId, reason: 'OTHER' }, shown)).code,
      )
      expect(await Promise.all(codes)).toEqual(['FORBIDDEN', 'FORBIDDEN'])
    }
  })
})

describe('refusalsToRegister', async () => {
  const { jwk } = await makeKey('ES256', 'one')
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  /** A public key whose modulus is any odd number: to make a real one takes long. */
  const rsa = (bits: number, e = 'AQAB') => {
    const modulus = randomBytes(bits / 8)
    modulus[0]! |= 0x80
    modulus[modulus.length - 1]! |= 1
    return { kty: 'RSA', n: modulus.toString('base64url'), e, kid: 'rsa' }
  }
  const withKeys = (...keys: unknown[]) => ({ publicKeys: { keys } })
  const allowed = ['CATALOGUE_READ']
  const given: Registering = { name: 'Accounting', scopes: allowed, allowed, expiresOn: '2027-03-31' }
  const refused = (more: Partial<Registering>, inForce = 0) =>
    userErrorsInRegistration({ ...given, ...more }, '2026-11-25', inForce).map(({ reason, field }) => [
      reason,
      ...(field ?? []),
    ])
  const key = ['publicKeys', 'keys']

  it.each<[what: string, more: Partial<Registering>, reason: string, ...field: string[]]>([
    ['an empty name', { name: ' \t' }, 'program.name', 'name'],
    ['a long name', { name: 'x'.repeat(101) }, 'program.name', 'name'],
    ['a name with invisible characters', { name: 'a\u202eb' }, 'program.name', 'name'],
    ['no scope', { scopes: [] }, 'program.scopes', 'scopes'],
    ['a scope for the other kind of owner', { scopes: ['CASES_READ'] }, 'program.scope', 'scopes', '0'],
    ['an invalid network', { networks: ['10.0.0.0/8', '10.0.0.0/33'] }, 'program.network', 'networks', '1'],
    ['the network of all addresses', { networks: ['::/0'] }, 'program.network', 'networks', '0'],
    ['an empty list of networks', { networks: [] }, 'program.networks_count', 'networks'],
    ['a last day in the past', { expiresOn: '2026-11-24' }, 'program.expires_in_the_past', 'expiresOn'],
    ['a last day after two years', { expiresOn: '2028-11-26' }, 'program.expires_too_late', 'expiresOn'],
    ['an empty key set', withKeys(), 'program.keys_count', ...key],
    ['a key set that is no list', { publicKeys: { keys: 'x' } }, 'program.keys_count', ...key],
    ['six keys', withKeys(...Array(6).fill(jwk)), 'program.keys_count', ...key],
    [
      'a private key',
      withKeys({ ...privateKey.export({ format: 'jwk' }), kid: 'x' }),
      'program.key_private',
      ...key,
      '0',
    ],
    ['a shared secret', withKeys({ kty: 'oct', k: 'c2VjcmV0', kid: 'x' }), 'program.key_private', ...key, '0'],
    ['a key without kid', withKeys({ ...jwk, kid: undefined }), 'program.key_kid', ...key, '0'],
    ['two keys with one kid', withKeys(jwk, jwk), 'program.key_repeated', ...key, '1'],
    ['a key for encryption', withKeys({ ...jwk, use: 'enc' }), 'program.key_kind', ...key, '0'],
    ['a key of an unsupported curve', withKeys({ ...jwk, crv: 'secp256k1' }), 'program.key_kind', ...key, '0'],
    ['a key for RS256', withKeys({ ...rsa(2048), alg: 'RS256' }), 'program.key_kind', ...key, '0'],
    ['a short RSA key', withKeys(rsa(1024)), 'program.key_weak', ...key, '0'],
    ['an RSA key with a small exponent', withKeys(rsa(2048, 'Aw')), 'program.key_weak', ...key, '0'],
    ['a point that is not on the curve', withKeys({ ...jwk, y: jwk.x }), 'program.key_unreadable', ...key, '0'],
    ['an incomplete key', withKeys({ kty: 'EC', crv: 'P-256', kid: 'x' }), 'program.key_unreadable', ...key, '0'],
    ['null as a key', withKeys(null), 'program.key_unreadable', ...key, '0'],
  ])('refuses %s', (_what, more, ...refusal) => {
    expect(refused(more)).toEqual([refusal])
  })

  it('accepts the bounds: 100 characters, today, two years, RSA of 2048 bits, 19 programs in force', () => {
    const accepted = { name: 'x'.repeat(100), ...withKeys(rsa(2048)) }
    for (const expiresOn of ['2026-11-25', '2028-11-25']) expect(refused({ ...accepted, expiresOn }, 19)).toEqual([])
  })
})

describe('rotateProgramSecret', () => {
  it('keeps the previous secret for `keepOldFor` seconds, and none before it', async () => {
    const { id, secret: first } = await programIn(database, ofCompany)
    const accepted = async (...secrets: string[]) => {
      const tokens = await Promise.all(secrets.map((secret) => tokenFor(id, secret)))
      return tokens.map((given) => given !== undefined)
    }
    const start = new Date()
    const [anHour, later] = [3600, new Date(start.getTime() + 3_600_000)]
    clock = start
    const { secret: second, program } = (await rotate(id, anHour)).payload
    expect(program.formerSecretUntil).toBe(later.toISOString())
    expect(await accepted(first, second)).toEqual([true, true])
    const { secret: third } = (await rotate(id, anHour)).payload
    expect(await accepted(first, second, third)).toEqual([false, true, true])
    clock = later
    expect(await accepted(second, third)).toEqual([false, true])
    const { secret: fourth, ...last } = (await rotate(id, 0)).payload
    expect([await accepted(third, fourth), last.program.formerSecretUntil]).toEqual([[false, true], null])
    clock = undefined
    expect(await eventsOf(id)).toEqual(Array(3).fill(bySeal('program.secret_rotated')))
  })

  it('rotates once for one idempotency key, and returns the secret once', async () => {
    const { id } = await programIn(database, ofCompany)
    const more = { idempotencyKey: 'one-rotation' }
    const [first, again] = [await rotate(id, 0, more), await rotate(id, 0, more)]
    expect(again.payload).toMatchObject({ secret: null, replayed: true })
    expect(await tokenFor(id, first.payload.secret)).toBeTypeOf('string')
  })

  it('accepts a `keepOldFor` of 0 to 604,800 seconds', async () => {
    const { id } = await programIn(database, ofCompany)
    for (const seconds of [-1, 604_801]) expect((await rotate(id, seconds)).reasons).toEqual(['program.keep_old_for'])
    expect((await rotate(id, 604_800)).reasons).toEqual([])
  })

  it('refuses a program that is revoked', async () => {
    const { id } = await programIn(database, { ...ofCompany, revokedAt: new Date(), revokedBy: 'person:test' })
    expect((await rotate(id, 0)).reasons).toEqual(['program.revoked'])
  })
})

describe('refusalsToRotate', () => {
  const now = new Date('2026-11-25T08:00:00Z')
  const inForce = { revokedAt: null, expiresAt: new Date('2026-11-25T08:00:01Z'), jwks: null }
  it.each([
    ['nothing of a program in force', {}, []],
    ['a program that has expired', { expiresAt: now }, ['program.expired']],
    ['a program that signs with keys of its own', { jwks: {} }, ['program.has_keys']],
  ])('refuses %s', (_what, more, reasons) => {
    expect(userErrorsInRotation({ ...inForce, ...more }, now).map(({ reason }) => reason)).toEqual(reasons)
  })
})

describe('revokeProgram', () => {
  it('stops the program from the next request on, with the tokens it has', async () => {
    const { id, secret } = await programIn(database, ofCompany)
    const given = await tokenFor(id, secret)
    expect(await reasonOf(given)).toBeUndefined()
    const { payload } = await revoke(id, 'COMPROMISED')
    expect(payload).toMatchObject({ program: { revokedBecause: 'COMPROMISED' }, userErrors: [] })
    expect(await reasonOf(given)).toBe('program.revoked')
    expect(await tokenFor(id, secret)).toBeUndefined()
    expect(await eventsOf(id)).toMatchObject([{ type: 'program.revoked', partyId: company, ids: { mandate: seal } }])
  })

  it('refuses a program that is revoked already', async () => {
    const { id } = await programIn(database, { ...ofCompany, revokedAt: new Date(), revokedBy: 'person:test' })
    expect((await revoke(id, 'OTHER')).payload.userErrors).toMatchObject([
      { code: 'NOT_ALLOWED_NOW', reason: 'program.revoked' },
    ])
  })
})

describe.each<[name: string, input: (programId: string) => object, absent: object]>([
  ['registerProgram', () => usual, { partyId: partyId(v7()) }],
  ['rotateProgramSecret', (programId) => ({ programId, keepOldFor: 60 }), { programId: nodeIdOfProgram(v7()) }],
  ['revokeProgram', (programId) => ({ programId, reason: 'OTHER' }), { programId: partyId(company) }],
])('%s', (name, input, absent) => {
  it('requires the seal of the organisation and assurance HIGH, and refuses what does not exist alike', async () => {
    const given = input(nodeIdOfProgram((await programIn(database, ofCompany)).id))
    const codesFor = async (headers: Record<string, string>) => [
      (await send(headers, name, given, '')).code,
      (await send(headers, name, { ...given, ...absent }, '')).code,
    ]
    expect(await codesFor(await as('company-delegate'))).toEqual(['FORBIDDEN', 'FORBIDDEN'])
    const lessSure = await as('company-head', { acr: 'urn:pencere:sandbox:substantial' })
    expect(await codesFor(lessSure)).toEqual(['STEP_UP_REQUIRED', 'FORBIDDEN'])
  })
})

describe('programs', async () => {
  const [one, sibling] = [await programIn(database, ofCompany), await programIn(database, ofCompany)]
  const query = 'query ($party: ID) { programs(party: $party, first: 100) { nodes { clientId } } }'
  const listed = async (headers: Record<string, string>, party: string | null = partyId(company)) => {
    const { data } = await ask(query, { headers, variables: { party } })
    const ids = data.programs.nodes.map(({ clientId }: { clientId: string }) => clientId)
    return [one, sibling].map(({ id }) => ids.includes(id))
  }

  it('lists the programs of an organisation for whoever has the power VIEW over all of it', async () => {
    for (const who of ['company-head', 'company-delegate']) expect(await listed(await as(who))).toEqual([true, true])
  })

  it('lists none for a delegate for some services', async () => {
    await give(company, await persona('stateless'), { powers: [Power.VIEW], services: ['DVX-RETURN'] })
    expect(await listed(await as('stateless'))).toEqual([false, false])
  })

  it('lists a program itself, and no other of its organisation', async () => {
    const itself = bearing(await tokenFor(one.id, one.secret))
    for (const party of [partyId(company), null]) expect(await listed(itself, party)).toEqual([true, false])
    expect(await listed(await asProgram(database))).toEqual([false, false])
  })
})
