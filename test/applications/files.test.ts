import { randomBytes } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { v7 } from 'uuid'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { issuedDocuments } from '../../src/documents/issuedDocument.table.js'
import { UploadState, uploads } from '../../src/documents/upload.table.js'
import { nodeIdOf } from '../../src/engine/nodeId.js'
import { keysOf, keyToSeal } from '../../src/identity/party.js'
import { open, seal } from '../../src/shared/personal.js'
import { applyingOf, keyOf, registrars } from '../support/applying.js'
import { partiesIn } from '../support/parties.js'
import { keyringOfFile as keyring } from '../support/server.js'
import { as } from '../support/tokens.js'

const { database, clock, ask, send, told, look, whole, run, jobs, entered } = await applyingOf()
const { db, client } = database
const parties = partiesIn(database)
const [officer, deputy] = ['registration-officer', 'registration-deputy'] as const
beforeAll(async () => void (await registrars(database)))
beforeEach(() => clock.set(new Date('2026-11-25T08:00:00Z')))

async function uploaded(persona = 'citizen', state = UploadState.CLEAN): Promise<string> {
  const [id, partyId] = [v7(), await parties.persona(persona)]
  const since = new Date('2026-11-25T07:00:00Z')
  const row = {
    ...{ id, partyId, name: 'müqavilə.pdf', size: 1234, sha256: randomBytes(32), state, mediaType: 'application/pdf' },
    ...{ createdBy: 'a test', mandateIds: [], since, expiresAt: since },
  }
  await db.transaction(async (tx) =>
    tx.insert(uploads).values(seal(await keyToSeal(tx, keyring, partyId), uploads, row)),
  )
  return nodeIdOf('Upload', id)
}

/** Sent with that file, entered, and given to the officer. */
async function sentWith(upload: string) {
  const { id, number, revision } = await whole()
  const { content } = await look(number, 'content { answers }')
  const save = { application: id, revision, answers: content.answers, attachments: [{ upload }] }
  expect(await told(as('citizen'), 'saveDraft', save)).toBe('done')
  expect(await told(as('citizen'), 'submitApplication', { application: id, revision: revision + 1 })).toBe('done')
  await run(jobs.registerApplication, keyOf(id))
  const seen = await look(number, 'revision')
  expect(await told(as(officer), 'assignApplication', { application: id, ...seen })).toBe('done')
  return { id, number }
}
const attached = 'attachments { file { name size mediaType } downloadAddress upload { id } }'
const looksAt = async (number: string) =>
  (await client`select actor, fields from accesses where application = ${number} order by id`).map(
    ({ actor, fields }) => [actor.split(':')[0], ...fields],
  )

describe('A file that goes with an application', () => {
  it('is fetched by the officer who has it, which is logged first; by the applicant without a line; by no other', async () => {
    const upload = await uploaded()
    const { number } = await sentWith(upload)
    const file = { name: 'müqavilə.pdf', size: 1234, mediaType: 'application/pdf' }
    const address = expect.stringMatching(/^\/files\//)
    expect((await look(number, attached)).attachments).toEqual([
      { file, downloadAddress: address, upload: { id: upload } },
    ])
    expect(await looksAt(number)).toEqual([])
    expect((await look(number, attached, officer)).attachments).toEqual([
      { file, downloadAddress: address, upload: null },
    ])
    expect(await looksAt(number)).toEqual([['officer', upload]])
    for (const persona of [deputy, 'auditor'])
      expect((await look(number, attached, persona)).attachments).toEqual([
        { file: null, downloadAddress: null, upload: null },
      ])
    expect(await looksAt(number)).toHaveLength(1)
  })

  it('stands in the receipt by its hash', async () => {
    const upload = await uploaded()
    const { id } = await sentWith(upload)
    const [file] = await db
      .select()
      .from(uploads)
      .where(eq(uploads.id, keyOf(upload)))
    const [receipt] = await db
      .select()
      .from(issuedDocuments)
      .where(eq(issuedDocuments.subjectId, keyOf(id)))
    const ofCitizen = (await keysOf(database, keyring, [receipt!.partyId])).get(receipt!.partyId)!
    expect(open(ofCitizen, issuedDocuments, receipt!).claims).toMatchObject({
      attachmentsSha256: [file!.sha256.toString('hex')],
    })
  })

  it('goes with it no more once the draft is over, and is the file of its party still', async () => {
    const upload = await uploaded()
    const { id, number, revision } = await whole()
    const save = { application: id, revision, answers: {}, attachments: [{ upload }] }
    expect(await told(as('citizen'), 'saveDraft', save)).toBe('done')
    expect((await look(number, attached)).attachments).toHaveLength(1)
    await run(jobs.expireApplication, keyOf(id), 'application.draft_expires')
    expect((await look(number, attached)).attachments).toEqual([])
    expect(
      (
        await ask('query ($id: ID!) { node(id: $id) { id } }', {
          headers: await as('citizen'),
          variables: { id: upload },
        })
      ).data,
    ).toEqual({ node: { id: upload } })
  })

  it('comes beside those before when it was asked for, looked through, and no file of another', async () => {
    const first = await uploaded()
    const { id, number } = await sentWith(first)
    const { revision } = await look(number, 'revision')
    const request = { application: id, revision, text: 'Sənəd', until: '2026-12-10' }
    expect(await told(as(officer), 'requestInformation', request)).toBe('done')
    const respond = (...files: string[]) =>
      told(as('citizen'), 'respondToRequest', {
        ...{ application: id, revision: revision + 1, attachments: files.map((upload) => ({ upload })) },
      })
    expect(await respond(first)).toBe('attachments.twice')
    expect(await respond(await uploaded('other-citizen'))).toBe('upload.unknown')
    expect(await respond(await uploaded('citizen', UploadState.SCANNING))).toBe('upload.scanning')
    expect(await respond(...Array.from({ length: 30 }, () => 'nothing'))).toMatch(/attachments\.too_many/)
    expect(await respond()).toBe('response.missing')
    expect(await respond(await uploaded())).toBe('done')
    expect((await look(number, attached, officer)).attachments).toHaveLength(2)
  })
})

it('The PDF of a decision is fetched by who has the case, and that is logged; an officer who has it not sees that it was issued', async () => {
  const { id, number, revision } = await entered()
  await send(as(deputy), 'assignApplication', { application: id, revision })
  const decision = { outcome: 'REFUSED', ground: 'Səbəb', norm: 'Norma 1' }
  await send(as(deputy), 'decideApplication', { application: id, revision: revision + 1, ...decision })
  const shown = 'decisions { downloadAddress document { number } }'
  expect((await look(number, shown, deputy)).decisions[0].downloadAddress).toBeNull()
  await client`
    update issued_documents set pdf_sha256 = sha256('x'), pdf_size = 1 where subject_id = ${keyOf(id)} and kind = 'DECISION'`
  const address = expect.stringMatching(/^\/files\//)
  expect((await look(number, shown, deputy)).decisions[0].downloadAddress).toEqual(address)
  expect((await look(number, shown)).decisions[0].downloadAddress).toEqual(address)
  expect((await look(number, shown, officer)).decisions[0]).toEqual({
    ...{ downloadAddress: null, document: { number: expect.stringMatching(/^D26-/) } },
  })
  const [look_, ...more] = await looksAt(number)
  expect([look_?.[0], more]).toEqual(['officer', []])
  const { errors } = await ask(`{ application(number: "${number}") { ${shown} } }`, { headers: await as('auditor') })
  expect(errors).toBeUndefined()
})
