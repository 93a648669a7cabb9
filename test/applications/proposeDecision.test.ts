import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { applyingOf, type Case, cleanFileOf, registrars, start } from '../support/applying.js'
import { as } from '../support/tokens.js'

const applying = await applyingOf()
const { database, clock, ask, outcomeOf, read, timelineOf, rowOf, inReview, partyOf } = applying
const { client } = database
const [officer, deputy, head] = ['registration-officer', 'registration-deputy', 'registration-head'] as const
let appointments: Record<string, string>
beforeAll(async () => {
  appointments = await registrars(database)
})
beforeEach(() => clock.set(start))

const proposal = { outcome: 'REFUSED', reasoning: 'Ünvan mağazadır', groundCodes: ['NOT_A_DWELLING'] }
/** Sends a command with the present revision. */
const act = async (persona: string, name: string, { id, key }: Case, input: object = {}) =>
  outcomeOf(persona, name, { applicationId: id, revision: (await rowOf(key)).revision, ...input })
const propose = (found: Case, input: object = {}) => act(officer, 'proposeDecision', found, { ...proposal, ...input })
const shown = 'officer { isCaller } proposal { kind text outcome groundCodes } notes(first: 5) { nodes { kind text } }'

describe('proposeDecision', () => {
  it('moves the application to the desk of the named APPROVER, without a word to the applicant', async () => {
    const found = await inReview(officer)
    const before = await timelineOf(found.number)
    expect(await propose(found, { appointmentId: appointments[head] })).toBe('done')
    expect(await rowOf(found.key)).toMatchObject({ state: 'IN_REVIEW', officerId: await partyOf(head) })
    expect(await read(found.number, shown, head)).toEqual({
      officer: { isCaller: true },
      proposal: { kind: 'PROPOSAL', text: 'Ünvan mağazadır', outcome: 'REFUSED', groundCodes: ['NOT_A_DWELLING'] },
      notes: { nodes: [{ kind: 'PROPOSAL', text: 'Ünvan mağazadır' }] },
    })
    const hidden = { proposal: null, notes: { nodes: [] } }
    for (const persona of ['citizen', deputy, officer])
      expect(await read(found.number, shown, persona)).toMatchObject(hidden)
    expect(await timelineOf(found.number)).toEqual(before)
  })

  it('accepts an APPROVER whom a REVIEWER found among the appointments of the agency', async () => {
    const found = await inReview(officer)
    const query = '{ appointments(first: 5, filter: { agency: "BPQMI", role: APPROVER }) { nodes { id roles } } }'
    const { nodes } = (await ask(query, { headers: await as(officer) })).data.appointments
    const named = nodes.find(({ roles }: { roles: string[] }) => !roles.includes('REVIEWER'))
    expect(await propose(found, { appointmentId: named.id })).toBe('done')
    expect((await rowOf(found.key)).officerId).toBe(await partyOf(head))
  })

  it('leaves it to an APPROVER if none is named', async () => {
    const found = await inReview(officer)
    expect(await propose(found)).toBe('done')
    expect((await rowOf(found.key)).officerId).toBeNull()
    const queue = '{ agencyApplications(first: 5, filter: { proposed: true, unassigned: true }) { nodes { number } } }'
    const { data } = await ask(queue, { headers: await as(head) })
    expect(data.agencyApplications.nodes).toEqual([{ number: found.number }])
    expect(await act(officer, 'assignApplication', found)).toBe('application.proposed')
    expect(await act(head, 'assignApplication', found)).toBe('done')
    expect((await read(found.number, shown, head)).proposal.outcome).toBe('REFUSED')
  })

  it('requires a complete decision, and an APPROVER who is not the caller', async () => {
    const found = await inReview(officer)
    expect(await propose(found, { reasoning: null, groundCodes: [] })).toBe('text.missing decision.grounds')
    expect(await propose(found, { groundCodes: ['ALREADY_MARRIED'] })).toBe('decision.unknown_ground')
    expect(await propose(found, { appointmentId: appointments[officer] })).toBe('appointment.unknown')
    expect(await act(deputy, 'proposeDecision', found, proposal)).toBe('application.not_assigned')
    const theirs = await inReview(deputy)
    const toSelf = { ...proposal, appointmentId: appointments[deputy] }
    expect(await act(deputy, 'proposeDecision', theirs, toSelf)).toBe('application.assigned_already')
  })

  it('replaces an earlier proposal, which stays in the history', async () => {
    const found = await inReview(officer)
    expect(await propose(found)).toBe('done')
    expect(await act(head, 'assignApplication', found, { appointmentId: appointments[officer] })).toBe('done')
    expect(await propose(found, { reasoning: 'Ünvan yoxdur', appointmentId: appointments[head] })).toBe('done')
    const { proposal: open, notes } = await read(found.number, shown, head)
    expect([open.text, notes.nodes.length]).toEqual(['Ünvan yoxdur', 2])
  })

  it('ends when the application leaves the review', async () => {
    const found = await inReview(officer)
    expect(await propose(found)).toBe('done')
    expect(await outcomeOf('citizen', 'withdrawApplication', { applicationId: found.id })).toBe('done')
    expect((await rowOf(found.key)).proposalId).toBeNull()
  })
})

describe('returnProposal', () => {
  it('gives the application back to who proposed, with a comment', async () => {
    const found = await inReview(officer)
    expect(await act(deputy, 'returnProposal', found, { comment: 'Şəkil əlavə edin' })).toBe('application.not_assigned')
    expect(await propose(found, { appointmentId: appointments[head] })).toBe('done')
    expect(await act(head, 'returnProposal', found, { comment: ' ' })).toBe('text.missing')
    expect(await act(head, 'returnProposal', found, { comment: 'Şəkil əlavə edin' })).toBe('done')
    expect(await read(found.number, shown, officer)).toEqual({
      officer: { isCaller: true },
      proposal: null,
      notes: {
        nodes: [
          { kind: 'PROPOSAL', text: 'Ünvan mağazadır' },
          { kind: 'RETURN', text: 'Şəkil əlavə edin' },
        ],
      },
    })
    const mine = await inReview(head)
    expect(await act(head, 'returnProposal', mine, { comment: 'Yoxdur' })).toBe('application.no_proposal')
  })

  it('leaves the application to nobody if who proposed has left the agency', async () => {
    const found = await inReview(officer)
    expect(await propose(found, { appointmentId: appointments[head] })).toBe('done')
    const party = await partyOf(officer)
    await client`update appointments set state = 'ENDED', ended_at = now() where party_id = ${party}`
    expect(await act(head, 'returnProposal', found, { comment: 'Düzəldin' })).toBe('done')
    await client`update appointments set state = 'ACTIVE', ended_at = null where party_id = ${party}`
    expect((await rowOf(found.key)).officerId).toBeNull()
  })
})

describe('decideApplication', () => {
  it('adopts the texts, grounds and files of the proposal', async () => {
    const found = await inReview(officer)
    const fileIds = [await cleanFileOf(applying, found, officer)]
    expect(await propose(found, { fileIds, appointmentId: appointments[head] })).toBe('done')
    const adopting = { outcome: 'REFUSED', adoptsProposal: true, reasoning: 'Bina mağazadır' }
    expect(await act(head, 'decideApplication', found, adopting)).toBe('done')
    const fields = `proposal { kind } decisions { reasoning grounds { code } }
      timeline(last: 1) { nodes { files { file { name } } } }`
    expect(await read(found.number, fields)).toEqual({
      proposal: null,
      decisions: [{ reasoning: 'Bina mağazadır', grounds: [{ code: 'NOT_A_DWELLING' }] }],
      timeline: { nodes: [{ files: [{ file: { name: 'arayış.pdf' } }] }] },
    })
    expect((await rowOf(found.key)).proposalId).toBeNull()
  })

  it('adopts no proposal of another outcome', async () => {
    const found = await inReview(officer)
    expect(await propose(found, { appointmentId: appointments[head] })).toBe('done')
    const adopting = { outcome: 'APPROVED', adoptsProposal: true }
    expect(await act(head, 'decideApplication', found, adopting)).toBe('decision.no_proposal')
  })

  it('takes files of the officer', async () => {
    const found = await inReview(deputy)
    const fileIds = [await cleanFileOf(applying, found, deputy)]
    expect(await act(deputy, 'decideApplication', found, { outcome: 'APPROVED', fileIds })).toBe('done')
    const { timeline } = await read(found.number, 'timeline(last: 1) { nodes { type files { file { name } } } }')
    expect(timeline.nodes).toEqual([{ type: 'application.approved', files: [{ file: { name: 'arayış.pdf' } }] }])
  })
})
