import { desc, eq, inArray, sql } from 'drizzle-orm'
import { v7 } from 'uuid'
import { agencies } from '../agencies/agency.table.js'
import { registries } from '../agencies/registry.table.js'
import { command, made, refused } from '../engine/command.js'
import type { Acting } from '../events/commandKeys.js'
import { clearDeadline } from '../events/deadlines.js'
import { record } from '../events/record.js'
import { refuseUnlessAdminOf } from '../identity/offices.js'
import { Confidence } from '../shared/confidence.table.js'
import type { Transaction } from '../shared/seeding.js'
import type { FormContent } from './formFiles.js'
import { lifeEvents } from './lifeEvent.table.js'
import { newVersionOf } from './newVersion.js'
import { refusalsToPublish } from './publishing.rules.js'
import { PublishServiceInput } from './publishService.input.js'
import { Service } from './service.js'
import { ServiceStatus, services } from './service.table.js'
import { closeVersions, insertVersions } from './serviceVersion.repository.js'
import { serviceVersions } from './serviceVersion.table.js'
import { suspensionEnded } from './suspendService.js'

export const publishService = command({
  name: 'publishService',
  description:
    'Puts a service into the catalogue, with its rules checked as a whole, or gives one that stands its next rules; a ' +
    'suspended one can be asked for again. For the operator, and the ADMIN of its agency.',
  input: PublishServiceInput,
  key: 'required',
  creates: true,
  made: { service: { type: Service, description: 'The service as it stands now.' } },
  async act(input: PublishServiceInput, { tx, context }: Acting) {
    const { service, newest } = await standing(tx, input.code)
    const ids = await idsNamed(tx, input)
    const agencyId = ids.agencies.get(input.agency)
    // An officer neither takes a service to another agency nor gets one from there.
    await refuseUnlessAdminOf({ tx, context }, [service?.agencyId, agencyId])
    const form = await formOf(input)
    const lifeEventId = ids.lifeEvents.get(input.lifeEvent)
    const mistakes = refusalsToPublish(input, {
      ...{ today: context.today, agencyId, lifeEventId, service, newestFrom: newest?.validFrom, form },
      ...{ agencies: ids.agencies, registries: ids.registries },
    })
    if (mistakes.length > 0 || !agencyId || !lifeEventId) return refused(mistakes)

    const id = service?.id ?? v7()
    const lasting = { ...lastingOf(input), agencyId, lifeEventId }
    if (service) await tx.update(services).set(lasting).where(eq(services.id, id))
    else await tx.insert(services).values({ ...lasting, id, code: input.code })
    if (input.version) {
      if (newest) await closeVersions(tx, [newest.id], input.version.validFrom)
      const number = (newest?.number ?? 0) + 1
      await insertVersions(tx, [{ ...newVersionOf(input.version, form, ids), serviceId: id, number }])
    }
    await clearDeadline(tx, suspensionEnded, id)
    const said = { domain: 'catalogue', type: 'service.published', subject: id, agencyId }
    await record(tx, [{ ...said, at: context.now(), actor: context.caller.id }])
    return made({ service: id })
  },
})

/** Locked: of two who publish under one code, the second sees what the first did. */
async function standing(tx: Transaction, code: string) {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`service ${code}`}, 0))`)
  const [service] = await tx.select().from(services).where(eq(services.code, code)).for('update')
  if (!service) return {}
  const [newest] = await tx
    .select()
    .from(serviceVersions)
    .where(eq(serviceVersions.serviceId, service.id))
    .orderBy(desc(serviceVersions.number))
    .limit(1)
  return { service, newest }
}

async function idsNamed(tx: Transaction, { agency, lifeEvent, version }: PublishServiceInput) {
  const acting = (version?.steps ?? []).flatMap(({ agency }) => agency ?? [])
  const holding = (version?.documents ?? []).flatMap(({ obtainableFromRegistry }) => obtainableFromRegistry ?? [])
  return {
    agencies: await idsOf(tx, agencies, [agency, ...acting]),
    registries: await idsOf(tx, registries, holding),
    lifeEvents: await idsOf(tx, lifeEvents, [lifeEvent]),
  }
}
async function idsOf(tx: Transaction, table: typeof agencies | typeof registries | typeof lifeEvents, codes: string[]) {
  const rows = await tx.select({ code: table.code, id: table.id }).from(table).where(inArray(table.code, codes))
  return new Map(rows.map(({ code, id }) => [code, id]))
}

/** Undefined where none is given; a text says why what is given is none. */
async function formOf({ version }: PublishServiceInput): Promise<FormContent | string | undefined> {
  if (!version?.form) return undefined
  // What compiles forms is not loaded before one is given.
  const { formOfTexts } = await import('./formFiles.js')
  const { schema, sections, source } = version.form
  try {
    return { ...formOfTexts(schema, sections), confidence: Confidence.SEEN_IN_SOURCE, source }
  } catch (error) {
    return (error as Error).message.slice(0, 500)
  }
}

const lastingOf = ({ name, description, audiences, direction, source }: PublishServiceInput) => ({
  ...{ name: { ...name }, description: description ? { ...description } : null },
  ...{ audiences: [...new Set(audiences)], direction, source, confidence: Confidence.SEEN_IN_SOURCE },
  ...{ status: ServiceStatus.ACTIVE, statusNote: null, suspendedUntil: null },
})
