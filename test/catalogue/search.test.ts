import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { ServiceStatus, services } from '../../src/catalogue/services/service.table.js'
import { apiOf } from '../support/api.js'
import { cloneDatabase } from '../support/database.js'
import { long } from '../support/long.js'

const database = await cloneDatabase()
const ask = await apiOf(database)

const hits = `totalCount nodes { service { code } field language highlight { text matched } }`
const search = async (text: string, { language = 'az', filter = {}, fields = hits, first = 100 } = {}) => {
  const query = `query ($text: String!, $filter: ServiceFilter, $first: Int) {
    searchServices(text: $text, filter: $filter, first: $first) { ${fields} } }`
  const { data, errors } = await ask(query, { language, variables: { text, filter, first } })
  expect(errors).toBeUndefined()
  return data.searchServices
}
const codesOf = ({ nodes }: any): string[] => nodes.map(({ service }: any) => service.code)
const suggest = async (text: string, { language = 'az', first = 10 } = {}) => {
  const query = `query ($text: String!, $first: Int!) {
    suggestServices(text: $text, first: $first) { text service { code } highlight { text matched } } }`
  return ask(query, { language, variables: { text, first } })
}
const marked = (highlight: { text: string; matched: boolean }[]) =>
  highlight.map(({ text, matched }) => (matched ? `[${text}]` : text)).join('')

describe('searchServices hit', () => {
  it.each([
    [
      'az',
      'sexsiyyet vesiqesinin',
      'DIN-ID-ISSUE',
      'NAME',
      'AZ',
      '[Şəxsiyyət] [vəsiqəsinin] verilməsi və ya dəyişdirilməsi',
    ],
    ['az', 'issue passport', 'DIN-PASSPORT', 'NAME', 'EN', '[Issue] or replacement of ordinary [passport]'],
    ['ru', 'СУДИМОСТИ', 'DIN-CRIMINAL-REF', 'NAME', 'RU', 'Справка о [судимости]'],
    ['en', 'DIN-PASSPORT', 'DIN-PASSPORT', 'CODE', null, '[DIN]-[PASSPORT]'],
    ['az', 'pasport idaresi', 'DIN-ADDRESS-REG', 'AGENCY', 'AZ', 'Baş [Pasport], Qeydiyyat və Miqrasiya [İdarəsi]'],
    ['en', 'starting a family', 'ED-MARRIAGE', 'LIFE_EVENT', 'EN', '[Starting] a [family]'],
  ])('shows in %s why it matches %s', async (language, text, code, field, in_, shown) => {
    const { nodes } = await search(text, { language })
    const hit = nodes.find(({ service }: any) => service.code === code)
    expect({ ...hit, highlight: marked(hit.highlight) }).toEqual({
      service: { code },
      field,
      language: in_,
      highlight: shown,
    })
  })

  it('is in the language of the caller when several languages match equally', async () => {
    const languagesOf = async (language: string) => (await search('forma 1', { language })).nodes[0].language
    expect([await languagesOf('az'), await languagesOf('ru')]).toEqual(['AZ', 'RU'])
  })

  it('shows a match in the search words if no text matches half as well', async () => {
    const [hit] = (await search('загранник')).nodes
    expect(hit).toMatchObject({ service: { code: 'DIN-PASSPORT' }, field: 'SEARCH_WORDS', language: 'RU' })
    expect(marked(hit.highlight)).toMatch(/\[загран/)
  })

  it('shows a match in a description', async () => {
    const description = { az: 'Çoxillik əkmələrin siğnağı', en: 'Shelterbelts' }
    await database.db.update(services).set({ description }).where(eq(services.code, 'ETSN-WATER'))
    const { nodes } = await search('shelterbelt')
    expect(nodes.map((hit: any) => [hit.service.code, hit.field, marked(hit.highlight)])).toEqual([
      ['ETSN-WATER', 'DESCRIPTION', '[Shelterbelts]'],
    ])
  })

  it.each(['az', 'en', 'ru'])(
    'is in the language of the caller when others match nearly as well: %s',
    async (language) => {
      const [hit] = (await search('pasport', { language })).nodes
      const found = { service: { code: 'DIN-PASSPORT' }, field: 'NAME', language: language.toUpperCase() }
      expect(hit).toMatchObject(found)
    },
  )

  it('has the text unchanged, markup included', async () => {
    const name = { az: '<b>Ləğv</b> & “qeyd” <script>', en: 'x', ru: 'x' }
    await database.db.update(services).set({ name }).where(eq(services.code, 'KOB-REGISTER'))
    const [{ highlight }] = (await search('legv')).nodes
    expect(marked(highlight)).toBe('<b>[Ləğv]</b> & “qeyd” <script>')
  })
})

describe('searchServices and suggestServices', () => {
  it.each([ServiceStatus.DRAFT, ServiceStatus.INTEGRATED, ServiceStatus.RETIRED])(
    'never find a service that is %s',
    async (status) => {
      const set = (status: ServiceStatus) =>
        database.db.update(services).set({ status }).where(eq(services.code, 'SHX-DEFERMENT'))
      const found = async () => [
        codesOf(await search('hərbi uçot və möhlət')).includes('SHX-DEFERMENT'),
        codesOf(await search('SHX-DEFERMENT')).includes('SHX-DEFERMENT'),
        codesOf(await search('hərbi xidmətə çağırış')).includes('SHX-DEFERMENT'),
        (await suggest('hərbi')).data.suggestServices.length > 0,
        (await search('möhlət', { fields: 'facets { agencies { count } }' })).facets.agencies.length > 0,
      ]
      expect(await found()).toEqual([true, true, true, true, true])
      await set(status)
      expect(await found()).toEqual([false, false, false, false, false])
      await set(ServiceStatus.ACTIVE)
    },
  )

  it.each([
    { agency: 'DIN' },
    { lifeEvent: 'HOUSING' },
    { audience: 'STATELESS' },
    { direction: 'B2G' },
    { free: true },
    { free: false },
    { automation: 'FULL' },
    { agency: 'EDLIYYE', audience: 'FOREIGNER', automation: 'PARTIAL' },
  ])('filter hits as services does, by %j', async (filter) => {
    const { data } = await ask(
      'query ($filter: ServiceFilter) { services(first: 100, filter: $filter) { nodes { code } } }',
      {
        variables: { filter },
      },
    )
    const kept = data.services.nodes.map(({ code }: any) => code)
    for (const text of long ? ['qeydiyyat', 'dövlət', 'справка', 'certificate'] : ['dövlət']) {
      const all = codesOf(await search(text))
      const found = await search(text, { filter })
      expect(codesOf(found)).toEqual(all.filter((code) => kept.includes(code)))
      expect(found.totalCount).toBe(found.nodes.length)
    }
  })

  it('reject a filter by an unknown agency', async () => {
    const query = '{ searchServices(text: "x", filter: { agency: "NOBODY" }, first: 1) { totalCount } }'
    expect((await ask(query)).errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
  })
})

describe('searchServices.facets', () => {
  const counts = `totalCount nodes { service { code direction audiences agency { code } lifeEvent { code } } }
    facets { agencies { agency { code } count } lifeEvents { lifeEvent { code } count }
      audiences { audience count } directions { direction count } }`
  const tally = (keys: string[]) => {
    const counted = new Map<string, number>()
    for (const key of keys) counted.set(key, (counted.get(key) ?? 0) + 1)
    return Object.fromEntries(counted)
  }

  it.each([
    ['qeydiyyat', {}],
    ['registration', { audience: 'FOREIGNER' }],
    ['qwertyuiop', {}],
  ])('count all hits for %s, on every page', async (text, filter) => {
    const { nodes, facets } = await search(text, { filter, fields: counts })
    const found = nodes.map(({ service }: any) => service)
    const told = (list: any[], keyOf: (facet: any) => string) =>
      Object.fromEntries(list.map((facet) => [keyOf(facet), facet.count]))
    expect(told(facets.agencies, ({ agency }) => agency.code)).toEqual(
      tally(found.map(({ agency }: any) => agency.code)),
    )
    expect(told(facets.lifeEvents, ({ lifeEvent }) => lifeEvent.code)).toEqual(
      tally(found.map(({ lifeEvent }: any) => lifeEvent.code)),
    )
    expect(told(facets.audiences, ({ audience }) => audience)).toEqual(
      tally(found.flatMap(({ audiences }: any) => audiences)),
    )
    expect(told(facets.directions, ({ direction }) => direction)).toEqual(
      tally(found.map(({ direction }: any) => direction)),
    )
    expect((await search(text, { filter, fields: counts, first: 1 })).facets).toEqual(facets)
    for (const list of Object.values<any[]>(facets))
      expect(list.map(({ count }) => count)).toEqual(list.map(({ count }) => count).sort((a, b) => b - a))
  })
})

describe('suggestServices', () => {
  it.each([
    ['az', 'pas', 'DIN-PASSPORT', 'Ümumvətəndaş [pasportunun] verilməsi və ya dəyişdirilməsi'],
    ['az', 'sexsiyyet v', 'DIN-ID-ISSUE', '[Şəxsiyyət] [vəsiqəsinin] [verilməsi] [və] ya dəyişdirilməsi'],
    ['en', 'birth', 'ED-BIRTH', 'Registration of [birth]'],
    ['ru', 'регистрация бр', 'ED-MARRIAGE', '[Регистрация] [брака]'],
  ])('completes in %s the text %s', async (language, text, code, shown) => {
    const { data } = await suggest(text, { language })
    const [first] = data.suggestServices
    expect([first.service.code, marked(first.highlight)]).toEqual([code, shown])
    expect(first.text).toBe(first.highlight.map(({ text }: any) => text).join(''))
  })

  it('returns up to ten suggestions, as many as requested', async () => {
    expect((await suggest('e', { first: 3 })).data.suggestServices).toHaveLength(3)
    for (const first of [0, 11, -1])
      expect((await suggest('e', { first })).errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT')
  })
})

describe('Similar words', () => {
  it('are found by their index, also before the first vacuum', async () => {
    const plan = await database.client`
      explain select (select count(*) from search_words where word % term) from unnest(array['pasportu']) term`
    expect(JSON.stringify(plan)).toContain('Bitmap Index Scan on search_words_trigrams')
  })
})
