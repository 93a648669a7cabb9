import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { dataFiles } from '../support/dataFiles.js'

// The fees and terms of each service before they were tariffs: variant, amount, currency, due and confidence.
type Before = Record<string, { fees: string[][]; terms: (string | number | null)[][] }>
const before: Before = JSON.parse(readFileSync(new URL('beforeTariffs.json', import.meta.url), 'utf8'))

const { services } = dataFiles()
const due: Record<string, string> = { BEFORE_PROCESSING: 'BEFORE_REGISTRATION', AFTER_APPROVAL: 'AFTER_APPROVAL' }

/** Tariffs and fees have other codes than variants where a variant was only a part. */
const partOf: Record<string, string> = { ELECTRONIC: 'ELECTRONIC_LOCAL_CAPITAL' }
/** The terms that are no alternatives have a purpose, or became an extension. */
const purposes: Record<string, string> = {
  NEEDS_STUDY: 'STUDY',
  WITH_INQUIRY: 'STUDY',
  PROACTIVE: 'PROACTIVE',
  PAYMENT_AFTER_NOTICE: 'PAYMENT',
  ISSUE_AFTER_PAYMENT: 'ISSUE',
}

const all = services.services.map(({ code, version: { tariffs, process } }) => ({
  code,
  tariffs,
  extension: process?.extension,
}))

describe('The tariffs of the data', () => {
  it('are those of 77 services, each of which had fees and terms before', () => {
    expect(all.map(({ code }) => code)).toEqual(Object.keys(before))
    expect(all).toHaveLength(77)
  })

  it.each(all)('of $code keep each amount, its currency, when it is due, and its confidence', ({ code, tariffs }) => {
    const lines = tariffs.flatMap((tariff) =>
      tariff.fees.map(({ code, amount, currency, due = null, confidence }) => ({
        codes: [tariff.code, code],
        is: JSON.stringify([amount, currency, due, confidence]),
      })),
    )
    const old = (before[code]?.fees ?? []).map(([variant = '', amount, currency, when = '', confidence]) => ({
      code: partOf[variant] ?? variant,
      is: JSON.stringify([amount, currency, amount === '0.00' ? null : due[when], confidence]),
    }))
    const lost = old.filter((one) => !lines.some(({ codes, is }) => is === one.is && codes.includes(one.code)))
    expect(lost).toEqual([])
    // What was added says that it is unknown.
    const known = lines.filter(({ is }) => !is.endsWith('"UNKNOWN"]'))
    expect(known.filter(({ is }) => !old.some((one) => one.is === is))).toEqual([])
  })

  it.each(all)('of $code keep each term, its unit and its confidence', ({ code, tariffs, extension }) => {
    const terms = tariffs.flatMap(({ terms }) =>
      terms.map(({ purpose, value, unit, confidence }) => JSON.stringify([purpose, value, unit, confidence])),
    )
    const old = (before[code]?.terms ?? []).filter(([variant]) => variant !== 'EXTENSION_WITH_NOTICE')
    const kept = old.map(([variant, ...rest]) => JSON.stringify([purposes[`${variant}`] ?? 'DECISION', ...rest]))
    expect([...new Set(terms)].sort()).toEqual([...new Set(kept)].sort())
    const extended = (before[code]?.terms ?? []).filter(([variant]) => variant === 'EXTENSION_WITH_NOTICE')
    for (const [, value] of extended) expect(extension).toBe(value)
  })
})
