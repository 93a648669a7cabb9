import { afterAll, describe, expect, it } from 'vitest'
import { openExchange } from '../../src/exchange/registries/openExchange.js'
import { applyingOf, start } from '../support/applying.js'
import { appointed, finOf } from '../support/appointed.js'
import { dataFiles } from '../support/dataFiles.js'
import { registriesOfTest } from '../support/registries.js'

// The services of this file go from the first question to the agency, or to the payment, by the registers of the sandbox.
type Answers = Record<string, unknown>

const registries = await registriesOfTest({ now: () => start })
const log = { debug() {}, info() {}, warn() {}, error() {} }
const exchange = openExchange(registries.exchange, { now: () => start, log })
afterAll(() => exchange.close())
const { database, send, read } = await applyingOf({ exchange })
const { forms } = dataFiles()

const isObject = (value: unknown): value is Answers =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
/** As in RFC 7396. */
function patched(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch
  const merged = { ...(isObject(target) ? target : {}) }
  for (const [name, value] of Object.entries(patch))
    if (value === null) delete merged[name]
    else merged[name] = patched(merged[name], value)
  return merged
}

/** A draft with the first example of its form, the changes, and what is filled in. */
async function filled(persona: string, serviceCode: string, changes: object) {
  const { application, error, userErrors } = await send(persona, 'startApplication', { serviceCode })
  expect([serviceCode, error, userErrors]).toEqual([serviceCode, undefined, []])
  const { content } = await read(application.number, 'content { answers }', persona)
  const example = patched(forms[serviceCode]?.examples.valid[0], changes)
  const answers = patched(example, content.answers) as Answers
  return { ...application, answers, known: content.answers as Answers }
}
async function save(persona: string, { id }: { id: string }, answers: object) {
  return await send(persona, 'saveDraft', { applicationId: id, revision: 1, answers })
}
async function submit(persona: string, { id }: { id: string }) {
  const selection = 'application { number state } invitationCodes'
  const submitted = await send(persona, 'submitApplication', { applicationId: id, revision: 2 }, selection)
  return { ...submitted.application, codes: submitted.invitationCodes, errors: submitted.userErrors }
}

const ownFather = {
  hasFin: true,
  fin: 'TEST001',
  passport: null,
  surname: 'Sınaq',
  givenName: 'Vətəndaş',
  patronymic: 'Sınaq oğlu',
  birthDate: '1990-01-01',
  citizenship: 'AZ',
}
/** The rest of what identifies her is in the marriage record. */
const wife = { hasFin: null, fin: null, birthDate: null, surname: 'Sınaq', givenName: 'Həyat Yoldaşı' }
/** As the registry of civil status acts has it. */
const ownMarriage = { number: 'TEST-V-0002', registeredOn: '2010-05-20' }
const anotherName = { surname: 'Başqasıyev', givenName: 'Başqası' }

describe('Walk', () => {
  it.each([
    [
      'DIN-ADDRESS-REG',
      'citizen',
      { basis: 'OWNER', owner: null, lease: null, household: null },
      'applicant',
      'SUBMITTED',
    ],
    ['DIN-ID-ISSUE', 'citizen', { holder: 'APPLICANT', child: null }, 'applicant', 'AWAITING_PAYMENT'],
    [
      'DMX-TRP',
      'foreign-resident',
      { person: { surname: 'Test', givenName: 'Resident' } },
      'person',
      'AWAITING_PAYMENT',
    ],
    ['DSMF-PENSION', 'pensioner', { kind: 'AGE', breadwinner: null }, 'applicant', 'SUBMITTED'],
    ['DSMF-BENEFIT', 'other-citizen', { kind: 'AGE', child: null, pension: null }, 'applicant', 'SUBMITTED'],
    [
      'ED-BIRTH',
      'citizen',
      { declarant: 'FATHER', father: ownFather, marriage: ownMarriage, mother: wife },
      'father',
      'SUBMITTED',
    ],
  ])('%s is applied for by %s under their own name only', async (service, persona, changes, part, state) => {
    const draft = await filled(persona, service, changes)
    const forged = patched(draft.answers, { [part]: anotherName }) as Answers
    const { userErrors } = await save(persona, draft, forged)
    expect(userErrors.map(({ field }: { field: string[] }) => field.join('.'))).toContain(`answers.${part}.surname`)
    expect((await save(persona, draft, draft.answers)).userErrors).toEqual([])
    expect(await submit(persona, draft)).toMatchObject({ state, errors: [] })
  })
})

describe('Walk of what nobody applied for', async () => {
  await appointed(database, 'pension-head', 'DSMF', ['APPROVER'])
  it.each([
    [
      'DSMF-PENSION',
      'pensioner',
      { kind: 'AGE', payment: 'POST' },
      { employment: { employer: 'Sınaq MMC', startedOn: '2020-01-06', endedOn: '2026-03-31' } },
    ],
    ['DSMF-BENEFIT', 'other-citizen', { kind: 'AGE', payment: 'POST' }, { pension: 'DISABILITY' }],
  ])('%s is assigned to %s from registers', async (serviceCode, persona, answers, known) => {
    const { application } = await send('pension-head', 'startProactive', { serviceCode, fin: finOf(persona), answers })
    const { id, number, revision } = application
    const { content } = await read(number, 'content { answers }', persona)
    expect(content.answers).toMatchObject({ ...answers, ...known, applicant: { fin: finOf(persona) } })
    const decided = { applicationId: id, revision, outcome: 'APPROVED', reasoning: '320.00 AZN' }
    await send('pension-head', 'decideApplication', decided)
    expect(await read(number, 'state', persona)).toEqual({ state: 'APPROVED' })
  })
})

describe('Walk of an identity card', () => {
  it('settles the tariff by the age and the speed, and gives time to pay', async () => {
    const changes = { holder: 'APPLICANT', child: null, speed: 'IN_3_WORKING_DAYS' }
    const draft = await filled('citizen', 'DIN-ID-ISSUE', changes)
    expect(await read(draft.number, 'tariff { code } fees { due }', 'citizen')).toEqual({ tariff: null, fees: [] })
    await save('citizen', draft, draft.answers)
    expect(await submit('citizen', draft)).toMatchObject({ state: 'AWAITING_PAYMENT', errors: [] })
    const shown =
      'payBy tariff { code } fees { due money { amount currency } fee { kind } } timeline(last: 1) { nodes { dueText } }'
    expect(await read(draft.number, shown, 'citizen')).toEqual({
      payBy: '2026-12-25T14:00:00.000Z',
      tariff: { code: 'IN_3_WORKING_DAYS' },
      fees: [{ due: 'BEFORE_REGISTRATION', money: { amount: '50.00', currency: 'AZN' }, fee: { kind: 'STATE_DUTY' } }],
      timeline: { nodes: [{ dueText: expect.any(String) }] },
    })
  })
})

describe('Walk of a birth', () => {
  it('takes the mother from the marriage of the father who declares it', async () => {
    const changes = { declarant: 'FATHER', father: ownFather, marriage: ownMarriage, mother: wife }
    const draft = await filled('citizen', 'ED-BIRTH', changes)
    const forged = patched(draft.answers, { mother: { hasFin: true, fin: '5ABC1D2', ...anotherName } }) as Answers
    const { userErrors } = await save('citizen', draft, forged)
    expect(userErrors).toMatchObject([
      { field: ['answers', 'mother', 'fin'], reason: 'answer.differs' },
      { field: ['answers', 'mother', 'surname'], reason: 'answer.differs' },
    ])
    expect((await save('citizen', draft, draft.answers)).userErrors).toEqual([])
    const { content } = await read(draft.number, 'content { answers sources { at registry } }', 'citizen')
    expect(content.answers.mother).toMatchObject({ hasFin: true, fin: 'TEST030', birthDate: '1991-03-03' })
    expect(content.sources).toContainEqual({ at: ['mother', 'birthDate'], registry: 'CIVIL' })
  })

  it('takes each parent from the right register after a wrong declarant was corrected', async () => {
    const { application } = await send('citizen', 'startApplication', { serviceCode: 'ED-BIRTH' })
    const found = []
    for (const [index, declarant] of ['FATHER', 'MOTHER', 'FATHER'].entries()) {
      const answers = { declarant, fatherBasis: 'MARRIAGE' }
      await send('citizen', 'saveDraft', { applicationId: application.id, revision: index + 1, answers })
      const { content } = await read(application.number, 'content { answers sources { at registry } }', 'citizen')
      const sourceOf = new Map(content.sources.map(({ at, registry }: Answers) => [String(at), registry]))
      found.push(['mother', 'father'].map((one) => [content.answers[one].birthDate, sourceOf.get(`${one},birthDate`)]))
    }
    const own = ['1990-01-01', 'POPULATION']
    const hers = ['1991-03-03', 'CIVIL']
    expect(found).toEqual([
      [hers, own],
      [own, hers],
      [hers, own],
    ])
  })
})

describe('Walk of a marriage', () => {
  it('is confirmed by the spouse it names, from their own sign-in and register', async () => {
    const spouse = {
      fin: 'TEST008',
      surname: 'Sınaq',
      givenName: 'Başqa Şirkət Rəhbəri',
      patronymic: 'Sınaq oğlu',
      birthDate: '1971-08-08',
      sex: 'M',
      before: 'WIDOWED',
    }
    const draft = await filled('company-delegate', 'ED-MARRIAGE', {
      applicant: { before: 'NEVER_MARRIED', surnameAfter: 'KEEP' },
      spouse,
    })
    expect((await save('company-delegate', draft, draft.answers)).userErrors).toEqual([])
    const { number, codes, ...submitted } = await submit('company-delegate', draft)
    expect(submitted).toEqual({ state: 'AWAITING_CONFIRMATION', errors: [] })
    const code = { applicationNumber: number, code: codes[0] }
    expect((await send('other-citizen', 'confirmApplication', code)).userErrors).toMatchObject([
      { reason: 'application.names_another' },
    ])
    const confirmed = await send('other-company-head', 'confirmApplication', code)
    expect(confirmed).toMatchObject({ application: { state: 'SUBMITTED' }, userErrors: [] })
  })
})
