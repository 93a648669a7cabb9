import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { accesses } from '../../src/exchange/accessLog/access.table.js'
import { registryAnswers } from '../../src/exchange/registries/registryAnswer.table.js'
import { MandateKind, Power } from '../../src/identity/mandates/mandate.table.js'
import { IdentifierType } from '../../src/identity/parties/identifier.table.js'
import { forgetParty } from '../../src/identity/parties/party.js'
import { FailureReason } from '../../src/shared/exchange.js'
import { apiOf } from '../support/api.js'
import { asProgram } from '../support/appointed.js'
import { cloneDatabase, unkept } from '../support/database.js'
import { everythingAsText, formsOf } from '../support/everything.js'
import { bodyAbout, exchangeOfTest } from '../support/exchange.js'
import { partiesIn, partyId } from '../support/parties.js'
import { as } from '../support/tokens.js'

const database = await cloneDatabase()
const { db, statements } = database
const world = exchangeOfTest()
let now = new Date()
const ask = await apiOf(database, { exchange: world.exchange, now: () => now })
const parties = partiesIn(database)
const minutes = (count: number) => {
  now = new Date(now.getTime() + count * 60_000)
}

const rest = `staleAsOf unavailable { reason retryAt agency { code } registry { code } }
  provenance { messageId fetchedAt legalBasis service requestHash staleAsOf agency { code } registry { code } }`
const population = `population { record { surname birthDate citizenship family { relation name } } ${rest} }`
const traffic = `traffic { record { points fines { number amount { amount currency } } } ${rest} }`
const property = `property { record { titles { registryNumber } } ${rest} }`
const socialInsurance = `socialInsurance { record { pension { kind monthly { amount } } } ${rest} }`
const tax = `tax { record { debts { amount { amount } } } ${rest} }`
const civilStatus = `civilStatus { record { maritalStatus } ${rest} }`
const all = `${population} ${traffic} ${property} ${socialInsurance} ${tax} ${civilStatus}`

const logged = () => db.select().from(accesses).orderBy(accesses.id)
/** What the citizen sees of their own records. */
const own = async (fields: string) => {
  const { data, errors } = await ask(`{ viewer { person { ${fields} } } }`, {
    headers: await as('citizen'),
    language: 'en',
  })
  return { person: data?.viewer?.person, errors, code: errors?.[0]?.extensions.code }
}

beforeEach(async () => {
  now = new Date()
  world.failing.clear()
  world.saying.clear()
  world.counted()
  await unkept(database, (tx) => tx.execute('truncate registry_answers, accesses'))
})

describe('viewer.person', () => {
  it('shows the records of all registries with their provenance, by one message each', async () => {
    statements.length = 0
    const { person, errors } = await own(all)
    expect(errors).toBeUndefined()
    // The grounds for all registries are read at once.
    expect(statements.filter((statement) => statement.includes('legal_grounds'))).toHaveLength(1)
    expect(person.population.record).toEqual({
      surname: 'Sınaq TEST001',
      birthDate: '1990-01-01',
      citizenship: 'AZE',
      family: [{ relation: 'CHILD', name: 'Test' }],
    })
    expect(person.population.provenance).toMatchObject({
      agency: { code: 'DIN' },
      registry: { code: 'POPULATION' },
      service: 'TEST/GOV/POPULATION/test/persons',
      staleAsOf: null,
      requestHash: 'a hash',
      legalBasis: expect.stringContaining('998'),
    })
    expect(person.traffic.record.fines[0]).toEqual({ number: 'TEST-1', amount: { amount: '40.00', currency: 'AZN' } })
    expect(person.socialInsurance.record.pension).toEqual({ kind: 'AGE', monthly: { amount: '300.00' } })
    expect([person.property, person.tax].map(({ unavailable }) => unavailable)).toEqual([null, null])
    expect(person.civilStatus.record.maritalStatus).toBe('NEVER_MARRIED')
    expect(world.counted()).toEqual({ POPULATION: 1, FINES: 1, REALESTATE: 1, MEIS: 1, AVIS: 1, CIVIL: 1 })
  })

  it('logs the access with its message and fields', async () => {
    const { person } = await own(population)
    const [row, ...more] = await logged()
    expect(more).toEqual([])
    expect(row).toMatchObject({
      kind: 'CALL',
      outcome: 'SHOWN',
      messageId: person.population.provenance.messageId,
      fields: expect.arrayContaining(['surname', 'family']),
      mandateIds: [],
      agencyId: null,
      partyId: await parties.persona('citizen'),
    })
  })

  it('shows and stores nothing if the access cannot be logged', async () => {
    await database.client`alter table accesses add constraint refuses check (kind <> 'CALL') not valid`
    const { person, code } = await own(population)
    await database.client`alter table accesses drop constraint refuses`
    expect([person.population, code]).toEqual([null, 'INTERNAL_SERVER_ERROR'])
    expect(await db.select().from(registryAnswers)).toEqual([])
  })

  it('shows the other records and says why one is missing while its registry is down', async () => {
    world.failing.set('FINES', FailureReason.DOWN)
    const { person, errors } = await own(all)
    expect(errors).toBeUndefined()
    expect(person.traffic).toEqual({
      record: null,
      staleAsOf: null,
      provenance: null,
      unavailable: {
        reason: 'DOWN',
        retryAt: '2026-11-25T12:00:30.000Z',
        agency: { code: 'BDYPI' },
        registry: { code: 'FINES' },
      },
    })
    expect(person.population.record.surname).toBe('Sınaq TEST001')
  })

  it('shows the stored answer and its time while the registry does not answer', async () => {
    await own(traffic)
    const then = now.toISOString()
    minutes(300)
    world.failing.set('FINES', FailureReason.TIMED_OUT)
    const { record, staleAsOf, provenance, unavailable } = (await own(traffic)).person.traffic
    expect([record.points, staleAsOf, provenance.staleAsOf, provenance.fetchedAt, unavailable.reason]).toEqual([
      3,
      then,
      then,
      then,
      'TIMED_OUT',
    ])
  })

  it('does not show the stored answer if the registry now refuses', async () => {
    await own(traffic)
    minutes(300)
    world.failing.set('FINES', FailureReason.REFUSED)
    const { record, unavailable } = (await own(traffic)).person.traffic
    expect([record, unavailable.reason]).toEqual([null, 'REFUSED'])
  })

  it('queries the registry again only when the stored answer is no longer fresh', async () => {
    await own(traffic)
    minutes(3)
    expect((await own(traffic)).person.traffic.staleAsOf).toBeNull()
    expect(world.counted()).toEqual({ FINES: 1 })
    minutes(3)
    await own(traffic)
    expect(world.counted()).toEqual({ FINES: 1 })
    expect(await db.select().from(registryAnswers)).toHaveLength(1)
    // A stored answer that the subject sees again is not logged.
    expect((await logged()).map(({ kind }) => kind)).toEqual(['CALL', 'CALL'])
  })

  it('stores no answer that is older than the stored one', async () => {
    const saidPoints = (points: number) => ({ ...bodyAbout('FINES', ['TEST001']), points })
    let answer: () => void = () => {}
    const asked = new Promise<void>((settle) => {
      world.saying.set('FINES', () => {
        settle()
        return new Promise((resolve) => {
          answer = () => resolve(saidPoints(1))
        })
      })
    })
    const older = own(traffic)
    await asked
    const before = now
    minutes(1)
    world.saying.set('FINES', () => saidPoints(2))
    await own(traffic)
    const then = now
    now = before
    answer()
    expect((await older).person.traffic.record.points).toBe(1)
    now = then
    world.counted()
    const { record, provenance } = (await own(traffic)).person.traffic
    expect([record.points, provenance.fetchedAt, world.counted()]).toEqual([2, then.toISOString(), {}])
  })

  it('shows the fines of one vehicle, which do not replace the record of all', async () => {
    const one = 'one: traffic(vehicle: "TEST-10") { record { points } }'
    const { person } = await own(`${one} ${traffic}`)
    expect(person.one.record).toEqual({ points: 3 })
    expect(world.asked.map(({ message }) => message.query)).toEqual(
      expect.arrayContaining([undefined, { vehicle: 'TEST-10' }]),
    )
  })

  it.each([
    ['empty', ''],
    ['a path', '../1'],
    ['too long', 'TEST'.repeat(5)],
  ])('rejects a plate that is %s', async (_, vehicle) => {
    const { code } = await own(`traffic(vehicle: "${vehicle}") { record { points } }`)
    expect([code, world.counted()]).toEqual(['BAD_USER_INPUT', {}])
  })

  it('permits 60 queries with a plate a minute', async () => {
    const page = (from: number) =>
      Array.from({ length: 40 }, (_, at) => `v${at}: traffic(vehicle: "T-${from + at}") { record { points } }`).join(
        ' ',
      )
    const headers = await as('company-head')
    await ask(`{ viewer { person { ${page(0)} } } }`, { headers })
    const { errors } = await ask(`{ viewer { person { ${page(40)} ${traffic} } } }`, { headers })
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(Array(20).fill('RATE_LIMITED'))
    expect(world.counted()).toEqual({ FINES: 61 })
  })

  it.each([
    ['POPULATION', population],
    ['FINES', traffic],
    ['REALESTATE', property],
    ['MEIS', socialInsurance],
    ['AVIS', tax],
  ])('neither shows nor stores an answer of %s about another person', async (registry, fields) => {
    world.saying.set(registry, () => bodyAbout(registry, ['TEST002']))
    const [answer] = Object.values<any>((await own(fields)).person)
    expect([answer.record, answer.unavailable?.reason]).toEqual([null, 'INVALID_ANSWER'])
    expect(await db.select().from(registryAnswers)).toEqual([])
    expect((await logged()).map(({ outcome }) => outcome)).toEqual(['NO_ANSWER'])
  })

  it('shows the provenance of an empty answer', async () => {
    world.saying.set('FINES', () => null)
    const { record, provenance, unavailable } = (await own(traffic)).person.traffic
    expect([record, provenance.registry.code, unavailable]).toEqual([null, 'FINES', null])
    expect((await logged()).map(({ outcome }) => outcome)).toEqual(['NOT_FOUND'])
  })

  it('leaves nothing readable in the database', async () => {
    await own(all)
    const everything = await everythingAsText(database.client)
    for (const form of [...formsOf('Sınaq TEST001'), ...formsOf('TEST-10')]) expect(everything).not.toContain(form)
  })

  it('is FORBIDDEN for border records', async () => {
    const { person, code } = await own(`border { record { crossings { at } } } ${tax}`)
    expect([person.border, code]).toEqual([null, 'FORBIDDEN'])
    expect(person.tax.record).not.toBeNull()
    expect(world.counted()).toEqual({ AVIS: 1 })
  })

  it('requires assurance SUBSTANTIAL', async () => {
    const headers = await as('citizen', { acr: 'urn:pencere:sandbox:low' })
    const { errors } = await ask(`{ viewer { person { ${tax} } } }`, { headers })
    expect([errors?.[0]?.extensions.code, world.counted()]).toEqual(['STEP_UP_REQUIRED', {}])
  })

  it('logs no access for a question that was not sent', async () => {
    world.failing.set('FINES', FailureReason.BUSY)
    const { person } = await own(traffic)
    expect([person.traffic.unavailable.reason, await logged()]).toEqual(['BUSY', []])
  })
})

describe('Legal ground', () => {
  beforeAll(() => validity('2027-01-10', '2027-01-20'))
  afterAll(() => validity('2010-05-11', null))
  const validity = (from: string, to: string | null) =>
    database.client`update legal_grounds set valid_from = ${from}, valid_to = ${to} where code = 'OWN-AVIS'`

  it.each([
    ['first', '2027-01-10T00:00:00+04:00'],
    ['last', '2027-01-20T23:59:59.999+04:00'],
  ])('permits queries on its %s day', async (_, at) => {
    now = new Date(at)
    expect((await own(tax)).person.tax.record).not.toBeNull()
  })

  it.each([
    ['before its first', '2027-01-09T23:59:59.999+04:00'],
    ['after its last', '2027-01-21T00:00:00+04:00'],
  ])('permits no query on the day %s', async (_, at) => {
    now = new Date(at)
    expect((await own(tax)).person.tax.unavailable?.reason).toBe('NOT_PERMITTED')
    expect(world.counted()).toEqual({})
  })
})

describe('Party.person and Party.company', () => {
  const ofParty = (fields: string) => `query ($id: ID!) { node(id: $id) { ... on Party { ${fields} } } }`
  let company: string
  let id: string
  beforeAll(async () => {
    company = await parties.firm('Sınaq', '9900000141')
    id = partyId(company)
    await parties.give(company, await parties.persona('company-head'), { kind: MandateKind.HEAD })
  })

  it('shows a parent the records of their child and logs the mandate', async () => {
    const [minor, citizen] = [await parties.persona('minor'), await parties.persona('citizen')]
    const powers = [Power.VIEW, Power.CONSENT]
    const mandate = await parties.give(minor, citizen, { kind: MandateKind.PARENT, powers })
    const asking = { headers: await as('citizen'), variables: { id: partyId(minor) } }
    const { data } = await ask(ofParty(`person { ${population} }`), asking)
    expect(data.node.person.population.record.surname).toBe('Sınaq TEST003')
    const [row] = await logged()
    expect(row).toMatchObject({ partyId: minor, actorPartyId: citizen, mandateIds: [mandate], kind: 'CALL' })
    // A stored answer is logged too, for it is not the child who looks.
    await ask(ofParty(`person { ${population} }`), asking)
    expect((await logged()).map(({ kind }) => kind)).toEqual(['CALL', 'STORED_ANSWER'])
  })

  it('shows a company to its head, and not to a delegate for some services', async () => {
    await parties.give(company, await parties.persona('other-citizen'), { services: ['DVX-RETURN'] })
    const query = ofParty(`id company { register { record { name status } ${rest} } ${tax} }`)
    const seen = await ask(query, { headers: await as('company-head'), variables: { id } })
    expect(seen.data.node.company.register.record).toEqual({ name: 'Sınaq 9900000141', status: 'ACTIVE' })
    expect(world.asked.map(({ message }) => message.representedParty)).toEqual(['COM/9900000141', 'COM/9900000141'])
    const before = world.counted()
    const refused = await ask(query, { headers: await as('other-citizen'), variables: { id } })
    expect(refused.data.node.company.register.unavailable.reason).toBe('NOT_PERMITTED')
    expect([before, world.counted()]).toEqual([{ COMMERCIAL: 1, AVIS: 1 }, {}])
  })

  it('neither shows nor stores an answer of COMMERCIAL about another company', async () => {
    world.saying.set('COMMERCIAL', () => bodyAbout('COMMERCIAL', ['9900000271']))
    const query = ofParty(`company { register { record { name } unavailable { reason } } }`)
    const { data } = await ask(query, { headers: await as('company-head'), variables: { id } })
    expect(data.node.company.register).toEqual({ record: null, unavailable: { reason: 'INVALID_ANSWER' } })
    expect(await db.select().from(registryAnswers)).toEqual([])
  })

  it('requires the scope registries:read of a program', async () => {
    const headers = await asProgram(database)
    const { data, errors } = await ask(`{ viewer { party { company { ${tax} } } } }`, { headers })
    expect(data.viewer.party?.company ?? null).toBeNull()
    expect([errors?.[0]?.extensions.code, world.counted()]).toEqual(['FORBIDDEN', {}])
  })
})

describe('viewer.companies', () => {
  it('lists the companies that the person may view, in pages', async () => {
    const one = await parties.firm('Birinci', '9900000012')
    const other = await parties.firm('Başqa', '9900000271')
    const holder = await parties.persona('company-delegate')
    await parties.give(one, holder)
    await parties.give(other, holder)
    await parties.give(await parties.firm('Üçüncü', '9900000421'), holder, { powers: [Power.FILE] })
    const headers = await as('company-delegate')
    const page = async (which: string) => {
      const query = `{ viewer { companies(${which}) { totalCount nodes { id company { register { record { name } } } }
        pageInfo { hasNextPage hasPreviousPage endCursor startCursor } } } }`
      return (await ask(query, { headers })).data.viewer.companies
    }
    const first = await page('first: 1')
    expect([first.totalCount, first.pageInfo.hasNextPage, first.pageInfo.hasPreviousPage]).toEqual([2, true, false])
    const second = await page(`first: 1, after: "${first.pageInfo.endCursor}"`)
    expect([second.pageInfo.hasNextPage, second.pageInfo.hasPreviousPage]).toEqual([false, true])
    const found = [...first.nodes, ...second.nodes].map(({ id }: { id: string }) => id)
    expect(found.sort()).toEqual([partyId(one), partyId(other)].sort())
    expect((await page(`last: 1, before: "${second.pageInfo.startCursor}"`)).nodes).toEqual(first.nodes)
  })
})

describe('Page of person records', () => {
  const wards = 12
  let headers: Record<string, string>
  beforeAll(async () => {
    headers = await as('stateless')
    const holder = await parties.persona('stateless')
    for (let count = 0; count < wards; count++) {
      const ward = await parties.by('NATURAL_PERSON', IdentifierType.FIN, `TEST${300 + count}`)
      await parties.give(ward, holder, { kind: MandateKind.GUARDIAN, powers: [Power.VIEW] })
    }
  })
  const page = async (fields: string, first = wards) => {
    const query = `{ mandatesHeld(first: ${first}) { nodes { principal { id person { ${fields} } } } } }`
    const { data, errors } = await ask(query, { headers })
    const persons: any[] = data.mandatesHeld.nodes.map(({ principal: { id, person } }: any) => ({ id, ...person }))
    return { persons, errors }
  }

  it('takes one message and as many statements as one person if the registry answers about many', async () => {
    await ask('{ viewer { kind } }', { headers })
    statements.length = 0
    await page(population, 1)
    const ofOne = statements.length
    await unkept(database, (tx) => tx.execute('truncate registry_answers, accesses'))
    world.counted()
    statements.length = 0
    const { persons } = await page(population)
    expect(new Set(persons.map(({ population }) => population.record.surname)).size).toBe(wards)
    expect([world.counted(), statements.length]).toEqual([{ POPULATION: 1 }, ofOne])
    expect(await logged()).toHaveLength(wards)
  })

  it('omits only the person whose stored answer cannot be decrypted', async () => {
    await page(tax)
    const [broken, other] = await db.select().from(registryAnswers).orderBy(registryAnswers.id)
    await db.update(registryAnswers).set({ record: other!.record }).where(eq(registryAnswers.id, broken!.id))
    const { persons, errors } = await page(tax)
    expect(persons.filter(({ tax }) => tax === null).map(({ id }) => id)).toEqual([partyId(broken!.partyId)])
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['INTERNAL_SERVER_ERROR'])
  })

  it('shows and logs the answers that came before the deadline of the request', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    onTestFinished(() => {
      vi.useRealTimers()
    })
    world.failing.set('AVIS', ({ path, deadline }) => {
      if (path[1] !== 'TEST303') return undefined
      vi.setSystemTime(deadline)
      return FailureReason.TIMED_OUT
    })
    const { persons, errors } = await page(tax)
    expect(errors).toBeUndefined()
    expect(persons.filter(({ tax }) => tax.record)).toHaveLength(wards - 1)
    expect((await logged()).filter(({ outcome }) => outcome === 'NO_ANSWER')).toHaveLength(1)
  })

  it('omits only the person whose record is invalid', async () => {
    world.saying.set('POPULATION', ({ body }) => {
      const { persons } = bodyAbout('POPULATION', (body as any).fins) as any
      return { persons: persons.map((person: any) => (person.fin === 'TEST310' ? { ...person, sex: null } : person)) }
    })
    const { persons } = await page(population)
    const reasons = persons.map(({ population }) => population.unavailable?.reason)
    expect([reasons.filter(Boolean), world.counted()]).toEqual([['INVALID_ANSWER'], { POPULATION: 1 }])
    expect((await logged()).filter(({ outcome }) => outcome === 'NO_ANSWER')).toHaveLength(1)
  })

  it('sends at most eight messages at once to a registry that answers about one', async () => {
    let [underWay, most] = [0, 0]
    world.saying.set('AVIS', async ({ path }) => {
      most = Math.max(most, ++underWay)
      await new Promise(setImmediate)
      underWay--
      return bodyAbout('AVIS', [path[1]!])
    })
    await page(tax)
    expect([world.counted(), most]).toEqual([{ AVIS: wards }, 8])
  })
})

describe('Stored registry answer', () => {
  it('cannot be read after the data of its party was erased, and is not used for a party who signs in again', async () => {
    const acr = 'urn:pencere:sandbox:high'
    const claims = { fin: 'TEST299', subject_type: 'CITIZEN', sub: 'to-be-forgotten', acr }
    const headers = await as('foreigner', claims)
    const query = `{ viewer { person { ${tax} } } }`
    await ask(query, { headers })
    const [stored] = await db.select().from(registryAnswers)
    await db.transaction((tx) => forgetParty(tx, stored!.partyId, now))
    const { data } = await ask(query, { headers })
    expect(data.viewer.person.tax.unavailable).toBeNull()
    expect(world.counted()).toEqual({ AVIS: 2 })
    expect(await db.select().from(registryAnswers)).toHaveLength(2)
  })
})
