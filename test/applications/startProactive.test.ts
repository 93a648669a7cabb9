import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { FailureReason } from '../../src/shared/exchange.js'
import { applyingOf, changeProcess, moving, movingAnswers, registrars } from '../support/applying.js'
import { appointed, finOf } from '../support/appointed.js'
import { as } from '../support/tokens.js'

const { database, world, ask, send, outcomeOf, read, timelineOf } = await applyingOf()
const { client } = database
const officer = 'registration-officer'
const service = 'DIN-ADDRESS-REG'
beforeAll(async () => {
  await registrars(database)
  await appointed(database, 'officer', 'DVX', ['REVIEWER'])
  await changeProcess(database, service, { proactive: true })
})
beforeEach(() => world.failing.clear())

const inputOf = (more: object) => ({ serviceCode: service, fin: finOf('citizen'), ...more })
const begin = (more: object = {}) => send(officer, 'startProactive', inputOf(more), 'application { id } number')
const outcomeFor = (more: object, persona: string = officer) => outcomeOf(persona, 'startProactive', inputOf(more))

describe('startProactive', () => {
  it('makes a draft that the person completes and submits, and that the agency sees from then on', async () => {
    const { application, number, userErrors } = await begin({ answers: { movedOn: '2026-11-01' } })
    expect([application, userErrors]).toEqual([null, []])
    expect(await read(number, 'id', officer)).toBeNull()
    const draft = await read(number, 'id state origin revision')
    expect(draft).toMatchObject({ state: 'DRAFT', origin: 'PROACTIVE', revision: 1 })
    expect(await timelineOf(number)).toMatchObject([{ type: 'application.started', by: 'OFFICER' }])
    const save = { applicationId: draft.id, revision: 1, answers: moving }
    expect(await outcomeOf('citizen', 'saveDraft', save)).toBe('done')
    // The registries are asked on behalf of the person.
    const { content } = await read(number, 'content { answers sources { registry } }')
    expect([content.answers, content.sources.length > 0]).toEqual([movingAnswers, true])
    expect(await outcomeOf('citizen', 'submitApplication', { applicationId: draft.id, revision: 2 })).toBe('done')
    expect(await read(number, 'state', officer)).toEqual({ state: 'SUBMITTED' })
  })

  it('makes a draft that registries fill in when it is submitted unchanged', async () => {
    const { number } = await begin({ answers: moving })
    const submit = async () => {
      const { id } = await read(number, 'id')
      return await outcomeOf('citizen', 'submitApplication', { applicationId: id, revision: 1 })
    }
    world.failing.set('POPULATION', FailureReason.DOWN)
    await client`truncate registry_answers`
    expect(await submit()).toMatch(/answer\.missing/)
    world.failing.clear()
    expect(await submit()).toBe('done')
    await client`truncate registry_answers`
    world.counted()
    expect(await submit()).toBe('application.changed')
    expect(world.counted()).toEqual({})
  })

  it.each([
    ['a service of another agency', { serviceCode: 'DVX-RETURN' }, 'service.unknown'],
    ['an unknown service', { serviceCode: 'NO-SUCH' }, 'service.unknown'],
    ['a service without a form', { serviceCode: 'DIN-PASSPORT' }, 'service.not_online'],
    ['a service that is not proactive', { serviceCode: 'DIN-ID-ISSUE' }, 'service.not_proactive'],
    ['answers to questions that the form does not have', { answers: { pets: ['cat'] } }, 'answer.unknown'],
    ['the FİN of the officer', { fin: finOf(officer) }, 'FORBIDDEN'],
  ])('rejects %s', async (_what, more, reason) => {
    expect(await outcomeFor(more)).toBe(reason)
  })

  it('rejects an officer of another agency', async () => {
    expect(await outcomeFor({}, 'officer')).toBe('service.unknown')
  })

  it('takes the same statements and gives the same answer whether the FİN exists or not', async () => {
    const answerFor = async (fin: string) => {
      database.statements.length = 0
      const { number, userErrors, error } = await begin({ fin })
      return { answer: [typeof number, userErrors, error], statements: [...database.statements] }
    }
    await answerFor(finOf('citizen'))
    expect(await answerFor('TEST777')).toEqual(await answerFor(finOf('citizen')))
  })

  it('makes one draft for requests with the same idempotency key', async () => {
    const key = { idempotencyKey: 'one-key-of-an-officer' }
    const [{ number }, again] = [await begin(key), await begin(key)]
    expect([typeof number, again.number, again.replayed]).toEqual(['string', null, true])
    const { data } = await ask('{ applications(first: 100) { nodes { number } } }', { headers: await as('citizen') })
    const numbers = data.applications.nodes.map((one: { number: string }) => one.number)
    expect(numbers.filter((one: string) => one === number)).toHaveLength(1)
  })
})
