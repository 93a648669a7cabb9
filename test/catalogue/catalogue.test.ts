import { eq, sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { ServiceStatus, services } from '../../src/catalogue/services/service.table.js'
import { HandledAs, serviceVersions } from '../../src/catalogue/services/serviceVersion.table.js'
import { apiOf } from '../support/api.js'
import { cloneDatabase, unkept } from '../support/database.js'
import { dataFiles } from '../support/dataFiles.js'
import { as } from '../support/tokens.js'

const database = await cloneDatabase()
const clock = { now: new Date('2026-11-24T08:00:00Z') }
const ask = await apiOf(database, { now: () => clock.now })

const codesOf = async (filter: string) => {
  const { data, errors } = await ask(`{ services(first: 100, filter: ${filter}) { totalCount nodes { code } } }`)
  expect(errors).toBeUndefined()
  expect(data.services.nodes).toHaveLength(data.services.totalCount)
  return data.services.nodes.map(({ code }: { code: string }) => code) as string[]
}
const setStatus = (code: string, status: ServiceStatus) =>
  database.db.update(services).set({ status }).where(eq(services.code, code))

describe('services', () => {
  it('lists every service of the data with its tariffs, beside every agency, registry and life event', async () => {
    const { data } = await ask(`{
      services(first: 100) { totalCount nodes { currentVersion { tariffs { fees { currency } } } } }
      agencies(first: 100) { totalCount nodes { registries { code } } }
      lifeEvents { code }
    }`)
    const count = (rows: any[], list: string) => rows.reduce((sum, row) => sum + row[list].length, 0)
    const tariffs = data.services.nodes.flatMap(({ currentVersion }: any) => currentVersion.tariffs)
    expect([data.services.totalCount, tariffs.length, count(tariffs, 'fees')]).toEqual([77, 144, 145])
    expect([data.agencies.totalCount, count(data.agencies.nodes, 'registries')]).toEqual([44, 31])
    expect(data.lifeEvents).toHaveLength(21)
  })

  it('has the name in the language of the request, and in all languages', async () => {
    const query = '{ service(code: "DIN-ID-ISSUE") { name names { az en ru } agency { name } } }'
    const [az, en, ru] = await Promise.all(['az', 'en-GB,en;q=0.9', 'ru'].map((language) => ask(query, { language })))
    expect(az!.data.service.name).toBe('Şəxsiyyət vəsiqəsinin verilməsi və ya dəyişdirilməsi')
    expect(en!.data.service.name).toBe('Issue or replacement of identity card')
    expect(ru!.data.service.name).toBe('Выдача или замена удостоверения личности')
    expect(en!.data.service.names).toEqual({
      az: az!.data.service.name,
      en: en!.data.service.name,
      ru: ru!.data.service.name,
    })
    expect((await ask(query, { language: 'fr, de;q=0.5' })).data).toEqual(az!.data)
  })

  it('lists agencies in the order of the Azerbaijani alphabet', async () => {
    const { data } = await ask('{ agencies(first: 100) { nodes { names { az } } } }')
    const names: string[] = data.agencies.nodes.map(({ names }: any) => names.az)
    expect(names).toEqual([...names].sort(new Intl.Collator('az').compare))
    expect(names.findIndex((name) => name.startsWith('Əmək'))).not.toBe(0)
  })

  it('has null for an unknown amount, and is then neither free nor not free', async () => {
    const { data } = await ask(
      '{ service(code: "ED-DIVORCE") { currentVersion { tariffs { fees { money { amount } currency due confidence } } } } }',
    )
    expect(data.service.currentVersion.tariffs).toEqual([
      { fees: [{ money: null, currency: 'AZN', due: 'BEFORE_REGISTRATION', confidence: 'UNKNOWN' }] },
    ])
    expect(await codesOf('{ free: true }')).not.toContain('ED-DIVORCE')
    expect(await codesOf('{ free: false }')).not.toContain('ED-DIVORCE')
  })

  it('has money as a decimal with its currency', async () => {
    const { data } = await ask(
      '{ service(code: "DIN-ID-ISSUE") { currentVersion { tariffs { fees { money { amount currency } } } } } }',
    )
    expect(data.service.currentVersion.tariffs[0].fees[0].money).toEqual({ amount: '5.00', currency: 'AZN' })
  })
})

describe('services(filter)', () => {
  it('finds the services of an agency and of its child agencies', async () => {
    const below = await codesOf('{ agency: "DIN" }')
    expect(below).toContain('DIN-ID-ISSUE') // given by a department of the ministry
    const { data } = await ask(
      '{ agency(code: "DIN") { services(first: 100) { nodes { code } } children { services(first: 100) { nodes { code } } } } }',
    )
    const direct = [data.agency, ...data.agency.children].flatMap(({ services }: any) => services.nodes)
    expect(new Set(below)).toEqual(new Set(direct.map(({ code }: any) => code)))
  })

  it.each([
    ['{ lifeEvent: "FAMILY" }', 'service.lifeEvent.code', 'FAMILY'],
    ['{ direction: B2G }', 'service.direction', 'B2G'],
    ['{ automation: FULL }', 'service.currentVersion.automation', 'FULL'],
    ['{ automation: PARTIAL }', 'service.currentVersion.automation', 'PARTIAL'],
  ])('finds all services that match %s, and no others', async (filter, path, value) => {
    const { data } = await ask(
      '{ services(first: 100) { nodes { code direction lifeEvent { code } currentVersion { automation } } } }',
    )
    const fits = (service: any) => path.split('.').reduce((at, key) => at[key], { service } as any) === value
    const expected = data.services.nodes.filter(fits).map(({ code }: any) => code)
    expect(expected.length).toBeGreaterThan(0)
    expect(await codesOf(filter)).toEqual(expected)
  })

  it('finds services for an audience, also when they have further audiences', async () => {
    const { data } = await ask('{ services(first: 100) { nodes { code audiences } } }')
    const expected = data.services.nodes.filter(({ audiences }: any) => audiences.includes('STATELESS'))
    expect(await codesOf('{ audience: STATELESS }')).toEqual(expected.map(({ code }: any) => code))
  })

  it('finds as free what costs nothing in every variant, and as not free what costs something in one', async () => {
    const { data } = await ask(
      '{ services(first: 100) { nodes { code currentVersion { tariffs { requires { applicants } fees { money { amount } } } } } } }',
    )
    const amounts = ({ currentVersion }: any) =>
      currentVersion.tariffs
        .filter(({ requires }: any) => requires.applicants?.length !== 0)
        .flatMap(({ fees }: any) => fees.map(({ money }: any) => money && Number(money.amount)))
    const codes = (fits: (amounts: (number | null)[]) => boolean) =>
      data.services.nodes.filter((service: any) => fits(amounts(service))).map(({ code }: any) => code)
    expect(await codesOf('{ free: true }')).toEqual(codes((all) => all.length > 0 && all.every((each) => each === 0)))
    expect(await codesOf('{ free: false }')).toEqual(codes((all) => all.some((each) => each !== null && each > 0)))
  })

  it('tells what can be applied for now: active, in force, with a form, and handled as an application', async () => {
    const open = async () => {
      const { data } = await ask('{ services(first: 100) { nodes { code canApply } } }')
      const codes = data.services.nodes.filter(({ canApply }: any) => canApply).map(({ code }: any) => code)
      expect(await codesOf('{ canApply: true }')).toEqual(codes)
      expect(await codesOf('{ canApply: false }')).toHaveLength(77 - codes.length)
      return new Set(codes)
    }
    const { services, forms } = dataFiles()
    const applied = services.services.filter(({ code, version }) => forms[code] && version.handledAs !== 'FILING')
    const all = new Set(applied.map(({ code }) => code))
    expect(await open()).toEqual(all)
    const handleAs = (kind: HandledAs) =>
      unkept(database, async (tx) => {
        const ofService = sql`service_id = (select id from services where code = 'DMX-TRP')`
        await tx.update(serviceVersions).set({ handledAs: kind }).where(ofService)
      })
    await handleAs(HandledAs.VISA)
    await setStatus('ED-BIRTH', ServiceStatus.SUSPENDED)
    expect(await open()).toEqual(new Set([...all].filter((code) => !['DMX-TRP', 'ED-BIRTH'].includes(code))))
    await handleAs(HandledAs.APPLICATION)
    await setStatus('ED-BIRTH', ServiceStatus.ACTIVE)
    clock.now = new Date('2026-11-23T08:00:00Z')
    expect(await open()).toEqual(new Set())
    clock.now = new Date('2026-11-24T08:00:00Z')
  })

  it.each([
    ['agency', 'There is no agency with the code "NOBODY".'],
    ['lifeEvent', 'There is no life event with the code "NOBODY".'],
  ])('returns BAD_USER_INPUT when the code of its %s is unknown', async (condition, message) => {
    const { data, errors } = await ask(`{ services(first: 1, filter: { ${condition}: "NOBODY" }) { totalCount } }`)
    expect([data.services, errors]).toMatchObject([null, [{ message, extensions: { code: 'BAD_USER_INPUT' } }]])
  })

  it('returns BAD_USER_INPUT for an unknown code also where there is no row to compare', async () => {
    const query = '{ applications(first: 1, filter: { service: "NOBODY" }) { totalCount } }'
    const { errors } = await ask(query, { headers: await as('citizen') })
    expect(errors).toMatchObject([{ message: 'There is no service with the code "NOBODY".' }])
  })

  it('finds what matches all conditions', async () => {
    const both = await codesOf('{ direction: G2B, free: true }')
    expect(both.length).toBeGreaterThan(0)
    for (const code of both) expect(await codesOf('{ free: true }')).toContain(code)
  })
})

describe('service', () => {
  it('has the version in force by the date in Baku, and all its versions', async () => {
    const query = '{ service(code: "ED-NAME") { currentVersion { number } versions { number validFrom validTo } } }'
    await database.db.execute(sql`
      with closed as (
        update service_versions set valid_to = '2026-12-31'
        where service_id = (select id from services where code = 'ED-NAME') returning *)
      insert into service_versions (id, service_id, number, interaction, handled_as, automation, assurance, signers, delegable, result, valid_from)
      select gen_random_uuid(), service_id, 2, interaction, handled_as, 'FULL', assurance, signers, delegable, result, '2027-01-01' from closed`)
    const at = async (moment: string) => {
      clock.now = new Date(moment)
      return (await ask(query)).data.service.currentVersion?.number ?? null
    }
    expect(await at('2026-12-31T19:59:59Z')).toBe(1)
    expect(await at('2026-12-31T20:00:00Z')).toBe(2) // midnight in Baku
    expect(await at('2026-11-23T19:59:59Z')).toBeNull()
    expect((await ask(query)).data.service.versions).toEqual([
      { number: 2, validFrom: '2027-01-01', validTo: null },
      { number: 1, validFrom: '2026-11-24', validTo: '2026-12-31' },
    ])
    expect(await codesOf('{ automation: FULL }')).not.toContain('ED-NAME')
    await at('2027-01-01T00:00:00Z')
    expect(await codesOf('{ automation: FULL }')).toContain('ED-NAME')
  })

  it('is null for a service that is not public yet, as everywhere else', async () => {
    const found = (await ask('{ service(code: "ED-NAME") { id } }')).data.service.id
    await setStatus('ED-NAME', ServiceStatus.INTEGRATED)
    const { data, errors } = await ask(
      `query ($id: ID!) { service(code: "ED-NAME") { id } node(id: $id) { id } nodes(ids: [$id]) { id }
        agency(code: "EDLIYYE") { services(first: 100) { nodes { code } } } }`,
      { variables: { id: found } },
    )
    expect(errors).toBeUndefined()
    expect(data).toMatchObject({ service: null, node: null, nodes: [null] })
    expect(data.agency.services.nodes).not.toContainEqual({ code: 'ED-NAME' })
    expect(await codesOf('{}')).not.toContain('ED-NAME')
    await setStatus('ED-NAME', ServiceStatus.ACTIVE)
  })

  it('finds a retired service, which no list has', async () => {
    await setStatus('ED-NAME', ServiceStatus.RETIRED)
    expect((await ask('{ service(code: "ED-NAME") { status } }')).data.service).toEqual({ status: 'RETIRED' })
    expect(await codesOf('{}')).not.toContain('ED-NAME')
    await setStatus('ED-NAME', ServiceStatus.ACTIVE)
  })
})
