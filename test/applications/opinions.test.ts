import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { opinionIsOver } from '../../src/applications/opinions/opinionIsOver.js'
import { nodeIdOf } from '../../src/engine/node.js'
import { tick } from '../../src/events/deadlines.js'
import { Power } from '../../src/identity/mandates/mandate.table.js'
import { applyingOf, type Case, keyOf, registrars, start } from '../support/applying.js'
import { appointed } from '../support/appointed.js'
import { partiesIn } from '../support/parties.js'
import { as } from '../support/tokens.js'

const { database, clock, ask, outcomeOf, run, read, timelineOf, partyOf, rowOf, inReview } = await applyingOf()
const { client } = database
const [officer, deputy] = ['registration-officer', 'registration-deputy'] as const
const [adviser, accountant] = ['other-officer', 'evisa-officer'] as const

beforeAll(async () => {
  await registrars(database)
  await appointed(database, adviser, 'DMX', ['REVIEWER'])
  await appointed(database, accountant, 'DMX', ['FINANCE'])
})
beforeEach(() => clock.set(start))

const input = { agencyCode: 'DMX', question: 'Ünvan yararlıdır?', dueOn: '2026-12-01' }
const request = ({ id, revision }: Pick<Case, 'id' | 'revision'>, more: object = {}, persona: string = officer) =>
  outcomeOf(persona, 'requestOpinion', { applicationId: id, revision, ...input, ...more })

/** A case in review with an open request, and the ID of the opinion. */
async function requested(more: object = {}) {
  const found = await inReview(officer)
  expect(await request(found, more)).toBe('done')
  const [row] = await client`select id from opinions where application_id = ${found.key}`
  return { ...found, revision: found.revision + 1, opinionId: nodeIdOf('ApplicationOpinion', row?.id) }
}
const give = async (opinionId: string, by: string = adviser, text = 'Yararlıdır') => {
  const query = `mutation ($input: GiveOpinionInput!) { giveOpinion(input: $input) { opinion { state } userErrors { reason } } }`
  const { data, errors } = await ask(query, { variables: { input: { opinionId, text } }, headers: await as(by) })
  return (
    errors?.[0]?.extensions.reason ??
    errors?.[0]?.extensions.code ??
    data.giveOpinion.userErrors[0]?.reason ??
    data.giveOpinion.opinion.state
  )
}
const fields = 'id state question text officerName isOverdue applicationNumber agency { code } askingAgency { code }'
async function queueOf(persona: string, args = '') {
  const query = `{ agencyOpinions(first: 50 ${args}) { nodes { ${fields} service { code } } totalCount } }`
  const { data, errors } = await ask(query, { headers: await as(persona) })
  return data?.agencyOpinions?.nodes ?? errors?.[0]?.extensions.code
}
const eventsOf = async (subject: string) =>
  (await client`select type from events where subject = ${subject} order by id`).map(({ type }) => type)
const accessesOf = async (number: string) =>
  await client`select fields, agency.code from accesses join agencies agency on agency.id = agency_id
    where application = ${number} and fields = '{opinions}'`

describe('requestOpinion', () => {
  it('asks another agency, which sees the question and the number, and not the application', async () => {
    const { id, key, number, opinionId } = await requested()
    expect(await rowOf(key)).toMatchObject({ state: 'IN_REVIEW', dueOn: '2026-12-02', pausedAt: null })
    const [shown, ...more] = (await queueOf(adviser)).filter((one: { id: string }) => one.id === opinionId)
    expect(more).toEqual([])
    expect(shown).toMatchObject({
      state: 'REQUESTED',
      question: input.question,
      text: null,
      applicationNumber: number,
      isOverdue: false,
      agency: { code: 'DMX' },
      askingAgency: { code: 'BPQMI' },
      service: { code: 'DIN-ADDRESS-REG' },
    })
    expect(await read(number, 'number', adviser)).toBeNull()
    expect(await accessesOf(number)).toEqual([{ fields: ['opinions'], code: 'DMX' }])
    const { data } = await ask('query ($id: ID!) { node(id: $id) { id } }', {
      variables: { id },
      headers: await as(adviser),
    })
    expect(data.node).toBeNull()
    expect(await eventsOf(keyOf(opinionId))).toEqual(['opinion.requested'])
  })

  it('shows the texts to officers who may read the case, and shows the applicant which agency was asked', async () => {
    const { number, opinionId } = await requested()
    expect(await give(opinionId)).toBe('GIVEN')
    const opinion = `opinions { ${fields} }`
    const whole = { question: input.question, text: 'Yararlıdır', agency: { code: 'DMX' }, state: 'GIVEN' }
    const withoutTexts = { ...whole, question: null, text: null, officerName: null }
    expect((await read(number, opinion, officer)).opinions).toMatchObject([whole])
    expect((await read(number, opinion, deputy)).opinions).toMatchObject([withoutTexts])
    expect((await read(number, opinion)).opinions).toMatchObject([withoutTexts])
    expect(await read(number, opinion, 'other-citizen')).toBeNull()
    expect((await timelineOf(number)).slice(-2)).toMatchObject([
      { type: 'application.opinion_requested', by: 'OFFICER', text: null, toState: 'IN_REVIEW' },
      { type: 'application.opinion_given', by: 'OFFICER', text: null, toState: 'IN_REVIEW' },
    ])
    const codes = (await accessesOf(number)).map(({ code }) => code)
    expect(codes).toContain('BPQMI')
  })

  it.each([
    ['its own agency', { agencyCode: 'BPQMI' }, 'opinion.own_agency'],
    ['an unknown agency', { agencyCode: 'NOBODY' }, 'agency.unknown'],
    ['today', { dueOn: '2026-11-25' }, 'opinion.due'],
    ['a day after the term', { dueOn: '2026-12-03' }, 'opinion.due'],
    ['an empty question', { question: ' ' }, 'text.missing'],
  ])('rejects %s', async (_what, wrong, reason) => {
    expect(await request(await inReview(officer), wrong)).toBe(reason)
  })

  it('allows a month if the term is over', async () => {
    clock.set('2026-12-04T08:00:00Z')
    const found = await inReview(officer, { dueOn: '2026-12-02', dueAt: new Date('2026-12-02T14:00:00Z') })
    expect(await request(found, { dueOn: '2027-01-20' })).toBe('opinion.due')
    expect(await request(found, { dueOn: '2026-12-30' })).toBe('done')
  })

  it('rejects a second open request to the agency, and an officer without the case', async () => {
    const found = await requested()
    expect(await request(found)).toBe('opinion.requested_already')
    expect(await request(found, { agencyCode: 'DVX' })).toBe('done')
    expect(await request({ ...found, revision: found.revision + 1 }, { agencyCode: 'DIN' }, deputy)).toBe(
      'application.not_assigned',
    )
    expect(await request(found, {}, adviser)).toBe('application.unknown')
  })
})

describe('giveOpinion', () => {
  it('is once, and for reviewers of the asked agency who have no part in the case', async () => {
    const { opinionId, number } = await requested()
    expect(await give(opinionId, officer)).toBe('opinion.unknown')
    expect(await give(opinionId, accountant)).toBe('FORBIDDEN')
    expect(await give(opinionId, 'citizen')).toBe('FORBIDDEN')
    expect(await give('nothing')).toBe('opinion.unknown')
    expect(await give(opinionId, adviser, ' ')).toBe('text.missing')
    expect(await give(opinionId)).toBe('GIVEN')
    expect(await give(opinionId)).toBe('opinion.given')
    expect(
      (await timelineOf(number)).filter(({ type }: { type: string }) => type.endsWith('opinion_given')),
    ).toHaveLength(1)
    expect(await client`select from deadlines where subject = ${keyOf(opinionId)}`).toEqual([])
  })

  it('is refused in the officer’s own case, whose question the officer does not see either', async () => {
    const { opinionId } = await requested()
    await partiesIn(database).give(await partyOf(adviser), await partyOf('citizen'), { powers: [Power.VIEW] })
    expect(await give(opinionId)).toBe('case.mandate')
    const shown = (await queueOf(adviser)).find((one: { id: string }) => one.id === opinionId)
    expect(shown).toMatchObject({ question: null })
    await client`delete from mandates`
  })

  it('is refused to who requested the opinion, if they serve at both agencies', async () => {
    const { opinionId } = await requested()
    await client`insert into appointments (id, agency_id, party_id, roles, state, proposed_by, created_at, active_from)
      select gen_random_uuid(), id, ${await partyOf(officer)}, '{REVIEWER}', 'ACTIVE', 'test', now(), now() from agencies where code = 'DMX'`
    expect(await give(opinionId, officer)).toBe('opinion.own_request')
    await client`delete from appointments where agency_id = (select id from agencies where code = 'DMX') and party_id = ${await partyOf(officer)}`
  })
})

describe('withdrawOpinionRequest', () => {
  it('ends an open request, and no other', async () => {
    const { id, opinionId, number } = await requested()
    const withdraw = (more: object = {}, by: string = officer) =>
      outcomeOf(by, 'withdrawOpinionRequest', { applicationId: id, opinionId, ...more })
    const { opinionId: another } = await requested()
    expect(await withdraw({ opinionId: another })).toBe('opinion.unknown')
    expect(await withdraw({}, deputy)).toBe('application.not_assigned')
    expect(await withdraw()).toBe('done')
    expect(await withdraw()).toBe('opinion.unknown')
    expect(await give(opinionId)).toBe('opinion.withdrawn')
    expect((await timelineOf(number)).at(-1)).toMatchObject({ type: 'application.opinion_withdrawn' })
    expect(await eventsOf(keyOf(opinionId))).toEqual(['opinion.requested', 'opinion.withdrawn'])
  })

  it('happens when the application is withdrawn', async () => {
    const { id, opinionId } = await requested()
    expect(await outcomeOf('citizen', 'withdrawApplication', { applicationId: id })).toBe('done')
    const [row] = await client`select state from opinions where id = ${keyOf(opinionId)}`
    expect(row?.state).toBe('WITHDRAWN')
    expect(await client`select from deadlines where subject = ${keyOf(opinionId)}`).toEqual([])
    expect(await give(opinionId)).toBe('opinion.withdrawn')
  })
})

describe('opinionIsOver', () => {
  it('informs both agencies that an opinion is late, which can still be given', async () => {
    const { key, opinionId, number, revision } = await requested()
    const dueAt = new Date('2026-12-01T14:00:00Z')
    clock.set('2026-12-01T14:00:01Z')
    await tick(database, clock.now())
    expect(await eventsOf(keyOf(opinionId))).toEqual(['opinion.requested', 'opinion.over'])
    await run(opinionIsOver, keyOf(opinionId), 'opinion.over', dueAt, { application: key })
    expect((await timelineOf(number)).at(-1)).toMatchObject({ type: 'application.opinion_overdue', by: 'SYSTEM' })
    expect((await rowOf(key)).revision).toBe(revision)
    const late = (await queueOf(adviser, 'filter: { overdue: true }')).map((one: { id: string }) => one.id)
    expect(late).toContain(opinionId)
    expect(await give(opinionId)).toBe('GIVEN')
    const entries = (await timelineOf(number)).length
    await run(opinionIsOver, keyOf(opinionId), 'opinion.over', dueAt, { application: key })
    expect(await timelineOf(number)).toHaveLength(entries)
  })
})

describe('agencyOpinions', () => {
  it('lists by due date what other agencies asked, to reviewers of the agency', async () => {
    await client`delete from opinions`
    const [second, first] = [await requested({ dueOn: '2026-12-02' }), await requested({ dueOn: '2026-11-27' })]
    const { opinionId: given } = await requested()
    expect(await give(given)).toBe('GIVEN')
    const idsIn = async (args = '', by: string = adviser) =>
      (await queueOf(by, args)).map((one: { id: string }) => one.id)
    expect(await idsIn()).toEqual([first.opinionId, given, second.opinionId])
    expect(await idsIn('filter: { states: [REQUESTED] }')).toEqual([first.opinionId, second.opinionId])
    expect(await idsIn('filter: { service: "DIN-PASSPORT" }')).toEqual([])
    expect(await idsIn('agency: "BPQMI"')).toEqual([])
    expect(await idsIn('', deputy)).toEqual([])
    expect(await queueOf(accountant)).toBe('FORBIDDEN')
    expect(await queueOf('citizen')).toBe('FORBIDDEN')
  })

  it('takes as many statements for many opinions as for few', async () => {
    for (let count = 0; count < 3; count++) await requested()
    const statementsFor = async (first: number) => {
      database.statements.length = 0
      await ask(`{ agencyOpinions(first: ${first}, filter: { states: [REQUESTED] }) { nodes { ${fields} } } }`, {
        headers: await as(adviser),
      })
      return database.statements.length
    }
    await statementsFor(1)
    expect(await statementsFor(3)).toBe(await statementsFor(2))
  })
})
