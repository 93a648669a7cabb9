import { createHmac } from 'node:crypto'
import { createServer as createHttp } from 'node:http'
import type { AddressInfo } from 'node:net'
import { eq } from 'drizzle-orm'
import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { afterAll, describe, expect, it } from 'vitest'
import { configFrom } from '../../src/config.js'
import { appointments } from '../../src/identity/appointment.table.js'
import { IdentifierType } from '../../src/identity/identifier.table.js'
import { identities } from '../../src/identity/identity.table.js'
import { issuersFrom } from '../../src/identity/issuer.js'
import { parties } from '../../src/identity/party.table.js'
import { personasOf } from '../../src/sandbox/personas.js'
import { cloneDatabase } from '../support/database.js'
import { partiesIn, partyId } from '../support/parties.js'
import { createServer } from '../support/server.js'
import { issuerOfTest, kid, signingKey, tokenOf, verifyingKey } from '../support/tokens.js'

const database = await cloneDatabase()
const { client, db } = database

const silent = configFrom({ LOG_LEVEL: 'warn' })
const lines: string[] = []
/** A second issuer, which may speak for citizens alone, and for nobody more surely than SUBSTANTIAL. */
const modest = await generateKeyPair('EdDSA')
const issuers = issuersFrom(
  JSON.stringify([
    issuerOfTest,
    {
      ...{ ...issuerOfTest, issuer: 'https://modest.example', subjects: ['CITIZEN'], highestAssurance: 'SUBSTANTIAL' },
      jwks: { keys: [{ ...(await exportJWK(modest.publicKey)), kid: 'modest', alg: 'EdDSA' }] },
    },
  ]),
)
const app = await createServer({
  ...{ config: { ...silent, issuers }, database },
  log: { write: (line) => lines.push(line) },
})
afterAll(() => app.close())

const send = async (token: string, more: Record<string, string> = {}) => {
  const response = await app.inject({
    ...{ method: 'POST', url: '/graphql', payload: { query: '{ __typename }' } },
    headers: { authorization: `Bearer ${token}`, ...more },
  })
  const { errors } = response.json()
  return { status: response.statusCode, reason: errors?.[0].extensions.reason, code: errors?.[0].extensions.code }
}
const refusedFor = (reason: string) => ({ status: 401, reason, code: 'UNAUTHENTICATED' })
const taken = { status: 200, reason: undefined, code: undefined }

const seconds = (from: number) => Math.floor(Date.now() / 1000) + from
const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const payloadOf = (token: string): JWTPayload =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())

describe('A token', () => {
  it('of an issuer that is known is taken', async () => expect(await send(await tokenOf('citizen'))).toEqual(taken))

  it.each<[string, string, () => Promise<string>]>([
    [
      'without a signature (alg: none)',
      'token.wrong_algorithm',
      async () => {
        const [, payload] = (await tokenOf('citizen')).split('.')
        return `${encoded({ alg: 'none', typ: 'at+jwt' })}.${payload}.`
      },
    ],
    [
      'signed with the public key as if it were a secret (HS256)',
      'token.wrong_algorithm',
      async () => {
        const begun = `${encoded({ alg: 'HS256', typ: 'at+jwt', kid })}.${(await tokenOf('citizen')).split('.')[1]}`
        const hmac = createHmac('sha256', await exportSPKI(verifyingKey))
        return `${begun}.${hmac.update(begun).digest('base64url')}`
      },
    ],
    [
      'whose claims were changed after it was signed',
      'token.wrong_signature',
      async () => {
        const [header, , signature] = (await tokenOf('citizen')).split('.')
        return `${header}.${encoded({ ...payloadOf(await tokenOf('operator')) })}.${signature}`
      },
    ],
    ['of another issuer', 'token.unknown_issuer', () => tokenOf('citizen', { iss: 'https://evil.example' })],
    [
      'of one issuer in the name of another',
      'token.unknown_key',
      () => tokenOf('citizen', { iss: 'https://modest.example' }),
    ],
    ['for another API', 'token.wrong_audience', () => tokenOf('citizen', { aud: 'https://bank.example' })],
    ['signed by a key that is not published', 'token.unknown_key', () => tokenOf('citizen', {}, { kid: 'other' })],
    ['that is an ID token', 'token.wrong_type', () => tokenOf('citizen', {}, { typ: 'JWT' })],
    ['that has expired', 'token.expired', () => tokenOf('citizen', { iat: seconds(-7000), exp: seconds(-60) })],
    ['that is not valid yet', 'token.not_yet_valid', () => tokenOf('citizen', { nbf: seconds(60) })],
    ['that was made later', 'token.not_yet_valid', () => tokenOf('citizen', { iat: seconds(60), exp: seconds(600) })],
    ['that lives for a day', 'token.lives_too_long', () => tokenOf('citizen', { exp: seconds(86_400) })],
    ['without an end', 'token.incomplete', () => tokenOf('citizen', { exp: undefined })],
    ['without a subject', 'token.incomplete', () => tokenOf('citizen', { sub: undefined })],
    ['without an audience', 'token.incomplete', () => tokenOf('citizen', { aud: undefined })],
    ['without a kind of subject', 'token.incomplete', () => tokenOf('citizen', { subject_type: undefined })],
    ['of a citizen without a FİN', 'token.incomplete', () => tokenOf('citizen', { fin: undefined })],
    ['with a FİN that is none', 'token.incomplete', () => tokenOf('citizen', { fin: 'OOO' })],
    ['of a made-up kind', 'token.subject_not_allowed', () => tokenOf('citizen', { subject_type: 'MINISTER' })],
    ['that is no JSON inside', 'token.malformed', async () => 'eyJ.eyJ.eyJ'],
    ['that must be understood in a way that we do not', 'token.wrong_algorithm', () => critical()],
  ])('%s is refused', async (_what, reason, make) => {
    lines.length = 0
    const token = await make()
    expect(await send(token)).toEqual(refusedFor(reason))
    expect(lines.filter((line) => line.includes(reason))).toHaveLength(1)
    expect(lines.join()).not.toContain(token.split('.')[1])
  })

  const critical = async () =>
    new SignJWT(payloadOf(await tokenOf('citizen')))
      .setProtectedHeader({ alg: 'ES256', kid, typ: 'at+jwt', crit: ['urn:x'], 'urn:x': 1 })
      .sign(signingKey, { crit: { 'urn:x': true } })

  it('is not taken from another header, nor made better by one', async () => {
    const operator = await tokenOf('operator')
    const smuggled = { 'x-forwarded-user': 'operator', 'x-authorization': `Bearer ${operator}`, 'x-user-id': '1' }
    const reason = '{ az: "a", en: "a", ru: "a" }'
    const query = `mutation { retireService(input: { code: "X", reason: ${reason}, idempotencyKey: "12345678" }) { replayed } }`
    const response = await app.inject({ method: 'POST', url: '/graphql', payload: { query }, headers: smuggled })
    expect(response.json().errors[0].extensions.code).toBe('UNAUTHENTICATED')
  })
})

describe('An issuer', () => {
  const modestToken = (claims: JWTPayload) =>
    new SignJWT({ ...payloadOf(citizenToken), ...claims, iss: 'https://modest.example' })
      .setProtectedHeader({ alg: 'EdDSA', kid: 'modest', typ: 'at+jwt' })
      .sign(modest.privateKey)
  let citizenToken = ''

  it('speaks for those alone whom it may speak for', async () => {
    citizenToken = await tokenOf('citizen')
    expect(await send(await modestToken({ sub: 'at-modest' }))).toEqual(taken)
    for (const subject_type of ['OFFICER', 'OPERATOR', 'AUDITOR', 'FOREIGNER'])
      expect(await send(await modestToken({ subject_type }))).toEqual(refusedFor('token.subject_not_allowed'))
  })

  it('whose keys cannot be had makes nobody of nobody: the request is to be sent again', async () => {
    const gone = issuersFrom(JSON.stringify([{ ...issuerOfTest, jwks: undefined, jwksUri: 'http://127.0.0.1:1/jwks' }]))
    const alone = await createServer({ config: { ...configFrom({ LOG_LEVEL: 'silent' }), issuers: gone }, database })
    const headers = { authorization: `Bearer ${await tokenOf('citizen')}` }
    const response = await alone.inject({
      method: 'POST',
      url: '/graphql',
      payload: { query: '{ __typename }' },
      headers,
    })
    await alone.close()
    expect([response.statusCode, response.json().errors[0].extensions.code]).toEqual([503, 'SERVICE_UNAVAILABLE'])
  })

  it('is asked once for its keys, and may change them', async () => {
    const fresh = await generateKeyPair('ES256', { extractable: true })
    let keys = [{ ...(await exportJWK(verifyingKey)), kid }]
    let asked = 0
    const server = createHttp((_request, response) => {
      asked++
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys }))
    }).listen(0, '127.0.0.1')
    await new Promise((settle) => server.once('listening', settle))
    const jwksUri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`
    const remote = issuersFrom(JSON.stringify([{ ...issuerOfTest, jwks: undefined, jwksUri }]))
    const alone = await createServer({ config: { ...configFrom({ LOG_LEVEL: 'silent' }), issuers: remote }, database })
    const statusOf = async (token: string) =>
      (
        await alone.inject({
          ...{ method: 'POST', url: '/graphql', payload: { query: '{ __typename }' } },
          headers: { authorization: `Bearer ${token}` },
        })
      ).statusCode
    for (let time = 0; time < 3; time++) expect(await statusOf(await tokenOf('citizen'))).toBe(200)
    expect(asked).toBe(1)
    keys = [{ ...(await exportJWK(fresh.publicKey)), kid: 'fresh' }]
    const rotated = new SignJWT(payloadOf(await tokenOf('citizen'))).setProtectedHeader({
      ...{ alg: 'ES256', kid: 'fresh', typ: 'at+jwt' },
    })
    // Just asked: who sends unknown keys does not make the server ask each time.
    expect([await statusOf(await rotated.sign(fresh.privateKey)), asked]).toEqual([401, 1])
    await alone.close()
    server.close()
  })
})

describe('Who signs in', () => {
  it('is one party, however many requests come first at once, and by whichever issuer', async () => {
    const token = await tokenOf('other-citizen')
    const before = await db.select().from(parties)
    const answers = await Promise.all(Array.from({ length: 10 }, () => send(token)))
    expect(answers).toEqual(answers.map(() => taken))
    expect((await db.select().from(parties)).length).toBe(before.length + 1)
    // As an officer the same person signs in by another account.
    const [party] = (await db.select().from(parties)).filter(({ id }) => !before.some((other) => other.id === id))
    const [agency] = await client`select id from agencies limit 1`
    const appointed = {
      agencyId: agency?.id,
      partyId: party?.id as string,
      roles: ['REVIEWER' as never],
      proposedBy: 'x',
    }
    await db
      .insert(appointments)
      .values({ ...appointed, state: 'ACTIVE' as never, since: new Date(), activeFrom: new Date() })
    expect(await send(await tokenOf('officer', { fin: 'TEST002', sub: 'an-officer' }))).toEqual(taken)
    expect((await db.select().from(parties)).length).toBe(before.length + 1)
  })

  it('by a document is found by it again', async () => {
    expect(await send(await tokenOf('stateless'))).toEqual(taken)
    const count = (await db.select().from(parties)).length
    expect(await send(await tokenOf('stateless', { sub: 'another-account' }))).toEqual(taken)
    expect((await db.select().from(parties)).length).toBe(count)
  })

  it('stays who they were: an account does not pass to somebody else, nor become another kind', async () => {
    expect(await send(await tokenOf('citizen'))).toEqual(taken)
    expect(await send(await tokenOf('citizen', { fin: 'TEST099' }))).toEqual(refusedFor('token.subject_changed'))
    expect(await send(await tokenOf('citizen', { subject_type: 'OPERATOR' }))).toEqual(
      refusedFor('token.subject_changed'),
    )
  })

  it('with identifiers of two persons is neither', async () => {
    await send(await tokenOf('citizen'))
    await send(await tokenOf('stateless'))
    const both = { sub: 'both', fin: 'TEST001' }
    expect(await send(await tokenOf('stateless', both))).toEqual(refusedFor('token.identifiers_disagree'))
  })

  it('as an operator is no officer', async () => {
    expect(await send(await tokenOf('operator', { fin: 'TEST002', sub: 'an-operator' }))).toEqual(
      refusedFor('token.operator_is_officer'),
    )
  })

  it('stands nowhere in the clear', async () => {
    await send(await tokenOf('minor'))
    const { fin = '', fullName, birthDate } = personasOf().find(({ name }) => name === 'minor') ?? ({} as never)
    const tables = await client`select tablename from pg_tables where schemaname = 'public'`
    for (const { tablename } of tables) {
      const rows = await client.unsafe(`select t::text as row from "${tablename}" t`)
      const all = rows.map(({ row }) => row).join('\n')
      expect([tablename, [fin, fullName, birthDate].filter((said) => all.includes(said))]).toEqual([tablename, []])
    }
    expect(
      (await db.select().from(identities).where(eq(identities.issuer, issuerOfTest.issuer))).length,
    ).toBeGreaterThan(0)
  })
})

describe('Who is not known surely', () => {
  const viewer = async (claims: JWTPayload, persona = 'foreigner') => {
    const query = '{ viewer { assurance party { id name birthDate status identifiers { value } } } }'
    const headers = { authorization: `Bearer ${await tokenOf(persona, claims)}` }
    return (await app.inject({ method: 'POST', url: '/graphql', payload: { query }, headers })).json().data?.viewer
  }
  const low = { acr: 'urn:pencere:sandbox:low', document_country: undefined, document_number: undefined }
  const high = { ...low, acr: 'urn:pencere:sandbox:high' }

  it('is nobody else: a FİN that they name is neither theirs nor taken', async () => {
    const owner = await viewer({ fin: 'TEST050', sub: 'owner' }, 'citizen')
    const claiming = await viewer({ ...low, sub: 'claims', fin: 'TEST050' })
    expect(claiming).toMatchObject({ assurance: 'LOW', party: { name: 'Foreigner Test', identifiers: [] } })
    expect(claiming.party.id).not.toBe(owner.party.id)
    await viewer({ ...low, sub: 'squats', fin: 'TEST051' })
    const real = await viewer({ sub: 'real', fin: 'TEST051' }, 'citizen')
    expect(real.party).toMatchObject({ name: 'Vətəndaş Sınaq', identifiers: [{ value: 'TEST051' }] })
  })

  it('is named once they are, unless another has that name', async () => {
    const before = await viewer({ ...low, sub: 'grows', fin: 'TEST052' })
    const after = await viewer({ ...high, sub: 'grows', fin: 'TEST052', name: 'Real Name' })
    expect(after.party).toMatchObject({
      id: before.party.id,
      name: 'Real Name',
      identifiers: [{ value: 'TEST052' }],
    })
    await viewer({ ...low, sub: 'too-late', fin: 'TEST050' })
    const late = { ...high, sub: 'too-late', fin: 'TEST050' }
    expect(await send(await tokenOf('foreigner', late))).toEqual(refusedFor('token.identifiers_disagree'))
  })

  it('comes to be who others have spoken of meanwhile, if nobody signs in as them', async () => {
    const unsure = await viewer({ ...low, sub: 'spoken-of', fin: 'TEST054' })
    const spokenOf = await partiesIn(database).by('NATURAL_PERSON', IdentifierType.FIN, 'TEST054')
    const surely = await viewer({ ...high, sub: 'spoken-of', fin: 'TEST054', name: 'Real Name' })
    expect(surely.party).toMatchObject({
      id: partyId(spokenOf),
      name: 'Real Name',
      identifiers: [{ value: 'TEST054' }],
    })
    expect(surely.party.id).not.toBe(unsure.party.id)
    expect((await viewer({ ...low, sub: 'spoken-of', fin: 'TEST054' })).party.id).toBe(partyId(spokenOf))
    // Whose account that is now, nobody else comes to be.
    await viewer({ ...low, sub: 'late-for-it', fin: 'TEST054' })
    const late = await tokenOf('foreigner', { ...high, sub: 'late-for-it', fin: 'TEST054' })
    expect(await send(late)).toEqual(refusedFor('token.identifiers_disagree'))
  })

  it('tells a date of birth that counts until a surer one is told, and is filled in where none was', async () => {
    const told = (claims: JWTPayload) => viewer({ sub: 'dated', fin: 'TEST053', ...claims })
    expect((await told({ ...low, birthdate: undefined })).party.birthDate).toBeNull()
    expect((await told({ ...low, birthdate: '1980-01-01' })).party.birthDate).toBe('1980-01-01')
    expect((await told({ ...high, birthdate: '2012-01-01' })).party.birthDate).toBe('2012-01-01')
    expect((await told({ ...low, birthdate: '1980-01-01' })).party.birthDate).toBe('2012-01-01')
  })
})

describe('A claim', () => {
  const viewer = async (claims: JWTPayload, persona = 'citizen') => {
    const query = '{ viewer { signedInAt party { id birthDate } } }'
    const headers = { authorization: `Bearer ${await tokenOf(persona, claims)}` }
    return (await app.inject({ method: 'POST', url: '/graphql', payload: { query }, headers })).json().data.viewer
  }

  it.each(['2011', '0000-05-05', '01.01.1980', '1980-02-30', '2999-01-01', 'x'])(
    'that is no date of birth is none: %s',
    async (birthdate) => {
      const fin = `TEST06${['2011', '0000-05-05', '01.01.1980', '1980-02-30', '2999-01-01', 'x'].indexOf(birthdate)}`
      expect((await viewer({ sub: birthdate, fin, birthdate })).party.birthDate).toBeNull()
    },
  )

  it.each([1e300, -1, Date.now(), seconds(3600)])(
    'that is no moment that has been is none: auth_time %d',
    async (auth_time) => {
      expect((await viewer({ auth_time })).signedInAt).toBeNull()
    },
  )

  it.each([null, '', ' ', 5, { a: 1 }])('that is no subject makes nobody: sub %j', async (sub) => {
    expect(await send(await tokenOf('citizen', { sub: sub as never }))).toEqual(refusedFor('token.incomplete'))
  })

  it('of a document is read as it is written, and may not be anything', async () => {
    const partyWith = async (document_country: string, document_number: string, sub: string) =>
      (await viewer({ sub, document_country, document_number }, 'stateless')).party.id
    const one = await partyWith('UTO', 'AB12345', 'one')
    expect(await partyWith('uto', 'ab 12345', 'two')).toBe(one)
    const parts = { sub: 'three', document_country: 'UTO:AB', document_number: 'X' }
    expect(await send(await tokenOf('stateless', parts))).toEqual(refusedFor('token.incomplete'))
    const cyrillic = { sub: 'four', document_number: 'АВ12345' }
    expect(await send(await tokenOf('stateless', cyrillic))).toEqual(refusedFor('token.incomplete'))
  })

  it('of another FİN is refused, though a document fits', async () => {
    const both = { sub: 'both-fit', document_country: 'UTO', document_number: 'LDOC', acr: 'urn:pencere:sandbox:high' }
    expect(await send(await tokenOf('foreigner', { ...both, fin: 'TEST071' }))).toEqual(taken)
    expect(await send(await tokenOf('foreigner', { ...both, fin: 'TEST072' }))).toEqual(
      refusedFor('token.subject_changed'),
    )
    expect(await send(await tokenOf('foreigner', { ...both, fin: 'TEST071', document_number: 'LDOC2' }))).toEqual(taken)
  })

  it('that a citizen is a foreigner is refused', async () => {
    expect(await send(await tokenOf('citizen', { sub: 'at-home', fin: 'TEST073' }))).toEqual(taken)
    const abroad = { sub: 'abroad', fin: 'TEST073', acr: 'urn:pencere:sandbox:high', document_country: undefined }
    expect(await send(await tokenOf('foreigner', abroad))).toEqual(refusedFor('token.status_disagrees'))
  })
})

it('First sign-ins of one account that tell different persons leave nothing of those that were refused', async () => {
  const count = async () => (await db.select().from(parties)).length
  const before = await count()
  const tokens = ['TEST081', 'TEST082', 'TEST083', 'TEST084'].map((fin) => tokenOf('citizen', { sub: 'several', fin }))
  const answers = await Promise.all((await Promise.all(tokens)).map((token) => send(token)))
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401])
  expect(await count()).toBe(before + 1)
})

it('A sign-in that is known costs one statement', async () => {
  const token = await tokenOf('citizen')
  await send(token)
  database.statements.length = 0
  await send(token)
  expect(database.statements.filter((statement) => statement.includes('identities'))).toHaveLength(1)
  expect(database.statements).toHaveLength(1)
})
