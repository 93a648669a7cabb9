import { createPublicKey } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { compactVerify } from 'jose'
import { v7 } from 'uuid'
import { expect, test } from 'vitest'
import { agencies } from '../../src/agencies/agency.table.js'
import { issueDocument, type ToIssue } from '../../src/documents/issueDocument.js'
import { DocumentKind, issuedDocuments } from '../../src/documents/issuedDocument.table.js'
import { keysOf } from '../../src/identity/party.js'
import { readNumber } from '../../src/shared/number.js'
import { open } from '../../src/shared/personal.js'
import { readAll, sweepAll } from '../events/happened.js'
import { cloneDatabase } from '../support/database.js'
import { partiesIn } from '../support/parties.js'
import { sealsOfTest } from '../support/seals.js'
import { keyringOfFile as keyring } from '../support/server.js'

const database = await cloneDatabase()
const { db } = database
const partyId = await partiesIn(database).persona('citizen')
const [dvx] = await db.select().from(agencies).where(eq(agencies.code, 'DVX'))
const agencyId = dvx?.id as string // seeded
const seals = sealsOfTest()
const receipts = await seals.current({ receipts: true })
const now = () => new Date('2027-01-01T01:00:00+04:00')
const context = { keyring, seals, now, caller: { id: `person:${partyId}` } }

const about = () => ({ partyId, agencyId, subjectId: v7(), claims: { subject: 'A27-0000001-X', mandates: [] } })
const issue = (issued: ToIssue) => db.transaction((tx) => issueDocument({ tx, context }, issued))

async function rowOf(id: string) {
  const [row] = await db.select().from(issuedDocuments).where(eq(issuedDocuments.id, id))
  const keys = await keysOf(database, keyring, [partyId])
  return open(keys.get(partyId)!, issuedDocuments, row!)
}

test('a receipt is signed at once, over its canonical claims', async () => {
  const issued = about()
  const { id, number } = await issue({ kind: DocumentKind.RECEIPT, ...issued, serviceCode: 'DVX-RETURN' })
  expect(number).toMatch(/^R27-\d{7}-[0-9A-Z]$/) // the year in Baku
  expect(readNumber(number)).toBe(number)
  const row = await rowOf(id)
  expect(row).toMatchObject({ number, kind: 'RECEIPT', keyId: receipts.id, serviceCode: 'DVX-RETURN', series: null })
  const { payload, protectedHeader } = await compactVerify(row.signature!, createPublicKey(receipts.key))
  expect(protectedHeader).toEqual({ alg: 'ES256', kid: receipts.id, typ: 'pencere-receipt+jwt' })
  expect(Buffer.from(payload).toString()).toBe(
    `{"actor":"person:${partyId}","agency":"DVX","issuedAt":"2026-12-31T21:00:00.000Z","kind":"RECEIPT","mandates":[],` +
      `"number":"${number}","party":"${partyId}","sandbox":true,"subject":"A27-0000001-X"}`,
  )
  expect(row.claims).toEqual(JSON.parse(Buffer.from(payload).toString()))
})

test('a decision waits for the key of its agency, and is nobody’s without one', async () => {
  const { id, number } = await issue({ kind: DocumentKind.DECISION, ...about(), series: 'DVX' })
  expect(number).toMatch(/^D27-/)
  expect(await rowOf(id)).toMatchObject({ signature: null, keyId: null, agencyId, series: 'DVX', seriesNumber: null })
  const { agencyId: _left, ...ofNobody } = about()
  await expect(issue({ kind: DocumentKind.DECISION, ...ofNobody })).rejects.toThrow('a decision must be of an agency')
})

test('what is undone issued nothing; what is done has its event, with ids alone', async () => {
  await sweepAll(database)
  const before = await readAll(database)
  const undone = db.transaction(async (tx) => {
    await issueDocument({ tx, context }, { kind: DocumentKind.RECEIPT, ...about() })
    tx.rollback()
  })
  await expect(undone).rejects.toThrow('Rollback')
  const issued = about()
  const { id } = await issue({ kind: DocumentKind.RECEIPT, ...issued })
  await sweepAll(database)
  expect((await readAll(database)).slice(before.length)).toMatchObject([
    {
      ...{ domain: 'documents', type: 'document.issued', subject: id, partyId, agencyId, at: now() },
      ...{ actor: `person:${partyId}`, ids: { about: issued.subjectId } },
    },
  ])
})

test('a code is 140 bits, and stands in the database sealed and hashed', async () => {
  const [one, other] = [
    await issue({ kind: DocumentKind.RECEIPT, ...about() }),
    await issue({ kind: DocumentKind.RECEIPT, ...about() }),
  ]
  const codes = [(await rowOf(one.id)).code, (await rowOf(other.id)).code]
  expect(codes[0]).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){6}[0-9A-HJKMNP-TV-Z]{4}$/)
  expect(codes[0]).not.toBe(codes[1])
  const [raw] = await database.client`select issued_documents::text as text from issued_documents where id = ${one.id}`
  expect(raw?.text).not.toContain(codes[0])
})

test('a sandbox says so in what it signs, and a production does not', async () => {
  const real = { ...context, seals: { ...seals, isSandbox: false } }
  const { id } = await db.transaction((tx) =>
    issueDocument({ tx, context: real }, { kind: DocumentKind.RECEIPT, ...about() }),
  )
  expect((await rowOf(id)).claims).not.toHaveProperty('sandbox')
})
