import { isDeepStrictEqual } from 'node:util'
import { asc, inArray } from 'drizzle-orm'
import { type Changes, type Ids, noChanges, type Transaction } from '../../platform/seeding.js'
import { legalDate } from '../../shared/time.js'
import { forms } from '../forms/form.table.js'
import { filingRules } from '../services/filingRule.table.js'
import { legalBases } from '../services/legalBasis.table.js'
import { processes } from '../services/process.table.js'
import { refusalGrounds } from '../services/refusalGround.table.js'
import { requiredDocuments } from '../services/requiredDocument.table.js'
import { serviceSteps } from '../services/serviceStep.table.js'
import {
  closeVersions,
  endVersions,
  insertVersions,
  type VersionContent,
} from '../services/serviceVersion.repository.js'
import { serviceVersions } from '../services/serviceVersion.table.js'
import { fees } from '../tariffs/fee.table.js'
import { processingTerms } from '../tariffs/processingTerm.table.js'
import { tariffs } from '../tariffs/tariff.table.js'

type Version = typeof serviceVersions.$inferSelect
interface Wanted {
  serviceIds: Ids
  contents: Map<string, VersionContent>
  validFrom: string
  now: Date
  /** Codes of retired services, which get no further versions. */
  retired: ReadonlySet<string>
}

/**
 * Adds a version to each service whose entry changed. Applications under the old version keep it. A version that an
 * operator made or changed is not superseded.
 */
export async function seedVersions(
  tx: Transaction,
  { serviceIds, contents, validFrom, retired, now }: Wanted,
): Promise<Changes> {
  const changes = noChanges()
  const histories = await historiesOf(tx, [...serviceIds.values()])
  const wanted = [...contents].flatMap(([code, content]) => {
    // The cast: seedRows assigns an ID to every code of the file.
    const serviceId = serviceIds.get(code) as string
    const history = histories.get(serviceId) ?? []
    const lastSeeded = history.filter(({ seeded }) => seeded).at(-1)
    return isDeepStrictEqual(lastSeeded?.seeded, content) ? [] : [{ code, serviceId, content, newest: history.at(-1) }]
  })
  const touched = await touchedOf(
    tx,
    wanted.flatMap(({ newest }) => newest ?? []),
  )
  const isTheirs = ({ code, newest }: (typeof wanted)[number]) =>
    retired.has(code) || (newest && touched.has(newest.id))
  const theirs = wanted.filter(isTheirs)
  const made = wanted.filter((each) => !isTheirs(each))
  changes.kept = theirs.map(({ code }) => code)
  changes.added = made.filter(({ newest }) => !newest).map(({ code }) => code)
  changes.renewed = made.filter(({ newest }) => newest).map(({ code }) => code)

  const today = legalDate(now)
  const isComing = ({ newest }: (typeof wanted)[number]) => newest !== undefined && newest.validFrom > today
  const begun = made.filter((each) => !isComing(each))
  await closeVersions(
    tx,
    begun.flatMap(({ newest }) => newest?.id ?? []),
    validFrom,
  )
  for (const { serviceId } of made.filter(isComing)) {
    const versions = [...(histories.get(serviceId) ?? [])].reverse()
    await endVersions(tx, versions, { validFrom, today, now })
  }
  await insertVersions(
    tx,
    made.map(({ serviceId, content, newest }) => {
      const number = (newest?.number ?? 0) + 1
      return { serviceId, number, content, validFrom, seeded: content }
    }),
  )
  return changes
}

async function historiesOf(tx: Transaction, serviceIds: string[]): Promise<Map<string, Version[]>> {
  const versions = await tx
    .select()
    .from(serviceVersions)
    .where(inArray(serviceVersions.serviceId, serviceIds))
    .orderBy(asc(serviceVersions.number))
  return grouped(versions, ({ serviceId }) => serviceId)
}

/** Those of the versions that an operator made or changed. */
async function touchedOf(tx: Transaction, versions: Version[]): Promise<Set<string>> {
  const ids = versions.map(({ id }) => id)
  const contents = await presentContentsOf(tx, versions)
  const bases = await tx.select({ id: legalBases.versionId }).from(legalBases).where(inArray(legalBases.versionId, ids))
  const extended = new Set(bases.map(({ id }) => id))
  const touched = versions.filter(
    ({ id, seeded, validTo }) => validTo || extended.has(id) || !isDeepStrictEqual(contents.get(id), seeded),
  )
  return new Set(touched.map(({ id }) => id))
}

async function presentContentsOf(tx: Transaction, versions: Version[]): Promise<Map<string, VersionContent>> {
  const ids = versions.map(({ id }) => id)
  const tariffRows = await tx
    .select()
    .from(tariffs)
    .where(inArray(tariffs.versionId, ids))
    .orderBy(asc(tariffs.position))
  const tariffIds = tariffRows.map(({ id }) => id)
  const feeRows = await tx.select().from(fees).where(inArray(fees.tariffId, tariffIds)).orderBy(asc(fees.position))
  const termRows = await tx
    .select()
    .from(processingTerms)
    .where(inArray(processingTerms.tariffId, tariffIds))
    .orderBy(asc(processingTerms.position))
  const documentRows = await tx
    .select()
    .from(requiredDocuments)
    .where(inArray(requiredDocuments.versionId, ids))
    .orderBy(asc(requiredDocuments.position))
  const stepRows = await tx
    .select()
    .from(serviceSteps)
    .where(inArray(serviceSteps.versionId, ids))
    .orderBy(asc(serviceSteps.position))
  const groundRows = await tx
    .select()
    .from(refusalGrounds)
    .where(inArray(refusalGrounds.versionId, ids))
    .orderBy(asc(refusalGrounds.position))
  const formRows = await tx.select().from(forms).where(inArray(forms.versionId, ids))
  const processRows = await tx.select().from(processes).where(inArray(processes.versionId, ids))
  const processOf = new Map(processRows.map(({ id, versionId, ...process }) => [versionId, { process }]))
  const filingRows = await tx.select().from(filingRules).where(inArray(filingRules.versionId, ids))
  const filingOf = new Map(filingRows.map(({ id, versionId, ...filing }) => [versionId, { filing }]))
  const formOf = new Map(formRows.map(({ id, versionId, ...form }) => [versionId, { form }]))
  const tariffsOf = grouped(tariffRows, ({ versionId }) => versionId)
  const feesOf = grouped(feeRows, ({ tariffId }) => tariffId)
  const termsOf = grouped(termRows, ({ tariffId }) => tariffId)
  const documentsOf = grouped(documentRows, ({ versionId }) => versionId)
  const stepsOf = grouped(stepRows, ({ versionId }) => versionId)
  const groundsOf = grouped(groundRows, ({ versionId }) => versionId)
  return new Map(
    versions.map(
      ({
        id,
        serviceId,
        number,
        validFrom,
        validTo,
        withdrawnAt,
        seeded,
        opinionReference,
        registerReference,
        ...rules
      }) => [
        id,
        {
          ...rules,
          tariffs: (tariffsOf.get(id) ?? []).map(({ id, versionId, position, ...tariff }) => ({
            ...tariff,
            fees: (feesOf.get(id) ?? []).map(({ id, tariffId, position, amount, ...fee }) => ({
              ...fee,
              amount: amount?.toString() ?? null,
            })),
            terms: (termsOf.get(id) ?? []).map(({ id, tariffId, position, ...term }) => term),
          })),
          requiredDocuments: (documentsOf.get(id) ?? []).map(({ id, versionId, position, ...document }) => document),
          steps: (stepsOf.get(id) ?? []).map(({ id, versionId, position, ...step }) => step),
          refusalGrounds: (groundsOf.get(id) ?? []).map(({ id, versionId, position, ...ground }) => ground),
          ...formOf.get(id),
          ...processOf.get(id),
          ...filingOf.get(id),
        },
      ],
    ),
  )
}

function grouped<Row>(rows: Row[], keyOf: (row: Row) => string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const group = groups.get(keyOf(row))
    if (group) group.push(row)
    else groups.set(keyOf(row), [row])
  }
  return groups
}
