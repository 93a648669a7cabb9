import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { FailureReason } from '../../src/shared/exchange.js'
import { applyingOf, changeProcess, start } from '../support/applying.js'
import { appointed, asProgram, finOf } from '../support/appointed.js'
import { as } from '../support/tokens.js'

const { database, world, clock, ask, send, outcomeOf, read, timelineOf } = await applyingOf()
const { client } = database
const [officer, head] = ['pension-officer', 'pension-head'] as const
const service = 'DSMF-PENSION'
beforeAll(async () => {
  await appointed(database, officer, 'DSMF', ['REVIEWER'])
  await appointed(database, head, 'DSMF', ['APPROVER'])
  await appointed(database, 'officer', 'DVX', ['REVIEWER'])
})
beforeEach(async () => {
  clock.set(start)
  world.failing.clear()
  await client`truncate registry_answers`
})

const answers = { kind: 'AGE', payment: 'POST' }
const inputOf = (more: object) => ({ serviceCode: service, fin: finOf('citizen'), answers, ...more })
const begin = async (persona: string = head, more: object = {}) =>
  (await send(persona, 'startProactive', inputOf(more))).application
const outcomeFor = (more: object, persona: string = officer) => outcomeOf(persona, 'startProactive', inputOf(more))
const approve = ({ id, revision }: { id: string; revision: number }) =>
  outcomeOf(head, 'decideApplication', { applicationId: id, revision, outcome: 'APPROVED', reasoning: '320.00 AZN' })
const withdraw = ({ id }: { id: string }, more: object = {}) =>
  outcomeOf('citizen', 'withdrawApplication', { applicationId: id, ...more })

describe('startProactive', () => {
  it('opens a case on the desk of the officer, filled in by registries, with the term of an officer', async () => {
    const found = await begin(officer)
    const fields = 'state phase origin dueOn officer { isCaller } content { answers sources { at origin registry } }'
    expect(await read(found.number, fields, officer)).toMatchObject({
      state: 'IN_REVIEW',
      phase: 'WAITING_FOR_AGENCY',
      origin: 'PROACTIVE',
      dueOn: '2026-12-09', // 10 working days, not the instant term of an automated assignment
      officer: { isCaller: true },
      content: {
        answers: { ...answers, applicant: { fin: 'TEST001', surname: 'Sınaq TEST001', birthDate: '1990-01-01' } },
        sources: expect.arrayContaining([{ at: ['applicant', 'surname'], origin: 'REGISTRY', registry: 'POPULATION' }]),
      },
    })
  })

  it('shows the person the case, its content, and which officer of which agency queried which registries', async () => {
    const found = await begin()
    const { content } = await read(found.number, 'content { answers }')
    expect(content.answers.applicant.surname).toBe('Sınaq TEST001')
    expect(await timelineOf(found.number)).toMatchObject([
      { type: 'application.started_by_agency', by: 'OFFICER', toState: 'IN_REVIEW', dueReason: 'term.registered' },
    ])
    const query = `{ accessLog(first: 20) { nodes { application registry { code } purpose { code } agency { code } by { kind } } } }`
    const { data } = await ask(query, { headers: await as('citizen') })
    const about = data.accessLog.nodes.filter(
      ({ application }: { application: string }) => application === found.number,
    )
    const looked = { purpose: { code: 'APPLICATION' }, agency: { code: 'DSMF' }, by: { kind: 'OFFICER' } }
    expect(about).toEqual(
      expect.arrayContaining(
        ['POPULATION', 'MEIS'].map((code) => ({ application: found.number, registry: { code }, ...looked })),
      ),
    )
  })

  it.each(['MEIS', 'POPULATION'])('refuses while %s is down, which the service needs', async (registry) => {
    world.failing.set(registry, FailureReason.DOWN)
    expect(await outcomeFor({})).toBe('application.registry_down')
  })

  it.each([
    ['a service of another agency', { serviceCode: 'DVX-RETURN' }, 'service.unknown'],
    ['an unknown service', { serviceCode: 'NO-SUCH' }, 'service.unknown'],
    ['a service without a form', { serviceCode: 'DSMF-MATERNITY' }, 'service.not_online'],
    ['answers to questions that the form does not have', { answers: { ...answers, pets: ['cat'] } }, 'answer.unknown'],
    ['answers that are incomplete', { answers: { kind: 'AGE' } }, 'answer.missing'],
    [
      'an answer that a registry denies',
      { answers: { ...answers, applicant: { surname: 'Başqa' } } },
      'answer.differs',
    ],
  ])('rejects %s', async (_what, more, reason) => {
    expect(await outcomeFor(more)).toBe(reason)
  })

  it('queries no registry for a caller who may not open the case', async () => {
    world.counted()
    expect(await outcomeFor({ fin: finOf(officer) })).toBe('FORBIDDEN')
    expect(await outcomeFor({}, 'officer')).toBe('service.unknown')
    await changeProcess(database, service, { proactive: false })
    expect(await outcomeFor({})).toBe('service.not_proactive')
    expect(world.counted()).toEqual({})
    await changeProcess(database, service, { proactive: true })
  })

  it('lets a program of the agency with the scope open a case that nobody has, and decide it', async () => {
    const scopes = ['cases:read', 'cases:start', 'cases:decide'] as const
    const program = await asProgram(database, { agency: 'DSMF', scopes: [...scopes] })
    const { application } = await send(program, 'startProactive', inputOf({}))
    const { id, number, revision, state } = application
    expect([state, (await timelineOf(number))[0]]).toMatchObject([
      'REGISTERED',
      { type: 'application.started_by_agency', by: 'AGENCY_PROGRAM' },
    ])
    const decided = { applicationId: id, revision, outcome: 'APPROVED', reasoning: '320.00 AZN' }
    expect(await outcomeOf(program, 'decideApplication', decided)).toBe('done')
    expect(await read(number, 'state decisions { byProgram objectionUntil }')).toEqual({
      state: 'APPROVED',
      decisions: [{ byProgram: true, objectionUntil: '2026-12-07T14:00:00.000Z' }],
    })
    expect(await withdraw(application, { reason: 'Hələ işləyirəm' })).toBe('done')
  })

  it('rejects a program without the scope, and one of another agency, and queries no registry', async () => {
    const reader = await asProgram(database, { agency: 'DSMF', scopes: ['cases:read', 'cases:decide'] })
    const stranger = await asProgram(database, { agency: 'DVX', scopes: ['cases:read', 'cases:start'] })
    world.counted()
    expect(await outcomeOf(reader, 'startProactive', inputOf({}))).toBe('FORBIDDEN')
    expect(await outcomeOf(stranger, 'startProactive', inputOf({}))).toBe('service.unknown')
    expect(world.counted()).toEqual({})
  })

  it('opens one case for requests with the same idempotency key', async () => {
    const key = inputOf({ idempotencyKey: 'one-key-of-an-officer' })
    const [first, again] = [await send(officer, 'startProactive', key), await send(officer, 'startProactive', key)]
    expect([again.application.number, again.replayed]).toEqual([first.application.number, true])
  })
})

describe('An objection', () => {
  it('ends a proactive approval within its time: the decision has no effect, and its document is revoked', async () => {
    const found = await begin()
    expect(await approve(found)).toBe('done')
    const shown = 'state decisions { objectionUntil appealUntil document { revokedAt } } viewerCan { action allowed }'
    const { decisions, viewerCan } = await read(found.number, shown)
    expect(decisions).toEqual([
      { objectionUntil: '2026-12-07T14:00:00.000Z', appealUntil: null, document: { revokedAt: null } },
    ])
    expect(viewerCan).toContainEqual({ action: 'WITHDRAW', allowed: true })
    expect(await outcomeOf(head, 'completeApplication', { applicationId: found.id })).toBe('application.objection_runs')
    expect(await withdraw(found)).toBe('text.missing')
    expect(await withdraw(found, { reason: 'Hələ işləyirəm' })).toBe('done')
    const after = await read(found.number, shown)
    expect([after.state, after.decisions[0].document.revokedAt]).toEqual(['WITHDRAWN', start.toISOString()])
    const { timeline } = await read(found.number, 'timeline(last: 1) { nodes { title } }')
    expect(timeline.nodes).toEqual([{ title: 'The person objected. The decision has no effect.' }])
    expect((await timelineOf(found.number, head)).at(-1)).toMatchObject({
      type: 'application.withdrawn',
      by: 'APPLICANT',
      fromState: 'APPROVED',
      text: 'Hələ işləyirəm',
    })
  })

  it('is too late after its time, when the result is handed over', async () => {
    const found = await begin()
    expect(await approve(found)).toBe('done')
    clock.set('2026-12-07T14:00:00.001Z')
    expect(await withdraw(found, { reason: 'Gec' })).toBe('application.objection_late')
    expect(await outcomeOf(head, 'completeApplication', { applicationId: found.id })).toBe('done')
  })

  it('is possible before the decision, without a reason', async () => {
    const found = await begin()
    expect(await withdraw(found)).toBe('done')
    expect(await approve(found)).toBe('application.changed')
  })
})
