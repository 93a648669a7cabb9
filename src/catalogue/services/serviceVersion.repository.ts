import { desc, eq, inArray, sql } from 'drizzle-orm'
import { v7 } from 'uuid'
import type { Transaction } from '../../platform/seeding.js'
import { forms } from '../forms/form.table.js'
import type { FormContent } from '../forms/formFiles.js'
import { fees } from '../tariffs/fee.table.js'
import { processingTerms } from '../tariffs/processingTerm.table.js'
import { tariffs } from '../tariffs/tariff.table.js'
import { filingRules } from './filingRule.table.js'
import { legalBases } from './legalBasis.table.js'
import { processes } from './process.table.js'
import { refusalGrounds } from './refusalGround.table.js'
import { requiredDocuments } from './requiredDocument.table.js'
import { serviceSteps } from './serviceStep.table.js'
import { serviceVersions } from './serviceVersion.table.js'
import type { ProcessContent } from './usualProcess.js'

type Version = typeof serviceVersions.$inferSelect
type PartOf<Table extends { $inferSelect: object }> = Omit<
  Table['$inferSelect'],
  'id' | 'versionId' | 'tariffId' | 'position'
>

export interface TariffContent extends PartOf<typeof tariffs> {
  fees: (Omit<PartOf<typeof fees>, 'amount'> & { amount: string | null })[]
  terms: PartOf<typeof processingTerms>[]
}

export type FilingContent = PartOf<typeof filingRules>
export type GroundContent = PartOf<typeof refusalGrounds>

/** The rules of a version as JSON: amounts are minor units as text. A missing form, process or filing rule has no key. */
export interface VersionContent
  extends Pick<
    Version,
    | 'interaction'
    | 'handledAs'
    | 'automation'
    | 'assurance'
    | 'signers'
    | 'delegable'
    | 'result'
    | 'note'
    | 'tariffQuestions'
    | 'birthDates'
  > {
  tariffs: TariffContent[]
  requiredDocuments: PartOf<typeof requiredDocuments>[]
  steps: PartOf<typeof serviceSteps>[]
  refusalGrounds: GroundContent[]
  form?: FormContent
  process?: ProcessContent
  filing?: FilingContent
}
export interface NewVersion {
  serviceId: string
  number: number
  content: VersionContent
  validFrom: string
  /** The entry of a data file that the version was made from. */
  seeded?: object
  /** Missing in the data files. */
  opinionReference?: string
  registerReference?: string
  legalBases?: PartOf<typeof legalBases>[]
}

/**
 * Ends versions on the day before the next one begins. A version that begins on that same day also ends on it: then the
 * higher number is in force. An earlier end stays.
 */
export async function closeVersions(tx: Transaction, ids: string[], validFrom: string): Promise<void> {
  const { validFrom: begins, validTo } = serviceVersions
  await tx
    .update(serviceVersions)
    .set({ validTo: sql`least(${validTo}, greatest(${begins}, ${validFrom}::date - 1))` })
    .where(inArray(serviceVersions.id, ids))
}

type Held = Pick<Version, 'id' | 'number' | 'validFrom' | 'validTo' | 'withdrawnAt'>

/** Newest first. Requires a lock on the service. */
export const findVersions = (tx: Transaction, serviceId: string): Promise<Held[]> =>
  tx
    .select()
    .from(serviceVersions)
    .where(eq(serviceVersions.serviceId, serviceId))
    .orderBy(desc(serviceVersions.number))

export const holdsOn = (day: string, { validFrom, validTo, withdrawnAt }: Held): boolean =>
  !withdrawnAt && validFrom <= day && (validTo === null || validTo >= day)

/** Makes room for a version from that day on: withdraws those that have not begun, and ends the one that has. */
export async function endVersions(
  tx: Transaction,
  versions: Held[],
  { validFrom, today, now }: { validFrom: string; today: string; now: Date },
): Promise<void> {
  const kept = versions.filter(({ withdrawnAt }) => !withdrawnAt)
  const coming = kept.filter((version) => version.validFrom > today)
  const newest = kept.find((version) => version.validFrom <= today)
  const ids = coming.map(({ id }) => id)
  if (coming.length > 0)
    await tx.update(serviceVersions).set({ withdrawnAt: now }).where(inArray(serviceVersions.id, ids))
  if (!newest) return
  // An end that was set by a version withdrawn here is removed.
  if (coming.some((version) => newest.validTo === dayBefore(version.validFrom)))
    await tx.update(serviceVersions).set({ validTo: null }).where(eq(serviceVersions.id, newest.id))
  await closeVersions(tx, [newest.id], validFrom)
}
const dayBefore = (date: string) => new Date(Date.parse(date) - 86_400_000).toISOString().slice(0, 10)

/** Inserts versions with all their parts, in one statement per table. */
export async function insertVersions(tx: Transaction, versions: NewVersion[]): Promise<void> {
  const made = versions.map((version) => ({ ...version, id: v7() }))
  const partsOf = <Part extends object>(parts: (version: NewVersion) => Part[] | undefined) =>
    made.flatMap((version) =>
      (parts(version) ?? []).map((part, position) => ({ ...part, versionId: version.id, position })),
    )
  const rows = made.map(
    ({
      content: { tariffs, requiredDocuments, steps, refusalGrounds, form, process, filing, ...rules },
      legalBases,
      ...version
    }) => ({
      ...version,
      ...rules,
    }),
  )
  const ofTariffs = partsOf(({ content }) => content.tariffs).map((tariff) => ({ ...tariff, id: v7() }))
  const tariffRows = ofTariffs.map(({ fees, terms, ...tariff }) => tariff)
  const feeRows = ofTariffs.flatMap(({ id: tariffId, fees }) =>
    fees.map(({ amount, ...fee }, position) => ({
      ...fee,
      amount: amount === null ? null : BigInt(amount),
      tariffId,
      position,
    })),
  )
  const termRows = ofTariffs.flatMap(({ id: tariffId, terms }) =>
    terms.map((term, position) => ({ ...term, tariffId, position })),
  )
  const groundRows = partsOf(({ content }) => content.refusalGrounds)
  const formRows = made.flatMap(({ id: versionId, content: { form } }) => (form ? [{ ...form, versionId }] : []))
  const processRows = made.flatMap(({ id: versionId, content: { process } }) =>
    process ? [{ ...process, versionId }] : [],
  )
  const filingRows = made.flatMap(({ id: versionId, content: { filing } }) =>
    filing ? [{ ...filing, versionId }] : [],
  )
  const documentRows = partsOf(({ content }) => content.requiredDocuments)
  const stepRows = partsOf(({ content }) => content.steps)
  const basisRows = partsOf(({ legalBases }) => legalBases)
  if (rows.length > 0) await tx.insert(serviceVersions).values(rows)
  if (tariffRows.length > 0) await tx.insert(tariffs).values(tariffRows)
  if (feeRows.length > 0) await tx.insert(fees).values(feeRows)
  if (termRows.length > 0) await tx.insert(processingTerms).values(termRows)
  if (groundRows.length > 0) await tx.insert(refusalGrounds).values(groundRows)
  if (formRows.length > 0) await tx.insert(forms).values(formRows)
  if (processRows.length > 0) await tx.insert(processes).values(processRows)
  if (filingRows.length > 0) await tx.insert(filingRules).values(filingRows)
  if (documentRows.length > 0) await tx.insert(requiredDocuments).values(documentRows)
  if (stepRows.length > 0) await tx.insert(serviceSteps).values(stepRows)
  if (basisRows.length > 0) await tx.insert(legalBases).values(basisRows)
}
