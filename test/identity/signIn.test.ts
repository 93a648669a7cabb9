import { createHmac } from 'node:crypto'
import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { afterAll, describe, expect, it } from 'vitest'
import { configFrom } from '../../src/config.js'
import { addCheckpoint } from '../../src/exchange/accessLog/addCheckpoint.js'
import { verifyAccessLog } from '../../src/exchange/accessLog/verifyAccessLog.js'
import { IdentifierType } from '../../src/identity/parties/identifier.table.js'
import { parties } from '../../src/identity/parties/party.table.js'
import { tokenReader } from '../../src/identity/signIn/accessToken.js'
import { issuersFrom } from '../../src/identity/signIn/issuer.js'
import { acrOf } from '../../src/sandbox/personas.js'
import { Assurance } from '../../src/shared/assurance.table.js'
import { workOf } from '../events/happened.js'
import { lookingIn } from '../exchange/looking.js'
import { askOf } from '../support/api.js'
import { appointed } from '../support/appointed.js'
import { cloneDatabase } from '../support/database.js'
import { everythingAsText, formsOf } from '../support/everything.js'
import { keyOf } from '../support/keyOf.js'
import { partiesIn, partyId } from '../support/parties.js'
import { personaOf } from '../support/personas.js'
import { createServer, keyringOfFile } from '../support/server.js'
import { as, issuerOfTest, kid, signingKey, tokenOf, verifyingKey } from '../support/tokens.js'

const database = await cloneDatabase()
const { db } = database

const limitedKeys = await generateKeyPair('EdDSA')
/** Issuers beside the one of the tests: `limited` has a key of its own. */
const limited = 'https://limited.example'
const ministry = 'https://ministry.example'
const unreachable = 'https://unreachable.example'
const issuers = issuersFrom(
  JSON.stringify([
    issuerOfTest,
    {
      ...issuerOfTest,
      issuer: limited,
      subjects: ['CITIZEN'],
      highestAssurance: 'SUBSTANTIAL',
      jwks: { keys: [{ ...(await exportJWK(limitedKeys.publicKey)), kid: 'limited', alg: 'EdDSA' }] },
    },
    { ...issuerOfTest, issuer: ministry, identifiers: ['FIN'], agencies: ['DMX'] },
    { ...issuerOfTest, issuer: unreachable, jwks: undefined, jwksUri: 'http://127.0.0.1:1/jwks' },
  ]),
)
const lines: string[] = []
const app = await createServer({
  config: { ...configFrom({ LOG_LEVEL: 'warn' }), issuers },
  database,
  log: { write: (line) => lines.push(line) },
})
afterAll(() => app.close())
const ask = askOf(app)

const bearing = (token: string) => ({ authorization: `Bearer ${token}` })
/** The reason for which a sign-in is refused, or undefined. */
const refusalOf = async (token: Promise<string>) =>
  (await ask('{ __typename }', { headers: bearing(await token) })).errors?.[0]?.extensions.reason
const viewer = async (persona: string, claims: JWTPayload) => {
  const query = '{ viewer { assurance party { id name birthDate identifiers { value } } } }'
  const { data, errors } = await ask(query, { headers: bearing(await tokenOf(persona, claims)) })
  // What an account shows once it was known surely takes as sure a sign-in.
  expect((errors ?? []).filter(({ extensions: { code } }) => code !== 'STEP_UP_REQUIRED')).toEqual([])
  return data.viewer
}
const countParties = () => db.$count(parties)

const seconds = (from: number) => Math.floor(Date.now() / 1000) + from
const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const payloadOf = (token: string): JWTPayload =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
const limitedToken = async (claims: JWTPayload) =>
  new SignJWT({ ...payloadOf(await tokenOf('citizen', claims)), iss: limited })
    .setProtectedHeader({ alg: 'EdDSA', kid: 'limited', typ: 'at+jwt' })
    .sign(limitedKeys.privateKey)

describe('tokenReader', () => {
  const read = tokenReader(issuers)
  const readOf = async (persona: string, claims: JWTPayload) => await read(await tokenOf(persona, claims))

  it('reads who signed in, how surely and when', async () => {
    const signedInAt = seconds(-60)
    expect(await readOf('citizen', { auth_time: signedInAt })).toEqual({
      issuer: issuers[0],
      subject: 'citizen',
      kind: 'CITIZEN',
      identifiers: [{ type: 'FIN', value: 'TEST001' }],
      name: 'Vətəndaş Sınaq',
      birthDate: '1990-01-01',
      assurance: 'HIGH',
      signedInAt: new Date(signedInAt * 1000),
    })
  })

  it.each<[string, string, () => Promise<string>]>([
    [
      'without a signature (alg: none)',
      'token.wrong_algorithm',
      async () => `${encoded({ alg: 'none', typ: 'at+jwt' })}.${(await tokenOf('citizen')).split('.')[1]}.`,
    ],
    [
      'signed with the public key as a shared secret (HS256)',
      'token.wrong_algorithm',
      async () => {
        const begun = `${encoded({ alg: 'HS256', typ: 'at+jwt', kid })}.${(await tokenOf('citizen')).split('.')[1]}`
        const hmac = createHmac('sha256', await exportSPKI(verifyingKey))
        return `${begun}.${hmac.update(begun).digest('base64url')}`
      },
    ],
    [
      'with an unknown critical extension',
      'token.wrong_algorithm',
      async () =>
        new SignJWT(payloadOf(await tokenOf('citizen')))
          .setProtectedHeader({ alg: 'ES256', kid, typ: 'at+jwt', crit: ['urn:x'], 'urn:x': 1 })
          .sign(signingKey, { crit: { 'urn:x': true } }),
    ],
    [
      'whose claims were changed after it was signed',
      'token.wrong_signature',
      async () => {
        const [header, , signature] = (await tokenOf('citizen')).split('.')
        return `${header}.${encoded(payloadOf(await tokenOf('operator')))}.${signature}`
      },
    ],
    ['of an unknown issuer', 'token.unknown_issuer', () => tokenOf('citizen', { iss: 'https://evil.example' })],
    ['of one issuer in the name of another', 'token.unknown_key', () => tokenOf('citizen', { iss: limited })],
    ['signed by a key that is not published', 'token.unknown_key', () => tokenOf('citizen', {}, { kid: 'other' })],
    ['for another API', 'token.wrong_audience', () => tokenOf('citizen', { aud: 'https://bank.example' })],
    ['that is an ID token', 'token.wrong_type', () => tokenOf('citizen', {}, { typ: 'JWT' })],
    ['that has expired', 'token.expired', () => tokenOf('citizen', { iat: seconds(-7000), exp: seconds(-60) })],
    ['that is not valid yet', 'token.not_yet_valid', () => tokenOf('citizen', { nbf: seconds(60) })],
    ['issued in the future', 'token.not_yet_valid', () => tokenOf('citizen', { iat: seconds(60), exp: seconds(600) })],
    ['that lives for a day', 'token.lives_too_long', () => tokenOf('citizen', { exp: seconds(86_400) })],
    ['without exp', 'token.incomplete', () => tokenOf('citizen', { exp: undefined })],
    ['without an audience', 'token.incomplete', () => tokenOf('citizen', { aud: undefined })],
    ['without a kind of subject', 'token.incomplete', () => tokenOf('citizen', { subject_type: undefined })],
    ['of an unknown kind of subject', 'token.subject_not_allowed', () => tokenOf('citizen', { subject_type: 'X' })],
    ['of a citizen without a FİN', 'token.incomplete', () => tokenOf('citizen', { fin: undefined })],
    ['with an invalid FİN', 'token.incomplete', () => tokenOf('citizen', { fin: 'OOO' })],
    ['with an invalid country', 'token.incomplete', () => tokenOf('stateless', { document_country: 'UTO:AB' })],
    [
      'with a document number in Cyrillic',
      'token.incomplete',
      () => tokenOf('stateless', { document_number: 'АВ12345' }),
    ],
    ['that is no JSON inside', 'token.malformed', async () => 'eyJ.eyJ.eyJ'],
  ])('refuses a token %s', async (_what, reason, make) => {
    expect(await read(await make())).toBe(reason)
  })

  it.each([undefined, null, '', ' ', 5, { a: 1 }])('refuses a token with the subject %j', async (sub) => {
    expect(await readOf('citizen', { sub: sub as never })).toBe('token.incomplete')
  })

  it.each(['OFFICER', 'OPERATOR', 'AUDITOR', 'FOREIGNER'])(
    'refuses a token of an issuer that may not sign in subjects of the kind %s',
    async (subject_type) => {
      expect(await read(await limitedToken({ subject_type }))).toBe('token.subject_not_allowed')
    },
  )

  it('limits the assurance to what the issuer may vouch for, and takes an unknown acr for NONE', async () => {
    expect(await read(await limitedToken({ acr: acrOf(Assurance.HIGH) }))).toMatchObject({ assurance: 'SUBSTANTIAL' })
    expect(await readOf('citizen', { acr: 'urn:unknown' })).toMatchObject({ assurance: 'NONE' })
  })

  it('ignores identifiers that the issuer may not vouch for', async () => {
    expect(await readOf('stateless', { iss: ministry, fin: 'TEST055' })).toMatchObject({
      identifiers: [{ type: 'FIN', value: 'TEST055' }],
    })
  })

  it('reads a document in its canonical form', async () => {
    const written = { document_country: 'uto', document_number: 'ab 12345' }
    expect(await readOf('stateless', written)).toMatchObject({
      identifiers: [{ type: 'DOCUMENT', value: 'UTO:AB12345' }],
    })
  })

  it.each(['2011', '0000-05-05', '01.01.1980', '1980-02-30', '2999-01-01', 'x'])(
    'ignores the birth date %s',
    async (birthdate) => {
      expect(await readOf('citizen', { birthdate })).toMatchObject({ birthDate: undefined })
    },
  )

  it.each([1e300, -1, Date.now(), seconds(3600)])('ignores the auth_time %d', async (auth_time) => {
    expect(await readOf('citizen', { auth_time })).toMatchObject({ signedInAt: undefined })
  })
})

describe('The header Authorization', () => {
  it('with a refused token gets 401, and one line in the log without the token', async () => {
    const token = await tokenOf('citizen', { aud: 'https://bank.example' })
    lines.length = 0
    const response = await app.inject({
      method: 'POST',
      url: '/graphql',
      payload: { query: '{ __typename }' },
      headers: bearing(token),
    })
    expect(response.statusCode).toBe(401)
    expect(response.json().errors[0].extensions).toEqual({ code: 'UNAUTHENTICATED', reason: 'token.wrong_audience' })
    expect(lines.filter((line) => line.includes('token.wrong_audience'))).toHaveLength(1)
    expect(lines.join()).not.toContain(token.split('.')[1])
  })

  it('gets 503 while the keys of the issuer cannot be fetched', async () => {
    const headers = bearing(await tokenOf('citizen', { iss: unreachable }))
    const payload = { query: '{ __typename }' }
    const response = await app.inject({ method: 'POST', url: '/graphql', payload, headers })
    expect([response.statusCode, response.json().errors[0].extensions.code]).toEqual([503, 'SERVICE_UNAVAILABLE'])
  })

  it('is not replaced by other headers', async () => {
    const { authorization } = await as('operator')
    const headers = { 'x-forwarded-user': 'operator', 'x-authorization': authorization, 'x-user-id': '1' }
    expect((await ask('{ viewer { kind } }', { headers })).data.viewer.kind).toBe('ANONYMOUS')
  })
})

describe('A sign-in', () => {
  const low = { acr: acrOf(Assurance.LOW), document_country: undefined, document_number: undefined }
  const high = { ...low, acr: acrOf(Assurance.HIGH) }

  it('makes one party of several first requests at once, and of an account as an officer', async () => {
    const before = await countParties()
    const token = tokenOf('other-citizen')
    const refusals = await Promise.all(Array.from({ length: 5 }, () => refusalOf(token)))
    expect([...new Set(refusals), await countParties()]).toEqual([undefined, before + 1])
    await appointed(database, 'other-citizen', 'DVX', ['REVIEWER'])
    const { fin } = personaOf('other-citizen')
    expect(await refusalOf(tokenOf('officer', { fin, sub: 'an-officer' }))).toBeUndefined()
    expect(await countParties()).toBe(before + 1)
  })

  it('costs one statement once the account is known', async () => {
    const token = tokenOf('citizen')
    await refusalOf(token)
    database.statements.length = 0
    await refusalOf(token)
    expect(database.statements).toEqual([expect.stringContaining('identities')])
  })

  it('finds the party by its document', async () => {
    const { party } = await viewer('stateless', {})
    expect(await viewer('stateless', { sub: 'another-account' })).toMatchObject({ party: { id: party.id } })
  })

  it('refuses an account that was another person or another kind of subject before', async () => {
    expect(await refusalOf(tokenOf('citizen'))).toBeUndefined()
    expect(await refusalOf(tokenOf('citizen', { fin: 'TEST099' }))).toBe('token.subject_changed')
    expect(await refusalOf(tokenOf('citizen', { subject_type: 'OPERATOR' }))).toBe('token.subject_changed')
  })

  it('refuses identifiers of two persons', async () => {
    await viewer('citizen', {})
    await viewer('stateless', {})
    expect(await refusalOf(tokenOf('stateless', { sub: 'both', fin: 'TEST001' }))).toBe('token.identifiers_disagree')
  })

  it('refuses another FİN of an account, and accepts another document beside the same FİN', async () => {
    const both = { ...high, sub: 'both-fit', document_country: 'UTO', document_number: 'LDOC' }
    expect(await refusalOf(tokenOf('foreigner', { ...both, fin: 'TEST071' }))).toBeUndefined()
    expect(await refusalOf(tokenOf('foreigner', { ...both, fin: 'TEST072' }))).toBe('token.subject_changed')
    const renewed = { ...both, fin: 'TEST071', document_number: 'LDOC2' }
    expect(await refusalOf(tokenOf('foreigner', renewed))).toBeUndefined()
  })

  it('refuses a citizen as a foreigner', async () => {
    await viewer('citizen', { sub: 'at-home', fin: 'TEST073' })
    const abroad = tokenOf('foreigner', { ...high, sub: 'abroad', fin: 'TEST073' })
    expect(await refusalOf(abroad)).toBe('token.status_disagrees')
  })

  it('refuses an officer as an operator', async () => {
    await appointed(database, 'senior-officer', 'DVX', ['ADMIN'])
    const { fin } = personaOf('senior-officer')
    expect(await refusalOf(tokenOf('operator', { fin, sub: 'an-operator' }))).toBe('token.operator_is_officer')
  })

  it('refuses an officer of an agency for which the issuer may not speak', async () => {
    await appointed(database, 'officer', 'DVX', ['REVIEWER'])
    expect(await refusalOf(tokenOf('officer'))).toBeUndefined()
    expect(await refusalOf(tokenOf('officer', { iss: ministry }))).toBe('token.no_appointment')
  })

  it('leaves nothing of the refused ones of several first sign-ins of an account as different persons', async () => {
    const before = await countParties()
    const tokens = ['TEST081', 'TEST082', 'TEST083'].map((fin) => tokenOf('citizen', { sub: 'several', fin }))
    const refusals = await Promise.all(tokens.map(refusalOf))
    const changed = 'token.subject_changed'
    expect(refusals.sort()).toEqual([changed, changed, undefined])
    expect(await countParties()).toBe(before + 1)
  })

  it('stores no FİN, name or birth date in the clear', async () => {
    await viewer('minor', {})
    const { fin = '', fullName, birthDate } = personaOf('minor')
    const everything = await everythingAsText(database.client)
    for (const value of [fin, fullName, birthDate])
      for (const form of formsOf(value)) expect(everything.includes(form), form).toBe(false)
  })

  describe('below SUBSTANTIAL', () => {
    it('gets a party of its own, without the FİN that it names', async () => {
      const owner = await viewer('citizen', { fin: 'TEST050', sub: 'owner' })
      const claiming = await viewer('foreigner', { ...low, sub: 'claims', fin: 'TEST050' })
      expect(claiming).toMatchObject({ assurance: 'LOW', party: { name: 'Foreigner Test', identifiers: [] } })
      expect(claiming.party.id).not.toBe(owner.party.id)
      await viewer('foreigner', { ...low, sub: 'squats', fin: 'TEST051' })
      const { party } = await viewer('citizen', { sub: 'real', fin: 'TEST051' })
      expect(party).toMatchObject({ name: 'Vətəndaş Sınaq', identifiers: [{ value: 'TEST051' }] })
    })

    it('is another account than the same subject at another issuer', async () => {
      const here = await viewer('foreigner', { ...low, sub: 'same-subject', fin: 'TEST055' })
      const elsewhere = await viewer('foreigner', { ...low, sub: 'same-subject', fin: 'TEST055', iss: ministry })
      expect(elsewhere.party.id).not.toBe(here.party.id)
    })

    it('gets its FİN once it is known surely, unless it is another’s', async () => {
      const before = await viewer('foreigner', { ...low, sub: 'grows', fin: 'TEST052' })
      const after = await viewer('foreigner', { ...high, sub: 'grows', fin: 'TEST052', name: 'Real Name' })
      const party = { id: before.party.id, name: 'Real Name', identifiers: [{ value: 'TEST052' }] }
      expect(after.party).toMatchObject(party)
      await viewer('citizen', { sub: 'first', fin: 'TEST056' })
      await viewer('foreigner', { ...low, sub: 'too-late', fin: 'TEST056' })
      const late = tokenOf('foreigner', { ...high, sub: 'too-late', fin: 'TEST056' })
      expect(await refusalOf(late)).toBe('token.identifiers_disagree')
    })

    it('becomes the party that others have named, once it is known surely and nobody signs in as that', async () => {
      const claims = { sub: 'spoken-of', fin: 'TEST054' }
      const unsure = await viewer('foreigner', { ...low, ...claims })
      const { look, log } = await lookingIn(database, keyOf(unsure.party.id))
      await log(look())
      const work = { ...workOf(database).work, keyring: keyringOfFile }
      await addCheckpoint(work)
      const named = await partiesIn(database).by('NATURAL_PERSON', IdentifierType.FIN, 'TEST054')
      const surely = await viewer('foreigner', { ...high, ...claims, name: 'Real Name' })
      const party = { id: partyId(named), name: 'Real Name', identifiers: [{ value: 'TEST054' }] }
      expect(surely.party).toMatchObject(party)
      expect(surely.party.id).not.toBe(unsure.party.id)
      // The sealed access log knows that the account moved as it may.
      expect((await verifyAccessLog(work, [])).faults).toEqual([])
      expect((await viewer('foreigner', { ...low, ...claims })).party.id).toBe(partyId(named))
      await viewer('foreigner', { ...low, ...claims, sub: 'late-for-it' })
      const late = tokenOf('foreigner', { ...high, ...claims, sub: 'late-for-it' })
      expect(await refusalOf(late)).toBe('token.identifiers_disagree')
    })

    it('tells a birth date, which a surer sign-in replaces', async () => {
      const birthDateOf = async (claims: JWTPayload) =>
        (await viewer('foreigner', { sub: 'dated', fin: 'TEST053', ...claims })).party.birthDate
      expect(await birthDateOf({ ...low, birthdate: undefined })).toBeNull()
      expect(await birthDateOf({ ...low, birthdate: '1980-01-01' })).toBe('1980-01-01')
      expect(await birthDateOf({ ...high, birthdate: '2012-01-01' })).toBe('2012-01-01')
      expect(await birthDateOf({ ...low, birthdate: '1980-01-01' })).toBeNull()
      expect(await birthDateOf(high)).toBe('2012-01-01')
    })
  })
})
