import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { nodeIdOf } from '../../src/engine/node.js'
import { applyingOf, registrars, start } from '../support/applying.js'
import { appointed } from '../support/appointed.js'

const { database, clock, send, outcomeOf, read, timelineOf, rowOf, inReview } = await applyingOf()
const { client } = database
const [deputy, head, minister] = ['registration-deputy', 'registration-head', 'interior-head'] as const
let ministry: string
beforeAll(async () => {
  await registrars(database)
  await appointed(database, minister, 'DIN', ['APPROVER'])
  const [row] = await client`select id from agencies where code = 'DIN'`
  ministry = row?.id
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
  it('moves the application to the superior agency, with the term of appeals', async () => {
    const { id, key, number } = await refused()
    clock.set('2026-12-07T08:00:00Z')
    expect(await appeal(id, ' ')).toBe('text.missing')
    expect(await appeal(id)).toBe('done')
    const decision = 'decision { outcome appealTo dueAt onTime } answer { outcome }'
    const shown = `state revision dueOn decidedAt officer { name } agency { code } appeals { text ${decision} }
      transfers { kind from { code } to { code } reason }`
    const appealed = await read(number, shown)
    const name = 'Ministry of Internal Affairs of the Republic of Azerbaijan'
    const was = { outcome: 'REFUSED', appealTo: name, dueAt: '2026-12-02T14:00:00.000Z', onTime: true }
    expect(appealed).toMatchObject({
      state: 'UNDER_APPEAL',
      dueOn: '2027-01-07',
      decidedAt: null,
      officer: null,
      agency: { code: 'DIN' },
      appeals: [{ text: 'Sənəd var idi', decision: was, answer: null }],
      transfers: [{ kind: 'APPEAL', from: { code: 'BPQMI' }, to: { code: 'DIN' }, reason: null }],
    })
    expect((await timelineOf(number)).at(-1)).toMatchObject({ dueReason: 'term.appealed', dueOn: '2027-01-07' })
    const [deadline] = await client`select agency_id from deadlines where subject = ${key}`
    expect(deadline?.agency_id).toBe(ministry)

    const { revision } = appealed
    const assign = (persona: string) => outcomeOf(persona, 'assignApplication', { applicationId: id, revision })
    expect(await read(number, 'state', head)).toBeNull()
    expect(await assign(head)).toBe('application.unknown')
    expect(await assign(minister)).toBe('done')
    expect(await read(number, shown, minister)).toMatchObject({ appeals: [{ text: 'Sənəd var idi', decision: was }] })
  })

  it('returns what the superior agency approves to the first agency, which hands it over', async () => {
    const { id, number } = await refused()
    expect(await appeal(id)).toBe('done')
    const { revision } = await read(number, 'revision')
    expect(await outcomeOf(minister, 'assignApplication', { applicationId: id, revision })).toBe('done')
    const approval = { applicationId: id, revision: revision + 1, outcome: 'APPROVED' }
    expect(await outcomeOf(minister, 'decideApplication', approval)).toBe('done')
    const shown =
      'state agency { code } officer { isCaller } appeals { answer { outcome } } transfers { kind to { code } }'
    expect(await read(number, shown)).toEqual({
      state: 'READY',
      agency: { code: 'BPQMI' },
      officer: null,
      appeals: [{ answer: { outcome: 'APPROVED' } }],
      transfers: [
        { kind: 'RETURN', to: { code: 'BPQMI' } },
        { kind: 'APPEAL', to: { code: 'DIN' } },
      ],
    })
    expect(await outcomeOf(minister, 'completeApplication', { applicationId: id })).toBe('application.unknown')
    expect(await outcomeOf(head, 'assignApplication', { applicationId: id, revision: revision + 2 })).toBe('done')
    expect(await outcomeOf(head, 'completeApplication', { applicationId: id })).toBe('done')
  })

  it('is not possible again after the highest agency has refused', async () => {
    const { id, number } = await refused()
    expect(await appeal(id)).toBe('done')
    const { revision } = await read(number, 'revision')
    expect(await outcomeOf(minister, 'assignApplication', { applicationId: id, revision })).toBe('done')
    const refusal = { outcome: 'REFUSED', reasoning: 'Sənəd çatmır', groundCodes: ['FALSE_DATA'] }
    const again = { applicationId: id, revision: revision + 1, ...refusal }
    expect(await outcomeOf(minister, 'decideApplication', again)).toBe('done')
    const { decisions } = await read(number, 'decisions { appealTo appealUntil }')
    expect(decisions[0]).toEqual({ appealTo: null, appealUntil: null })
    expect(await appeal(id)).toBe('application.no_appeal')
  })

  it('leaves the application to another officer if there is no superior agency', async () => {
    const ofDeputy = nodeIdOf('Appointment', await appointed(database, deputy, 'DIN', ['APPROVER']))
    const { id, number } = await refused({ agencyId: ministry })
    expect(await appeal(id)).toBe('done')
    const { revision, ...shown } = await read(number, 'revision agency { code } transfers { kind }')
    expect(shown).toEqual({ agency: { code: 'DIN' }, transfers: [] })
    const assign = (persona: string, appointmentId?: string) =>
      outcomeOf(persona, 'assignApplication', { applicationId: id, revision, appointmentId })
    expect(await assign(deputy)).toBe('application.another_officer')
    expect(await assign(minister, ofDeputy)).toBe('application.another_officer')
    expect(await assign(minister)).toBe('done')
  })

  it('begins a term that was neither extended nor escalated', async () => {
    const { id, key } = await refused({ extendedAt: start, escalatedAt: start })
    expect(await appeal(id)).toBe('done')
    const { revision, ...row } = await rowOf(key)
    expect(row).toMatchObject({ extendedAt: null, escalatedAt: null, dueOn: '2026-12-25' })
    expect(await outcomeOf(minister, 'assignApplication', { applicationId: id, revision })).toBe('done')
    const extension = { applicationId: id, revision: revision + 1, units: 1, reason: 'Arxivə sorğu' }
    expect(await outcomeOf(minister, 'extendTerm', extension)).toBe('done')
  })

  it('accepts an appeal until the last moment of its term', async () => {
    const [early, late] = [await refused(), await refused()]
    clock.set('2026-12-25T14:00:00Z')
    expect(await appeal(early.id)).toBe('done')
    clock.set('2026-12-25T14:00:01Z')
    expect(await appeal(late.id)).toBe('application.appeal_late')
  })
})
