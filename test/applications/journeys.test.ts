import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { registerApplication } from '../../src/applications/submission/registerApplication.js'
import { eventTypes } from '../../src/domains.js'
import { applyingOf, keyOf, moving, registrars, start } from '../support/applying.js'
import { appointed } from '../support/appointed.js'
import { everythingAsText, formsOf } from '../support/everything.js'
import { as } from '../support/tokens.js'

const { database, clock, ask, send, run, read, timelineOf, inReview } = await applyingOf()
const { client } = database
const [deputy, head, minister] = ['registration-deputy', 'registration-head', 'interior-head'] as const
const [reviewer, migration] = ['registration-officer', 'migration-head'] as const
beforeAll(async () => {
  await registrars(database)
  await appointed(database, minister, 'DIN', ['APPROVER'])
  await appointed(database, migration, 'DMX', ['APPROVER'])
})
beforeEach(() => clock.set(start))

const withoutRevision = ['openApplication', 'sendApplicationMessage', 'appealDecision']
/** Sends a mutation with the current revision, which must succeed. */
async function act(persona: string, name: string, number: string, input: object) {
  const { id, revision } = await read(number, 'id revision')
  const seen = withoutRevision.includes(name) ? {} : { revision }
  const payload = name === 'transferApplication' ? 'transfer { kind }' : 'application { id }'
  const { error, userErrors } = await send(persona, name, { applicationId: id, ...seen, ...input }, payload)
  expect([name, error, userErrors]).toEqual([name, undefined, []])
}

describe('Journey: a citizen moves house', () => {
  it('goes from a draft through a request for information to the result, and stores what people write encrypted', async () => {
    const written = {
      street: 'Gizli küçə',
      opening: 'Gizli səbəb',
      request: 'Gizli tələb',
      response: 'Gizli cavab',
      question: 'Gizli sual',
      reasoning: 'Gizli əsas',
      appeal: 'Gizli şikayət',
    }
    const { application } = await send('citizen', 'startApplication', { serviceCode: 'DIN-ADDRESS-REG' })
    const { id, number } = application
    const answers = { ...moving, newAddress: { ...moving.newAddress, street: written.street } }
    await act('citizen', 'saveDraft', number, { answers })
    await act('citizen', 'submitApplication', number, {})
    await run(registerApplication, keyOf(id))
    await act(head, 'openApplication', number, { reason: written.opening })
    await act(deputy, 'assignApplication', number, {})
    await act(deputy, 'requestInformation', number, { text: written.request, until: '2026-12-10' })
    await act('citizen', 'respondToRequest', number, { text: written.response })
    await act('citizen', 'sendApplicationMessage', number, { text: written.question })
    await act(deputy, 'decideApplication', number, {
      outcome: 'REFUSED',
      reasoning: written.reasoning,
      groundCodes: ['NO_RIGHT_TO_DWELLING'],
    })
    await act('citizen', 'appealDecision', number, { text: written.appeal })
    await act(minister, 'assignApplication', number, {})
    await act(minister, 'decideApplication', number, { outcome: 'APPROVED' })
    await act(head, 'assignApplication', number, {})
    await act(head, 'completeApplication', number, {})

    const { state, documents } = await read(number, 'state documents { kind }')
    expect(state).toBe('COMPLETED')
    expect(documents.map(({ kind }: { kind: string }) => kind).sort()).toEqual([
      'APPLICATION_RECEIPT',
      'DECISION',
      'DECISION',
    ])
    const happened = [
      'application.started',
      'application.saved',
      'application.submitted',
      'application.registered',
      'application.opened',
      'application.assigned',
      'application.information_requested',
      'application.information_given',
      'application.message_sent',
      'application.refused',
      'application.appealed',
      'application.assigned',
      'application.approved',
      'application.assigned',
      'application.completed',
    ]
    const events = await client`select type from events where subject = ${keyOf(id)} order by id`
    expect(events.map(({ type }) => type)).toEqual(happened)
    const types = (await timelineOf(number)).map(({ type }: { type: string }) => type)
    expect(types).toEqual(happened.filter((type) => type !== 'application.opened'))
    expect(await client`select 1 from deadlines where subject = ${keyOf(id)}`).toHaveLength(0)
    const everything = await everythingAsText(client)
    for (const form of Object.values(written).flatMap(formsOf)) expect(everything).not.toContain(form)
  })
})

describe('Journey: an officer asks twice, and extends the term in between', () => {
  it('adds up the pauses and the extension', async () => {
    const { number } = await inReview(deputy)
    const dueOn = async () => (await read(number, 'dueOn')).dueOn
    clock.set('2026-11-26T08:00:00Z')
    await act(deputy, 'requestInformation', number, { text: 'Bir', until: '2026-12-31' })
    clock.set('2026-12-03T08:00:00Z')
    await act('citizen', 'respondToRequest', number, { text: 'Bir' })
    expect(await dueOn()).toBe('2026-12-09')
    await act(deputy, 'extendTerm', number, { units: 3, reason: 'Sorğu' })
    expect(await dueOn()).toBe('2026-12-14')
    await act(deputy, 'requestInformation', number, { text: 'İki', until: '2026-12-31' })
    clock.set('2026-12-04T08:00:00Z')
    await act('citizen', 'respondToRequest', number, { text: 'İki' })
    expect(await dueOn()).toBe('2026-12-15')
    const reasons = (await timelineOf(number)).flatMap(({ dueReason }: { dueReason: string | null }) => dueReason ?? [])
    expect(reasons).toEqual(['term.registered', 'term.resumed', 'term.extended', 'term.resumed'])
  })
})

describe('Journey: a citizen writes to the wrong agency', () => {
  const appeal = {
    kind: 'PROPOSAL',
    addressee: 'DMX',
    author: 'PERSON',
    person: { address: { unit: 'Bakı', street: 'Sınaq', building: '2' } },
    collective: false,
    subject: 'Növbə',
    text: 'Pasport şöbəsində növbə elektron olsun.',
    repeated: false,
    perishable: false,
    replyBy: 'CABINET',
    contact: { phone: '+994125555555', email: 'sinaq@example.az' },
    confirmed: true,
  }
  interface Told {
    title: string
    dueText: string | null
    type: string
    by: string
    dueOn: string | null
    transfer: Record<'from' | 'to', { code: string }> & { kind: string; reason: string | null }
  }
  /** The last day of a term that begins now, by the calendar. */
  async function lastDay(term: number, unit: string): Promise<string> {
    const receivedAt = clock.now().toISOString()
    const query = `{ calculateDeadline(receivedAt: "${receivedAt}", term: ${term}, unit: ${unit}) { dueOn } }`
    return (await ask(query)).data.calculateDeadline.dueOn
  }

  it('reaches the competent agency, is refused, and is upheld by the superior agency', async () => {
    const { application } = await send('citizen', 'startApplication', { serviceCode: 'GOV-APPEAL' })
    const { id, number } = application
    const standing = async () => await read(number, 'state dueOn agency { code }')
    await act('citizen', 'saveDraft', number, { answers: { ...appeal, addressee: 'NONE' } })
    const { validationErrors } = await read(number, 'validationErrors { field message }')
    expect(validationErrors).toEqual([
      {
        field: ['answers', 'addressee'],
        message: 'To which agency must be the code of an agency in the list, such as DMX.',
      },
    ])
    await act('citizen', 'saveDraft', number, { answers: appeal })
    await act('citizen', 'submitApplication', number, {})
    await run(registerApplication, keyOf(id))
    const named = { state: 'REGISTERED', dueOn: await lastDay(15, 'WORKING_DAY'), agency: { code: 'DMX' } }
    expect(await standing()).toEqual(named)

    clock.set('2026-11-27T09:00:00Z')
    await act(migration, 'assignApplication', number, {})
    const reason = 'Pasportları Daxili İşlər Nazirliyinin idarəsi verir.'
    await act(migration, 'transferApplication', number, { agencyCode: 'BPQMI', reason })
    expect(await standing()).toEqual({ state: 'TRANSFERRED', dueOn: null, agency: { code: 'BPQMI' } })
    await run(registerApplication, keyOf(id))
    const competent = { state: 'REGISTERED', dueOn: await lastDay(15, 'WORKING_DAY'), agency: { code: 'BPQMI' } }
    expect(await standing()).toEqual(competent)

    clock.set('2026-12-10T09:00:00Z')
    await act(reviewer, 'assignApplication', number, {})
    const question = 'Sizdə elektron növbə necə işləyir?'
    await act(reviewer, 'requestOpinion', number, { agencyCode: 'DMX', question, dueOn: '2026-12-15' })
    const asked = await ask('{ agencyOpinions(first: 1) { nodes { id } } }', { headers: await as(migration) })
    const opinion = { opinionId: asked.data.agencyOpinions.nodes[0].id, text: 'Yaxşı işləyir.' }
    expect((await send(migration, 'giveOpinion', opinion, 'opinion { state }')).opinion).toEqual({ state: 'GIVEN' })
    const refusal = { outcome: 'REFUSED', reasoning: 'Növbə artıq var.', groundCodes: ['FALSE_DATA'] }
    await act(reviewer, 'proposeDecision', number, refusal)
    await act(deputy, 'assignApplication', number, {})
    await act(deputy, 'decideApplication', number, { outcome: 'REFUSED', adoptsProposal: true })
    const appealUntil = await lastDay(30, 'CALENDAR_DAY')
    clock.set('2026-12-14T09:00:00Z')
    await act('citizen', 'appealDecision', number, { text: 'Şöbədə elektron növbə yoxdur.' })
    const appealed = { state: 'UNDER_APPEAL', dueOn: await lastDay(1, 'MONTH'), agency: { code: 'DIN' } }
    expect(await standing()).toEqual(appealed)

    clock.set('2026-12-21T09:00:00Z')
    await act(minister, 'assignApplication', number, {})
    const text = async () => (await read(number, 'content { answers } appeals { text }', minister)).content.answers.text
    expect(await text()).toBe(appeal.text)
    await act(minister, 'decideApplication', number, { outcome: 'APPROVED', reasoning: 'Növbə qurulsun.' })
    expect(await standing()).toMatchObject({ state: 'APPROVED', agency: { code: 'BPQMI' } })
    await act(head, 'assignApplication', number, {})
    await act(head, 'completeApplication', number, {})

    const { appeals } = await read(
      number,
      'appeals { decision { outcome appealTo appealUntil onTime dueAt grounds { code } } answer { outcome onTime dueAt } }',
    )
    const dueOn = (moment: string) => moment.slice(0, 10)
    expect(appeals).toMatchObject([
      {
        decision: { outcome: 'REFUSED', onTime: true, grounds: [{ code: 'FALSE_DATA' }] },
        answer: { outcome: 'APPROVED', onTime: true },
      },
    ])
    expect([appeals[0].decision.dueAt, appeals[0].answer.dueAt, appeals[0].decision.appealUntil].map(dueOn)).toEqual([
      competent.dueOn,
      appealed.dueOn,
      appealUntil,
    ])

    const { timeline } = await read(
      number,
      'timeline(first: 50) { nodes { type title by dueOn dueText transfer { kind from { code } to { code } reason } } }',
    )
    const told = timeline.nodes.map(({ type, by, dueOn, transfer }: Told) =>
      [
        type.slice('application.'.length),
        by,
        dueOn,
        transfer && `${transfer.kind} ${transfer.from.code} → ${transfer.to.code}`,
        transfer?.reason,
      ]
        .filter(Boolean)
        .join(', '),
    )
    expect(told.slice(told.indexOf('submitted, APPLICANT'))).toEqual([
      'submitted, APPLICANT',
      'transferred, SYSTEM, ADDRESSEE EHIM → DMX',
      `registered, SYSTEM, ${named.dueOn}`,
      'assigned, OFFICER',
      `transferred, OFFICER, COMPETENCE DMX → BPQMI, ${reason}`,
      `registered, SYSTEM, ${competent.dueOn}`,
      'assigned, OFFICER',
      'opinion_requested, OFFICER',
      'opinion_given, OFFICER',
      // The proposal is internal.
      'assigned, OFFICER',
      'refused, OFFICER',
      `appealed, APPLICANT, ${appealed.dueOn}, APPEAL BPQMI → DIN`,
      'assigned, OFFICER',
      'approved, OFFICER, RETURN DIN → BPQMI',
      'assigned, OFFICER',
      'completed, OFFICER',
    ])
    const [, , forwarded, registered] = timeline.nodes.slice(told.indexOf('submitted, APPLICANT') - 1)
    expect([forwarded, registered].map(({ title, dueText }: Told) => [title, dueText])).toEqual([
      ['The application was forwarded to the agency that it names.', null],
      ['The agency registered the application.', 'The term for a decision has begun.'],
    ])
    const passedOn = '{ agencyTransfers(first: 5) { nodes { reason application { number state } } } }'
    const { data } = await ask(passedOn, { headers: await as(migration) })
    expect(data.agencyTransfers.nodes).toEqual([{ reason: null, application: { number, state: 'COMPLETED' } }])
    expect(await read(number, 'state', migration)).toBeNull()
  })
})

describe('The events of these journeys', () => {
  it('are of declared types, and have the code of the service', async () => {
    const found = await client<{ type: string; codes: (string | null)[] }[]>`
      select type, array_agg(distinct service_code) as codes from events
      where domain in ('applications', 'documents', 'payments') and party_id is not null group by type`
    const declared = new Set(eventTypes.map(({ type }) => type))
    expect(found.filter(({ type }) => !declared.has(type))).toEqual([])
    expect(found.filter(({ type, codes }) => codes.includes(null) && !/^(upload|payment)\./.test(type))).toEqual([])
    const domains = new Set(found.map(({ type }) => type.split('.')[0]))
    expect([...domains]).toEqual(expect.arrayContaining(['application', 'document', 'receipt', 'opinion']))
  })
})
