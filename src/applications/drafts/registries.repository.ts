import { inArray } from 'drizzle-orm'
import { registries } from '../../agencies/registry.table.js'
import type { requiredDocuments } from '../../catalogue/services/requiredDocument.table.js'
import type { Database } from '../../platform/database.js'

/** The codes of the registries that hold what these documents say. */
export async function registriesOf(
  db: Database['db'],
  documents: readonly (typeof requiredDocuments.$inferSelect)[],
): Promise<string[]> {
  const ids = documents.flatMap(({ obtainableFromRegistryId }) => obtainableFromRegistryId ?? [])
  if (ids.length === 0) return []
  const rows = await db.select({ code: registries.code }).from(registries).where(inArray(registries.id, ids))
  return rows.map(({ code }) => code)
}
