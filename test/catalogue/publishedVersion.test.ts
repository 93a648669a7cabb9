import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { closeVersions } from '../../src/catalogue/services/serviceVersion.repository.js'
import { serviceVersions } from '../../src/catalogue/services/serviceVersion.table.js'
import { undoEach } from '../support/database.js'
import { cloneSmallDatabase } from '../support/smallCatalogue.js'

const small = await cloneSmallDatabase()
await small.db.execute(sql`insert into filing_rules (id, version_id, period, one_per_period, acknowledged_by, confidence)
  select gen_random_uuid(), id, 'NONE', false, 'RULE', 'UNKNOWN' from service_versions`)
const database = undoEach(small)

const partsOfVersion = ['refusal_grounds', 'forms', 'processes', 'filing_rules']

describe('A published version', () => {
  const ofVersion = (table: string) => `from service_versions where service_versions.id = ${table}.version_id`
  it.each([
    ['a change of its rules', 'update service_versions set delegable = not delegable'],
    ['a change of its first day', 'update service_versions set valid_from = valid_from + 1'],
    ['a change of its number', 'update service_versions set number = number + 1'],
    ['its withdrawal once it has begun', 'update service_versions set withdrawn_at = now()'],
    ['its deletion', 'delete from service_versions'],
    ['truncation', 'truncate service_versions cascade'],
    ['a change of its tariffs', `update tariffs set code = 'OTHER' ${ofVersion('tariffs')}`],
    ['the deletion of all tariffs', 'delete from tariffs'],
    ['a change of its fees', `update fees set source = 'Norm'`],
    ['a change of its terms', `update processing_terms set source = 'Norm'`],
    ...partsOfVersion.flatMap((table) => [
      [`a change of its ${table}`, `update ${table} set source = 'Norm' ${ofVersion(table)}`],
      [`the deletion of all ${table}`, `delete from ${table}`],
    ]),
  ])('refuses %s', async (_, statement) => {
    await expect(database.db.execute(sql.raw(statement))).rejects.toMatchObject({ cause: { code: '23001' } })
  })

  it('keeps an earlier last day when a seed closes it', async () => {
    const { db } = database
    await db.update(serviceVersions).set({ validTo: '2026-12-31' })
    const versions = await db.select().from(serviceVersions)
    await db.transaction((tx) =>
      closeVersions(
        tx,
        versions.map(({ id }) => id),
        '2027-06-01',
      ),
    )
    expect(await db.select().from(serviceVersions)).toEqual(versions)
  })
})
