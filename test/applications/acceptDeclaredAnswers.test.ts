import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ApplicationState } from '../../src/applications/application.table.js'
import { askRegistriesLater } from '../../src/applications/casework/askRegistriesLater.js'
import type { Declared, Prefilled } from '../../src/applications/drafts/prefill.js'
import { forgetParty } from '../../src/identity/parties/party.js'
import { FailureReason } from '../../src/shared/exchange.js'
import { insertApplication, insertCoApplicant } from '../support/applicationRow.js'
import { applyingOf, type Case, prefilled as filled, movingAnswers, registrars, start } from '../support/applying.js'
import { bodyAbout } from '../support/exchange.js'
import { partiesIn } from '../support/parties.js'
import { keyringOfFile as keyring } from '../support/server.js'
import { as } from '../support/tokens.js'

const { database, world, clock, send, outcomeOf, run, read, timelineOf, partyOf, rowOf, draft, inserted } =
  await applyingOf()
const { client } = database
const [reviewer, deputy] = ['registration-officer', 'registration-deputy'] as const
beforeAll(async () => void (await registrars(database)))
beforeEach(async () => {
  clock.set(start)
  world.failing.clear()
  world.saying.clear()
  world.counted()
  await client`truncate registry_answers`
})

const [at, path] = ['/applicant/sex', ['applicant', 'sex']] as const
const { [at]: source, ...places } = filled.places
const mark: Declared = { registry: 'POPULATION', declaredAt: start.toISOString() }
/** The population register was down, and the applicant has answered. */
const declared = (sex: Declared): Prefilled => ({ ...filled, places, missing: [at], declared: { [at]: sex } })
const disputed = declared({ ...mark, found: { value: 'F', source: source! } })
const unsettled = [at]

const origin = `content { sources { at origin registry messageId declaredAt fetchedAt registryValue acceptedAt acceptedFor } }`
const sourceIn = (content: { sources: { at: string[] }[] }) =>
  content.sources.find((one) => one.at.join() === path.join())
const sourceOf = async ({ number }: Case, persona = 'citizen') =>
  sourceIn((await read(number, origin, persona)).content)
const typesOf = async ({ number }: Case) => (await timelineOf(number)).map(({ type }: { type: string }) => type)
const dueOf = async ({ key }: Case) =>
  (await client`select due_at from deadlines where subject = ${key} and type = 'application.registries_again'`).map(
    (row) => new Date(row.due_at).toISOString(),
  )
const askAgain = ({ key }: Case) => run(askRegistriesLater, key, 'application.registries_again')
const decide = ({ id }: Case, revision: number) =>
  send(deputy, 'decideApplication', { applicationId: id, revision, outcome: 'APPROVED' })
const inReview = (prefilled: Prefilled, more = {}) =>
  inserted({ state: ApplicationState.IN_REVIEW, prefilled, more: { unsettled, ...more } })

describe('askRegistriesLater', () => {
  it('asks a registry that was down until it confirms the answer, which nobody can decide on before', async () => {
    const { id, key, number, revision } = await draft({ prefilled: { ...filled, places, missing: [at] } })
    expect(await outcomeOf('citizen', 'submitApplication', { applicationId: id, revision })).toBe('done')
    const found = { id, key, number, revision }
    expect(await sourceOf(found)).toMatchObject({
      origin: 'DECLARED',
      registry: 'POPULATION',
      declaredAt: start.toISOString(),
      fetchedAt: null,
    })
    expect(await dueOf(found)).toEqual(['2026-11-25T08:05:00.000Z'])
    world.failing.set('POPULATION', FailureReason.DOWN)
    clock.set('2026-11-25T08:20:00Z')
    await askAgain(found)
    expect(await dueOf(found)).toEqual(['2026-11-25T08:40:00.000Z'])
    expect(await rowOf(key)).toMatchObject({ unsettled, revision: revision + 1 })
    world.failing.clear()
    await client`delete from deadlines where subject = ${key}`
    await askAgain(found)
    expect(await rowOf(key)).toMatchObject({ unsettled: [], revision: revision + 2 })
    expect(await sourceOf(found)).toMatchObject({
      origin: 'REGISTRY',
      declaredAt: start.toISOString(),
      fetchedAt: '2026-11-25T08:20:00.000Z',
    })
    expect((await typesOf(found)).at(-1)).toBe('application.answers_confirmed')
    expect(await dueOf(found)).toEqual([])
    const logged = await client`
      select actor, 'sex' = any(fields) as sex, (select code from purposes where id = purpose_id) as purpose
      from accesses where application = ${number} and message_id is not null and outcome = 'SHOWN'`
    expect([...logged]).toEqual([{ actor: 'registries', sex: true, purpose: 'APPLICATION' }])
  })

  it('shows the officer another value of the registry once, and asks no more', async () => {
    const found = await inReview(declared(mark), { officerId: await partyOf(deputy) })
    world.saying.set('POPULATION', () => {
      const { persons } = bodyAbout('POPULATION', ['TEST001']) as { persons: object[] } // as it says there
      return { persons: persons.map((person) => ({ ...person, sex: 'FEMALE' })) }
    })
    for (let twice = 0; twice < 2; twice++) await askAgain(found)
    expect(await sourceOf(found, deputy)).toMatchObject({ origin: 'DECLARED', registryValue: 'F' })
    expect(await typesOf(found)).toEqual(['application.started', 'application.answers_disputed'])
    expect(await dueOf(found)).toEqual([])
  })

  it('shows the other value to the applicant, but not to a co-applicant', async () => {
    const found = await inReview(disputed)
    await insertCoApplicant(database, found.key, await partyOf('other-citizen'))
    expect(await sourceOf(found)).toMatchObject({ registryValue: 'F' })
    expect(await sourceOf(found, 'other-citizen')).toMatchObject({ origin: 'DECLARED', registryValue: null })
  })

  it('shows another value about a co-applicant to them, but not to the applicant', async () => {
    const aboutSpouse: Prefilled = { ...disputed, declared: { '/spouse/sex': disputed.declared![at]! } }
    const partyId = await partyOf('citizen')
    const wanted = { partyId, service: 'ED-MARRIAGE', state: 'IN_REVIEW' as const, prefilled: aboutSpouse }
    const key = await insertApplication(database, keyring, wanted)
    await insertCoApplicant(database, key, await partyOf('other-citizen'))
    const { number } = await rowOf(key)
    const valueFor = async (persona: string) =>
      (await read(number, 'content { sources { at registryValue } }', persona)).content.sources.find(
        (one: { at: string[] }) => one.at.join() === 'spouse,sex',
      ).registryValue
    expect([await valueFor('citizen'), await valueFor('other-citizen')]).toEqual([null, 'F'])
  })

  it('does nothing once the applicant was forgotten', async () => {
    const found = await inReview(declared(mark))
    await insertCoApplicant(database, found.key, await partyOf('other-citizen'))
    const forgotten = await partiesIn(database).person()
    await client`update applications set party_id = ${forgotten} where id = ${found.key}`
    await database.db.transaction((tx) => forgetParty(tx, forgotten, new Date()))
    await askAgain(found)
    expect([world.counted(), await dueOf(found)]).toEqual([{}, []])
  })

  it('asks nothing once the application is closed', async () => {
    const found = await inserted({ state: ApplicationState.WITHDRAWN, prefilled: declared(mark), more: { unsettled } })
    await askAgain(found)
    expect([world.counted(), await dueOf(found)]).toEqual([{}, []])
  })
})

describe('acceptDeclaredAnswers', () => {
  const accept = ({ id, revision }: Case, more = {}, by: Parameters<typeof outcomeOf>[0] = deputy) =>
    outcomeOf(by, 'acceptDeclaredAnswers', { applicationId: id, revision, answers: [path], reason: 'Sənəd', ...more })

  it('lets the officer decide, and shows the applicant the reason', async () => {
    const found = await inReview(disputed, { officerId: await partyOf(deputy) })
    const { userErrors } = await decide(found, found.revision)
    expect(userErrors).toMatchObject([
      { code: 'NOT_ALLOWED_NOW', reason: 'application.unsettled', params: [{ name: 'labels', value: 'Sex' }] },
    ])
    const { viewerCan } = await read(found.number, 'viewerCan { action reason message missing }', deputy)
    const { reason, message } = userErrors[0]
    expect(viewerCan).toContainEqual({ action: 'APPROVE', reason, message, missing: unsettled })
    expect(await accept(found)).toBe('done')
    expect(await sourceOf(found)).toMatchObject({
      origin: 'ACCEPTED',
      acceptedAt: start.toISOString(),
      acceptedFor: 'Sənəd',
    })
    expect((await timelineOf(found.number)).at(-1)).toMatchObject({
      type: 'application.answers_accepted',
      by: 'OFFICER',
      text: 'Sənəd',
    })
    expect((await decide(found, found.revision + 1)).userErrors).toEqual([])
  })

  it('requires a reason, and answers that are DECLARED', async () => {
    const found = await inReview(disputed, { officerId: await partyOf(deputy) })
    const answers = [path, ['applicant', 'surname']]
    expect(await accept(found, { answers, reason: ' ' })).toBe('text.missing answer.not_declared')
    expect(await accept(found, { answers: [] })).toBe('answer.not_declared')
    const settled = await inReview(filled, { officerId: await partyOf(deputy), unsettled: [] })
    expect(await accept(settled)).toBe('application.settled')
  })

  it('requires the assigned officer, as APPROVER with a sign-in within ten minutes', async () => {
    const found = await inReview(disputed, { officerId: await partyOf(deputy) })
    const long = as(deputy, { auth_time: Math.floor(Date.now() / 1000) - 700 })
    expect(await accept(found, {}, long)).toBe('STEP_UP_REQUIRED')
    expect(await accept(found, {}, reviewer)).toBe('FORBIDDEN')
    expect(await accept(found, {}, 'registration-head')).toBe('application.not_assigned')
  })
})

describe('appealDecision', () => {
  it('has the registry asked again about answers that were not settled', async () => {
    const found = await inReview(declared(mark), { officerId: await partyOf(deputy) })
    const { id, revision } = found
    const decision = { outcome: 'DISCONTINUED', reasoning: 'Sənəd çatmır', norm: 'Sınaq norması 1' }
    expect(await outcomeOf(deputy, 'decideApplication', { applicationId: id, revision, ...decision })).toBe('done')
    expect(await outcomeOf('citizen', 'appealDecision', { applicationId: id, text: 'Sənəd var idi' })).toBe('done')
    expect(await dueOf(found)).toEqual(['2026-11-25T08:05:00.000Z'])
  })
})

describe('respondToRequest', () => {
  it('has the registry asked about a corrected answer only', async () => {
    const state = ApplicationState.INFORMATION_REQUESTED
    const requested = { state, pausedAt: start, respondBy: new Date('2026-12-10T14:00:00Z') }
    const corrected = { ...movingAnswers, applicant: { ...movingAnswers.applicant, sex: 'F' } }
    clock.set('2026-11-25T09:00:00Z')
    const sourceAfter = async (answers: object) => {
      const found = await inReview(disputed, requested)
      const input = { applicationId: found.id, revision: found.revision, answers }
      expect(await outcomeOf('citizen', 'respondToRequest', input)).toBe('done')
      return [await sourceOf(found), await dueOf(found)]
    }
    const anew = { origin: 'DECLARED', registryValue: null, declaredAt: '2026-11-25T09:00:00.000Z' }
    expect(await sourceAfter(corrected)).toMatchObject([anew, ['2026-11-25T09:05:00.000Z']])
    const asBefore = { origin: 'DECLARED', registryValue: 'F', declaredAt: start.toISOString() }
    expect(await sourceAfter({ ...movingAnswers, movedOn: '2026-11-02' })).toMatchObject([asBefore, []])
  })
})
