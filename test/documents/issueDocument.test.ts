import { createPublicKey } from 'node:crypto'
import { compactVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import type { ClaimsContent } from '../../src/documents/issued/claims.js'
import { issueDocument } from '../../src/documents/issued/issueDocument.js'
import { DocumentKind } from '../../src/documents/issued/issuedDocument.table.js'
import { readNumber } from '../../src/shared/number.js'
import { readAll, sweepAll } from '../events/happened.js'
import { cloneDatabase } from '../support/database.js'
import { issuingIn } from '../support/issuing.js'
import { partiesIn } from '../support/parties.js'

const database = await cloneDatabase()
const { db, client } = database
const parties = partiesIn(database)
const partyId = await parties.persona('citizen')
const { signingKeys, agencyId, now, context, about, issue, rowOf } = await issuingIn(database, partyId)
const receipts = await signingKeys.current({ receipts: true })

describe('issueDocument', () => {
  it('signs the canonical claims of a receipt at once', async () => {
    const { id, number } = await issue('APPLICATION_RECEIPT')
    expect(number).toMatch(/^R27-\d{7}-[0-9A-Z]$/) // the year in Baku
    expect(readNumber(number)).toBe(number)
    const row = await rowOf(id)
    expect(row).toMatchObject({
      number,
      kind: 'APPLICATION_RECEIPT',
      keyId: receipts.id,
      serviceCode: 'DVX-RETURN',
      series: null,
    })
    const { payload, protectedHeader } = await compactVerify(row.signature!, createPublicKey(receipts.key))
    expect(protectedHeader).toEqual({ alg: 'ES256', kid: receipts.id, typ: 'pencere-application-receipt+jwt' })
    expect(Buffer.from(payload).toString()).toBe(
      `{"actor":"person:${partyId}","agency":"DVX","issuedAt":"2026-12-31T21:00:00.000Z","kind":"APPLICATION_RECEIPT","mandates":[],` +
        `"number":"${number}","party":"${partyId}","sandbox":true,"subject":"A27-0000001-X"}`,
    )
    expect(row.claims).toEqual(JSON.parse(Buffer.from(payload).toString()))
  })

  it('leaves a decision unsigned until its agency signs it, and rejects one without an agency', async () => {
    const { id, number } = await issue('DECISION', { series: 'DVX' })
    expect(number).toMatch(/^D27-/)
    expect(await rowOf(id)).toMatchObject({ signature: null, keyId: null, agencyId, series: 'DVX', seriesNumber: null })
    await expect(issue('DECISION', { agencyId: undefined })).rejects.toThrow('a decision must be of an agency')
  })

  it('records an event that holds only ids, and none when it is rolled back', async () => {
    await sweepAll(database)
    const before = await readAll(database)
    const undone = db.transaction(async (tx) => {
      await issueDocument({ tx, context }, { kind: DocumentKind.APPLICATION_RECEIPT, ...about() })
      tx.rollback()
    })
    await expect(undone).rejects.toThrow('Rollback')
    const issued = about()
    const { id } = await issue('APPLICATION_RECEIPT', issued)
    await sweepAll(database)
    expect((await readAll(database)).slice(before.length)).toMatchObject([
      {
        domain: 'documents',
        type: 'receipt.issued', // nothing is left to do
        subject: id,
        partyId,
        agencyId,
        at: now(),
        actor: `person:${partyId}`,
        serviceCode: 'DVX-RETURN',
        ids: { about: issued.subjectId },
      },
    ])
  })

  it('makes a code of 28 random letters, which the database does not hold in clear', async () => {
    const [one, other] = [await issue('APPLICATION_RECEIPT'), await issue('APPLICATION_RECEIPT')]
    const codes = [(await rowOf(one.id)).code, (await rowOf(other.id)).code]
    expect(codes[0]).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){6}[0-9A-HJKMNP-TV-Z]{4}$/)
    expect(codes[0]).not.toBe(codes[1])
    const [raw] = await client`select issued_documents::text as text from issued_documents where id = ${one.id}`
    expect(raw?.text).not.toContain(codes[0])
  })

  it('names the holder by their particulars unless the command names them', async () => {
    const company = await parties.firm('Sınaq MMC', '9900000421')
    const holderOf = async (claims?: ClaimsContent) =>
      (await rowOf((await issue('APPLICATION_RECEIPT', { partyId: company, ...(claims && { claims }) })).id)).claims
        .holder
    expect(await holderOf()).toBe('Sınaq MMC')
    expect(await holderOf({ subject: 'A27-0000001-X', holder: 'Another name' })).toBe('Another name')
    expect((await rowOf((await issue('APPLICATION_RECEIPT')).id)).claims).not.toHaveProperty('holder')
  })

  it('does not mark a document as sandbox in production', async () => {
    const production = { ...context, signingKeys: { ...signingKeys, isSandbox: false } }
    const { id } = await db.transaction((tx) =>
      issueDocument({ tx, context: production }, { kind: DocumentKind.APPLICATION_RECEIPT, ...about() }),
    )
    expect((await rowOf(id)).claims).not.toHaveProperty('sandbox')
  })
})
