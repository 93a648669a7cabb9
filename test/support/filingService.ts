import { eq } from 'drizzle-orm'
import { v7 } from 'uuid'
import type { FormNode } from '../../src/catalogue/forms/form.fields.js'
import { forms } from '../../src/catalogue/forms/form.table.js'
import { ApplicationRole } from '../../src/catalogue/services/applicationRole.table.js'
import { Acknowledger, FilingPeriod, filingRules } from '../../src/catalogue/services/filingRule.table.js'
import { Audience, services } from '../../src/catalogue/services/service.table.js'
import { HandledAs, serviceVersions } from '../../src/catalogue/services/serviceVersion.table.js'
import { Confidence } from '../../src/platform/confidence.table.js'
import type { Database } from '../../src/platform/database.js'
import { Assurance } from '../../src/shared/assurance.table.js'
import { TermUnit } from '../../src/shared/termUnit.table.js'

const words = (text: string) => ({ az: text, en: text, ru: text })
const amount: FormNode = { type: 'integer', minimum: 0, maximum: 1_000_000, 'x-title': words('Amount') }
/** A report with lines of amounts. */
const schema: FormNode = {
  type: 'object',
  properties: {
    total: { ...amount, 'x-title': words('Total') },
    recipient: { type: 'string', format: 'agency', 'x-title': words('Recipient') },
    note: { type: 'string', maxLength: 100_000, 'x-title': words('Note') },
    lines: {
      type: 'array',
      maxItems: 20_000,
      items: { type: 'object', properties: { amount }, required: ['amount'], additionalProperties: false },
      'x-title': words('Lines'),
    },
  },
  required: ['total'],
  additionalProperties: false,
}

interface Wanted {
  code: string
  rule?: Partial<typeof filingRules.$inferInsert>
  version?: Partial<typeof serviceVersions.$inferInsert>
  service?: Partial<typeof services.$inferInsert>
}
/** Inserts a service of the tax agency that takes a monthly report, once a month and at once, without a signature. */
export async function addFilingService(database: Pick<Database, 'db'>, { code, service, ...wanted }: Wanted) {
  const { db } = database
  const [like] = await db.select().from(services).where(eq(services.code, 'DVX-RETURN'))
  if (!like) throw new Error('there is no DVX-RETURN')
  const { nameAz: _az, nameEn: _en, nameRu: _ru, ...copied } = like
  const serviceId = v7()
  const audiences = [Audience.LEGAL_ENTITY, Audience.SOLE_ENTREPRENEUR]
  await db.insert(services).values({ ...copied, id: serviceId, code, audiences, seeded: null, ...service })
  return { serviceId, versionId: await addFilingVersion(database, serviceId, wanted) }
}

/** Inserts a version of such a service. Returns its ID. */
export async function addFilingVersion(
  { db }: Pick<Database, 'db'>,
  serviceId: string,
  { rule, version }: Pick<Wanted, 'rule' | 'version'>,
): Promise<string> {
  const versionId = v7()
  const [found] = await db
    .select({ version: serviceVersions })
    .from(serviceVersions)
    .innerJoin(services, eq(services.id, serviceVersions.serviceId))
    .where(eq(services.code, 'DVX-RETURN'))
  if (!found) throw new Error('DVX-RETURN has no version')
  await db.insert(serviceVersions).values({
    ...found.version,
    id: versionId,
    serviceId,
    number: 1,
    handledAs: HandledAs.FILING,
    assurance: Assurance.LOW,
    signers: [],
    seeded: null,
    ...version,
  })
  await db.insert(filingRules).values({
    versionId,
    period: FilingPeriod.MONTH,
    onePerPeriod: true,
    acknowledgedBy: Acknowledger.RULE,
    correctionValue: 30,
    correctionUnit: TermUnit.CALENDAR_DAY,
    typedAs: null,
    confidence: Confidence.SEEN_IN_SOURCE,
    ...rule,
  })
  await db.insert(forms).values({ versionId, schema, ui: { sections: [] }, confidence: Confidence.SEEN_IN_SOURCE })
  return versionId
}
export const byAgency = { acknowledgedBy: Acknowledger.AGENCY }
export const withoutPeriods = { period: FilingPeriod.NONE, onePerPeriod: false }
export const signed = { signers: [ApplicationRole.APPLICANT] }
