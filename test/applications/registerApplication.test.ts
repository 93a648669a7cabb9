import { eq } from 'drizzle-orm'
import { beforeEach, describe, expect, it } from 'vitest'
import { applications } from '../../src/applications/application.table.js'
import { termIsOver } from '../../src/applications/casework/termIsOver.js'
import { acknowledgeFiling } from '../../src/applications/submission/acknowledgeFiling.js'
import { registerApplication } from '../../src/applications/submission/registerApplication.js'
import { insertApplication } from '../support/applicationRow.js'
import { applyingOf, start } from '../support/applying.js'
import { keyringOfFile as keyring } from '../support/server.js'

const { database, clock, outcomeOf, run, timelineOf, partyOf, rowOf, draft, registered } = await applyingOf()
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
    const key = await insert('DVX-BENEFICIAL', 'SUBMITTED')
    await run(registerApplication, key)
    expect(await rowOf(key)).toMatchObject({ dueOn: '2026-12-25', dueAt: new Date('2026-12-25T14:00:00Z') })
  })
})

describe('acknowledgeFiling', () => {
  it('completes a filing once and only when its answers are settled, and its term never ends', async () => {
    const key = await insert('DGK-SMART', 'SUBMITTED', { unsettled: ['/seller'] })
    await run(registerApplication, key)
    for (let twice = 0; twice < 2; twice++) await run(acknowledgeFiling, key)
    expect(await rowOf(key)).toMatchObject({ state: 'REGISTERED', dueOn: '2026-12-25' })
    await database.db.update(applications).set({ unsettled: [] }).where(eq(applications.id, key))
    await run(termIsOver, key, 'application.term_over', (await rowOf(key)).dueAt as Date)
    for (let twice = 0; twice < 2; twice++) await run(acknowledgeFiling, key)
    const { state, number } = await rowOf(key)
    expect(state).toBe('COMPLETED')
    expect((await timelineOf(number)).map(({ type }: { type: string }) => type)).toEqual([
      'application.started',
      'application.registered',
      'application.approved',
      'application.completed',
    ])
    expect(await database.client`select 1 from deadlines where subject = ${key}`).toHaveLength(0)
  })

  it('completes a filing that an officer has taken', async () => {
    const officerId = await partyOf('registration-deputy')
    const key = await insert('DGK-SMART', 'IN_REVIEW', { officerId, registeredAt: start, dueAt: start })
    await run(acknowledgeFiling, key)
    expect((await rowOf(key)).state).toBe('COMPLETED')
  })

  it('does nothing for an application on which an officer decides', async () => {
    const { key } = await registered()
    await run(acknowledgeFiling, key)
    expect((await rowOf(key)).state).toBe('REGISTERED')
  })
})
