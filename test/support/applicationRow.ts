import { desc, eq, sql } from 'drizzle-orm'
import { v7 } from 'uuid'
import { ApplicationOrigin, ApplicationState, applications } from '../../src/applications/application.table.js'
import { applicationParties } from '../../src/applications/applicationParty.table.js'
import { nothingPrefilled, type Prefilled } from '../../src/applications/drafts/prefill.js'
import { timelineEntries } from '../../src/applications/timelineEntry.table.js'
import { ApplicationRole } from '../../src/catalogue/services/applicationRole.table.js'
import { services } from '../../src/catalogue/services/service.table.js'
import { serviceVersions } from '../../src/catalogue/services/serviceVersion.table.js'
import { tariffs } from '../../src/catalogue/tariffs/tariff.table.js'
import type { Database } from '../../src/platform/database.js'
import type { Keyring } from '../../src/platform/keyring.js'
import { encrypt } from '../../src/platform/personal.js'
import { numberOf } from '../../src/shared/number.js'
import { keyOfParty } from './partyKey.js'

interface Wanted {
  partyId: string
  /** The code of the service. */
  service: string
  state: keyof typeof ApplicationState
  answers?: Record<string, unknown>
  prefilled?: Prefilled
  more?: Partial<Omit<typeof applications.$inferInsert, 'answers' | 'prefilled'>>
  /** Timeline entries after the first. */
  entries?: readonly Omit<typeof timelineEntries.$inferInsert, 'id' | 'applicationId' | 'partyId'>[]
}
let serial = 9_000_000

/** Inserts a co-applicant. Without a party, one who has not confirmed. */
export async function insertCoApplicant({ db }: Pick<Database, 'db'>, applicationId: string, partyId?: string) {
  const [row] = await db.select().from(applications).where(eq(applications.id, applicationId))
  if (!row) throw new Error(`there is no application ${applicationId}`)
  const { createdAt } = row
  await db.insert(applicationParties).values({
    applicationId,
    partyId,
    role: ApplicationRole.CO_APPLICANT,
    codeHash: 'x',
    invitedAt: createdAt,
    expiresAt: createdAt,
    confirmedAt: partyId ? createdAt : null,
    createdAt,
  })
}

/** Inserts an application that is in that state, without its history. Returns its key. */
export const insertApplication = async (database: Pick<Database, 'db'>, keyring: Keyring, wanted: Wanted) =>
  (await insertedApplication(database, keyring, wanted)).id

/** Returns what identifies it, too. */
export async function insertedApplication({ db }: Pick<Database, 'db'>, keyring: Keyring, wanted: Wanted) {
  const { partyId, service: code, state, answers = {}, prefilled = nothingPrefilled, more = {}, entries = [] } = wanted
  const [found] = await db
    .select({
      service: services,
      versionId: serviceVersions.id,
      tariffId: sql<string | null>`(
        select first.id from ${tariffs} first where first.version_id = ${serviceVersions.id}
        order by first.position limit 1)`,
    })
    .from(services)
    .innerJoin(serviceVersions, eq(serviceVersions.serviceId, services.id))
    .where(eq(services.code, code))
    .orderBy(desc(serviceVersions.number))
    .limit(1)
  if (!found) throw new Error(`there is no service ${code}`)
  const { service, versionId, tariffId } = found
  const createdAt = new Date('2026-11-25T07:00:00Z')
  const row = {
    id: v7(),
    number: numberOf('M', 2026, ++serial),
    serviceId: service.id,
    serviceCode: code,
    versionId,
    tariffId: state === 'DRAFT' ? null : tariffId,
    agencyId: service.agencyId,
    partyId,
    origin: ApplicationOrigin.APPLICANT,
    state: ApplicationState[state],
    revision: 1,
    answers,
    prefilled,
    createdBy: 'a test',
    mandateIds: [],
    createdAt,
    changedAt: createdAt,
    submittedAt: state === 'DRAFT' ? null : createdAt,
    ...more,
  }
  // The cast: encrypt() returns the columns of that table.
  const encrypted = encrypt(
    await keyOfParty({ db }, keyring, partyId),
    applications,
    row,
  ) as typeof applications.$inferInsert
  // In one statement, because tests insert hundreds.
  const application = db
    .$with('application')
    .as(db.insert(applications).values(encrypted).returning({ id: applications.id }))
  const applicant = { applicationId: row.id, partyId, role: ApplicationRole.APPLICANT, createdAt: row.createdAt }
  const party = db
    .$with('applicant')
    .as(db.insert(applicationParties).values(applicant).returning({ id: applicationParties.applicationId }))
  const started = {
    at: createdAt,
    type: 'application.started',
    toState: ApplicationState.DRAFT,
    actor: 'a test',
    mandateIds: [],
  }
  await db
    .with(application, party)
    .insert(timelineEntries)
    .values([started, ...entries].map((entry) => ({ ...entry, applicationId: row.id, partyId })))
  return row
}
