import { describe, expect, it } from 'vitest'
import { batching, lineOf, linesOf, ndjson, voens } from './batching.js'

const { send, runAll, seen } = await batching()

describe('A batch of filings', () => {
  it('files each line once, in order', async () => {
    const id = await send(ndjson([...linesOf(3), lineOf('N-4', { partyVoen: voens.other })]))
    expect(await seen(id)).toMatchObject({ state: 'RUNNING', lines: null, done: 0, linesPerSecond: null })
    await runAll()
    const batch = await seen(id)
    expect(batch).toMatchObject({ state: 'COMPLETED', lines: 4, done: 4, filed: 4, repeated: 0, refused: 0 })
  })
})
