import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { caseFor } from '../../src/applications/application.repository.js'
import { Action } from '../../src/applications/transition.rules.js'
import { nodeIdOf } from '../../src/engine/nodeId.js'
import { events } from '../../src/events/event.table.js'
import { MandateKind } from '../../src/identity/mandate.table.js'
import { contextOf, nobody } from '../../src/shared/context.js'
import { applyingOf, keyOf, registrars } from '../support/applying.js'
import { everythingAsText, formsOf } from '../support/everything.js'
import { unmetered } from '../support/meter.js'
import { partiesIn, partyId } from '../support/parties.js'
import { keyringOfFile as keyring } from '../support/server.js'
import { as } from '../support/tokens.js'

const { database, clock, ask, send, told, look, entered, appointed } = await applyingOf()
const { db, client } = database
const parties = partiesIn(database)
let appointments: Record<string, string>
beforeAll(async () => {
  appointments = await registrars(database)
  await appointed(database, 'other-officer', 'DMX', ['REVIEWER', 'APPROVER'])
})
beforeEach(() => clock.set(new Date('2026-11-25T08:00:00Z')))

const [officer, deputy, head] = ['registration-officer', 'registration-deputy', 'registration-head'] as const
const citizen = () => as('citizen')
const timeline = 'timeline(first: 100) { nodes { type by text dueOn dueReason fromState toState } }'
const eventsOf = async (id: string) =>
  (await db.select().from(events).orderBy(events.id))
    .filter(({ subject }) => subject === keyOf(id))
    .map(({ type }) => type)

/** Given to that officer, as it is then. */
async function assigned(persona: string = deputy) {
  const { id, revision } = await entered()
  const { application, userErrors, error } = await send(as(persona), 'assignApplication', { application: id, revision })
  expect([userErrors, error]).toEqual([[], undefined])
  return application
}
const refusal = { outcome: 'REFUSED', ground: 'Sənəd çatmır', norm: 'Sınaq norması 1' }
const decide = (persona: string, { id, revision }: { id: string; revision: number }, more: object = refusal) =>
  told(as(persona), 'decideApplication', { application: id, revision, ...more })

describe('An application that was entered', () => {
  it('is taken by an officer of the agency, who then sees what it says; no other does', async () => {
    const { number, state } = await assigned(officer)
    expect(state).toBe('IN_REVIEW')
    const shown = 'officer { isCaller name } content { answers applicant { name } }'
    const seen = await look(number, shown, officer)
    expect([seen.officer, seen.content.answers.basis]).toEqual([
      { isCaller: true, name: 'Qeydiyyat Məmuru Sınaq' },
      'OWNER',
    ])
    expect(await look(number, 'officer { isCaller name }', deputy)).toEqual({
      officer: { isCaller: false, name: 'Qeydiyyat Məmuru Sınaq' },
    })
    expect(await look(number, 'officer { isCaller name }')).toEqual({ officer: { isCaller: false, name: null } })
    for (const persona of [deputy, head, 'auditor']) {
      const query = `{ application(number: "${number}") { content { answers } } }`
      const { data, errors } = await ask(query, { headers: await as(persona) })
      expect([persona, data.application.content, errors?.[0]?.extensions.code]).toEqual([persona, null, 'FORBIDDEN'])
    }
    expect(await look(number, 'id', 'other-officer')).toBeNull()
  })

  it('is looked at by that officer with a line in the access log each time, and by the applicant with none', async () => {
    const { number } = await assigned(officer)
    const count = async () => (await client`select 1 from accesses where application = ${number}`).length
    const before = await count()
    await look(number, `content { answers } ${timeline}`, officer)
    expect(await count()).toBe(before + 1)
    await look(number, `content { answers } ${timeline}`)
    expect(await count()).toBe(before + 1)
  })

  it('has one of two officers who take it at once', async () => {
    const { id, revision } = await entered()
    const answers = await Promise.all(
      [officer, deputy].map((persona) => told(as(persona), 'assignApplication', { application: id, revision })),
    )
    expect(answers.sort()).toEqual(['application.changed', 'done'])
  })

  it('is handed on by who has it, disposed of by who approves, and taken from a colleague by no reviewer', async () => {
    const of = (persona: string) => ({ officer: appointments[persona] })
    const { id, number } = await assigned(deputy)
    const assign = async (persona: string, more: object = {}) => {
      const { revision } = await look(number, 'revision')
      return told(as(persona), 'assignApplication', { application: id, revision, ...more })
    }
    expect(await assign(officer)).toBe('application.not_assigned')
    expect(await assign(head, of(officer))).toBe('done')
    expect(await assign(officer, of(officer))).toBe('application.assigned_already')
    expect(await assign(officer, of(head))).toBe('done')
    expect(await assign(officer)).toBe('application.not_assigned')
    expect(await assign(head, { officer: partyId('01a20000-0000-7000-8000-000000000000') })).toBe('appointment.unknown')
    const [elsewhere] = await client`
      select appointments.id from appointments join agencies on agencies.id = agency_id where code = 'DMX'`
    expect(await assign(head, { officer: nodeIdOf('Appointment', elsewhere?.id) })).toBe('appointment.unknown')
    const entry = (await look(number, timeline)).timeline.nodes.at(-1)
    expect(entry).toMatchObject({ type: 'application.assigned', by: 'OFFICER' })
  })

  it('is nobody’s of their own: neither the officer’s, nor that of a relative, nor of one who applies with them', async () => {
    const { id, revision, number } = await entered()
    const mother = await parties.persona('citizen')
    await parties.give(await parties.persona(officer), mother, { kind: MandateKind.PARENT })
    const input = { application: id, revision }
    const { error } = await send(as(officer), 'assignApplication', input)
    expect(error?.extensions).toMatchObject({ code: 'FORBIDDEN', reason: 'case.relative' })
    expect(await told(as(officer), 'openApplication', { application: id, reason: 'Maraq' })).toBe('FORBIDDEN')
    expect(await told(as(head), 'assignApplication', { ...input, officer: appointments[officer] })).toBe(
      'application.their_own_case',
    )
    const can = (await look(number, 'viewerCan { action reason }', officer)).viewerCan
    expect(can).toContainEqual({ action: 'ASSIGN', reason: 'application.own_case' })
    await client`delete from mandates where kind = 'PARENT'`

    const [row] = await client`select party_id from appointments where id = ${keyOf(appointments[deputy] as string)}`
    await client`insert into co_applicants (id, application_id, party_id, code_hash, invited_at, expires_at, confirmed_at)
      values (gen_random_uuid(), ${keyOf(id)}, ${row?.party_id}, 'x', now(), now(), now())`
    const refused = await send(as(deputy), 'assignApplication', input)
    expect(refused.error?.extensions).toMatchObject({ code: 'FORBIDDEN', reason: 'case.own' })
  })

  it('is read no more by the officer whose own case it has become, be it by one who applies with the applicant', async () => {
    const { id, number } = await assigned(officer)
    await send(as('citizen'), 'sendMessage', { application: id, text: 'Açar qonşudadır' })
    const read = async () => {
      const { content, timeline } = await look(
        number,
        'content { answers } timeline(first: 100) { nodes { text } }',
        officer,
      )
      return [content?.answers.basis, timeline.nodes.at(-1).text]
    }
    const told = ['OWNER', 'Açar qonşudadır']
    expect(await read()).toEqual(told)
    const relative = await parties.persona('other-citizen')
    const tied = { kind: MandateKind.PARENT }
    const mandate = await parties.give(await parties.persona(officer), relative, tied)
    expect(await read()).toEqual(told)
    await client`insert into co_applicants (id, application_id, party_id, code_hash, invited_at, expires_at, confirmed_at)
      values (gen_random_uuid(), ${keyOf(id)}, ${relative}, 'y', now(), now(), now())`
    expect(await read()).toEqual([undefined, null])
    await client`delete from mandates where id = ${mandate}`
    expect(await read()).toEqual(told)
    await parties.give(await parties.persona(officer), await parties.persona('citizen'), tied)
    expect(await read()).toEqual([undefined, null])
    await client`delete from mandates where kind = 'PARENT'`
  })

  it('is opened by another who says why: for a day of work, logged, and told to the ADMIN', async () => {
    const { id, number } = await assigned(officer)
    const read = async (persona: string) =>
      (await ask(`{ application(number: "${number}") { content { answers } } }`, { headers: await as(persona) })).data
        .application.content?.answers.basis
    expect(await told(as(deputy), 'openApplication', { application: id, reason: ' ' })).toBe('text.missing')
    expect(await told(as(officer), 'openApplication', { application: id, reason: 'Mənimdir' })).toBe(
      'application.is_yours',
    )
    const { opening, error } = await send(
      as(deputy),
      'openApplication',
      { application: id, reason: 'Həmkarım xəstədir' },
      'opening { until } application { revision }',
    )
    expect([error, opening]).toEqual([undefined, { until: '2026-11-25T16:00:00.000Z' }])
    expect(await read(deputy)).toBe('OWNER')
    expect(await read(head)).toBeUndefined()
    const [log] = await client`select fields, purposes.code from accesses join purposes on purposes.id = purpose_id
      where application = ${number} order by accesses.id desc limit 1`
    expect(log).toEqual({ fields: ['application'], code: 'APPLICATION' })
    const list = '{ agencyOpenings(first: 1) { nodes { reason officerName at application { number } } } }'
    const openings = async (persona: string) => await ask(list, { headers: await as(persona) })
    expect((await openings(head)).data.agencyOpenings.nodes).toEqual([
      {
        ...{ reason: 'Həmkarım xəstədir', officerName: 'Qeydiyyat Müavini Sınaq', at: '2026-11-25T08:00:00.000Z' },
        application: { number },
      },
    ])
    expect((await openings(deputy)).errors?.[0]?.extensions.code).toBe('FORBIDDEN')
    expect(await eventsOf(id)).toContain('application.opened')
    clock.set(new Date('2026-11-25T16:00:00Z'))
    expect(await read(deputy)).toBeUndefined()
    const everything = await everythingAsText(client)
    for (const form of formsOf('Həmkarım xəstədir')) expect(everything).not.toContain(form)
  })
})

describe('What is missing', () => {
  it('is asked for in one notice, and the term stands still until it is given', async () => {
    const { id, number, revision } = await assigned(officer)
    const ask = { application: id, revision, text: 'Mülkiyyət sənədi', until: '2026-12-10' }
    expect(await told(as(deputy), 'requestInformation', ask)).toBe('application.not_assigned')
    for (const until of ['2026-11-25', '2028-01-01'])
      expect(await told(as(officer), 'requestInformation', { ...ask, until, text: ' ' })).toBe(
        'text.missing request.until',
      )
    clock.set(new Date('2026-11-27T08:00:00Z'))
    expect(await told(as(officer), 'requestInformation', ask)).toBe('done')
    const shown = `state dueOn pausedAt respondBy ${timeline}`
    const asked = await look(number, shown)
    expect(asked).toMatchObject({
      ...{ state: 'INFORMATION_REQUESTED', dueOn: '2026-12-02', pausedAt: '2026-11-27T08:00:00.000Z' },
      respondBy: '2026-12-10T14:00:00.000Z',
    })
    expect(asked.timeline.nodes.at(-1)).toMatchObject({ by: 'OFFICER', text: 'Mülkiyyət sənədi' })
    expect((await look(number, timeline, deputy)).timeline.nodes.at(-1)).toMatchObject({ text: null })
    const kinds = await client`select type from deadlines where subject = ${keyOf(id)}`
    expect(kinds.map(({ type }) => type)).toEqual(['application.request_over'])

    clock.set(new Date('2026-12-07T08:00:00Z'))
    const { revision: seen } = await look(number, 'revision')
    expect(await told(citizen(), 'respondToRequest', { application: id, revision: seen })).toBe('response.missing')
    expect(await told(citizen(), 'respondToRequest', { application: id, revision: seen, text: 'Budur' })).toBe('done')
    const given = await look(number, shown)
    // Of five working days two were over on the day it was asked for: Monday the 30th to Wednesday the 2nd were left.
    expect(given).toMatchObject({ state: 'IN_REVIEW', dueOn: '2026-12-10', pausedAt: null, respondBy: null })
    expect(given.timeline.nodes.at(-1)).toMatchObject({
      ...{ type: 'application.information_given', by: 'APPLICANT', text: 'Budur' },
      ...{ dueOn: '2026-12-10', dueReason: 'term.resumed' },
    })
    const [deadline] = await client`select type, due_at from deadlines where subject = ${keyOf(id)}`
    expect(deadline).toEqual({ type: 'application.term_over', due_at: '2026-12-10 14:00:00+00' })
  })

  it('may be other answers, whole ones, and those before are kept as the receipt has them', async () => {
    const { id, number, revision } = await assigned(officer)
    await told(as(officer), 'requestInformation', { application: id, revision, text: 'Ünvan', until: '2026-12-10' })
    const { content } = await look(number, 'content { answers }')
    const respond = async (answers: object) =>
      told(citizen(), 'respondToRequest', { application: id, revision: revision + 1, answers })
    expect(await respond({ ...content.answers, basis: 'OTHER' })).toBe('answer.missing')
    const applicant = { ...content.answers.applicant, surname: 'Somebody' }
    const anew = { ...content.answers, basis: 'OTHER', explanation: 'Qohumdur' }
    expect(await respond({ ...anew, applicant })).toBe('done')
    const seen = (await look(number, 'content { answers earlier { answers until } }', officer)).content
    expect(seen.answers).toEqual(anew)
    expect(seen.earlier).toEqual([{ answers: content.answers, until: '2026-11-25T08:00:00.000Z' }])
  })

  it('is asked no more of an application that is taken back', async () => {
    const { id, number, revision } = await assigned(officer)
    await told(as(officer), 'requestInformation', { application: id, revision, text: 'Sənəd', until: '2026-12-10' })
    expect(await told(citizen(), 'withdrawApplication', { application: id })).toBe('done')
    expect(await look(number, 'state respondBy pausedAt')).toEqual({
      ...{ state: 'WITHDRAWN', respondBy: null, pausedAt: null },
    })
  })

  it('is not given twice, nor by somebody else', async () => {
    const { id, revision } = await assigned(officer)
    await told(as(officer), 'requestInformation', { application: id, revision, text: 'Sənəd', until: '2026-12-10' })
    const input = { application: id, revision: revision + 1, text: 'Budur' }
    expect(await told(as('other-citizen'), 'respondToRequest', input)).toBe('application.unknown')
    expect(await told(citizen(), 'respondToRequest', input)).toBe('done')
    expect(await told(citizen(), 'respondToRequest', input)).toBe('application.changed')
  })
})

describe('A term', () => {
  it('is extended once, with a reason, by no more than the norm lets it and not once it is over', async () => {
    const { id, number, revision } = await assigned(deputy)
    const extend = async (by: number, reason = 'Arxivə sorğu', seen?: number) =>
      told(as(deputy), 'extendTerm', { application: id, revision: seen ?? revision, by, reason })
    expect(await extend(0)).toBe('term.extension')
    expect(await extend(31, ' ')).toBe('term.extension text.missing')
    expect(await told(as(head), 'extendTerm', { application: id, revision, by: 5, reason: 'x' })).toBe(
      'application.not_assigned',
    )
    expect(await extend(10)).toBe('done')
    const extended = await look(number, `dueOn revision ${timeline}`)
    // Ten calendar days behind 2 December are a Saturday.
    expect(extended).toMatchObject({ dueOn: '2026-12-14' })
    expect(extended.timeline.nodes.at(-1)).toMatchObject({
      ...{ type: 'application.extended', text: 'Arxivə sorğu', dueOn: '2026-12-14', dueReason: 'term.extended' },
    })
    expect(await extend(5, 'Yenə', extended.revision)).toBe('application.extended')

    const other = await assigned(deputy)
    clock.set(new Date('2026-12-02T14:00:01Z'))
    const late = { application: other.id, revision: other.revision, by: 5, reason: 'Gecikdi' }
    expect(await told(as(deputy), 'extendTerm', late)).toBe('application.term_over')
  })
})

describe('A message', () => {
  it('of the applicant takes the case from no officer who is deciding it', async () => {
    const application = await assigned(deputy)
    const message = { application: application.id, text: 'Nə vaxt?' }
    expect(await told(citizen(), 'sendMessage', message)).toBe('done')
    expect(await decide(deputy, application)).toBe('done')
  })

  it('is read where it is shown alone, so that who writes without end costs a reader no more than a page', async () => {
    const { id, number } = await assigned(officer)
    expect(await told(as('citizen'), 'sendMessage', { application: id, text: 'Birinci' })).toBe('done')
    // What is sealed for another row: whoever reads it fails.
    await client`
      insert into timeline_entries (id, application_id, party_id, at, type, to_state, actor, mandate_ids, text)
      select gen_random_uuid(), application_id, party_id, '2026-11-26T08:00:00Z', type, to_state, actor, mandate_ids, text
      from timeline_entries where application_id = ${keyOf(id)} and text is not null`
    const { nodes } = (await look(number, 'timeline(first: 6) { nodes { type text } }', officer)).timeline
    expect(nodes.at(-1)).toMatchObject({ type: 'application.message_sent', text: 'Birinci' })
  })

  it('goes both ways, is sealed, and each sees it in the timeline', async () => {
    const { id, number } = await assigned(officer)
    const write = (persona: string, text: string) => told(as(persona), 'sendMessage', { application: id, text })
    expect(await write('citizen', 'Gizli sual')).toBe('done')
    expect(await write(officer, 'Gizli cavab')).toBe('done')
    expect(await write(deputy, 'Mən də')).toBe('application.not_assigned')
    expect(await write('other-citizen', 'Mən də')).toBe('application.unknown')
    expect(await write('citizen', ' '.repeat(5))).toBe('text.missing')
    expect(await write('citizen', 'x'.repeat(4001))).toBe('text.too_long')
    for (const persona of ['citizen', officer])
      expect((await look(number, timeline, persona)).timeline.nodes.slice(-2)).toMatchObject([
        { by: 'APPLICANT', text: 'Gizli sual', toState: 'IN_REVIEW' },
        { by: 'OFFICER', text: 'Gizli cavab', toState: 'IN_REVIEW' },
      ])
    const everything = await everythingAsText(client)
    for (const form of [...formsOf('Gizli sual'), ...formsOf('Gizli cavab')]) expect(everything).not.toContain(form)
  })
})

describe('A decision', () => {
  const shown = `state decidedAt decisions { outcome at ground norm appealTo appealUntil deemed document { number kind } }
    documents { number kind }`

  it('of a refusal says why, by which norm, and where and until when to appeal; its document names the officer', async () => {
    const application = await assigned(deputy)
    expect(await decide(deputy, application, { outcome: 'REFUSED' })).toBe('text.missing decision.norm')
    expect(await decide(deputy, application, { outcome: 'DISCONTINUED', ground: ' ', norm: ' ' })).toBe(
      'text.missing text.missing',
    )
    expect(await decide(deputy, application)).toBe('done')
    const decided = await look(application.number, shown)
    expect(decided).toMatchObject({
      ...{ state: 'REFUSED', decidedAt: '2026-11-25T08:00:00.000Z' },
      decisions: [
        {
          ...{ outcome: 'REFUSED', ground: 'Sənəd çatmır', norm: 'Sınaq norması 1', deemed: false },
          ...{ appealTo: 'Baş Pasport, Qeydiyyat və Miqrasiya İdarəsi', appealUntil: '2026-12-25T14:00:00.000Z' },
          document: { kind: 'DECISION', number: expect.stringMatching(/^D26-/) },
        },
      ],
    })
    expect(decided.documents.map(({ kind }: { kind: string }) => kind).sort()).toEqual(['DECISION', 'RECEIPT'])
    expect((await look(application.number, shown, head)).decisions[0]).toMatchObject({ ground: null, norm: null })
    expect((await look(application.number, shown, deputy)).decisions[0].ground).toBe('Sənəd çatmır')
    expect((await client`select type from deadlines where subject = ${keyOf(application.id)}`).length).toBe(0)
  })

  it('is for who approves, has it, and has signed in surely and just now', async () => {
    const application = await assigned(officer)
    const { id, revision } = application
    const approval = { application: id, revision, outcome: 'APPROVED' }
    expect(await decide(officer, application)).toBe('FORBIDDEN')
    expect(await decide(deputy, application)).toBe('application.not_assigned')
    expect(await decide('other-officer', application)).toBe('application.unknown')
    const long = as(deputy, { auth_time: Math.floor(Date.now() / 1000) - 700 })
    expect(await told(long, 'decideApplication', approval)).toBe('STEP_UP_REQUIRED')
    expect(await told(as(deputy, { acr: 'urn:pencere:sandbox:substantial' }), 'decideApplication', approval)).toBe(
      'STEP_UP_REQUIRED',
    )
    expect(await told(citizen(), 'decideApplication', approval)).toBe('FORBIDDEN')
  })

  it('is one of two that are made at once, and the other is told that it came too late', async () => {
    const application = await assigned(deputy)
    const answers = await Promise.all([
      decide(deputy, application, { outcome: 'APPROVED' }),
      decide(deputy, application, refusal),
    ])
    expect(answers.sort()).toEqual(['application.changed', 'done'])
    const { decisions, documents } = await look(application.number, shown)
    expect([decisions.length, documents.length]).toEqual([1, 2])
  })

  it('of one who is no officer of the agency any more is none, though the request came before', async () => {
    const { id } = await assigned(deputy)
    const party = await parties.persona(deputy)
    const appointment = keyOf(appointments[deputy] as string)
    const [{ agency_id: agencyId } = {}] = await client`select agency_id from appointments where id = ${appointment}`
    // As it was known who asks, when they still were.
    const office = { agencyId, agency: 'BPQMI', roles: ['APPROVER'] }
    const context = contextOf({
      ...{ language: 'en', database, keyring, meter: unmetered, now: clock.now, timeout: 5000 },
      caller: { ...nobody, kind: 'OFFICER', id: `officer:${party}`, party, offices: [office] },
    })
    const found = () => db.transaction((tx) => caseFor({ tx, context }, { application: id }, Action.APPROVE))
    expect(await found()).toMatchObject({ relation: { isApprover: true } })
    await client`update appointments set state = 'ENDED', ended_at = now() where id = ${appointment}`
    expect(await found()).toMatchObject({ refused: [{ reason: 'application.unknown' }] })
    await client`update appointments set state = 'ACTIVE', ended_at = null where id = ${appointment}`
  })

  it('that grants it can be handed over, by who has it', async () => {
    const { id, number, revision } = await assigned(deputy)
    expect(await decide(deputy, { id, revision }, { outcome: 'APPROVED', ground: 'Qeydiyyata alındı' })).toBe('done')
    const approved = await look(number, shown)
    expect(approved).toMatchObject({ state: 'APPROVED', decisions: [{ outcome: 'APPROVED', appealUntil: null }] })
    expect(await told(citizen(), 'withdrawApplication', { application: id })).toBe('application.wrong_state')
    expect(await told(citizen(), 'appealDecision', { application: id, text: 'Yox' })).toBe('application.wrong_state')
    expect(await told(as(head), 'completeApplication', { application: id })).toBe('application.not_assigned')
    expect(await told(as(deputy), 'completeApplication', { application: id })).toBe('done')
    expect(await told(as(deputy), 'completeApplication', { application: id })).toBe('application.wrong_state')
    expect(await look(number, 'state completedAt')).toEqual({
      ...{ state: 'COMPLETED', completedAt: '2026-11-25T08:00:00.000Z' },
    })
    expect((await eventsOf(id)).slice(-3)).toEqual([
      ...['application.assigned', 'application.approved', 'application.completed'],
    ])
  })
})

describe('An appeal', () => {
  const appeal = (id: string, text = 'Sənəd var idi') => told(citizen(), 'appealDecision', { application: id, text })

  it('enters it again with its term anew, for another officer than who decided', async () => {
    const application = await assigned(deputy)
    const { id, number } = application
    await decide(deputy, application)
    expect(await told(as('other-citizen'), 'appealDecision', { application: id, text: 'Mən' })).toBe(
      'application.unknown',
    )
    clock.set(new Date('2026-12-07T08:00:00Z'))
    expect(await appeal(id, ' ')).toBe('text.missing')
    expect(await appeal(id)).toBe('done')
    expect(await appeal(id)).toBe('application.wrong_state')
    const shown = `state revision dueOn decidedAt officer { name } appeals { text filedAt decision { outcome } } ${timeline}`
    const appealed = await look(number, shown)
    expect(appealed).toMatchObject({
      ...{ state: 'REGISTERED', dueOn: '2026-12-14', decidedAt: null, officer: null },
      appeals: [{ text: 'Sənəd var idi', decision: { outcome: 'REFUSED' } }],
    })
    expect(appealed.timeline.nodes.at(-1)).toMatchObject({ dueReason: 'term.appealed', dueOn: '2026-12-14' })

    const { revision } = appealed
    const assign = (persona: string, more: object = {}) =>
      told(as(persona), 'assignApplication', { application: id, revision, ...more })
    expect(await assign(deputy)).toBe('application.another_officer')
    expect(await assign(head, { officer: appointments[deputy] })).toBe('application.another_officer')
    expect(await assign(head)).toBe('done')
    expect((await look(number, shown, head)).appeals[0].text).toBe('Sənəd var idi')
    expect(await decide(head, { id, revision: revision + 1 }, { outcome: 'APPROVED' })).toBe('done')
    const { decisions } = await look(number, 'decisions { outcome }')
    expect(decisions).toEqual([{ outcome: 'APPROVED' }, { outcome: 'REFUSED' }])
    const rows =
      await client`select appeal_id is not null as after from decisions where application_id = ${keyOf(id)} order by at`
    expect(rows.map(({ after }) => after)).toEqual([false, true])
    // Whoever has it hands it over, though they decided on the appeal.
    expect(await told(as(head), 'completeApplication', { application: id })).toBe('done')
  })

  it('comes within its term, to the moment', async () => {
    const [early, late] = [await assigned(deputy), await assigned(deputy)]
    for (const application of [early, late]) await decide(deputy, application)
    clock.set(new Date('2026-12-25T14:00:00Z'))
    expect(await appeal(early.id)).toBe('done')
    clock.set(new Date('2026-12-25T14:00:01Z'))
    expect(await appeal(late.id)).toBe('application.appeal_late')
  })
})

describe('The queue of an agency', () => {
  const queue = async (persona: string, args = '', fields = 'nodes { number } totalCount') => {
    const query = `{ agencyApplications(first: 100 ${args}) { ${fields} } }`
    const { data, errors } = await ask(query, { headers: await as(persona) })
    return errors?.[0]?.extensions.code ?? data.agencyApplications
  }
  const numbersIn = (page: { nodes: { number: string }[] }) => page.nodes.map(({ number }) => number)

  it('shows its officers what was sent, by state, service, officer, number and when it is due, and no other', async () => {
    const [one, other] = [await assigned(officer), await entered()]
    const has = async (number: string, args: string) => numbersIn(await queue(head, args)).includes(number)
    const shown = await Promise.all(
      [
        ...['', 'agency: "BPQMI"', 'filter: { state: IN_REVIEW }', 'filter: { service: "DIN-ADDRESS-REG" }'],
        ...[`filter: { officer: "${appointments[officer]}" }`, `filter: { number: "${one.number.toLowerCase()}" }`],
        ...['filter: { dueBefore: "2026-12-02T14:00:01Z" } orderBy: DUE', 'filter: { service: "DIN-PASSPORT" }'],
        ...[`filter: { officer: "${appointments[deputy]}" }`, 'filter: { dueBefore: "2026-12-02T14:00:00Z" }'],
        ...['filter: { number: "nothing" }', 'filter: { officer: "nobody" }', 'agency: "DVX"'],
      ].map(async (args) => [await has(one.number, args), await has(other.number, args)]),
    )
    expect(shown).toEqual([
      ...[
        [true, true],
        [true, true],
        [true, false],
        [true, true],
        [true, false],
        [true, false],
        [true, true],
      ],
      ...[
        [false, false],
        [false, false],
        [false, false],
        [false, false],
        [false, false],
        [false, false],
      ],
    ])
    expect((await queue('citizen')) as unknown).toBe('FORBIDDEN')
    expect((await queue('operator')) as unknown).toBe('FORBIDDEN')
    const draft = await send(citizen(), 'startApplication', { service: 'DIN-ADDRESS-REG' })
    expect(await has(draft.application.number, '')).toBe(false)
  })

  it('takes as many statements however many it shows', async () => {
    const count = async (first: number) => {
      database.statements.length = 0
      const fields = 'nodes { number service { code } officer { name } viewerCan { action allowed } }'
      await ask(`{ agencyApplications(first: ${first}) { ${fields} } }`, { headers: await as(head) })
      return database.statements.length
    }
    await count(1)
    expect(await count(20)).toBe(await count(2))
  })
})
