import { asc, eq, inArray, sql } from 'drizzle-orm'
import { v7 } from 'uuid'
import { agencies } from '../../agencies/agency.table.js'
import { registries } from '../../agencies/registry.table.js'
import { command, made, refused } from '../../engine/command.js'
import type { Acting } from '../../events/commandKeys.js'
import { clearDeadline, setDeadline } from '../../events/deadlines.js'
import { record } from '../../events/record.js'
import { operatorOrAdmin, refuseUnlessAdminOf } from '../../identity/officers/offices.js'
import { Confidence } from '../../platform/confidence.table.js'
import type { Transaction } from '../../platform/seeding.js'
import { forms } from '../forms/form.table.js'
import type { FormContent } from '../forms/formFiles.js'
import { filingRules } from '../services/filingRule.table.js'
import { lifeEvents } from '../services/lifeEvent.table.js'
import { processes } from '../services/process.table.js'
import { refusalGrounds } from '../services/refusalGround.table.js'
import { Service } from '../services/service.js'
import { services } from '../services/service.table.js'
import { endVersions, findVersions, holdsOn, insertVersions } from '../services/serviceVersion.repository.js'
import { type Before, newVersionOf } from './newVersion.js'
import { beginningOf, standingOf, userErrorsInPublication } from './publishing.rules.js'
import { PublishServiceInput } from './publishService.input.js'
import { codeTaken, isKnownTo, suspensionEnded, versionStarted } from './status.rules.js'

export const publishService = command({
  name: 'publishService',
  description:
    'Adds a service, publishes its next version, or changes its description. Lifts a suspension once a ' +
    'version is in force. Requires the operator or the ADMIN of its agency. Returns MISSING, INVALID or ' +
    'NOT_FOUND for each wrong field, NOT_ALLOWED_NOW if the service is retired, and CONFLICT if the code ' +
    'is taken.',
  allowedTo: operatorOrAdmin,
  input: PublishServiceInput,
  key: 'required',
  creates: true,
  made: { service: { type: Service, description: 'The published service.' } },
  async act(input: PublishServiceInput, { tx, context }: Acting) {
    const { service, versions, isTaken } = await standing({ tx, context }, input.code)
    const ids = await idsNamed(tx, input)
    const agencyId = input.agencyCode == null ? service?.agencyId : ids.agencies.get(input.agencyCode)
    const lifeEventId = input.lifeEventCode == null ? service?.lifeEventId : ids.lifeEvents.get(input.lifeEventCode)
    // An ADMIN can neither give a service away nor take one from another agency.
    const under = await refuseUnlessAdminOf({ tx, context }, [service?.agencyId, agencyId])
    const form = await formOf(input)
    const { today } = context
    const hasRules = versions.some((version) => holdsOn(today, version))
    const before = await findBefore(tx, versions[0]?.id)
    const hasFilingRule = before.filing !== undefined
    const known = { ...ids, today, agencyId, lifeEventId, service, hasRules, hasFilingRule, form }
    const userErrors = userErrorsInPublication(input, known)
    if (userErrors.length > 0 || !agencyId || !lifeEventId) return refused(userErrors)
    if (isTaken) return refused([codeTaken])

    const id = service?.id ?? v7()
    const validFrom = input.version?.validFrom
    const stands = standingOf(service, { validFrom, today, hasRules })
    const row = { ...lastingOf(input), ...stands, agencyId, lifeEventId }
    if (service) await tx.update(services).set(row).where(eq(services.id, id))
    // The cast: an incomplete new service was refused above.
    else await tx.insert(services).values({ ...row, id, code: input.code } as typeof services.$inferInsert)
    if (input.version) {
      await endVersions(tx, versions, { validFrom: input.version.validFrom, today, now: context.now() })
      const number = (versions[0]?.number ?? 0) + 1
      await insertVersions(tx, [{ ...newVersionOf(input.version, { form, before }, ids), serviceId: id, number }])
    }
    const said = { domain: 'catalogue', subject: id, agencyId }
    await moveDeadlines(tx, said, { suspendedUntil: stands.suspendedUntil, validFrom, today })
    await record(tx, [{ ...said, type: 'service.published', at: context.now(), actor: context.caller.id, ids: under }])
    return made({ service: id })
  },
})

/**
 * Locks the code, so that the second of two who publish under it sees the first one's service. A service that the caller
 * may not know of counts as missing, except that its code is taken.
 */
async function standing({ tx, context }: Acting, code: string) {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`service ${code}`}, 0))`)
  const [service] = await tx.select().from(services).where(eq(services.code, code)).for('update')
  if (!service || !isKnownTo(context.caller, service)) return { versions: [], isTaken: service !== undefined }
  return { service, versions: await findVersions(tx, service.id), isTaken: false }
}

interface Coming {
  suspendedUntil: Date | null
  validFrom: string | undefined
  today: string
}
/** Sets the deadlines at which a suspension ends and a version begins. They replace earlier ones. */
async function moveDeadlines(
  tx: Transaction,
  said: { domain: string; subject: string; agencyId: string },
  { suspendedUntil, validFrom, today }: Coming,
): Promise<void> {
  if (suspendedUntil) await setDeadline(tx, { ...said, type: suspensionEnded, dueAt: suspendedUntil })
  else await clearDeadline(tx, suspensionEnded, said.subject)
  if (validFrom === undefined) return
  if (validFrom > today) await setDeadline(tx, { ...said, type: versionStarted, dueAt: beginningOf(validFrom) })
  else await clearDeadline(tx, versionStarted, said.subject)
}

async function idsNamed(tx: Transaction, { agencyCode, lifeEventCode, version }: PublishServiceInput) {
  const acting = (version?.steps ?? []).flatMap((step) => step.agencyCode ?? [])
  const holding = (version?.requiredDocuments ?? []).flatMap((document) => document.obtainableFromRegistryCode ?? [])
  return {
    agencies: await idsOf(tx, agencies, [agencyCode ?? [], ...acting].flat()),
    registries: await idsOf(tx, registries, holding),
    lifeEvents: await idsOf(tx, lifeEvents, [lifeEventCode ?? []].flat()),
  }
}
async function idsOf(tx: Transaction, table: typeof agencies | typeof registries | typeof lifeEvents, codes: string[]) {
  const rows = await tx.select({ code: table.code, id: table.id }).from(table).where(inArray(table.code, codes))
  return new Map(rows.map(({ code, id }) => [code, id]))
}

async function findBefore(tx: Transaction, versionId: string | undefined): Promise<Before> {
  if (versionId === undefined) return { process: undefined, refusalGrounds: [], filing: undefined, form: undefined }
  const [process] = await tx.select().from(processes).where(eq(processes.versionId, versionId))
  const [filing] = await tx.select().from(filingRules).where(eq(filingRules.versionId, versionId))
  const [form] = await tx.select({ schema: forms.schema }).from(forms).where(eq(forms.versionId, versionId))
  const grounds = await tx
    .select()
    .from(refusalGrounds)
    .where(eq(refusalGrounds.versionId, versionId))
    .orderBy(asc(refusalGrounds.position))
  return {
    process: process && contentOf(process),
    filing: filing && contentOf(filing),
    form: form?.schema,
    refusalGrounds: grounds.map(({ id, versionId, position, ...ground }) => ground),
  }
}
function contentOf<Row extends { id: string; versionId: string }>({ id, versionId, ...content }: Row) {
  return content
}

/** Undefined if none is given. An error if it does not compile. */
async function formOf({ version }: PublishServiceInput): Promise<FormContent | Error | undefined> {
  if (!version?.form) return undefined
  // Loaded on demand: few requests compile a form.
  const { formOfTexts } = await import('../forms/formFiles.js')
  const { schema, sections, source } = version.form
  try {
    return { ...formOfTexts(schema, sections), confidence: Confidence.SEEN_IN_SOURCE, source }
  } catch (error) {
    return error as Error // the compiler throws nothing else
  }
}

/** An omitted field is undefined and keeps its value. A null description is removed, and so are search words. */
const lastingOf = ({ name, description, searchWords, audiences, direction, source }: PublishServiceInput) => ({
  ...(name && { name: { ...name } }),
  ...(description !== undefined && {
    description: description && { ...description },
    descriptionConfidence: description && Confidence.SEEN_IN_SOURCE,
  }),
  ...(searchWords !== undefined && { searchWords: searchWords && { ...searchWords } }),
  ...(audiences && { audiences: [...new Set(audiences)] }),
  ...(direction && { direction }),
  ...(source != null && { source, confidence: Confidence.SEEN_IN_SOURCE }),
})
