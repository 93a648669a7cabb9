import { X509Certificate } from 'node:crypto'
import { compactVerify, createLocalJWKSet } from 'jose'
import { afterAll, describe, expect, it } from 'vitest'
import { configFrom } from '../../src/config.js'
import { nodeIdOf } from '../../src/engine/node.js'
import { forgetParty } from '../../src/identity/parties/party.js'
import type { ProgramScope } from '../../src/shared/context.js'
import { askOf } from '../support/api.js'
import { appointed, asProgram } from '../support/appointed.js'
import { cloneDatabase } from '../support/database.js'
import { issuingIn } from '../support/issuing.js'
import { partiesIn, partyId } from '../support/parties.js'
import { createServer } from '../support/server.js'
import { as } from '../support/tokens.js'

const database = await cloneDatabase()
const parties = partiesIn(database)
const citizen = await parties.persona('citizen')
const { signingKeys, issue, sign, rowOf } = await issuingIn(database, citizen)
const app = await createServer({ config: configFrom({ LOG_LEVEL: 'silent' }), database, signingKeys })
afterAll(() => app.close())
const ask = askOf(app)
const headers = await as('citizen')
const fields = 'number kind issuedAt keyId series seriesNumber code signature agency { code } party { id }'

describe('/.well-known/jwks.json', () => {
  it('is an empty list before anything is signed', async () => {
    expect((await app.inject('/.well-known/jwks.json')).json()).toEqual({ keys: [] })
  })

  it('publishes the keys that documents verify with, and their certificates', async () => {
    const { id } = await issue('DECISION')
    await sign(id)
    await issue('APPLICATION_RECEIPT')
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
})

describe('documents', () => {
  it('lists the documents of the caller, newest first, each as `node` returns it, before and after it is signed', async () => {
    const { id } = await issue('DECISION', { series: 'DVX' })
    const query = `query ($id: ID!) {
      documents(first: 1) { nodes { ${fields} } }
      node(id: $id) { ... on IssuedDocument { ${fields} } }
    }`
    const read = async () => (await ask(query, { headers, variables: { id: nodeIdOf('IssuedDocument', id) } })).data
    expect((await read()).documents.nodes[0]).toMatchObject({
      keyId: null,
      signature: null,
      series: 'DVX',
      seriesNumber: null,
    })
    await sign(id)
    const { number, keyId, code, signature } = await rowOf(id)
    const document = {
      number,
      keyId,
      code,
      signature,
      kind: 'DECISION',
      issuedAt: '2026-12-31T21:00:00.000Z',
      series: 'DVX',
      seriesNumber: 1,
      agency: { code: 'DVX' },
      party: { id: partyId(citizen) },
    }
    expect(await read()).toEqual({ documents: { nodes: [document] }, node: document })
  })

  it('takes as many statements for a page of many as for a page of one', async () => {
    for (let at = 0; at < 5; at++) await issue('APPLICATION_RECEIPT')
    const asked = async (first: number) => {
      const query = `{ documents(first: ${first}) { nodes { ${fields} } } }`
      await ask(query, { headers })
      database.statements.length = 0
      const { data } = await ask(query, { headers })
      return [data.documents.nodes.length, database.statements.length]
    }
    const [one, statements] = await asked(1)
    expect([one, await asked(5)]).toEqual([1, [5, statements]])
  })

  it('lists no document of a forgotten party, even to its representative', async () => {
    const other = await parties.persona('other-citizen')
    await issue('APPLICATION_RECEIPT', { partyId: other })
    await parties.give(other, citizen)
    const query = 'query ($party: ID!) { documents(party: $party, first: 10) { nodes { code signature } } }'
    const read = async () => (await ask(query, { headers, variables: { party: partyId(other) } })).data.documents.nodes
    expect(await read()).toEqual([{ code: expect.any(String), signature: expect.any(String) }])
    await database.db.transaction((tx) => forgetParty(tx, other, new Date()))
    expect(await read()).toEqual([])
  })

  it('lists the documents of an organisation to its programs with the scope documents:read', async () => {
    const company = await parties.firm('Sınaq', '9900000421')
    const { number } = await issue('APPLICATION_RECEIPT', { partyId: company })
    const query = '{ documents(first: 10) { nodes { number } } }'
    const asking = async (scopes: ProgramScope[]) =>
      await ask(query, { headers: await asProgram(database, { party: company, scopes }) })
    expect((await asking(['documents:read'])).data.documents.nodes).toEqual([{ number }])
    expect((await asking(['documents:write'])).errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
  })
})

describe('IssuedDocument', () => {
  it('shows an officer of its agency its kind but no content, and an officer of another agency nothing', async () => {
    await appointed(database, 'officer', 'DVX', ['REVIEWER'])
    await appointed(database, 'other-officer', 'DMX', ['REVIEWER'])
    const { id } = await issue('DECISION')
    await sign(id)
    const query =
      'query ($id: ID!) { node(id: $id) { ... on IssuedDocument { kind code signature downloadUrl pdfSha256 } } }'
    const read = async (persona: string) =>
      (await ask(query, { headers: await as(persona), variables: { id: nodeIdOf('IssuedDocument', id) } })).data.node
    const hidden = { code: null, signature: null, downloadUrl: null, pdfSha256: null } // any of them opens it
    expect(await read('officer')).toEqual({ kind: 'DECISION', ...hidden })
    expect(await read('other-officer')).toBeNull()
    expect(await read('citizen')).toMatchObject({ code: expect.any(String), signature: expect.any(String) })
  })
})
