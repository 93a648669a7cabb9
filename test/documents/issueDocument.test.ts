import { createPublicKey } from 'node:crypto'
import { compactVerify } from 'jose'
import { expect, test } from 'vitest'
import type { Said } from '../../src/documents/claims.js'
import { issueDocument } from '../../src/documents/issueDocument.js'
import { DocumentKind } from '../../src/documents/issuedDocument.table.js'
import { readNumber } from '../../src/shared/number.js'
import { readAll, sweepAll } from '../events/happened.js'
import { cloneDatabase } from '../support/database.js'
import { issuingIn } from '../support/issuing.js'
import { partiesIn } from '../support/parties.js'

const database = await cloneDatabase()
const { db, client } = database
const partyId = await partiesIn(database).persona('citizen')
const { seals, agencyId, now, context, about, issue, rowOf } = await issuingIn(database, partyId)
const receipts = await seals.current({ receipts: true })

test('a receipt is signed at once, over its canonical claims', async () => {
  const { id, number } = await issue('RECEIPT')
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
  const { id, number } = await issue('DECISION', { series: 'DVX' })
  expect(number).toMatch(/^D27-/)
  expect(await rowOf(id)).toMatchObject({ signature: null, keyId: null, agencyId, series: 'DVX', seriesNumber: null })
  await expect(issue('DECISION', { agencyId: undefined })).rejects.toThrow('a decision must be of an agency')
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
  const { id } = await issue('RECEIPT', issued)
  await sweepAll(database)
  expect((await readAll(database)).slice(before.length)).toMatchObject([
    {
      ...{ domain: 'documents', type: 'document.issued', subject: id, partyId, agencyId, at: now() },
      ...{ actor: `person:${partyId}`, ids: { about: issued.subjectId } },
    },
  ])
})

test('a code is 140 bits, and stands in the database sealed and hashed', async () => {
  const [one, other] = [await issue('RECEIPT'), await issue('RECEIPT')]
  const codes = [(await rowOf(one.id)).code, (await rowOf(other.id)).code]
  expect(codes[0]).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){6}[0-9A-HJKMNP-TV-Z]{4}$/)
  expect(codes[0]).not.toBe(codes[1])
  const [raw] = await client`select issued_documents::text as text from issued_documents where id = ${one.id}`
  expect(raw?.text).not.toContain(codes[0])
})

test('it names whose it is as they were told to us, unless whoever issues it says otherwise', async () => {
  const partyId = await partiesIn(database).firm('Sınaq MMC', '9900000421')
  const holderOf = async (claims?: Said) =>
    (await rowOf((await issue('RECEIPT', { partyId, ...(claims && { claims }) })).id)).claims.holder
  expect(await holderOf()).toBe('Sınaq MMC')
  expect(await holderOf({ subject: 'A27-0000001-X', holder: 'Another name' })).toBe('Another name')
  expect((await rowOf((await issue('RECEIPT')).id)).claims).not.toHaveProperty('holder')
})

test('a sandbox says so in what it signs, and a production does not', async () => {
  const real = { ...context, seals: { ...seals, isSandbox: false } }
  const { id } = await db.transaction((tx) =>
    issueDocument({ tx, context: real }, { kind: DocumentKind.RECEIPT, ...about() }),
  )
  expect((await rowOf(id)).claims).not.toHaveProperty('sandbox')
})
