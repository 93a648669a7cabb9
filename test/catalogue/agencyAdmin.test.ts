import { and, eq, sql } from 'drizzle-orm'
import { beforeAll, describe, expect, it } from 'vitest'
import { agencies } from '../../src/agencies/agency.table.js'
import { ServiceStatus, services } from '../../src/catalogue/services/service.table.js'
import { events } from '../../src/events/event.table.js'
import { AppointmentState, appointments } from '../../src/identity/officers/appointment.table.js'
import { apiOf } from '../support/api.js'
import { appointed } from '../support/appointed.js'
import { cloneDatabase } from '../support/database.js'
import { completeService } from '../support/published.js'
import { as } from '../support/tokens.js'

const database = await cloneDatabase()
const { db } = database
const moment = new Date('2026-12-01T06:00:00Z')
const ask = await apiOf(database, { now: () => moment })
const text = { az: 'Mətn', en: 'A text', ru: 'Текст' }

// `senior-officer` is the ADMIN of DIN, and `other-officer` that of DVX.
let admin = ''
beforeAll(async () => {
  admin = await appointed(database, 'senior-officer', 'DIN', ['ADMIN'])
  await appointed(database, 'other-officer', 'DVX', ['ADMIN'])
})

const callers = {
  'the ADMIN of another agency': () => as('other-officer'),
  'the ADMIN of the agency below assurance HIGH': () =>
    as('senior-officer', { acr: 'urn:pencere:sandbox:substantial' }),
  'the operator below assurance HIGH': () => as('operator', { acr: 'urn:pencere:sandbox:substantial' }),
  'the ADMIN of the agency': () => as('senior-officer'),
  'the operator': () => as('operator'),
}
type Who = keyof typeof callers
let keys = 0
/** The code of the error, or the reason of the first user error, or `done`. */
async function answered(who: Who, name: string, input: object): Promise<string> {
  const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input!`
  const { data, errors } = await ask(
    `mutation ($input: ${type}) { ${name}(input: $input) { userErrors { reason } replayed } }`,
    { variables: { input: { idempotencyKey: `a-key-of-a-test-${++keys}`, ...input } }, headers: await callers[who]() },
  )
  return errors?.[0]?.extensions.code ?? data[name].userErrors[0]?.reason ?? 'done'
}
const publish = (who: Who, code: string, more: object = {}) =>
  answered(who, 'publishService', { ...completeService(code, '2026-12-01'), ...more })
const agencyOf = async (code: string) =>
  (
    await db
      .select({ agency: agencies.code })
      .from(services)
      .innerJoin(agencies, eq(agencies.id, services.agencyId))
      .where(eq(services.code, code))
  )[0]?.agency

// Who may send each mutation at all is tested with the access rules.
const verdicts: [Who, string][] = [
  ['the ADMIN of another agency', 'FORBIDDEN'],
  ['the ADMIN of the agency below assurance HIGH', 'STEP_UP_REQUIRED'],
  ['the operator below assurance HIGH', 'STEP_UP_REQUIRED'],
  ['the ADMIN of the agency', 'done'],
]

describe.each(verdicts)('For %s', (who, verdict) => {
  const code = `OF-${verdicts.findIndex(([other]) => other === who)}`

  it(`publishService of a new service is ${verdict}`, async () => {
    expect(await publish(who, code)).toBe(verdict)
    expect(await agencyOf(code)).toBe(verdict === 'done' ? 'DIN' : undefined)
  })

  it(`suspendService, publishService and retireService of a service are ${verdict}`, async () => {
    const existing = `${code}-EXISTS`
    await publish('the operator', existing)
    const status = async () => (await db.select().from(services).where(eq(services.code, existing)))[0]?.status
    expect(await answered(who, 'suspendService', { code: existing, reason: text })).toBe(verdict)
    expect(await status()).toBe(verdict === 'done' ? 'SUSPENDED' : 'ACTIVE')
    expect(await publish(who, existing, { version: null })).toBe(verdict)
    expect(await status()).toBe('ACTIVE')
    expect(await answered(who, 'retireService', { code: existing, reason: text })).toBe(verdict)
    expect(await status()).toBe(verdict === 'done' ? 'RETIRED' : 'ACTIVE')
  })
})

describe('registerAgency', () => {
  it('is FORBIDDEN for an ADMIN below assurance HIGH, and asks the operator to step up', async () => {
    const agency = { code: 'AGENCY', type: 'STATE_AGENCY', name: text, source: 'Act 1' }
    expect(await answered('the ADMIN of the agency below assurance HIGH', 'registerAgency', agency)).toBe('FORBIDDEN')
    expect(await answered('the operator below assurance HIGH', 'registerAgency', agency)).toBe('STEP_UP_REQUIRED')
  })
})

describe('publishService with another agency', () => {
  it('is FORBIDDEN for the ADMIN who would give a service away', async () => {
    await publish('the operator', 'STAYS')
    expect(await publish('the ADMIN of the agency', 'STAYS', { agencyCode: 'DVX', version: null })).toBe('FORBIDDEN')
    expect(await agencyOf('STAYS')).toBe('DIN')
  })

  it('is FORBIDDEN for the ADMIN who would take a service', async () => {
    await publish('the operator', 'NOT-TAKEN')
    expect(await publish('the ADMIN of another agency', 'NOT-TAKEN', { agencyCode: 'DVX', version: null })).toBe(
      'FORBIDDEN',
    )
    expect(await agencyOf('NOT-TAKEN')).toBe('DIN')
  })
})

describe('A service that is not public', () => {
  const hidden = 'HIDDEN'
  it.each([
    ['suspendService', { reason: text }],
    ['retireService', { reason: text }],
    ['publishService', {}],
    ['publishService', { agencyCode: 'DVX' }],
    ['publishService', { agencyCode: 'DIN' }],
  ])('does not exist for the ADMIN of another agency in %s %j', async (name, more) => {
    await publish('the operator', hidden)
    await db.update(services).set({ status: ServiceStatus.DRAFT }).where(eq(services.code, hidden))
    const asked = async (code: string) => {
      database.statements.length = 0
      const answer = await answered('the ADMIN of another agency', name, { code, ...more })
      return { answer, ran: [...database.statements] }
    }
    await asked('NONE')
    const [there, absent] = [await asked(hidden), await asked('NONE')]
    expect(there).toEqual(absent)
    expect(there.answer).not.toBe('done')
  })

  it('keeps its code: publishService answers service.code_taken, and no more', async () => {
    expect(await publish('the ADMIN of another agency', hidden, { agencyCode: 'DVX' })).toBe('service.code_taken')
    expect(await agencyOf(hidden)).toBe('DIN')
    expect(await answered('the ADMIN of the agency', 'retireService', { code: hidden, reason: text })).toBe(
      'service.draft',
    )
  })
})

describe('The event of an ADMIN', () => {
  it.each([
    ['publishService', 'service.published', { version: null }],
    ['suspendService', 'service.suspended', { reason: text }],
    ['retireService', 'service.retired', { reason: text }],
  ] as const)('has the appointment: %s', async (name, type, more) => {
    const code = `UNDER-${name.slice(0, 4).toUpperCase()}`
    await publish('the operator', code)
    expect(await answered('the ADMIN of the agency', name, { code, ...more })).toBe('done')
    const [service] = await db.select().from(services).where(eq(services.code, code))
    const all = await db
      .select()
      .from(events)
      .where(and(eq(events.subject, service?.id as string), eq(events.type, type)))
    expect(all.map(({ ids }) => ids.under).at(-1)).toBe(admin)
    if (type === 'service.published') expect(all[0]?.ids).toEqual({})
  })
})

describe('The ADMIN of an agency', () => {
  it('gets user errors for unknown services and agencies', async () => {
    const none = { code: 'NONE', reason: text }
    expect(await answered('the ADMIN of the agency', 'suspendService', none)).toBe('service.unknown')
    expect(await publish('the ADMIN of the agency', 'NEW', { agencyCode: 'NONE' })).toBe('agency.unknown')
  })

  it('learns from STEP_UP_REQUIRED which assurance to sign in with, and where', async () => {
    const query = 'mutation ($input: RetireServiceInput!) { retireService(input: $input) { replayed } }'
    const { errors } = await ask(query, {
      variables: { input: { idempotencyKey: 'a-key-of-a-test', code: 'STAYS', reason: text } },
      headers: await callers['the operator below assurance HIGH'](),
    })
    expect(errors?.[0]).toMatchObject({
      message: 'Sign in with assurance HIGH, not SUBSTANTIAL, then repeat the request.',
      extensions: { code: 'STEP_UP_REQUIRED', assurance: 'HIGH', maxAge: null, signInAt: 'https://login.example/' },
    })
  })

  it('is refused when the appointment ends while the mutation waits', async () => {
    const [office] = await db
      .select({ id: appointments.id })
      .from(appointments)
      .innerJoin(agencies, eq(agencies.id, appointments.agencyId))
      .where(eq(agencies.code, 'DVX'))
    const ended = { state: AppointmentState.ENDED, endedAt: moment }
    let answer: Promise<string> = Promise.resolve('')
    await db.transaction(async (tx) => {
      await tx
        .update(appointments)
        .set(ended)
        .where(eq(appointments.id, office?.id as string))
      answer = publish('the ADMIN of another agency', 'TOO-LATE', { agencyCode: 'DVX' })
      await expect.poll(() => tx.execute(sql`select from pg_locks where not granted`), { interval: 10 }).toHaveLength(1)
    })
    expect(await answer).toBe('FORBIDDEN')
  })
})
