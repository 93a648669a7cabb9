import { describe, expect, it } from 'vitest'
import { linesOf } from '../../src/payments/checkout/settlementFile.js'
import { daysToReconcile, wrongTotals } from '../../src/payments/reconciliation/reconciliation.rules.js'

describe('daysToReconcile', () => {
  const night = new Date('2026-11-30T21:30:00Z') // 01:30 on 1 December in Baku
  it.each([
    ['nothing before the first payment', null, null, []],
    ['all days since the first payment', null, '2026-11-28', ['2026-11-28', '2026-11-29', '2026-11-30']],
    ['those that were missed', '2026-11-28', null, ['2026-11-29', '2026-11-30']],
    ['nothing twice', '2026-11-30', null, []],
  ])('lists %s', (_, last, first, days) => {
    expect(daysToReconcile({ last, first, today: '2026-12-01' }, night)).toEqual(days)
  })

  it('waits an hour after the end of a day', () => {
    const midnight = new Date('2026-11-30T20:59:59Z')
    expect(daysToReconcile({ last: '2026-11-29', first: null, today: '2026-12-01' }, midnight)).toEqual([])
  })

  it('lists a month at most', () => {
    expect(daysToReconcile({ last: '2025-01-01', first: null, today: '2026-12-01' }, night)).toHaveLength(31)
  })
})

describe('wrongTotals', () => {
  it.each([
    [{ AZN: 5n }, { AZN: 5n }, []],
    [{ AZN: 5n }, { AZN: 6n }, ['AZN']],
    [{ AZN: 5n }, {}, ['AZN']],
    [{}, { USD: 1n }, ['USD']],
    [{}, { USD: 0n }, []],
  ])('compares %o with %o', (sums, said, wrong) => {
    // The casts: each lacks a currency that the other has.
    expect(wrongTotals(sums as Record<string, bigint>, said as Record<string, bigint>)).toEqual(wrong)
  })
})

describe('linesOf', () => {
  const readAll = async (...chunks: (string | Buffer)[]) => {
    async function* stream() {
      for (const chunk of chunks) yield Buffer.from(chunk)
    }
    const all: string[][] = []
    for await (const lines of linesOf(stream())) all.push(lines)
    return all
  }

  it('joins what chunks have cut, also in the middle of a character', async () => {
    const [start, end] = [Buffer.from('ə').subarray(0, 1), Buffer.from('ə').subarray(1)]
    expect(await readAll('a\nb', 'c\n\n', start, end)).toEqual([['a', 'bc', 'ə']])
  })

  it('hands over 500 at a time', async () => {
    expect((await readAll('x\n'.repeat(1200))).map(({ length }) => length)).toEqual([500, 500, 200])
  })

  it('refuses a line without an end', async () => {
    await expect(readAll('x'.repeat(10_001))).rejects.toThrow('a line is too long')
  })
})
