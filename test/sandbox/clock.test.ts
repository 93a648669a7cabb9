import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { configFrom } from '../../src/config.js'
import { Mode } from '../../src/platform/installation.table.js'
import { aheadBy, clockOf, setForward } from '../../src/sandbox/clock.js'
import { sandboxCommand } from '../../src/sandbox/sandbox.js'

const parent = mkdtempSync(join(tmpdir(), 'pencere-clock-'))
afterAll(() => rmSync(parent, { recursive: true }))
const dataDir = join(parent, 'data')
beforeEach(() => rmSync(dataDir, { recursive: true, force: true }))

const day = 86_400_000
const real = new Date('2026-11-25T08:00:00Z')

describe('Clock of a sandbox', () => {
  it('shows the real time until it is set forward', () => {
    expect(Math.abs(clockOf({ mode: Mode.SANDBOX, dataDir })().getTime() - Date.now())).toBeLessThan(5_000)
    setForward(dataDir, '+10d')
    expect(Math.abs(clockOf({ mode: Mode.SANDBOX, dataDir })().getTime() - Date.now() - 10 * day)).toBeLessThan(5_000)
  })

  it('is set forward by a duration or to a moment, each time from where it is', () => {
    expect(setForward(dataDir, '+1d', real).toISOString()).toBe('2026-11-26T08:00:00.000Z')
    expect(setForward(dataDir, '+90m', real).toISOString()).toBe('2026-11-26T09:30:00.000Z')
    expect(setForward(dataDir, '2026-12-01T12:00:00+04:00', real).toISOString()).toBe('2026-12-01T08:00:00.000Z')
    expect(aheadBy(dataDir)).toBe(6 * day)
  })

  it.each([
    '',
    '3d',
    '-1d',
    '+1y',
    'tomorrow',
    '2026-12-01',
    '2026-12-01T12:00:00',
    '+999999d',
    '2026-11-24T08:00:00Z',
  ])('rejects "%s"', (to) => {
    expect(() => setForward(dataDir, to, real)).toThrow(/clock/)
    expect(aheadBy(dataDir)).toBe(0)
  })

  it('never goes back', () => {
    setForward(dataDir, '+2d', real)
    expect(() => setForward(dataDir, '2026-11-26T08:00:00Z', real)).toThrow(/forward alone/)
  })

  it('is ignored in production', () => {
    setForward(dataDir, '+10d')
    expect(Math.abs(clockOf({ mode: Mode.PRODUCTION, dataDir })().getTime() - Date.now())).toBeLessThan(5_000)
  })

  it('throws if its file is invalid', () => {
    setForward(dataDir, '+1d')
    writeFileSync(join(dataDir, 'clock'), 'soon')
    expect(() => clockOf({ mode: Mode.SANDBOX, dataDir })()).toThrow(
      /must contain a number of milliseconds; got "soon"/,
    )
  })

  it('is shown and set by the command', () => {
    const config = configFrom({ DATA_DIR: dataDir })
    const moment = /(\d{4}-\S+Z)/.exec(String(sandboxCommand(['clock', '+3d'], config)))?.[1] as string // it prints one
    expect(Math.abs(Date.parse(moment) - Date.now() - 3 * day)).toBeLessThan(5_000)
    expect(sandboxCommand(['clock'], config)).toMatch(/clock {14}\d{4}-/)
    expect(() => sandboxCommand(['clock', '+1d', '+1d'], config)).toThrow(/takes one distance or moment/)
  })
})
