import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { applyingOf, registrars, start } from '../support/applying.js'

const { database, clock, send, outcomeOf, read, timelineOf, rowOf, inReview } = await applyingOf()
const { client } = database
const [deputy, head] = ['registration-deputy', 'registration-head'] as const
let appointments: Record<string, string>
beforeAll(async () => {
  appointments = await registrars(database)
})
beforeEach(() => clock.set(start))

/** An application that the deputy has refused. */
async function refused(more: Parameters<typeof inReview>[1] = {}) {
  const found = await inReview(deputy, more)
  const decision = { outcome: 'REFUSED', reasoning: 'Sənəd çatmır', groundCodes: ['FALSE_DATA'] }
  const { error, userErrors } = await send(deputy, 'decideApplication', {
    applicationId: found.id,
    revision: found.revision,
    ...decision,
  })
  expect([error, userErrors]).toEqual([undefined, []])
  return found
}
const appeal = (applicationId: string, text = 'Sənəd var idi') =>
  outcomeOf('citizen', 'appealDecision', { applicationId, text })

describe('appealDecision', () => {
  it('puts the application under appeal, with the term of appeals and for another officer', async () => {
    const { id, key, number } = await refused()
    clock.set('2026-12-07T08:00:00Z')
    expect(await appeal(id, ' ')).toBe('text.missing')
    expect(await appeal(id)).toBe('done')
    const shown = 'state revision dueOn decidedAt officer { name } appeals { text decision { outcome } }'
    const appealed = await read(number, shown)
    expect(appealed).toMatchObject({
      state: 'UNDER_APPEAL',
      dueOn: '2027-01-07',
      decidedAt: null,
      officer: null,
      appeals: [{ text: 'Sənəd var idi', decision: { outcome: 'REFUSED' } }],
    })
    expect((await timelineOf(number)).at(-1)).toMatchObject({ dueReason: 'term.appealed', dueOn: '2027-01-07' })

    const { revision } = appealed
    const assign = (persona: string, appointmentId?: string) =>
      outcomeOf(persona, 'assignApplication', { applicationId: id, revision, appointmentId })
    expect(await assign(deputy)).toBe('application.another_officer')
    expect(await assign(head, appointments[deputy])).toBe('application.another_officer')
    expect(await assign(head)).toBe('done')
    expect(await read(number, shown, head)).toMatchObject({
      state: 'UNDER_APPEAL',
      appeals: [{ text: 'Sənəd var idi' }],
    })
    const approval = { applicationId: id, revision: revision + 1, outcome: 'APPROVED' }
    expect(await outcomeOf(head, 'decideApplication', approval)).toBe('done')
    const { decisions } = await read(number, 'decisions { outcome }')
    expect(decisions).toEqual([{ outcome: 'APPROVED' }, { outcome: 'REFUSED' }])
    const rows =
      await client`select appeal_id is not null as after from decisions where application_id = ${key} order by at`
    expect(rows.map(({ after }) => after)).toEqual([false, true])
    // The officer who decided on the appeal hands over the result.
    expect(await outcomeOf(head, 'completeApplication', { applicationId: id })).toBe('done')
  })

  it('begins a term that was neither extended nor escalated', async () => {
    const { id, key } = await refused({ extendedAt: start, escalatedAt: start })
    expect(await appeal(id)).toBe('done')
    const { revision, ...row } = await rowOf(key)
    expect(row).toMatchObject({ extendedAt: null, escalatedAt: null, dueOn: '2026-12-25' })
    expect(await outcomeOf(head, 'assignApplication', { applicationId: id, revision })).toBe('done')
    const extension = { applicationId: id, revision: revision + 1, units: 1, reason: 'Arxivə sorğu' }
    expect(await outcomeOf(head, 'extendTerm', extension)).toBe('done')
  })

  it('accepts an appeal until the last moment of its term', async () => {
    const [early, late] = [await refused(), await refused()]
    clock.set('2026-12-25T14:00:00Z')
    expect(await appeal(early.id)).toBe('done')
    clock.set('2026-12-25T14:00:01Z')
    expect(await appeal(late.id)).toBe('application.appeal_late')
  })
})
