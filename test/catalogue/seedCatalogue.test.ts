import { and, asc, eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { requiredDocuments } from '../../src/catalogue/services/requiredDocument.table.js'
import { ServiceStatus, services } from '../../src/catalogue/services/service.table.js'
import { serviceVersions } from '../../src/catalogue/services/serviceVersion.table.js'
import { fees } from '../../src/catalogue/tariffs/fee.table.js'
import { tariffs } from '../../src/catalogue/tariffs/tariff.table.js'
import { deadlines } from '../../src/events/deadline.table.js'
import { events } from '../../src/events/event.table.js'
import { Confidence } from '../../src/platform/confidence.table.js'
import { linesOf, seed } from '../../src/seed.js'
import { emptyCatalogue, undoEach, unkept } from '../support/database.js'
import { type DataFiles, entryOf } from '../support/dataFiles.js'
import { cloneSmallDatabase, smallFiles } from '../support/smallCatalogue.js'

const database = undoEach(await cloneSmallDatabase())
const code = 'DIN-PASSPORT'
const nothing = { added: [], renewed: [], kept: [], gone: [] }

const seedChanged = (change: (files: DataFiles) => void) => seed(database, smallFiles(change))

const seedFee = (amount: string, compiledOn = '2027-03-01') =>
  seedChanged(({ services }) => {
    services.compiledOn = compiledOn
    const [fee] = entryOf(services.services, code).version.tariffs[0]?.fees ?? []
    if (fee) fee.amount = amount
  })

async function versionsOf(code: string) {
  const versions = await database.db
    .select({ version: serviceVersions })
    .from(serviceVersions)
    .innerJoin(services, eq(services.id, serviceVersions.serviceId))
    .where(eq(services.code, code))
    .orderBy(asc(serviceVersions.number))
  return versions.map(({ version }) => version)
}

async function firstVersion() {
  const [version] = await versionsOf(code)
  if (!version) throw new Error('a first version is required')
  return version
}

async function feesOf(version?: { id: string }) {
  const rows = await database.db
    .select({ fee: fees })
    .from(fees)
    .innerJoin(tariffs, eq(tariffs.id, fees.tariffId))
    .where(eq(tariffs.versionId, version?.id ?? ''))
    .orderBy(asc(tariffs.position), asc(fees.position))
  return rows.map(({ fee }) => fee)
}

async function serviceOf(code: string) {
  const [service] = await database.db.select().from(services).where(eq(services.code, code))
  if (!service) throw new Error(`a service ${code} is required`)
  return service
}

const changeService = (change: Partial<typeof services.$inferInsert>) =>
  database.db.update(services).set(change).where(eq(services.code, code))

async function deadlinesOf(code: string) {
  const { id } = await serviceOf(code)
  const rows = await database.db.select().from(deadlines).where(eq(deadlines.subject, id)).orderBy(asc(deadlines.type))
  return rows.map(({ type, dueAt }) => [type, dueAt])
}

describe('seedCatalogue', () => {
  it('adds version 2 for a changed fee and leaves version 1 and its fees unchanged', async () => {
    const before = await firstVersion()
    const feesBefore = await feesOf(before)
    expect((await seedFee('45.00')).versions).toEqual({ ...nothing, renewed: [code] })

    const [first, second, third] = await versionsOf(code)
    expect(first).toEqual({ ...before, validTo: '2027-02-28' })
    expect(await feesOf(first)).toEqual(feesBefore)
    expect(second).toMatchObject({ number: 2, validFrom: '2027-03-01', validTo: null })
    expect((await feesOf(second)).map(({ amount }) => amount)).toEqual([
      4500n,
      ...feesBefore.slice(1).map(({ amount }) => amount),
    ])
    expect(third).toBeUndefined()
  })

  it('ends a version that is superseded on its first day no earlier than it began', async () => {
    await seedFee('45.00', '2026-11-24')
    expect(await versionsOf(code)).toMatchObject([
      { validFrom: '2026-11-24', validTo: '2026-11-24' },
      { validFrom: '2026-11-24', validTo: null },
    ])
  })

  it('withdraws a version that has not begun when a later file supersedes it', async () => {
    await seedFee('45.00', '2097-03-01')
    await seedFee('40.00', '2097-04-01')
    expect(await versionsOf(code)).toMatchObject([
      { number: 1, validTo: '2097-03-31', withdrawnAt: null },
      { number: 2, validFrom: '2097-03-01', withdrawnAt: expect.any(Date) },
      { number: 3, validFrom: '2097-04-01', validTo: null, withdrawnAt: null },
    ])
    expect(await deadlinesOf(code)).toEqual([['service.version_started', new Date('2097-04-01T00:00:00+04:00')]])
  })

  it('suspends a new service until the first day of its file', async () => {
    await emptyCatalogue(database)
    await seedFee('45.00', '2097-03-01')
    const day = new Date('2097-03-01T00:00:00+04:00')
    expect(await serviceOf(code)).toMatchObject({ status: 'SUSPENDED', suspendedUntil: day })
    expect(await deadlinesOf(code)).toEqual([
      ['service.suspension_ended', day],
      ['service.version_started', day],
    ])
  })

  it.each([
    ['a suspended service as changed, not as published', ServiceStatus.SUSPENDED, ['service.changed']],
    ['nothing for a retired service, which gets no new version', ServiceStatus.RETIRED, []],
  ])('records %s', async (_, status, recorded) => {
    await changeService({ status })
    await unkept(database, (tx) => tx.delete(events))
    const report = await seedFee('45.00')
    expect(report.versions).toEqual({ ...nothing, [recorded.length > 0 ? 'renewed' : 'kept']: [code] })
    expect(await versionsOf(code)).toHaveLength(1 + recorded.length)
    expect((await database.db.select({ type: events.type }).from(events)).map(({ type }) => type)).toEqual(recorded)
  })

  it('keeps a name that the operator changed and takes the other fields of the file', async () => {
    const name = { az: 'Pasport', en: 'Passport', ru: 'Паспорт' }
    await changeService({ name })
    const report = await seedChanged(({ services }) => {
      const entry = entryOf(services.services, code)
      entry.name.en = 'Issue of a passport'
      entry.lifeEvent = 'IDENTITY'
      entry.source = 'another source'
    })
    expect(report.services).toEqual({ ...nothing, renewed: [code], kept: [`${code}.name`] })
    expect(await serviceOf(code)).toMatchObject({ name, nameEn: 'Passport', source: 'another source' })
  })

  it('keeps a status that the operator set', async () => {
    await changeService({ status: ServiceStatus.SUSPENDED })
    await seedChanged(({ services }) => {
      entryOf(services.services, code).name.en = 'Issue of a passport'
    })
    expect(await serviceOf(code)).toMatchObject({ nameEn: 'Issue of a passport', status: 'SUSPENDED' })
  })

  it("does not supersede the operator's own version", async () => {
    const { id, ...rules } = await firstVersion()
    await database.db.insert(serviceVersions).values({ ...rules, number: 2, validFrom: '2027-01-01', seeded: null })
    const before = await versionsOf(code)
    expect((await seedFee('45.00')).versions).toEqual({ ...nothing, kept: [code] })
    expect(await versionsOf(code)).toEqual(before)
  })

  const name = { az: 'Möhür', en: 'Stamp', ru: 'Печать' }
  it.each<[string, (tx: Pick<typeof database.db, 'update' | 'insert'>, versionId: string) => Promise<unknown>]>([
    [
      'a tariff',
      (tx, versionId) =>
        tx
          .update(tariffs)
          .set({ code: 'OTHER' })
          .where(and(eq(tariffs.versionId, versionId), eq(tariffs.position, 0))),
    ],
    [
      'the documents',
      (tx, versionId) =>
        tx.insert(requiredDocuments).values({
          versionId,
          position: 9,
          code: 'STAMP',
          name,
          mandatory: true,
          confidence: Confidence.SEEN_IN_SOURCE,
        }),
    ],
    [
      'the last day',
      (tx, versionId) =>
        tx.update(serviceVersions).set({ validTo: '2026-12-31' }).where(eq(serviceVersions.id, versionId)),
    ],
  ])('does not supersede a seeded version after the operator changed %s', async (_, change) => {
    const { id } = await firstVersion()
    await unkept(database, (tx) => change(tx, id))
    const report = await seedChanged(({ services }) => {
      for (const { version } of services.services) version.note = { az: 'Qeyd', en: 'Note', ru: 'Примечание' }
    })
    expect(report.versions).toEqual({ ...nothing, renewed: ['ED-MARRIAGE', 'GOV-ESIGN'], kept: [code] })
  })

  it('reports a service that left the file and keeps it unchanged', async () => {
    const before = await versionsOf('GOV-ESIGN')
    const report = await seedChanged(({ services, texts }) => {
      services.services = services.services.filter(({ code }) => code !== 'GOV-ESIGN')
      texts.services = texts.services.filter(({ code }) => code !== 'GOV-ESIGN')
    })
    expect(report.services).toEqual({ ...nothing, gone: ['GOV-ESIGN'] })
    expect(linesOf(report)).toEqual(['services: in the data files no more, left as they are: GOV-ESIGN'])
    expect(await versionsOf('GOV-ESIGN')).toEqual(before)
  })
})
