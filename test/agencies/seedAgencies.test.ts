import { eq } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import { describe, expect, it } from 'vitest'
import { agencies } from '../../src/agencies/agency.table.js'
import { registries } from '../../src/agencies/registry.table.js'
import { seed } from '../../src/seed.js'
import { undoEach } from '../support/database.js'
import { type DataFiles, entryOf } from '../support/dataFiles.js'
import { cloneSmallDatabase, smallFiles } from '../support/smallCatalogue.js'

const database = undoEach(await cloneSmallDatabase())
const seedChanged = (change: (agencies: DataFiles['agencies']['agencies']) => void) =>
  seed(
    database,
    smallFiles(({ agencies }) => change(agencies.agencies)),
  )

async function agencyOf(code: string) {
  const parents = alias(agencies, 'parents')
  const [agency] = await database.db
    .select({ agency: agencies, parent: parents.code })
    .from(agencies)
    .leftJoin(parents, eq(parents.id, agencies.parentId))
    .where(eq(agencies.code, code))
  return agency
}

async function registryOf(code: string) {
  const [row] = await database.db
    .select({ id: registries.id, agency: agencies.code })
    .from(registries)
    .innerJoin(agencies, eq(agencies.id, registries.agencyId))
    .where(eq(registries.code, code))
  return row
}

describe('seedAgencies', () => {
  it('places an agency below its parent, with its confidence and source', async () => {
    expect(await agencyOf('BPQMI')).toMatchObject({
      parent: 'DIN',
      agency: {
        type: 'DEPARTMENT',
        name: {
          az: 'Baş Pasport, Qeydiyyat və Miqrasiya İdarəsi',
          en: 'Main Passport, Registration and Migration Department',
          ru: 'Главное управление паспорта, регистрации и миграции',
        },
        website: 'bpqmi.gov.az',
        confidence: 'SEEN_IN_SOURCE',
        source: 'bpqmi.gov.az (the Azerbaijani name only)',
      },
    })
    expect(await agencyOf('DIN')).toMatchObject({ parent: null })
  })

  it('keeps the registries of an agency in the order of the file', async () => {
    const rows = await database.db
      .select({ code: registries.code })
      .from(registries)
      .innerJoin(agencies, eq(agencies.id, registries.agencyId))
      .where(eq(agencies.code, 'EDLIYYE'))
      .orderBy(registries.position)
    expect(rows.map(({ code }) => code)).toEqual(['CIVIL', 'ENOTARIAT', 'LEGALACTS'])
  })

  it('adds an agency with a parent that the same file adds after it', async () => {
    await seedChanged((agencies) => {
      const parent = { ...entryOf(agencies, 'DIN'), code: 'NEW_PARENT', registries: [] }
      agencies.unshift({ ...parent, code: 'NEW_CHILD', parent: 'NEW_PARENT' }, parent)
    })
    expect(await agencyOf('NEW_CHILD')).toMatchObject({ parent: 'NEW_PARENT' })
  })

  it('moves a registry to another agency and keeps its id', async () => {
    const before = await registryOf('ENOTARIAT')
    const report = await seedChanged((agencies) => {
      const held = entryOf(agencies, 'EDLIYYE')
      const moved = entryOf(held.registries, 'ENOTARIAT')
      held.registries = held.registries.filter(({ code }) => code !== 'ENOTARIAT')
      entryOf(agencies, 'RINN').registries.push(moved)
    })
    expect(report.registries.renewed).toContain('ENOTARIAT')
    expect(await registryOf('ENOTARIAT')).toEqual({ id: before?.id, agency: 'RINN' })
  })

  it('keeps an agency that the operator registered under a code of the file', async () => {
    const { db } = database
    await db.update(agencies).set({ seeded: null, website: 'example.az' }).where(eq(agencies.code, 'DIN'))
    const report = await seedChanged((agencies) => {
      entryOf(agencies, 'DIN').website = 'din.gov.az'
    })
    expect(report.agencies).toEqual({ added: [], renewed: [], kept: ['DIN'], gone: [] })
    expect((await agencyOf('DIN'))?.agency.website).toBe('example.az')
  })
})
