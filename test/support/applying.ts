import { asc, eq } from 'drizzle-orm'
import { ApplicationState, applications } from '../../src/applications/application.table.js'
import type { Prefilled } from '../../src/applications/drafts/prefill.js'
import { registerApplication } from '../../src/applications/submission/registerApplication.js'
import { timelineEntries } from '../../src/applications/timelineEntry.table.js'
import { processes } from '../../src/catalogue/services/process.table.js'
import { services } from '../../src/catalogue/services/service.table.js'
import { serviceVersions } from '../../src/catalogue/services/serviceVersion.table.js'
import { type ProcessContent, usualProcess } from '../../src/catalogue/services/usualProcess.js'
import { UploadState, uploads } from '../../src/documents/uploads/upload.table.js'
import { nodeIdOf } from '../../src/engine/node.js'
import { deadlines } from '../../src/events/deadline.table.js'
import { events } from '../../src/events/event.table.js'
import type { Job } from '../../src/events/job.js'
import { type Ask, apiOf } from './api.js'
import { insertedApplication } from './applicationRow.js'
import { appointed } from './appointed.js'
import { cloneDatabase, type TestDatabase, unkept } from './database.js'
import { exchangeOfTest } from './exchange.js'
import { pdfOf, sha256Of } from './files.js'
import { keyOf } from './keyOf.js'
import { partiesIn } from './parties.js'
import { keyringOfFile as keyring } from './server.js'
import { testSigningKeys } from './signingKeys.js'
import { as } from './tokens.js'
import { insertUpload } from './uploadRow.js'

export type Headers = Record<string, string>
/** The name of a persona, or the headers of a request. */
type By = string | Headers | Promise<Headers>
const headersOf = async (by: By): Promise<Headers> => (typeof by === 'string' ? await as(by) : await by)

/** Answers for a change of address, without those that registries fill in. */
export const moving = {
  newAddress: { unit: 'Bakı', street: 'Sınaq', building: '2' },
  movedOn: '2026-11-01',
  basis: 'OWNER',
  contact: { phone: '+994125555555' },
  confirmed: true,
}
/** What the registries of the tests fill in for the persona `citizen`. */
const applicant = {
  fin: 'TEST001',
  surname: 'Sınaq TEST001',
  givenName: 'Test',
  birthDate: '1990-01-01',
  sex: 'M',
  citizenship: 'AZ',
}
export const movingAnswers = { ...moving, applicant }
const source = { registry: 'POPULATION', messageId: 'a-message', fetchedAt: '2026-11-25T07:00:00.000Z' }
const ofSignIn = { registry: null, messageId: null, fetchedAt: null }
export const prefilled: Prefilled = {
  places: Object.fromEntries(
    Object.keys(applicant).map((name) => [`/applicant/${name}`, name === 'fin' ? ofSignIn : source]),
  ),
  answered: ['POPULATION', 'REALESTATE'],
  missing: [],
}

/** The moment at which the tests begin: a Wednesday, 12:00 in Baku. */
export const start = new Date('2026-11-25T08:00:00Z')

type Row = typeof applications.$inferSelect
type More = Partial<Omit<typeof applications.$inferInsert, 'answers' | 'prefilled'>>
interface Inserted {
  state: ApplicationState
  answers?: Record<string, unknown>
  answered?: string[]
  /** Instead of what the registries fill in. */
  prefilled?: Prefilled
  more?: More
  entries?: Parameters<typeof insertedApplication>[2]['entries']
}
export interface Case {
  id: string
  /** The key of its row. */
  key: string
  number: string
  revision: number
}

let keys = 0
/** By `changeProcess`. */
let changedProcesses = 0

/** An API with registries, and the mutations and jobs of applications. Call it at the top of a file. */
export async function applyingOf(parts: Parameters<typeof apiOf>[1] = {}) {
  const database = await cloneDatabase()
  const { db } = database
  const world = exchangeOfTest()
  let now = start
  const clock = {
    now: () => now,
    set(moment: string | Date) {
      now = new Date(moment)
    },
  }
  const signingKeys = testSigningKeys()
  const ask: Ask = await apiOf(database, { exchange: world.exchange, signingKeys, now: clock.now, ...parts })

  const known = new Map<string, Promise<string>>()
  /** The party of a persona. */
  function partyOf(persona: string): Promise<string> {
    const party = known.get(persona) ?? partiesIn(database).persona(persona)
    known.set(persona, party)
    return party
  }

  async function send(by: By, name: string, input: object, selection = 'application { id number state revision }') {
    const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input!`
    const { data, errors } = await ask(
      `mutation ($input: ${type}) { ${name}(input: $input) { ${selection} userErrors { code reason field message params { name value } } replayed } }`,
      {
        variables: { input: { idempotencyKey: `a-key-of-applying-${++keys}`, ...input } },
        headers: await headersOf(by),
        language: 'en',
      },
    )
    return { ...data?.[name], error: errors?.[0] }
  }
  /** Sends a mutation. Returns `done`, the code of the error, or the reasons of the user errors. */
  async function outcomeOf(by: By, name: string, input: object): Promise<string> {
    const { error, userErrors } = await send(by, name, input)
    return error?.extensions.code ?? (userErrors.map(({ reason }: { reason: string }) => reason).join(' ') || 'done')
  }
  async function run(job: Job, subject: string, type = 'test', at = now, ids: Record<string, string> = {}) {
    const event = {
      id: '1',
      position: '1',
      domain: 'applications',
      type,
      subject,
      at,
      partyId: null,
      serviceCode: null,
      agencyId: null,
      actor: 'test',
      ids,
    }
    await job.run(event, {
      database,
      keyring,
      signingKeys,
      exchange: world.exchange,
      now: clock.now,
      log: { info() {}, error() {} },
    })
  }
  /** Fields of an application as that persona sees them; null if they do not see it. */
  const read = async (number: string, fields: string, persona = 'citizen') =>
    (await ask(`{ application(number: "${number}") { ${fields} } }`, { headers: await as(persona), language: 'en' }))
      .data?.application
  const timelineOf = async (number: string, persona = 'citizen') =>
    (
      await read(
        number,
        'timeline(first: 100) { nodes { type at by text dueOn dueReason fromState toState } }',
        persona,
      )
    ).timeline.nodes

  async function rowOf(key: string): Promise<Row> {
    const [row] = await db.select().from(applications).where(eq(applications.id, key))
    if (!row) throw new Error(`there is no application ${key}`)
    return row
  }
  const asCase = ({ id: key, number, revision }: Pick<Row, 'id' | 'number' | 'revision'>): Case => ({
    id: nodeIdOf('Application', key),
    key,
    number,
    revision,
  })
  /** An application of the citizen for a change of address, in that state. */
  async function inserted({
    state,
    answers = movingAnswers,
    answered,
    prefilled: given = prefilled,
    more,
    entries = [],
  }: Inserted): Promise<Case> {
    const partyId = await partyOf('citizen')
    const held = answered ? { ...given, answered } : given
    const wanted = {
      partyId,
      service: 'DIN-ADDRESS-REG',
      state,
      answers,
      prefilled: held,
      entries,
      ...(more && { more }),
    }
    return asCase(await insertedApplication(database, keyring, wanted))
  }
  /** A complete draft of the citizen. */
  const draft = (wanted: Omit<Inserted, 'state'> = {}) => inserted({ ...wanted, state: ApplicationState.DRAFT })
  /** An application of the citizen that the agency has registered at this moment. */
  const registered = (wanted: Omit<Inserted, 'state'> = {}) => registeredAs(wanted)
  /** One that is assigned to that officer. */
  const inReview = async (persona: string, more: More = {}) =>
    registeredAs({}, { state: ApplicationState.IN_REVIEW, officerId: await partyOf(persona), ...more })

  const firsts = new Map<string, ReturnType<typeof registerFirst>>()
  /** The job registers the first of its kind at this moment. Further ones are inserted as it left the first. */
  async function registeredAs(wanted: Omit<Inserted, 'state'>, more: More = {}): Promise<Case> {
    const kind = JSON.stringify([now, wanted, changedProcesses])
    const known = firsts.get(kind)
    if (known) return await insertedAs(await known, wanted, more)
    const first = registerFirst(wanted)
    firsts.set(kind, first)
    const { row } = await first
    if (Object.keys(more).length === 0) return asCase(row)
    const [moved] = await db.update(applications).set(more).where(eq(applications.id, row.id)).returning()
    return asCase(moved as Row) // found above
  }
  async function registerFirst(wanted: Omit<Inserted, 'state'>) {
    const { key } = await inserted({ ...wanted, state: ApplicationState.SUBMITTED })
    await run(registerApplication, key)
    const [row, entries, due, happened] = await Promise.all([
      rowOf(key),
      db.select().from(timelineEntries).where(eq(timelineEntries.applicationId, key)).orderBy(asc(timelineEntries.at)),
      db.select().from(deadlines).where(eq(deadlines.subject, key)),
      db.select().from(events).where(eq(events.subject, key)).orderBy(asc(events.id)),
    ])
    return { row, entries: entries.filter(({ type }) => type !== 'application.started'), due, happened }
  }
  async function insertedAs(
    { row, entries, due, happened }: Awaited<ReturnType<typeof registerFirst>>,
    wanted: Omit<Inserted, 'state'>,
    more: More,
  ): Promise<Case> {
    const { state, revision, registeredAt, dueOn, dueAt, notBefore, changedAt } = row
    const written = { ...wanted.more, revision, registeredAt, dueOn, dueAt, notBefore, changedAt, ...more }
    const made = await inserted({
      ...wanted,
      state,
      more: written,
      entries: entries.map(({ id: _id, applicationId: _first, partyId: _party, ...entry }) => entry),
    })
    if (due.length > 0)
      await db.insert(deadlines).values(due.map(({ id: _id, ...one }) => ({ ...one, subject: made.key })))
    if (happened.length > 0)
      await db
        .insert(events)
        .values(happened.map(({ id: _id, position: _none, ...one }) => ({ ...one, subject: made.key })))
    return made
  }
  const upload = async (persona = 'citizen', state?: UploadState) =>
    await insertUpload(database, await partyOf(persona), state && { state })

  return {
    database,
    world,
    clock,
    ask,
    send,
    outcomeOf,
    run,
    read,
    timelineOf,
    partyOf,
    rowOf,
    inserted,
    draft,
    registered,
    inReview,
    upload,
  }
}

export { keyOf }

/** Gives the current version of a service this process, as if it had been published so. */
export const changeProcess = (database: TestDatabase, service: string, changes: Partial<ProcessContent>) => {
  changedProcesses++
  return unkept(database, async (tx) => {
    const [version] = await tx
      .select({ id: serviceVersions.id })
      .from(serviceVersions)
      .innerJoin(services, eq(services.id, serviceVersions.serviceId))
      .where(eq(services.code, service))
    if (!version) throw new Error(`there is no version of ${service}`)
    await tx.delete(processes).where(eq(processes.versionId, version.id))
    await tx.insert(processes).values({ ...usualProcess, ...changes, versionId: version.id })
  })
}

/** Appoints the officers of the department that handles changes of address. Returns their appointments by persona. */
export async function registrars(database: TestDatabase) {
  const roles = {
    'registration-officer': ['REVIEWER'],
    'registration-deputy': ['REVIEWER', 'APPROVER'],
    'registration-head': ['APPROVER', 'ADMIN'],
  } as const
  const made: Record<string, string> = {}
  for (const [persona, held] of Object.entries(roles))
    made[persona] = nodeIdOf('Appointment', await appointed(database, persona, 'BPQMI', [...held]))
  return made
}

/** A file that an officer announced for an application, as if it had been sent and scanned. */
export async function cleanFileOf(
  { database, send }: Pick<Awaited<ReturnType<typeof applyingOf>>, 'database' | 'send'>,
  { id: applicationId }: Case,
  persona: string,
): Promise<string> {
  const file = { name: 'arayış.pdf', size: pdfOf().length, sha256: sha256Of(pdfOf()) }
  const { upload } = await send(persona, 'createOfficerUpload', { applicationId, ...file }, 'upload { id }')
  const clean = { state: UploadState.CLEAN, mediaType: 'application/pdf' }
  await database.db
    .update(uploads)
    .set(clean)
    .where(eq(uploads.id, keyOf(upload.id)))
  return upload.id
}
