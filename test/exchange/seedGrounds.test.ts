import 'reflect-metadata'
import { eq } from 'drizzle-orm'
import { beforeEach, describe, expect, it } from 'vitest'
import { agencies } from '../../src/agencies/agency.table.js'
import { registries } from '../../src/agencies/registry.table.js'
import { border } from '../../src/exchange/border.js'
import { companies } from '../../src/exchange/companies.js'
import { legalGrounds } from '../../src/exchange/legalGround.table.js'
import { population } from '../../src/exchange/population.js'
import { property } from '../../src/exchange/property.js'
import { purposes } from '../../src/exchange/purpose.table.js'
import { socialInsurance } from '../../src/exchange/socialInsurance.js'
import { tax } from '../../src/exchange/tax.js'
import { traffic } from '../../src/exchange/traffic.js'
import { linesOf, seed } from '../../src/seed.js'
import { cloneDatabase } from '../support/database.js'
import { changedFiles, type DataFiles, dataFiles, entryOf } from '../support/dataFiles.js'

const database = await cloneDatabase()
const { db } = database
const lookups = [population, companies, traffic, property, socialInsurance, border, tax]

const seedChanged = (change: (files: DataFiles) => void) => seed(database, changedFiles(change))

async function groundOf(code: string) {
  const [row] = await db
    .select({ ground: legalGrounds, agency: agencies.code, registry: registries.code, purpose: purposes.code })
    .from(legalGrounds)
    .leftJoin(agencies, eq(agencies.id, legalGrounds.agencyId))
    .innerJoin(registries, eq(registries.id, legalGrounds.registryId))
    .innerJoin(purposes, eq(purposes.id, legalGrounds.purposeId))
    .where(eq(legalGrounds.code, code))
  return row
}
const purposeOf = async (code: string) => (await db.select().from(purposes).where(eq(purposes.code, code)))[0]

// Back to what the files of the repository say; where the test before changed nothing, one select.
beforeEach(() => seed(database))

describe('a ground of law', () => {
  it('lets the subject know, and names no agency for that', async () => {
    expect(await groundOf('OWN-MEIS')).toMatchObject({ agency: null, registry: 'MEIS', purpose: 'OWN_DATA' })
    expect((await groundOf('OWN-MEIS'))?.ground).toMatchObject({
      fields: null,
      consentRequired: false,
      validFrom: '2010-05-11',
      validTo: null,
      confidence: 'GENERAL_KNOWLEDGE',
    })
  })

  it('lets an agency ask for some fields, and for some registries with consent alone', async () => {
    expect((await groundOf('DVX-POPULATION-APPLICATION'))?.ground).toMatchObject({
      fields: ['surname', 'givenName', 'patronymic', 'birthDate', 'citizenship'],
      consentRequired: false,
    })
    expect((await groundOf('DVX-MEIS-APPLICATION'))?.ground).toMatchObject({ fields: null, consentRequired: true })
  })

  it('shows nobody but agencies who crosses the border', () => {
    const ofBorder = dataFiles().grounds.legalGrounds.filter(({ registry }) => registry === 'IAMAS')
    expect(ofBorder.map(({ agency }) => agency)).toEqual(['VXSIDA', 'DMX', 'DIN'])
  })

  it('ends by its last day, as the file says', async () => {
    const report = await seedChanged(({ grounds }) => {
      entryOf(grounds.legalGrounds, 'DVX-MEIS-APPLICATION').validTo = '2027-01-31'
    })
    expect(linesOf(report)).toEqual(['legalGrounds: 1 renewed: DVX-MEIS-APPLICATION'])
    expect((await groundOf('DVX-MEIS-APPLICATION'))?.ground).toMatchObject({ validTo: '2027-01-31' })
  })

  it('that is taken out of the file goes on holding, and is told', async () => {
    const report = await seedChanged(({ grounds }) => {
      grounds.legalGrounds = grounds.legalGrounds.filter(({ code }) => code !== 'OWN-AVIS')
    })
    expect(report.legalGrounds.gone).toEqual(['OWN-AVIS'])
    expect(await groundOf('OWN-AVIS')).toBeDefined()
  })
})

describe('a purpose', () => {
  it('is secret where it says for how long', async () => {
    expect(await purposeOf('OPERATIONAL_SEARCH')).toMatchObject({ secretFor: '1 year' })
    expect(await purposeOf('APPLICATION')).toMatchObject({ secretFor: null })
  })

  it.each(['1 day', '90 days', '1 mon', '11 mons', '5 years'])(
    'is secret for %s, and then for longer, with nobody taken for an operator who changed it',
    async (secretFor) => {
      const secret = (term: string) =>
        seedChanged(({ purposes }) => {
          entryOf(purposes.purposes, 'OPERATIONAL_SEARCH').secretFor = term
        })
      await secret(secretFor)
      const { purposes } = await secret('7 years')
      expect(purposes).toMatchObject({ renewed: ['OPERATIONAL_SEARCH'], kept: [] })
      expect(await purposeOf('OPERATIONAL_SEARCH')).toMatchObject({ secretFor: '7 years' })
    },
  )
})

const groundsChanged = (change: (ground: DataFiles['grounds']['legalGrounds'][number]) => void) =>
  seedChanged(({ grounds }) => change(entryOf(grounds.legalGrounds, 'OWN-COMMERCIAL')))

it.each([
  ['an agency that nobody knows', { agency: 'NOBODY' }, 'agency: a code of the other data files; came "NOBODY"'],
  ['a registry that nobody knows', { registry: 'DVX' }, 'registry: a code of the other data files; came "DVX"'],
  ['a purpose that nobody knows', { purpose: 'CURIOSITY' }, 'purpose: a code of the other data files; came'],
  ['no field', { fields: [] }, 'fields: Too small'],
  ['a field twice', { fields: ['name', 'name'] }, 'fields: a field is named once'],
  ['a last day before the first', { validTo: '1990-01-01' }, 'validTo: a day not before validFrom, or null'],
  ['the consent of who asks', { consentRequired: true }, 'consentRequired: false where agency is null'],
  ['a code that another has', { code: 'OWN-POPULATION' }, 'code: a code is given once'],
])('A ground with %s is refused with its place, and nothing is loaded', async (_, wrong, said) => {
  const refused = groundsChanged((ground) => {
    Object.assign(ground, { basis: { az: 'Başqa', en: 'Other', ru: 'Другое' } }, wrong)
  })
  await expect(refused).rejects.toThrow(`exchange/legalGrounds.data.json: legalGrounds[1].${said}`)
  expect((await groundOf('OWN-COMMERCIAL'))?.ground.basis.en).toMatch(/^Law 560-IIQ/)
})

it('Two grounds never let one agency ask one registry for one thing on one day', async () => {
  const second = (validFrom: string) =>
    seedChanged(({ grounds: { legalGrounds } }) => {
      const first = entryOf(legalGrounds, 'DVX-MEIS-APPLICATION')
      first.validTo = '2027-01-31'
      legalGrounds.push({ ...first, code: 'DVX-MEIS-APPLICATION-2', validFrom, validTo: null })
    })
  await expect(second('2027-01-31')).rejects.toThrow(
    'legalGrounds[21].validFrom: a day on which no other lets that agency ask that registry for that, as DVX-MEIS-APPLICATION does',
  )
  expect((await second('2027-02-01')).legalGrounds.added).toEqual(['DVX-MEIS-APPLICATION-2'])
})

it('A ground that names fields names those of the record of its registry', () => {
  const known = new Map(lookups.map(({ registry, fields }) => [registry, fields]))
  const strange = dataFiles().grounds.legalGrounds.flatMap(({ code, registry, fields }) =>
    (fields ?? []).filter((field) => !known.get(registry)?.includes(field)).map((field) => `${code}.${field}`),
  )
  expect(strange).toEqual([])
  expect(dataFiles().grounds.legalGrounds.filter(({ registry }) => !known.has(registry))).toEqual([])
})

it.each(['1 years', 'P1Y', '12 mons', '0 days', 'forever'])('A purpose is not secret for "%s"', async (term) => {
  const refused = seedChanged(({ purposes }) => {
    entryOf(purposes.purposes, 'OPERATIONAL_SEARCH').secretFor = term
  })
  await expect(refused).rejects.toThrow(`purposes[4].secretFor: a time such as "1 year" or "6 mons"; came "${term}"`)
})
