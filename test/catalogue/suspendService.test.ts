import { eq } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { resumeService } from '../../src/catalogue/resumeService.js'
import { ServiceStatus, services } from '../../src/catalogue/service.table.js'
import { deadlines } from '../../src/events/deadline.table.js'
import { tick } from '../../src/events/deadlines.js'
import { events } from '../../src/events/event.table.js'
import { apiOf } from '../support/api.js'
import { cloneDatabase } from '../support/database.js'
import { keyringOfTest } from '../support/keyring.js'
import { commanded, completeService } from '../support/published.js'

const database = await cloneDatabase()
const { db } = database
const moment = new Date('2026-12-01T06:00:00Z')
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
const log = { info() {}, error() {} }
/** The worker's part, by hand: what is due becomes events, and each event of its kind a job. */
async function afterwards(now: Date) {
  await tick(database, now)
  const [ended] = await db.select().from(events).where(eq(events.type, 'service.suspension_ended')).orderBy(events.id)
  if (!ended) return
  const event = { ...ended, id: String(ended.id), position: '0' }
  await resumeService.run(event, { database, keyring: keyringOfTest(), now: () => now, log })
}

it('a service that is suspended says why and until when', async () => {
  await publish('SUSPENDED')
  expect(await suspend('SUSPENDED', { until: '2026-12-10T10:00:00+04:00' })).toMatchObject({
    service: { status: 'SUSPENDED', statusNote: reason.en, suspendedUntil: until.toISOString() },
    userErrors: [],
  })
  expect(await eventsOf('SUSPENDED')).toEqual(['service.published', 'service.suspended'])
})

it('a suspension ends at its moment, once, whatever is repeated', async () => {
  await publish('ENDING')
  await suspend('ENDING', { until })
  const [deadline] = await db
    .select()
    .from(deadlines)
    .where(eq(deadlines.subject, await idOf('ENDING')))
  expect(deadline?.dueAt).toEqual(until)
  await afterwards(new Date(until.getTime() - 1))
  const statusOf = async () => (await db.select().from(services).where(eq(services.code, 'ENDING')))[0]?.status
  expect(await statusOf()).toBe(ServiceStatus.SUSPENDED)
  await db.delete(deadlines).where(eq(deadlines.subject, await idOf('SUSPENDED')))
  await afterwards(until)
  await afterwards(until)
  expect(await statusOf()).toBe(ServiceStatus.ACTIVE)
  expect(await eventsOf('ENDING')).toEqual([
    ...['service.published', 'service.suspended', 'service.suspension_ended', 'service.resumed'],
  ])
})

it('the end of a suspension that is no more leaves alone what came after it', async () => {
  await publish('AGAIN')
  await suspend('AGAIN', { until })
  const ended = { ...{ domain: 'catalogue', type: 'service.suspension_ended', subject: await idOf('AGAIN') }, ids: {} }
  await lift('AGAIN')
  await suspend('AGAIN')
  const event = { ...ended, id: '1', position: '1', partyId: null, agencyId: null, at: until, actor: 'deadline' }
  await resumeService.run(event, { database, keyring: keyringOfTest(), now: () => until, log })
  expect((await eventsOf('AGAIN')).at(-1)).toBe('service.suspended')
})

it('lifted by publishing without new rules, it has no deadline, and the rules it had', async () => {
  await publish('LIFTED')
  await suspend('LIFTED', { until })
  expect(await lift('LIFTED')).toMatchObject({ service: { status: 'ACTIVE', statusNote: null, suspendedUntil: null } })
  expect(await db.$count(deadlines, eq(deadlines.subject, await idOf('LIFTED')))).toBe(0)
  const { data } = await ask('{ service(code: "LIFTED") { versions { number } } }')
  expect(data.service.versions).toEqual([{ number: 1 }])
})

it('a retired service is found by its code, listed no more, and stays retired', async () => {
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

it.each([
  ['twice', () => suspend('DVX-RETURN').then(() => suspend('DVX-RETURN')), 'service.suspended'],
  ['what there is not', () => suspend('NONE'), 'service.unknown'],
  ['until yesterday', () => suspend('DIN-PASSPORT', { until: '2026-11-30T00:00:00Z' }), 'suspension.ends_in_the_past'],
])('nobody suspends %s', async (_, command, reason) => {
  const { service, userErrors } = await command()
  expect([service, userErrors.map((error: any) => error.reason)]).toEqual([null, [reason]])
})

it('of two who suspend at once, one does, and the other is told', async () => {
  await publish('BOTH')
  const answers = await Promise.all([suspend('BOTH'), suspend('BOTH')])
  expect(answers.map(({ userErrors }) => userErrors.map(({ reason }: any) => reason)).sort()).toEqual([
    ...[[], ['service.suspended']],
  ])
  expect(await eventsOf('BOTH')).toEqual(['service.published', 'service.suspended'])
})

it('nobody but the operator suspends or retires', async () => {
  const query = `mutation ($suspend: SuspendServiceInput!, $retire: RetireServiceInput!) {
    suspendService(input: $suspend) { replayed } retireService(input: $retire) { replayed } }`
  const input = { idempotencyKey: 'a-key-of-nobody', code: 'DIN-ADDRESS-REG', reason }
  const { data, errors } = await ask(query, { variables: { suspend: input, retire: input } })
  expect(data).toEqual({ suspendService: null, retireService: null })
  expect(errors?.map(({ extensions: { code } }) => code)).toEqual(['UNAUTHENTICATED', 'UNAUTHENTICATED'])
  expect((await db.select().from(services).where(eq(services.code, 'DIN-ADDRESS-REG')))[0]?.status).toBe('ACTIVE')
})
