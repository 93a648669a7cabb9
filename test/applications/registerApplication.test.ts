import { beforeEach, describe, expect, it } from 'vitest'
import { registerApplication } from '../../src/applications/submission/registerApplication.js'
import { insertApplication } from '../support/applicationRow.js'
import { applyingOf, start } from '../support/applying.js'
import { keyringOfFile as keyring } from '../support/server.js'

const { database, clock, outcomeOf, run, timelineOf, partyOf, rowOf, draft } = await applyingOf()
beforeEach(() => clock.set(start))

const insert = async (service: string, state: 'SUBMITTED' | 'IN_REVIEW', more = {}) =>
  await insertApplication(database, keyring, { partyId: await partyOf('citizen'), service, state, more })

describe('registerApplication', () => {
  it('registers an application once, and counts its term from the submission', async () => {
    const { id, key, number, revision } = await draft()
    clock.set('2026-11-25T13:59:59Z')
    expect(await outcomeOf('citizen', 'submitApplication', { applicationId: id, revision })).toBe('done')
    // After 18:00 in Baku, when a submission would count from the next working day.
    clock.set('2026-11-25T14:00:03Z')
    for (let twice = 0; twice < 2; twice++) await run(registerApplication, key)
    const { state, dueOn, registeredAt } = await rowOf(key)
    expect([state, dueOn, registeredAt]).toEqual(['REGISTERED', '2026-12-02', clock.now()])
    expect((await timelineOf(number)).slice(1)).toMatchObject([
      { type: 'application.submitted', fromState: 'DRAFT', toState: 'SUBMITTED', dueOn: null, dueReason: null },
      {
        type: 'application.registered',
        fromState: 'SUBMITTED',
        toState: 'REGISTERED',
        dueOn: '2026-12-02',
        dueReason: 'term.registered',
      },
    ])
  })

  it('prefers the term in which an officer decides to that of an automatic decision', async () => {
    const key = await insert('DSMF-PENSION', 'SUBMITTED')
    await run(registerApplication, key)
    // Ten working days; INSTANT is what the agency does by itself.
    expect((await rowOf(key)).dueOn).toBe('2026-12-09')
  })

  it('gives the usual term to an officer whose service only has an instant one', async () => {
    const key = await insert('DGK-SMART', 'SUBMITTED')
    await run(registerApplication, key)
    expect(await rowOf(key)).toMatchObject({ dueOn: '2026-12-25', dueAt: new Date('2026-12-25T14:00:00Z') })
  })
})
