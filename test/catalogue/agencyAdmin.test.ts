import { and, eq } from 'drizzle-orm'
import { beforeAll, describe, expect, it } from 'vitest'
import { agencies } from '../../src/agencies/agency.table.js'
import { ServiceStatus, services } from '../../src/catalogue/service.table.js'
import { events } from '../../src/events/event.table.js'
import { AppointmentState, appointments } from '../../src/identity/appointment.table.js'
import { apiOf } from '../support/api.js'
import { appointed, asProgram } from '../support/appointed.js'
import { cloneDatabase } from '../support/database.js'
import { completeService } from '../support/published.js'
import { as } from '../support/tokens.js'

const database = await cloneDatabase()
const { db } = database
const moment = new Date('2026-12-01T06:00:00Z')
const ask = await apiOf(database, { now: () => moment })
const text = { az: 'Mətn', en: 'A text', ru: 'Текст' }

// `officer` reviews for DIN, `senior-officer` is its ADMIN, and `other-officer` that of DVX.
let admin = ''
beforeAll(async () => {
  await appointed(database, 'officer', 'DIN', ['REVIEWER', 'APPROVER', 'FINANCE'])
  admin = await appointed(database, 'senior-officer', 'DIN', ['ADMIN'])
  await appointed(database, 'other-officer', 'DVX', ['ADMIN'])
})

const program = await asProgram(database)
const callers = {
  nobody: async () => ({}),
  'a citizen': () => as('citizen'),
  'a program': async () => program,
  'an auditor': () => as('auditor'),
  'an officer of the agency': () => as('officer'),
  'the ADMIN of another agency': () => as('other-officer'),
  'the ADMIN of the agency, not surely known': () => as('senior-officer', { acr: 'urn:pencere:sandbox:substantial' }),
  'the operator, not surely known': () => as('operator', { acr: 'urn:pencere:sandbox:substantial' }),
  'the ADMIN of the agency': () => as('senior-officer'),
  'the operator': () => as('operator'),
}
type Who = keyof typeof callers
let keys = 0
/** The code of the error, or of the first thing to mend, or that it was done. */
async function told(who: Who, name: string, input: object): Promise<string> {
  const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input!`
  const { data, errors } = await ask(
    `mutation ($input: ${type}) { ${name}(input: $input) { userErrors { reason } replayed } }`,
    { variables: { input: { idempotencyKey: `a-key-of-a-test-${++keys}`, ...input } }, headers: await callers[who]() },
  )
  return errors?.[0]?.extensions.code ?? data[name].userErrors[0]?.reason ?? 'done'
}
const publish = (who: Who, code: string, more: object = {}) =>
  told(who, 'publishService', { ...completeService(code, '2026-12-01'), ...more })
const agencyOf = async (code: string) =>
  (
    await db
      .select({ agency: agencies.code })
      .from(services)
      .innerJoin(agencies, eq(agencies.id, services.agencyId))
      .where(eq(services.code, code))
  )[0]?.agency

const verdicts: [Who, string][] = [
  ['nobody', 'UNAUTHENTICATED'],
  ['a citizen', 'FORBIDDEN'],
  ['a program', 'FORBIDDEN'],
  ['an auditor', 'FORBIDDEN'],
  ['an officer of the agency', 'FORBIDDEN'],
  ['the ADMIN of another agency', 'FORBIDDEN'],
  ['the ADMIN of the agency, not surely known', 'STEP_UP_REQUIRED'],
  ['the operator, not surely known', 'STEP_UP_REQUIRED'],
  ['the ADMIN of the agency', 'done'],
  ['the operator', 'done'],
]

describe.each(verdicts)('%s', (who, verdict) => {
  const code = `OF-${verdicts.findIndex(([other]) => other === who)}`

  it(`publishes a new service: ${verdict}`, async () => {
    expect(await publish(who, code)).toBe(verdict)
    expect(await agencyOf(code)).toBe(verdict === 'done' ? 'DIN' : undefined)
  })

  it(`suspends one that stands, lifts that again, and retires it: ${verdict}`, async () => {
    await publish('the operator', `${code}-STANDS`)
    const at = async () =>
      (
        await db
          .select()
          .from(services)
          .where(eq(services.code, `${code}-STANDS`))
      )[0]?.status
    expect(await told(who, 'suspendService', { code: `${code}-STANDS`, reason: text })).toBe(verdict)
    expect(await at()).toBe(verdict === 'done' ? 'SUSPENDED' : 'ACTIVE')
    expect(await publish(who, `${code}-STANDS`, { version: null })).toBe(verdict)
    expect(await at()).toBe('ACTIVE')
    expect(await told(who, 'retireService', { code: `${code}-STANDS`, reason: text })).toBe(verdict)
    expect(await at()).toBe(verdict === 'done' ? 'RETIRED' : 'ACTIVE')
  })

  it('registers an agency only as the operator', async () => {
    const agency = { code: `AGENCY-${keys}`, type: 'STATE_AGENCY', name: text, source: 'Act 1' }
    expect(await told(who, 'registerAgency', agency)).toBe(whoRegisters(who, verdict))
  })
})
/** An officer is refused before it is asked how surely they are known. */
const whoRegisters = (who: Who, verdict: string) => (who.includes('ADMIN') ? 'FORBIDDEN' : verdict)

describe('a service stays with its agency', () => {
  it('whose ADMIN gives it to no other', async () => {
    await publish('the operator', 'STAYS')
    expect(await publish('the ADMIN of the agency', 'STAYS', { agency: 'DVX', version: null })).toBe('FORBIDDEN')
    expect(await agencyOf('STAYS')).toBe('DIN')
  })

  it('and no other takes it', async () => {
    await publish('the operator', 'NOT-TAKEN')
    expect(await publish('the ADMIN of another agency', 'NOT-TAKEN', { agency: 'DVX', version: null })).toBe(
      'FORBIDDEN',
    )
    expect(await agencyOf('NOT-TAKEN')).toBe('DIN')
  })
})

it('What is not there is told to who could have changed it, as any mistake', async () => {
  const none = { code: 'NONE', reason: text }
  expect(await told('the ADMIN of the agency', 'suspendService', none)).toBe('service.unknown')
  expect(await publish('the ADMIN of the agency', 'NEW', { agency: 'NONE' })).toBe('agency.unknown')
})

describe('A service that is not public yet', () => {
  const hidden = 'HIDDEN'
  it.each([
    ['suspendService', { reason: text }],
    ['retireService', { reason: text }],
    ['publishService', {}],
    ['publishService', { agency: 'DVX' }],
    ['publishService', { agency: 'DIN' }],
  ])('%s is for the ADMIN of another agency as if it were not there (%o)', async (name, more) => {
    await publish('the operator', hidden)
    await db.update(services).set({ status: ServiceStatus.DRAFT }).where(eq(services.code, hidden))
    const asked = async (code: string) => {
      database.statements.length = 0
      const answer = await told('the ADMIN of another agency', name, { code, ...more })
      return { answer, ran: [...database.statements] }
    }
    await asked('NONE')
    const [there, absent] = [await asked(hidden), await asked('NONE')]
    expect(there).toEqual(absent)
    expect(there.answer).not.toBe('done')
  })

  it('keeps its code: whoever would publish another under it is told that it is taken, and no more', async () => {
    expect(await publish('the ADMIN of another agency', hidden, { agency: 'DVX' })).toBe('service.code_taken')
    expect(await agencyOf(hidden)).toBe('DIN')
    expect(await told('the ADMIN of the agency', 'retireService', { code: hidden, reason: text })).toBe('service.draft')
  })
})

describe('What was done keeps under which appointment', () => {
  it.each([
    ['publishService', 'service.published', { version: null }],
    ['suspendService', 'service.suspended', { reason: text }],
    ['retireService', 'service.retired', { reason: text }],
  ] as const)('%s', async (name, type, more) => {
    const code = `UNDER-${name.slice(0, 4).toUpperCase()}`
    await publish('the operator', code)
    expect(await told('the ADMIN of the agency', name, { code, ...more })).toBe('done')
    const [service] = await db.select().from(services).where(eq(services.code, code))
    const all = await db
      .select()
      .from(events)
      .where(and(eq(events.subject, service?.id as string), eq(events.type, type)))
    expect(all.map(({ ids }) => ids.under).at(-1)).toBe(admin)
    if (type === 'service.published') expect(all[0]?.ids).toEqual({})
  })
})

it('An ADMIN who is dismissed while the command is on its way is ADMIN no more', async () => {
  await publish('the operator', 'LATE')
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
    answer = publish('the ADMIN of another agency', 'TOO-LATE', { agency: 'DVX' })
    expect(await Promise.race([answer, new Promise((settle) => setTimeout(settle, 500, 'waits'))])).toBe('waits')
  })
  expect(await answer).toBe('FORBIDDEN')
})

it('The refusal says how surely the caller must be known, and where to sign in', async () => {
  const query = 'mutation ($input: RetireServiceInput!) { retireService(input: $input) { replayed } }'
  const { errors } = await ask(query, {
    variables: { input: { idempotencyKey: 'a-key-of-a-test', code: 'STAYS', reason: text } },
    headers: await callers['the operator, not surely known'](),
  })
  expect(errors?.[0]).toMatchObject({
    message: 'Sign in with assurance HIGH, not SUBSTANTIAL, and send this again.',
    extensions: { code: 'STEP_UP_REQUIRED', assurance: 'HIGH', maxAge: null, signInAt: 'https://login.example/' },
  })
})
