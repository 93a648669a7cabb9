import { eq, sql } from 'drizzle-orm'
import { v7 } from 'uuid'
import { beforeEach } from 'vitest'
import { agencies } from '../../src/agencies/agency.table.js'
import { nodeIdOf } from '../../src/engine/node.js'
import { purposes } from '../../src/exchange/accessLog/purpose.table.js'
import { consentHolds } from '../../src/exchange/consents/consent.repository.js'
import { consents } from '../../src/exchange/consents/consent.table.js'
import { MandateKind, Power } from '../../src/identity/mandates/mandate.table.js'
import type { Database } from '../../src/platform/database.js'
import { apiOf } from '../support/api.js'
import { appointed } from '../support/appointed.js'
import { commanding } from '../support/commanding.js'
import { cloneDatabase } from '../support/database.js'
import { partiesIn } from '../support/parties.js'
import { as } from '../support/tokens.js'

export const every = [Power.VIEW, Power.FILE, Power.PAY, Power.SIGN]
export const daysAhead = (days: number) => new Date(Date.now() + days * 86_400_000)
export const consentId = (key: string) => nodeIdOf('Consent', key)
export { keyOf } from '../support/keyOf.js'

const selection = `consent { id state registries validFrom validTo createdAt withdrawnAt
  party { id } partyId agency { code } purpose { code } }`

interface Asking {
  agencyId: string
  purposeId: string
  /** Its code. */
  registry: string
  at: Date
}
/** The parties about whom the agency may ask. */
export async function consentsHeld(
  { db }: Pick<Database, 'db'>,
  { agencyId, purposeId, registry, at }: Asking,
  parties: readonly string[],
): Promise<ReadonlySet<string>> {
  const [agency, purpose] = [sql`${agencyId}::uuid`, sql`${purposeId}::uuid`]
  const moment = sql`${at.toISOString()}::timestamptz`
  const holds = consentHolds(sql`party`, agency, purpose, sql`${registry}::text`, moment)
  const held = await db.execute<{ party: string }>(
    sql`select party from unnest(${`{${parties.join()}}`}::uuid[]) party where ${holds}`,
  )
  return new Set(held.map(({ party }) => party))
}

/** An API with persons, a minor, a ward, a company and officers of two agencies. Call it at the top of the file. */
export async function consentingParties() {
  const database = await cloneDatabase()
  const { db } = database
  let fixed: Date | undefined
  const ask = await apiOf(database, { now: () => fixed ?? new Date() })
  /** Sets the clock of the API for the rest of a test. */
  const setClock = (now: string | Date) => {
    fixed = new Date(now)
  }
  beforeEach(() => {
    fixed = undefined
  })
  const send = commanding(ask)
  const { persona, firm, give } = partiesIn(database)
  const company = await firm('Sınaq MMC', '0000000001')
  const headship = await give(company, await persona('company-head'), { kind: MandateKind.HEAD, powers: every })
  const minor = await persona('minor')
  const parent = { kind: MandateKind.PARENT, powers: [Power.VIEW, Power.CONSENT] }
  const parenthood = await give(minor, await persona('citizen'), parent)
  const ward = await persona('stateless')
  const guardian = { kind: MandateKind.GUARDIAN, powers: [...every, Power.CONSENT] }
  await give(ward, await persona('other-citizen'), guardian)
  await appointed(database, 'officer', 'DVX', ['REVIEWER'])
  await appointed(database, 'other-officer', 'DMX', ['REVIEWER'])

  // Their ages are known from their first sign-in.
  const callers = ['company-head', 'company-delegate', 'other-company-head', 'citizen', 'other-citizen', 'minor']
  for (const who of [...callers, 'stateless']) await ask('{ __typename }', { headers: await as(who) })

  const inputOf = (changes: object) => ({
    agencyCode: 'DVX',
    purposeCode: 'APPLICATION',
    registryCodes: ['MEIS'],
    validTo: daysAhead(30),
    ...changes,
  })
  const giveAs = async (who: string, changes: object = {}, claims = {}) =>
    await send(await as(who, claims), 'giveConsent', inputOf(changes), selection)
  const withdrawAs = async (who: string, key: string, claims = {}, changes: object = {}) =>
    await send(await as(who, claims), 'withdrawConsent', { consentId: consentId(key), ...changes }, selection)

  const [agency] = await db.select().from(agencies).where(eq(agencies.code, 'DVX'))
  const [purpose] = await db.select().from(purposes).where(eq(purposes.code, 'APPLICATION'))
  const [agencyId, purposeId] = [agency!.id, purpose!.id]
  type Row = typeof consents.$inferInsert
  /** Inserts a consent, by default one that is valid from yesterday for a month. */
  async function standing(partyId: string, changes: Partial<Row> = {}): Promise<string> {
    const id = v7()
    await db.insert(consents).values({
      id,
      partyId,
      agencyId,
      purposeId,
      registries: ['MEIS'],
      validFrom: daysAhead(-1),
      validTo: daysAhead(30),
      createdAt: daysAhead(-1),
      givenBy: 'a test',
      givenUnder: [],
      ...changes,
    })
    return id
  }
  const rowOf = async (key: string) => (await db.select().from(consents).where(eq(consents.id, key)))[0]
  /** Deletes all consents. */
  const forget = () => database.client`delete from consents`
  return {
    database,
    db,
    ask,
    send,
    setClock,
    persona,
    give,
    giveAs,
    withdrawAs,
    standing,
    rowOf,
    forget,
    selection,
    inputOf,
    company,
    headship,
    minor,
    parenthood,
    ward,
    agencyId,
    purposeId,
  }
}
