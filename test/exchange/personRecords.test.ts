import { version } from 'uuid'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { parseNodeId } from '../../src/engine/nodeId.js'
import { accesses } from '../../src/exchange/access.table.js'
import { registryAnswers } from '../../src/exchange/registryAnswer.table.js'
import { IdentifierType } from '../../src/identity/identifier.table.js'
import { MandateKind } from '../../src/identity/mandate.table.js'
import { apiOf } from '../support/api.js'
import { appointed } from '../support/appointed.js'
import { commanding } from '../support/commanding.js'
import { cloneDatabase, unkept } from '../support/database.js'
import { bodyAbout, exchangeOfTest } from '../support/exchange.js'
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
const lookUp = async (persona: string, changes: object = {}) => {
  const query = `query ($fin: Fin, $document: String, $purpose: String!, $application: String!, $agency: String) {
    personRecords(fin: $fin, document: $document, purpose: $purpose, application: $application, agency: $agency) {
      ${all} } }`
  const variables = { fin: 'TEST002', purpose: 'APPLICATION', application: 'T-2026/1', ...changes }
  const { data, errors } = await ask(query, { variables, headers: await as(persona), language: 'en' })
  return { records: data?.personRecords, code: errors?.[0]?.extensions.code, reason: errors?.[0]?.extensions.reason }
}
const logged = () => db.select().from(accesses).orderBy(accesses.id)

beforeAll(async () => {
  await appointed(database, 'officer', 'DVX', ['REVIEWER'])
  await appointed(database, 'other-officer', 'DMX', ['REVIEWER'])
  await appointed(database, 'senior-officer', 'DIN', ['APPROVER'])
})
beforeEach(async () => {
  world.failing.clear()
  world.saying.clear()
  world.counted()
  await unkept(database, (tx) => tx.execute('truncate registry_answers, accesses, consents'))
})

describe('personRecords', () => {
  it('shows what a legal ground lets the agency see, and asks nothing else', async () => {
    const { records } = await lookUp('officer')
    expect(records.population.record).toEqual({ surname: 'Sınaq TEST002', address: null, family: null })
    expect(records.tax.record).not.toBeNull()
    expect([records.border, records.socialInsurance].map(({ unavailable }) => unavailable.reason)).toEqual([
      'NOT_PERMITTED',
      'CONSENT_REQUIRED',
    ])
    expect(world.counted()).toEqual({ POPULATION: 1, AVIS: 1 })
  })

  it('logs the access with the case and the fields, also for a person who never signed in', async () => {
    await lookUp('officer', { fin: 'TEST333' })
    const rows = await logged()
    const party = await parties.by('NATURAL_PERSON', IdentifierType.FIN, 'TEST333')
    expect(rows).toHaveLength(2)
    for (const { partyId, application, actor, agencyId, fields } of rows) {
      expect([partyId, application, agencyId]).toEqual([party, 'T-2026/1', expect.any(String)])
      expect(actor).toMatch(/^officer:/)
      expect(fields).not.toContain('family')
    }
    expect(world.asked.map(({ message }) => message.issue)).toEqual(['T-2026/1', 'T-2026/1'])
  })

  it('logs the access again when it shows a stored answer', async () => {
    await lookUp('officer')
    await lookUp('officer')
    expect((await logged()).map(({ kind }) => kind)).toEqual(['CALL', 'CALL', 'STORED_ANSWER', 'STORED_ANSWER'])
  })

  const byDocument = { fin: null, document: 'UTO:TEST0004', purpose: 'VISA_DECISION' }

  it('shows border records of a person without a FİN if a legal ground permits', async () => {
    const { records } = await lookUp('other-officer', byDocument)
    expect(records.border.record.crossings).toEqual([{ at: '2026-11-01T04:00:00.000Z' }])
    const { message } = world.asked.find(({ registry }) => registry === 'IAMAS')!
    expect(message.path).toEqual(['documents', 'UTO', 'TEST0004'])
  })

  it('does not show an answer of IAMAS about another person', async () => {
    world.saying.set('IAMAS', () => bodyAbout('IAMAS', ['UTO:TEST0005']))
    const { records } = await lookUp('other-officer', byDocument)
    expect(records.border).toEqual({ record: null, unavailable: { reason: 'INVALID_ANSWER' } })
  })

  it('stores no answer for a secret purpose, and releases its log entries after the same term whatever the outcome', async () => {
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

  it('gives a person whom nobody knew an id that does not tell when a secret search was', async () => {
    await lookUp('senior-officer', { purpose: 'OPERATIONAL_SEARCH', fin: 'TEST336' })
    const claims = { fin: 'TEST336', subject_type: 'CITIZEN', sub: 'somebody-later', acr: 'urn:pencere:sandbox:high' }
    const query = '{ viewer { party { id } } accessLog(first: 1) { totalCount } }'
    const { data } = await ask(query, { headers: await as('foreigner', claims) })
    expect(data.accessLog.totalCount).toBe(0)
    expect(version(parseNodeId(data.viewer.party.id)!.key)).toBe(4)
  })

  it.each([
    ['without an identifier', { fin: null }, 'BAD_USER_INPUT'],
    ['with two identifiers', { document: 'UTO:TEST0004' }, 'BAD_USER_INPUT'],
    ['with a document without a country', { fin: null, document: 'TEST0004' }, 'BAD_USER_INPUT'],
    ['with a line break in the case number', { application: 'T-1\r\nX-Road-Id: 1' }, 'BAD_USER_INPUT'],
    ['for another agency', { agency: 'DMX' }, 'FORBIDDEN'],
    ['about the officer', { fin: 'TEST009' }, 'FORBIDDEN'],
  ])('rejects a question %s', async (_, changes, expected) => {
    const { records, code } = await lookUp('officer', changes)
    expect([records ?? null, code, world.counted(), await logged()]).toEqual([null, expected, {}, []])
  })

  it('is FORBIDDEN about a person who acts for the officer', async () => {
    const other = await parties.by('NATURAL_PERSON', IdentifierType.FIN, 'TEST335')
    await parties.give(await parties.persona('officer'), other, { kind: MandateKind.GUARDIAN })
    expect(await lookUp('officer', { fin: 'TEST335' })).toMatchObject({ code: 'FORBIDDEN', reason: 'case.relative' })
    expect([world.counted(), await logged()]).toEqual([{}, []])
  })

  it('requires a consent that is valid now and given to the agency, where the legal ground says so', async () => {
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
  })
})

describe('companyRecords', () => {
  it('shows a company for a case', async () => {
    const query = `{ companyRecords(voen: "9900000141", purpose: "TAX_CONTROL", application: "T-1") {
      register { record { name } } tax { record { asOf } } property { unavailable { reason } } } }`
    const { data } = await ask(query, { headers: await as('officer') })
    const { register, property } = data.companyRecords
    expect([register.record.name, property.unavailable.reason]).toEqual(['Sınaq 9900000141', 'NOT_PERMITTED'])
    expect(world.asked.map(({ message }) => message.representedParty)).toEqual([undefined, undefined])
  })
})

describe('Journey: a citizen consents and withdraws', () => {
  it('shows the record to the officer only while the consent lasts', async () => {
    const send = commanding(ask)
    const headers = await as('other-citizen')
    const validTo = new Date(Date.now() + 86_400_000)
    const input = { agency: 'DVX', purpose: 'APPLICATION', registries: ['MEIS'], validTo }
    const { payload } = await send(headers, 'giveConsent', input, 'consent { id }')
    expect((await lookUp('officer')).records.socialInsurance.record.pension.kind).toBe('AGE')
    expect(world.counted()).toMatchObject({ MEIS: 1 })
    await send(headers, 'withdrawConsent', { consent: payload.consent.id }, 'consent { id }')
    const { socialInsurance } = (await lookUp('officer')).records
    expect(socialInsurance).toEqual({ record: null, unavailable: { reason: 'CONSENT_REQUIRED' } })
    expect(world.counted().MEIS).toBeUndefined()
  })
})
