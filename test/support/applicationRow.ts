import { desc, eq, sql } from 'drizzle-orm'
import { v7 } from 'uuid'
import { ApplicationOrigin, ApplicationState, applications } from '../../src/applications/application.table.js'
import { nothingPrefilled } from '../../src/applications/prefill.js'
import { services } from '../../src/catalogue/service.table.js'
import { serviceVersions } from '../../src/catalogue/serviceVersion.table.js'
import { keyToSeal } from '../../src/identity/party.js'
import type { Database } from '../../src/shared/database.js'
import type { Keyring } from '../../src/shared/keyring.js'
import { numberOf } from '../../src/shared/number.js'
import { seal } from '../../src/shared/personal.js'

interface Told {
  partyId: string
  /** Its code. */
  service: string
  state: keyof typeof ApplicationState
  answers?: Record<string, unknown>
  more?: Partial<Omit<typeof applications.$inferInsert, 'answers' | 'prefilled'>>
}
let serial = 9_000_000

/** An application as it would stand in that state, whatever became of it before. Gives its id. */
export async function insertApplication({ db }: Pick<Database, 'db'>, keyring: Keyring, told: Told): Promise<string> {
  const { partyId, service: code, state, answers = {}, more = {} } = told
  const [found] = await db
    .select({ service: services, version: serviceVersions })
    .from(services)
    .innerJoin(serviceVersions, eq(serviceVersions.serviceId, services.id))
    .where(eq(services.code, code))
    .orderBy(desc(serviceVersions.number))
    .limit(1)
  if (!found) throw new Error(`there is no service ${code}`)
  const { service, version } = found
  const since = new Date('2026-11-25T07:00:00Z')
  const submittedAt = state === 'DRAFT' ? null : since
  const row = {
    ...{ id: v7(), number: numberOf('M', 2026, ++serial), serviceId: service.id, serviceCode: code },
    ...{ versionId: version.id, agencyId: service.agencyId, partyId, origin: ApplicationOrigin.APPLICANT },
    ...{ state: ApplicationState[state], revision: 1, answers, prefilled: nothingPrefilled, createdBy: 'a test' },
    ...{ mandateIds: [], since, submittedAt, ...more },
  }
  await db.transaction(async (tx) => {
    // The cast: of the columns of that table.
    const sealed = seal(await keyToSeal(tx, keyring, partyId), applications, row) as typeof applications.$inferInsert
    await tx.insert(applications).values(sealed)
    await tx.execute(sql`
      insert into timeline_entries (id, application_id, party_id, at, type, to_state, actor, mandate_ids)
      values (gen_random_uuid(), ${row.id}, ${partyId}, ${since.toISOString()}, 'application.started', 'DRAFT', 'a test', '{}')`)
  })
  return row.id
}
