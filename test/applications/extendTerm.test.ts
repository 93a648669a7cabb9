import { beforeAll, describe, expect, it } from 'vitest'
import { applyingOf, registrars } from '../support/applying.js'

const { database, outcomeOf, timelineOf, rowOf, inReview } = await applyingOf()
const deputy = 'registration-deputy'
beforeAll(async () => void (await registrars(database)))

describe('extendTerm', () => {
  it('moves the end of the term once, by no more of its units than it has, and gives the reason in the timeline', async () => {
    const { id, key, number } = await inReview(deputy)
    const extend = async (units: number, reason = 'Arxivə sorğu') => {
      const { revision } = await rowOf(key)
      return await outcomeOf(deputy, 'extendTerm', { applicationId: id, revision, units, reason })
    }
    expect(await extend(0)).toBe('term.extension')
    expect(await extend(6, ' ')).toBe('term.extension text.missing')
    expect(await extend(5)).toBe('done')
    // Five working days after 2 December.
    expect((await rowOf(key)).dueOn).toBe('2026-12-09')
    expect((await timelineOf(number)).at(-1)).toMatchObject({
      type: 'application.extended',
      text: 'Arxivə sorğu',
      dueOn: '2026-12-09',
      dueReason: 'term.extended',
    })
    const [deadline] = await database.client`select type, due_at from deadlines where subject = ${key}`
    expect(deadline).toEqual({ type: 'application.term_over', due_at: '2026-12-09 14:00:00+00' })
    expect(await extend(5)).toBe('application.extended')
  })
})
