import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { processes } from '../../src/catalogue/process.table.js'
import { usualProcess } from '../../src/catalogue/usualProcess.js'
import { FailureReason } from '../../src/shared/exchange.js'
import { applyingOf, moving, registrars } from '../support/applying.js'
import { finOf } from '../support/appointed.js'
import { as } from '../support/tokens.js'

const { database, world, clock, ask, send, told, look, appointed } = await applyingOf()
const { db, client } = database
const officer = 'registration-officer'
const service = 'DIN-ADDRESS-REG'

beforeAll(async () => {
  await registrars(database)
  await appointed(database, 'officer', 'DVX', ['REVIEWER'])
  const [version] = await client`
    select v.id from service_versions v join services s on s.id = v.service_id where s.code = ${service}`
  await db.insert(processes).values({ ...usualProcess, proactive: true, versionId: version?.id })
})
beforeEach(() => {
  clock.set(new Date('2026-11-25T08:00:00Z'))
  world.failing.clear()
})

const begin = (more: object = {}, persona: string = officer) =>
  send(as(persona), 'startProactive', { service, fin: finOf('citizen'), ...more }, 'application { id } number')
const reasonOf = async (more: object, persona: string = officer) =>
  told(as(persona), 'startProactive', { service, fin: finOf('citizen'), ...more })

describe('An application that an agency begins', () => {
  it('is the person’s to see, to fill and to send; the agency sees it once it is sent', async () => {
    const { application, number, userErrors } = await begin({ answers: { movedOn: '2026-11-01' } })
    expect([application, userErrors]).toEqual([null, []])
    expect(await look(number, 'id', officer)).toBeNull()
    const draft = await look(number, 'id state origin revision timeline(first: 5) { nodes { type by } }')
    expect(draft).toMatchObject({ state: 'DRAFT', origin: 'PROACTIVE', revision: 1 })
    expect(draft.timeline.nodes).toEqual([{ type: 'application.started', by: 'OFFICER' }])
    const save = { application: draft.id, revision: 1, answers: { ...moving } }
    expect(await told(as('citizen'), 'saveDraft', save)).toBe('done')
    // The registries are asked by the person, and what they say is theirs.
    const { content } = await look(number, 'content { answers prefilled { registry } }')
    expect([content.answers.applicant.surname, content.prefilled.length > 0]).toEqual(['Sınaq TEST001', true])
    expect(await told(as('citizen'), 'submitApplication', { application: draft.id, revision: 2 })).toBe('done')
    expect(await look(number, 'state', officer)).toEqual({ state: 'SUBMITTED' })
  })

  it('is filled when it is sent, where the person has nothing to add, and waits for no registry that is down', async () => {
    const { number } = await begin({ answers: moving })
    const { id } = await look(number, 'id')
    world.failing.set('POPULATION', FailureReason.DOWN)
    await client`truncate registry_answers`
    expect(await told(as('citizen'), 'submitApplication', { application: id, revision: 1 })).toMatch(/answer\.missing/)
    world.failing.clear()
    expect(await told(as('citizen'), 'submitApplication', { application: id, revision: 1 })).toBe('done')
  })

  it('for whom the service is not, the person does not send either', async () => {
    const { number } = await begin({ answers: moving })
    const { id } = await look(number, 'id')
    const audiences = (named: string[]) => client`update services set audiences = ${named} where code = ${service}`
    await audiences(['FOREIGNER'])
    const send = () => told(as('citizen'), 'submitApplication', { application: id, revision: 1 })
    expect.soft(await send()).toBe('service.not_for_them')
    await audiences(['CITIZEN', 'FOREIGNER', 'STATELESS'])
    expect(await send()).toBe('done')
  })

  it('is taken back by the person like any other', async () => {
    const { number } = await begin()
    const { id } = await look(number, 'id')
    expect(await told(as(officer), 'withdrawApplication', { application: id })).toBe('FORBIDDEN')
    expect(await told(as('citizen'), 'withdrawApplication', { application: id })).toBe('done')
  })

  it.each([
    ['a service of another agency', { service: 'DVX-RETURN' }, 'service.unknown'],
    ['a service that there is not', { service: 'NO-SUCH' }, 'service.unknown'],
    ['a service without a form', { service: 'DIN-PASSPORT' }, 'service.not_online'],
    ['one that persons ask for themselves', { service: 'DIN-ID-ISSUE' }, 'service.not_proactive'],
    ['answers that nobody asked for', { answers: { pets: ['cat'] } }, 'answer.unknown'],
    ['oneself', { fin: finOf(officer) }, 'FORBIDDEN'],
  ])('is not begun for %s', async (_for, more, reason) => {
    expect(await reasonOf(more)).toBe(reason)
  })

  it('is not begun by an officer of another agency, nor by anybody else', async () => {
    expect(await reasonOf({}, 'officer')).toBe('service.unknown')
    for (const persona of ['citizen', 'operator', 'auditor']) expect(await reasonOf({}, persona)).toBe('FORBIDDEN')
  })

  it('answers alike whether anybody has the FİN or not, by the same statements', async () => {
    const statementsOf = async (fin: string) => {
      database.statements.length = 0
      const { number, userErrors, error } = await begin({ fin })
      return { told: [typeof number, userErrors, error], statements: [...database.statements] }
    }
    await statementsOf(finOf('citizen'))
    const known = await statementsOf(finOf('citizen'))
    expect(await statementsOf('TEST777')).toEqual(known)
  })

  it('is one, however often it is sent under one key', async () => {
    const key = { idempotencyKey: 'one-key-of-an-officer' }
    const [{ number }, again] = [await begin(key), await begin(key)]
    expect([typeof number, again.number, again.replayed]).toEqual(['string', null, true])
    const { data } = await ask('{ applications(first: 100) { nodes { number } } }', { headers: await as('citizen') })
    const numbers = data.applications.nodes.map((one: { number: string }) => one.number)
    expect(numbers.filter((one: string) => one === number)).toHaveLength(1)
  })
})
