import { and, eq, isNull, lt, or } from 'drizzle-orm'
import type { Work } from '../../events/job.js'
import { record } from '../../events/record.js'
import { issuedDocuments } from './issuedDocument.table.js'

/** Milliseconds after which the worker is asked again, in case that its job failed for good. */
const patience = 600_000

/** Asks the worker for the PDF of a document, unless it was asked a short time ago. */
export async function requestPdf({ database, now }: Pick<Work, 'database' | 'now'>, id: string): Promise<void> {
  const at = now()
  const { pdfSha256, pdfRequestedAt, partyId, agencyId, subjectId, serviceCode } = issuedDocuments
  const isUnasked = or(isNull(pdfRequestedAt), lt(pdfRequestedAt, new Date(at.getTime() - patience)))
  await database.db.transaction(async (tx) => {
    const [asked] = await tx
      .update(issuedDocuments)
      .set({ pdfRequestedAt: at })
      .where(and(eq(issuedDocuments.id, id), isNull(pdfSha256), isUnasked))
      .returning({ partyId, agencyId, subjectId, serviceCode })
    if (!asked) return
    await record(tx, [
      {
        domain: 'documents',
        type: 'document.requested',
        subject: id,
        partyId: asked.partyId,
        at,
        // Whoever has the signed address: it names nobody.
        actor: 'requestPdf',
        ids: { about: asked.subjectId },
        ...(asked.agencyId && { agencyId: asked.agencyId }),
        ...(asked.serviceCode && { serviceCode: asked.serviceCode }),
      },
    ])
  })
}
