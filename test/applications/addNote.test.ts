import { beforeAll, describe, expect, it } from 'vitest'
import { applyingOf, type Case, cleanFileOf, registrars } from '../support/applying.js'
import { appointed } from '../support/appointed.js'

const applying = await applyingOf()
const { database, outcomeOf, read, timelineOf, rowOf, partyOf, inReview } = applying
const { client } = database
const [officer, deputy, head] = ['registration-officer', 'registration-deputy', 'registration-head'] as const
beforeAll(async () => void (await registrars(database)))

const note = ({ id }: Case, persona: string, more: object = {}) =>
  outcomeOf(persona, 'addNote', { applicationId: id, text: 'Ünvan yoxlanılmalıdır', ...more })
const notesFor = async ({ number }: Case, persona: string) =>
  (
    await read(
      number,
      'notes(first: 10) { nodes { kind text officerName files { file { name } } } totalCount }',
      persona,
    )
  )?.notes

describe('addNote', () => {
  it('shows a note and its file to officers who may read the content, and to nobody else', async () => {
    const found = await inReview(officer)
    const file = await cleanFileOf(applying, found, officer)
    expect(await note(found, officer, { fileIds: [file] })).toBe('done')
    const shown = {
      nodes: [
        {
          kind: 'NOTE',
          text: 'Ünvan yoxlanılmalıdır',
          officerName: 'Qeydiyyat Məmuru Sınaq',
          files: [{ file: { name: 'arayış.pdf' } }],
        },
      ],
      totalCount: 1,
    }
    const none = { nodes: [], totalCount: 0 }
    expect(await notesFor(found, officer)).toEqual(shown)
    for (const persona of ['citizen', deputy, head, 'auditor']) expect(await notesFor(found, persona)).toEqual(none)
    expect(await outcomeOf(head, 'openApplication', { applicationId: found.id, reason: 'Nəzarət' })).toBe('done')
    expect(await notesFor(found, head)).toEqual(shown)
    expect(JSON.stringify(await timelineOf(found.number))).not.toContain('note')
    const [log] = await client`select fields from accesses where application = ${found.number} order by id desc limit 1`
    expect(log).toEqual({ fields: ['messages'] })
  })

  it('lets an officer who has opened the application write, and changes no revision', async () => {
    const found = await inReview(officer)
    expect(await note(found, deputy)).toBe('application.not_assigned')
    expect(await outcomeOf(deputy, 'openApplication', { applicationId: found.id, reason: 'Əvəz' })).toBe('done')
    expect(await note(found, deputy)).toBe('done')
    expect((await rowOf(found.key)).revision).toBe(found.revision)
    expect((await notesFor(found, deputy)).totalCount).toBe(1)
  })

  it('is refused to parties, and without a text', async () => {
    const found = await inReview(officer)
    expect(await note(found, 'citizen')).toBe('FORBIDDEN')
    expect(await note(found, officer, { text: ' ' })).toBe('text.missing')
  })

  it('stores the text encrypted, and keeps it in the agency that wrote it', async () => {
    const found = await inReview(officer)
    expect(await note(found, officer)).toBe('done')
    const [row] = await client`select text from application_notes where application_id = ${found.key}`
    expect(row?.text.toString()).not.toContain('yoxlanılmalıdır')
    await appointed(database, 'other-officer', 'DMX', ['REVIEWER'])
    await client`
      update applications set officer_id = ${await partyOf('other-officer')},
        agency_id = (select id from agencies where code = 'DMX') where id = ${found.key}`
    expect(await read(found.number, 'officer { isCaller } notes(first: 1) { totalCount }', 'other-officer')).toEqual({
      officer: { isCaller: true },
      notes: { totalCount: 0 },
    })
  })
})
