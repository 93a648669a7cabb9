import { eq } from 'drizzle-orm'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { caseFor } from '../../src/applications/applicationCommand.js'
import { Action } from '../../src/applications/transition.rules.js'
import { TermEnd } from '../../src/catalogue/services/process.table.js'
import { linesOf } from '../../src/documents/issued/documentWords.js'
import { issuedDocuments } from '../../src/documents/issued/issuedDocument.table.js'
import { unmetered } from '../../src/engine/rates.js'
import { keysOf } from '../../src/identity/parties/party.js'
import { decrypt } from '../../src/platform/personal.js'
import { Assurance } from '../../src/shared/assurance.table.js'
import { anonymous, contextOf } from '../../src/shared/context.js'
import { insertCoApplicant } from '../support/applicationRow.js'
import { applyingOf, type Case, changeProcess, keyOf, registrars, start } from '../support/applying.js'
import { keyringOfFile as keyring } from '../support/server.js'
import { as } from '../support/tokens.js'

const { database, clock, ask, outcomeOf, read, partyOf, rowOf, inReview } = await applyingOf()
const { client, db } = database
const [deputy, head] = ['registration-deputy', 'registration-head'] as const
let appointments: Record<string, string>
beforeAll(async () => {
  appointments = await registrars(database)
})
beforeEach(() => clock.set(start))

const refusal = { outcome: 'REFUSED', reasoning: 'Sənəd çatmır', groundCodes: ['DOCUMENTS_MISSING'] }
const decide = (by: Parameters<typeof outcomeOf>[0], { id, revision }: Case, decision: object = refusal) =>
  outcomeOf(by, 'decideApplication', { applicationId: id, revision, ...decision })
const shown = `state decidedAt decisions { outcome at reasoning norm appealTo appealUntil deemed document { number kind } }
  documents { kind }`

describe('decideApplication', () => {
  it('refuses with a reasoning, the norm of its ground and an appeal, in a document', async () => {
    const found = await inReview(deputy)
    expect(await decide(deputy, found)).toBe('done')
    expect(await read(found.number, shown)).toEqual({
      state: 'REFUSED',
      decidedAt: '2026-11-25T08:00:00.000Z',
      decisions: [
        {
          outcome: 'REFUSED',
          at: '2026-11-25T08:00:00.000Z',
          reasoning: 'Sənəd çatmır',
          norm: 'Law 1036-IIQ of 21 October 2005 on administrative proceedings',
          appealTo: 'Ministry of Internal Affairs of the Republic of Azerbaijan',
          appealUntil: '2026-12-25T14:00:00.000Z',
          deemed: false,
          document: { kind: 'DECISION', number: expect.stringMatching(/^D26-/) },
        },
      ],
      documents: [{ kind: 'DECISION' }],
    })
    expect((await read(found.number, shown, deputy)).decisions[0].reasoning).toBe('Sənəd çatmır')
    expect((await read(found.number, shown, head)).decisions[0]).toMatchObject({ reasoning: null, norm: null })
    expect(await client`select type from deadlines where subject = ${found.key}`).toHaveLength(0)
  })

  it('issues its document to co-applicants, who see it and appeal', async () => {
    const found = await inReview(deputy)
    await insertCoApplicant(database, found.key, await partyOf('stateless'))
    expect(await decide(deputy, found)).toBe('done')
    const seen = await read(found.number, 'decisions { reasoning document { kind code } }', 'stateless')
    expect(seen).toEqual(await read(found.number, 'decisions { reasoning document { kind code } }'))
    expect(await outcomeOf('stateless', 'appealDecision', { applicationId: found.id, text: 'Səbəb' })).toBe('done')
  })

  it('shows the grounds of a refusal in the language of the reader, in the timeline and in its document', async () => {
    const found = await inReview(deputy)
    const groundCodes = ['FALSE_DATA', 'NO_RIGHT_TO_DWELLING']
    expect(await decide(deputy, found, { ...refusal, groundCodes })).toBe('done')
    const query = `{ application(number: "${found.number}") {
      timeline(last: 1) { nodes { type decision { norm grounds { code text norm } } } } } }`
    const seenIn = async (language: string, persona = 'citizen') =>
      (await ask(query, { headers: await as(persona), language })).data.application.timeline.nodes[0]
    const { decision, type } = await seenIn('ru')
    expect([type, decision.grounds[0].text]).toEqual([
      'application.refused',
      'Право заявителя проживать в этом жилом помещении не подтверждено.',
    ])
    expect(decision.grounds.map(({ code }: { code: string }) => code)).toEqual(['NO_RIGHT_TO_DWELLING', 'FALSE_DATA'])
    expect(decision.norm).toBe(decision.grounds.map(({ norm }: { norm: string }) => norm).join('; '))
    expect((await seenIn('az', head)).decision).toEqual({ norm: null, grounds: null })

    const [document] = await db.select().from(issuedDocuments).where(eq(issuedDocuments.subjectId, found.key))
    const key = (await keysOf(database, keyring, [document!.partyId])).get(document!.partyId)!
    const { claims } = decrypt(key, issuedDocuments, document!)
    expect(claims.grounds?.map(({ code }) => code)).toEqual(['NO_RIGHT_TO_DWELLING', 'FALSE_DATA'])
    expect(linesOf(claims, {})).toContainEqual({
      label: { az: 'İmtinanın əsasları', en: 'Grounds', ru: 'Основания отказа' },
      value: expect.objectContaining({
        en: "The applicant's right to live in the dwelling is not confirmed. Information or documents that were provided are false.",
      }),
    })
  })

  it('takes the grounds of the version for a refusal alone, and its norm from them', async () => {
    const found = await inReview(deputy)
    expect(await decide(deputy, found, { ...refusal, groundCodes: ['FALSE_DATA', 'ALREADY_MARRIED'] })).toBe(
      'decision.unknown_ground',
    )
    expect(await decide(deputy, found, { ...refusal, norm: 'Norma 1' })).toBe('decision.norm_follows')
    expect(await decide(deputy, found, { ...refusal, outcome: 'APPROVED' })).toBe('decision.not_refused')
    expect(await decide(deputy, found, { ...refusal, groundCodes: Array(11).fill('FALSE_DATA') })).toBe(
      'decision.too_many_grounds',
    )
  })

  it('requires a reasoning, and grounds to refuse or a norm to discontinue', async () => {
    const found = await inReview(deputy)
    expect(await decide(deputy, found, { outcome: 'REFUSED' })).toBe('text.missing decision.grounds')
    expect(await decide(deputy, found, { outcome: 'DISCONTINUED' })).toBe('text.missing decision.norm')
    const blank = { outcome: 'DISCONTINUED', reasoning: ' ', norm: ' ' }
    expect(await decide(deputy, found, blank)).toBe('text.missing text.missing')
  })

  it('approves without an appeal', async () => {
    const found = await inReview(deputy)
    expect(await decide(deputy, found, { outcome: 'APPROVED', reasoning: 'Qeydiyyata alındı' })).toBe('done')
    expect(await read(found.number, shown)).toMatchObject({
      state: 'READY',
      decisions: [{ outcome: 'APPROVED', appealUntil: null }],
    })
  })

  it('requires assurance HIGH and a sign-in within ten minutes', async () => {
    const found = await inReview(deputy)
    const long = as(deputy, { auth_time: Math.floor(Date.now() / 1000) - 700 })
    expect(await decide(long, found)).toBe('STEP_UP_REQUIRED')
    expect(await decide(as(deputy, { acr: 'urn:pencere:sandbox:substantial' }), found)).toBe('STEP_UP_REQUIRED')
  })

  it('takes one of two decisions that are made at the same time', async () => {
    const found = await inReview(deputy)
    const outcomes = await Promise.all([decide(deputy, found, { outcome: 'APPROVED' }), decide(deputy, found, refusal)])
    expect(outcomes.sort()).toEqual(['application.changed', 'done'])
    const { decisions, documents } = await read(found.number, shown)
    expect([decisions.length, documents.length]).toEqual([1, 1])
  })

  it('refuses an officer whose appointment ended after the request began', async () => {
    const found = await inReview(deputy)
    const party = await partyOf(deputy)
    const appointment = keyOf(appointments[deputy] as string)
    const { agencyId } = await rowOf(found.key)
    // The caller as they were when the request began.
    const office = { agencyId, agency: 'BPQMI', roles: ['APPROVER' as const] }
    const context = contextOf({
      language: 'en',
      database,
      keyring,
      meter: unmetered,
      now: clock.now,
      timeout: 5000,
      caller: {
        ...anonymous,
        kind: 'OFFICER',
        id: `officer:${party}`,
        party,
        offices: [office],
        assurance: Assurance.HIGH,
      },
    })
    const asked = () => db.transaction((tx) => caseFor({ tx, context }, { applicationId: found.id }, Action.APPROVE))
    expect(await asked()).toMatchObject({ relation: { isApprover: true } })
    await client`update appointments set state = 'ENDED', ended_at = now() where id = ${appointment}`
    expect(await asked()).toMatchObject({ userErrors: [{ reason: 'application.unknown' }] })
    await client`update appointments set state = 'ACTIVE', ended_at = null where id = ${appointment}`
  })

  it('refuses any decision once the term has ended with a deemed one', async () => {
    const found = await inReview(deputy)
    await changeProcess(database, 'DIN-ADDRESS-REG', { termEnd: TermEnd.DEEMED_APPROVED, termEndNorm: { az: 'Sınaq' } })
    clock.set('2026-12-02T14:00:01Z')
    expect.soft(await decide(deputy, found)).toBe('application.law_decides')
    await changeProcess(database, 'DIN-ADDRESS-REG', {})
    expect(await decide(deputy, found)).toBe('done')
  })
})

describe('completeApplication', () => {
  it('records when the result was handed over', async () => {
    const found = await inReview(deputy)
    expect(await decide(deputy, found, { outcome: 'APPROVED' })).toBe('done')
    clock.set('2026-11-26T08:00:00Z')
    expect(await outcomeOf(deputy, 'completeApplication', { applicationId: found.id })).toBe('done')
    expect(await rowOf(found.key)).toMatchObject({ state: 'COMPLETED', completedAt: clock.now() })
    const events = await client`select type from events where subject = ${found.key} order by id desc limit 2`
    expect(events.map(({ type }) => type)).toEqual(['application.completed', 'application.approved'])
  })
})
