import { and, asc, eq, gt } from 'drizzle-orm'
import type { Job } from '../../events/job.js'
import type { FileStore } from '../files/fileStore.js'
import { DocumentKind, issuedDocuments } from './issuedDocument.table.js'
import { makePdf, namesIn, type PdfTools } from './makePdf.js'
import { numberSeries } from './numberSeries.js'
import { signDecision } from './signDecision.js'

/**
 * Completes an issued document after its commit: its number in a series, the signature of a decision, and the PDF. Each step is
 * repeatable and does nothing if it is already done.
 */
export const completeDocument = (tools: PdfTools): Job => ({
  name: 'completeDocument',
  on: ['document.issued'],
  isLong: true,
  async run({ subject: id }, work) {
    const [document] = await work.database.db
      .select({ kind: issuedDocuments.kind, series: issuedDocuments.series })
      .from(issuedDocuments)
      .where(eq(issuedDocuments.id, id))
    if (!document) return
    if (document.series !== null) await numberSeries(work, document.series)
    if (document.kind === DocumentKind.DECISION) await signDecision(work, id)
    await makePdf(work, tools, id)
  },
})

/** Removes the PDFs of a party whose data was erased. */
export const removeForgottenPdfs = (files: FileStore): Job => ({
  name: 'removeForgottenPdfs',
  on: ['party.forgotten'],
  async run({ subject: partyId }, { database: { db } }) {
    for (let last: string | undefined; ; ) {
      const some = await db
        .select({ id: issuedDocuments.id })
        .from(issuedDocuments)
        .where(and(eq(issuedDocuments.partyId, partyId), last ? gt(issuedDocuments.id, last) : undefined))
        .orderBy(asc(issuedDocuments.id))
        .limit(200)
      for (const { id } of some) for (const name of await namesIn(files, id)) await files.remove(name)
      last = some.at(-1)?.id
      if (!last) return
    }
  },
})
