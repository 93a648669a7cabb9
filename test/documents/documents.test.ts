import { X509Certificate } from 'node:crypto'
import { compactVerify, createLocalJWKSet } from 'jose'
import { afterAll, expect, test } from 'vitest'
import { configFrom } from '../../src/config.js'
import { nodeIdOf } from '../../src/engine/nodeId.js'
import { forgetParty } from '../../src/identity/party.js'
import type { ProgramScope } from '../../src/shared/context.js'
import { apiOf } from '../support/api.js'
import { appointed, asProgram } from '../support/appointed.js'
import { cloneDatabase } from '../support/database.js'
import { issuingIn } from '../support/issuing.js'
import { partiesIn, partyId } from '../support/parties.js'
import { createServer } from '../support/server.js'
import { as } from '../support/tokens.js'

const database = await cloneDatabase()
const parties = partiesIn(database)
const citizen = await parties.persona('citizen')
const { seals, issue, complete, rowOf } = await issuingIn(database, citizen)
const ask = await apiOf(database, { seals })
const headers = await as('citizen')
const fields = `number kind issuedAt keyId series seriesNumber code signature agency { code } party { id }`

test('whose it is reads a document: by the list of their own, and by its id', async () => {
  const { id } = await issue('DECISION', { series: 'DVX' })
  const query = `{ documents(first: 10) { totalCount nodes { ${fields} } } }`
  const read = async () => (await ask(query, { headers })).data.documents.nodes[0]
  expect(await read()).toMatchObject({ keyId: null, signature: null, series: 'DVX', seriesNumber: null })
  await complete(id)
  const { number, keyId, code, signature } = await rowOf(id)
  const told = {
    ...{ number, keyId, code, signature, kind: 'DECISION', issuedAt: '2026-12-31T21:00:00.000Z' },
    ...{ series: 'DVX', seriesNumber: 1, agency: { code: 'DVX' }, party: { id: partyId(citizen) } },
  }
  expect(await read()).toEqual(told)
  const byId = await ask(`query ($id: ID!) { node(id: $id) { ... on IssuedDocument { ${fields} } } }`, {
    ...{ headers, variables: { id: nodeIdOf('IssuedDocument', id) } },
  })
  expect(byId.data.node).toEqual(told)
})

test('a page of a hundred takes as many statements as a page of one, whosever they are', async () => {
  for (let at = 0; at < 30; at++) await issue('RECEIPT')
  const asked = async (first: number) => {
    const query = `{ documents(first: ${first}) { nodes { ${fields} } } }`
    await ask(query, { headers })
    database.statements.length = 0
    const { data } = await ask(query, { headers })
    return [data.documents.nodes.length, database.statements.length]
  }
  const [one, statements] = await asked(1)
  expect([one, await asked(25)]).toEqual([1, [25, statements]])
})

test('of whoever was forgotten a document says nothing but that there was one', async () => {
  const other = await parties.persona('other-citizen')
  const { id } = await issue('RECEIPT', { partyId: other })
  await parties.give(other, citizen)
  const query = `query ($party: ID!) { documents(party: $party, first: 1) { nodes { code signature number } } }`
  const variables = { party: partyId(other) }
  const read = async () => (await ask(query, { headers, variables })).data.documents.nodes
  expect(await read()).toMatchObject([{ code: expect.any(String), signature: expect.any(String) }])
  await database.db.transaction((tx) => forgetParty(tx, other, new Date()))
  const told = await read()
  expect(told.map(({ code, signature }: { code: null; signature: null }) => [code, signature])).toEqual(
    told.map(() => [null, null]),
  )
  expect(id).toBeDefined()
})

test('a program of the organisation reads them with its scope, and without it none', async () => {
  const company = await parties.firm('Sınaq', '9900000421')
  const { number } = await issue('RECEIPT', { partyId: company })
  const query = '{ documents(first: 10) { nodes { number } } }'
  const asking = async (scopes: ProgramScope[]) =>
    await ask(query, { headers: await asProgram(database, { party: company, scopes }) })
  expect((await asking(['documents:read'])).data.documents.nodes).toEqual([{ number }])
  expect((await asking(['documents:write'])).errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
})

test('anybody verifies by the published keys, with no word of ours', async () => {
  const app = await createServer({ config: configFrom({ LOG_LEVEL: 'silent' }), database, seals })
  afterAll(() => app.close())
  const { id } = await issue('DECISION')
  await complete(id)
  await issue('RECEIPT')
  const { headers, statusCode, body } = await app.inject('/.well-known/jwks.json')
  expect(statusCode).toBe(200)
  expect(headers).toMatchObject({
    'content-type': expect.stringMatching(/^application\/jwk-set\+json\b/),
    'cache-control': 'public, max-age=300',
  })
  const jwks = JSON.parse(body)
  expect(jwks.keys.map(Object.keys)).toEqual(
    Array(2).fill(['kty', 'x', 'y', 'crv', 'kid', 'use', 'alg', 'x5c', 'x5t#S256']),
  )
  const { signature, keyId } = await rowOf(id)
  const { protectedHeader } = await compactVerify(signature!, createLocalJWKSet(jwks))
  expect(protectedHeader.kid).toBe(keyId)
  const { x5c } = jwks.keys.find(({ kid }: { kid: string }) => kid === keyId)
  const [own, root] = x5c.map((der: string) => new X509Certificate(Buffer.from(der, 'base64')))
  expect(own.verify(root.publicKey) && own.subject.includes('CN=DVX SANDBOX')).toBe(true)
})

test('where nobody has signed anything yet, there are no keys, and that is an answer too', async () => {
  const app = await createServer({ config: configFrom({ LOG_LEVEL: 'silent' }), database })
  afterAll(() => app.close())
  expect((await app.inject('/.well-known/jwks.json')).json()).toEqual({ keys: [] })
})

test('an officer of its agency sees that it was issued, and opens nothing of it; one of another agency sees none', async () => {
  await appointed(database, 'officer', 'DVX', ['REVIEWER'])
  await appointed(database, 'other-officer', 'DMX', ['REVIEWER'])
  const { id } = await issue('DECISION')
  await complete(id)
  const read = async (persona: string) =>
    (
      await ask(
        'query ($id: ID!) { node(id: $id) { ... on IssuedDocument { kind code signature downloadAddress pdfSha256 } } }',
        { headers: await as(persona), variables: { id: nodeIdOf('IssuedDocument', id) } },
      )
    ).data.node
  const nothing = { code: null, signature: null, downloadAddress: null, pdfSha256: null } // any of them opens it
  expect(await read('officer')).toEqual({ kind: 'DECISION', ...nothing })
  expect(await read('other-officer')).toBeNull()
  expect(await read('citizen')).toMatchObject({ code: expect.any(String), signature: expect.any(String) })
})
