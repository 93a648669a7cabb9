import { and, asc, desc, eq, inArray, isNull, lte, or, sql } from 'drizzle-orm'
import { registries } from '../../agencies/registry.table.js'
import { type Label, labelAt } from '../../catalogue/forms/answers.rules.js'
import { type Form, findForm, type Reading } from '../../catalogue/forms/form.repository.js'
import { processes } from '../../catalogue/services/process.table.js'
import { requiredDocuments } from '../../catalogue/services/requiredDocument.table.js'
import { services } from '../../catalogue/services/service.table.js'
import { serviceVersions } from '../../catalogue/services/serviceVersion.table.js'
import { type ProcessContent, usualProcess } from '../../catalogue/services/usualProcess.js'
import type { ServiceNeeds } from '../../exchange/consents/accessBasis.repository.js'
import { isConfirmed, needsOf } from '../needs.rules.js'

export type Version = typeof serviceVersions.$inferSelect
export type Process = ProcessContent

/** A service, and its version in force on that day if there is one. */
export async function findService(
  reading: Reading,
  code: string,
  today: string,
): Promise<{ service: typeof services.$inferSelect; version: Version | null } | undefined> {
  const { serviceId, validFrom, validTo, withdrawnAt, number } = serviceVersions
  const holds = and(lte(validFrom, today), or(isNull(validTo), sql`${validTo} >= ${today}`), isNull(withdrawnAt))
  const [found] = await reading
    .select({ service: services, version: serviceVersions })
    .from(services)
    .leftJoin(serviceVersions, and(eq(serviceId, services.id), holds))
    .where(eq(services.code, code))
    .orderBy(desc(number))
    .limit(1)
  return found
}

/** The process of a version. Defaults to the usual one. */
export async function processOf(reading: Reading, versionId: string): Promise<Process> {
  const [row] = await reading.select().from(processes).where(eq(processes.versionId, versionId))
  return row ?? usualProcess
}

export const documentsOf = (reading: Reading, versionId: string) =>
  reading
    .select()
    .from(requiredDocuments)
    .where(eq(requiredDocuments.versionId, versionId))
    .orderBy(asc(requiredDocuments.position))

/** Codes of the registries that replace these documents. An unconfirmed document is no reason to query one. */
export async function registriesOf(
  reading: Reading,
  documents: readonly (typeof requiredDocuments.$inferSelect)[],
): Promise<string[]> {
  const ids = documents.filter(isConfirmed).flatMap(({ obtainableFromRegistryId }) => obtainableFromRegistryId ?? [])
  if (ids.length === 0) return []
  const rows = await reading.select({ code: registries.code }).from(registries).where(inArray(registries.id, ids))
  return rows.map(({ code }) => code)
}

/** What an application needs from registries, by the version that it was made for. */
export async function findNeeds(
  reading: Reading,
  { versionId, serviceCode }: { versionId: string; serviceCode: string },
): Promise<ServiceNeeds> {
  const form = await findForm(reading, versionId)
  return needsOf(serviceCode, form?.schema, await registriesOf(reading, await documentsOf(reading, versionId)))
}

/** The version whose form the answers of an application belong to. */
export const formVersionOf = ({ versionId, formVersionId }: { versionId: string; formVersionId: string | null }) =>
  formVersionId ?? versionId

/** Labels of the fields at these paths. */
export const labelsIn = ({ schema }: Form, paths: readonly string[]): Label[] => paths.map((at) => labelAt(schema, at))
