import { setTimeout as sleep } from 'node:timers/promises'
import { eq } from 'drizzle-orm'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { configFrom } from '../../src/config.js'
import { accesses } from '../../src/exchange/access.table.js'
import { registryAnswers } from '../../src/exchange/registryAnswer.table.js'
import { MandateKind, Power } from '../../src/identity/mandate.table.js'
import { forgetParty } from '../../src/identity/party.js'
import { FailureReason } from '../../src/shared/exchange.js'
import { apiOf } from '../support/api.js'
import { asProgram } from '../support/appointed.js'
import { cloneDatabase, unkept } from '../support/database.js'
import { everythingAsText, formsOf } from '../support/everything.js'
import { exchangeOfTest } from '../support/exchange.js'
import { partiesIn, partyId } from '../support/parties.js'
import { as } from '../support/tokens.js'

const database = await cloneDatabase()
const { db, statements } = database
const world = exchangeOfTest()
let now = new Date()
const ask = await apiOf(database, { exchange: world.exchange, now: () => now })
const parties = partiesIn(database)
const hours = (count: number) => {
  now = new Date(now.getTime() + count * 3_600_000)
}

const rest =
  'staleAsOf provenance { messageId fetchedAt legalBasis service requestHash staleAsOf agency { code } registry { code } } unavailable { reason retryAt agency { code } registry { code } }'
const population = `population { record { surname birthDate citizenship family { relation name } } ${rest} }`
const traffic = `traffic { record { points fines { number amount { amount currency } } } ${rest} }`
const property = `property { record { titles { registryNumber } } ${rest} }`
const socialInsurance = `socialInsurance { record { pension { kind monthly { amount } } } ${rest} }`
const tax = `tax { record { debts { amount { amount } } } ${rest} }`
const five = `{ viewer { person { ${population} ${traffic} ${property} ${socialInsurance} ${tax} } } }`

const acr = 'urn:pencere:sandbox:high'
const logged = () => db.select().from(accesses).orderBy(accesses.id)
const asCitizen = async (query: string) => await ask(query, { headers: await as('citizen'), language: 'en' })

beforeEach(async () => {
  now = new Date()
  world.failing.clear()
  world.saying.clear()
  world.counted()
  await unkept(database, (tx) => tx.execute('truncate registry_answers, accesses'))
})

describe('A person and what the registries hold of them', () => {
  it('see it with where it comes from, by one message a registry', async () => {
    statements.length = 0
    const { data, errors } = await asCitizen(five)
    expect(errors).toBeUndefined()
    // Who may ask all of them is read at once.
    expect(statements.filter((statement) => statement.includes('legal_grounds'))).toHaveLength(1)
    const { person } = data.viewer
    expect(person.population.record).toEqual({
      ...{ surname: 'Sınaq TEST001', birthDate: '1990-01-01', citizenship: 'AZE' },
      family: [{ relation: 'CHILD', name: 'Test' }],
    })
    expect(person.population.provenance).toMatchObject({
      ...{ agency: { code: 'DIN' }, registry: { code: 'POPULATION' }, service: 'TEST/GOV/POPULATION/test/persons' },
      ...{ staleAsOf: null, requestHash: 'a hash', legalBasis: expect.stringContaining('998') },
    })
    expect(person.traffic.record.fines[0]).toEqual({ number: 'TEST-1', amount: { amount: '40.00', currency: 'AZN' } })
    expect(person.socialInsurance.record.pension).toEqual({ kind: 'AGE', monthly: { amount: '300.00' } })
    expect([person.property, person.tax].map(({ unavailable }) => unavailable)).toEqual([null, null])
    expect(world.counted()).toEqual({ POPULATION: 1, FINES: 1, REALESTATE: 1, MEIS: 1, AVIS: 1 })
  })

  it('are logged before it is shown, with the id of the message and the ground of law', async () => {
    const { data } = await asCitizen(`{ viewer { person { ${population} } } }`)
    const [row, ...more] = await logged()
    expect(more).toEqual([])
    expect(row).toMatchObject({
      ...{ kind: 'CALL', outcome: 'SHOWN', messageId: data.viewer.person.population.provenance.messageId },
      ...{ fields: expect.arrayContaining(['surname', 'family']), mandateIds: [], agencyId: null },
      partyId: await parties.persona('citizen'),
    })
  })

  it('get no answer that could not be logged', async () => {
    await database.client`alter table accesses add constraint refuses check (kind <> 'CALL') not valid`
    const { data, errors } = await asCitizen(`{ viewer { person { ${population} } } }`)
    await database.client`alter table accesses drop constraint refuses`
    expect([data.viewer.person.population, errors?.[0]?.extensions.code]).toEqual([null, 'INTERNAL_SERVER_ERROR'])
    expect(await db.select().from(registryAnswers)).toEqual([])
  })

  it('see the rest where one is down, and why that one is missing', async () => {
    world.failing.set('FINES', FailureReason.DOWN)
    const { data, errors } = await asCitizen(five)
    expect(errors).toBeUndefined()
    expect(data.viewer.person.traffic).toEqual({
      ...{ record: null, staleAsOf: null, provenance: null },
      unavailable: {
        ...{ reason: 'DOWN', retryAt: '2026-11-25T12:00:30.000Z', agency: { code: 'BDYPI' } },
        registry: { code: 'FINES' },
      },
    })
    expect(data.viewer.person.population.record.surname).toBe('Sınaq TEST001')
  })

  it('see what was said last where it is down, and as of when', async () => {
    await asCitizen(`{ viewer { person { ${traffic} } } }`)
    const then = now.toISOString()
    hours(5)
    world.failing.set('FINES', FailureReason.TIMED_OUT)
    const { data } = await asCitizen(`{ viewer { person { ${traffic} } } }`)
    const { record, staleAsOf, provenance, unavailable } = data.viewer.person.traffic
    expect([record.points, staleAsOf, provenance.staleAsOf, provenance.fetchedAt, unavailable.reason]).toEqual([
      3,
      then,
      then,
      then,
      'TIMED_OUT',
    ])
  })

  it('see nothing of before where the registry refuses now', async () => {
    await asCitizen(`{ viewer { person { ${traffic} } } }`)
    hours(5)
    world.failing.set('FINES', FailureReason.REFUSED)
    const { data } = await asCitizen(`{ viewer { person { ${traffic} } } }`)
    expect([data.viewer.person.traffic.record, data.viewer.person.traffic.unavailable.reason]).toEqual([
      null,
      'REFUSED',
    ])
  })

  it('are not asked about again while the answer is fresh, and are then', async () => {
    const query = `{ viewer { person { ${traffic} } } }`
    await asCitizen(query)
    hours(0.05)
    const { data } = await asCitizen(query)
    expect([world.counted(), data.viewer.person.traffic.staleAsOf]).toEqual([{ FINES: 1 }, null])
    hours(0.05)
    await asCitizen(query)
    expect(world.counted()).toEqual({ FINES: 1 })
    expect(await db.select().from(registryAnswers)).toHaveLength(1)
    // What they see of themselves again is nobody's look at them.
    expect((await logged()).map(({ kind }) => kind)).toEqual(['CALL', 'CALL'])
  })

  it('see the fines of one vehicle, which are no answer to all of them', async () => {
    const one = 'one: traffic(vehicle: "TEST-10") { record { points } }'
    const { data } = await asCitizen(`{ viewer { person { ${one} ${traffic} } } }`)
    expect(data.viewer.person.one.record).toEqual({ points: 3 })
    expect(world.asked.map(({ message }) => message.query)).toEqual(
      expect.arrayContaining([undefined, { vehicle: 'TEST-10' }]),
    )
  })

  it.each([
    ['of none', ''],
    ['that is none', '../1'],
    ['too long', 'TEST'.repeat(5)],
  ])('ask in vain for a plate %s', async (_which, vehicle) => {
    const { errors } = await asCitizen(`{ viewer { person { traffic(vehicle: "${vehicle}") { record { points } } } } }`)
    expect([errors?.[0]?.extensions.code, world.counted()]).toEqual(['BAD_USER_INPUT', {}])
  })

  it('ask for no more vehicles than anybody has', async () => {
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
    ['another', { persons: [{ fin: 'TEST002', surname: 'Sınaq', givenName: 'Test', birthDate: '1990-01-01' }] }],
    ['no day of birth', { persons: [{ fin: 'TEST001', surname: 'Sınaq', givenName: 'Test', birthDate: 'never' }] }],
    ['nothing of the kind', { people: [] }],
    [
      'one twice',
      { persons: [1, 2].map(() => ({ fin: 'TEST001', surname: 'a', givenName: 'b', birthDate: '1990-01-01' })) },
    ],
  ])('see no answer that speaks of %s', async (_of, body) => {
    world.saying.set('POPULATION', () => body)
    const { data } = await asCitizen(`{ viewer { person { ${population} } } }`)
    const { record, unavailable } = data.viewer.person.population
    expect([record, unavailable.reason]).toEqual([null, 'INVALID_ANSWER'])
    expect((await logged()).map(({ outcome }) => outcome)).toEqual(['NOT_ANSWERED'])
  })

  it('see that nothing is held, with where that comes from', async () => {
    world.saying.set('FINES', () => null)
    const { data } = await asCitizen(`{ viewer { person { ${traffic} } } }`)
    const { record, provenance, unavailable } = data.viewer.person.traffic
    expect([record, provenance.registry.code, unavailable]).toEqual([null, 'FINES', null])
    expect((await logged()).map(({ outcome }) => outcome)).toEqual(['NOTHING_HELD'])
  })

  it('leave nothing readable behind in the database', async () => {
    await asCitizen(five)
    const everything = await everythingAsText(database.client)
    for (const form of [...formsOf('Sınaq TEST001'), ...formsOf('TEST-10')]) expect(everything).not.toContain(form)
  })

  it('do not see the border', async () => {
    const { data, errors } = await asCitizen(`{ viewer { person { border { record { crossings { at } } } ${tax} } } }`)
    expect([data.viewer.person.border, errors?.[0]?.extensions.code]).toEqual([null, 'FORBIDDEN'])
    expect(data.viewer.person.tax.record).not.toBeNull()
    expect(world.counted()).toEqual({ AVIS: 1 })
  })

  it('are known more surely than by a telephone, or nothing is asked', async () => {
    const headers = await as('citizen', { acr: 'urn:pencere:sandbox:low' })
    const { errors } = await ask(`{ viewer { person { ${tax} } } }`, { headers })
    expect([errors?.[0]?.extensions.code, world.counted()]).toEqual(['STEP_UP_REQUIRED', {}])
  })

  it('wait for no registry that says it is being asked too much, and are not logged as asked about', async () => {
    world.failing.set('FINES', FailureReason.BUSY)
    const { data } = await asCitizen(`{ viewer { person { ${traffic} } } }`)
    expect([data.viewer.person.traffic.unavailable.reason, await logged()]).toEqual(['BUSY', []])
  })
})

describe('Whoever acts for another', () => {
  const ofParty = (fields: string) => `query ($id: ID!) { node(id: $id) { ... on Party { ${fields} } } }`
  let company: string
  let id: string
  beforeAll(async () => {
    company = await parties.firm('Sınaq', '9900000141')
    id = partyId(company)
  })

  it('sees what a parent may see of a child, and is logged with the mandate', async () => {
    const [minor, citizen] = [await parties.persona('minor'), await parties.persona('citizen')]
    const powers = [Power.VIEW, Power.CONSENT]
    const mandate = await parties.give(minor, citizen, { kind: MandateKind.PARENT, powers })
    const { data } = await ask(ofParty(`person { ${population} }`), {
      ...{ headers: await as('citizen'), variables: { id: partyId(minor) } },
    })
    expect(data.node.person.population.record.surname).toBe('Sınaq TEST003')
    const [row] = await logged()
    expect(row).toMatchObject({ partyId: minor, actorPartyId: citizen, mandateIds: [mandate], kind: 'CALL' })
    // What is shown again from what is kept is logged too, for it was not the child who looked.
    await ask(ofParty(`person { ${population} }`), { headers: await as('citizen'), variables: { id: partyId(minor) } })
    expect((await logged()).map(({ kind }) => kind)).toEqual(['CALL', 'STORED_ANSWER'])
  })

  it('sees the company and what it owes; a delegate for some services does not', async () => {
    await parties.give(company, await parties.persona('company-head'), { kind: MandateKind.HEAD })
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

  it('finds the companies they may look at, in pages', async () => {
    const other = await parties.firm('Başqa', '9900000271')
    const holder = await parties.persona('company-delegate')
    await parties.give(company, holder)
    await parties.give(other, holder)
    await parties.give(await parties.firm('Üçüncü', '9900000421'), holder, { powers: [Power.FILE] })
    const query = (
      page: string,
    ) => `{ viewer { companies(${page}) { totalCount pageInfo { hasNextPage hasPreviousPage endCursor startCursor }
      nodes { id company { register { record { name } } } } } } }`
    const headers = await as('company-delegate')
    const first = await ask(query('first: 1'), { headers })
    const { totalCount, pageInfo, nodes } = first.data.viewer.companies
    expect([totalCount, pageInfo.hasNextPage, pageInfo.hasPreviousPage]).toEqual([2, true, false])
    const second = await ask(query(`first: 1, after: "${pageInfo.endCursor}"`), { headers })
    const rest = second.data.viewer.companies
    expect([rest.pageInfo.hasNextPage, rest.pageInfo.hasPreviousPage]).toEqual([false, true])
    const found = [...nodes, ...rest.nodes].map(({ id }: { id: string }) => id)
    expect(found.sort()).toEqual([id, partyId(other)].sort())
    const back = await ask(query(`last: 1, before: "${rest.pageInfo.startCursor}"`), { headers })
    expect(back.data.viewer.companies.nodes).toEqual(nodes)
  })

  it('by a program needs its scope', async () => {
    const headers = await asProgram(database)
    const { data, errors } = await ask(`{ viewer { party { company { ${tax} } } } }`, { headers })
    expect([data.viewer.party?.company ?? null, errors?.[0]?.extensions.code, world.counted()]).toEqual([
      null,
      'FORBIDDEN',
      {},
    ])
  })
})

describe('A page', () => {
  it('of many persons takes one message where a registry answers about many, and as many statements as one', async () => {
    const holder = await parties.persona('stateless')
    const wards = 30
    for (let count = 0; count < wards; count++) {
      const ward = await parties.by('NATURAL_PERSON', 'FIN' as never, `TEST${300 + count}`)
      await parties.give(ward, holder, { kind: MandateKind.GUARDIAN, powers: [Power.VIEW] })
    }
    const query = (first: number, fields: string) =>
      `{ mandatesHeld(first: ${first}) { nodes { principal { person { ${fields} } } } } }`
    const headers = await as('stateless')
    await ask('{ viewer { kind } }', { headers })
    statements.length = 0
    await ask(query(1, population), { headers })
    const ofOne = statements.length
    await unkept(database, (tx) => tx.execute('truncate registry_answers, accesses'))
    world.counted()
    statements.length = 0
    const { data } = await ask(query(wards, population), { headers })
    const names = data.mandatesHeld.nodes.map(({ principal }: any) => principal.person.population.record.surname)
    expect(new Set(names).size).toBe(wards)
    expect([world.counted(), statements.length]).toEqual([{ POPULATION: 1 }, ofOne])
    expect(await logged()).toHaveLength(wards)
  })

  it('lacks no more than one of whom something does not open', async () => {
    const query = `{ mandatesHeld(first: 30) { nodes { principal { id person { ${tax} } } } } }`
    const headers = await as('stateless')
    await ask(query, { headers })
    const [broken, other] = await db.select().from(registryAnswers).orderBy(registryAnswers.id)
    await db.update(registryAnswers).set({ record: other!.record }).where(eq(registryAnswers.id, broken!.id))
    const { data, errors } = await ask(query, { headers })
    const lacking = data.mandatesHeld.nodes.filter(({ principal }: any) => principal.person.tax === null)
    expect(lacking.map(({ principal }: any) => principal.id)).toEqual([partyId(broken!.partyId)])
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['INTERNAL_SERVER_ERROR'])
  })

  it('is shown, and logged, as far as the time of the request went', async () => {
    const { exchange } = world
    const impatient = await apiOf(database, {
      config: configFrom({ LOG_LEVEL: 'silent', REQUEST_TIMEOUT_MS: '2000' }),
      exchange: {
        ...exchange,
        async ask(registry, message, read) {
          if (message.path[1] !== 'TEST303') return await exchange.ask(registry, message, read)
          await sleep(message.deadline - Date.now())
          return { failed: FailureReason.TIMED_OUT, retryAt: null, messageId: 'a message' }
        },
      },
    })
    const query = `{ mandatesHeld(first: 30) { nodes { principal { person { ${tax} } } } } }`
    const { data, errors } = await impatient(query, { headers: await as('stateless') })
    expect(errors).toBeUndefined()
    const answers = data.mandatesHeld.nodes.map(({ principal }: any) => principal.person.tax)
    expect(answers.filter(({ record }: any) => record)).toHaveLength(29)
    expect((await logged()).filter(({ outcome }) => outcome === 'NOT_ANSWERED')).toHaveLength(1)
  })

  it('is shown but for one whose record is none, which spoils no other', async () => {
    const fresh = { surname: 'Sınaq', givenName: 'Test', birthDate: '1990-01-01', sex: 'MALE' }
    world.saying.set('POPULATION', ({ body }) => ({
      persons: (body as { fins: string[] }).fins.map((fin) => ({
        ...fresh,
        fin,
        ...(fin === 'TEST310' && { birthDate: null }),
      })),
    }))
    const query = `{ mandatesHeld(first: 30) { nodes { principal { person { ${population} } } } } }`
    const { data } = await ask(query, { headers: await as('stateless') })
    const reasons = data.mandatesHeld.nodes.map(({ principal }: any) => principal.person.population.unavailable?.reason)
    expect([reasons.filter(Boolean), world.counted()]).toEqual([['INVALID_ANSWER'], { POPULATION: 1 }])
    expect((await logged()).filter(({ outcome }) => outcome === 'NOT_ANSWERED')).toHaveLength(1)
  })

  it('asks a registry that answers about one a bounded number of times at once', async () => {
    let under = 0
    let most = 0
    const { exchange } = world
    const slow = await apiOf(database, {
      exchange: {
        ...exchange,
        async ask(registry, message, read) {
          most = Math.max(most, ++under)
          await new Promise(setImmediate)
          under--
          return await exchange.ask(registry, message, read)
        },
      },
    })
    const query = `{ mandatesHeld(first: 30) { nodes { principal { person { ${tax} } } } } }`
    await slow(query, { headers: await as('stateless') })
    expect([world.counted(), most]).toEqual([{ AVIS: 30 }, 8])
  })
})

describe('What is kept of an answer', () => {
  it('is noise when its party is forgotten, and whoever signs in again is asked about anew', async () => {
    const query = `{ viewer { person { ${tax} } } }`
    const headers = await as('foreigner', { fin: 'TEST299', subject_type: 'CITIZEN', sub: 'to-be-forgotten', acr })
    await ask(query, { headers })
    const [kept] = await db.select().from(registryAnswers)
    await db.transaction((tx) => forgetParty(tx, kept?.partyId as string, now)) // just asked about
    const { data } = await ask(query, { headers })
    expect(data.viewer.person.tax.unavailable).toBeNull()
    expect(world.counted()).toEqual({ AVIS: 2 })
    expect((await db.select().from(registryAnswers)).map(({ partyId }) => partyId)).toHaveLength(2)
  })
})
