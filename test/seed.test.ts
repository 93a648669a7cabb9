import { eq, sql } from 'drizzle-orm'
import { describe, expect, it, onTestFinished } from 'vitest'
import { agencies } from '../src/agencies/agency.table.js'
import { services } from '../src/catalogue/services/service.table.js'
import { events } from '../src/events/event.table.js'
import { installation, Mode } from '../src/platform/installation.table.js'
import { linesOf, seed } from '../src/seed.js'
import { emptyCatalogue, unkept, untilBlocked } from './support/database.js'
import { type DataFiles, entryOf, keepServices } from './support/dataFiles.js'
import { cloneSmallDatabase, smallCodes, smallFiles } from './support/smallCatalogue.js'

const database = await cloneSmallDatabase()
const { client, db, statements } = database
const seedChanged = (change: (files: DataFiles) => void) => seed(database, smallFiles(change))

/** All that is in the tables. */
async function everything() {
  const tables = ['agencies', 'registries', 'life_events', 'services', 'service_versions', 'fees', 'processing_terms']
  tables.push('forms', 'processes', 'purposes')
  return await Promise.all(tables.map((table) => db.execute(sql`select * from ${sql.identifier(table)} order by id`)))
}

describe('seed', () => {
  it('asks one select when it has seen the files', async () => {
    statements.length = 0
    expect(linesOf(await seed(database, smallFiles()))).toEqual([])
    expect(statements).toHaveLength(1)
  })

  it('changes nothing for files that say the same in another form', async () => {
    const before = await everything()
    const spaced = Object.entries(smallFiles()).map(([path, text]) => [path, ` ${text}`])
    expect(linesOf(await seed(database, Object.fromEntries(spaced)))).toEqual([])
    expect(await everything()).toEqual(before)
  })

  it('survives a deadlock with a command', async () => {
    // The seed waits there between the agencies and the services.
    const gate = await client.reserve()
    await gate`begin`
    await gate`select from life_events for update`
    let seeding: Promise<unknown> | undefined
    await db.transaction(async (tx) => {
      await tx.execute(sql`update services set source = 'Norm' where code = 'DIN-PASSPORT'`)
      seeding = seedChanged((files) => {
        entryOf(files.agencies.agencies, 'DIN').name.en = 'Another name'
        files.lifeEvents.lifeEvents[0]!.name.en = 'Another event'
      })
      await untilBlocked(database)
      // A command may refer to an agency. This one then changes an agency that the seed has locked.
      await tx.execute(sql`select from agencies where code = 'DIN' for key share`)
      // PostgreSQL ends the statement whose time is over first: that of the seed.
      await tx.execute(sql`set local deadlock_timeout = '30s'`)
      const command = tx.execute(sql`update agencies set website = 'din.example' where code = 'DIN'`)
      command.catch(() => {}) // it is awaited below
      await untilBlocked(database, 2)
      await gate`commit`
      gate.release()
      await command
    })
    expect(await seeding).toMatchObject({ agencies: { renewed: ['DIN'] } })
    expect(await db.select().from(agencies).where(eq(agencies.code, 'DIN'))).toMatchObject([
      { nameEn: 'Another name', website: 'din.example' },
    ])
  })

  it('waits for another seed of the same files and then changes nothing', async () => {
    await emptyCatalogue(database)
    const reports = await Promise.all([seed(database, smallFiles()), seed(database, smallFiles())])
    expect(reports.map(({ services }) => services.added.length).sort()).toEqual([0, smallCodes.length])
    expect(await db.$count(services)).toBe(smallCodes.length)
  })

  it('adds no services to a production, and the shipped ones as drafts only if told so', async () => {
    await emptyCatalogue(database)
    await expect(seed(database, smallFiles(), { drafts: true })).rejects.toThrow('--drafts requires a production')
    await unkept(database, (tx) => tx.update(installation).set({ mode: Mode.PRODUCTION }))
    onTestFinished(async () => {
      await unkept(database, (tx) => tx.update(installation).set({ mode: Mode.SANDBOX }))
    })
    expect((await seed(database, smallFiles())).lifeEvents.added).not.toEqual([])
    expect(await db.$count(services)).toBe(0)

    await unkept(database, (tx) => tx.delete(events))
    expect((await seed(database, smallFiles(), { drafts: true })).services.added.sort()).toEqual([...smallCodes].sort())
    expect(await db.selectDistinct({ status: services.status }).from(services)).toEqual([{ status: 'DRAFT' }])
    expect(await db.$count(events)).toBe(0)
    // The next start leaves them as they are.
    expect(linesOf(await seed(database, smallFiles()))).toEqual([])
    expect(await db.$count(services)).toBe(smallCodes.length)
  })

  it('sends as many statements for one service as for three', async () => {
    const statementsOf = async (change: (files: DataFiles) => void) => {
      await emptyCatalogue(database)
      statements.length = 0
      await seedChanged(change)
      return statements.length
    }
    // ED-MARRIAGE has each kind of part that the others have.
    const ofOne = await statementsOf((files) => keepServices(files, ['ED-MARRIAGE']))
    expect(await statementsOf(() => {})).toBe(ofOne)
  })

  it('loads nothing when a fault shows late', async () => {
    await emptyCatalogue(database)
    const refused = seedChanged(({ services }) => {
      entryOf(services.services, 'GOV-ESIGN').agency = 'NOBODY'
    })
    await expect(refused).rejects.toThrow(
      /^catalogue\/services\/services\.data\.json: services\.\d\.agency: a code of the other data files; got "NOBODY"$/,
    )
    expect(await db.$count(agencies)).toBe(0)
  })

  it.each<[string, string, (files: DataFiles) => void]>([
    [
      'an amount without decimals',
      'catalogue/services/services.data.json: services.0.version.tariffs.0.fees.0.amount: an amount as text with two decimals, "25.00", or null; got "5"',
      ({ services }) => Object.assign(services.services[0]?.version.tariffs[0]?.fees[0] ?? {}, { amount: '5' }),
    ],
    [
      'a tariff without a name',
      'catalogue/services/services.data.json: services.0.version.tariffs.0: each code has a name in this file; got "SLOW"',
      ({ services }) => Object.assign(services.services[0]?.version.tariffs[0] ?? {}, { code: 'SLOW' }),
    ],
    [
      'a code that appears twice',
      'catalogue/services/lifeEvents.data.json: lifeEvents.1.code: a code is given once; got "IDENTITY"',
      ({ lifeEvents: { lifeEvents } }) => {
        for (const lifeEvent of lifeEvents) lifeEvent.code = 'IDENTITY'
      },
    ],
    [
      'an unknown parent agency',
      'agencies/agencies.data.json: agencies.0.parent: the code of an agency in this file; got "NOBODY"',
      ({ agencies }) => Object.assign(agencies.agencies[0] ?? {}, { parent: 'NOBODY' }),
    ],
  ])('refuses %s with its place, the requirement and the value', async (_, message, change) => {
    await expect(seedChanged(change)).rejects.toThrow(new Error(message))
  })
})
