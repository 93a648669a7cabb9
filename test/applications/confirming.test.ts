import { eq } from 'drizzle-orm'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { applications } from '../../src/applications/application.table.js'
import { namedToConfirm } from '../../src/applications/invitation.rules.js'
import type { FormNode } from '../../src/catalogue/form.fields.js'
import { configFrom } from '../../src/config.js'
import { IdentifierType } from '../../src/identity/identifier.table.js'
import { forgetParty } from '../../src/identity/party.js'
import { applyingOf, keyOf as key, registrars } from '../support/applying.js'
import { appointed } from '../support/appointed.js'
import { unkept } from '../support/database.js'
import { dataFiles } from '../support/dataFiles.js'
import { partiesIn } from '../support/parties.js'
import { as } from '../support/tokens.js'

const { database, clock, ask, send, told, run, look, whole, jobs } = await applyingOf({
  config: configFrom({ LOG_LEVEL: 'silent', CONFIRM_DAYS: '7' }),
})
const { db, client } = database

beforeAll(
  async () =>
    await client`
      insert into processes (id, version_id, term_end, registry_down, co_applicants, waiting_value, waiting_unit,
        appeal_days, proactive, numbered, confidence)
      select gen_random_uuid(), v.id, 'ESCALATED', 'ASKED_OF_PERSON', 1, 30, 'CALENDAR_DAY', 30, false, false, 'SEEN_IN_SOURCE'
      from service_versions v join services s on s.id = v.service_id where s.code = 'DIN-ADDRESS-REG'`,
)
beforeAll(async () => void (await appointed(database, 'officer', 'DVX', ['REVIEWER'])))
beforeEach(() => clock.set(new Date('2026-11-25T08:00:00Z')))

/** One that the citizen has sent, and another must confirm. */
async function couple() {
  const draft = await whole()
  const sent = await send(
    as('citizen'),
    'submitApplication',
    { application: draft.id, revision: draft.revision },
    'application { id number state revision } invitationCodes',
  )
  const codes: string[] = sent.invitationCodes
  return { ...sent.application, codes, code: codes[0] as string }
}
const confirm = (persona: string, number: string, code: string) =>
  told(as(persona), 'confirmApplication', { number, code })

/** What somebody sees who was told number and code. */
const invited = async (
  who: Promise<Record<string, string>>,
  number: string,
  code: string,
  language: 'az' | 'en' = 'en',
) => {
  const { data, errors } = await ask(
    `query ($number: String!, $code: String!) { invitation(number: $number, code: $code) {
      number confirmBy service { code name } agency { code }
      content { answers applicant { name identifiers { type value } } } } }`,
    { variables: { number, code }, headers: await who, language },
  )
  return errors?.[0]?.extensions.code ?? data?.invitation
}

describe('An application of two', () => {
  it('waits for the second applicant, who confirms it with a code, and for its term', async () => {
    const { id, number, state, code } = await couple()
    expect(state).toBe('AWAITING_CONFIRMATION')
    expect(await confirm('other-citizen', number, 'WRONG-CODE')).toBe('application.no_invitation')
    expect(await confirm('citizen', number, code)).toBe('application.confirmed_by_applicant')
    expect(await confirm('minor', number, code)).toBe('FORBIDDEN')
    expect(await confirm('other-citizen', number, code.toLowerCase())).toBe('done')
    expect(await confirm('company-head', number, code)).toBe('application.no_invitation')
    expect((await look(number, 'state', 'other-citizen')).state).toBe('SUBMITTED')
    await run(jobs.registerApplication, key(id))
    // A Friday; whoever may not decide before has the working day after it.
    expect(await look(number, 'notBefore dueOn')).toEqual({
      ...{ notBefore: '2026-12-25T14:00:00.000Z', dueOn: '2026-12-28' },
    })
  })

  it('is looked at by the second before they confirm it, and the first reads that it was', async () => {
    const { number, code } = await couple()
    expect(await invited(as('other-citizen'), number, code.toLowerCase())).toMatchObject({
      ...{ number, confirmBy: '2026-12-02T08:00:00.000Z' },
      ...{ service: { code: 'DIN-ADDRESS-REG' }, agency: { code: 'BPQMI' } },
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
        kind: 'FILE',
        fields: ['application'],
        purpose: { code: 'OWN_DATA' },
        by: { kind: 'PERSON' },
      },
    ])
  })

  it('is answered to the agency with a text or files once it was confirmed, and says what was confirmed', async () => {
    await registrars(database)
    const { id, number, code } = await couple()
    expect(await confirm('other-citizen', number, code)).toBe('done')
    await run(jobs.registerApplication, key(id))
    const officer = 'registration-deputy'
    const tell = async (who: string, name: string, input: object) => {
      const { revision } = await look(number, 'revision')
      return await told(as(who), name, { application: id, revision, ...input })
    }
    expect(await tell(officer, 'assignApplication', {})).toBe('done')
    expect(await tell(officer, 'requestInformation', { text: 'Sənəd', until: '2026-12-10' })).toBe('done')
    const { answers } = (await look(number, 'content { answers }')).content
    const changed = { ...answers, contact: { phone: '+994125555556' } }
    expect(await tell('citizen', 'respondToRequest', { answers: changed })).toBe('answers.confirmed')
    expect(await tell('citizen', 'respondToRequest', { text: 'Budur' })).toBe('done')
    expect(await look(number, 'state content { answers }')).toEqual({ state: 'IN_REVIEW', content: { answers } })
  })

  it('is confirmed no more once its applicant was forgotten', async () => {
    const { id, number, code } = await couple()
    const party = await partiesIn(database).by('NATURAL_PERSON', IdentifierType.FIN, 'TEST098')
    await client`update applications set party_id = ${party} where id = ${key(id)}`
    await db.transaction((tx) => forgetParty(tx, party, new Date()))
    expect(await invited(as('other-citizen'), number, code)).toBeNull()
    expect(await confirm('other-citizen', number, code)).toBe('application.no_invitation')
  })

  it('is not to be looked at without both number and code, nor once it is confirmed, over or taken back', async () => {
    const [one, another] = [await couple(), await couple()]
    const others = [
      [one.number, 'WRONG-CODE'],
      [one.number, another.code],
      ['M26-0000001-A', one.code],
      ['', ''],
      ["' or true --", '\u0000'],
    ] as const
    for (const [number, code] of others) expect(await invited(as('other-citizen'), number, code)).toBeNull()
    expect(await confirm('other-citizen', one.number, one.code)).toBe('done')
    expect(await invited(as('other-citizen'), one.number, one.code)).toBeNull()
    expect(
      await told(as('citizen'), 'withdrawApplication', { application: another.id, revision: another.revision }),
    ).toBe('done')
    expect(await invited(as('other-citizen'), another.number, another.code)).toBeNull()
    const late = await couple()
    clock.set(new Date('2026-12-02T08:00:00Z'))
    expect(await invited(as('other-citizen'), late.number, late.code)).toBeNull()
  })

  it('is shown to persons alone, and to those who are surely known', async () => {
    const { number, code } = await couple()
    const unsure = as('other-citizen', { acr: 'urn:pencere:sandbox:low' })
    expect(await invited(unsure, number, code)).toBe('STEP_UP_REQUIRED')
    expect(await invited(as('officer'), number, code)).toBe('FORBIDDEN')
    expect(await invited(Promise.resolve({}), number, code)).toBe('UNAUTHENTICATED')
  })

  it('that is not confirmed in time is over', async () => {
    const { id, number, code } = await couple()
    clock.set(new Date('2026-12-03T08:00:00Z'))
    expect(await confirm('other-citizen', number, code)).toBe('application.no_invitation')
    await run(jobs.expireApplication, key(id), 'application.confirmation_over')
    expect((await look(number, 'state')).state).toBe('DISCONTINUED')
    const [row] = await db
      .select()
      .from(applications)
      .where(eq(applications.id, key(id)))
    expect(row?.submittedAt).not.toBeNull()
  })

  it('of three is confirmed by each with a code of their own, which opens nothing a second time', async () => {
    const others = (count: number) =>
      unkept(database, (tx) => tx.execute(`update processes set co_applicants = ${count} where co_applicants > 0`))
    await others(2)
    const { number, codes } = await couple()
    await others(1)
    const [one = '', another = ''] = codes
    const both = await Promise.all(['other-citizen', 'company-head'].map((persona) => confirm(persona, number, one)))
    expect(both.sort()).toEqual(['application.no_invitation', 'done'])
    expect(await invited(as('stateless'), number, one)).toBeNull()
    expect(await confirm('stateless', number, one)).toBe('application.no_invitation')
    expect((await look(number, 'state')).state).toBe('AWAITING_CONFIRMATION')
    expect(await confirm('stateless', number, another)).toBe('done')
    expect((await look(number, 'state')).state).toBe('SUBMITTED')
  })
})

describe('A marriage', () => {
  const { valid = [] } = dataFiles().forms['ED-MARRIAGE']?.examples ?? {}
  const [known, unknown] = valid as { applicant: object; spouse: object }[]
  /** Of the citizen and whom its form names. */
  async function marry(example: typeof known, spouse: object) {
    const { application } = await send(as('citizen'), 'startApplication', { service: 'ED-MARRIAGE' })
    const { answers: held } = (await look(application.number, 'content { answers }')).content
    const answers = {
      ...{ ...example, applicant: { ...example?.applicant, fin: 'TEST001', ...held.applicant } },
      spouse: { ...example?.spouse, ...spouse },
    }
    const { id } = application
    const saved = await send(as('citizen'), 'saveDraft', { application: id, revision: 1, answers })
    const { revision } = saved.application
    const input = { application: id, revision }
    const sent = await send(as('citizen'), 'submitApplication', input, 'invitationCodes')
    return { sent, number: application.number as string }
  }
  async function marriage(example: typeof known, spouse: object = {}) {
    const { sent, number } = await marry(example, spouse)
    return [number, sent.invitationCodes[0]] as [number: string, code: string]
  }

  it('is confirmed by whom its form names, and shown to nobody else, though they have the code', async () => {
    const told = await marriage(known, { fin: 'TEST002' })
    for (const other of ['company-head', 'stateless']) {
      expect(await invited(as(other), ...told)).toBeNull()
      expect(await confirm(other, ...told)).toBe('application.names_another')
    }
    expect((await invited(as('other-citizen'), ...told)).content.answers.spouse.fin).toBe('TEST002')
    expect(await confirm('other-citizen', ...told)).toBe('done')
  })

  it('with one who has no FİN is confirmed by whose document it names', async () => {
    const another = await marriage(unknown)
    const told = await marriage(unknown, { passport: 'TEST0005' })
    expect(await confirm('stateless', ...another)).toBe('application.names_another')
    expect(await invited(as('stateless'), ...another)).toBeNull()
    expect(await confirm('other-citizen', ...told)).toBe('application.names_another')
    expect((await invited(as('stateless'), ...told)).content.answers.spouse.surname).toBe('Sample')
    expect(await confirm('stateless', ...told)).toBe('done')
  })

  it('with oneself is not sent, and what is to be mended says so', async () => {
    const { sent, number } = await marry(known, { fin: 'TEST001' })
    const mistake = { code: 'INVALID', reason: 'answer.names_applicant', field: ['answers', 'spouse'] }
    expect(sent.userErrors).toMatchObject([mistake])
    expect((await look(number, 'faults { code reason field }')).faults).toEqual([mistake])
  })
})

it('Whom a form names to confirm stands wherever it says so, in lists as well; it may be nobody', () => {
  const owner: FormNode = {
    ...{ type: 'object', properties: { fin: { type: 'string', format: 'fin' }, passport: { type: 'string' } } },
    'x-confirms': ['fin', 'passport'],
  }
  const schema: FormNode = {
    type: 'object',
    properties: { first: owner, owners: { type: 'array', maxItems: 5, items: owner }, other: { type: 'string' } },
  }
  expect(namedToConfirm({ type: 'object', properties: { other: { type: 'string' } } }, {})).toBeNull()
  expect(namedToConfirm(schema, { owners: 'TEST001', other: 'x' })).toEqual([])
  expect(namedToConfirm(schema, { first: { fin: 'TEST001' }, owners: [{ passport: 'TEST002' }, {}] })).toEqual([
    { at: ['first'], fins: ['TEST001'], documents: [] },
    { at: ['owners', '0'], fins: [], documents: ['TEST002'] },
    { at: ['owners', '1'], fins: [], documents: [] },
  ])
})
