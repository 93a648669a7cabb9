import { beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { askRegistriesLater } from '../../src/applications/casework/askRegistriesLater.js'
import { registerApplication } from '../../src/applications/submission/registerApplication.js'
import { configFrom } from '../../src/config.js'
import { nodeIdOf } from '../../src/engine/node.js'
import { IdentifierType } from '../../src/identity/parties/identifier.table.js'
import { forgetParty } from '../../src/identity/parties/party.js'
import { FailureReason } from '../../src/shared/exchange.js'
import { TermUnit } from '../../src/shared/termUnit.table.js'
import { insertApplication } from '../support/applicationRow.js'
import { applyingOf, changeProcess, start } from '../support/applying.js'
import { appointed } from '../support/appointed.js'
import { dataFiles } from '../support/dataFiles.js'
import { keyOf } from '../support/keyOf.js'
import { partiesIn } from '../support/parties.js'
import { keyringOfFile as keyring } from '../support/server.js'
import { as } from '../support/tokens.js'

const config = configFrom({ LOG_LEVEL: 'silent', CONFIRM_DAYS: '7' })
const { database, world, clock, ask, send, outcomeOf, run, read, partyOf, rowOf, draft } = await applyingOf({ config })

/** Requires this number of co-applicants, and a waiting period of 30 days. */
const invite = (coApplicants: number) =>
  changeProcess(database, 'DIN-ADDRESS-REG', {
    coApplicants,
    waitingValue: 30,
    waitingUnit: TermUnit.CALENDAR_DAY,
  })
beforeAll(async () => {
  await invite(1)
  await appointed(database, 'officer', 'DVX', ['REVIEWER'])
})
beforeEach(() => clock.set(start))

/** An application that the citizen has submitted and others must confirm. */
async function submitted() {
  const { id, key, number, revision } = await draft()
  const selection = 'application { state } invitationCodes'
  const sent = await send('citizen', 'submitApplication', { applicationId: id, revision }, selection)
  expect(sent.application.state).toBe('AWAITING_CONFIRMATION')
  const codes: string[] = sent.invitationCodes
  return { id, key, number, codes, code: codes[0] as string }
}
const confirm = (persona: string, number: string, code: string) =>
  outcomeOf(persona, 'confirmApplication', { applicationNumber: number, code })
const stateOf = async (number: string) => (await read(number, 'state')).state

/** What `invitation` shows to them; null, or the code of the error. */
async function invitationOf(who: Promise<Record<string, string>>, number: string, code: string) {
  const { data, errors } = await ask(
    `query ($number: String!, $code: String!) { invitation(number: $number, code: $code) {
      number confirmBy service { code name } agency { code }
      content { answers applicant { name identifiers { type value } } } } }`,
    { variables: { number, code }, headers: await who, language: 'en' },
  )
  return errors?.[0]?.extensions.code ?? data?.invitation
}

describe('confirmApplication', () => {
  it('submits the application once the co-applicant confirms it with the code', async () => {
    const { key, number, code } = await submitted()
    expect(await confirm('other-citizen', number, 'WRONG-CODE')).toBe('application.no_invitation')
    expect(await confirm('citizen', number, code)).toBe('application.confirmed_by_applicant')
    expect(await confirm('minor', number, code)).toBe('FORBIDDEN')
    expect(await confirm('other-citizen', number, code.toLowerCase())).toBe('done')
    expect(await confirm('company-head', number, code)).toBe('application.no_invitation')
    expect(await read(number, 'state parties { role party { id } invitedAt confirmedAt }', 'other-citizen')).toEqual({
      state: 'SUBMITTED',
      parties: [
        { role: 'APPLICANT', party: null, invitedAt: null, confirmedAt: null },
        {
          role: 'CO_APPLICANT',
          party: { id: nodeIdOf('Party', await partyOf('other-citizen')) },
          invitedAt: '2026-11-25T08:00:00.000Z',
          confirmedAt: '2026-11-25T08:00:00.000Z',
        },
      ],
    })
    const issued = '{ documents(first: 9) { nodes { id code } } }'
    const { data } = await ask(issued, { headers: await as('other-citizen') })
    expect(data.documents.nodes).toEqual((await read(number, 'documents { id code }')).documents)
    await run(registerApplication, key)
    // A Friday. Officers who may not decide earlier get the next working day.
    expect(await read(number, 'notBefore dueOn')).toEqual({
      notBefore: '2026-12-25T14:00:00.000Z',
      dueOn: '2026-12-28',
    })
  })

  it('takes one code from each of several applicants, and each code once', async () => {
    await invite(2)
    const { number, codes } = await submitted()
    await invite(1)
    const [one = '', another = ''] = codes
    const personas = ['other-citizen', 'company-head']
    const both = await Promise.all(personas.map((persona) => confirm(persona, number, one)))
    expect([...both].sort()).toEqual(['application.no_invitation', 'done'])
    const confirmed = personas[both.indexOf('done')] as string
    expect(await confirm(confirmed, number, another)).toBe('application.confirmed_by_applicant')
    expect(await invitationOf(as('stateless'), number, one)).toBeNull()
    expect(await confirm('stateless', number, one)).toBe('application.no_invitation')
    expect(await stateOf(number)).toBe('AWAITING_CONFIRMATION')
    expect(await confirm('stateless', number, another)).toBe('done')
    expect(await stateOf(number)).toBe('SUBMITTED')
  })

  it('rejects the code after CONFIRM_DAYS days', async () => {
    const { number, code } = await submitted()
    clock.set('2026-12-02T08:00:00Z')
    expect(await invitationOf(as('other-citizen'), number, code)).toBeNull()
    expect(await confirm('other-citizen', number, code)).toBe('application.no_invitation')
  })

  it('rejects the code once the applicant was forgotten', async () => {
    const { key, number, code } = await submitted()
    const party = await partiesIn(database).by('NATURAL_PERSON', IdentifierType.FIN, 'TEST098')
    await database.client`update applications set party_id = ${party} where id = ${key}`
    await database.db.transaction((tx) => forgetParty(tx, party, new Date()))
    expect(await invitationOf(as('other-citizen'), number, code)).toBeNull()
    expect(await confirm('other-citizen', number, code)).toBe('application.no_invitation')
  })
})

describe('renewInvitation', () => {
  it('replaces the codes of those who have not confirmed, within the same time', async () => {
    await invite(2)
    const { id, number, codes } = await submitted()
    await invite(1)
    const [used = '', lost = ''] = codes
    expect(await confirm('other-citizen', number, used)).toBe('done')
    const input = { applicationId: id, idempotencyKey: 'a-key-of-renewal' }
    const selection = 'application { state } invitationCodes'
    const renewed = await send('citizen', 'renewInvitation', input, selection)
    expect(renewed.invitationCodes).toHaveLength(1)
    expect(await send('citizen', 'renewInvitation', input, selection)).toMatchObject({
      replayed: true,
      invitationCodes: null,
    })
    expect(await confirm('stateless', number, lost)).toBe('application.no_invitation')
    const invitation = await invitationOf(as('stateless'), number, renewed.invitationCodes[0])
    expect(invitation.confirmBy).toBe('2026-12-02T08:00:00.000Z')
    expect(await confirm('stateless', number, renewed.invitationCodes[0])).toBe('done')
    expect(await outcomeOf('citizen', 'renewInvitation', { applicationId: id })).toBe('application.wrong_state')
  })
})

describe('withdrawApplication', () => {
  it('lets a co-applicant take the consent back, which ends the application', async () => {
    const { id, number, code } = await submitted()
    expect(await outcomeOf('other-citizen', 'withdrawApplication', { applicationId: id })).toBe('application.unknown')
    expect(await confirm('other-citizen', number, code)).toBe('done')
    expect(await outcomeOf('other-citizen', 'withdrawApplication', { applicationId: id })).toBe('done')
    expect(await stateOf(number)).toBe('WITHDRAWN')
  })
})

describe('invitation', () => {
  it('shows what is to be confirmed, and the applicant reads in accessLog that it was shown', async () => {
    const { number, code } = await submitted()
    expect(await invitationOf(as('other-citizen'), number, code.toLowerCase())).toMatchObject({
      number,
      confirmBy: '2026-12-02T08:00:00.000Z',
      service: { code: 'DIN-ADDRESS-REG' },
      agency: { code: 'BPQMI' },
      content: {
        answers: { newAddress: { street: 'Sınaq' }, applicant: { surname: 'Sınaq TEST001' } },
        applicant: { identifiers: [{ type: 'FIN', value: 'TEST001' }] },
      },
    })
    const { data, errors } = await ask(
      '{ accessLog(first: 100) { nodes { application kind fields purpose { code } by { kind } } } }',
      { headers: await as('citizen') },
    )
    expect(errors).toBeUndefined()
    expect(data?.accessLog.nodes.filter((look: { application: string }) => look.application === number)).toEqual([
      {
        application: number,
        kind: 'CASE',
        fields: ['application'],
        purpose: { code: 'OWN_DATA' },
        by: { kind: 'PERSON' },
      },
    ])
  })

  it('is null without both number and code', async () => {
    const [one, another] = [await submitted(), await submitted()]
    const others: [number: string, code: string][] = [
      [one.number, 'WRONG-CODE'],
      [one.number, another.code],
      ['M26-0000001-A', one.code],
      ['', ''],
      ["' or true --", '\u0000'],
    ]
    for (const [number, code] of others) expect(await invitationOf(as('other-citizen'), number, code)).toBeNull()
  })

  it('is null once the application is confirmed or withdrawn', async () => {
    const [one, another] = [await submitted(), await submitted()]
    expect(await confirm('other-citizen', one.number, one.code)).toBe('done')
    expect(await invitationOf(as('other-citizen'), one.number, one.code)).toBeNull()
    expect(await outcomeOf('citizen', 'withdrawApplication', { applicationId: another.id })).toBe('done')
    expect(await invitationOf(as('other-citizen'), another.number, another.code)).toBeNull()
  })

  it('requires a person with assurance SUBSTANTIAL', async () => {
    const { number, code } = await submitted()
    const unsure = as('other-citizen', { acr: 'urn:pencere:sandbox:low' })
    expect(await invitationOf(unsure, number, code)).toBe('STEP_UP_REQUIRED')
    expect(await invitationOf(as('officer'), number, code)).toBe('FORBIDDEN')
    expect(await invitationOf(Promise.resolve({}), number, code)).toBe('UNAUTHENTICATED')
  })
})

describe('Journey: a couple applies to marry', () => {
  const { valid = [] } = dataFiles().forms['ED-MARRIAGE']?.examples ?? {}
  const [withFin, withoutFin] = valid as { applicant: object; spouse: object }[]
  const citizen = { fin: 'TEST001', surname: 'Sınaq', givenName: 'Vətəndaş', birthDate: '1990-01-01' }
  /** What the registries of the tests say about `other-citizen`. */
  const other = {
    fin: 'TEST002',
    surname: 'Sınaq TEST002',
    givenName: 'Test',
    birthDate: '1990-01-01',
    sex: 'M',
    before: 'NEVER_MARRIED',
    endOfMarriage: undefined,
  }
  /** The citizen submits the form of an example, with other particulars of the spouse. */
  async function marry(example: typeof withFin, spouse: object) {
    const answers = {
      ...example,
      applicant: { ...example?.applicant, ...citizen },
      spouse: { ...example?.spouse, ...spouse },
    }
    const partyId = await partyOf('citizen')
    // A person can have one open marriage.
    await database.client`update applications set state = 'WITHDRAWN' where service_code = 'ED-MARRIAGE'`
    const key = await insertApplication(database, keyring, { partyId, service: 'ED-MARRIAGE', state: 'DRAFT', answers })
    const { number, revision } = await rowOf(key)
    const input = { applicationId: nodeIdOf('Application', key), revision }
    return { sent: await send('citizen', 'submitApplication', input, 'invitationCodes'), number }
  }
  async function marriage(example: typeof withFin, spouse: object = {}) {
    const { sent, number } = await marry(example, spouse)
    return [number, sent.invitationCodes[0]] as [number: string, code: string]
  }

  it('lets only the spouse whose FİN is in the form see and confirm it', async () => {
    const invited = await marriage(withFin, other)
    for (const stranger of ['company-head', 'stateless']) {
      expect(await invitationOf(as(stranger), ...invited)).toBeNull()
      expect(await confirm(stranger, ...invited)).toBe('application.names_another')
    }
    expect((await invitationOf(as('other-citizen'), ...invited)).content.answers.spouse.fin).toBe('TEST002')
    expect(await confirm('other-citizen', ...invited)).toBe('done')
    const { state, content } = await read(invited[0], 'state content { sources { at registry } }')
    expect(state).toBe('SUBMITTED')
    expect(content.sources).toContainEqual({ at: ['spouse', 'birthDate'], registry: 'POPULATION' })
  })

  it('marks the part of the spouse as declared while the register is down, and asks again about the spouse', async () => {
    world.failing.set('POPULATION', FailureReason.DOWN)
    onTestFinished(() => void world.failing.clear())
    const signedIn = { fin: 'TEST007', surname: 'Sınaq', givenName: 'Şirkət Nümayəndəsi', birthDate: '1992-07-07' }
    const [number, code] = await marriage(withFin, { ...other, ...signedIn })
    expect(await confirm('company-delegate', number, code)).toBe('done')
    const { content } = await read(number, 'content { sources { at registry declaredAt } }')
    expect(content.sources).toContainEqual({
      at: ['spouse', 'sex'],
      registry: 'POPULATION',
      declaredAt: '2026-11-25T08:00:00.000Z',
    })
    world.failing.clear()
    world.asked.splice(0)
    await run(askRegistriesLater, keyOf((await read(number, 'id')).id), 'application.registries_again')
    expect(world.asked.map(({ message }) => message.body)).toContainEqual({ fins: ['TEST007'] })
    const later = await read(number, 'content { sources { at origin } }')
    expect(later.content.sources).toContainEqual({ at: ['spouse', 'sex'], origin: 'REGISTRY' })
  })

  it('returns to the applicant where the part of the spouse is wrong, and says to each what', async () => {
    const [number, code] = await marriage(withFin, { ...other, birthDate: '1991-02-03' })
    const receipt = 'documents { number code revokedAt }'
    const { documents } = await read(number, receipt)
    const input = { applicationNumber: number, code }
    const selection = 'application { id } differences { reason field params { name value } }'
    const sent = await send('other-citizen', 'confirmApplication', input, selection)
    const field = ['answers', 'spouse', 'birthDate']
    const written = { name: 'written', value: '1991-02-03' }
    expect(sent).toMatchObject({
      application: null,
      userErrors: [],
      differences: [
        {
          reason: 'application.differs',
          field,
          params: expect.arrayContaining([written, { name: 'known', value: '1990-01-01' }]),
        },
      ],
    })
    const shown =
      'state submittedAt parties { role } differences { reason field params { name value } } documents { revokedAt }'
    const returned = await read(number, shown)
    expect(returned).toMatchObject({
      state: 'DRAFT',
      submittedAt: null,
      parties: [{ role: 'APPLICANT' }],
      differences: [{ reason: 'application.disputed', field, params: expect.arrayContaining([written]) }],
      documents: [{ revokedAt: '2026-11-25T08:00:00.000Z' }],
    })
    expect(JSON.stringify(returned.differences)).not.toContain('1990-01-01')
    const [held] = documents
    const verify = `{ verifyDocument(number: "${held.number}", code: "${held.code}") { valid document { revokedAt } } }`
    expect((await ask(verify)).data.verifyDocument).toEqual({
      valid: true,
      document: { revokedAt: '2026-11-25T08:00:00.000Z' },
    })
    expect(await confirm('other-citizen', number, code)).toBe('application.no_invitation')
    const { id, revision, content } = await read(number, 'id revision content { answers }')
    const answers = { ...content.answers, spouse: { ...content.answers.spouse, birthDate: '1990-01-01' } }
    expect(await outcomeOf('citizen', 'saveDraft', { applicationId: id, revision, answers })).toBe('done')
    expect((await read(number, 'differences { reason }')).differences).toEqual([])
    const again = { applicationId: id, revision: revision + 1 }
    const { invitationCodes } = await send('citizen', 'submitApplication', again, 'invitationCodes')
    expect(await confirm('other-citizen', number, invitationCodes[0])).toBe('done')
  })

  it('lets only the spouse whose document number is in the form see and confirm it', async () => {
    const another = await marriage(withoutFin)
    expect(await confirm('stateless', ...another)).toBe('application.names_another')
    expect(await invitationOf(as('stateless'), ...another)).toBeNull()
    const invited = await marriage(withoutFin, { passport: 'DYITEST0005' })
    expect(await confirm('other-citizen', ...invited)).toBe('application.names_another')
    expect((await invitationOf(as('stateless'), ...invited)).content.answers.spouse.surname).toBe('Sample')
    expect(await confirm('stateless', ...invited)).toBe('done')
  })

  it('rejects a form that names the applicant as the spouse', async () => {
    const { sent, number } = await marry(withFin, { fin: 'TEST001' })
    const userError = { code: 'INVALID', reason: 'answer.names_applicant', field: ['answers', 'spouse'] }
    expect(sent.userErrors).toMatchObject([userError])
    expect((await read(number, 'validationErrors { code reason field }')).validationErrors).toEqual([userError])
  })
})
