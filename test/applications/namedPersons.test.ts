import { beforeEach, describe, expect, it } from 'vitest'
import { MandateKind } from '../../src/identity/mandates/mandate.table.js'
import { FailureReason } from '../../src/shared/exchange.js'
import { applyingOf, moving, movingAnswers } from '../support/applying.js'
import { partiesIn, partyId } from '../support/parties.js'

const { database, world, send, outcomeOf, read, partyOf, draft } = await applyingOf()
const parties = partiesIn(database)

beforeEach(async () => {
  world.failing.set('POPULATION', FailureReason.DOWN)
  await database.client`truncate registry_answers`
})

/** Starts an application and saves answers. Returns the fields that were refused, as paths. */
async function saved(persona: string, serviceCode: string, answers: object, party?: string) {
  const { application } = await send(persona, 'startApplication', { serviceCode, ...(party && { partyId: party }) })
  const { userErrors } = await send(persona, 'saveDraft', { applicationId: application.id, revision: 1, answers })
  return {
    ...application,
    refused: userErrors.map(({ field, reason }: { field: string[]; reason: string }) => [
      field.slice(1).join('.'),
      reason,
    ]),
  }
}

describe('saveDraft with the population register down', () => {
  it('refuses an address of another person, and accepts one’s own', async () => {
    const another = { fin: 'TEST002', surname: 'Başqa', givenName: 'Vətəndaş' }
    const { refused } = await saved('citizen', 'DIN-ADDRESS-REG', { ...moving, applicant: another })
    expect(refused).toEqual([
      ['applicant.fin', 'answer.differs'],
      ['applicant.surname', 'answer.differs'],
    ])
    const own = { fin: 'TEST001', surname: 'Sınaq', givenName: 'Vətəndaş', sex: 'M' }
    const { id, number, refused: none } = await saved('citizen', 'DIN-ADDRESS-REG', { ...moving, applicant: own })
    expect(none).toEqual([])
    expect((await read(number, 'content { answers }')).content.answers.applicant).toEqual({
      ...own,
      birthDate: '1990-01-01',
      citizenship: 'AZ',
    })
    expect(await outcomeOf('citizen', 'submitApplication', { applicationId: id, revision: 2 })).not.toMatch(/differs/)
  })

  it('refuses a marriage under an invented FİN or without one', async () => {
    const invented = { applicant: { hasFin: true, fin: '5ABC1D2', surname: 'Nümunəli', givenName: 'Nümunə' } }
    expect((await saved('citizen', 'ED-MARRIAGE', invented)).refused).toEqual([
      ['applicant.fin', 'answer.differs'],
      ['applicant.surname', 'answer.differs'],
    ])
    const foreign = { applicant: { hasFin: false, passport: 'P0000001', citizenship: 'GE' } }
    expect((await saved('citizen', 'ED-MARRIAGE', foreign)).refused).toEqual([
      ['applicant.hasFin', 'answer.differs'],
      ['applicant.citizenship', 'answer.differs'],
    ])
  })

  it('refuses a birth declared as a mother who is somebody else', async () => {
    const mother = { hasFin: true, fin: 'TEST002', surname: 'Başqa', givenName: 'Vətəndaş' }
    const { refused } = await saved('citizen', 'ED-BIRTH', { declarant: 'MOTHER', mother })
    expect(refused).toEqual([
      ['mother.fin', 'answer.differs'],
      ['mother.surname', 'answer.differs'],
    ])
    expect((await saved('citizen', 'ED-BIRTH', { declarant: 'FATHER', mother })).refused).toEqual([])
  })

  it('refuses an identity card of another person, and of one’s child under another name', async () => {
    const card = { reason: 'FIRST', holder: 'CHILD', applicant: { fin: 'TEST002' } }
    await parties.persona('minor')
    await send('minor', 'startApplication', { serviceCode: 'DIN-ID-ISSUE' }) // a first sign-in tells the name
    await parties.give(await partyOf('minor'), await partyOf('citizen'), { kind: MandateKind.PARENT })
    const child = { fin: 'TEST003', surname: 'Başqa', givenName: 'Uşaq', birthDate: '2012-01-01' }
    expect((await saved('citizen', 'DIN-ID-ISSUE', { ...card, child })).refused).toEqual([
      ['applicant.fin', 'answer.differs'],
      ['child.birthDate', 'answer.differs'],
      ['child.surname', 'answer.differs'],
    ])
  })

  it('refuses a residence permit of a stateless person as a citizen of Georgia', async () => {
    const person = { surname: 'Test', givenName: 'Stateless', status: 'FOREIGNER', citizenship: 'GE' }
    expect((await saved('stateless', 'DMX-TRP', { person })).refused).toEqual([['person.status', 'answer.differs']])
  })

  it('refuses the founding of a company by another person, or with a head under another name', async () => {
    const another = { fin: 'TEST002', surname: 'Başqa', givenName: 'Vətəndaş' }
    const head = { fin: 'TEST001', surname: 'Başqa', givenName: 'Vətəndaş' }
    const { refused } = await saved('citizen', 'DVX-LLC-REG', { applicant: another, head })
    expect(refused).toEqual([
      ['applicant.fin', 'answer.differs'],
      ['applicant.surname', 'answer.differs'],
      ['head.surname', 'answer.differs'],
    ])
  })

  it('refuses a licence of a company under another head', async () => {
    const company = await parties.firm('Sınaq MMC', '9900000141')
    await parties.give(company, await partyOf('company-head'), { kind: MandateKind.HEAD })
    const head = { fin: 'TEST002', surname: 'Başqa', givenName: 'Vətəndaş' }
    expect((await saved('company-head', 'IN-LICENSE', { head }, partyId(company))).refused).toEqual([
      ['head.fin', 'answer.differs'],
      ['head.surname', 'answer.differs'],
    ])
  })

  it('refuses data of the delegate in an application for another person', async () => {
    const applicant = await partyOf('other-citizen')
    await send('other-citizen', 'startApplication', { serviceCode: 'DIN-ADDRESS-REG' })
    await parties.give(applicant, await partyOf('citizen'))
    const own = { applicant: { fin: 'TEST001', surname: 'Sınaq', givenName: 'Vətəndaş', birthDate: '1990-01-01' } }
    expect((await saved('citizen', 'DIN-ADDRESS-REG', own, partyId(applicant))).refused).toEqual([
      ['applicant.fin', 'answer.differs'],
      ['applicant.birthDate', 'answer.differs'],
    ])
  })
})

describe('submitApplication', () => {
  it('refuses a draft that holds the FİN of another person', async () => {
    const applicant = { ...movingAnswers.applicant, fin: 'TEST002' }
    const { id, revision } = await draft({ answers: { ...movingAnswers, applicant } })
    expect(await outcomeOf('citizen', 'submitApplication', { applicationId: id, revision })).toBe('answer.differs')
  })
})
