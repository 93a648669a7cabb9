import { describe, expect, it } from 'vitest'
import { linesOf } from '../../src/payments/checkout/settlementFile.js'
import { lastCompleteDay, wrongTotals } from '../../src/payments/reconciliation/reconciliation.rules.js'

describe('lastCompleteDay', () => {
  it.each([
    ['2026-11-30T21:00:00Z', '2026-11-30'], // 01:00 on 1 December in Baku
    ['2026-11-30T20:59:59Z', '2026-11-29'],
    ['2026-11-30T12:00:00Z', '2026-11-29'],
  ])('is, at %s, %s', (now, day) => {
    expect(lastCompleteDay(new Date(now))).toBe(day)
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
