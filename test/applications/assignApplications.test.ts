import { beforeAll, describe, expect, it } from 'vitest'
import { applyingOf, type Case, registrars } from '../support/applying.js'

const { database, send, outcomeOf, rowOf, registered, inReview, timelineOf, partyOf } = await applyingOf()
const { client, statements } = database
const [officer, deputy, head] = ['registration-officer', 'registration-deputy', 'registration-head'] as const
let appointments: Record<string, string>
beforeAll(async () => {
  appointments = await registrars(database)
})

const items = (found: Case[]) => found.map(({ id: applicationId, revision }) => ({ applicationId, revision }))
const assign = async (persona: string, found: Case[], more: object = {}) =>
  await send(persona, 'assignApplications', { items: items(found), ...more }, 'count')
const errorsOf = ({ userErrors }: { userErrors: { reason: string; field: string[] }[] }) =>
  userErrors.map(({ reason, field }) => [reason, field.join('.')])

describe('assignApplications', () => {
  it('assigns applications in different states to one officer, each with its history', async () => {
    const found = [await registered(), await inReview(deputy)]
    const input = { items: items(found), appointmentId: appointments[officer], idempotencyKey: 'assign-together' }
    expect((await send(head, 'assignApplications', input, 'count')).count).toBe(2)
    for (const { key, revision, number } of found) {
      expect(await rowOf(key)).toMatchObject({
        state: 'IN_REVIEW',
        officerId: await partyOf(officer),
        revision: revision + 1,
      })
      expect((await timelineOf(number)).at(-1)).toMatchObject({ type: 'application.assigned', by: 'OFFICER' })
      const [event] = await client`select type, ids from events where subject = ${key} order by id desc limit 1`
      expect(event).toMatchObject({ type: 'application.assigned', ids: { officer: await partyOf(officer) } })
    }
    expect(await send(head, 'assignApplications', input, 'count')).toMatchObject({ count: null, replayed: true })
  })

  it('assigns none if one cannot be assigned, and names each that cannot', async () => {
    const [free, taken, changed] = [await registered(), await inReview(deputy), await registered()]
    const wrong = { ...changed, revision: 9 }
    const unknown = { ...free, id: 'nothing' }
    expect(errorsOf(await assign(officer, [free, taken, wrong, unknown, free]))).toEqual([
      ['application.not_assigned', 'items.1'],
      ['application.changed', 'items.2.revision'],
      ['application.unknown', 'items.3.applicationId'],
      ['assignment.twice', 'items.4.applicationId'],
    ])
    expect((await rowOf(free.key)).officerId).toBeNull()
    const toDeputy = await assign(head, [free, taken], { appointmentId: appointments[deputy] })
    expect(errorsOf(toDeputy)).toEqual([['application.assigned_already', 'items.1']])
  })

  it('takes 1 to 100 applications', async () => {
    const found = await registered()
    expect(errorsOf(await assign(officer, []))).toEqual([['assignment.items', 'items']])
    expect(errorsOf(await assign(officer, Array(100).fill({ ...found, id: 'nothing' })))).toHaveLength(100)
    expect((await assign(officer, Array(101).fill(found))).error?.extensions).toMatchObject({ code: 'TOO_COSTLY' })
    expect(await outcomeOf('citizen', 'assignApplication', { applicationId: found.id, revision: 1 })).toBe('FORBIDDEN')
  })

  it('takes as many statements for three applications as for two', async () => {
    const statementsFor = async (count: number) => {
      const found: Case[] = []
      for (let at = 0; at < count; at++) found.push(await registered())
      statements.length = 0
      expect((await assign(head, found, { appointmentId: appointments[officer] })).count).toBe(count)
      return statements.length
    }
    await statementsFor(2)
    expect(await statementsFor(3)).toBe(await statementsFor(2))
  })
})
