import { randomBytes } from 'node:crypto'
import { asc, eq, isNotNull, ne } from 'drizzle-orm'
import { v7 } from 'uuid'
import { agencies } from '../../src/agencies/agency.table.js'
import { ApplicationState, applications } from '../../src/applications/application.table.js'
import { applicationParties } from '../../src/applications/applicationParty.table.js'
import { attachments } from '../../src/applications/attachments/attachment.table.js'
import { attachFiles } from '../../src/applications/attachments/officerFiles.js'
import { applicationNotes, NoteKind } from '../../src/applications/casework/applicationNote.table.js'
import { applicationOpenings } from '../../src/applications/casework/applicationOpening.table.js'
import { earlierAnswers } from '../../src/applications/casework/earlierAnswers.table.js'
import { appeals } from '../../src/applications/decisions/appeal.table.js'
import { DecisionOutcome, decisions } from '../../src/applications/decisions/decision.table.js'
import { OpinionState, opinions } from '../../src/applications/opinions/opinion.table.js'
import { timelineEntries } from '../../src/applications/timelineEntry.table.js'
import { applicationTransfers, TransferKind } from '../../src/applications/transfers/applicationTransfer.table.js'
import { requiredDocuments } from '../../src/catalogue/services/requiredDocument.table.js'
import { issueDocument } from '../../src/documents/issued/issueDocument.js'
import { DocumentKind } from '../../src/documents/issued/issuedDocument.table.js'
import { UploadState, uploads } from '../../src/documents/uploads/upload.table.js'
import { appointments } from '../../src/identity/officers/appointment.table.js'
import { keyToEncrypt } from '../../src/identity/parties/party.js'
import { encrypt } from '../../src/platform/personal.js'
import { insertApplication } from '../support/applicationRow.js'
import type { World } from './world.js'

const day = 86_400_000

/** Makes a person's submitted applications, each with a history, decisions and files. Officer `officer` has every second. */
export async function addCasesOf(world: World, persona: string, count: number): Promise<void> {
  const { database, db, keyring, partyOf } = world
  for (let at = 0; at < count; at++) {
    const wanted = { partyId: partyOf(persona), service: 'DIN-ADDRESS-REG', state: 'SUBMITTED' as const }
    const id = await insertApplication(database, keyring, wanted)
    const [row] = await db.select().from(applications).where(eq(applications.id, id))
    await addCase(world, row as NonNullable<typeof row>, at) // just inserted
  }
}

/** Gives each submitted application of the world a history, decisions, files and readers. Officer `officer` has every second. */
export async function addCases(world: World): Promise<void> {
  const { database, db, keyring, partyOf } = world
  await insertApplication(database, keyring, {
    partyId: partyOf('citizen'),
    service: 'DIN-ADDRESS-REG',
    state: 'DRAFT',
    answers: { movedOn: '2026-11-01', basis: 'OWNER', applicant: { fin: 'TEST001' }, note: '"\\ \u2028 ə' },
    prefilled: {
      places: {
        '/applicant/fin': { registry: 'POPULATION', messageId: 'a-message', fetchedAt: '2026-11-25T07:00:00.000Z' },
      },
      answered: ['POPULATION'],
      missing: ['/basis'],
      declared: {
        '/basis': {
          registry: 'REALESTATE',
          declaredAt: '2026-11-25T07:00:00.000Z',
          found: {
            value: 'TENANT',
            source: { registry: 'REALESTATE', messageId: 'another', fetchedAt: '2026-11-25T08:00:00.000Z' },
          },
          accepted: { at: '2026-11-25T09:00:00.000Z', reason: 'A reason' },
        },
      },
    },
    more: { unsettled: ['/basis'] },
  })
  const submitted = await db
    .select()
    .from(applications)
    .where(isNotNull(applications.submittedAt))
    .orderBy(asc(applications.number))
  for (const [at, row] of submitted.entries()) await addCase(world, row, at)
}

async function addCase(world: World, row: typeof applications.$inferSelect, at: number): Promise<void> {
  const { db, keyring, signingKeys, partyOf } = world
  const { id: applicationId, partyId, agencyId, serviceCode, versionId } = row
  const officerId = partyOf('officer')
  const moment = (days: number) => new Date(row.createdAt.getTime() + days * day + 0.5)
  const [required] = await db
    .select()
    .from(requiredDocuments)
    .where(eq(requiredDocuments.versionId, versionId))
    .limit(1)
  await db.transaction(async (tx) => {
    const key = await keyToEncrypt(tx, keyring, partyId)
    const history = [
      { type: 'application.submitted', by: `person:${partyId}`, state: ApplicationState.SUBMITTED, text: null },
      {
        type: 'application.message',
        by: `officer:${officerId}`,
        state: ApplicationState.IN_REVIEW,
        text: 'A "text" \\ ə',
      },
    ]
    const entryIds: [string, string] = [v7(), v7()]
    for (const [nth, { type, by, state, text }] of history.entries())
      await tx.insert(timelineEntries).values(
        encrypt(key, timelineEntries, {
          id: entryIds[nth] as string, // as many
          applicationId,
          partyId,
          at: moment(nth + 1),
          type,
          fromState: ApplicationState.DRAFT,
          toState: state,
          actor: by,
          mandateIds: [],
          text,
          dueOn: nth === 1 ? '2026-12-25' : null,
          dueReason: nth === 1 ? 'term.registered' : null,
        }),
      )
    const together = await tx
      .select()
      .from(applicationParties)
      .where(eq(applicationParties.applicationId, applicationId))
    const issued = await issueDocument(
      { tx, context: { keyring, signingKeys, now: () => moment(3), caller: { id: 'officer:test' } } },
      {
        kind: DocumentKind.DECISION,
        partyId,
        others: together.flatMap((one) => (one.confirmedAt ? (one.partyId ?? []) : [])),
        agencyId,
        subjectId: applicationId,
        serviceCode,
        claims: { subject: row.number },
      },
    )
    const decided = [
      { outcome: DecisionOutcome.REFUSED, officerId, reasoning: 'A reason', norm: 'Norm 1.1', documentId: issued.id },
      { outcome: DecisionOutcome.APPROVED, officerId: null, reasoning: null, norm: null, documentId: null },
    ]
    const decisionIds: [string, string] = [v7(), v7()]
    for (const [nth, decision] of decided.entries())
      await tx.insert(decisions).values(
        encrypt(key, decisions, {
          id: decisionIds[nth] as string, // as many
          applicationId,
          partyId,
          at: moment(3 + nth),
          appealTo: nth === 0 ? { az: 'Apellyasiya şurası' } : null,
          appealUntil: nth === 0 ? moment(33) : null,
          ...decision,
        }),
      )
    await tx.insert(appeals).values(
      encrypt(key, appeals, {
        id: v7(),
        applicationId,
        decisionId: decisionIds[0],
        partyId,
        text: 'An appeal',
        filedBy: `person:${partyId}`,
        filedAt: moment(4),
      }),
    )
    await tx.insert(earlierAnswers).values(
      encrypt(key, earlierAnswers, {
        id: v7(),
        applicationId,
        partyId,
        answers: { before: true },
        answersSha256: randomBytes(32),
        until: moment(2),
      }),
    )
    const sent = [
      { state: UploadState.CLEAN, createdBy: `person:${partyId}`, subjectId: null },
      { state: UploadState.REFUSED, createdBy: `person:${partyId}`, subjectId: null },
      { state: UploadState.CLEAN, createdBy: `officer:${officerId}`, subjectId: applicationId },
    ]
    for (const [nth, { state, createdBy, subjectId }] of sent.entries()) {
      const uploadId = v7()
      await tx.insert(uploads).values(
        encrypt(key, uploads, {
          id: uploadId,
          partyId,
          subjectId,
          name: 'müqavilə.pdf',
          size: 1234,
          sha256: randomBytes(32),
          state,
          mediaType: state === UploadState.CLEAN ? 'application/pdf' : null,
          refusedFor: state === UploadState.REFUSED ? 'upload.encrypted' : null,
          createdBy,
          mandateIds: [],
          createdAt: moment(nth),
          expiresAt: moment(40),
        }),
      )
      if (subjectId) {
        await attachFiles(tx, { applicationId, ofId: entryIds[1], files: [uploadId] })
        continue
      }
      const requiredDocumentId = nth === 0 ? (required?.id ?? null) : null
      await tx
        .insert(attachments)
        .values({ id: v7(), applicationId, uploadId, requiredDocumentId, attachedAt: moment(nth) })
    }
    const [other] = await tx.select({ id: agencies.id }).from(agencies).where(ne(agencies.id, agencyId)).limit(1)
    await tx.insert(applicationTransfers).values(
      encrypt(key, applicationTransfers, {
        id: v7(),
        applicationId,
        partyId,
        kind: TransferKind.COMPETENCE,
        fromAgencyId: agencyId,
        toAgencyId: other?.id as string, // of many
        at: moment(4),
        text: 'A reason',
      }),
    )
    await tx.insert(applicationOpenings).values(
      encrypt(key, applicationOpenings, {
        id: v7(),
        applicationId,
        agencyId,
        partyId,
        officerId: partyOf('senior-officer'),
        at: moment(5),
        until: new Date(Date.now() + day),
        reason: 'A reason',
      }),
    )
    const [author] = await tx.select().from(appointments).where(eq(appointments.partyId, officerId)).limit(1)
    if (author)
      await tx.insert(applicationNotes).values(
        encrypt(key, applicationNotes, {
          id: v7(),
          applicationId,
          agencyId,
          partyId,
          appointmentId: author.id,
          officerId,
          at: moment(5),
          kind: NoteKind.PROPOSAL,
          text: 'A note',
          outcome: DecisionOutcome.REFUSED,
          groundCodes: ['FALSE_DATA'],
          norm: null,
        }),
      )
    const [asked] = await tx.select({ id: agencies.id }).from(agencies).where(eq(agencies.code, 'DMX'))
    await tx.insert(opinions).values(
      encrypt(key, opinions, {
        id: v7(),
        applicationId,
        applicationNumber: row.number,
        serviceId: row.serviceId,
        serviceCode,
        partyId,
        askingAgencyId: agencyId,
        agencyId: asked?.id as string, // seeded
        state: at % 3 === 0 ? OpinionState.REQUESTED : OpinionState.GIVEN,
        askedBy: officerId,
        askedAt: moment(4),
        dueOn: '2026-12-20',
        dueAt: moment(20 - at),
        question: 'A question',
        text: at % 3 === 0 ? null : 'An opinion',
        givenBy: at % 3 === 0 ? null : partyOf('other-officer'),
        endedAt: at % 3 === 0 ? null : moment(5),
      }) as typeof opinions.$inferInsert,
    )
    if (at % 2 === 0)
      await tx
        .update(applications)
        .set({ state: ApplicationState.IN_REVIEW, officerId, dueOn: '2026-12-25', dueAt: moment(30) })
        .where(eq(applications.id, applicationId))
  })
}
