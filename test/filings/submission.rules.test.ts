import { describe, expect, it } from 'vitest'
import { Audience, ServiceStatus } from '../../src/catalogue/services/service.table.js'
import { HandledAs } from '../../src/catalogue/services/serviceVersion.table.js'
import { FilingState } from '../../src/filings/filing.table.js'
import {
  type InForce,
  refusalOfService,
  slotOf,
  userErrorInForm,
  userErrorsInCorrection,
  userErrorsInParty,
} from '../../src/filings/submission/submission.rules.js'
import { PartyKind } from '../../src/identity/parties/party.table.js'

const now = new Date('2026-11-25T08:00:00Z')

describe('refusalOfService', () => {
  const service = (status: ServiceStatus, more: object = {}, suspendedUntil: Date | null = null) =>
    // The cast: what the rule reads.
    ({
      service: { status, suspendedUntil },
      version: { handledAs: HandledAs.FILING },
      rule: {},
      ...more,
    }) as InForce
  const until = (moment: string) => service(ServiceStatus.SUSPENDED, {}, new Date(moment))
  const application = { version: { handledAs: HandledAs.APPLICATION }, rule: null }
  const { ACTIVE, SUSPENDED } = ServiceStatus
  it.each<[string, Parameters<typeof refusalOfService>[0], string | undefined, number | undefined]>([
    ['allows an active service', service(ACTIVE), undefined, undefined],
    ['refuses one that takes applications', service(ACTIVE, application), 'filing.other_service', undefined],
    ['refuses such a one also while suspended', service(SUSPENDED, application), 'filing.other_service', undefined],
    ['refuses one without a version', service(ACTIVE, { version: null, rule: null }), 'filing.not_online', undefined],
    ['refuses one without a rule', service(ACTIVE, { rule: null }), 'filing.not_online', undefined],
    ['refuses a suspended one', service(SUSPENDED), 'filing.not_online', undefined],
    ['names the seconds, rounded up', until('2026-11-25T08:01:00.001Z'), 'filing.not_online', 61],
    ['names a second when the time is over', until('2026-11-25T07:00:00Z'), 'filing.not_online', 1],
  ])('%s', (_what, given, reason, retryAfter) => {
    const refusal = refusalOfService(given, now)
    expect([refusal?.reason, refusal?.params?.retryAfter]).toEqual([reason, retryAfter])
  })
})

describe('userErrorsInParty', () => {
  const { LEGAL_ENTITY, SOLE_ENTREPRENEUR } = Audience
  const firm = { kind: PartyKind.LEGAL_ENTITY, isOther: false }
  const person = { kind: PartyKind.NATURAL_PERSON, isOther: false }
  it.each<[string, Audience[], boolean, Parameters<typeof userErrorsInParty>[1], string[]]>([
    ['allows an organisation', [LEGAL_ENTITY], false, firm, []],
    ['allows an entrepreneur', [SOLE_ENTREPRENEUR], false, person, []],
    ['refuses an organisation', [SOLE_ENTREPRENEUR], true, firm, ['filing.not_for_them']],
    ['refuses an entrepreneur', [LEGAL_ENTITY], true, person, ['filing.not_for_them']],
    ['allows another party', [LEGAL_ENTITY], true, { ...firm, isOther: true }, []],
    ['refuses another party', [LEGAL_ENTITY], false, { ...firm, isOther: true }, ['filing.not_delegable']],
    [
      'lists both',
      [LEGAL_ENTITY],
      false,
      { ...person, isOther: true },
      ['filing.not_for_them', 'filing.not_delegable'],
    ],
  ])('%s', (_what, audiences, delegable, filer, reasons) => {
    const inForce = { service: { audiences }, version: { delegable } } as InForce // the cast: what the rule reads
    expect(userErrorsInParty(inForce, filer).map(({ reason }) => reason)).toEqual(reasons)
  })
})

describe('userErrorsInCorrection', () => {
  const replaced = {
    serviceId: 'a',
    period: '2026-10' as string | null,
    state: FilingState.ACCEPTED as FilingState,
    correctableUntil: null,
    hasCorrection: false,
  }
  const filed = { serviceId: 'a', period: '2026-10' as string | null, now }
  it.each<[string, typeof replaced | undefined, typeof filed, string | undefined]>([
    ['allows an accepted filing', replaced, filed, undefined],
    ['allows one without periods', { ...replaced, period: null }, { ...filed, period: null }, undefined],
    ['refuses one that the party has not', undefined, filed, 'NOT_FOUND filing.unknown'],
    ['refuses one of another service', { ...replaced, serviceId: 'b' }, filed, 'INVALID filing.other_period'],
    ['refuses one of another period', { ...replaced, period: '2026-09' }, filed, 'INVALID filing.other_period'],
    ['refuses to drop the period', replaced, { ...filed, period: null }, 'INVALID filing.other_period'],
    [
      'refuses one that waits',
      { ...replaced, state: FilingState.RECEIVED },
      filed,
      'NOT_ALLOWED_NOW filing.not_acknowledged',
    ],
    [
      'refuses one with a correction that waits',
      { ...replaced, hasCorrection: true },
      filed,
      'NOT_ALLOWED_NOW filing.correction_waits',
    ],
  ])('%s', (_what, earlier, later, refusal) => {
    const [first, ...others] = userErrorsInCorrection(earlier, later)
    expect([first && `${first.code} ${first.reason}`, others]).toEqual([refusal, []])
  })
})

describe('slotOf', () => {
  it.each<[string, boolean, string | null, string | null, string | null]>([
    ['is the period', true, '2026-10', null, '2026-10'],
    ['is left to the filing that a correction replaces', true, '2026-10', 'an id', null],
    ['is none if there may be several', false, '2026-10', null, null],
    ['is none without a period', true, null, null, null],
  ])('%s', (_what, onePerPeriod, period, replacesId, slot) => {
    expect(slotOf({ onePerPeriod }, { period, replacesId })).toBe(slot)
  })
})

describe('userErrorInForm', () => {
  const other = (field: string, expected: string) => ({
    code: 'INVALID',
    reason: 'filing.other_form',
    field: ['content', field],
    params: { expected },
  })
  it.each<[string, string | null, string | undefined, object | undefined]>([
    ['allows JSON for any form', 'vatReturn2026', 'json', undefined],
    ['allows JSON for a form without typed content', null, 'json', undefined],
    ['allows the content of a line of a batch', 'vatReturn2026', undefined, undefined],
    ['allows the typed content of the form in force', 'vatReturn2026', 'vatReturn2026', undefined],
    ['refuses that of another form', 'vatReturn2026', 'invoice2026', other('invoice2026', 'vatReturn2026')],
    ['refuses typed content if the form has none', null, 'vatReturn2026', other('vatReturn2026', 'json')],
  ])('%s', (_what, typedAs, contentAs, refusal) => {
    expect(userErrorInForm({ typedAs }, contentAs === undefined ? {} : { contentAs })).toEqual(refusal)
  })
})
