import { beforeAll, describe, expect, it } from 'vitest'
import { applyingOf, registrars } from '../support/applying.js'

const { database, outcomeOf, read, timelineOf, rowOf, inReview } = await applyingOf()
const { client } = database
const [officer, deputy] = ['registration-officer', 'registration-deputy'] as const
beforeAll(async () => void (await registrars(database)))

describe('sendApplicationMessage', () => {
  it('adds messages of both sides to the timeline, readable for them alone', async () => {
    const { id, key, number, revision } = await inReview(officer)
    const write = (persona: string, text: string) =>
      outcomeOf(persona, 'sendApplicationMessage', { applicationId: id, text })
    expect(await write('citizen', 'Sual')).toBe('done')
    expect(await write(officer, 'Cavab')).toBe('done')
    for (const persona of ['citizen', officer])
      expect((await timelineOf(number, persona)).slice(-2)).toMatchObject([
        { by: 'APPLICANT', text: 'Sual', toState: 'IN_REVIEW' },
        { by: 'OFFICER', text: 'Cavab', toState: 'IN_REVIEW' },
      ])
    expect((await timelineOf(number, deputy)).slice(-2)).toMatchObject([{ text: null }, { text: null }])
    // An applicant who keeps writing does not keep the officer from deciding.
    expect((await rowOf(key)).revision).toBe(revision)
  })

  it('requires a text of 4000 characters at most', async () => {
    const { id } = await inReview(officer)
    const write = (text: string) => outcomeOf('citizen', 'sendApplicationMessage', { applicationId: id, text })
    expect(await write(' '.repeat(5))).toBe('text.missing')
    expect(await write('x'.repeat(4001))).toBe('text.too_long')
  })
})

describe('ApplicationTimelineEntry.text', () => {
  it('decrypts the entries of the page alone', async () => {
    const { id, key, number } = await inReview(officer)
    expect(await outcomeOf('citizen', 'sendApplicationMessage', { applicationId: id, text: 'Birinci' })).toBe('done')
    // A text that was encrypted for another row: whoever decrypts it fails.
    await client`
      insert into timeline_entries (id, application_id, party_id, at, type, to_state, actor, mandate_ids, text)
      select gen_random_uuid(), application_id, party_id, '2026-11-26T08:00:00Z', type, to_state, actor, mandate_ids, text
      from timeline_entries where application_id = ${key} and text is not null`
    const { nodes } = (await read(number, 'timeline(first: 3) { nodes { type text } }', officer)).timeline
    expect(nodes.at(-1)).toEqual({ type: 'application.message_sent', text: 'Birinci' })
  })
})
