import { eq } from 'drizzle-orm'
import { v7, version } from 'uuid'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { applications } from '../../src/applications/application.table.js'
import { applicationOpenings } from '../../src/applications/casework/applicationOpening.table.js'
import { parseNodeId } from '../../src/engine/node.js'
import { accesses } from '../../src/exchange/accessLog/access.table.js'
import { registryAnswers } from '../../src/exchange/registries/registryAnswer.table.js'
import { MandateKind } from '../../src/identity/mandates/mandate.table.js'
import { IdentifierType } from '../../src/identity/parties/identifier.table.js'
import { keyToEncrypt } from '../../src/identity/parties/party.js'
import { encrypt } from '../../src/platform/personal.js'
import { apiOf } from '../support/api.js'
import { insertApplication, insertCoApplicant } from '../support/applicationRow.js'
import { appointed } from '../support/appointed.js'
import { commanding } from '../support/commanding.js'
import { cloneDatabase, unkept } from '../support/database.js'
import { bodyAbout, exchangeOfTest } from '../support/exchange.js'
import { partiesIn } from '../support/parties.js'
import { keyringOfFile as keyring } from '../support/server.js'
import { as } from '../support/tokens.js'

const database = await cloneDatabase()
const { db } = database
const world = exchangeOfTest()
const ask = await apiOf(database, { exchange: world.exchange })
const parties = partiesIn(database)

const answer = (record: string) => `{ record { ${record} } unavailable { reason } }`
const all = `population ${answer('surname address { street } family { name }')} border ${answer('crossings { at }')}
  tax ${answer('asOf')} socialInsurance ${answer('pension { kind }')}`

type Row = typeof applications.$inferSelect
/** An application to the State Tax Service that the persona `officer` has. Its form names companies and persons. */
async function caseOf(
  partyId: string,
  more: Partial<Pick<Row, 'officerId' | 'submittedAt' | 'state'>> = {},
): Promise<Row> {
  const officerId = await parties.persona('officer')
  const wanted = { partyId, service: 'DVX-LLC-REG', state: 'IN_REVIEW' as const, more: { officerId, ...more } }
  const id = await insertApplication(database, keyring, wanted)
  const [row] = await db.select().from(applications).where(eq(applications.id, id))
  return row!
}
let number: string
const lookUp = async (persona: string, changes: object = {}) => {
  const query = `query ($fin: Fin, $document: String, $purpose: String!, $application: String!, $agency: String) {
    personRecords(fin: $fin, document: $document, purpose: $purpose, application: $application, agency: $agency) {
      ${all} } }`
  const variables = { fin: 'TEST002', purpose: 'APPLICATION', application: number, ...changes }
  const { data, errors } = await ask(query, { variables, headers: await as(persona), language: 'en' })
  return { records: data?.personRecords, code: errors?.[0]?.extensions.code, reason: errors?.[0]?.extensions.reason }
}
const logged = () => db.select().from(accesses).orderBy(accesses.id)

beforeAll(async () => {
  await appointed(database, 'officer', 'DVX', ['REVIEWER'])
  await appointed(database, 'other-officer', 'DMX', ['REVIEWER'])
  await appointed(database, 'senior-officer', 'DIN', ['APPROVER'])
  number = (await caseOf(await parties.persona('other-citizen'))).number
})
beforeEach(async () => {
  world.failing.clear()
  world.saying.clear()
  world.counted()
  await unkept(database, (tx) => tx.execute('truncate registry_answers, accesses, consents'))
})

describe('personRecords', () => {
  it('shows the fields that the form of the service names, and queries nothing else', async () => {
    const { records } = await lookUp('officer')
    expect(records.population.record).toEqual({ surname: 'Sınaq TEST002', address: null, family: null })
    const { border, tax, socialInsurance } = records
    expect([border, tax, socialInsurance].map(({ unavailable }) => unavailable.reason)).toEqual([
      'NOT_PERMITTED',
      'NOT_PERMITTED',
      'CONSENT_REQUIRED',
    ])
    expect(world.counted()).toEqual({ POPULATION: 1 })
  })

  it('logs the access with the case and the fields, also for a person who never signed in', async () => {
    const party = await parties.by('NATURAL_PERSON', IdentifierType.FIN, 'TEST333')
    const { number: application } = await caseOf(party)
    await lookUp('officer', { fin: 'TEST333', application })
    const rows = (await logged()).filter(({ outcome }) => outcome !== 'REFUSED')
    expect(rows).toHaveLength(1)
    for (const { partyId, actor, agencyId, fields, ...row } of rows) {
      expect([partyId, row.application, agencyId]).toEqual([party, application, expect.any(String)])
      expect(actor).toMatch(/^officer:/)
      expect(fields).not.toContain('family')
    }
    expect(world.asked.map(({ message }) => message.issue)).toEqual([application])
  })

  it('logs the access again when it shows a stored answer', async () => {
    await lookUp('officer')
    await lookUp('officer')
    const shown = (await logged()).filter(({ outcome }) => outcome === 'SHOWN')
    expect(shown.map(({ kind }) => kind)).toEqual(['CALL', 'STORED_ANSWER'])
  })

  it('logs as REFUSED what no legal ground permits', async () => {
    await lookUp('officer')
    const refused = (await logged()).filter(({ outcome }) => outcome === 'REFUSED')
    const common = {
      kind: 'CALL',
      partyId: await parties.persona('other-citizen'),
      application: number,
      messageId: null,
    }
    expect(refused).toMatchObject([common, common])
    expect(refused.flatMap(({ fields }) => fields)).toEqual(expect.arrayContaining(['crossings', 'debts']))
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
    expect(rows.length).toBeGreaterThan(4)
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
    ['for a purpose that there is not', { purpose: 'CURIOSITY' }, 'BAD_USER_INPUT'],
    ['for another agency', { agency: 'DMX' }, 'FORBIDDEN'],
    ['about the officer', { fin: 'TEST009' }, 'FORBIDDEN'],
  ])('rejects a question %s', async (_, changes, expected) => {
    const { records, code } = await lookUp('officer', changes)
    expect([records ?? null, code, world.counted(), await logged()]).toEqual([null, expected, {}, []])
  })

  describe('for the purpose APPLICATION', async () => {
    const other = await parties.persona('other-citizen')
    const number = async (more: Parameters<typeof caseOf>[1] = {}, party = other) => (await caseOf(party, more)).number
    async function opened(until: string) {
      const row = await caseOf(other, { officerId: null })
      await db.transaction(async (tx) => {
        const opening = {
          id: v7(),
          applicationId: row.id,
          agencyId: row.agencyId,
          partyId: other,
          officerId: await parties.persona('officer'),
          at: new Date('2026-01-01'),
          until: new Date(until),
          reason: 'Səbəb',
        }
        // The cast: encrypt() returns the columns of that table.
        const encrypted = encrypt(await keyToEncrypt(tx, keyring, other), applicationOpenings, opening)
        await tx.insert(applicationOpenings).values(encrypted as typeof applicationOpenings.$inferInsert)
      })
      return row.number
    }
    async function joinedBy(partyId: string, applicant: string) {
      const { id: applicationId, number } = await caseOf(applicant)
      await insertCoApplicant({ db }, applicationId, partyId)
      return number
    }
    const citizen = await parties.persona('citizen')
    const tied = async () => {
      const ward = await parties.by('NATURAL_PERSON', IdentifierType.FIN, 'TEST337')
      await parties.give(await parties.persona('officer'), ward, { kind: MandateKind.GUARDIAN })
      return await joinedBy(other, ward)
    }

    it.each([
      ['that they have', () => number()],
      ['that they have opened', () => opened('2100-01-01')],
      ['in which the person applies with another', () => joinedBy(other, citizen)],
    ])('shows an officer the applicant of an application %s', async (_, made) => {
      const { records } = await lookUp('officer', { application: await made() })
      expect(records.population.record.surname).toBe('Sınaq TEST002')
    })

    it.each([
      ['an invented number', async () => 'MADE-UP-1'],
      ['an application of another person', () => number({}, citizen)],
      ['one that a colleague has', async () => number({ officerId: await parties.persona('senior-officer') })],
      ['one that nobody has', () => number({ officerId: null })],
      ['one that was open to them', () => opened('2026-01-02')],
      ['a draft', () => number({ submittedAt: null, state: 'DRAFT' as Row['state'] })],
      ['one in which who applies with them is a relative of the officer', tied],
    ])('refuses %s alike, and logs it as REFUSED', async (_, made) => {
      const application = await made()
      expect(await lookUp('officer', { application })).toEqual({
        records: null,
        code: 'FORBIDDEN',
        reason: 'case.not_yours',
      })
      expect(world.counted()).toEqual({})
      expect(await logged()).toMatchObject([
        { partyId: other, application, kind: 'CALL', outcome: 'REFUSED', registryId: null, groundId: null, fields: [] },
      ])
    })

    it('refuses an application of another agency', async () => {
      await appointed(database, 'officer', 'DMX', ['REVIEWER'])
      const { code, reason } = await lookUp('officer', { application: await number(), agency: 'DMX' })
      await database.client`update appointments set state = 'ENDED', ended_at = now(), end_reason = 'OTHER_DUTIES'
        where party_id = ${await parties.persona('officer')} and agency_id = (select id from agencies where code = 'DMX')`
      expect([code, reason]).toEqual(['FORBIDDEN', 'case.not_yours'])
    })

    it("runs the same statements for an invented number as for another officer's application", async () => {
      const asked = async (application: string) => {
        database.statements.length = 0
        await lookUp('officer', { application })
        return database.statements
      }
      const invented = [...(await asked('MADE-UP-1'))]
      expect(await asked(await number({ officerId: null }))).toEqual(invented)
    })
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
      insert into consents (id, party_id, agency_id, purpose_id, registries, valid_from, valid_to, created_at, given_by, given_under)
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

describe('companyRecords for the purpose APPLICATION', () => {
  it('shows only a company that applies in an application of the officer', async () => {
    const { number: application } = await caseOf(await parties.firm('Sınaq MMC', '9900000141'))
    const asked = async (voen: string) => {
      const query = `{ companyRecords(voen: "${voen}", purpose: "APPLICATION", application: "${application}") { register { record { name } } } }`
      const { data, errors } = await ask(query, { headers: await as('officer') })
      return data.companyRecords === null ? errors?.[0]?.extensions.reason : 'answered'
    }
    expect([await asked('9900000141'), await asked('9900000271')]).toEqual(['answered', 'case.not_yours'])
  })
})

describe('Journey: a citizen consents and withdraws', () => {
  it('shows the record to the officer only while the consent lasts', async () => {
    const send = commanding(ask)
    const headers = await as('other-citizen')
    const validTo = new Date(Date.now() + 86_400_000)
    const input = { agencyCode: 'DVX', purposeCode: 'APPLICATION', registryCodes: ['MEIS'], validTo }
    const { payload } = await send(headers, 'giveConsent', input, 'consent { id }')
    expect((await lookUp('officer')).records.socialInsurance.record.pension.kind).toBe('AGE')
    expect(world.counted()).toMatchObject({ MEIS: 1 })
    await send(headers, 'withdrawConsent', { consentId: payload.consent.id }, 'consent { id }')
    const { socialInsurance } = (await lookUp('officer')).records
    expect(socialInsurance).toEqual({ record: null, unavailable: { reason: 'CONSENT_REQUIRED' } })
    expect(world.counted().MEIS).toBeUndefined()
  })
})
