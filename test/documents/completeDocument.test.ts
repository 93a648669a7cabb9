import { createPublicKey } from 'node:crypto'
import { compactVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import { issueDocument } from '../../src/documents/issued/issueDocument.js'
import { DocumentKind } from '../../src/documents/issued/issuedDocument.table.js'
import { maxAtOnce, numberSeries } from '../../src/documents/issued/numberSeries.js'
import { signDocument } from '../../src/documents/issued/signDocument.js'
import { forgetParty } from '../../src/identity/parties/party.js'
import { withoutSigningKeys } from '../../src/shared/signingKeys.js'
import { cloneDatabase } from '../support/database.js'
import { issuingIn } from '../support/issuing.js'
import { long } from '../support/long.js'
import { partiesIn } from '../support/parties.js'

const database = await cloneDatabase()
const { db, client } = database
const parties = partiesIn(database)
const { signingKeys, context, work, about, issue, complete, sign, rowOf } = await issuingIn(
  database,
  await parties.persona('citizen'),
)

describe('signDocument', () => {
  it('signs a decision once with the signing key of its agency, when it runs twice, at once or later', async () => {
    const { id } = await issue('DECISION')
    await Promise.all([sign(id), sign(id)])
    const { signature, keyId, claims } = await rowOf(id)
    await sign(id)
    expect((await rowOf(id)).signature).toBe(signature)
    const signingKey = await signingKeys.current({ agency: 'DVX' })
    const { payload, protectedHeader } = await compactVerify(signature!, createPublicKey(signingKey.key))
    expect([protectedHeader.kid, keyId, protectedHeader.typ]).toEqual([
      signingKey.id,
      signingKey.id,
      'pencere-decision+jwt',
    ])
    expect(JSON.parse(Buffer.from(payload).toString())).toEqual(claims)
  })
})

describe('completeDocument', () => {
  it('signs a payment receipt with the key of the platform, after it got its number and with it', async () => {
    const { id } = await issue('PAYMENT_RECEIPT', { series: 'RECEIPTS' })
    expect((await rowOf(id)).signature).toBeNull()
    await expect(signDocument(work, id)).rejects.toThrow('must be numbered before it is signed')
    await complete(id)
    const { signature, claims } = await rowOf(id)
    const { key } = await signingKeys.current({ receipts: true })
    const { payload, protectedHeader } = await compactVerify(signature!, createPublicKey(key))
    expect(protectedHeader.typ).toBe('pencere-payment-receipt+jwt')
    expect(JSON.parse(`${Buffer.from(payload)}`)).toEqual({ ...claims, series: { name: 'RECEIPTS', number: 1 } })
  })

  it('numbers a decision but fails with a clear error while the signing key of its agency is missing', async () => {
    const { id } = await issue('DECISION', { series: 'WAITING' })
    await expect(complete(id, { signingKeys: withoutSigningKeys })).rejects.toThrow(
      'a signing key is required for signing',
    )
    expect(await rowOf(id)).toMatchObject({ signature: null, seriesNumber: 1 })
    await sign(id)
    expect((await rowOf(id)).signature).not.toBeNull()
  })

  it('numbers but does not sign a decision of a forgotten party', async () => {
    const other = await parties.persona('other-citizen')
    const { id } = await issue('DECISION', { partyId: other, series: 'FORGOTTEN' })
    await db.transaction((tx) => forgetParty(tx, other, new Date()))
    await complete(id)
    expect(await client`select signature, series_number from issued_documents where id = ${id}`).toEqual([
      { signature: null, series_number: 1 },
    ])
  })
})

const numbersOf = (series: string) =>
  client`select series_number as number from issued_documents where series = ${series} order by id`.then((rows) =>
    rows.map(({ number }) => number),
  )
const upTo = (last: number) => Array.from({ length: last }, (_, at) => at + 1)

describe('numberSeries', () => {
  it('numbers each series by itself, from 1 without gaps, in the order of ids', async () => {
    for (let at = 0; at < 6; at++) await issue('APPLICATION_RECEIPT', { series: at % 2 ? 'ODD' : 'EVEN' })
    await numberSeries(work, 'EVEN')
    expect([await numbersOf('EVEN'), await numbersOf('ODD')]).toEqual([upTo(3), [null, null, null]])
    await issue('APPLICATION_RECEIPT', { series: 'EVEN' })
    await Promise.all([numberSeries(work, 'EVEN'), numberSeries(work, 'ODD')])
    expect([await numbersOf('EVEN'), await numbersOf('ODD')]).toEqual([upTo(4), upTo(3)])
  })

  it('leaves no gap for a rolled-back document, and numbers a late commit last', async () => {
    const { id: early } = await issue('APPLICATION_RECEIPT', { series: 'LATE' })
    let commit = () => {}
    const mayCommit = new Promise<void>((settle) => {
      commit = settle
    })
    const late = db.transaction(async (tx) => {
      const { id } = await issueDocument(
        { tx, context },
        { kind: DocumentKind.APPLICATION_RECEIPT, ...about(), series: 'LATE' },
      )
      await mayCommit
      return id
    })
    const undone = db.transaction(async (tx) => {
      await issueDocument({ tx, context }, { kind: DocumentKind.APPLICATION_RECEIPT, ...about(), series: 'LATE' })
      tx.rollback()
    })
    await expect(undone).rejects.toThrow('Rollback')
    const { id: next } = await issue('APPLICATION_RECEIPT', { series: 'LATE' })
    await numberSeries(work, 'LATE')
    commit()
    const ids = [early, next, await late]
    await numberSeries(work, 'LATE')
    expect(await Promise.all(ids.map(async (id) => (await rowOf(id)).seriesNumber))).toEqual([1, 2, 3])
  })

  it('gives each number once when many workers run beside many writers', { timeout: 120_000 }, async () => {
    const each = long ? 100 : 5
    const writers = upTo(4).map(async () => {
      for (let at = 0; at < each; at++) await issue('APPLICATION_RECEIPT', { series: 'BUSY' })
    })
    let isOver = false
    const workers = upTo(3).map(async () => {
      while (!isOver) await numberSeries(work, 'BUSY')
    })
    await Promise.all(writers)
    isOver = true
    await Promise.all(workers)
    await numberSeries(work, 'BUSY')
    expect((await numbersOf('BUSY')).sort((a, b) => a - b)).toEqual(upTo(4 * each))
  })

  it('numbers a backlog of more than one batch', async () => {
    const { id } = await issue('APPLICATION_RECEIPT', { series: 'LONG' })
    const more = maxAtOnce + 1
    await client`
      insert into issued_documents (id, number, kind, party_id, subject_id, issued_at, claims, code, series)
      select gen_random_uuid(), 'TEST-' || n, kind, party_id, subject_id, issued_at, claims, code, series
      from issued_documents, generate_series(1, ${more}::int) n where id = ${id}`
    await numberSeries(work, 'LONG')
    expect(await numbersOf('LONG')).toEqual(upTo(more + 1))
  })
})

describe('issued_documents', () => {
  it('refuses changes to a number, a signature or a series, and refuses deletion', async () => {
    const { id } = await issue('APPLICATION_RECEIPT', { series: 'KEPT' })
    await numberSeries(work, 'KEPT')
    const violation = { code: '23001' } // restrict_violation
    for (const change of ['series_number = 7', 'signature = code', "series = 'OTHER'", "number = 'R27'"])
      await expect(client.unsafe(`update issued_documents set ${change} where id = '${id}'`)).rejects.toMatchObject(
        violation,
      )
    await expect(client`delete from issued_documents where id = ${id}`).rejects.toMatchObject(violation)
  })
})
