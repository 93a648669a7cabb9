import { desc, eq } from 'drizzle-orm'
import { v7 } from 'uuid'
import { services } from '../../src/catalogue/services/service.table.js'
import { serviceVersions } from '../../src/catalogue/services/serviceVersion.table.js'
import { type FilingFault, FilingState, filings } from '../../src/filings/filing.table.js'
import type { Database } from '../../src/platform/database.js'
import type { Keyring } from '../../src/platform/keyring.js'
import { encrypt } from '../../src/platform/personal.js'
import { numberOf } from '../../src/shared/number.js'
import { keyOfParty } from './partyKey.js'

interface Wanted {
  partyId: string
  /** The code of the service. */
  service: string
  state: keyof typeof FilingState
  content?: Record<string, unknown>
  faults?: FilingFault[]
  more?: Partial<Omit<typeof filings.$inferInsert, 'content' | 'faults' | 'signature'>>
}
let serial = 9_000_000

/** Inserts a filing that is in that state, under the newest version of the service, without receipt and events. */
export async function insertFiling({ db }: Pick<Database, 'db'>, keyring: Keyring, wanted: Wanted) {
  const { partyId, service: code, state, content = { note: 'a note' }, more = {} } = wanted
  const [found] = await db
    .select({ service: services, versionId: serviceVersions.id })
    .from(services)
    .innerJoin(serviceVersions, eq(serviceVersions.serviceId, services.id))
    .where(eq(services.code, code))
    .orderBy(desc(serviceVersions.number))
    .limit(1)
  if (!found) throw new Error(`there is no service ${code}`)
  const receivedAt = new Date('2026-11-25T07:00:00Z')
  const isEnded = state === 'SUPERSEDED' || state === 'WITHDRAWN'
  const row = {
    id: v7(),
    number: numberOf('B', 2026, ++serial),
    partyId,
    agencyId: found.service.agencyId,
    serviceId: found.service.id,
    serviceCode: code,
    versionId: found.versionId,
    period: null,
    externalNumber: `X-${serial}`,
    digest: Buffer.alloc(32),
    digestKey: 'a test',
    state: FilingState[state],
    content,
    signature: null,
    createdBy: 'a test',
    mandateIds: [],
    receivedAt,
    acknowledgedAt: state === 'RECEIVED' || state === 'WITHDRAWN' ? null : receivedAt,
    endedAt: isEnded ? receivedAt : null,
    changedAt: receivedAt,
    faults: state === 'REJECTED' ? (wanted.faults ?? [fault]) : null,
    ...more,
  }
  // The cast: encrypt() returns the columns of that table.
  const encrypted = encrypt(await keyOfParty({ db }, keyring, partyId), filings, row) as typeof filings.$inferInsert
  await db.insert(filings).values(encrypted)
  return row
}
const fault: FilingFault = { path: '/note', message: { az: 'Səhvdir.', en: 'Wrong.', ru: 'Ошибка.' } }
