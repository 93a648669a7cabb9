import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkCharacterOf, numberOf, readNumber } from '../../src/shared/number.js'

describe('numberOf and readNumber', () => {
  it('use the check character of ISO 7064', () => {
    // The example of the Global Release Identifier, which has the same: A1-2425G-ABC1234002-M.
    expect(checkCharacterOf('A12425GABC1234002')).toBe('M')
    expect(numberOf('M', 2026, 123n)).toMatch(/^M26-0000123-[0-9A-Z]$/)
  })

  it('read a number in any spelling, and not with a wrong digit', () => {
    const serials = fc.bigInt({ min: 0n, max: 999_999_999n })
    fc.assert(
      fc.property(serials, fc.nat(), fc.nat(9), (serial, place, digit) => {
        const number = numberOf('M', 2026, serial)
        expect(readNumber(number.toLowerCase().replaceAll('-', ' '))).toBe(number)
        const digits = number.slice(4, -2)
        const at = 4 + (place % digits.length)
        const wrong = `${number.slice(0, at)}${digit}${number.slice(at + 1)}`
        expect(readNumber(wrong)).toBe(wrong === number ? number : undefined)
      }),
    )
  })

  it.each(['', 'M26', 'M26-1-X', '<script>', '../etc'])('do not read "%s"', (text) => {
    expect(readNumber(text)).toBeUndefined()
  })
})
