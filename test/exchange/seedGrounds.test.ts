import 'reflect-metadata'
import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { agencies } from '../../src/agencies/agency.table.js'
import { registries } from '../../src/agencies/registry.table.js'
import { purposes } from '../../src/exchange/accessLog/purpose.table.js'
import { legalGrounds } from '../../src/exchange/consents/legalGround.table.js'
import { groundsFile, purposesFile, seedGrounds } from '../../src/exchange/consents/seedGrounds.js'
import { lookups } from '../../src/exchange/registries/lookups.js'
import { parseDataFile } from '../../src/platform/dataFile.js'
import { cloneDatabase, undoEach } from '../support/database.js'
import { type DataFiles, dataFiles, entryOf } from '../support/dataFiles.js'

const database = undoEach(await cloneDatabase())
const files = dataFiles()
type Files = Pick<DataFiles, 'grounds' | 'purposes'>

const parse = ({ grounds, purposes }: Files) => ({
  grounds: parseDataFile('exchange/consents/legalGrounds.data.json', JSON.stringify(grounds), groundsFile),
  purposes: parseDataFile('exchange/accessLog/purposes.data.json', JSON.stringify(purposes), purposesFile),
})
/** Seeds the changed files over the seeded database. */
async function seedChanged(change: (files: Files) => void) {
  const changed = structuredClone({ grounds: files.grounds, purposes: files.purposes })
  change(changed)
  const parsed = parse(changed)
  const idsIn = async (table: typeof agencies | typeof registries) =>
    new Map(
      (await database.db.select({ code: table.code, id: table.id }).from(table)).map(({ code, id }) => [code, id]),
    )
  const known = { agencies: await idsIn(agencies), registries: await idsIn(registries) }
  return await database.db.transaction((tx) => seedGrounds(tx, parsed, known))
}

async function groundOf(code: string) {
  const [row] = await database.db
    .select({ ground: legalGrounds, agency: agencies.code, registry: registries.code, purpose: purposes.code })
    .from(legalGrounds)
    .leftJoin(agencies, eq(agencies.id, legalGrounds.agencyId))
    .leftJoin(registries, eq(registries.id, legalGrounds.registryId))
    .innerJoin(purposes, eq(purposes.id, legalGrounds.purposeId))
    .where(eq(legalGrounds.code, code))
  return row
}
const secrecyOf = async (code: string) =>
  (await database.db.select().from(purposes).where(eq(purposes.code, code)))[0]?.secretFor

describe('legalGrounds.data.json', () => {
  it('lets the subject see their own records, without an agency', async () => {
    expect(await groundOf('OWN-MEIS')).toMatchObject({
      agency: null,
      registry: 'MEIS',
      purpose: 'OWN_DATA',
      ground: {
        fields: null,
        consentRequired: false,
        validFrom: '2010-05-11',
        validTo: null,
        confidence: 'GENERAL_KNOWLEDGE',
      },
    })
  })

  it('lets each agency query for an application what its service needs, and more only with consent', async () => {
    expect(await groundOf('CASE-APPLICATION')).toMatchObject({ agency: null, registry: null, purpose: 'APPLICATION' })
    const ofAgencies = files.grounds.legalGrounds.filter(({ agency, purpose }) => agency && purpose === 'APPLICATION')
    expect(ofAgencies.filter(({ consentRequired }) => !consentRequired)).toEqual([])
    expect((await groundOf('DVX-MEIS-APPLICATION'))?.ground).toMatchObject({ fields: null, consentRequired: true })
  })

  it('shows border records only to agencies', () => {
    const ofBorder = files.grounds.legalGrounds.filter(({ registry }) => registry === 'IAMAS')
    expect(ofBorder.map(({ agency }) => agency)).toEqual(['VXSIDA', 'DMX', 'DIN'])
  })

  it('names only fields that the record of the registry has', () => {
    const known = new Map(Object.values(lookups).map(({ registry, fields }) => [registry, fields]))
    const ofOne = files.grounds.legalGrounds.flatMap(({ registry, ...ground }) =>
      registry ? [{ ...ground, registry }] : [],
    )
    const strange = ofOne.flatMap(({ code, registry, fields }) =>
      (fields ?? []).filter((field) => !known.get(registry)?.includes(field)).map((field) => `${code}.${field}`),
    )
    expect(strange).toEqual([])
    expect(ofOne.filter(({ registry }) => !known.has(registry))).toEqual([])
  })
})

describe('seedGrounds', () => {
  it('sets the last day of a ground', async () => {
    const { legalGrounds } = await seedChanged(({ grounds }) => {
      entryOf(grounds.legalGrounds, 'DVX-MEIS-APPLICATION').validTo = '2027-01-31'
    })
    expect(legalGrounds).toMatchObject({ added: [], renewed: ['DVX-MEIS-APPLICATION'], kept: [] })
    expect((await groundOf('DVX-MEIS-APPLICATION'))?.ground.validTo).toBe('2027-01-31')
  })

  it('reports a ground that is no longer in the file and leaves it in force', async () => {
    const { legalGrounds } = await seedChanged(({ grounds }) => {
      grounds.legalGrounds = grounds.legalGrounds.filter(({ code }) => code !== 'OWN-AVIS')
    })
    expect(legalGrounds.gone).toEqual(['OWN-AVIS'])
    expect(await groundOf('OWN-AVIS')).toBeDefined()
  })

  it.each([
    ['an unknown agency', { agency: 'NOBODY' }, 'agency: a code of the other data files; got "NOBODY"'],
    ['an unknown registry', { registry: 'DVX' }, 'registry: a code of the other data files; got "DVX"'],
    ['an unknown purpose', { purpose: 'CURIOSITY' }, 'purpose: a code of the other data files; got'],
    ['an empty list of fields', { fields: [] }, 'fields: Too small'],
    ['a field twice', { fields: ['name', 'name'] }, 'fields: a field is named once'],
    ['a last day before the first', { validTo: '1990-01-01' }, 'validTo: a day not before validFrom, or null'],
    ['consent required of the subject', { consentRequired: true }, 'consentRequired: false where agency is null'],
    ['an agency but no registry', { registry: null, agency: 'DVX' }, 'agency: null where registry is null'],
    ['fields but no registry', { registry: null, fields: ['name'] }, 'fields: null where registry is null'],
    ['the code of another', { code: 'OWN-POPULATION' }, 'code: a code is given once'],
  ])('rejects a ground with %s and names its place', async (_, wrong, message) => {
    const seeding = seedChanged(({ grounds }) => {
      Object.assign(entryOf(grounds.legalGrounds, 'OWN-COMMERCIAL'), wrong)
    })
    await expect(seeding).rejects.toThrow(`exchange/consents/legalGrounds.data.json: legalGrounds.1.${message}`)
  })

  it('accepts a second ground for the same question only after the last day of the first', async () => {
    const second = (validFrom: string) =>
      seedChanged(({ grounds: { legalGrounds } }) => {
        const first = entryOf(legalGrounds, 'DVX-MEIS-APPLICATION')
        first.validTo = '2027-01-31'
        legalGrounds.push({ ...first, code: 'DVX-MEIS-APPLICATION-2', validFrom, validTo: null })
      })
    await expect(second('2027-01-31')).rejects.toThrow(
      `legalGrounds.${files.grounds.legalGrounds.length}.validFrom: a day on which no other lets that agency ask that registry for that, as DVX-MEIS-APPLICATION does`,
    )
    expect((await second('2027-02-01')).legalGrounds.added).toEqual(['DVX-MEIS-APPLICATION-2'])
  })

  const seedSecrecy = (term: string) =>
    seedChanged(({ purposes }) => {
      entryOf(purposes.purposes, 'OPERATIONAL_SEARCH').secretFor = term
    })

  it('keeps a purpose secret for the term in the file', async () => {
    expect([await secrecyOf('OPERATIONAL_SEARCH'), await secrecyOf('APPLICATION')]).toEqual(['1 year', null])
  })

  it.each(['1 day', '90 days', '1 mon', '11 mons', '5 years'])(
    'changes a secrecy of %s later, for it does not take it for a change by an operator',
    async (term) => {
      await seedSecrecy(term)
      expect((await seedSecrecy('7 years')).purposes).toMatchObject({ renewed: ['OPERATIONAL_SEARCH'], kept: [] })
      expect(await secrecyOf('OPERATIONAL_SEARCH')).toBe('7 years')
    },
  )

  it.each(['1 years', 'P1Y', '12 mons', '0 days', 'forever'])('rejects a secrecy of "%s"', async (term) => {
    await expect(seedSecrecy(term)).rejects.toThrow(
      `purposes.5.secretFor: a time such as "1 year" or "6 mons"; got "${term}"`,
    )
  })
})
