import { asc, eq, sql } from 'drizzle-orm'
import { beforeEach, describe, expect, it } from 'vitest'
import { agencies } from '../../src/agencies/agency.table.js'
import { fees } from '../../src/catalogue/fee.table.js'
import { requiredDocuments } from '../../src/catalogue/requiredDocument.table.js'
import { ServiceStatus, services } from '../../src/catalogue/service.table.js'
import { closeVersions } from '../../src/catalogue/serviceVersion.repository.js'
import { ResultKind, serviceVersions } from '../../src/catalogue/serviceVersion.table.js'
import { deadlines } from '../../src/events/deadline.table.js'
import { events } from '../../src/events/event.table.js'
import { linesOf, seed } from '../../src/seed.js'
import { cloneDatabase, emptyCatalogue, unkept } from '../support/database.js'
import { type DataFiles, dataFolder, entryOf } from '../support/dataFolder.js'

const database = await cloneDatabase()
const { db } = database
const nothing = { added: [], renewed: [], kept: [], gone: [] }

const emptied = () => emptyCatalogue(database)

/** All that is in the tables, but for when it was put there. */
async function everything() {
  const tables = ['agencies', 'registries', 'life_events', 'services', 'service_versions', 'fees', 'processing_terms']
  tables.push('forms', 'processes', 'purposes', 'legal_grounds')
  const rows = tables.map((table) => db.execute(sql`select * from ${sql.identifier(table)} order by id`))
  return await Promise.all(rows)
}

async function versionsOf(code: string) {
  const versions = await db
    .select({ version: serviceVersions })
    .from(serviceVersions)
    .innerJoin(services, eq(services.id, serviceVersions.serviceId))
    .where(eq(services.code, code))
    .orderBy(asc(serviceVersions.number))
  return versions.map(({ version }) => version)
}

const feesOf = (version?: { id: string }) =>
  db
    .select()
    .from(fees)
    .where(eq(fees.versionId, version?.id ?? ''))
    .orderBy(asc(fees.position))

const serviceOf = async (code: string) => (await db.select().from(services).where(eq(services.code, code)))[0]

const withFee = (code: string, amount: string, compiledOn = '2027-03-01') =>
  dataFolder(({ services }) => {
    services.compiledOn = compiledOn
    const [fee] = entryOf(services.services, code).version.fees
    if (fee) fee.amount = amount
  })

const seedChanged = (change: (files: DataFiles) => void) => seed(database, dataFolder(change))

beforeEach(async () => {
  await emptied()
  await seed(database)
})

describe('a second seed', () => {
  it('of the same files is one select', async () => {
    database.statements.length = 0
    expect(linesOf(await seed(database))).toEqual([])
    expect(database.statements).toHaveLength(1)
  })

  it('of files that say the same in another form changes nothing', async () => {
    const before = await everything()
    expect(linesOf(await seedChanged(() => {}))).toEqual([])
    expect(await everything()).toEqual(before)
  })

  it('at the same time waits for the first, and finds it done', async () => {
    await emptied()
    const reports = await Promise.all([seed(database), seed(database)])
    expect(reports.map(({ services }) => services.added.length).sort()).toEqual([0, 77])
    expect(await db.$count(services)).toBe(77)
  })
})

it('The number of statements of a first seed does not grow with its rows', async () => {
  const statementsOf = async (change: (files: DataFiles) => void) => {
    await emptied()
    database.statements.length = 0
    await seedChanged(change)
    return database.statements.length
  }
  const ofOne = await statementsOf((files) => {
    files.services.services.splice(1)
    // Each kind of part that any of them has.
    entryOf(files.services.services, 'DIN-ID-ISSUE').version.process = { confidence: 'UNKNOWN', source: null } as never
    files.forms = { 'DIN-ID-ISSUE': files.forms['DIN-ID-ISSUE'] as DataFiles['forms'][string] }
  })
  expect(await statementsOf(() => {})).toBe(ofOne)
})

describe('what was published', () => {
  const ofVersion = (table: string) => `from service_versions where service_versions.id = ${table}.version_id`
  it.each([
    ['rules', 'update service_versions set delegable = not delegable'],
    ['first day', `update service_versions set valid_from = valid_from + 1`],
    ['number', 'update service_versions set number = number + 1'],
    ['version that has begun, to say it never did', 'update service_versions set withdrawn_at = now()'],
    ['version', 'delete from service_versions'],
    ['versions all at once', 'truncate service_versions cascade'],
    ...['fees', 'processing_terms', 'forms', 'processes'].flatMap((table) => [
      [table, `update ${table} set source = 'Norm' ${ofVersion(table)}`],
      [`${table}, one and all`, `delete from ${table}`],
    ]),
  ])('is not changed: its %s', async (_, statement) => {
    await expect(db.execute(sql.raw(statement))).rejects.toMatchObject({ cause: { code: '23001' } })
  })

  it('ends, and where it was to end already, no later', async () => {
    await db.update(serviceVersions).set({ validTo: '2026-12-31' })
    const [version] = await versionsOf('DIN-PASSPORT')
    await db.transaction((tx) => closeVersions(tx, [version?.id ?? ''], '2027-06-01'))
    expect(await versionsOf('DIN-PASSPORT')).toMatchObject([{ validTo: '2026-12-31' }])
  })
})

describe('a changed fee', () => {
  it('makes version 2 from the day of the file, and leaves version 1 and its fees as they were', async () => {
    const [before] = await versionsOf('DIN-PASSPORT')
    const feesBefore = await feesOf(before)
    const report = await seed(database, withFee('DIN-PASSPORT', '45.00'))
    expect(report.versions).toEqual({ ...nothing, renewed: ['DIN-PASSPORT'] })

    const [first, second, third] = await versionsOf('DIN-PASSPORT')
    expect(first).toEqual({ ...before, validTo: '2027-02-28' })
    expect(await feesOf(first)).toEqual(feesBefore)
    expect(second).toMatchObject({ number: 2, validFrom: '2027-03-01', validTo: null })
    expect((await feesOf(second)).map(({ amount }) => amount)).toEqual([
      4500n,
      ...feesBefore.slice(1).map(({ amount }) => amount),
    ])
    expect(third).toBeUndefined()
  })

  it('on the day that version 1 began ends it no earlier than it began', async () => {
    await seed(database, withFee('DIN-PASSPORT', '45.00', '2026-11-24'))
    const [first, second] = await versionsOf('DIN-PASSPORT')
    expect(first).toMatchObject({ validFrom: '2026-11-24', validTo: '2026-11-24' })
    expect(second).toMatchObject({ validFrom: '2026-11-24', validTo: null })
  })

  it('back to what it was makes a third version, and the second, which has not begun, is withdrawn', async () => {
    await seed(database, withFee('DIN-PASSPORT', '45.00', '2097-03-01'))
    await seed(database, withFee('DIN-PASSPORT', '40.00', '2097-04-01'))
    expect(await versionsOf('DIN-PASSPORT')).toMatchObject([
      { number: 1, validTo: '2097-03-31', withdrawnAt: null },
      { number: 2, validFrom: '2097-03-01', withdrawnAt: expect.any(Date) },
      { number: 3, validFrom: '2097-04-01', validTo: null, withdrawnAt: null },
    ])
    const [service] = await db.select().from(services).where(eq(services.code, 'DIN-PASSPORT'))
    const dues = await db
      .select()
      .from(deadlines)
      .where(eq(deadlines.subject, service?.id ?? ''))
    expect(dues).toMatchObject([{ type: 'service.rules_began', dueAt: new Date('2097-04-01T00:00:00+04:00') }])
  })
})

it('a service that is new waits for the day of its file', async () => {
  await emptied()
  await seed(database, withFee('DIN-PASSPORT', '45.00', '2097-03-01'))
  const day = new Date('2097-03-01T00:00:00+04:00')
  expect(await serviceOf('DIN-PASSPORT')).toMatchObject({ status: 'SUSPENDED', suspendedUntil: day })
  const { id } = (await serviceOf('DIN-PASSPORT')) ?? {}
  const dues = await db
    .select()
    .from(deadlines)
    .where(eq(deadlines.subject, id ?? ''))
  expect(dues.map(({ type, dueAt }) => [type, dueAt]).sort()).toEqual([
    ['service.rules_began', day],
    ['service.suspension_ended', day],
  ])
})

describe('what an operator made', () => {
  it.each([
    [ServiceStatus.SUSPENDED, 2],
    [ServiceStatus.RETIRED, 1],
  ])('of a service that is %s is not said to be published', async (status, versions) => {
    await db.update(services).set({ status }).where(eq(services.code, 'DIN-PASSPORT'))
    await db.execute(
      sql`alter table events disable trigger user; delete from events; alter table events enable trigger user`,
    )
    const report = await seed(database, withFee('DIN-PASSPORT', '45.00'))
    expect(await versionsOf('DIN-PASSPORT')).toHaveLength(versions)
    expect(report.versions.kept).toEqual(versions === 1 ? ['DIN-PASSPORT'] : [])
    const told = await db.select({ type: events.type }).from(events)
    expect(told).toEqual(versions === 1 ? [] : [{ type: 'service.changed' }])
  })

  it('of a name survives a file with another name, while the rest of the entry is taken', async () => {
    const name = { az: 'Pasport', en: 'Passport', ru: 'Паспорт' }
    await db.update(services).set({ name }).where(eq(services.code, 'DIN-PASSPORT'))
    const report = await seedChanged(({ services }) => {
      const entry = entryOf(services.services, 'DIN-PASSPORT')
      entry.name.en = 'Issue of a passport'
      entry.lifeEvent = 'IDENTITY'
      entry.source = 'another source'
    })
    expect(report.services).toEqual({ ...nothing, renewed: ['DIN-PASSPORT'], kept: ['DIN-PASSPORT.name'] })
    expect(await serviceOf('DIN-PASSPORT')).toMatchObject({ name, nameEn: 'Passport', source: 'another source' })
  })

  it('of a status stays, whatever the file changes', async () => {
    await db.update(services).set({ status: ServiceStatus.SUSPENDED }).where(eq(services.code, 'DIN-PASSPORT'))
    await seedChanged(({ services }) => {
      entryOf(services.services, 'DIN-PASSPORT').name.en = 'Issue of a passport'
    })
    expect(await serviceOf('DIN-PASSPORT')).toMatchObject({ nameEn: 'Issue of a passport', status: 'SUSPENDED' })
  })

  it('as a version of its own is not superseded', async () => {
    const [first] = await versionsOf('DIN-PASSPORT')
    if (!first) throw new Error('a first version is required')
    const { id, ...rules } = first
    const own = { ...rules, number: 2, validFrom: '2027-01-01', seeded: null }
    await db.insert(serviceVersions).values(own)
    const before = await versionsOf('DIN-PASSPORT')
    const report = await seed(database, withFee('DIN-PASSPORT', '45.00'))
    expect(report.versions).toEqual({ ...nothing, kept: ['DIN-PASSPORT'] })
    expect(await versionsOf('DIN-PASSPORT')).toEqual(before)
  })

  it('of a fee, a document or the end of a seeded version is not superseded either', async () => {
    const [passport] = await versionsOf('DIN-PASSPORT')
    const [permit] = await versionsOf('DMX-TRP')
    const [licence] = await versionsOf('DIN-DL-RENEW')
    await unkept(database, (tx) =>
      tx
        .update(fees)
        .set({ amount: 1n })
        .where(eq(fees.versionId, passport?.id ?? '')),
    )
    const name = { az: 'Foto', en: 'Photo', ru: 'Фото' }
    await db.insert(requiredDocuments).values({ versionId: permit?.id ?? '', position: 0, name, mandatory: true })
    await db
      .update(serviceVersions)
      .set({ validTo: '2026-12-31' })
      .where(eq(serviceVersions.id, licence?.id ?? ''))
    const changed = ['DIN-PASSPORT', 'DIN-DL-RENEW', 'DMX-TRP', 'GOV-ESIGN']
    const report = await seedChanged(({ services }) => {
      for (const code of changed) entryOf(services.services, code).version.result = ResultKind.REPLY
    })
    expect(report.versions).toEqual({
      ...nothing,
      renewed: ['GOV-ESIGN'],
      kept: ['DIN-PASSPORT', 'DIN-DL-RENEW', 'DMX-TRP'],
    })
  })

  it('under a code that a later file brings stays theirs', async () => {
    await db.update(agencies).set({ seeded: null, website: 'example.az' }).where(eq(agencies.code, 'DIN'))
    const report = await seedChanged(({ agencies }) => {
      entryOf(agencies.agencies, 'DIN').website = 'din.gov.az'
    })
    expect(report.agencies).toEqual({ ...nothing, kept: ['DIN'] })
    expect(await db.select({ website: agencies.website }).from(agencies).where(eq(agencies.code, 'DIN'))).toEqual([
      { website: 'example.az' },
    ])
  })
})

it('a command that a seed waits for, and that waits for the seed, does not end it', async () => {
  const renamed = dataFolder((files) => {
    entryOf(files.agencies.agencies, 'DIN').name.en = 'Another name'
  })
  let seeding: Promise<unknown> | undefined
  await db.transaction(async (tx) => {
    await tx.execute(sql`update services set source = 'Norm' where code = 'DIN-PASSPORT'`)
    seeding = seed(database, renamed)
    await expect
      .poll(async () => (await db.execute(sql`select from pg_locks where not granted`)).length, {
        interval: 10,
        timeout: 20_000,
      })
      .toBe(1)
    // It may refer to an agency, and here it goes as far as to change one that the seed has locked.
    await tx.execute(sql`select from agencies where code = 'DIN' for key share`)
    await tx.execute(sql`update agencies set website = 'din.example' where code = 'DIN'`)
  })
  expect(await seeding).toMatchObject({ agencies: { renewed: ['DIN'] } })
  expect((await db.select().from(agencies).where(eq(agencies.code, 'DIN')))[0]).toMatchObject({
    ...{ nameEn: 'Another name', website: 'din.example' },
  })
}, 30_000)

it('An entry gone from the file is told and left alone', async () => {
  const before = await versionsOf('GOV-ESIGN')
  const report = await seedChanged(({ services }) => {
    services.services = services.services.filter(({ code }) => code !== 'GOV-ESIGN')
  })
  expect(report.services).toEqual({ ...nothing, gone: ['GOV-ESIGN'] })
  expect(linesOf(report)).toEqual(['services: in the data files no more, left as they are: GOV-ESIGN'])
  expect(await versionsOf('GOV-ESIGN')).toEqual(before)
})

describe('a broken file', () => {
  const refusalOf = (change: (files: DataFiles) => void) =>
    seedChanged(change).then(
      () => 'none',
      ({ message }) => message,
    )

  it('leaves nothing, even where the fault shows late', async () => {
    await emptied()
    const refusal = await refusalOf(({ services }) => {
      entryOf(services.services, 'GOV-ESIGN').agency = 'NOBODY'
    })
    expect(refusal).toBe(
      'catalogue/services.data.json: services[76].agency: a code of the other data files; came "NOBODY"',
    )
    expect(await db.$count(agencies)).toBe(0)
  })

  it('is refused with the place, what was required and what came', async () => {
    const changes: Record<string, (files: DataFiles) => void> = {
      'catalogue/services.data.json: services[0].version.fees[0].amount: an amount as text with two decimals, "25.00", or null; came "5"':
        ({ services }) => Object.assign(services.services[0]?.version.fees[0] ?? {}, { amount: '5' }),
      'catalogue/services.data.json: services[0].version.terms[0].variant: one of the variants of this file; came "SLOW"':
        ({ services }) => Object.assign(services.services[0]?.version.terms[0] ?? {}, { variant: 'SLOW' }),
      'catalogue/lifeEvents.data.json: lifeEvents[1].code: a code is given once; came "IDENTITY"': ({ lifeEvents }) =>
        Object.assign(lifeEvents.lifeEvents[1] ?? {}, { code: 'IDENTITY' }),
      'agencies/agencies.data.json: agencies[1].parent: the code of an agency in this file; came "NOBODY"': ({
        agencies,
      }) => Object.assign(agencies.agencies[1] ?? {}, { parent: 'NOBODY' }),
    }
    const refusals = await Promise.all(Object.values(changes).map(refusalOf))
    expect(refusals).toEqual(Object.keys(changes))
  })
})
