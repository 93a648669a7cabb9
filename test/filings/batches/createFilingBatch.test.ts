import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { tick } from '../../../src/events/deadlines.js'
import { events } from '../../../src/events/event.table.js'
import type { EventRow } from '../../../src/events/job.js'
import {
  fileOfBatch,
  removeBatchFile,
  removeLeftoverBatches,
  stopForgottenBatches,
} from '../../../src/filings/batches/batchFiles.js'
import { expireFilingBatch } from '../../../src/filings/batches/expireFilingBatch.js'
import { filingBatches } from '../../../src/filings/batches/filingBatch.table.js'
import { forgetParty } from '../../../src/identity/parties/party.js'
import { keyOf } from '../../support/keyOf.js'
import { asProgram } from '../../support/programs.js'
import { batching, lineOf, linesOf, ndjson } from './batching.js'

const test = await batching()
const { create, put, send, seen, runAll, cancel, files, database, work, ask } = test
const { db } = database
const file = ndjson(linesOf(1))

const typesOf = async (id: string) => {
  const rows = await db
    .select()
    .from(events)
    .where(eq(events.subject, keyOf(id)))
    .orderBy(events.position)
  return rows.map(({ type }) => type)
}
const has = async (id: string) => {
  const found = await files.get(fileOfBatch(keyOf(id)).file)
  found?.destroy()
  return found !== undefined
}
const eventOf = (id: string, more: object = {}) => ({ subject: keyOf(id), at: work.now(), ...more }) as EventRow // what these jobs read
const refusalOf = ({ statusCode, json }: { statusCode: number; json(): any }) => [
  statusCode,
  json().errors?.[0].extensions.reason,
]

describe('createFilingBatch', () => {
  it('announces a file, which is then sent once', async () => {
    const { batch } = await create(file)
    expect(batch).toMatchObject({
      state: 'WAITING',
      size: file.length,
      uploadUrl: expect.stringContaining('/filing-batches/'),
    })
    expect(refusalOf(await put(batch.uploadUrl, Buffer.concat([file, file])))).toEqual([422, 'upload.size_differs'])
    expect(refusalOf(await put(batch.uploadUrl, Buffer.alloc(file.length)))).toEqual([422, 'upload.hash_differs'])
    expect((await seen(batch.id)).state).toBe('WAITING')
    expect((await put(batch.uploadUrl, file)).json()).toEqual({ id: batch.id, state: 'RUNNING' })
    expect(await seen(batch.id)).toMatchObject({ state: 'RUNNING', uploadUrl: null })
    await runAll()
    expect((await put(batch.uploadUrl, file)).json()).toEqual({ id: batch.id, state: 'COMPLETED' })
    expect(await typesOf(batch.id)).toEqual(['filing_batch.created', 'filing_batch.completed'])
  })

  it.each([
    ['an empty file', { size: 0 }, 'upload.no_bytes'],
    ['a file that is too large', { size: 536_870_913 }, 'upload.too_large'],
    ['a hash of another length', { sha256: 'ab' }, 'upload.strange_hash'],
  ])('refuses %s', async (_what, input, reason) => {
    expect((await create(file, input)).userErrors).toMatchObject([{ code: 'INVALID', reason }])
  })

  it('refuses a signature that does not count', async () => {
    expect((await create(file, { signature: 'forged' })).userErrors).toMatchObject([{ reason: 'signature.unreadable' }])
  })

  it('repeats nothing under the same key', async () => {
    const [first, second] = [
      await create(file, { idempotencyKey: 'the-same-key-again' }),
      await create(file, { idempotencyKey: 'the-same-key-again' }),
    ]
    expect([second.batch.id, second.replayed]).toEqual([first.batch.id, true])
  })

  it('is for programs with the scope filings:write alone, and a batch for its organisation', async () => {
    const reader = await asProgram(database, { party: test.firm, scopes: ['filings:read'] })
    expect((await create(file, {}, reader)).codes).toEqual(['FORBIDDEN'])
    const { batch } = await create(file)
    const query = 'query ($id: ID!) { filingBatch(id: $id) { state } filingBatches(first: 100) { nodes { id } } }'
    const stranger = await asProgram(database, { party: test.client, scopes: ['filings:read', 'filings:write'] })
    expect((await ask(query, { id: batch.id }, stranger)).data).toEqual({
      filingBatch: null,
      filingBatches: { nodes: [] },
    })
    expect((await cancel(batch.id, stranger)).codes).toEqual(['FORBIDDEN'])
    expect((await cancel(batch.id, reader)).codes).toEqual(['FORBIDDEN'])
    const { data } = await ask(query, { id: batch.id }, reader)
    expect(data.filingBatch).toEqual({ state: 'WAITING' })
    expect(data.filingBatches.nodes[0]).toEqual({ id: batch.id })
    expect(await cancel(batch.id)).toMatchObject({ batch: { state: 'CANCELLED' } })
    expect(refusalOf(await put(batch.uploadUrl, file))).toEqual([200, undefined])
    expect(await has(batch.id)).toBe(false)
  })

  it('expires when the file does not come in time', async () => {
    const { batch } = await create(file)
    test.hours(25)
    await tick(database, work.now())
    expect(await typesOf(batch.id)).toEqual(['filing_batch.created', 'filing_batch.term_ended'])
    await expireFilingBatch.run(eventOf(batch.id), work)
    expect(await seen(batch.id)).toMatchObject({ state: 'EXPIRED', uploadUrl: null, resultsUrl: null })
  })

  it('allows 20 batches to wait', async () => {
    const { batch } = await create(file)
    await database.client`
      insert into filing_batches (id, party_id, program_id, created_by, state, size, sha256, created_at, expires_at, changed_at)
      select gen_random_uuid(), party_id, program_id, created_by, state, size, sha256, created_at, expires_at, changed_at
      from filing_batches, generate_series(1, 19) where id = ${keyOf(batch.id)}`
    expect((await create(file)).userErrors).toMatchObject([{ reason: 'upload.too_many_waiting' }])
    await database.client`update filing_batches set state = 'EXPIRED', ended_at = now() where state = 'WAITING'`
  })
})

describe('The file of a batch', () => {
  it('is removed when the batch has ended', async () => {
    const id = await send(ndjson([lineOf('removed')]))
    expect(await has(id)).toBe(true)
    await runAll()
    await removeBatchFile(files).run(eventOf(id), work)
    expect(await has(id)).toBe(false)
  })

  it('is removed later if that was missed, and kept while it is needed', async () => {
    const [ended, running] = [await send(ndjson([lineOf('missed')])), await send(ndjson([lineOf('needed')]))]
    await cancel(ended)
    await removeLeftoverBatches(work, files, -1_000)
    expect([await has(ended), await has(running)]).toEqual([false, true])
    await runAll()
  })

  it('is not opened any more when the data of the organisation was erased', async () => {
    const id = await send(ndjson([lineOf('forgotten')]))
    await db.transaction((tx) => forgetParty(tx, test.firm, work.now()))
    await runAll()
    await stopForgottenBatches.run({ subject: test.firm, at: work.now() } as EventRow, work) // what it reads
    const [row] = await db
      .select()
      .from(filingBatches)
      .where(eq(filingBatches.id, keyOf(id)))
    expect(row).toMatchObject({ state: 'STOPPED', stoppedFor: 'filing_batch.forgotten', done: 0 })
  })
})
