import { eq } from 'drizzle-orm'
import { agencies } from '../../agencies/agency.table.js'
import type { Database } from '../../platform/database.js'
import type { SigningKeys } from '../../shared/signingKeys.js'
import { ServiceStatus, services } from './service.table.js'

/** Codes of the agencies with an active service but without a key to sign decisions. */
export async function agenciesWithoutSigningKey(
  { db }: Pick<Database, 'db'>,
  signingKeys: SigningKeys,
): Promise<string[]> {
  if (signingKeys.areMadeOnDemand) return []
  const published = await signingKeys.published()
  const signing = new Set(published.map(({ owner }) => ('agency' in owner ? owner.agency : undefined)))
  const deciding = await db
    .selectDistinct({ code: agencies.code })
    .from(agencies)
    .innerJoin(services, eq(services.agencyId, agencies.id))
    .where(eq(services.status, ServiceStatus.ACTIVE))
    .orderBy(agencies.code)
  return deciding.map(({ code }) => code).filter((code) => !signing.has(code))
}
