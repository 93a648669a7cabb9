import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ApplicationState } from '../../src/applications/application.table.js'
import { requestIsOver } from '../../src/applications/casework/requestIsOver.js'
import { UploadState } from '../../src/documents/uploads/upload.table.js'
import { insertCoApplicant } from '../support/applicationRow.js'
import { applyingOf, type Case, keyOf, movingAnswers, registrars, start } from '../support/applying.js'

const { database, clock, outcomeOf, run, read, timelineOf, partyOf, rowOf, inReview, upload } = await applyingOf()
const { client } = database
const officer = 'registration-officer'
beforeAll(async () => void (await registrars(database)))
beforeEach(() => clock.set(start))

const lastMoment = new Date('2026-12-10T14:00:00Z')
/** An application whose term of five working days, until 2026-12-02, is paused. */
const requested = (more: { pausedAt?: Date; respondBy?: Date } = {}) =>
  inReview(officer, { state: ApplicationState.INFORMATION_REQUESTED, pausedAt: start, respondBy: lastMoment, ...more })
const respond = ({ id, revision }: Case, input: object, persona = 'citizen') =>
  outcomeOf(persona, 'respondToRequest', { applicationId: id, revision, ...input })
const deadlinesOf = async (key: string) => await client`select type, due_at from deadlines where subject = ${key}`

describe('requestInformation', () => {
  it('pauses the term, and gives the applicant until the end of the last day', async () => {
    const { id, key, number, revision } = await inReview(officer)
    clock.set('2026-11-27T08:00:00Z')
    const input = { applicationId: id, revision, text: 'Mülkiyyət sənədi', until: '2026-12-10' }
    expect(await outcomeOf(officer, 'requestInformation', input)).toBe('done')
    expect(await rowOf(key)).toMatchObject({
      state: 'INFORMATION_REQUESTED',
      dueOn: '2026-12-02',
      pausedAt: clock.now(),
      respondBy: lastMoment,
    })
    expect((await timelineOf(number)).at(-1)).toMatchObject({ by: 'OFFICER', text: 'Mülkiyyət sənədi' })
    expect(await deadlinesOf(key)).toMatchObject([{ type: 'application.request_over' }])
  })

  it('requires a text, and a last day from tomorrow on and within a year', async () => {
    const { id, revision } = await inReview(officer)
    for (const until of ['2026-11-25', '2028-01-01'])
      expect(await outcomeOf(officer, 'requestInformation', { applicationId: id, revision, text: ' ', until })).toBe(
        'text.missing request.until',
      )
  })
})

describe('respondToRequest', () => {
  it('resumes the term, and says so in the timeline', async () => {
    const found = await requested({ pausedAt: new Date('2026-11-27T08:00:00Z') })
    clock.set('2026-12-07T08:00:00Z')
    expect(await respond(found, { text: 'Budur' })).toBe('done')
    expect(await rowOf(found.key)).toMatchObject({ state: 'IN_REVIEW', pausedAt: null, respondBy: null })
    expect((await timelineOf(found.number)).at(-1)).toMatchObject({
      type: 'application.information_given',
      by: 'APPLICANT',
      text: 'Budur',
      dueOn: '2026-12-10',
      dueReason: 'term.resumed',
    })
    expect(await deadlinesOf(found.key)).toEqual([{ type: 'application.term_over', due_at: '2026-12-10 14:00:00+00' }])
  })

  it.each([
    ['at once', '2026-11-27T08:00:00Z', '2026-11-27T09:00:00Z', '2026-12-02'],
    ['after a weekend', '2026-11-27T08:00:00Z', '2026-11-30T08:00:00Z', '2026-12-03'],
    ['after more than a week', '2026-11-27T08:00:00Z', '2026-12-07T08:00:00Z', '2026-12-10'],
    ['with no day left', '2026-12-02T08:00:00Z', '2027-01-11T08:00:00Z', '2027-01-11'],
    ['in the evening', '2026-11-27T08:00:00Z', '2026-11-27T16:00:00Z', '2026-12-03'],
    ['after a pause that began in the evening', '2026-11-26T16:00:00Z', '2026-11-27T08:00:00Z', '2026-12-02'],
    ['after a pause of a term that was over', '2026-12-04T08:00:00Z', '2026-12-08T08:00:00Z', '2026-12-08'],
  ])('leaves as many working days as were left, when the response comes %s', async (_when, pausedAt, at, dueOn) => {
    const found = await requested({ pausedAt: new Date(pausedAt), respondBy: new Date('2027-02-01T14:00:00Z') })
    clock.set(at)
    expect(await respond(found, { text: 'Budur' })).toBe('done')
    const row = await rowOf(found.key)
    expect(row.dueOn).toBe(dueOn)
    expect(row.dueAt?.getTime()).toBeGreaterThan(clock.now().getTime())
  })

  it('resumes the term from the last day when the response is late', async () => {
    const found = await requested({ respondBy: new Date('2026-12-07T14:00:00Z') })
    clock.set('2026-12-09T09:00:00Z')
    expect(await respond(found, { text: 'Budur' })).toBe('done')
    expect((await rowOf(found.key)).dueOn).toBe('2026-12-14')
  })

  it('leaves no due date when the calendar ends before it', async () => {
    clock.set('2027-12-20T08:00:00Z')
    const found = await requested({ pausedAt: clock.now(), respondBy: new Date('2027-12-30T14:00:00Z') })
    clock.set('2027-12-30T08:00:00Z')
    expect(await respond(found, { text: 'Budur' })).toBe('done')
    expect((await rowOf(found.key)).dueOn).toBeNull()
    expect((await timelineOf(found.number)).at(-1)).toMatchObject({ dueOn: null, dueReason: 'term.beyond_calendar' })
  })

  it('rejects an empty response, a second response, and a response of another person', async () => {
    const found = await requested()
    expect(await respond(found, {})).toBe('response.missing')
    expect(await respond(found, { text: 'Budur' }, 'other-citizen')).toBe('application.unknown')
    expect(await respond(found, { text: 'Budur' })).toBe('done')
    expect(await respond(found, { text: 'Budur' })).toBe('application.changed')
  })

  it('replaces the answers except those of registries and sign-in, and keeps the earlier ones', async () => {
    const found = await requested()
    expect(await respond(found, { answers: { ...movingAnswers, basis: 'OTHER' } })).toBe('answer.missing')
    const changed = { ...movingAnswers, basis: 'OTHER', explanation: 'Qohumdur' }
    expect(await respond(found, { answers: { ...changed, movedOn: '2027-01-01' } })).toBe('answer.in_the_future')
    const forged = { ...changed, applicant: { surname: 'Somebody', fin: 'TEST002' } }
    expect(await respond(found, { answers: forged })).toBe('answer.differs answer.differs')
    expect(await respond(found, { answers: { ...changed, applicant: {} } })).toBe('done')
    const { content } = await read(found.number, 'content { answers earlier { answers until } }', officer)
    expect(content).toEqual({
      answers: changed,
      earlier: [{ answers: movingAnswers, until: '2026-11-25T08:00:00.000Z' }],
    })
  })

  it('rejects other answers once a co-applicant has confirmed them, and accepts a text', async () => {
    const found = await requested()
    await insertCoApplicant(database, found.key, await partyOf('other-citizen'))
    const answers = { ...movingAnswers, contact: { phone: '+994125555556' } }
    expect(await respond(found, { answers })).toBe('answers.confirmed')
    expect(await respond(found, { text: 'Budur' })).toBe('done')
    expect((await read(found.number, 'content { answers }')).content.answers).toEqual(movingAnswers)
  })

  it('adds clean files of the applicant to the earlier ones', async () => {
    const found = await requested()
    const [first, second] = [await upload(), await upload()]
    await client`insert into attachments (id, application_id, upload_id, attached_at)
      values (gen_random_uuid(), ${found.key}, ${keyOf(first)}, now())`
    const attach = (...files: string[]) => respond(found, { attachments: files.map((uploadId) => ({ uploadId })) })
    expect(await attach(first)).toBe('attachments.twice')
    expect(await attach(await upload('other-citizen'))).toBe('upload.unknown')
    expect(await attach(await upload('citizen', UploadState.SCANNING))).toBe('upload.scanning')
    expect(await attach(...Array.from({ length: 30 }, () => 'nothing'))).toMatch(/attachments\.too_many/)
    expect(await attach(second)).toBe('done')
    expect((await read(found.number, 'attachments { file { name } }', officer)).attachments).toHaveLength(2)
  })
})

describe('requestIsOver', () => {
  it('resumes the term from the last day, however late it runs, and informs the officer', async () => {
    const found = await requested({ respondBy: new Date('2026-12-07T14:00:00Z') })
    clock.set('2026-12-08T09:00:00Z')
    for (let twice = 0; twice < 2; twice++)
      await run(requestIsOver, found.key, 'application.request_over', new Date('2026-12-07T14:00:00Z'))
    // All five working days were left when the request was sent.
    expect(await rowOf(found.key)).toMatchObject({
      state: 'IN_REVIEW',
      dueOn: '2026-12-14',
      pausedAt: null,
      respondBy: null,
    })
    const entries = (await timelineOf(found.number)).filter(
      ({ type }: { type: string }) => type === 'application.resumed',
    )
    expect(entries).toMatchObject([
      { by: 'SYSTEM', at: '2026-12-07T14:00:00.000Z', dueOn: '2026-12-14', dueReason: 'term.resumed' },
    ])
    const [event] = await client`select ids from events where subject = ${found.key} and type = 'application.resumed'`
    expect(event?.ids).toEqual({ officer: await partyOf(officer) })
    expect(await deadlinesOf(found.key)).toEqual([{ type: 'application.term_over', due_at: '2026-12-14 14:00:00+00' }])
  })

  it('does nothing once the applicant has responded', async () => {
    const found = await requested()
    expect(await respond(found, { text: 'Budur' })).toBe('done')
    const before = await rowOf(found.key)
    await run(requestIsOver, found.key, 'application.request_over', lastMoment)
    expect(await rowOf(found.key)).toEqual(before)
  })
})
