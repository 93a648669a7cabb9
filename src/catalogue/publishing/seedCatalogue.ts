import { and, eq, inArray } from 'drizzle-orm'
import type { z } from 'zod'
import { setDeadline } from '../../events/deadlines.js'
import { record } from '../../events/record.js'
import { Confidence } from '../../platform/confidence.table.js'
import { type Changes, type Ids, noChanges, seedRows, type Transaction } from '../../platform/seeding.js'
import { legalDate } from '../../shared/time.js'
import type { Words } from '../../shared/words.js'
import type { FormContent } from '../forms/formFiles.js'
import { lifeEvents } from '../services/lifeEvent.table.js'
import { ServiceStatus, services } from '../services/service.table.js'
import type { VersionContent } from '../services/serviceVersion.repository.js'
import { processContentOf, withUsualGrounds } from '../services/usualProcess.js'
import { faultInTariffs } from '../tariffs/tariff.rules.js'
import { beginningOf } from './publishing.rules.js'
import { seedVersions } from './seedVersions.js'
import type {
  lifeEventsFile,
  refusalGroundsFile,
  ServiceInFile,
  servicesFile,
  TextsInFile,
  textsFile,
} from './servicesFile.js'
import { publicStatuses, suspensionEnded, versionStarted } from './status.rules.js'

export async function seedCatalogue(
  tx: Transaction,
  files: {
    lifeEvents: z.output<typeof lifeEventsFile>
    services: z.output<typeof servicesFile>
    texts: z.output<typeof textsFile>
    refusalGrounds: z.output<typeof refusalGroundsFile>
    forms: Map<string, FormContent>
  },
  { agencies: agencyIds, registries: registryIds }: Record<'agencies' | 'registries', Ids>,
  /** The status of a new service. Null to add no services. */
  status: ServiceStatus.ACTIVE | ServiceStatus.DRAFT | null,
): Promise<{ lifeEvents: Changes; services: Changes; versions: Changes }> {
  const lifeEventRows = await seedRows(
    tx,
    lifeEvents,
    files.lifeEvents.lifeEvents,
    ({ code, ...lasting }, _, position) => ({
      ...lasting,
      position,
    }),
  )
  if (status === null) return { lifeEvents: lifeEventRows.changes, services: noChanges(), versions: noChanges() }
  const { compiledOn, names, services: entries } = files.services
  const texts = new Map(files.texts.services.map((text) => [text.code, text]))
  const serviceRows = await seedRows(
    tx,
    services,
    entries,
    ({ code, agency, lifeEvent, version, ...lasting }, _, index) => ({
      ...lasting,
      ...describedBy(texts.get(code)),
      agencyId: referred(agencyIds, agency, `services.${index}.agency`),
      lifeEventId: referred(lifeEventRows.ids, lifeEvent, `services.${index}.lifeEvent`),
      status,
    }),
  )
  const { refusalGrounds: grounds } = files.refusalGrounds
  for (const [kind, codes] of [
    ['forms: a form', files.forms.keys()],
    ['services/serviceTexts.data.json: a text', texts.keys()],
    ['services/refusalGrounds.data.json: a ground', grounds.map(({ service }) => service)],
  ] as const)
    for (const code of codes)
      if (!entries.some((entry) => entry.code === code))
        throw new Error(`catalogue/${kind} is of a service of services.data.json; got "${code}"`)
  const contents = new Map(
    entries.map((entry) => {
      const form = files.forms.get(entry.code)
      const regulation = regulationOf(texts.get(entry.code), registryIds)
      const own = grounds.filter(({ service }) => service === entry.code).map(({ service, ...ground }) => ground)
      const content = { ...contentOf(entry, names), ...regulation, refusalGrounds: withUsualGrounds(own) }
      return [entry.code, { ...content, ...(form ? { form } : {}) }]
    }),
  )
  for (const [code, content] of contents) await checkTariffs(code, content)
  const statuses = await statusesOf(tx, [...contents.keys()])
  const retired = new Set([...contents.keys()].filter((code) => statuses.get(code) === ServiceStatus.RETIRED))
  const now = new Date()
  const ofFile = { serviceIds: serviceRows.ids, contents, validFrom: compiledOn, retired, now }
  const versions = await seedVersions(tx, ofFile)
  const subjects = new Map(entries.map((entry) => [entry.code, subjectOf(entry, serviceRows.ids, agencyIds)]))
  if (status === ServiceStatus.ACTIVE && compiledOn > legalDate(now))
    await awaitRules(tx, versions, subjects, beginningOf(compiledOn))
  const changed = new Set([serviceRows.changes, versions].flatMap(({ added, renewed }) => [...added, ...renewed]))
  const isPublic = (code: string) => publicStatuses.includes(statuses.get(code) ?? ServiceStatus.DRAFT)
  const changes = entries
    .filter(({ code }) => changed.has(code) && isPublic(code))
    .map((entry) => ({
      ...entry,
      // A status that the file cannot have was set by an operator, and stays.
      type: statuses.get(entry.code) === ServiceStatus.ACTIVE ? 'service.published' : 'service.changed',
    }))
  await recordChanges(tx, changes, serviceRows.ids, agencyIds, now)
  return { lifeEvents: lifeEventRows.changes, services: serviceRows.changes, versions }
}

/** Throws unless exactly one tariff fits each application. */
async function checkTariffs(code: string, { form, tariffQuestions, tariffs, birthDates }: VersionContent) {
  const fault = (what: string) =>
    new Error(`catalogue/services/services.data.json: ${code}: exactly one tariff must fit each application; ${what}`)
  if (form && tariffQuestions) throw fault('its form has questions, and so does the service')
  // Loaded on demand, as forms are.
  const { compileForm } = await import('../forms/form.rules.js')
  if (tariffQuestions) compileForm(tariffQuestions)
  const found = faultInTariffs(tariffs, form?.schema ?? tariffQuestions ?? undefined, birthDates)
  if (found) throw fault(JSON.stringify(found))
}

/** As in publishService: a service without an earlier version is suspended until its first version begins. */
async function awaitRules(
  tx: Transaction,
  { added, renewed }: Changes,
  subjects: Map<string, ReturnType<typeof subjectOf>>,
  dueAt: Date,
): Promise<void> {
  const deadlinesOf = (type: string, codes: string[]) =>
    codes.flatMap((code) => {
      const subject = subjects.get(code)
      return subject ? [{ domain: 'catalogue', type, dueAt, ...subject }] : []
    })
  await setDeadline(tx, ...deadlinesOf(versionStarted, [...added, ...renewed]), ...deadlinesOf(suspensionEnded, added))
  await tx
    .update(services)
    .set({ status: ServiceStatus.SUSPENDED, suspendedUntil: dueAt })
    .where(and(inArray(services.code, added), eq(services.status, ServiceStatus.ACTIVE)))
}

async function statusesOf(tx: Transaction, codes: string[]): Promise<Map<string, ServiceStatus>> {
  const rows = await tx
    .select({ code: services.code, status: services.status })
    .from(services)
    .where(inArray(services.code, codes))
  return new Map(rows.map(({ code, status }) => [code, status]))
}

type Change = Pick<ServiceInFile, 'code' | 'agency'> & { type: string }
const recordChanges = (tx: Transaction, changes: Change[], ids: Ids, agencyIds: Ids, at: Date) =>
  record(
    tx,
    changes.map(({ type, ...entry }) => ({
      domain: 'catalogue',
      type,
      at,
      actor: 'seed',
      ...subjectOf(entry, ids, agencyIds),
    })),
  )

// The casts: a file with an unknown code was refused.
const subjectOf = ({ code, agency }: Pick<ServiceInFile, 'code' | 'agency'>, ids: Ids, agencyIds: Ids) => ({
  subject: ids.get(code) as string,
  agencyId: agencyIds.get(agency) as string,
})

const servicesPath = 'catalogue/services/services.data.json'
const textsPath = 'catalogue/services/serviceTexts.data.json'
function referred(ids: Ids, code: string, place: string, path = servicesPath): string {
  const id = ids.get(code)
  if (!id) throw new Error(`${path}: ${place}: a code of the other data files; got "${code}"`)
  return id
}

const describedBy = (texts: TextsInFile | undefined) => ({
  description: texts?.description ?? null,
  descriptionConfidence: texts?.confidence ?? null,
  searchWords: texts ? listed(texts.searchWords) : null,
})

const listed = ({ az, en, ru }: TextsInFile['searchWords']): Words => ({
  az: az.join(', '),
  en: en.join(', '),
  ru: ru.join(', '),
})

const filingOf = ({ correction, ...filing }: NonNullable<ServiceInFile['version']['filing']>) => ({
  ...filing,
  correctionValue: correction?.value ?? null,
  correctionUnit: correction?.unit ?? null,
})

type Regulation = Pick<VersionContent, 'steps' | 'requiredDocuments'>
function regulationOf(texts: TextsInFile | undefined, registryIds: Ids): Regulation {
  if (!texts) return { steps: [], requiredDocuments: [] }
  const { confidence } = texts
  return {
    steps: texts.steps.map((name) => ({
      name,
      content: null,
      maximumValue: null,
      maximumUnit: null,
      confidence,
      agencyId: null,
    })),
    requiredDocuments: texts.requiredDocuments.map(({ obtainableFrom, ...document }) => ({
      ...document,
      confidence,
      obtainableFromRegistryId:
        obtainableFrom && referred(registryIds, obtainableFrom, `${texts.code}.${document.code}`, textsPath),
    })),
  }
}

function contentOf(
  { source, version }: ServiceInFile,
  names: Record<string, Words>,
): Omit<VersionContent, keyof Regulation | 'refusalGrounds'> {
  const provenanceOf = (part: { confidence: Confidence; source?: string | null }) => ({
    confidence: part.confidence,
    source: part.source ?? (part.confidence === Confidence.SEEN_IN_SOURCE ? source : null),
  })
  // The cast: a file with an unknown name was refused.
  const nameOf = (code: string) => names[code] as Words
  const { process, filing, tariffQuestions = null, birthDates = [], ...rules } = version
  return {
    ...rules,
    ...(process ? { process: processContentOf(process) } : {}),
    ...(filing ? { filing: filingOf(filing) } : {}),
    note: version.note ?? null,
    tariffQuestions,
    birthDates,
    tariffs: version.tariffs.map(({ code, condition: { answers = [], applicants = null, age } = {}, fees, terms }) => ({
      code,
      name: nameOf(code),
      condition: { answers, applicants, age: age ? { from: age.from ?? null, below: age.below ?? null } : null },
      fees: fees.map(
        ({ code, kind = null, amount, currency, per = null, due = null, budget, note = null, ...part }) => ({
          code,
          name: nameOf(code),
          kind,
          amount: amount === null ? null : BigInt(amount.replace('.', '')).toString(),
          currency,
          per,
          due,
          budgetClassification: budget?.classification ?? null,
          budgetLevel: budget?.level ?? null,
          budgetOrganisation: budget?.organisationCode ?? null,
          note,
          ...provenanceOf(part),
        }),
      ),
      terms: terms.map(({ purpose, value, unit, ...part }) => ({ purpose, value, unit, ...provenanceOf(part) })),
    })),
  }
}
