import { eq } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { agencies } from '../../src/agencies/agency.table.js'
import { registries } from '../../src/agencies/registry.table.js'
import { seed } from '../../src/seed.js'
import { cloneDatabase } from '../support/database.js'
import { dataFolder, entryOf } from '../support/dataFolder.js'

const database = await cloneDatabase()
const { db } = database

beforeAll(() => seed(database))

async function agencyOf(code: string) {
  const parents = alias(agencies, 'parents')
  const [agency] = await db
    .select({ agency: agencies, parent: parents.code })
    .from(agencies)
    .leftJoin(parents, eq(parents.id, agencies.parentId))
    .where(eq(agencies.code, code))
  return agency
}

async function registryOf(code: string) {
  const [row] = await db
    .select({ registry: registries, agency: agencies.code })
    .from(registries)
    .innerJoin(agencies, eq(agencies.id, registries.agencyId))
    .where(eq(registries.code, code))
  return row
}

describe('an agency', () => {
  it('stands below its parent, with its mark and source', async () => {
    expect(await agencyOf('BDYPI')).toMatchObject({
      parent: 'DIN',
      agency: {
        type: 'DEPARTMENT',
        name: {
          az: 'Baş Dövlət Yol Polisi İdarəsi',
          en: 'Main State Traffic Police Department',
          ru: 'Главное управление государственной дорожной полиции',
        },
        website: 'dyp.gov.az',
        confidence: 'SEEN_IN_SOURCE',
        source: 'gpp.az faq, dyp.gov.az (the Azerbaijani name only)',
      },
    })
    expect(await agencyOf('XRITDX')).toMatchObject({ parent: null, agency: { website: null } })
    expect(await agencyOf('KTN')).toMatchObject({ agency: { confidence: 'GENERAL_KNOWLEDGE', source: null } })
  })

  it('comes in the order of the Azerbaijani alphabet', async () => {
    const names = await db.select({ name: agencies.nameAz }).from(agencies).orderBy(agencies.nameAz)
    const letters = names.map(({ name }) => name[0]).filter((letter, at, all) => letter !== all[at - 1])
    expect(letters).toEqual(['“', 'A', 'B', 'D', 'E', 'Ə', 'İ', 'M', 'S'])
  })

  it('holds its registries in the order of the file', async () => {
    const rows = await db
      .select({ code: registries.code, position: registries.position })
      .from(registries)
      .innerJoin(agencies, eq(agencies.id, registries.agencyId))
      .where(eq(agencies.code, 'EDLIYYE'))
      .orderBy(registries.position)
    expect(rows.map(({ code }) => code)).toEqual(['CIVIL', 'ENOTARIAT', 'LEGALACTS'])
  })

  it('may come with a parent that the same file brings', async () => {
    await seed(
      database,
      dataFolder(({ agencies: { agencies } }) => {
        const parent = { ...entryOf(agencies, 'EMA'), code: 'NEW_PARENT', registries: [] }
        agencies.unshift({ ...parent, code: 'NEW_CHILD', parent: 'NEW_PARENT' }, parent)
      }),
    )
    expect(await agencyOf('NEW_CHILD')).toMatchObject({ parent: 'NEW_PARENT' })
  })
})

it('A registry that moves to another agency moves, and keeps its id', async () => {
  const before = await registryOf('DIGITALLOGIN')
  const report = await seed(
    database,
    dataFolder(({ agencies: { agencies } }) => {
      const held = entryOf(agencies, 'IRIA')
      const moved = entryOf(held.registries, 'DIGITALLOGIN')
      held.registries = held.registries.filter(({ code }) => code !== 'DIGITALLOGIN')
      entryOf(agencies, 'RINN').registries.push(moved)
    }),
  )
  expect(report.registries.renewed).toContain('DIGITALLOGIN')
  expect(await registryOf('DIGITALLOGIN')).toMatchObject({ agency: 'RINN', registry: { id: before?.registry.id } })
})
