import { beforeAll, describe, expect, it } from 'vitest'
import { applyingOf, registrars } from '../support/applying.js'
import { as } from '../support/tokens.js'

const { database, clock, ask, send, outcomeOf, read, partyOf, inReview } = await applyingOf()
const { client } = database
const [officer, deputy, head] = ['registration-officer', 'registration-deputy', 'registration-head'] as const
beforeAll(async () => void (await registrars(database)))

describe('openApplication', () => {
  it('shows the answers to another officer for eight hours, logs each look, and tells the ADMIN the reason', async () => {
    const { id, key, number } = await inReview(officer)
    const basisFor = async (persona: string) =>
      (await read(number, 'content { answers }', persona)).content?.answers.basis
    const selection = 'opening { until } application { revision }'
    const input = { applicationId: id, reason: 'Həmkarım xəstədir' }
    const { opening, error } = await send(deputy, 'openApplication', input, selection)
    expect([error, opening]).toEqual([undefined, { until: '2026-11-25T16:00:00.000Z' }])
    expect(await basisFor(deputy)).toBe('OWNER')
    expect(await basisFor(head)).toBeUndefined()
    const [log] = await client`select fields, purposes.code from accesses join purposes on purposes.id = purpose_id
      where application = ${number} order by accesses.id desc limit 1`
    expect(log).toEqual({ fields: ['application'], code: 'APPLICATION' })

    const list = '{ agencyOpenings(first: 1) { nodes { reason officerName at application { number } } } }'
    const openingsFor = async (persona: string) => await ask(list, { headers: await as(persona) })
    expect((await openingsFor(head)).data.agencyOpenings.nodes).toEqual([
      {
        reason: 'Həmkarım xəstədir',
        officerName: 'Qeydiyyat Müavini Sınaq',
        at: '2026-11-25T08:00:00.000Z',
        application: { number },
      },
    ])
    expect((await openingsFor(deputy)).errors?.[0]?.extensions.code).toBe('FORBIDDEN')
    const events = await client`select type from events where subject = ${key}`
    expect(events.map(({ type }) => type)).toContain('application.opened')

    clock.set('2026-11-25T16:00:00Z')
    expect(await basisFor(deputy)).toBeUndefined()
  })

  it('gives no access to an officer who lost the role for it, nor does an assignment', async () => {
    const { id, number } = await inReview(officer)
    expect(await outcomeOf(deputy, 'openApplication', { applicationId: id, reason: 'Həmkarım xəstədir' })).toBe('done')
    for (const persona of [officer, deputy]) {
      const party = await partyOf(persona)
      const setRoles = (roles: string[]) => client`update appointments set roles = ${roles} where party_id = ${party}`
      const [before] = await client`select roles from appointments where party_id = ${party}`
      await setRoles(['ADMIN'])
      expect(await read(number, 'state content { answers }', persona)).toEqual({ state: 'IN_REVIEW', content: null })
      await setRoles(before?.roles)
      expect((await read(number, 'content { answers }', persona)).content.answers.basis).toBe('OWNER')
    }
  })

  it('requires a reason', async () => {
    const { id } = await inReview(officer)
    expect(await outcomeOf(deputy, 'openApplication', { applicationId: id, reason: ' ' })).toBe('text.missing')
  })
})
