import { gzipSync } from 'node:zlib'
import { eq, sql } from 'drizzle-orm'
import { afterEach, describe, expect, it } from 'vitest'
import { readSigned } from '../../../src/documents/signatures/readSigned.js'
import { armFailpoints } from '../../../src/engine/failpoint.js'
import { mandates } from '../../../src/identity/mandates/mandate.table.js'
import { programs } from '../../../src/identity/programs/program.table.js'
import { brokenFilingRules } from '../../support/filings.js'
import { batching, lineOf, linesOf, ndjson, padded, voens } from './batching.js'

const test = await batching()
const { send, round, runAll, seen, cancel, work } = test
const { db, client } = test.database

const outcomesOf = ({ results }: { results: { nodes: { outcome: string }[] } }) =>
  results.nodes.map(({ outcome }) => outcome)
const reasonsOf = ({ results }: { results: { nodes: { userErrors: { reason: string }[] }[] } }) =>
  results.nodes.map(({ userErrors }) => userErrors.map(({ reason }) => reason).join())
/** One chunk of 17 lines, then no more until the next round. */
const oneChunk = () => round({ filingBatchRound: -1 })
let files = 0
/** Numbers of a filer that no other test has. */
const fresh = () => `F${++files}-`

afterEach(async () => {
  armFailpoints('')
  expect(await brokenFilingRules(client)).toEqual([])
})

describe('A batch of filings', () => {
  it('files each line in order, and gives their results as NDJSON with receipts', async () => {
    const id = await send(ndjson([...linesOf(2), lineOf('N-3', { partyVoen: voens.other }), 'no filing']))
    expect(await seen(id)).toMatchObject({
      state: 'RUNNING',
      lines: null,
      done: 0,
      linesPerSecond: null,
      resultsUrl: null,
    })
    await runAll()
    const batch = await seen(id)
    expect(batch).toMatchObject({ state: 'COMPLETED', lines: 4, done: 4, filed: 3, repeated: 0, refused: 1 })
    expect(outcomesOf(batch)).toEqual(['FILED', 'FILED', 'FILED', 'REFUSED'])
    const { body, headers } = await test.app.inject(batch.resultsUrl)
    expect(headers['content-type']).toBe('application/x-ndjson; charset=utf-8')
    const results = body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(results.map(({ line, externalNumber, filingNumber }) => [line, externalNumber, filingNumber])).toEqual(
      batch.results.nodes.map((node: any) => [node.line, node.externalNumber, node.filing?.number ?? null]),
    )
    const claims = await readSigned(results[2].receipt, work.signingKeys)
    expect(claims).toMatchObject({ kind: 'FILING_RECEIPT', externalNumber: 'N-3', party: test.other })
    expect(results[3]).toMatchObject({
      receipt: null,
      userErrors: [
        { reason: 'filing_batch.line_not_object', messages: { en: expect.stringContaining('one JSON object') } },
      ],
    })
  })

  it('refuses hostile lines one by one, and files those between them', async () => {
    const name = fresh()
    const good = JSON.stringify(lineOf(`${name}1`))
    const file = Buffer.concat([
      Buffer.from(`\ufeff${good}\r\n`),
      Buffer.from(`{"content":"${'x'.repeat(5_000_000)}"}\n`),
      Buffer.from(good.replace(`${name}1`, `${name}3`)),
      Buffer.from('\n{"a":"\xff"}\n\n[1]\n{"a":\n', 'latin1'),
      Buffer.from(
        `${good.replace(`${name}1`, `${name}8`).replace('"content":{', '"content":{"__proto__":{"x":1},')}\n`,
      ),
      Buffer.from(`${good.replace(`${name}1`, `${name}9`).replace('{', '{"__proto__":{"x":1},')}\n`),
      ndjson([lineOf(`${name}\u0000`), lineOf('é'), lineOf(`${name}x`, { serviceCode: '\ud800' }), { colour: 'red' }]),
      Buffer.from(good.replace(`${name}1`, `${name}last`)),
    ])
    const id = await send(file)
    await runAll()
    const batch = await seen(id)
    expect(reasonsOf(batch)).toEqual([
      '',
      'filing_batch.line_too_long',
      '',
      'filing_batch.line_not_utf8',
      'filing_batch.line_empty',
      'filing_batch.line_not_object',
      'filing_batch.line_not_json',
      'answers.not_plain',
      'filing_batch.field_unknown',
      'filing_batch.field_wrong',
      'filing_batch.field_wrong',
      'filing_batch.field_wrong',
      'filing_batch.field_missing,filing_batch.field_missing,filing_batch.field_missing,filing_batch.field_unknown',
      '',
    ])
    expect(batch).toMatchObject({ state: 'COMPLETED', filed: 3, refused: 11 })
  })

  it('keeps at most 20 errors in the content of a line, and says how many more there are', async () => {
    const strange = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`strange${at}`, at]))
    const id = await send(ndjson([lineOf(fresh(), { content: strange })]))
    await runAll()
    const [{ userErrors }] = (await seen(id)).results.nodes
    expect(userErrors).toHaveLength(21)
    expect(userErrors[20].reason).toBe('answer.many_more')
  })

  it('files nothing new when the same file is sent again, packed or not', async () => {
    const file = ndjson([1, 2, 3].map((nth) => lineOf(`twice-${nth}`)))
    const first = await send(file)
    await runAll()
    const second = await send(gzipSync(file))
    await runAll()
    const numbers = async (id: string) => (await seen(id)).results.nodes.map(({ filing }: any) => filing.number)
    expect(await numbers(second)).toEqual(await numbers(first))
    expect(await seen(second)).toMatchObject({ state: 'COMPLETED', filed: 0, repeated: 3, refused: 0 })
  })

  it('files nothing of a file that cannot be unpacked', async () => {
    const id = await send(gzipSync(ndjson(linesOf(9))).subarray(0, -8))
    await runAll()
    expect(await seen(id)).toMatchObject({
      state: 'STOPPED',
      stoppedFor: 'filing_batch.damaged',
      explanation: expect.stringContaining('damaged'),
      done: 0,
    })
  })

  it('goes on after the last line that was committed when a chunk fails', async () => {
    const name = fresh()
    const id = await send(padded(linesOf(20, {}, name)))
    armFailpoints('filing_batch.handled=throw@2')
    await expect(round()).rejects.toThrow('failpoint')
    expect(await seen(id)).toMatchObject({
      state: 'RUNNING',
      lines: 20,
      done: 17,
      remainingSeconds: expect.any(Number),
    })
    await runAll()
    expect(await seen(id)).toMatchObject({ state: 'COMPLETED', done: 20, filed: 20, repeated: 0 })
  })

  it('files no line twice when two workers have it at once', async () => {
    const id = await send(padded(linesOf(20, {}, fresh())))
    await Promise.all([round(), round(), round()])
    await runAll()
    expect(await seen(id)).toMatchObject({ state: 'COMPLETED', done: 20, filed: 20, repeated: 0 })
  })

  it('takes turns with other batches', async () => {
    const [first, second] = [await send(padded(linesOf(20, {}, fresh()))), await send(padded(linesOf(20, {}, fresh())))]
    test.hours(0.001)
    await oneChunk()
    test.hours(0.001)
    await oneChunk()
    expect([(await seen(first)).done, (await seen(second)).done]).toEqual([17, 17])
    await runAll()
  })

  it('stops with the reason when a mandate ends in the middle', async () => {
    const id = await send(padded(linesOf(20, { partyVoen: voens.other }, fresh())))
    await oneChunk()
    const isIt = eq(mandates.id, test.mandates.other)
    await db.update(mandates).set({ revokedAt: new Date(), revokedBy: 'a test' }).where(isIt)
    await runAll()
    expect(await seen(id)).toMatchObject({
      state: 'STOPPED',
      stoppedFor: 'filing_batch.mandate_ended',
      done: 17,
      filed: 17,
    })
    // From the first line on, it is an error of the line.
    const later = await send(ndjson([lineOf(fresh(), { partyVoen: voens.other }), lineOf(fresh())]))
    await runAll()
    expect(await seen(later)).toMatchObject({ state: 'COMPLETED', filed: 1, refused: 1 })
    await db.update(mandates).set({ revokedAt: null, revokedBy: null }).where(isIt)
  })

  it('keeps what was filed when it is cancelled, and cannot be cancelled again', async () => {
    const id = await send(padded(linesOf(20, {}, fresh())))
    await oneChunk()
    expect(await cancel(id)).toMatchObject({ batch: { state: 'CANCELLED' } })
    await runAll()
    expect(await seen(id)).toMatchObject({ state: 'CANCELLED', done: 17, filed: 17, resultsUrl: expect.any(String) })
    expect(await cancel(id)).toMatchObject({ batch: null, userErrors: [{ reason: 'filing_batch.ended' }] })
  })

  it('stops with the reason when its program is revoked', async () => {
    const id = await send(padded(linesOf(20, {}, fresh())))
    await oneChunk()
    const isIt = eq(programs.id, sql`(select program_id from filing_batches order by id desc limit 1)`)
    await db.update(programs).set({ revokedAt: new Date(), revokedBy: 'a test' }).where(isIt)
    await runAll()
    await db.update(programs).set({ revokedAt: null, revokedBy: null }).where(isIt)
    expect(await seen(id)).toMatchObject({ state: 'STOPPED', stoppedFor: 'filing_batch.program_ended', done: 17 })
  })

  it('is filed under one signature over the whole file', async () => {
    const file = ndjson([lineOf(fresh(), { signature: undefined })])
    const id = await send(file, { signature: `by ${voens.firm}` })
    await runAll()
    expect(await seen(id)).toMatchObject({ state: 'COMPLETED', filed: 1 })
    const unsigned = await send(ndjson([lineOf(fresh(), { signature: undefined })]))
    await runAll()
    expect(reasonsOf(await seen(unsigned))).toEqual(['filing.unsigned'])
  })

  it('waits while a certificate cannot be checked', async () => {
    const id = await send(ndjson([lineOf(fresh())]))
    const trust = { check: async () => ({ refused: 'cannot_be_checked', why: 'revocations' }) as const }
    expect(await round({}, trust)).toBe(false)
    expect(await seen(id)).toMatchObject({ state: 'RUNNING', done: 0 })
    await runAll()
    expect(await seen(id)).toMatchObject({ state: 'COMPLETED', filed: 1 })
  })
})
