import { createPublicKey } from 'node:crypto'
import { compactVerify } from 'jose'
import { expect, test } from 'vitest'
import { issueDocument } from '../../src/documents/issueDocument.js'
import { DocumentKind } from '../../src/documents/issuedDocument.table.js'
import { mostAtOnce, numberSeries } from '../../src/documents/numberSeries.js'
import { forgetParty } from '../../src/identity/party.js'
import { withoutSeals } from '../../src/shared/seals.js'
import { cloneDatabase } from '../support/database.js'
import { issuingIn } from '../support/issuing.js'
import { partiesIn } from '../support/parties.js'

const database = await cloneDatabase()
const { db, client } = database
const parties = partiesIn(database)
const { seals, context, work, about, issue, complete, rowOf } = await issuingIn(
  database,
  await parties.persona('citizen'),
)

test('a decision is signed by its agency, once, whoever comes twice or together', async () => {
  const { id } = await issue('DECISION')
  await Promise.all([complete(id), complete(id)])
  const { signature, keyId, claims } = await rowOf(id)
  await complete(id)
  expect((await rowOf(id)).signature).toBe(signature)
  const own = await seals.current({ agency: 'DVX' })
  const { payload, protectedHeader } = await compactVerify(signature!, createPublicKey(own.key))
  expect([protectedHeader.kid, keyId, protectedHeader.typ]).toEqual([own.id, own.id, 'pencere-decision+jwt'])
  expect(JSON.parse(Buffer.from(payload).toString())).toEqual(claims)
})

test('without the key of its agency it waits, with its number; and the job says what is missing', async () => {
  const { id } = await issue('DECISION', { series: 'WAITING' })
  await expect(complete(id, { seals: withoutSeals })).rejects.toThrow('a seal is required to sign with')
  expect(await rowOf(id)).toMatchObject({ signature: null, seriesNumber: 1 })
  await complete(id)
  expect((await rowOf(id)).signature).not.toBeNull()
})

test('whose party was forgotten meanwhile is not signed, and keeps its place in the series', async () => {
  const other = await parties.persona('other-citizen')
  const { id } = await issue('DECISION', { partyId: other, series: 'FORGOTTEN' })
  await db.transaction((tx) => forgetParty(tx, other, new Date()))
  await complete(id)
  expect(await client`select signature, series_number from issued_documents where id = ${id}`).toEqual([
    { signature: null, series_number: 1 },
  ])
})

const numbersOf = (series: string) =>
  client`select series_number as number from issued_documents where series = ${series} order by id`.then((rows) =>
    rows.map(({ number }) => number),
  )
const upTo = (last: number) => Array.from({ length: last }, (_, at) => at + 1)

test('numbers of a series are dense from 1, in the order of ids, and a series knows nothing of another', async () => {
  for (let at = 0; at < 6; at++) await issue('RECEIPT', { series: at % 2 ? 'ODD' : 'EVEN' })
  await numberSeries(work, 'EVEN')
  expect([await numbersOf('EVEN'), await numbersOf('ODD')]).toEqual([upTo(3), [null, null, null]])
  await issue('RECEIPT', { series: 'EVEN' })
  await Promise.all([numberSeries(work, 'EVEN'), numberSeries(work, 'ODD')])
  expect([await numbersOf('EVEN'), await numbersOf('ODD')]).toEqual([upTo(4), upTo(3)])
})

test('what is undone leaves no gap, and what commits late comes behind', async () => {
  const { id: early } = await issue('RECEIPT', { series: 'LATE' })
  let commit = () => {}
  const told = new Promise<void>((settle) => {
    commit = settle
  })
  const late = db.transaction(async (tx) => {
    const { id } = await issueDocument({ tx, context }, { kind: DocumentKind.RECEIPT, ...about(), series: 'LATE' })
    await told
    return id
  })
  const undone = db.transaction(async (tx) => {
    await issueDocument({ tx, context }, { kind: DocumentKind.RECEIPT, ...about(), series: 'LATE' })
    tx.rollback()
  })
  await expect(undone).rejects.toThrow('Rollback')
  const { id: next } = await issue('RECEIPT', { series: 'LATE' })
  await numberSeries(work, 'LATE')
  commit()
  const ids = [early, next, await late]
  await numberSeries(work, 'LATE')
  expect(await Promise.all(ids.map(async (id) => (await rowOf(id)).seriesNumber))).toEqual([1, 2, 3])
})

test('many workers beside many writers give each number once, and leave none out', { timeout: 30_000 }, async () => {
  const writers = upTo(4).map(async () => {
    for (let at = 0; at < 20; at++) await issue('RECEIPT', { series: 'BUSY' })
  })
  let isOver = false
  const workers = upTo(3).map(async () => {
    while (!isOver) await numberSeries(work, 'BUSY')
  })
  await Promise.all(writers)
  isOver = true
  await Promise.all(workers)
  await numberSeries(work, 'BUSY')
  expect((await numbersOf('BUSY')).sort((a, b) => a - b)).toEqual(upTo(80))
})

test('a backlog is numbered in parts, to its end', { timeout: 30_000 }, async () => {
  const { id } = await issue('RECEIPT', { series: 'LONG' })
  const more = mostAtOnce + 1
  await client`
    insert into issued_documents (id, number, kind, party_id, subject_id, issued_at, claims, code, series)
    select gen_random_uuid(), 'TEST-' || n, kind, party_id, subject_id, issued_at, claims, code, series
    from issued_documents, generate_series(1, ${more}::int) n where id = ${id}`
  await numberSeries(work, 'LONG')
  expect(await numbersOf('LONG')).toEqual(upTo(more + 1))
})

test('a number that was given stays', async () => {
  const { id } = await issue('RECEIPT', { series: 'KEPT' })
  await numberSeries(work, 'KEPT')
  for (const change of ['series_number = 7', "signature = '\\x01'", "series = 'OTHER'", "number = 'R27'"])
    await expect(client.unsafe(`update issued_documents set ${change} where id = '${id}'`)).rejects.toThrow(
      /keeps what it says|personal/,
    )
  await expect(client`delete from issued_documents where id = ${id}`).rejects.toThrow()
})
