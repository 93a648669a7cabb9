import { eq, sql } from 'drizzle-orm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { agencies } from '../../src/agencies/agency.table.js'
import { fold } from '../../src/catalogue/search/folding.js'
import { lifeEvents } from '../../src/catalogue/services/lifeEvent.table.js'
import { services } from '../../src/catalogue/services/service.table.js'
import { anyCharacter } from '../support/anyCharacter.js'
import { apiOf } from '../support/api.js'
import { cloneDatabase } from '../support/database.js'
import { long } from '../support/long.js'

const { client, db, ...database } = await cloneDatabase()
const ask = await apiOf({ client, db, ...database })

const found = async (text: string): Promise<string[]> => {
  const query = 'query ($text: String!) { searchServices(text: $text, first: 100) { nodes { service { code } } } }'
  const { data } = await ask(query, { variables: { text } })
  return data.searchServices.nodes.map(({ service }: any) => service.code)
}
const named = (word: string) => ({ az: `${word} verilməsi`, en: `Issue of ${word}`, ru: `Выдача ${word}` })

describe('fold', () => {
  it.each([
    ['Şəxsiyyət vəsiqəsi', 'sexsiyyet vesiqesi'],
    ['İI ıi', 'ii ii'],
    ['ƏĞÇŞÖÜ əğçşöü', 'egcsou egcsou'],
    ['Ёлка, подъезд — ЦЮЯ', 'elka podezd tsyuya'],
    ['паспорт', 'pasport'],
    ['driver’s  licence (B1)', 'drivers licence b1'],
    ['e\u0301 é ﬁ №5', 'e e fi no5'],
    ['', ''],
    ['中文 😀', ''],
  ])('folds "%s"', (text, words) => expect(fold(text)).toBe(words))

  it('folds every text as the database does', async () => {
    const characters = fc.oneof(
      fc.string({ unit: anyCharacter, maxLength: 40 }),
      fc.string({ unit: 'grapheme', maxLength: 40 }),
      fc.string({ unit: fc.constantFrom(..."AİIıiəƏşŞжЖйЙёЁцЦъЪюя’'`- .(09\u0301\u0307"), maxLength: 40 }),
    )
    const texts = fc
      .sample(characters, { numRuns: long ? 3_000 : 300, seed: 1 })
      .map((text) => text.replaceAll('\0', ''))
    const step = long ? 1 : 8
    const letters = Array.from({ length: (0x2fff - 32) / step }, (_, at) => `a${String.fromCodePoint(at * step + 32)}b`)
    const all = [...texts, ...letters]
    const rows =
      await client`select search_fold(text) as words from unnest(${all}::text[]) with ordinality t(text, at) order by at`
    const differ = all.filter((text, at) => rows[at]?.words !== fold(text))
    expect(differ).toEqual([])
  })
})

describe('The search index', () => {
  it('finds a renamed agency by its new name alone', async () => {
    expect(await found('gömrük komitəsi')).toContain('DGK-DEBT')
    const [{ name: before } = { name: named('') }] = await db.select().from(agencies).where(eq(agencies.code, 'ITSDA'))
    await db
      .update(agencies)
      .set({ name: named('Zoğalçılıq') })
      .where(eq(agencies.code, 'ITSDA'))
    expect((await found('zogalciliq')).sort()).toEqual(['ITS-FAMILY-DOCTOR', 'ITS-STATUS'])
    await db.update(agencies).set({ name: before }).where(eq(agencies.code, 'ITSDA'))
    expect(await found('zogalciliq')).toEqual([])
  })

  it('finds a renamed life event, a renamed service, and a service that moved to another agency', async () => {
    await db
      .update(lifeEvents)
      .set({ name: named('Quşçuluq') })
      .where(eq(lifeEvents.code, 'MILITARY'))
    expect(await found('qusculuq')).toEqual(['SHX-DEFERMENT'])
    await db
      .update(services)
      .set({ name: named('Tüstübacası') })
      .where(eq(services.code, 'SHX-DEFERMENT'))
    expect(await found('tustubacasi')).toEqual(['SHX-DEFERMENT'])
    expect(await found('DMX')).not.toContain('SHX-DEFERMENT')
    const [agency] = await db.select().from(agencies).where(eq(agencies.code, 'DMX'))
    await db
      .update(services)
      .set({ agencyId: agency?.id ?? '' })
      .where(eq(services.code, 'SHX-DEFERMENT'))
    expect(await found('DMX')).toContain('SHX-DEFERMENT')
  })

  it('does not find what was rolled back', async () => {
    const undone = db.transaction(async (tx) => {
      await tx
        .update(services)
        .set({ name: named('Kəpənəkçilik') })
        .where(eq(services.code, 'GOV-APPEAL'))
      tx.rollback()
    })
    await expect(undone).rejects.toThrow()
    expect(await found('kepenekcilik')).toEqual([])
  })

  it('takes the same new words from two transactions without a deadlock', async () => {
    const words = Array.from({ length: 40 }, (_, at) => `söz${at}`)
    const renamed = (code: string, text: string) =>
      db.transaction(async (tx) => {
        await tx
          .update(services)
          .set({ name: named(text) })
          .where(eq(services.code, code))
        await tx.execute(sql`select pg_sleep(0.1)`)
      })
    await Promise.all([renamed('GOV-APPEAL', words.join(' ')), renamed('GOV-ESIGN', [...words].reverse().join(' '))])
    expect((await found('soz7')).sort()).toEqual(['GOV-APPEAL', 'GOV-ESIGN'])
  })

  it('finds texts with endless words, and texts beside empty ones', async () => {
    const name = { az: `${'ş'.repeat(500)} uzunluq`, en: '—', ru: '' }
    await db.update(services).set({ name }).where(eq(services.code, 'GOV-ESIGN'))
    expect(await found('uzunluq')).toEqual(['GOV-ESIGN'])
    await db
      .update(services)
      .set({ description: { az: `${'ş'.repeat(5_000)} kehkesan` } })
      .where(eq(services.code, 'GOV-ESIGN'))
    expect(await found('kehkesan')).toEqual(['GOV-ESIGN'])
  })

  it('has exactly the texts of the tables, and every word of them', async () => {
    const [row] = await client`
    with texts as (
      select id, 'CODE' as field, null as language, code as text from services
      union all select id, 'NAME', upper(key), value from services, jsonb_each_text(name)
      union all select id, 'DESCRIPTION', upper(key), value from services, jsonb_each_text(description)
      union all select id, 'SEARCH_WORDS', upper(key), value from services, jsonb_each_text(search_words)
      union all select id, 'AGENCY', null, code from agencies
      union all select id, 'AGENCY', upper(key), value from agencies, jsonb_each_text(name)
      union all select id, 'LIFE_EVENT', upper(key), value from life_events, jsonb_each_text(name)
    ), held as (select owner, field::text, language::text, text from search_texts)
    select (select count(*)::int from (table texts except table held) missing) as missing,
      (select count(*)::int from (table held except table texts) left_over) as left_over,
      (select count(*)::int from search_texts where lexemes <> search_lexemes(text)) as differ,
      (select count(*)::int from search_texts, unnest(tsvector_to_array(lexemes)) word
        where word not in (select word from search_words)) as unknown`
    expect(row).toEqual({ missing: 0, left_over: 0, differ: 0, unknown: 0 })
  })
})
