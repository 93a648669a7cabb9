import { eq } from 'drizzle-orm'
import { afterEach, describe, expect, it } from 'vitest'
import { resumeService } from '../../src/catalogue/publishing/resumeService.js'
import { ServiceStatus, services } from '../../src/catalogue/services/service.table.js'
import { deadlines } from '../../src/events/deadline.table.js'
import { tick } from '../../src/events/deadlines.js'
import { events } from '../../src/events/event.table.js'
import { unconnected } from '../../src/shared/exchange.js'
import { withoutSigningKeys } from '../../src/shared/signingKeys.js'
import { apiOf } from '../support/api.js'
import { cloneDatabase } from '../support/database.js'
import { keyringOfTest } from '../support/keyring.js'
import { commanded, completeService } from '../support/published.js'

const database = await cloneDatabase()
const { db } = database
const today = new Date('2026-12-01T06:00:00Z')
let moment = today
afterEach(() => {
  moment = today
})
const until = new Date('2026-12-10T06:00:00Z')
const ask = await apiOf(database, { now: () => moment })
const reason = { az: 'Sistem yenilənir', en: 'The system is renewed', ru: 'Система обновляется' }
const selection = 'service { code status statusNote suspendedUntil }'
const suspend = (code: string, more: object = {}) =>
  commanded(ask, 'suspendService', { code, reason, ...more }, selection, { language: 'en' })
const retire = (code: string) => commanded(ask, 'retireService', { code, reason }, selection, { language: 'en' })
const publish = (code: string) => commanded(ask, 'publishService', completeService(code, '2026-12-01'), selection)
const lift = (code: string) =>
  commanded(ask, 'publishService', { ...completeService(code, '2026-12-01'), version: null }, selection)

const idOf = async (code: string) => (await db.select().from(services).where(eq(services.code, code)))[0]?.id ?? ''
const eventsOf = async (code: string) =>
  (
    await db
      .select()
      .from(events)
      .where(eq(events.subject, await idOf(code)))
      .orderBy(events.id)
  ).map(({ type }) => type)
/** Parts of a worker that nothing here uses. */
const others = {
  keyring: keyringOfTest(),
  signingKeys: withoutSigningKeys,
  exchange: unconnected,
  log: { info() {}, error() {} },
}
/** Does the work of the worker for one service at that moment. */
async function reach(code: string, now: Date) {
  moment = now
  await tick(database, now)
  const rows = await db
    .select()
    .from(events)
    .where(eq(events.subject, await idOf(code)))
    .orderBy(events.id)
  for (const event of rows.filter(({ type }) => type === 'service.suspension_ended')) {
    const given = { ...event, id: String(event.id), position: '0' }
    await resumeService.run(given, { database, now: () => now, ...others })
  }
}
const shown = async (code: string) =>
  (
    await ask(
      `{ service(code: "${code}") { status suspendedUntil currentVersion { number } versions { number withdrawnAt } } }`,
    )
  ).data.service
const publishFrom = (code: string, validFrom: string) =>
  commanded(ask, 'publishService', completeService(code, validFrom), selection)

describe('suspendService', () => {
  it('suspends a service with a reason and an end', async () => {
    await publish('SUSPENDED')
    expect(await suspend('SUSPENDED', { until: '2026-12-10T10:00:00+04:00' })).toMatchObject({
      service: { status: 'SUSPENDED', statusNote: reason.en, suspendedUntil: until.toISOString() },
      userErrors: [],
    })
    expect(await eventsOf('SUSPENDED')).toEqual(['service.published', 'service.suspended'])
  })

  it('resumes the service at the end of the suspension, once', async () => {
    await publish('ENDING')
    await suspend('ENDING', { until })
    const [deadline] = await db
      .select()
      .from(deadlines)
      .where(eq(deadlines.subject, await idOf('ENDING')))
    expect(deadline?.dueAt).toEqual(until)
    await reach('ENDING', new Date(until.getTime() - 1))
    const statusOf = async () => (await db.select().from(services).where(eq(services.code, 'ENDING')))[0]?.status
    expect(await statusOf()).toBe(ServiceStatus.SUSPENDED)
    await reach('ENDING', until)
    await reach('ENDING', until)
    expect(await statusOf()).toBe(ServiceStatus.ACTIVE)
    expect(await eventsOf('ENDING')).toEqual([
      'service.published',
      'service.suspended',
      'service.suspension_ended',
      'service.resumed',
    ])
  })

  it('moves the end of a suspension forward, back and away', async () => {
    const dueOf = async (code: string) =>
      (
        await db
          .select()
          .from(deadlines)
          .where(eq(deadlines.subject, await idOf(code)))
      ).map(({ dueAt }) => dueAt)
    await publish('MOVED')
    await suspend('MOVED', { until })
    for (const day of ['2026-12-20T06:00:00.000Z', '2026-12-05T06:00:00.000Z', null]) {
      const { service } = await suspend('MOVED', { until: day })
      expect([service.status, service.suspendedUntil]).toEqual(['SUSPENDED', day])
      expect(await dueOf('MOVED')).toEqual(day ? [new Date(day)] : [])
    }
    expect(await eventsOf('MOVED')).toEqual(['service.published', ...Array(4).fill('service.suspended')])
  })

  it('suspends twice, one after the other, when two suspend at once', async () => {
    await publish('BOTH')
    const answers = await Promise.all([suspend('BOTH'), suspend('BOTH', { until })])
    expect(answers.map(({ userErrors }) => userErrors)).toEqual([[], []])
    expect(await eventsOf('BOTH')).toEqual(['service.published', 'service.suspended', 'service.suspended'])
  })

  it.each([
    ['an unknown service', () => suspend('NONE'), 'service.unknown'],
    [
      'an end in the past',
      () => suspend('DIN-PASSPORT', { until: '2026-11-30T00:00:00Z' }),
      'suspension.ends_in_the_past',
    ],
    [
      'an end in a year of five digits',
      () => suspend('DIN-PASSPORT', { until: '9999-12-31T23:59:59-23:59' }),
      'suspension.ends_too_late',
    ],
    ['an end in 2099', () => suspend('DIN-PASSPORT', { until: '2099-01-01T00:00:00Z' }), 'suspension.ends_too_late'],
    ['a blank reason', () => suspend('DIN-PASSPORT', { reason: { ...reason, en: ' ' } }), 'text.missing'],
  ])('rejects %s', async (_, command, reason) => {
    const { service, userErrors } = await command()
    expect([service, userErrors.map((error: any) => error.reason)]).toEqual([null, [reason]])
  })
})

describe('resumeService', () => {
  it('ignores the end of an earlier suspension', async () => {
    await publish('AGAIN')
    await suspend('AGAIN', { until })
    const ended = {
      domain: 'catalogue',
      type: 'service.suspension_ended',
      subject: await idOf('AGAIN'),
      ids: {},
    }
    await lift('AGAIN')
    await suspend('AGAIN')
    const event = {
      ...ended,
      id: '1',
      position: '1',
      partyId: null,
      agencyId: null,
      serviceCode: null,
      at: until,
      actor: 'deadline',
    }
    await resumeService.run(event, { database, now: () => until, ...others })
    expect((await eventsOf('AGAIN')).at(-1)).toBe('service.suspended')
  })
})

describe('publishService without a version', () => {
  it('lifts a suspension, with its deadline, and adds no version', async () => {
    await publish('LIFTED')
    await suspend('LIFTED', { until })
    expect(await lift('LIFTED')).toMatchObject({
      service: { status: 'ACTIVE', statusNote: null, suspendedUntil: null },
    })
    expect(await db.$count(deadlines, eq(deadlines.subject, await idOf('LIFTED')))).toBe(0)
    const { data } = await ask('{ service(code: "LIFTED") { versions { number } } }')
    expect(data.service.versions).toEqual([{ number: 1 }])
  })
})

describe('retireService', () => {
  it('ends the service for good: it is found by its code alone', async () => {
    await publish('RETIRED')
    await suspend('RETIRED', { until })
    expect(await retire('RETIRED')).toMatchObject({
      service: { status: 'RETIRED', statusNote: reason.en, suspendedUntil: null },
    })
    expect(await db.$count(deadlines, eq(deadlines.subject, await idOf('RETIRED')))).toBe(0)
    const { data } = await ask(
      '{ service(code: "RETIRED") { status } searchServices(text: "retired", first: 5) { nodes { service { code } } } }',
    )
    expect(data.service).toEqual({ status: 'RETIRED' })
    expect(data.searchServices.nodes.map(({ service }: any) => service.code)).not.toContain('RETIRED')
    const refusals = [await retire('RETIRED'), await suspend('RETIRED'), await publish('RETIRED')]
    expect(refusals.map(({ service, userErrors }) => [service, userErrors[0].code, userErrors[0].reason])).toEqual(
      Array(3).fill([null, 'NOT_ALLOWED_NOW', 'service.retired']),
    )
  })
})

describe('publishService with a version that begins later', () => {
  it('suspends a new service until the first day of the version', async () => {
    const { service } = await publishFrom('LATER', '2026-12-15')
    expect(service).toMatchObject({ status: 'SUSPENDED', statusNote: null, suspendedUntil: '2026-12-14T20:00:00.000Z' })
    expect((await shown('LATER')).currentVersion).toBeNull()
    const early = await suspend('LATER', { until: '2026-12-12T06:00:00Z' })
    expect(early.userErrors.map(({ reason }: any) => reason)).toEqual(['suspension.ends_without_rules'])
    expect((await lift('LATER')).userErrors.map(({ reason }: any) => reason)).toEqual(['service.version'])

    await reach('LATER', new Date('2026-12-14T19:59:59Z'))
    expect((await shown('LATER')).status).toBe('SUSPENDED')
    await reach('LATER', new Date('2026-12-14T20:00:00Z'))
    expect(await shown('LATER')).toMatchObject({
      status: 'ACTIVE',
      suspendedUntil: null,
      currentVersion: { number: 1 },
    })
    expect((await eventsOf('LATER')).sort()).toEqual([
      'service.published',
      'service.resumed',
      'service.suspension_ended',
      'service.version_started',
    ])
  })

  it('keeps a suspended service suspended until the first day of the version', async () => {
    await publish('SHUT')
    await suspend('SHUT', { until })
    const { service } = await publishFrom('SHUT', '2026-12-20')
    expect(service).toMatchObject({ status: 'SUSPENDED', suspendedUntil: '2026-12-19T20:00:00.000Z' })
    expect(service.statusNote).toBe(reason.az)
    await reach('SHUT', until)
    expect((await shown('SHUT')).status).toBe('SUSPENDED')
    await reach('SHUT', new Date('2026-12-19T20:00:00Z'))
    expect(await shown('SHUT')).toMatchObject({ status: 'ACTIVE', currentVersion: { number: 2 } })
  })

  it('keeps an active service active and records the first day of the version', async () => {
    await publish('OPEN')
    expect((await publishFrom('OPEN', '2026-12-15')).service).toMatchObject({ status: 'ACTIVE', suspendedUntil: null })
    await reach('OPEN', new Date('2026-12-14T20:00:00Z'))
    expect(await shown('OPEN')).toMatchObject({ status: 'ACTIVE', currentVersion: { number: 2 } })
    expect(await eventsOf('OPEN')).toEqual(['service.published', 'service.published', 'service.version_started'])
  })

  it('withdraws a version that has not begun when the next is published, and lists it', async () => {
    await publish('AGAIN-LATER')
    await publishFrom('AGAIN-LATER', '2027-06-01')
    await publishFrom('AGAIN-LATER', '2027-09-01')
    const of = async (field: string) =>
      (await ask(`{ service(code: "AGAIN-LATER") { versions { ${field} } } }`)).data.service.versions
    expect(await of('number validFrom validTo withdrawnAt')).toEqual([
      { number: 3, validFrom: '2027-09-01', validTo: null, withdrawnAt: null },
      { number: 2, validFrom: '2027-06-01', validTo: null, withdrawnAt: today.toISOString() },
      { number: 1, validFrom: '2026-12-01', validTo: '2027-08-31', withdrawnAt: null },
    ])
    await reach('AGAIN-LATER', new Date('2027-07-01T06:00:00Z'))
    expect((await shown('AGAIN-LATER')).currentVersion).toEqual({ number: 1 })
    await publishFrom('AGAIN-LATER', '2027-07-01')
    expect((await shown('AGAIN-LATER')).currentVersion).toEqual({ number: 4 })
    await reach('AGAIN-LATER', new Date('2027-10-01T06:00:00Z'))
    expect((await shown('AGAIN-LATER')).currentVersion).toEqual({ number: 4 })
    expect(await eventsOf('AGAIN-LATER')).toEqual(Array(4).fill('service.published'))
  })

  it('rejects a version that begins in more than two years', async () => {
    const { userErrors } = await publishFrom('FAR', '9999-12-31')
    expect(userErrors).toMatchObject([{ reason: 'version.begins_too_late', field: ['version', 'validFrom'] }])
    expect((await publishFrom('NOT-SO-FAR', '2028-12-01')).userErrors).toEqual([])
  })
})
