import { eq } from 'drizzle-orm'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { registries } from '../../src/agencies/registry.table.js'
import { withAnswer } from '../../src/catalogue/forms/answers.rules.js'
import { RegistryDown } from '../../src/catalogue/services/process.table.js'
import { requiredDocuments } from '../../src/catalogue/services/requiredDocument.table.js'
import { issuedDocuments } from '../../src/documents/issued/issuedDocument.table.js'
import { UploadState, uploads } from '../../src/documents/uploads/upload.table.js'
import { nodeIdOf } from '../../src/engine/node.js'
import { keysOf } from '../../src/identity/parties/party.js'
import { Confidence } from '../../src/platform/confidence.table.js'
import { decrypt } from '../../src/platform/personal.js'
import { FailureReason } from '../../src/shared/exchange.js'
import { insertApplication } from '../support/applicationRow.js'
import { applyingOf, type Case, changeProcess, keyOf, movingAnswers } from '../support/applying.js'
import { unkept } from '../support/database.js'
import { dataFiles } from '../support/dataFiles.js'
import { long } from '../support/long.js'
import { partiesIn } from '../support/parties.js'
import { keyringOfFile as keyring } from '../support/server.js'

const { database, world, send, outcomeOf, read, draft, rowOf, partyOf, upload } = await applyingOf()
const { db } = database

beforeEach(() => world.failing.clear())

const submit = ({ id, revision }: Pick<Case, 'id' | 'revision'>, persona = 'citizen') =>
  outcomeOf(persona, 'submitApplication', { applicationId: id, revision })
/** Replaces the files of a draft. Returns the draft as it is then. */
async function attach({ id, revision }: Case, attachments: { uploadId: string; documentCode?: string }[]) {
  const input = { applicationId: id, revision, answers: movingAnswers, attachments }
  const { application, userErrors } = await send('citizen', 'saveDraft', input)
  expect(userErrors).toEqual([])
  return application as Case
}
/** For the length of a test the service requires a document for each: a registry has it, or nobody. */
async function requireDocuments(holders: (string | null)[], confidence = Confidence.SEEN_IN_SOURCE) {
  const { versionId } = await rowOf((await draft()).key)
  await unkept(database, async (tx) => void (await tx.delete(requiredDocuments)))
  for (const [position, holder] of holders.entries()) {
    const [registry] = holder ? await db.select().from(registries).where(eq(registries.code, holder)) : []
    await db.insert(requiredDocuments).values({
      versionId,
      position,
      code: `PROOF-${position}`,
      name: { az: `Sənəd ${position}` },
      mandatory: true,
      confidence,
      obtainableFromRegistryId: registry?.id ?? null,
    })
  }
  onTestFinished(() => unkept(database, async (tx) => void (await tx.delete(requiredDocuments))))
}
async function refusalsOf({ id, revision }: Case) {
  const { userErrors, error } = await send('citizen', 'submitApplication', { applicationId: id, revision })
  expect(error).toBeUndefined()
  return userErrors.map(({ reason, field }: { reason: string; field: string[] }) => `${reason} ${field.join('.')}`)
}

describe('submitApplication', () => {
  it('issues a signed receipt that lists the hashes of the attached files', async () => {
    const file = await upload()
    const submitted = await attach(await draft(), [{ uploadId: file }])
    expect(await submit(submitted)).toBe('done')
    const { partyId, state } = await rowOf(keyOf(submitted.id))
    expect(state).toBe('SUBMITTED')
    const [receipt] = await db
      .select()
      .from(issuedDocuments)
      .where(eq(issuedDocuments.subjectId, keyOf(submitted.id)))
    expect(receipt).toMatchObject({ kind: 'APPLICATION_RECEIPT', number: expect.stringMatching(/^R26-/) })
    expect(receipt?.signature).not.toBeNull()
    const [{ sha256 } = { sha256: Buffer.alloc(0) }] = await db
      .select()
      .from(uploads)
      .where(eq(uploads.id, keyOf(file)))
    const key = (await keysOf(database, keyring, [partyId])).get(partyId)!
    expect(decrypt(key, issuedDocuments, receipt!).claims).toMatchObject({
      attachmentsSha256: [sha256.toString('hex')],
    })
  })

  it('rejects an incomplete draft, and lists everything that is missing', async () => {
    const refusals = await refusalsOf(await draft({ answers: {} }))
    expect(refusals).toEqual(
      expect.arrayContaining([
        'answer.missing answers.newAddress',
        'answer.missing answers.movedOn',
        'answer.missing answers.basis',
      ]),
    )
  })

  it('rejects the birth of a child in the next year, as validationErrors does', async () => {
    const example = dataFiles().forms['ED-BIRTH']?.examples.valid[0] ?? {}
    const answers = withAnswer(example, ['child', 'birthDate'], '2027-01-01')
    const wanted = { partyId: await partyOf('citizen'), service: 'ED-BIRTH', state: 'DRAFT', answers } as const
    const key = await insertApplication(database, keyring, wanted)
    const { number, revision } = await rowOf(key)
    const isWrong = { reason: 'answer.in_the_future', field: ['answers', 'child', 'birthDate'] }
    const sent = await send('citizen', 'submitApplication', { applicationId: nodeIdOf('Application', key), revision })
    expect(sent.userErrors).toContainEqual(expect.objectContaining(isWrong))
    const { validationErrors } = await read(number, 'validationErrors { reason field }')
    expect(validationErrors).toContainEqual(isWrong)
  })

  it('rejects a draft without a required document, unless a registry has answered instead', async () => {
    await requireDocuments([null, 'REALESTATE'])
    expect(await refusalsOf(await draft())).toEqual(['document.missing attachments.0'])
    expect(await refusalsOf(await draft({ answered: [] }))).toEqual([
      'document.missing attachments.0',
      'document.missing attachments.1',
    ])
  })

  it('accepts a draft without a document that no source confirms', async () => {
    await requireDocuments([null, 'MEIS'], Confidence.GENERAL_KNOWLEDGE)
    expect(await submit(await draft({ answered: [] }))).toBe('done')
  })

  it('accepts a file only for the document as which it was attached', async () => {
    await requireDocuments([null, null])
    const [one, other] = [await upload(), await upload()]
    const beside = await attach(await draft(), [{ uploadId: one }])
    expect(await refusalsOf(beside)).toEqual(['document.missing attachments.0', 'document.missing attachments.1'])
    const second = await attach(beside, [{ uploadId: one, documentCode: 'PROOF-1' }])
    expect(await refusalsOf(second)).toEqual(['document.missing attachments.0'])
    const both = await attach(second, [
      { uploadId: one, documentCode: 'PROOF-1' },
      { uploadId: other, documentCode: 'PROOF-0' },
    ])
    expect(await submit(both)).toBe('done')
  })

  it.each([UploadState.WAITING, UploadState.SCANNING, UploadState.INFECTED, UploadState.REFUSED])(
    'rejects an attached file that is %s',
    async (state) => {
      const files = [{ uploadId: await upload() }, { uploadId: await upload('citizen', state) }]
      const attached = await attach(await draft(), files)
      expect(await refusalsOf(attached)).toEqual([`upload.${state.toLowerCase()} attachments.1`])
      expect((await rowOf(keyOf(attached.id))).state).toBe('DRAFT')
    },
  )

  it('rejects a draft while a registry is down that must fill in its answers or replace a document', async () => {
    await requireDocuments(['MEIS'])
    await changeProcess(database, 'DIN-ADDRESS-REG', { registryDown: RegistryDown.WAIT_FOR_REGISTRY })
    onTestFinished(() => changeProcess(database, 'DIN-ADDRESS-REG', {}))
    world.failing.set('REALESTATE', FailureReason.DOWN)
    world.failing.set('MEIS', FailureReason.DOWN)
    expect(await submit(await draft({ answered: [] }))).toBe('application.registry_down')
    // The form asks for the number of a property only if the applicant owns it.
    const owner = { fin: 'TEST002', surname: 'Sınaq', givenName: 'Test', agrees: true }
    const withFamily = await draft({ answers: { ...movingAnswers, basis: 'FAMILY', owner }, answered: [] })
    expect(await submit(withFamily)).toBe('document.missing')
    world.failing.delete('MEIS')
    expect(await submit(withFamily)).toBe('done')
  })

  it('submits once when many requests have the same idempotency key', async () => {
    const { id, key, revision } = await draft()
    const input = { applicationId: id, revision, idempotencyKey: 'one-key-of-many' }
    const answers = await Promise.all(
      Array.from({ length: long ? 50 : 8 }, () => send('citizen', 'submitApplication', input)),
    )
    expect(answers.map(({ application }) => application?.state)).toEqual(answers.map(() => 'SUBMITTED'))
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1)
    expect(await db.select().from(issuedDocuments).where(eq(issuedDocuments.subjectId, key))).toHaveLength(1)
  })

  it('lets nobody else submit an application for a service that is not delegable', async () => {
    const found = await draft()
    await partiesIn(database).give(await partyOf('citizen'), await partyOf('company-delegate'))
    const makeDelegable = (is: boolean) =>
      unkept(database, (tx) =>
        tx.execute(`update service_versions set delegable = ${is} where service_id = (
          select id from services where code = 'DIN-ADDRESS-REG')`),
      )
    await makeDelegable(false)
    expect.soft(await submit(found, 'company-delegate')).toBe('service.not_delegable')
    expect.soft((await read(found.number, 'state')).state).toBe('DRAFT')
    await makeDelegable(true)
    expect(await submit(found, 'company-delegate')).toBe('done')
  })

  it('rejects an applicant for whom the service is not', async () => {
    const found = await draft()
    const setAudiences = (named: string[]) =>
      database.client`update services set audiences = ${named} where code = 'DIN-ADDRESS-REG'`
    await setAudiences(['FOREIGNER'])
    expect.soft(await submit(found)).toBe('service.not_for_them')
    await setAudiences(['CITIZEN', 'FOREIGNER', 'STATELESS'])
    expect(await submit(found)).toBe('done')
  })
})
