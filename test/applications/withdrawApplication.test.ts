import { beforeEach, describe, expect, it } from 'vitest'
import { ApplicationState } from '../../src/applications/application.table.js'
import { expireApplication } from '../../src/applications/drafts/expireApplication.js'
import { registerApplication } from '../../src/applications/submission/registerApplication.js'
import { applyingOf, movingAnswers, start } from '../support/applying.js'
import { as } from '../support/tokens.js'

const { database, clock, ask, outcomeOf, run, read, timelineOf, rowOf, inserted, draft, inReview, upload } =
  await applyingOf()
beforeEach(() => clock.set(start))

const content = 'content { answers sources { at } }'
const attached = 'attachments { upload { id } }'
const withdraw = (applicationId: string, persona = 'citizen') =>
  outcomeOf(persona, 'withdrawApplication', { applicationId })

describe('withdrawApplication', () => {
  it('removes the answers of a draft', async () => {
    const { id, number } = await draft()
    expect(await withdraw(id)).toBe('done')
    const withdrawn = await read(number, `state ${content}`)
    expect(withdrawn).toEqual({ state: 'WITHDRAWN', content: { answers: {}, sources: [] } })
  })

  it('keeps the answers of a submitted application, which is then not registered', async () => {
    const { id, key, number } = await inserted({ state: ApplicationState.SUBMITTED })
    expect(await withdraw(id)).toBe('done')
    await run(registerApplication, key)
    const { state, content: kept } = await read(number, `state ${content}`)
    expect([state, kept.answers, kept.sources.length > 0]).toEqual(['WITHDRAWN', movingAnswers, true])
  })

  it('ends a request for information, and clears the deadlines', async () => {
    const { id, key } = await inReview('registration-officer', {
      state: ApplicationState.INFORMATION_REQUESTED,
      pausedAt: start,
      respondBy: new Date('2026-12-10T14:00:00Z'),
    })
    expect(await withdraw(id)).toBe('done')
    expect(await rowOf(key)).toMatchObject({ state: 'WITHDRAWN', respondBy: null, pausedAt: null })
    expect(await database.client`select 1 from deadlines where subject = ${key}`).toHaveLength(0)
  })

  it('answers the same about the application of another person and one that does not exist', async () => {
    const { id } = await draft()
    expect(await withdraw('bm90aGluZw', 'minor')).toBe('application.unknown')
    expect(await withdraw(id, 'minor')).toBe('application.unknown')
  })
})

describe('expireApplication', () => {
  it('removes the answers and files of a draft, once, and keeps the files of its party', async () => {
    const { id, key, number, revision } = await draft()
    const file = await upload()
    const save = { applicationId: id, revision, answers: movingAnswers, attachments: [{ uploadId: file }] }
    expect(await outcomeOf('citizen', 'saveDraft', save)).toBe('done')
    expect((await read(number, attached)).attachments).toHaveLength(1)
    for (let twice = 0; twice < 2; twice++) await run(expireApplication, key, 'application.draft_expires')
    const expired = await read(number, `state ${content} ${attached}`)
    expect(expired).toEqual({
      state: 'EXPIRED',
      content: { answers: {}, sources: [] },
      attachments: [],
    })
    const types = (await timelineOf(number)).map(({ type }: { type: string }) => type)
    expect(types).toEqual(['application.started', 'application.saved', 'application.expired'])
    const { data } = await ask('query ($id: ID!) { node(id: $id) { id } }', {
      headers: await as('citizen'),
      variables: { id: file },
    })
    expect(data).toEqual({ node: { id: file } })
  })

  it('ends an application that was not confirmed in time, and keeps when it was submitted', async () => {
    const { key } = await inserted({ state: ApplicationState.AWAITING_CONFIRMATION })
    await run(expireApplication, key, 'application.confirmation_over')
    const { state, submittedAt } = await rowOf(key)
    expect([state, submittedAt]).toEqual(['EXPIRED', new Date('2026-11-25T07:00:00Z')])
  })

  it('does nothing for the other deadline of an application', async () => {
    const [one, other] = [await draft(), await inserted({ state: ApplicationState.AWAITING_CONFIRMATION })]
    await run(expireApplication, one.key, 'application.confirmation_over')
    await run(expireApplication, other.key, 'application.draft_expires')
    expect([(await rowOf(one.key)).state, (await rowOf(other.key)).state]).toEqual(['DRAFT', 'AWAITING_CONFIRMATION'])
  })
})
