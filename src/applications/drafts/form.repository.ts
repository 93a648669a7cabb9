import { and, asc, desc, eq, inArray, isNull, lte, or, sql } from 'drizzle-orm'
import { agencies } from '../../agencies/agency.table.js'
import { registries } from '../../agencies/registry.table.js'
import { answerAt, type Label, labelAt } from '../../catalogue/forms/answers.rules.js'
import { fieldsOf } from '../../catalogue/forms/form.fields.js'
import type { Fault } from '../../catalogue/forms/form.rules.js'
import { forms } from '../../catalogue/forms/form.table.js'
import { processes } from '../../catalogue/services/process.table.js'
import { requiredDocuments } from '../../catalogue/services/requiredDocument.table.js'
import { services } from '../../catalogue/services/service.table.js'
import { serviceVersions } from '../../catalogue/services/serviceVersion.table.js'
import { type ProcessContent, usualProcess } from '../../catalogue/services/usualProcess.js'
import type { ServiceNeeds } from '../../exchange/consents/accessBasis.repository.js'
import type { Database } from '../../platform/database.js'
import type { Transaction } from '../../platform/seeding.js'
import { isConfirmed, needsOf } from '../needs.rules.js'

export type Reading = Transaction | Database['db']
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

export interface Form {
  schema: typeof forms.$inferSelect.schema
  /** Without `today`, `x-date` is not checked. */
  faultsIn(answers: unknown, today?: string): Fault[]
}
/** Labels of the fields at these paths. */
export const labelsIn = ({ schema }: Form, paths: readonly string[]): Label[] => paths.map((at) => labelAt(schema, at))

/** Compiled forms by version. The form of a version never changes. */
const compiled = new Map<string, Form>()
const maxCompiled = 100

export async function findForm(reading: Reading, versionId: string): Promise<Form | undefined> {
  const known = compiled.get(versionId)
  if (known) return known
  const [row] = await reading.select().from(forms).where(eq(forms.versionId, versionId))
  if (!row) return undefined
  // Loads the compiler only when it is needed.
  const { faultsIn, validatorOf } = await import('../../catalogue/forms/form.rules.js')
  const validate = validatorOf(row.schema)
  const form = {
    schema: row.schema,
    faultsIn: (answers: unknown, today?: string) => faultsIn(validate, answers, today),
  }
  if (compiled.size >= maxCompiled) compiled.delete(compiled.keys().next().value as string) // never empty here
  compiled.set(versionId, form)
  return form
}

const agencyFields = new WeakMap<Form['schema'], string[]>()
/** The fields whose answers name an agency. A schema is walked once. */
function fieldsOfAgencies(schema: Form['schema']): string[] {
  const known = agencyFields.get(schema)
  if (known) return known
  const found = fieldsOf(schema).filter(({ at, node }) => node.format === 'agency' && !at.includes('*'))
  const places = found.map(({ at }) => at)
  agencyFields.set(schema, places)
  return places
}

/** Answers of the format `agency` that name no agency. */
export async function faultsInAgencies(
  reading: Reading,
  { schema }: Pick<Form, 'schema'>,
  answers: Record<string, unknown>,
): Promise<Fault[]> {
  const named = fieldsOfAgencies(schema)
    .map((at) => ({ at, code: answerAt(answers, at) }))
    .filter((one): one is { at: string; code: string } => typeof one.code === 'string')
  if (named.length === 0) return []
  const codes = named.map(({ code }) => code)
  const known = await reading.select({ code: agencies.code }).from(agencies).where(inArray(agencies.code, codes))
  const isKnown = (code: string) => known.some((agency) => agency.code === code)
  return named
    .filter(({ code }) => !isKnown(code))
    .map(({ at }) => ({ at, keyword: 'format', params: { format: 'agency' } }))
}

/** The version whose form the answers of an application belong to. */
export const formVersionOf = ({ versionId, formVersionId }: { versionId: string; formVersionId: string | null }) =>
  formVersionId ?? versionId

/** The form of an application, which always has one. */
export async function getForm(reading: Reading, versionId: string): Promise<Form> {
  const form = await findForm(reading, versionId)
  if (!form) throw new Error(`what is applied for must have a form; the version ${versionId} has none`)
  return form
}
