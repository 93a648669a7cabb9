import { asc } from 'drizzle-orm'
import { afterAll, beforeEach, expect, it } from 'vitest'
import { configFrom } from '../../src/config.js'
import { nodeIdOf } from '../../src/engine/nodeId.js'
import { accesses } from '../../src/exchange/access.table.js'
import { Power } from '../../src/identity/mandate.table.js'
import { apiOf } from '../support/api.js'
import { asProgram } from '../support/appointed.js'
import { cloneDatabase, unkept } from '../support/database.js'
import { sha256Of } from '../support/files.js'
import { issuingIn } from '../support/issuing.js'
import { partiesIn } from '../support/parties.js'
import { createServer } from '../support/server.js'
import { as } from '../support/tokens.js'

const database = await cloneDatabase()
const parties = partiesIn(database)
const citizen = await parties.persona('citizen')
const { seals, files, issue, complete, rowOf } = await issuingIn(database, citizen)
const clock = { now: new Date() }
const parts = { seals, files, now: () => clock.now }
const ask = await apiOf(database, parts)
const app = await createServer({ config: configFrom({ LOG_LEVEL: 'silent' }), database, ...parts })
afterAll(() => app.close())
beforeEach(() => unkept(database, (tx) => tx.execute('truncate accesses')))

const logged = () => database.db.select().from(accesses).orderBy(asc(accesses.id))
const query = 'query ($id: ID!) { node(id: $id) { ... on IssuedDocument { downloadAddress pdfSize pdfSha256 } } }'
async function seen(id: string, headers: Record<string, string>) {
  const { data, errors } = await ask(query, { headers, variables: { id: nodeIdOf('IssuedDocument', id) } })
  return { ...data.node, code: errors?.[0]?.extensions.code }
}
async function issued(more: Parameters<typeof issue>[1] = {}) {
  const { id } = await issue('DECISION', more)
  await complete(id)
  return id
}

it('The PDF of a document is fetched by whose it is, whole, as a file to be saved; that is not noted down', async () => {
  const { id, number } = await issue('DECISION')
  const headers = await as('citizen')
  expect(await seen(id, headers)).toMatchObject({ downloadAddress: null, pdfSize: null, pdfSha256: null })
  await complete(id)
  const { downloadAddress, pdfSize, pdfSha256 } = await seen(id, headers)
  const answer = await app.inject(downloadAddress)
  expect(answer.headers).toMatchObject({
    ...{ 'content-type': 'application/pdf', 'content-length': String(pdfSize) },
    'content-disposition': expect.stringMatching(`^attachment; filename="${number}.pdf"`),
  })
  expect([sha256Of(answer.rawPayload), answer.rawPayload.length]).toEqual([pdfSha256, pdfSize])
  expect((await rowOf(id)).pdfSha256?.toString('hex')).toBe(pdfSha256)
  expect(await logged()).toEqual([])

  const changed = downloadAddress.replace(nodeIdOf('IssuedDocument', id), nodeIdOf('IssuedDocument', await issued()))
  expect((await app.inject(changed)).statusCode).toBe(403)
  clock.now = new Date(clock.now.getTime() + 301_000)
  expect((await app.inject(downloadAddress)).statusCode).toBe(403)
})

it('By another it is noted down first, with the mandate that is of its service', async () => {
  const stateless = await parties.persona('stateless')
  await parties.give(citizen, stateless, { powers: [Power.VIEW], services: ['GOV-APPEAL'] })
  const mandate = await parties.give(citizen, stateless, { powers: [Power.VIEW], services: ['DVX-RETURN'] })
  const [id, other] = [await issued(), await issued({ serviceCode: 'DIN-ID-ISSUE' })]
  const headers = await as('stateless')
  const { downloadAddress } = await seen(id, headers)
  expect((await app.inject(downloadAddress)).statusCode).toBe(200)
  expect(await seen(other, headers)).toEqual({ code: undefined })
  expect(await logged()).toMatchObject([
    {
      ...{ kind: 'FILE', partyId: citizen, actorPartyId: stateless, mandateIds: [mandate], outcome: 'SHOWN' },
      fields: [nodeIdOf('IssuedDocument', id)],
    },
  ])
})

it('What else opens it is noted down too: its code, its signature, and the hash of its PDF; of its owner nothing is', async () => {
  const stateless = await parties.persona('stateless')
  await parties.give(citizen, stateless, { powers: [Power.VIEW], services: ['DVX-RETURN'] })
  const id = await issued()
  const read = async (persona: string, field: string) =>
    (
      await ask(`query ($id: ID!) { node(id: $id) { ... on IssuedDocument { number ${field} } } }`, {
        ...{ headers: await as(persona), variables: { id: nodeIdOf('IssuedDocument', id) } },
      })
    ).data.node
  for (const field of ['keyId', 'code', 'signature', 'pdfSha256', 'code signature pdfSha256 downloadAddress']) {
    await read('citizen', field)
    const before = await logged()
    expect((await read('stateless', field))[field.split(' ')[0]!]).toEqual(expect.any(String))
    const [look, ...more] = (await logged()).slice(before.length)
    expect([look?.actorPartyId, look?.fields, more]).toEqual(
      field === 'keyId' ? [undefined, undefined, []] : [stateless, [nodeIdOf('IssuedDocument', id)], []],
    )
  }
})

it('By a program with its scope it is noted down too', async () => {
  const company = await parties.firm('A company', '9900000141')
  const id = await issued({ partyId: company })
  const program = await asProgram(database, { party: company, scopes: ['documents:read'] })
  expect((await app.inject((await seen(id, program)).downloadAddress)).statusCode).toBe(200)
  expect(await logged()).toMatchObject([{ kind: 'FILE', partyId: company, mandateIds: [] }])
})

it('Where its bytes are gone or are others, nobody is given anything', async () => {
  const id = await issued()
  const { downloadAddress } = await seen(id, await as('citizen'))
  const other = await issued()
  const nameOf = async (id: string) => `documents/${id.slice(-2)}/${id}/${(await rowOf(id)).pdfSha256?.toString('hex')}`
  await files.put(await nameOf(id), (await files.get(await nameOf(other)))!)
  expect((await app.inject(downloadAddress)).statusCode).toBe(503)
  await files.remove(await nameOf(id))
  expect((await app.inject(downloadAddress)).statusCode).toBe(503)
})
