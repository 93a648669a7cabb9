import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { nodeIdOf } from '../../src/engine/node.js'
import { MandateKind } from '../../src/identity/mandates/mandate.table.js'
import { insertCoApplicant } from '../support/applicationRow.js'
import { applyingOf, registrars } from '../support/applying.js'
import { appointed } from '../support/appointed.js'
import { partiesIn } from '../support/parties.js'

const { database, send, outcomeOf, read, timelineOf, partyOf, registered, inReview } = await applyingOf()
const { client } = database
const [officer, deputy, head] = ['registration-officer', 'registration-deputy', 'registration-head'] as const
let appointments: Record<string, string>
let elsewhere: string
beforeAll(async () => {
  appointments = await registrars(database)
  elsewhere = nodeIdOf('Appointment', await appointed(database, 'other-officer', 'DMX', ['REVIEWER', 'APPROVER']))
})

describe('assignApplication', () => {
  it('assigns a free application to the caller, whose name only colleagues see', async () => {
    const { id, number, revision } = await registered()
    expect(await outcomeOf(officer, 'assignApplication', { applicationId: id, revision })).toBe('done')
    const shown = 'state officer { isCaller name }'
    const name = 'Qeydiyyat Məmuru Sınaq'
    expect(await read(number, shown, officer)).toEqual({ state: 'IN_REVIEW', officer: { isCaller: true, name } })
    expect(await read(number, shown, deputy)).toEqual({ state: 'IN_REVIEW', officer: { isCaller: false, name } })
    expect(await read(number, shown)).toEqual({ state: 'IN_REVIEW', officer: { isCaller: false, name: null } })
    expect((await timelineOf(number)).at(-1)).toMatchObject({ type: 'application.assigned', by: 'OFFICER' })
  })

  it('assigns it to one of two officers who ask at the same time', async () => {
    const { id, revision } = await registered()
    const outcomes = await Promise.all(
      [officer, deputy].map((persona) => outcomeOf(persona, 'assignApplication', { applicationId: id, revision })),
    )
    expect(outcomes.sort()).toEqual(['application.changed', 'done'])
  })

  it('lets the assigned officer hand it on and an APPROVER take it, but no other REVIEWER', async () => {
    const { id, number } = await inReview(deputy)
    const assign = async (persona: string, to?: string) => {
      const { revision } = await read(number, 'revision')
      return outcomeOf(persona, 'assignApplication', { applicationId: id, revision, appointmentId: to })
    }
    expect(await assign(officer)).toBe('application.not_assigned')
    expect(await assign(head, appointments[officer])).toBe('done')
    expect(await assign(officer, appointments[officer])).toBe('application.assigned_already')
    expect(await assign(officer, appointments[head])).toBe('done')
    expect(await assign(officer)).toBe('application.not_assigned')
  })

  it('rejects an appointment that does not exist or is at another agency', async () => {
    const { id, revision } = await inReview(head)
    for (const named of [nodeIdOf('Appointment', '01a20000-0000-7000-8000-000000000000'), elsewhere])
      expect(await outcomeOf(head, 'assignApplication', { applicationId: id, revision, appointmentId: named })).toBe(
        'appointment.unknown',
      )
  })

  it('refuses the case of a relative, to the officer and to whoever names them', async () => {
    const { id, number, revision } = await registered()
    await partiesIn(database).give(await partyOf(officer), await partyOf('citizen'), { kind: MandateKind.PARENT })
    onTestFinished(async () => void (await client`delete from mandates where kind = 'PARENT'`))
    const input = { applicationId: id, revision }
    const { error } = await send(officer, 'assignApplication', input)
    expect(error?.extensions).toMatchObject({ code: 'FORBIDDEN', reason: 'case.relative' })
    expect(await outcomeOf(officer, 'openApplication', { applicationId: id, reason: 'Maraq' })).toBe('FORBIDDEN')
    const toThem = { ...input, appointmentId: appointments[officer] }
    expect(await outcomeOf(head, 'assignApplication', toThem)).toBe('application.their_own_case')
    const can = (await read(number, 'viewerCan { action reason }', officer)).viewerCan
    expect(can).toContainEqual({ action: 'ASSIGN', reason: 'application.own_case' })
  })

  it('refuses the case in which the officer is a co-applicant', async () => {
    const { id, key, revision } = await registered()
    await insertCoApplicant(database, key, await partyOf(deputy))
    const { error } = await send(deputy, 'assignApplication', { applicationId: id, revision })
    expect(error?.extensions).toMatchObject({ code: 'FORBIDDEN', reason: 'case.own' })
  })
})
