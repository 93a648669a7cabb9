import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { registerApplication } from '../../src/applications/submission/registerApplication.js'
import { applyingOf, keyOf, moving, registrars, start } from '../support/applying.js'
import { appointed } from '../support/appointed.js'
import { everythingAsText, formsOf } from '../support/everything.js'

const { database, clock, send, run, read, timelineOf, inReview } = await applyingOf()
const { client } = database
const [deputy, head, minister] = ['registration-deputy', 'registration-head', 'interior-head'] as const
beforeAll(async () => {
  await registrars(database)
  await appointed(database, minister, 'DIN', ['APPROVER'])
})
beforeEach(() => clock.set(start))

const withoutRevision = ['openApplication', 'sendApplicationMessage', 'appealDecision']
/** Sends a mutation with the current revision, which must succeed. */
async function act(persona: string, name: string, number: string, input: object) {
  const { id, revision } = await read(number, 'id revision')
  const seen = withoutRevision.includes(name) ? {} : { revision }
  const { error, userErrors } = await send(persona, name, { applicationId: id, ...seen, ...input })
  expect([name, error, userErrors]).toEqual([name, undefined, []])
}

describe('Journey: a citizen moves house', () => {
  it('goes from a draft through a request for information to the result, and stores what people write encrypted', async () => {
    const written = {
      street: 'Gizli küçə',
      opening: 'Gizli səbəb',
      request: 'Gizli tələb',
      response: 'Gizli cavab',
      question: 'Gizli sual',
      reasoning: 'Gizli əsas',
      appeal: 'Gizli şikayət',
    }
    const { application } = await send('citizen', 'startApplication', { serviceCode: 'DIN-ADDRESS-REG' })
    const { id, number } = application
    const answers = { ...moving, newAddress: { ...moving.newAddress, street: written.street } }
    await act('citizen', 'saveDraft', number, { answers })
    await act('citizen', 'submitApplication', number, {})
    await run(registerApplication, keyOf(id))
    await act(head, 'openApplication', number, { reason: written.opening })
    await act(deputy, 'assignApplication', number, {})
    await act(deputy, 'requestInformation', number, { text: written.request, until: '2026-12-10' })
    await act('citizen', 'respondToRequest', number, { text: written.response })
    await act('citizen', 'sendApplicationMessage', number, { text: written.question })
    await act(deputy, 'decideApplication', number, {
      outcome: 'REFUSED',
      reasoning: written.reasoning,
      groundCodes: ['NO_RIGHT_TO_DWELLING'],
    })
    await act('citizen', 'appealDecision', number, { text: written.appeal })
    await act(minister, 'assignApplication', number, {})
    await act(minister, 'decideApplication', number, { outcome: 'APPROVED' })
    await act(head, 'assignApplication', number, {})
    await act(head, 'completeApplication', number, {})

    const { state, documents } = await read(number, 'state documents { kind }')
    expect(state).toBe('COMPLETED')
    expect(documents.map(({ kind }: { kind: string }) => kind).sort()).toEqual([
      'APPLICATION_RECEIPT',
      'DECISION',
      'DECISION',
    ])
    const happened = [
      'application.started',
      'application.saved',
      'application.submitted',
      'application.registered',
      'application.opened',
      'application.assigned',
      'application.information_requested',
      'application.information_given',
      'application.message_sent',
      'application.refused',
      'application.appealed',
      'application.assigned',
      'application.approved',
      'application.assigned',
      'application.completed',
    ]
    const events = await client`select type from events where subject = ${keyOf(id)} order by id`
    expect(events.map(({ type }) => type)).toEqual(happened)
    const types = (await timelineOf(number)).map(({ type }: { type: string }) => type)
    expect(types).toEqual(happened.filter((type) => type !== 'application.opened'))
    expect(await client`select 1 from deadlines where subject = ${keyOf(id)}`).toHaveLength(0)
    const everything = await everythingAsText(client)
    for (const form of Object.values(written).flatMap(formsOf)) expect(everything).not.toContain(form)
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
    await act(deputy, 'extendTerm', number, { units: 3, reason: 'Sorğu' })
    expect(await dueOn()).toBe('2026-12-14')
    await act(deputy, 'requestInformation', number, { text: 'İki', until: '2026-12-31' })
    clock.set('2026-12-04T08:00:00Z')
    await act('citizen', 'respondToRequest', number, { text: 'İki' })
    expect(await dueOn()).toBe('2026-12-15')
    const reasons = (await timelineOf(number)).flatMap(({ dueReason }: { dueReason: string | null }) => dueReason ?? [])
    expect(reasons).toEqual(['term.registered', 'term.resumed', 'term.extended', 'term.resumed'])
  })
})
