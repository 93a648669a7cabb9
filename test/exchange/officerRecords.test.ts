import { version } from 'uuid'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { parseNodeId } from '../../src/engine/nodeId.js'
import { accesses } from '../../src/exchange/access.table.js'
import { registryAnswers } from '../../src/exchange/registryAnswer.table.js'
import { MandateKind } from '../../src/identity/mandate.table.js'
import { apiOf } from '../support/api.js'
import { appointed } from '../support/appointed.js'
import { commanding } from '../support/commanding.js'
import { cloneDatabase, unkept } from '../support/database.js'
import { exchangeOfTest } from '../support/exchange.js'
import { partiesIn } from '../support/parties.js'
import { as } from '../support/tokens.js'

const database = await cloneDatabase()
const { db } = database
const world = exchangeOfTest()
const ask = await apiOf(database, { exchange: world.exchange })
const parties = partiesIn(database)

const answer = (record: string) => `{ record { ${record} } unavailable { reason } }`
const all = `population ${answer('surname address { street } family { name }')} border ${answer('crossings { at }')}
  tax ${answer('asOf')} socialInsurance ${answer('pension { kind }')}`
const lookUp = async (persona: string, more: object = {}) => {
  const { data, errors } = await ask(
    `query ($fin: Fin, $document: String, $purpose: String!, $application: String!, $agency: String) {
      personRecords(fin: $fin, document: $document, purpose: $purpose, application: $application, agency: $agency) { ${all} } }`,
    {
      variables: { fin: 'TEST002', purpose: 'APPLICATION', application: 'T-2026/1', ...more },
      ...{ headers: await as(persona), language: 'en' },
    },
  )
  return { records: data?.personRecords, code: errors?.[0]?.extensions.code, reason: errors?.[0]?.extensions.reason }
}
const logged = () => db.select().from(accesses).orderBy(accesses.id)

beforeAll(async () => {
  await appointed(database, 'officer', 'DVX', ['REVIEWER'])
  await appointed(database, 'finance-officer', 'DVX', ['FINANCE'])
  await appointed(database, 'other-officer', 'DMX', ['REVIEWER'])
  await appointed(database, 'senior-officer', 'DIN', ['APPROVER'])
})
beforeEach(async () => {
  world.failing.clear()
  world.saying.clear()
  world.counted()
  await unkept(database, (tx) => tx.execute('truncate registry_answers, accesses, consents'))
})

describe('An officer who looks at a case', () => {
  it('is shown what the law lets the agency see, and nothing is sent for the rest', async () => {
    const { records } = await lookUp('officer')
    expect(records.population.record).toEqual({ surname: 'Sınaq TEST002', address: null, family: null })
    expect(records.tax.record).not.toBeNull()
    expect([records.border, records.socialInsurance].map(({ unavailable }) => unavailable.reason)).toEqual([
      'NOT_PERMITTED',
      'CONSENT_REQUIRED',
    ])
    expect(world.counted()).toEqual({ POPULATION: 1, AVIS: 1 })
  })

  it('is logged for the person, who need never have signed in, with the case and the fields', async () => {
    await lookUp('officer', { fin: 'TEST333' })
    const rows = await logged()
    expect(
      rows.map(({ application, actor, fields, agencyId }) => [
        application,
        actor.slice(0, 8),
        fields.includes('family'),
        agencyId === null,
      ]),
    ).toEqual([
      ['T-2026/1', 'officer:', false, false],
      ['T-2026/1', 'officer:', false, false],
    ])
    expect(world.asked.map(({ message }) => message.issue)).toEqual(['T-2026/1', 'T-2026/1'])
    expect(await parties.by('NATURAL_PERSON', 'FIN' as never, 'TEST333')).toBe(rows[0]?.partyId)
  })

  it('sees the border where the law lets them, of who has no FİN too', async () => {
    const { records } = await lookUp('other-officer', { fin: null, document: 'UTO:TEST0004', purpose: 'VISA_DECISION' })
    expect(records.border.record.crossings).toEqual([{ at: '2026-11-01T04:00:00.000Z' }])
    expect(world.asked.find(({ registry }) => registry === 'IAMAS')?.message.path).toEqual([
      'documents',
      'UTO',
      'TEST0004',
    ])
  })

  it('leaves no trace in what is kept where the purpose is secret, nor an earlier release by what came of it', async () => {
    await lookUp('senior-officer', { purpose: 'OPERATIONAL_SEARCH' })
    world.saying.set('POPULATION', () => ({ persons: [] }))
    await lookUp('senior-officer', { purpose: 'OPERATIONAL_SEARCH', fin: 'TEST334' })
    expect(await db.select().from(registryAnswers)).toEqual([])
    const rows = await logged()
    expect(rows).toHaveLength(4)
    const terms = rows.map(({ at, releaseAt }) => Math.round((releaseAt.getTime() - at.getTime()) / 86_400_000))
    expect(new Set(terms).size).toBe(1)
    expect(terms[0]).toBeGreaterThanOrEqual(365)
  })

  it('is not betrayed by the id of a person who signs in later: it tells of no time', async () => {
    await lookUp('senior-officer', { purpose: 'OPERATIONAL_SEARCH', fin: 'TEST336' })
    const identity = { fin: 'TEST336', subject_type: 'CITIZEN', sub: 'somebody-later', acr: 'urn:pencere:sandbox:high' }
    const headers = await as('foreigner', identity)
    const { data } = await ask('{ viewer { party { id } } accessLog(first: 1) { totalCount } }', { headers })
    expect(data.accessLog.totalCount).toBe(0)
    expect(version(parseNodeId(data.viewer.party.id)!.key)).toBe(4)
  })

  it.each([
    ['nobody in particular', { fin: null }, 'BAD_USER_INPUT'],
    ['one by two names', { document: 'UTO:TEST0004' }, 'BAD_USER_INPUT'],
    ['a document of nowhere', { fin: null, document: 'TEST0004' }, 'BAD_USER_INPUT'],
    ['a case with a line break in its number', { application: 'T-1\r\nX-Road-Id: 1' }, 'BAD_USER_INPUT'],
    ['for an agency of others', { agency: 'DMX' }, 'FORBIDDEN'],
    ['themselves', { fin: 'TEST009' }, 'FORBIDDEN'],
  ])('asks in vain about %s', async (_whom, more, code) => {
    const { records, code: came } = await lookUp('officer', more)
    expect([records ?? null, came, world.counted(), await logged()]).toEqual([null, code, {}, []])
  })

  it('asks in vain about who acts for them', async () => {
    const [officer, other] = [
      await parties.persona('officer'),
      await parties.by('NATURAL_PERSON', 'FIN' as never, 'TEST335'),
    ]
    await parties.give(officer, other, { kind: MandateKind.GUARDIAN })
    expect(await lookUp('officer', { fin: 'TEST335' })).toMatchObject({ code: 'FORBIDDEN', reason: 'case.relative' })
    expect([world.counted(), await logged()]).toEqual([{}, []])
  })

  it('asks for another purpose in vain, and is told why', async () => {
    const { records } = await lookUp('officer', { purpose: 'VISA_DECISION' })
    expect(records.border.unavailable.reason).toBe('NOT_PERMITTED')
    expect(world.counted()).toEqual({})
  })

  it('sees a company for a case, in the extract too', async () => {
    const query = `{ companyRecords(voen: "9900000141", purpose: "TAX_CONTROL", application: "T-1") {
      register { record { name } } tax { record { asOf } } property { unavailable { reason } } } }`
    const { data } = await ask(query, { headers: await as('officer') })
    const { register, property } = data.companyRecords
    expect([register.record.name, property.unavailable.reason]).toEqual(['Sınaq 9900000141', 'NOT_PERMITTED'])
    expect(world.asked.map(({ message }) => message.representedParty)).toEqual([undefined, undefined])
  })

  it('is logged when what is kept is shown again', async () => {
    await lookUp('officer')
    await lookUp('officer')
    expect((await logged()).map(({ kind }) => kind)).toEqual(['CALL', 'CALL', 'STORED_ANSWER', 'STORED_ANSWER'])
  })
})

describe('With consent', () => {
  it('what the law asks one for is shown; without, or for another agency, it is not', async () => {
    const party = await parties.persona('other-citizen')
    const give = (agency: string, validTo: string) => database.client`
      insert into consents (id, party_id, agency_id, purpose_id, registries, valid_from, valid_to, since, given_by, given_under)
      select gen_random_uuid(), ${party}, agencies.id, purposes.id, '{MEIS}', '2026-01-01', ${validTo}, '2026-01-01', 'a test', '{}'
      from agencies, purposes where agencies.code = ${agency} and purposes.code = 'APPLICATION'`
    await give('DMX', '2100-01-01')
    await give('DVX', '2026-01-02')
    expect((await lookUp('officer')).records.socialInsurance.unavailable.reason).toBe('CONSENT_REQUIRED')
    await give('DVX', '2100-01-01')
    expect((await lookUp('officer')).records.socialInsurance.record.pension.kind).toBe('AGE')
    await database.client`update consents set withdrawn_at = now(), withdrawn_by = 'a test'`
    expect((await lookUp('officer')).records.socialInsurance.unavailable.reason).toBe('CONSENT_REQUIRED')
  })

  it('of the person themselves it is, until they withdraw: then nothing is sent, and nothing shown of what was', async () => {
    const send = commanding(ask)
    const headers = await as('other-citizen')
    const validTo = new Date(Date.now() + 86_400_000)
    const input = { agency: 'DVX', purpose: 'APPLICATION', registries: ['MEIS'], validTo }
    const { payload } = await send(headers, 'giveConsent', input, 'consent { id }')
    expect((await lookUp('officer')).records.socialInsurance.record.pension.kind).toBe('AGE')
    expect(world.counted()).toMatchObject({ MEIS: 1 })
    expect((await lookUp('other-officer')).records.socialInsurance.unavailable.reason).toBe('NOT_PERMITTED')
    await send(headers, 'withdrawConsent', { consent: payload.consent.id }, 'consent { id }')
    const { socialInsurance } = (await lookUp('officer')).records
    expect(socialInsurance).toEqual({ record: null, unavailable: { reason: 'CONSENT_REQUIRED' } })
    expect(world.counted().MEIS).toBeUndefined()
  })
})

describe('Nobody else', () => {
  it.each([
    ['citizen', 'FORBIDDEN'],
    ['finance-officer', 'FORBIDDEN'],
    ['operator', 'FORBIDDEN'],
    ['auditor', 'FORBIDDEN'],
  ])('looks up a person: %s', async (persona, code) => {
    expect([(await lookUp(persona)).code, world.counted()]).toEqual([code, {}])
  })
})
