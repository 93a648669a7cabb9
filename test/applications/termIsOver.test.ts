import { eq } from 'drizzle-orm'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ApplicationState } from '../../src/applications/application.table.js'
import { termIsOver } from '../../src/applications/casework/termIsOver.js'
import { TermEnd } from '../../src/catalogue/services/process.table.js'
import { issuedDocuments } from '../../src/documents/issued/issuedDocument.table.js'
import { nodeIdOf } from '../../src/engine/node.js'
import { setDeadline, tick } from '../../src/events/deadlines.js'
import { forgetParty, keysOf } from '../../src/identity/parties/party.js'
import { decrypt } from '../../src/platform/personal.js'
import { insertApplication } from '../support/applicationRow.js'
import { applyingOf, changeProcess, registrars, start } from '../support/applying.js'
import { keyringOfFile as keyring } from '../support/server.js'
import { as } from '../support/tokens.js'

const { ask, database, clock, outcomeOf, run, read, timelineOf, partyOf, rowOf, inReview } = await applyingOf()
const { client, db } = database
const [officer, deputy] = ['registration-officer', 'registration-deputy'] as const

/** A service for each way in which terms end. */
const [escalated, deemedApproved, deemedRefused] = ['DIN-ADDRESS-REG', 'DIN-PASSPORT', 'DIN-ID-REISSUE'] as const
const termEndNorm = { az: 'Sınaq norması 7', en: 'Test norm 7', ru: 'Тестовая норма 7' }
beforeAll(async () => {
  await registrars(database)
  const deemed = { numbered: true, source: 'the file', termEndNorm }
  await changeProcess(database, deemedApproved, { ...deemed, termEnd: TermEnd.DEEMED_APPROVED })
  await changeProcess(database, deemedRefused, { ...deemed, termEnd: TermEnd.DEEMED_REFUSED })
})
beforeEach(() => clock.set(start))

const end = new Date('2026-12-02T14:00:00Z')
/** An application of the citizen whose term ends then. */
async function due(service: string, more: object = {}, persona = 'citizen') {
  const term = { registeredAt: start, dueAt: end, dueOn: '2026-12-02' }
  const wanted = { partyId: await partyOf(persona), service, more: { ...term, ...more } }
  const key = await insertApplication(database, keyring, { ...wanted, state: 'REGISTERED' })
  const { number } = await rowOf(key)
  return { id: nodeIdOf('Application', key), key, number }
}
const overFor = (key: string) => run(termIsOver, key, 'application.term_over', end)
const typesOf = async (number: string) => (await timelineOf(number)).map(({ type }: { type: string }) => type)

describe('termIsOver', () => {
  it('escalates once, at the end of the term, and leaves the application where it is', async () => {
    const { key, number } = await due(escalated, {
      state: ApplicationState.IN_REVIEW,
      officerId: await partyOf(officer),
    })
    clock.set('2026-12-05T09:00:00Z')
    for (let twice = 0; twice < 2; twice++) await overFor(key)
    expect(await rowOf(key)).toMatchObject({ state: 'IN_REVIEW', dueOn: '2026-12-02', escalatedAt: end })
    expect(await typesOf(number)).toEqual(['application.started', 'application.escalated'])
    const events = await client`
      select at, actor, agency_id is not null as agency, ids from events
      where subject = ${key} and type = 'application.escalated'`
    const ids = { officer: await partyOf(officer) }
    expect([...events]).toEqual([{ at: '2026-12-02 14:00:00+00', actor: 'deadline', agency: true, ids }])
  })

  it('follows the deadline of the term', async () => {
    const { key } = await due(escalated)
    const { partyId, agencyId } = await rowOf(key)
    const deadline = {
      domain: 'applications',
      subject: key,
      partyId,
      agencyId,
      type: 'application.term_over',
      dueAt: end,
    }
    await db.transaction((tx) => setDeadline(tx, deadline))
    await tick(database, new Date('2026-12-02T13:59:59Z'))
    const happened = () => client`select at from events where subject = ${key} and type = any(${termIsOver.on})`
    expect(await happened()).toHaveLength(0)
    await tick(database, new Date('2026-12-02T14:00:00Z'))
    expect(await happened()).toMatchObject([{ at: '2026-12-02 14:00:00+00' }])
  })

  it('changes the revision, so that an officer who decides on an earlier one is told', async () => {
    const { id, key, revision } = await inReview(deputy)
    await overFor(key)
    clock.set(end)
    const input = { applicationId: id, revision, outcome: 'APPROVED' }
    expect(await outcomeOf(deputy, 'decideApplication', input)).toBe('application.changed')
    const seen = (await rowOf(key)).revision
    expect(await outcomeOf(deputy, 'decideApplication', { ...input, revision: seen })).toBe('done')
  })

  it('refuses with effect from the end of the term, however late it runs, and the appeal runs from then', async () => {
    const { id, key, number } = await due(deemedRefused)
    clock.set('2026-12-21T09:00:00Z')
    await overFor(key)
    const shown =
      'state decidedAt decisions { outcome at reasoning norm deemed appealUntil document { number kind series } }'
    expect(await read(number, shown)).toEqual({
      state: 'REFUSED',
      decidedAt: end.toISOString(),
      decisions: [
        {
          outcome: 'REFUSED',
          at: end.toISOString(),
          deemed: true,
          reasoning: 'The term ended without a decision.',
          norm: 'Test norm 7',
          // 20 January is a day off.
          appealUntil: '2027-01-21T14:00:00.000Z',
          document: { kind: 'DECISION', number: expect.stringMatching(/^D26-/), series: 'BPQMI-2026' },
        },
      ],
    })
    const last = (await timelineOf(number)).at(-1)
    const { timeline } = await read(number, 'timeline(last: 1) { nodes { title } }')
    expect(timeline.nodes[0].title).toBe(
      'The application was refused by law, because the term ended without a decision.',
    )
    expect(last).toMatchObject({ type: 'application.refused', at: end.toISOString(), by: 'SYSTEM' })
    expect(await outcomeOf('citizen', 'appealDecision', { applicationId: id, text: 'Yox' })).toBe('done')
    expect(await read(number, 'state agency { code }')).toEqual({ state: 'UNDER_APPEAL', agency: { code: 'DIN' } })
  })

  it('gives its grounds in three languages, and names the answers that nobody has settled', async () => {
    const service = 'DIN-ID-ISSUE'
    await changeProcess(database, service, { termEnd: TermEnd.DEEMED_APPROVED, termEndNorm })
    const { key, number } = await due(service, { unsettled: ['/applicant/sex', '/applicant/citizenship'] })
    await overFor(key)
    const headers = await as('citizen')
    const textIn = async (language: string) => {
      const query = `{ application(number: "${number}") { decisions { reasoning norm } } }`
      return (await ask(query, { headers, language })).data.application.decisions
    }
    const reasoning = {
      az: 'Müddət qərar verilmədən bitib. Reyestr bu cavabları təsdiqləməyib: Cins, Vətəndaşlıq.',
      en: 'The term ended without a decision. Registries have not confirmed these answers: Sex, Citizenship.',
      ru: 'Срок истёк, а решение не было принято. Реестры не подтвердили следующие ответы: Пол, Гражданство.',
    }
    for (const language of ['az', 'en', 'ru'] as const)
      expect(await textIn(language)).toEqual([{ reasoning: reasoning[language], norm: termEndNorm[language] }])
    const [document] = await db.select().from(issuedDocuments).where(eq(issuedDocuments.subjectId, key))
    const { partyId } = document!
    const partyKey = (await keysOf(database, keyring, [partyId])).get(partyId)!
    expect(decrypt(partyKey, issuedDocuments, document!).claims).toMatchObject({ reasoning, norm: termEndNorm })
  })

  it('approves without an appeal, and an officer who takes the application hands over the result', async () => {
    const { id, key, number } = await due(deemedApproved)
    await overFor(key)
    const shown = 'state decisions { outcome deemed appealUntil } timeline(last: 1) { nodes { title } }'
    const title = 'The application was approved by law, because the term ended without a decision.'
    expect(await read(number, shown)).toEqual({
      timeline: { nodes: [{ title }] },
      state: 'READY',
      decisions: [{ outcome: 'APPROVED', deemed: true, appealUntil: null }],
    })
    const { revision } = await rowOf(key)
    expect(await outcomeOf(officer, 'assignApplication', { applicationId: id, revision })).toBe('done')
    expect(await outcomeOf(officer, 'completeApplication', { applicationId: id })).toBe('done')
  })

  it('decides without a document for an applicant who was forgotten', async () => {
    const { key } = await due(deemedRefused, {}, 'stateless')
    const party = await partyOf('stateless')
    await db.transaction((tx) => forgetParty(tx, party, start))
    await overFor(key)
    const rows = await client`select outcome, reasoning, document_id from decisions where application_id = ${key}`
    expect([...rows]).toEqual([{ outcome: 'REFUSED', reasoning: null, document_id: null }])
  })

  const paused = { state: ApplicationState.INFORMATION_REQUESTED, pausedAt: start }
  const moved = { dueAt: new Date('2026-12-03T14:00:00Z'), dueOn: '2026-12-03' }
  const waiting = { notBefore: new Date('2026-12-09T14:00:00Z') }
  it.each([
    ['is withdrawn', escalated, { state: ApplicationState.WITHDRAWN }],
    ['has another term by now', escalated, moved],
    ['is paused', escalated, paused],
    ['is withdrawn, and would be approved', deemedApproved, { state: ApplicationState.WITHDRAWN }],
    ['has another term by now, and would be approved', deemedApproved, moved],
    ['is paused, and would be approved', deemedApproved, paused],
    ['waits longer than its term, and would be approved', deemedApproved, waiting],
    ['is withdrawn, and would be refused', deemedRefused, { state: ApplicationState.WITHDRAWN }],
    ['has another term by now, and would be refused', deemedRefused, moved],
    ['is paused, and would be refused', deemedRefused, paused],
    ['waits longer than its term, and would be refused', deemedRefused, waiting],
  ])('does nothing for an application that %s', async (_what, service, more) => {
    const { key } = await due(service, more)
    const before = await rowOf(key)
    await overFor(key)
    expect(await rowOf(key)).toEqual(before)
  })
})
