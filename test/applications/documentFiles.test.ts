import { createHash } from 'node:crypto'
import { asc, eq } from 'drizzle-orm'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { configFrom } from '../../src/config.js'
import { downloadUrlOf } from '../../src/documents/files/address.js'
import { pdfOf as placeOfPdf } from '../../src/documents/files/places.js'
import { issuedDocuments } from '../../src/documents/issued/issuedDocument.table.js'
import { nodeIdOf } from '../../src/engine/node.js'
import { events } from '../../src/events/event.table.js'
import { accesses } from '../../src/exchange/accessLog/access.table.js'
import { Power } from '../../src/identity/mandates/mandate.table.js'
import { forgetParty, keysOf } from '../../src/identity/parties/party.js'
import { encryptFile } from '../../src/platform/encryptedFile.js'
import { usualTimings } from '../../src/platform/timings.js'
import { askOf } from '../support/api.js'
import { asProgram } from '../support/appointed.js'
import { cloneDatabase, unkept } from '../support/database.js'
import { pdfOf } from '../support/files.js'
import { issuingIn } from '../support/issuing.js'
import { partiesIn } from '../support/parties.js'
import { createServer, keyringOfFile } from '../support/server.js'
import { as } from '../support/tokens.js'

const database = await cloneDatabase()
const { db } = database
const parties = partiesIn(database)
const citizen = await parties.persona('citizen')
const stateless = await parties.persona('stateless')
const { signingKeys, files, issue, sign, rowOf } = await issuingIn(database, citizen)
const clock = { now: new Date() }
const config = configFrom({ LOG_LEVEL: 'silent' })
const app = await createServer({ config, database, signingKeys, files, now: () => clock.now })
const ask = askOf(app)
/** A server on which a download does not wait. */
const impatient = await createServer({
  config: { ...config, timings: { ...config.timings, pdfWait: 0 } },
  database,
  signingKeys,
  files,
  now: () => clock.now,
})
afterAll(() => Promise.all([app.close(), impatient.close()]))
beforeEach(() => unkept(database, (tx) => tx.execute('truncate accesses')))

const nodeOf = (id: string) => nodeIdOf('IssuedDocument', id)
const logged = () => db.select().from(accesses).orderBy(asc(accesses.id))
async function read(id: string, headers: Record<string, string>, fields = 'downloadUrl pdfSize pdfSha256') {
  const query = `query ($id: ID!) { node(id: $id) { ... on IssuedDocument { ${fields} } } }`
  const { data, errors } = await ask(query, { headers, variables: { id: nodeOf(id) } })
  return { ...data.node, error: errors?.[0]?.extensions.code }
}
const statusOf = async (address: string) => (await app.inject(address)).statusCode

type More = Parameters<typeof issue>[1]
/** A signed document without a PDF. */
async function signed(more: More = {}) {
  const { id, number } = await issue('DECISION', more)
  await sign(id)
  return { id, number }
}
/** Keeps a file of a few bytes as the PDF of a document. */
async function addPdf(id: string) {
  const pdf = Buffer.concat([pdfOf(), Buffer.from(`% ${id}\n`)])
  const sha256 = createHash('sha256').update(pdf).digest()
  const { file, place } = placeOfPdf(id, sha256)
  const { partyId } = await rowOf(id)
  const key = (await keysOf(database, keyringOfFile, [partyId])).get(partyId)!
  async function* chunks() {
    yield pdf
  }
  await files.put(file, encryptFile(chunks(), key, place))
  await db.update(issuedDocuments).set({ pdfSha256: sha256, pdfSize: pdf.length }).where(eq(issuedDocuments.id, id))
  return { pdf, sha256, file }
}
async function withPdf(more: More = {}) {
  const { id } = await signed(more)
  return { id, ...(await addPdf(id)) }
}

describe('IssuedDocument.downloadUrl', () => {
  it('serves the owner the whole PDF as an attachment once it is made, and logs no access', async () => {
    const { id, number } = await signed()
    const headers = await as('citizen')
    expect(await read(id, headers)).toMatchObject({ pdfSize: null, pdfSha256: null })
    const { pdf, sha256 } = await addPdf(id)
    const { downloadUrl, ...shown } = await read(id, headers)
    expect(shown).toMatchObject({ pdfSize: pdf.length, pdfSha256: sha256.toString('hex') })
    const answer = await app.inject(downloadUrl)
    expect(answer.headers).toMatchObject({
      'content-type': 'application/pdf',
      'content-length': String(pdf.length),
      'content-disposition': expect.stringMatching(`^attachment; filename="${number}.pdf"`),
    })
    expect(answer.rawPayload.equals(pdf)).toBe(true)
    expect(await logged()).toEqual([])
  })

  it('is valid for five minutes, for one document', async () => {
    const [{ id }, other] = [await withPdf(), await withPdf()]
    const { downloadUrl } = await read(id, await as('citizen'))
    expect(await statusOf(downloadUrl.replace(nodeOf(id), nodeOf(other.id)))).toBe(403)
    clock.now = new Date(clock.now.getTime() + 299_000)
    expect(await statusOf(downloadUrl)).toBe(200)
    clock.now = new Date(clock.now.getTime() + 2_000)
    expect(await statusOf(downloadUrl)).toBe(403)
  })

  it('logs the access of a representative first, with the mandate for the service', async () => {
    await parties.give(citizen, stateless, { powers: [Power.VIEW], services: ['GOV-APPEAL'] })
    const mandate = await parties.give(citizen, stateless, { powers: [Power.VIEW], services: ['DVX-RETURN'] })
    const [{ id }, other] = [await withPdf(), await withPdf({ serviceCode: 'DIN-ID-ISSUE' })]
    const headers = await as('stateless')
    const { downloadUrl } = await read(id, headers, 'downloadUrl')
    expect(await statusOf(downloadUrl)).toBe(200)
    expect(await read(other.id, headers, 'downloadUrl')).toEqual({ error: undefined })
    expect(await logged()).toMatchObject([
      {
        kind: 'FILE',
        partyId: citizen,
        actorPartyId: stateless,
        mandateIds: [mandate],
        outcome: 'SHOWN',
        fields: [nodeOf(id)],
      },
    ])
  })

  it('logs the access of a program with the scope documents:read', async () => {
    const company = await parties.firm('A company', '9900000141')
    const { id } = await withPdf({ partyId: company })
    const program = await asProgram(database, { party: company, scopes: ['documents:read'] })
    const { downloadUrl } = await read(id, program, 'downloadUrl')
    expect(await statusOf(downloadUrl)).toBe(200)
    expect(await logged()).toMatchObject([{ kind: 'FILE', partyId: company, mandateIds: [] }])
  })

  it('serves 503 if the bytes of the PDF are gone or changed', async () => {
    const [{ id, file }, other] = [await withPdf(), await withPdf()]
    const { downloadUrl } = await read(id, await as('citizen'))
    await files.put(file, (await files.get(other.file))!)
    expect(await statusOf(downloadUrl)).toBe(503)
    await files.remove(file)
    expect(await statusOf(downloadUrl)).toBe(503)
  })
})

/** What the worker is asked to do with a document, in order. */
const askedOf = async (id: string) =>
  (await db.select().from(events).where(eq(events.subject, id)).orderBy(asc(events.id))).map(({ type }) => type)

describe('The PDF of a receipt', () => {
  it('is requested from the worker by the first download, which waits for it', async () => {
    const { id } = await issue('APPLICATION_RECEIPT')
    const { downloadUrl } = await read(id, await as('citizen'))
    expect(await askedOf(id)).toEqual(['receipt.issued'])
    const waiting = app.inject(downloadUrl)
    await expect.poll(() => askedOf(id)).toEqual(['receipt.issued', 'document.requested'])
    const { pdf } = await addPdf(id)
    expect((await waiting).rawPayload.equals(pdf)).toBe(true)
  })

  it('is answered with 503 and Retry-After while it takes longer, and requested again only after ten minutes', async () => {
    const { id } = await issue('FILING_RECEIPT')
    const read503 = async () => {
      const { downloadUrl } = await read(id, await as('citizen'))
      const { statusCode, headers, body } = await impatient.inject(downloadUrl)
      expect([statusCode, headers['retry-after']]).toEqual([503, '5'])
      expect(JSON.parse(body).errors[0].extensions).toMatchObject({ reason: 'document.not_printed', retryAfter: 5 })
      return (await askedOf(id)).slice(1)
    }
    expect(await Promise.all([read503(), read503()])).toContainEqual(['document.requested'])
    clock.now = new Date(clock.now.getTime() + 599_000)
    expect(await read503()).toEqual(['document.requested'])
    clock.now = new Date(clock.now.getTime() + 2_000)
    expect(await read503()).toEqual(['document.requested', 'document.requested'])
  })

  it('is not requested of a document that the worker completes anyway, nor of a forgotten party', async () => {
    const { id } = await signed()
    const { downloadUrl } = await read(id, await as('citizen'))
    expect((await impatient.inject(downloadUrl)).statusCode).toBe(503)
    expect(await askedOf(id)).toEqual(['document.issued'])
    const company = await parties.firm('A company', '9900000132')
    const receipt = await issue('FILING_RECEIPT', { partyId: company })
    const address = downloadUrlOf(
      { keyring: keyringOfFile, origin: '', now: () => clock.now, timings: usualTimings },
      nodeOf(receipt.id),
    )
    await db.transaction((tx) => forgetParty(tx, company, new Date()))
    expect(await statusOf(address)).toBe(404)
    expect(await askedOf(receipt.id)).toEqual(['receipt.issued'])
  })
})

describe('IssuedDocument', () => {
  it.each(['code', 'signature', 'pdfSha256', 'code signature pdfSha256 downloadUrl'])(
    'logs one access when a representative reads %s, and none by the owner',
    async (fields) => {
      await parties.give(citizen, stateless, { powers: [Power.VIEW], services: ['DVX-RETURN'] })
      const { id } = await withPdf()
      await read(id, await as('citizen'), fields)
      expect(await logged()).toEqual([])
      const shown = await read(id, await as('stateless'), fields)
      expect(Object.values(shown)).toEqual([...fields.split(' ').map(() => expect.any(String)), undefined])
      expect(await logged()).toMatchObject([{ actorPartyId: stateless, fields: [nodeOf(id)] }])
    },
  )

  it('logs no access when a representative reads what does not open the document', async () => {
    const { id } = await signed()
    expect(await read(id, await as('stateless'), 'number keyId')).toMatchObject({ keyId: expect.any(String) })
    expect(await logged()).toEqual([])
  })
})
