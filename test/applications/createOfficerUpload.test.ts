import { eq } from 'drizzle-orm'
import { beforeAll, describe, expect, it } from 'vitest'
import { uploads } from '../../src/documents/uploads/upload.table.js'
import { applyingOf, type Case, cleanFileOf, keyOf, registrars } from '../support/applying.js'
import { pdfOf, sha256Of } from '../support/files.js'
import { as } from '../support/tokens.js'

const applying = await applyingOf()
const { database, ask, send, outcomeOf, read, inReview, partyOf, upload } = applying
const { client, db } = database
const [officer, deputy] = ['registration-officer', 'registration-deputy'] as const
beforeAll(async () => void (await registrars(database)))

const file = { name: 'arayış.pdf', size: pdfOf().length, sha256: sha256Of(pdfOf()) }
const announce = ({ id }: Case, persona: string) =>
  send(persona, 'createOfficerUpload', { applicationId: id, ...file }, 'upload { id name state uploadUrl }')
const clean = (found: Case) => cleanFileOf(applying, found, officer)
const write = ({ id }: Case, fileIds: string[], persona: string = officer) =>
  outcomeOf(persona, 'sendApplicationMessage', { applicationId: id, text: 'Əlavədədir', fileIds })
const filesFor = async ({ number }: Case, persona: string) =>
  (await read(number, 'timeline(last: 1) { nodes { type files { file { name mediaType } downloadUrl } } }', persona))
    .timeline.nodes[0]

describe('createOfficerUpload', () => {
  it('announces a file that its officer alone sees, encrypted under the key of the applicant', async () => {
    const found = await inReview(officer)
    const { upload } = await announce(found, officer)
    expect(upload).toMatchObject({ name: file.name, state: 'WAITING', uploadUrl: expect.stringContaining('/uploads/') })
    const [row] = await db
      .select()
      .from(uploads)
      .where(eq(uploads.id, keyOf(upload.id)))
    expect(row).toMatchObject({ partyId: await partyOf('citizen'), subjectId: found.key })
    const seen = `{ node(id: "${upload.id}") { id } }`
    for (const persona of ['citizen', deputy])
      expect((await ask(seen, { headers: await as(persona) })).data).toEqual({ node: null })
    const { data } = await ask('{ uploads(first: 10) { nodes { id } } }', { headers: await as('citizen') })
    expect(data.uploads.nodes).not.toContainEqual({ id: upload.id })
  })

  it('requires the assigned officer, or one who has opened the application', async () => {
    const found = await inReview(officer)
    const outcome = async (persona: string) => {
      const { error, userErrors } = await announce(found, persona)
      return error?.extensions.code ?? userErrors.map(({ reason }: { reason: string }) => reason).join()
    }
    expect(await outcome('citizen')).toBe('FORBIDDEN')
    expect(await outcome(deputy)).toBe('application.not_assigned')
    expect(await outcomeOf(deputy, 'openApplication', { applicationId: found.id, reason: 'Əvəz edirəm' })).toBe('done')
    expect(await outcome(deputy)).toBe('')
  })

  it('leaves the limits of the applicant alone, and has the same for the application', async () => {
    const found = await inReview(officer)
    await announce(found, officer)
    await client`
      insert into uploads (id, party_id, subject_id, name, size, sha256, state, created_by, mandate_ids, created_at, expires_at)
      select gen_random_uuid(), party_id, subject_id, name, size, sha256, state, created_by, mandate_ids, created_at, expires_at
      from uploads, generate_series(1, 19) where subject_id = ${found.key}`
    const { userErrors } = await announce(found, officer)
    expect(userErrors).toMatchObject([{ reason: 'upload.too_many_waiting' }])
    expect((await send('citizen', 'createUpload', file, 'upload { state }')).upload).toEqual({ state: 'WAITING' })
  })
})

describe('ApplicationTimelineEntry.files', () => {
  it('lets the applicant download what an officer sent, and logs downloads of officers', async () => {
    const found = await inReview(officer)
    const id = await clean(found)
    expect(await write(found, [id])).toBe('done')
    const shown = {
      type: 'application.message_sent',
      files: [{ file: { name: file.name, mediaType: 'application/pdf' } }],
    }
    expect(await filesFor(found, 'citizen')).toMatchObject(shown)
    const entry = await filesFor(found, officer)
    expect(entry.files[0].downloadUrl).toContain(`/files/${id}`)
    const [log] =
      await client`select kind, fields from accesses where application = ${found.number} order by id desc limit 1`
    expect(log).toEqual({ kind: 'FILE', fields: [id] })
    expect((await filesFor(found, deputy)).files).toEqual([{ file: null, downloadUrl: null }])
  })

  it('comes with a request for information', async () => {
    const found = await inReview(officer)
    const input = { applicationId: found.id, revision: found.revision, text: 'Siyahı əlavədədir', until: '2026-12-10' }
    expect(await outcomeOf(officer, 'requestInformation', { ...input, fileIds: [await clean(found)] })).toBe('done')
    expect((await filesFor(found, 'citizen')).files).toHaveLength(1)
  })

  it('takes only CLEAN files that the same officer sent for the same application, each once', async () => {
    const [found, other] = [await inReview(officer), await inReview(officer)]
    const waiting = (await announce(found, officer)).upload.id
    const id = await clean(found)
    expect(await write(found, [waiting])).toBe('upload.waiting')
    expect(await write(found, [id, id])).toBe('attachments.twice')
    expect(await write(found, [await clean(other)])).toBe('upload.unknown')
    expect(await write(found, [await upload('citizen')])).toBe('upload.unknown')
    expect(await write(found, [id], 'citizen')).toBe('upload.unknown')
    expect(await write(found, Array(11).fill(id))).toBe('attachments.too_many')
    // Nor can the applicant attach an officer's file as their own.
    const input = { applicationId: found.id, revision: found.revision, text: 'x', until: '2026-12-10' }
    expect(await outcomeOf(officer, 'requestInformation', input)).toBe('done')
    const respond = { applicationId: found.id, revision: found.revision + 1, attachments: [{ uploadId: id }] }
    expect(await outcomeOf('citizen', 'respondToRequest', respond)).toBe('upload.unknown')
  })
})
