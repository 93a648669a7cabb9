import { describe, expect, it } from 'vitest'
import { FilingAction, type Relation, refusalOf, type Standing } from '../../src/filings/filing.rules.js'
import { FilingState } from '../../src/filings/filing.table.js'

const now = new Date('2026-11-30T08:00:00Z')
const standing = (state: keyof typeof FilingState, more: Partial<Standing> = {}): Standing => ({
  state: FilingState[state],
  correctableUntil: null,
  hasCorrection: false,
  ...more,
})
const filer: Relation = { mayFile: true, mayAcknowledge: false, isLeased: false }
const agency: Relation = { mayFile: false, mayAcknowledge: true, isLeased: false }
const collector: Relation = { ...agency, isLeased: true }
const waits = { hasCorrection: true }
const late = { correctableUntil: now }
const inTime = { correctableUntil: new Date('2026-11-30T08:00:01Z') }

describe('The rules of a filing', () => {
  it.each<[keyof typeof FilingAction, Standing, Relation, string | undefined]>([
    ['REPLACE', standing('ACCEPTED'), filer, undefined],
    ['REPLACE', standing('ACCEPTED', inTime), filer, undefined],
    ['REPLACE', standing('ACCEPTED', late), filer, 'filing.correction_late'],
    ['REPLACE', standing('ACCEPTED', waits), filer, 'filing.correction_waits'],
    ['REPLACE', standing('ACCEPTED'), agency, 'filing.not_filer'],
    ['REPLACE', standing('RECEIVED'), filer, 'filing.not_acknowledged'],
    ['REPLACE', standing('REJECTED'), filer, 'filing.rejected'],
    ['REPLACE', standing('SUPERSEDED'), filer, 'filing.superseded'],
    ['REPLACE', standing('WITHDRAWN'), filer, 'filing.withdrawn'],
    ['WITHDRAW', standing('RECEIVED', late), filer, undefined],
    ['WITHDRAW', standing('ACCEPTED', inTime), filer, undefined],
    ['WITHDRAW', standing('ACCEPTED', late), filer, 'filing.correction_late'],
    ['WITHDRAW', standing('ACCEPTED', waits), filer, 'filing.correction_waits'],
    ['WITHDRAW', standing('REJECTED'), filer, 'filing.rejected'],
    ['WITHDRAW', standing('SUPERSEDED'), filer, 'filing.superseded'],
    ['WITHDRAW', standing('WITHDRAWN'), filer, 'filing.withdrawn'],
    ['WITHDRAW', standing('RECEIVED'), collector, 'filing.not_filer'],
    ['ACKNOWLEDGE', standing('RECEIVED'), collector, undefined],
    ['ACKNOWLEDGE', standing('RECEIVED'), agency, 'filing.not_leased'],
    ['ACKNOWLEDGE', standing('RECEIVED'), filer, 'filing.not_agency'],
    ['ACKNOWLEDGE', standing('ACCEPTED'), collector, 'filing.accepted'],
    ['REJECT', standing('RECEIVED'), collector, undefined],
    ['REJECT', standing('ACCEPTED'), collector, 'filing.accepted'],
    ['REJECT', standing('REJECTED'), collector, 'filing.rejected'],
    ['REJECT', standing('SUPERSEDED'), collector, 'filing.superseded'],
    ['REJECT', standing('WITHDRAWN'), collector, 'filing.withdrawn'],
  ])('%s in %j by %j: %s', (action, standing, relation, refusal) => {
    expect(refusalOf(FilingAction[action], standing, relation, now)).toBe(refusal)
  })
})
