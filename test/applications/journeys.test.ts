import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { registerApplication } from '../../src/applications/registerApplication.js'
import { applyingOf, keyOf, moving, registrars, start } from '../support/applying.js'

const { database, clock, send, run, read, timelineOf, inReview } = await applyingOf()
const deputy = 'registration-deputy'
beforeAll(async () => void (await registrars(database)))
beforeEach(() => clock.set(start))

/** Sends a mutation with the current revision, which must succeed. */
async function act(persona: string, name: string, number: string, input: object) {
  const { id, revision } = await read(number, 'id revision')
  const { error, userErrors } = await send(persona, name, { application: id, revision, ...input })
  expect([name, error, userErrors]).toEqual([name, undefined, []])
}

describe('Journey: a citizen moves house', () => {
  it('goes from a draft through a request for information to the result', async () => {
    const { application } = await send('citizen', 'startApplication', { service: 'DIN-ADDRESS-REG' })
    const { id, number } = application
    await act('citizen', 'saveDraft', number, { answers: moving })
    await act('citizen', 'submitApplication', number, {})
    await run(registerApplication, keyOf(id))
    await act(deputy, 'assignApplication', number, {})
    await act(deputy, 'requestInformation', number, { text: 'Mülkiyyət sənədi', until: '2026-12-10' })
    await act('citizen', 'respondToRequest', number, { text: 'Budur' })
    await act(deputy, 'decideApplication', number, { outcome: 'APPROVED' })
    const { id: completed } = await read(number, 'id')
    expect((await send(deputy, 'completeApplication', { application: completed })).userErrors).toEqual([])

    expect(await read(number, 'state dueOn documents { kind }')).toEqual({
      state: 'COMPLETED',
      dueOn: '2026-12-02',
      documents: expect.arrayContaining([{ kind: 'RECEIPT' }, { kind: 'DECISION' }]),
    })
    const happened = [
      'application.started',
      'application.saved',
      'application.submitted',
      'application.registered',
      'application.assigned',
      'application.information_requested',
      'application.information_given',
      'application.approved',
      'application.completed',
    ]
    expect((await timelineOf(number)).map(({ type }: { type: string }) => type)).toEqual(happened)
    const events = await database.client`select type from events where subject = ${keyOf(id)} order by id`
    expect(events.map(({ type }) => type)).toEqual(happened)
    expect(await database.client`select 1 from deadlines where subject = ${keyOf(id)}`).toHaveLength(0)
  })
})

describe('Journey: an officer asks twice, and extends the term in between', () => {
  it('adds up the pauses and the extension', async () => {
    const { number } = await inReview(deputy)
    const dueOn = async () => (await read(number, 'dueOn')).dueOn
    clock.set('2026-11-26T08:00:00Z')
    await act(deputy, 'requestInformation', number, { text: 'Bir', until: '2026-12-31' })
    clock.set('2026-12-03T08:00:00Z')
    await act('citizen', 'respondToRequest', number, { text: 'Bir' })
    expect(await dueOn()).toBe('2026-12-09')
    await act(deputy, 'extendTerm', number, { by: 7, reason: 'Sorğu' })
    expect(await dueOn()).toBe('2026-12-16')
    await act(deputy, 'requestInformation', number, { text: 'İki', until: '2026-12-31' })
    clock.set('2026-12-04T08:00:00Z')
    await act('citizen', 'respondToRequest', number, { text: 'İki' })
    expect(await dueOn()).toBe('2026-12-17')
    const reasons = (await timelineOf(number)).flatMap(({ dueReason }: { dueReason: string | null }) => dueReason ?? [])
    expect(reasons).toEqual(['term.registered', 'term.resumed', 'term.extended', 'term.resumed'])
  })
})
