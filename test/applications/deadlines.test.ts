import { eq, sql } from 'drizzle-orm'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { applications } from '../../src/applications/application.table.js'
import { processes, TermEnd } from '../../src/catalogue/process.table.js'
import { usualProcess } from '../../src/catalogue/usualProcess.js'
import { nodeIdOf } from '../../src/engine/nodeId.js'
import { setDeadline, tick } from '../../src/events/deadlines.js'
import { forgetParty } from '../../src/identity/party.js'
import { insertApplication } from '../support/applicationRow.js'
import { applyingOf, keyOf, registrars } from '../support/applying.js'
import { partiesIn } from '../support/parties.js'
import { keyringOfFile as keyring } from '../support/server.js'
import { as } from '../support/tokens.js'

const { database, clock, send, told, run, look, entered, whole, jobs } = await applyingOf()
const { db, client } = database
const parties = partiesIn(database)
const [officer, deputy, head] = ['registration-officer', 'registration-deputy', 'registration-head'] as const
const start = new Date('2026-11-25T08:00:00Z')

/** Services of the department whose terms end otherwise. */
const ends = { 'DIN-PASSPORT': TermEnd.DEEMED_APPROVED, 'DIN-ID-REISSUE': TermEnd.DEEMED_REFUSED }
beforeAll(async () => {
  await registrars(database)
  for (const [code, termEnd] of Object.entries(ends)) {
    const [version] = await client`
      select v.id from service_versions v join services s on s.id = v.service_id where s.code = ${code}`
    const way = { ...usualProcess, termEnd, numbered: true, source: 'Sınaq norması 7' }
    await db.insert(processes).values({ ...way, versionId: version?.id })
  }
})
beforeEach(() => clock.set(start))

const byType = {
  'application.term_over': jobs.termIsOver,
  'application.request_over': jobs.requestIsOver,
}
/** It is then, and what is due by then has happened, each twice. */
async function passTo(moment: string) {
  clock.set(new Date(moment))
  const [before] = await client`select coalesce(max(id), 0) as id from events`
  await tick(database, clock.now())
  const due = await client`
    select type, subject, at from events where id > ${before?.id} and type = any(${Object.keys(byType)}) order by at`
  for (const { type, subject, at } of [...due, ...due])
    await run(byType[type as keyof typeof byType], subject, type, new Date(at))
}
const timeline = 'timeline(first: 100) { nodes { type at by dueOn dueReason toState } }'
const typesOf = async (number: string) =>
  (await look(number, timeline)).timeline.nodes.map(({ type }: { type: string }) => type)

/** One of the citizen for that service, with an officer or without, that is due then. */
async function dueAt(service: string, moment: string, more: object = {}) {
  const due = { dueAt: new Date(moment), dueOn: moment.slice(0, 10) }
  const id = await insertApplication(database, keyring, {
    ...{ partyId: await parties.persona('citizen'), service, state: 'REGISTERED' },
    more: { registeredAt: start, ...due, ...more },
  })
  const [row] = await db.select().from(applications).where(eq(applications.id, id))
  const { partyId, agencyId, number } = row as typeof applications.$inferSelect // just made
  const subject = { domain: 'applications', subject: id, partyId, agencyId }
  await db.transaction((tx) => setDeadline(tx, { ...subject, type: 'application.term_over', dueAt: due.dueAt }))
  return { id, number }
}

describe('A term that is over', () => {
  it('is told to the head once, and the application goes on', async () => {
    const { id, number } = await entered()
    await passTo('2026-12-02T13:59:59Z')
    expect(await typesOf(number)).not.toContain('application.escalated')
    await passTo('2026-12-05T09:00:00Z')
    expect(await look(number, 'state dueOn escalatedAt')).toEqual({
      ...{ state: 'REGISTERED', dueOn: '2026-12-02', escalatedAt: '2026-12-02T14:00:00.000Z' },
    })
    expect((await typesOf(number)).filter((type: string) => type === 'application.escalated')).toHaveLength(1)
    const [event] = await client`
      select at, actor, agency_id is not null as agency from events where subject = ${keyOf(id)} and type = 'application.escalated'`
    expect(event).toEqual({ at: '2026-12-02 14:00:00+00', actor: 'deadline', agency: true })
    const { revision } = await look(number, 'revision')
    expect(await told(as(deputy), 'assignApplication', { application: id, revision })).toBe('done')
  })

  it('is deemed a refusal with effect at its end, however late that is found, and can be appealed from when it is known', async () => {
    const { id, number } = await dueAt('DIN-ID-REISSUE', '2026-12-02T14:00:00Z')
    await passTo('2026-12-21T09:00:00Z')
    const shown = `state decidedAt decisions { outcome at ground norm deemed appealUntil document { number kind series } }`
    expect(await look(number, shown)).toEqual({
      ...{ state: 'REFUSED', decidedAt: '2026-12-02T14:00:00.000Z' },
      decisions: [
        {
          ...{ outcome: 'REFUSED', at: '2026-12-02T14:00:00.000Z', deemed: true, norm: 'Sınaq norması 7' },
          ground: 'Müddət qərar verilmədən bitib.',
          // 20 January is a day off.
          appealUntil: '2027-01-21T14:00:00.000Z',
          document: { kind: 'DECISION', number: expect.stringMatching(/^D26-/), series: 'BPQMI-2026' },
        },
      ],
    })
    const last = (await look(number, timeline)).timeline.nodes.at(-1)
    expect(last).toMatchObject({ type: 'application.refused', at: '2026-12-02T14:00:00.000Z', by: 'SYSTEM' })
    // Nobody decided, so anybody may look at the appeal.
    expect(await told(as('citizen'), 'appealDecision', { application: nodeIdOf('Application', id), text: 'Yox' })).toBe(
      'done',
    )
    const { revision } = await look(number, 'revision')
    const assign = { application: nodeIdOf('Application', id), revision }
    expect(await told(as(deputy), 'assignApplication', assign)).toBe('done')
  })

  it('is deemed an approval likewise, and whoever takes it then hands over the result', async () => {
    const { id, number } = await dueAt('DIN-PASSPORT', '2026-12-02T14:00:00Z')
    await passTo('2026-12-02T14:00:00Z')
    expect(await look(number, 'state decisions { outcome deemed appealUntil }')).toEqual({
      ...{ state: 'APPROVED', decisions: [{ outcome: 'APPROVED', deemed: true, appealUntil: null }] },
    })
    const application = nodeIdOf('Application', id)
    expect(await told(as(officer), 'completeApplication', { application })).toBe('application.not_assigned')
    const { revision } = await look(number, 'revision')
    expect(await told(as(officer), 'assignApplication', { application, revision })).toBe('done')
    expect(await told(as(officer), 'completeApplication', { application })).toBe('done')
  })

  it.each(Object.keys(ends))(
    'is nothing where it was decided, moved or stands still meanwhile: %s',
    async (service) => {
      const at = new Date('2026-12-02T14:00:00Z')
      const decided = await dueAt(service, '2026-12-02T14:00:00Z', { state: 'WITHDRAWN' })
      const moved = await dueAt(service, '2026-12-03T14:00:00Z')
      const paused = await dueAt(service, '2026-12-02T14:00:00Z', { state: 'INFORMATION_REQUESTED', pausedAt: start })
      const early = await dueAt(service, '2026-12-02T14:00:00Z', { notBefore: new Date('2026-12-09T14:00:00Z') })
      for (const { id, number } of [decided, moved, paused, early]) {
        const before = await look(number, 'state revision')
        await run(jobs.termIsOver, id, 'application.term_over', at)
        expect(await look(number, 'state revision')).toEqual(before)
      }
    },
  )

  it('is what the law says, though an officer or the applicant is quicker than whoever looks at the time', async () => {
    const officerId = await parties.persona(deputy)
    const late = { ground: 'Sənəd çatmır', norm: 'Sınaq norması 1' }
    const tries = [
      [deputy, 'decideApplication', { outcome: 'REFUSED', ...late }],
      [deputy, 'decideApplication', { outcome: 'APPROVED' }],
      [deputy, 'decideApplication', { outcome: 'DISCONTINUED', ...late }],
      [deputy, 'requestInformation', { text: 'Sənəd', until: '2026-12-10' }],
      ['citizen', 'withdrawApplication', {}],
    ] as const
    const { id, number } = await dueAt('DIN-PASSPORT', '2026-12-02T14:00:00Z', { state: 'IN_REVIEW', officerId })
    clock.set(new Date('2026-12-02T14:00:01Z'))
    for (const [persona, name, input] of tries) {
      const about = { application: nodeIdOf('Application', id), revision: 1, ...input }
      expect([name, await told(as(persona), name, about)]).toEqual([name, 'application.law_decides'])
    }
    const can = (await look(number, 'viewerCan { action allowed }', deputy)).viewerCan
    expect(can).toContainEqual({ action: 'REFUSE', allowed: false })
    await passTo('2026-12-03T08:00:00Z')
    expect((await look(number, 'state')).state).toBe('APPROVED')
  })

  it('of somebody who was forgotten is what the law says, on no paper', async () => {
    const partyId = await parties.persona('stateless')
    const id = await insertApplication(database, keyring, {
      ...{ partyId, service: 'DIN-ID-REISSUE', state: 'REGISTERED' },
      more: { dueAt: new Date('2026-12-02T14:00:00Z'), dueOn: '2026-12-02' },
    })
    await db.transaction((tx) => forgetParty(tx, partyId, start))
    await run(jobs.termIsOver, id, 'application.term_over', new Date('2026-12-02T14:00:00Z'))
    const rows = await client`select outcome, ground, document_id from decisions where application_id = ${id}`
    expect(rows).toEqual([{ outcome: 'REFUSED', ground: null, document_id: null }])
  })
})

describe('A request that nobody answers', () => {
  const asked = async (until: string) => {
    const { id, number, revision } = await entered()
    await send(as(officer), 'assignApplication', { application: id, revision })
    const request = { application: id, revision: revision + 1, text: 'Sənəd', until }
    expect(await told(as(officer), 'requestInformation', request)).toBe('done')
    return { id, number }
  }

  it('is over on its day, from which the term runs again, however late that is found; the officer is told', async () => {
    const { id, number } = await asked('2026-12-07')
    await passTo('2026-12-08T09:00:00Z')
    const found = await look(number, `state dueOn pausedAt respondBy escalatedAt ${timeline}`)
    // All five working days were left on the day it was sent.
    expect(found).toMatchObject({
      ...{ state: 'IN_REVIEW', dueOn: '2026-12-14', pausedAt: null, respondBy: null, escalatedAt: null },
    })
    expect(found.timeline.nodes.at(-1)).toMatchObject({
      ...{ type: 'application.resumed', by: 'SYSTEM', at: '2026-12-07T14:00:00.000Z' },
      ...{ dueOn: '2026-12-14', dueReason: 'term.resumed' },
    })
    const [event] = await client`select ids from events where subject = ${keyOf(id)} and type = 'application.resumed'`
    expect(event?.ids).toEqual({ officer: await parties.persona(officer) })
    await passTo('2026-12-14T14:00:00Z')
    expect(await typesOf(number)).toContain('application.escalated')
  })

  it('is nothing where it was answered, and an answer behind its day gives the agency no more time', async () => {
    const { id, number } = await asked('2026-12-07')
    clock.set(new Date('2026-12-09T09:00:00Z'))
    const { revision } = await look(number, 'revision')
    expect(await told(as('citizen'), 'respondToRequest', { application: id, revision, text: 'Budur' })).toBe('done')
    const answered = await look(number, 'state dueOn revision')
    expect(answered).toMatchObject({ state: 'IN_REVIEW', dueOn: '2026-12-14' })
    await run(jobs.requestIsOver, keyOf(id), 'application.request_over', new Date('2026-12-07T14:00:00Z'))
    expect(await look(number, 'state dueOn revision')).toEqual(answered)
  })
})

describe('A term that stands still', () => {
  it.each([
    ['for no time is due when it was', '2026-11-27T08:00:00Z', '2026-11-27T09:00:00Z', '2026-12-02'],
    ['over a weekend is due as many working days later', '2026-11-27T08:00:00Z', '2026-11-30T08:00:00Z', '2026-12-03'],
    ['from its last day on is due on that of the answer', '2026-12-02T08:00:00Z', '2027-01-11T08:00:00Z', '2027-01-11'],
    ['until the evening runs from the next working day', '2026-11-27T08:00:00Z', '2026-11-27T16:00:00Z', '2026-12-03'],
    ['from an evening on stood still from the next one', '2026-11-26T16:00:00Z', '2026-11-27T08:00:00Z', '2026-12-02'],
  ])('%s', async (_what, pausedAt, resumedAt, dueOn) => {
    const { id, number, revision } = await entered()
    await send(as(officer), 'assignApplication', { application: id, revision })
    clock.set(new Date(pausedAt))
    const request = { application: id, revision: revision + 1, text: 'Sənəd', until: '2027-02-01' }
    expect(await told(as(officer), 'requestInformation', request)).toBe('done')
    clock.set(new Date(resumedAt))
    const respond = { application: id, revision: revision + 2, text: 'Budur' }
    expect(await told(as('citizen'), 'respondToRequest', respond)).toBe('done')
    expect((await look(number, 'dueOn')).dueOn).toBe(dueOn)
  })

  it('runs again past the end of the calendar: no last day is known, and the timeline says why', async () => {
    clock.set(new Date('2027-12-20T08:00:00Z'))
    const { id, number, revision } = await entered()
    await send(as(officer), 'assignApplication', { application: id, revision })
    const request = { application: id, revision: revision + 1, text: 'Sənəd', until: '2027-12-30' }
    expect(await told(as(officer), 'requestInformation', request)).toBe('done')
    clock.set(new Date('2027-12-30T08:00:00Z'))
    const respond = { application: id, revision: revision + 2, text: 'Budur' }
    expect(await told(as('citizen'), 'respondToRequest', respond)).toBe('done')
    const { dueOn, timeline: told_ } = await look(number, `dueOn ${timeline}`)
    expect(dueOn).toBeNull()
    expect(told_.nodes.at(-1)).toMatchObject({ dueOn: null, dueReason: 'term.beyond_calendar' })
  })

  it('may be asked twice, and extended between', async () => {
    const { id, number } = await entered()
    const act = async (persona: string, name: string, input: object) => {
      const { revision } = await look(number, 'revision')
      expect(await told(as(persona), name, { application: id, revision, ...input })).toBe('done')
    }
    await act(deputy, 'assignApplication', {})
    clock.set(new Date('2026-11-26T08:00:00Z'))
    await act(deputy, 'requestInformation', { text: 'Bir', until: '2026-12-31' })
    clock.set(new Date('2026-12-03T08:00:00Z'))
    await act('citizen', 'respondToRequest', { text: 'Bir' })
    expect((await look(number, 'dueOn')).dueOn).toBe('2026-12-09')
    await act(deputy, 'extendTerm', { by: 7, reason: 'Sorğu' })
    expect((await look(number, 'dueOn')).dueOn).toBe('2026-12-16')
    await act(deputy, 'requestInformation', { text: 'İki', until: '2026-12-31' })
    clock.set(new Date('2026-12-04T08:00:00Z'))
    await act('citizen', 'respondToRequest', { text: 'İki' })
    expect((await look(number, 'dueOn')).dueOn).toBe('2026-12-17')
    const reasons = (await look(number, timeline)).timeline.nodes.flatMap(
      ({ dueReason }: { dueReason: string | null }) => dueReason ?? [],
    )
    expect(reasons).toEqual(['term.registered', 'term.resumed', 'term.extended', 'term.resumed'])
  })
})

it('A term is counted from when the application came, however late the machine enters it', async () => {
  clock.set(new Date('2026-11-25T13:59:59Z'))
  const { id, number, revision } = await whole()
  await send(as('citizen'), 'submitApplication', { application: id, revision })
  // Behind 18:00 in Baku, when what comes is accepted on the next working day.
  clock.set(new Date('2026-11-25T14:00:03Z'))
  await run(jobs.registerApplication, keyOf(id))
  expect(await look(number, 'dueOn registeredAt')).toEqual({
    ...{ dueOn: '2026-12-02', registeredAt: '2026-11-25T14:00:03.000Z' },
  })
})

it('A term that is also told as done at once is the one in which somebody looks at it', async () => {
  const id = await insertApplication(database, keyring, {
    ...{ partyId: await parties.persona('citizen'), service: 'DSMF-PENSION', state: 'SUBMITTED' },
  })
  await run(jobs.registerApplication, id)
  // Ten working days; what is given at once is what an agency gives by itself.
  expect(await client`select due_on from applications where id = ${id}`).toEqual([{ due_on: '2026-12-09' }])
})

describe('A filing', () => {
  it('that is only to be acknowledged is so by machine, once, and its term is never over', async () => {
    const id = await insertApplication(database, keyring, {
      ...{ partyId: await parties.persona('citizen'), service: 'DGK-SMART', state: 'SUBMITTED' },
    })
    await run(jobs.registerApplication, id)
    const [{ due_at: due } = {}] = await client`select due_at from applications where id = ${id}`
    await run(jobs.termIsOver, id, 'application.term_over', new Date(due))
    for (let twice = 0; twice < 2; twice++) await run(jobs.acknowledgeFiling, id)
    const [row] = await client`select state, number from applications where id = ${id}`
    expect(row?.state).toBe('COMPLETED')
    expect(await typesOf(row?.number)).toEqual([
      ...['application.started', 'application.registered', 'application.approved', 'application.completed'],
    ])
    expect((await client`select 1 from deadlines where subject = ${id}`).length).toBe(0)
  })

  it('that is only to be acknowledged is so though an officer was quicker than the machine', async () => {
    const id = await insertApplication(database, keyring, {
      ...{ partyId: await parties.persona('citizen'), service: 'DGK-SMART', state: 'IN_REVIEW' },
      more: { officerId: await parties.persona(deputy), registeredAt: start, dueAt: start, dueOn: '2026-11-25' },
    })
    await run(jobs.acknowledgeFiling, id)
    expect(await client`select state from applications where id = ${id}`).toEqual([{ state: 'COMPLETED' }])
  })

  it('that somebody looks at is not', async () => {
    const { number, id } = await entered()
    await run(jobs.acknowledgeFiling, keyOf(id))
    expect((await look(number, 'state')).state).toBe('REGISTERED')
  })
})

it('What an officer begins is theirs to end: a term that is over meanwhile tells them by another revision', async () => {
  const draft = await whole()
  expect(draft.state).toBe('DRAFT')
  const { id, number, revision } = await entered()
  await send(as(head), 'assignApplication', { application: id, revision })
  await passTo('2026-12-02T14:00:00Z')
  const input = { application: id, revision: revision + 1, outcome: 'APPROVED' }
  expect(await told(as(head), 'decideApplication', input)).toBe('application.changed')
  const seen = await look(number, 'revision')
  expect(await told(as(head), 'decideApplication', { ...input, ...seen })).toBe('done')
  expect(await db.execute(sql`select 1 from deadlines where subject = ${keyOf(id)}::uuid`)).toHaveLength(0)
})
