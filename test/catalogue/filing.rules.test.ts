import { describe, expect, it } from 'vitest'
import { correctionEnds, periodFault } from '../../src/catalogue/services/filing.rules.js'
import { FilingPeriod } from '../../src/catalogue/services/filingRule.table.js'
import { TermUnit } from '../../src/shared/termUnit.table.js'
import { dataFiles } from '../support/dataFiles.js'

const { NONE, MONTH, QUARTER, YEAR } = FilingPeriod

describe('periodFault', () => {
  it.each<[string, FilingPeriod, string | null | undefined, string | undefined]>([
    ['accepts the current month', MONTH, '2026-11', undefined],
    ['accepts an earlier month', MONTH, '2025-12', undefined],
    ['accepts the current quarter', QUARTER, '2026-Q4', undefined],
    ['accepts the current year', YEAR, '2026', undefined],
    ['accepts no period where the service has none', NONE, undefined, undefined],
    ['refuses the next month', MONTH, '2026-12', 'period.in_the_future'],
    ['refuses the next quarter', QUARTER, '2027-Q1', 'period.in_the_future'],
    ['refuses the next year', YEAR, '2027', 'period.in_the_future'],
    ['refuses a month that does not exist', MONTH, '2026-13', 'period.format'],
    ['refuses a quarter that does not exist', QUARTER, '2026-Q5', 'period.format'],
    ['refuses a quarter where a month is required', MONTH, '2026-Q3', 'period.format'],
    ['refuses a month where a year is required', YEAR, '2026-10', 'period.format'],
    ['refuses a year before 2000', YEAR, '1999', 'period.format'],
    ['refuses a line break after the period', MONTH, '2026-10\n', 'period.format'],
    ['refuses a missing period', MONTH, null, 'period.missing'],
    ['refuses a period where the service has none', NONE, '2026-10', 'period.not_allowed'],
  ])('%s', (_, period, text, reason) => {
    expect(periodFault(period, text, '2026-11-30')?.reason).toBe(reason)
  })
})

describe('correctionEnds', () => {
  const receivedAt = new Date('2026-11-30T23:30:00+04:00')
  it.each<[string, number | null, TermUnit | null, string | null]>([
    ['ends with the last of its days in Baku', 10, TermUnit.CALENDAR_DAY, '2026-12-11T00:00:00+04:00'],
    ['ends with the same day of a later month, or its last', 3, TermUnit.MONTH, '2027-03-01T00:00:00+04:00'],
    ['has no end without a limit', null, null, null],
  ])('%s', (_, correctionValue, correctionUnit, end) => {
    expect(correctionEnds(receivedAt, { correctionValue, correctionUnit })).toEqual(end && new Date(end))
  })
})

describe('The services of the data that take filings', () => {
  const { services, forms, texts } = dataFiles()
  const filed = services.services.filter(({ version: { handledAs } }) => handledAs === 'FILING')

  it('have a form and a typed content each', () => {
    expect(filed).toHaveLength(7)
    expect(new Set(filed.map(({ version }) => version.filing?.typedAs)).size).toBe(7)
    expect(filed.filter(({ code }) => !forms[code]).map(({ code }) => code)).toEqual([])
  })

  it('have no documents to attach', () => {
    const codes = filed.map(({ code }) => code)
    const described = texts.services.filter(({ code }) => codes.includes(code))
    expect(described.flatMap(({ requiredDocuments }) => requiredDocuments)).toEqual([])
  })

  it('have forms that ask neither sign-in nor a registry', () => {
    const asked = filed.filter(({ code }) =>
      /"x-(registry|identity|subject|confirms)"/.test(JSON.stringify(forms[code])),
    )
    expect(asked.map(({ code }) => code)).toEqual([])
  })
})
